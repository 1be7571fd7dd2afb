// What I hold and have booked: what the pages say before they know, when they cannot know, and
// when nobody is signed in any more.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { browser, house } from './house.mjs';
import { MANAGER, Visitor } from './stage.mjs';

const patient = { timeout: 90_000 };

/** Somebody with a ticket for one seat of the first show, and a hold on another. @param {string} name @param {string} booked @param {string} held */
async function owner(name, booked, held) {
  const who = await house.customer(name);
  const hold = await who.must('POST', '/shows/1/holds', { seats: [booked] });
  const booking = await who.must('POST', `/holds/${hold.id}/book`, {});
  await who.must('POST', '/shows/1/holds', { seats: [held] });
  const visitor = await Visitor.come(browser, house);
  await visitor.isSignedIn(who);
  return { who, visitor, ticket: booking.tickets[0] };
}

/** Keeps the answers to a question back until told. @param {Visitor} visitor @param {string} path */
async function keepBack(visitor, path) {
  let letGo = () => {};
  const told = new Promise((done) => (letGo = () => done(undefined)));
  await visitor.context.route(path, async (route) => {
    await told;
    await route.continue();
  });
  return letGo;
}

it('a list that is still on its way is no empty list', patient, async () => {
  const { visitor, ticket } = await owner('ada', 'A1', 'A2');
  const { page } = visitor;
  const letGo = await keepBack(visitor, '**/api/v1/bookings*');
  await page.goto('/tickets');
  await visitor.reads('main [aria-busy]', /Loading your tickets/);
  assert.doesNotMatch(String(await page.locator('main').textContent()), /No tickets/);
  await page.goto('/checkout');
  await visitor.reads('main [aria-busy]', /Loading what you hold/);
  assert.doesNotMatch(String(await page.locator('main').textContent()), /Nothing held/);
  letGo();
  await visitor.reads('#total-price', /100\.00/);
  await page.getByRole('link', { name: 'Tickets', exact: true }).click();
  await page.locator(`.ticket-links a[href="/tickets/${ticket.code}"]`).waitFor();
  assert.equal(await page.locator('main [aria-busy]').count(), 0);
  await visitor.leave();
});

