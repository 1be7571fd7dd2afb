// Two people, one seat, the same moment: fifty times.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { browser, house } from './house.mjs';
import { MANAGER, Visitor } from './stage.mjs';

const ROUNDS = 50;
/** Rounds in which one had learned of the other before pressing are no races, and played again. */
const TRIES_MAX = 150;

/** A racer at a show, and the answers to what was asked. @param {string} name @param {number} show */
async function racer(name, show) {
  const who = await house.customer(name);
  const visitor = await Visitor.come(browser, house);
  await visitor.isSignedIn(who);
  await visitor.goTo(`/show/${show}`);
  const asked = [];
  visitor.page.on('response', (answer) => {
    const request = answer.request();
    if (request.method() === 'POST' && request.url().endsWith(`/shows/${show}/holds`)) asked.push({ seats: request.postDataJSON().seats, status: answer.status() });
  });
  return { who, visitor, asked };
}

/** Presses Hold at a moment of the machine's clock. @param {import('playwright-core').Page} page @param {number} at */
const pressAt = (page, at) => page.evaluate((moment) => new Promise((done) => {
  const wait = () => {
    if (Date.now() < moment) return setTimeout(wait, 0);
    /** @type {HTMLElement} */ (document.querySelector('#btn-hold')).click();
    return done(undefined);
  };
  wait();
}), at);

/** Waits until both have their answers. */
async function answered(...racers) {
  for (const { asked, visitor } of racers) {
    if (!asked.length) await visitor.page.waitForResponse((answer) => answer.url().endsWith('/holds') && answer.request().method() === 'POST');
  }
  while (racers.some(({ asked }) => !asked.length)) await new Promise((done) => setTimeout(done, 5));
}

it(`a race for one seat has one winner, ${ROUNDS} times; the loser keeps the rest and reads what else there is`, { timeout: 240_000 }, async () => {
  const manager = await house.client(MANAGER);
  const [movie] = (await manager.must('GET', '/movies')).data;
  const screen = await manager.must('POST', '/screens', { name: 'Track', rows: 'A-J:12' });
  const show = await manager.must('POST', '/shows', { movie: movie.id, screen: screen.id, starts_at: new Date(Date.now() + 86_400_000).toISOString(), price: { amount_minor: 500, currency: 'EUR' } });
  const [ann, ben] = [await racer('ann', show.id), await racer('ben', show.id)];
  let [raced, tries, lostByAnn] = [0, 0, 0];
  for (; raced < ROUNDS && tries < TRIES_MAX; tries += 1) {
    const row = 'ABCDEFGHIJ'[tries % 10];
    const prize = `${row}6`;
    const own = new Map([[ann, `${row}5`], [ben, `${row}7`]]);
    for (const each of [ann, ben]) {
      each.asked.length = 0;
      await each.visitor.page.evaluate((seats) => seats.forEach((seat) => /** @type {HTMLElement} */ (document.querySelector(`[data-seat="${seat}"]`)).click()), [own.get(each), prize]);
      await each.visitor.sees(prize, 'picked');
    }
    const at = Date.now() + 30;
    await Promise.all([pressAt(ann.visitor.page, at), pressAt(ben.visitor.page, at)]);
    await answered(ann, ben);
    const winner = ann.asked[0].seats.includes(prize) && ann.asked[0].status === 201 ? ann : ben;
    const loser = winner === ann ? ben : ann;
    assert.deepEqual([winner.asked[0].status, winner.asked.length, loser.asked.length], [201, 1, 1], JSON.stringify([ann.asked, ben.asked]));
    await loser.visitor.sees(prize, 'held', 1000);
    if (loser.asked[0].seats.includes(prize)) {
      assert.equal(loser.asked[0].status, 409);
      await loser.visitor.sees(/** @type {string} */ (own.get(loser)), 'picked');
      await loser.visitor.reads('#toasts', new RegExp(`${prize} was just taken.*free and together.*Hold ${own.get(loser)}`));
      assert.equal(await loser.visitor.page.locator('.toast').count(), 1, 'one message, not one for each thing that happened');
      raced += 1;
      lostByAnn += Number(loser === ann);
      await loser.visitor.seat(/** @type {string} */ (own.get(loser))).evaluate((seat) => seat.click());
    }
    for (const each of [ann, ben]) {
      for (const hold of (await each.who.must('GET', '/holds')).data) if (hold.state === 'held') await each.who.must('DELETE', `/holds/${hold.id}`);
    }
    for (const each of [ann, ben]) for (const seat of [prize, ...own.values()]) await each.visitor.sees(seat, 'available');
  }
  console.log(`race: ${raced} of ${tries} rounds were races; ann lost ${lostByAnn} of them`);
  assert.equal(raced, ROUNDS);
  for (const each of [ann, ben]) await each.visitor.leave();
});
