// What others change meanwhile is seen on every page where it stands, without a touch, and the
// focus stays where it was.

import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { House, MANAGER, Visitor, Wire, openBrowser } from './stage.mjs';

/** @type {House} */
let house;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Awaited<ReturnType<House['client']>>} */
let manager;
before(async () => {
  browser = await openBrowser();
  house = await House.open();
  manager = await house.client(MANAGER);
});
after(async () => {
  await browser?.close();
  await house?.close();
});

const patient = { timeout: 90_000 };
const PRICE = { amount_minor: 900, currency: 'EUR' };

/** A show of its own, so many days from now at 09:00 UTC. @param {number} days */
async function newShow(days) {
  const [movie] = (await manager.must('GET', '/movies')).data;
  const screen = await manager.must('POST', '/screens', { name: `Room ${days}`, rows: 'A-B:8' });
  return manager.must('POST', '/shows', { movie: movie.id, screen: screen.id, starts_at: morning(days), price: PRICE });
}

/** @param {number} days @param {number} [hour] */
const morning = (days, hour = 9) => `${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)}T${String(hour).padStart(2, '0')}:00:00Z`;

it('a show is moved: the tab, the checkout, the tickets and the ticket in my hand say so', patient, async () => {
  const show = await newShow(3);
  const who = await house.customer('ada');
  const hold = await who.must('POST', `/shows/${show.id}/holds`, { seats: ['A1'] });
  const { tickets: [ticket] } = await who.must('POST', `/holds/${hold.id}/book`, {});
  await who.must('POST', `/shows/${show.id}/holds`, { seats: ['A2'] });
  const visitor = await Visitor.come(browser, house);
  await visitor.isSignedIn(who);
  const pages = { board: visitor.page, checkout: await visitor.newPage(), tickets: await visitor.newPage(), ticket: await visitor.newPage() };
  await visitor.goTo(`/show/${show.id}`);
  for (const [name, path] of /** @type {const} */ ([['checkout', '/checkout'], ['tickets', '/tickets'], ['ticket', `/tickets/${ticket.code}`]])) {
    await pages[name].goto(path);
    await pages[name].locator('main').filter({ hasText: '09:00' }).waitFor();
    await pages[name].waitForFunction(() => document.querySelector('#live')?.getAttribute('data-state') === 'live');
  }
  assert.match(await pages.board.title(), /09:00 · seatcore$/);
  const release = pages.checkout.getByRole('button', { name: 'Release A2' });
  await release.focus();
  await manager.must('PATCH', `/shows/${show.id}`, { starts_at: morning(3, 11) });
  await pages.board.waitForFunction(() => /11:00 · seatcore$/.test(document.title));
  for (const name of ['checkout', 'tickets', 'ticket']) await pages[name].locator('main').filter({ hasText: '11:00' }).waitFor();
  assert.equal(await release.evaluate((button) => button === document.activeElement), true, 'the focus stays');
  await visitor.leave();
});

it('what another manager does is in the tables by itself, and the focus stays', patient, async () => {
  const visitor = await Visitor.come(browser, house);
  await visitor.isSignedIn(MANAGER);
  const pages = { movies: visitor.page, screens: await visitor.newPage(), shows: await visitor.newPage(), users: await visitor.newPage() };
  for (const [name, page] of Object.entries(pages)) {
    await page.goto(`/admin/${name}`);
    await page.locator('table').waitFor();
  }
  const edit = pages.movies.getByRole('button', { name: 'Edit Inception' });
  await edit.focus();
  const movie = await manager.must('POST', '/movies', { title: 'A Quiet Film', minutes: 61 });
  const screen = await manager.must('POST', '/screens', { name: 'The Loft', rows: 'A:7' });
  const show = await manager.must('POST', '/shows', { movie: movie.id, screen: screen.id, starts_at: morning(5), price: PRICE });
  await house.customer('someone_new');
  for (const [name, words] of Object.entries({ movies: 'A Quiet Film', screens: 'The Loft', shows: 'A Quiet Film', users: 'someone_new' })) await pages[name].locator('tr', { hasText: words }).waitFor();
  assert.equal(await edit.evaluate((button) => button === document.activeElement), true, 'the focus stays');
  // Also behind a dialog, whose opener was drawn anew meanwhile.
  await pages.movies.keyboard.press('Enter');
  await pages.movies.locator('dialog.form-dialog').waitFor();
  await manager.must('POST', '/movies', { title: 'Another Quiet Film', minutes: 62 });
  await pages.movies.locator('tr', { hasText: 'Another Quiet Film' }).waitFor();
  await pages.movies.keyboard.press('Escape');
  await pages.movies.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Edit Inception');
  const row = pages.shows.locator('tr', { hasText: 'A Quiet Film' });
  await manager.must('PATCH', `/shows/${show.id}`, { price: { ...PRICE, amount_minor: 1250 } });
  await row.filter({ hasText: '12.50' }).waitFor();
  const buyer = await house.customer('buyer');
  const hold = await buyer.must('POST', `/shows/${show.id}/holds`, { seats: ['A1', 'A2'] });
  await buyer.must('POST', `/holds/${hold.id}/book`, {});
  await row.filter({ hasText: '2 of 7' }).waitFor();
  await visitor.leave();
});