it('a list that did not come says so, and comes when it is asked for again', patient, async () => {
  const { visitor } = await owner('bea', 'B1', 'B2');
  const { page } = visitor;
  // A stream would make the page ask again by itself.
  await keepBack(visitor, '**/api/v1/events*');
  await visitor.context.route('**/api/v1/holds*', (route) => route.abort());
  await page.goto('/checkout');
  await visitor.reads('main .trouble', /What you hold could not be loaded/);
  await page.goto('/tickets');
  await visitor.reads('main .trouble', /Your tickets could not be loaded/);
  assert.doesNotMatch(String(await page.locator('main').textContent()), /No tickets/);
  await visitor.context.unroute('**/api/v1/holds*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('.booking').waitFor();
  await visitor.leave();
});

it('a list that is known stays while the server is away', patient, async () => {
  const { visitor } = await owner('cat', 'C1', 'C2');
  await visitor.page.goto('/tickets');
  await visitor.page.locator('.booking').waitFor();
  await visitor.context.route('**/api/v1/bookings*', (route) => route.abort());
  const lost = visitor.page.waitForEvent('requestfailed', (request) => request.url().includes('/bookings'));
  await visitor.page.evaluate(() => window.dispatchEvent(new Event('offline')));
  await visitor.page.evaluate(() => window.dispatchEvent(new Event('online')));
  await lost;
  assert.equal(await visitor.page.locator('.booking').count(), 1);
  await visitor.leave();
});

it('the next person at the same screen does not see the lists of the one before', patient, async () => {
  const { visitor } = await owner('dee', 'D1', 'D2');
  const { page } = visitor;
  await page.goto('/tickets');
  await page.locator('.booking').waitFor();
  await page.locator('.account-button').click();
  await page.click('#btn-sign-out');
  await visitor.reads('main', /Sign in to see your tickets/);
  const letGo = await keepBack(visitor, '**/api/v1/bookings*');
  const eli = await house.customer('eli');
  await page.locator('main').getByRole('link', { name: 'Sign in' }).click();
  await visitor.fillSignIn(eli);
  await visitor.reads('main [aria-busy]', /Loading your tickets/);
  assert.equal(await page.locator('.booking').count(), 0);
  letGo();
  await visitor.reads('main', /No tickets yet/);
  await visitor.leave();
});

it('a ticket asked for after the session ended leads to signing in, and from there to the ticket', patient, async () => {
  const { who, visitor, ticket } = await owner('fay', 'E1', 'E2');
  const { page } = visitor;
  // A stream would make the page notice by itself.
  await keepBack(visitor, '**/api/v1/events*');
  await page.goto('/tickets');
  const link = page.locator('.ticket-links a').first();
  await link.waitFor();
  await visitor.context.request.delete('/api/v1/session');
  await link.click();
  await visitor.reads('main', /Sign in to see your tickets/);
  await visitor.reads('#account', /Sign in/);
  await page.locator('main').getByRole('link', { name: 'Sign in' }).click();
  await visitor.fillSignIn(who);
  await visitor.reads('.ticket-code', new RegExp(ticket.code.replace(/[*$]/g, '\\$&')));
  await visitor.leave();
});

it('a sign-out that did not reach the server says so, and the next one does', patient, async () => {
  const { visitor } = await owner('gus', 'A9', 'A10');
  const { page } = visitor;
  await visitor.goTo('/show/1');
  await visitor.context.route('**/api/v1/session', (route) => (route.request().method() === 'DELETE' ? route.abort() : route.continue()));
  const out = async () => {
    await page.locator('.account-button').click();
    await page.click('#btn-sign-out');
  };
  await out();
  await visitor.reads('#toasts', /You may still be signed in/);
  await visitor.reads('#account', /gus/);
  await visitor.context.unroute('**/api/v1/session');
  await out();
  await visitor.reads('#toasts', /You are signed out/);
  await visitor.reads('#account', /Sign in/);
  await visitor.leave();
});

it('after the sale at the checkout the way back leads to the seats of that show', patient, async () => {
  const { visitor } = await owner('hal', 'B9', 'B10');
  const { page } = visitor;
  await page.goto('/checkout');
  await page.click('#btn-book');
  await page.locator('dialog.success-dialog').getByRole('button', { name: 'Back to the seats' }).click();
  await page.waitForURL('**/show/1');
  await visitor.sees('B10', 'ticket');
  await visitor.leave();
});

it('what is held in two shows is confirmed show by show, each with its own button and its own way back', patient, async () => {
  const { who, visitor } = await owner('ivo', 'C9', 'C10');
  await who.must('POST', '/shows/2/holds', { seats: ['C10'] });
  const { page } = visitor;
  await page.goto('/checkout');
  await page.locator('.two').nth(1).waitFor();
  const ids = await page.locator('[id]').evaluateAll((all) => all.map((each) => each.id));
  assert.deepEqual(ids.filter((id, at) => ids.indexOf(id) !== at), [], 'each name is there once');
  const part = page.locator('.two', { has: page.locator('a[href="/show/2"]') });
  await part.getByRole('button', { name: 'Confirm 1 seat' }).click();
  await page.locator('dialog.success-dialog').getByRole('button', { name: 'Back to the seats' }).click();
  await page.waitForURL('**/show/2');
  await visitor.sees('C10', 'ticket');
  assert.equal((await who.must('GET', '/holds')).data.filter((hold) => hold.state === 'held').length, 1, 'the other hold stays');
  await visitor.leave();
});

it('a session that ended at the checkout is begun again there, and the seats are booked', patient, async () => {
  const { who, visitor } = await owner('hedy', 'D9', 'D10');
  const { page } = visitor;
  // A stream would make the page notice by itself.
  await keepBack(visitor, '**/api/v1/events*');
  await page.goto('/checkout');
  await visitor.reads('main', /D10/);
  await visitor.context.request.delete('/api/v1/session');
  await page.click('#btn-book');
  await visitor.reads('dialog.sign-in-dialog', /Your session ended/);
  await visitor.fillSignIn(who);
  await visitor.reads('dialog.success-dialog', /D10/);
  assert.equal(await page.locator('.toast').count(), 0);
  await visitor.leave();
});

it('seats of unlike prices have each its own at the checkout; the time in the head is that of the seats beside it', patient, async () => {
  const manager = await house.client(MANAGER);
  const [movie] = (await manager.must('GET', '/movies')).data;
  const screen = await manager.must('POST', '/screens', { name: 'Loft', rows: 'A:4;B:4*premium' });
  const euros = (/** @type {number} */ amount) => ({ amount_minor: amount * 100, currency: 'EUR' });
  const show = await manager.must('POST', '/shows', { movie: movie.id, screen: screen.id, starts_at: new Date(Date.now() + 86_400_000).toISOString(), price: euros(9), tiers: { premium: euros(14) } });
  const ivy = await house.customer('ivy');
  await ivy.must('POST', `/shows/${show.id}/holds`, { seats: ['A1', 'B1'], ttl_s: 400 });
  const { id } = await ivy.must('POST', '/shows/2/holds', { seats: ['C7'], ttl_s: 60 });
  const visitor = await Visitor.come(browser, house);
  await visitor.isSignedIn(ivy);
  const { page } = visitor;
  await page.goto('/checkout');
  await visitor.reads('.lines li', /A1.*9\.00/);
  await visitor.reads('.lines li', /B1.*14\.00/);
  await visitor.reads('#hold-pill', /^C7 · (1:00|0:5\d)\+ 1more hold/);
  const bar = page.locator(`.timer[data-hold="${id}"]`).first();
  const part = () => bar.evaluate((timer) => Number(/** @type {HTMLElement} */ (timer).style.getPropertyValue('--left')));
  while ((await part()) > 0.93) await page.waitForTimeout(200);
  await page.reload();
  await bar.waitFor();
  const after = await part();
  assert.ok(after < 0.97, `the bar goes on where it was, not at ${after}`);
  await visitor.leave();
});

it('seats whose time ended are held again, and if they are gone meanwhile that is said each time', patient, async () => {
  const leo = await house.customer('leo');
  const rival = await house.customer('rival');
  await leo.must('POST', '/shows/4/holds', { seats: ['C5', 'C6'], ttl_s: 3 });
  const visitor = await Visitor.come(browser, house);
  await visitor.isSignedIn(leo);
  const { page } = visitor;
  await page.goto('/checkout');
  const again = page.getByRole('button', { name: 'Hold them again' });
  await again.waitFor();
  await rival.must('POST', '/shows/4/holds', { seats: ['C5'] });
  await again.click();
  await visitor.reads('#toasts', /C5 is gone/);
  await rival.must('POST', '/shows/4/holds', { seats: ['C5', 'C6'] });
  await page.getByRole('button', { name: 'Hold C6' }).click();
  await visitor.reads('#toasts', /C6 is gone/);
  await visitor.leave();
});

it('an empty field is named before the server is asked, and so is a line that is down', patient, async () => {
  const mia = await house.customer('mia');
  const visitor = await Visitor.come(browser, house);
  const { page } = visitor;
  await page.goto('/sign-in');
  await page.fill('#username', 'mia');
  await page.keyboard.press('Enter');
  await visitor.reads('#password-error', /Fill this in/);
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'password');
  await visitor.fillSignIn(mia);
  await page.locator('#seat-grid').waitFor();
  await visitor.goTo('/show/2');
  await visitor.seat('E5').click();
  await page.getByRole('button', { name: 'Choose from a list' }).click();
  assert.equal(await page.locator('#list-row').inputValue(), 'E', 'the list begins where somebody has picked');
  await page.keyboard.press('Escape');
  await visitor.context.setOffline(true);
  await page.click('#btn-hold');
  await page.locator('#toasts').getByText("You're offline").waitFor({ timeout: 1500 });
  await visitor.context.setOffline(false);
  await visitor.leave();
});