it('a sale in a show that the programme does not list ends with the same words as any other', patient, async () => {
  const show = await newShow(6);
  const who = await house.customer('bob');
  await who.must('POST', `/shows/${show.id}/holds`, { seats: ['B3'] });
  const visitor = await Visitor.come(browser, house);
  await visitor.isSignedIn(who);
  await visitor.context.route('**/api/v1/shows?limit=*', async (route) => {
    try {
      const answer = await route.fetch();
      const list = await answer.json();
      await route.fulfill({ response: answer, json: { ...list, data: list.data.filter(({ id }) => id !== show.id) } });
    } catch {
      // Who asked has left meanwhile; a page that is still there would wait, and the test with it.
    }
  });
  await visitor.page.goto('/checkout');
  await visitor.reads('main', /Room 6/);
  await visitor.page.click('#btn-book');
  await visitor.reads('dialog.success-dialog', /B3.*Room 6.*9\.00/s);
  await visitor.leave();
});

it('another try keeps the focus: where it failed again, and where it came', patient, async () => {
  const visitor = await Visitor.come(browser, house);
  const { page } = visitor;
  await visitor.context.route('**/api/v1/shows/2/snapshot', (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"code":"storage","status":503}' }));
  await page.goto('/show/2');
  await visitor.reads('.trouble', /could not be loaded/);
  await page.locator('.trouble .button').focus();
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  const asked = page.waitForResponse('**/api/v1/shows/2/snapshot');
  await page.keyboard.press('Enter');
  await asked;
  await page.waitForFunction(() => document.querySelector('.trouble .button')?.matches(':focus'));
  await visitor.context.unroute('**/api/v1/shows/2/snapshot');
  await page.keyboard.press('Enter');
  await page.locator('#seat-grid').waitFor();
  assert.equal(await focused(), await page.locator('#movie-title').textContent());
  await visitor.leave();
});

it('after a long outage a press on the pill, or coming back to the tab, is enough', { timeout: 120_000 }, async () => {
  const wire = await Wire.to(house);
  const visitor = await Visitor.come(browser, wire);
  const { page } = visitor;
  let failed = 0;
  page.on('requestfailed', (request) => (failed += Number(request.url().includes('/events'))));
  await visitor.goTo('/show/1');
  const pill = page.locator('#live');
  const ways = {
    pill: () => pill.click(),
    tab: () => page.evaluate(() => document.dispatchEvent(new Event('visibilitychange'))),
  };
  assert.equal(await pill.getAttribute('tabindex'), '-1', 'no stop for nothing');
  for (const [way, back] of Object.entries(ways)) {
    failed = 0;
    wire.cut();
    // Each try that fails makes the next pause longer.
    while (failed < 5) await page.waitForEvent('requestfailed', { predicate: (request) => request.url().includes('/events'), timeout: 40_000 });
    await page.waitForFunction(() => document.querySelector('#live')?.getAttribute('data-state') === 'reconnecting');
    wire.mend();
    await back();
    await page.waitForFunction(() => document.querySelector('#live')?.getAttribute('data-state') === 'live', undefined, { timeout: 1500 }).catch(() => assert.fail(`${way} does not bring it back`));
  }
  await visitor.leave();
});

it('what is said for a moment lies beside the map, its legend and the buttons', patient, async () => {
  const visitor = await Visitor.come(browser, house);
  const { page } = visitor;
  await visitor.goTo('/show/1');
  for (const y of [0, 10_000]) {
    await page.evaluate((top) => window.scrollTo(0, top), y);
    await page.locator('#btn-hold').evaluate((button) => button.click());
    await page.locator('.toast').waitFor();
    const covered = await page.evaluate(() => {
      const toast = /** @type {Element} */ (document.querySelector('.toast')).getBoundingClientRect();
      const meets = (selector) => {
        const box = document.querySelector(selector).getBoundingClientRect();
        return box.left < toast.right && toast.left < box.right && box.top < toast.bottom && toast.top < box.bottom;
      };
      return ['.legend', 'seat-map', '.order-buttons'].filter(meets);
    });
    assert.deepEqual(covered, [], `scrolled by ${y}`);
  }
  await visitor.leave();
});

it('the line below the map says what its seat has become', patient, async () => {
  const visitor = await Visitor.come(browser, house);
  await visitor.goTo('/show/1');
  await visitor.seat('D7').hover();
  await visitor.reads('.readout', /D7.*available/);
  const cat = await house.customer('cat');
  await cat.must('POST', '/shows/1/holds', { seats: ['D7'] });
  await visitor.reads('.readout', /D7.*held by someone else/);
  await visitor.leave();
});
