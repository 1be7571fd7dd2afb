// The line breaks, the server stops: what was missed is caught up with, and nothing twice.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { browser, house } from './house.mjs';
import { MANAGER, PATIENCE_MS, Visitor, Wire } from './stage.mjs';

const patient = { timeout: 90_000 };
const WORDS = { available: '.', picked: '.', held: 'h', mine: 'h', booked: 'b', ticket: 'b', blocked: 'x' };

/** The page's grid and the server's, as one string each. @param {Visitor} visitor @param {number} show */
async function bothGrids(visitor, show) {
  const server = (await (await house.client()).must('GET', `/shows/${show}/snapshot`)).s;
  const page = await visitor.page.evaluate((words) => [...document.querySelectorAll('.seat[data-seat]')].map((seat) => words[/** @type {HTMLElement} */ (seat).dataset.state ?? '']).join(''), WORDS);
  return { page, server };
}

/** Waits until the page shows what the server says. @param {Visitor} visitor @param {number} show */
async function agrees(visitor, show) {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const { page, server } = await bothGrids(visitor, show);
    if (page === server.replace(/[^.hb]/g, 'x')) return;
    if (Date.now() > until) assert.equal(page, server);
    await visitor.page.evaluate(() => new Promise(requestAnimationFrame));
  }
}

const isLive = (visitor, live = true) => visitor.page.waitForFunction((wanted) => (document.querySelector('#live')?.getAttribute('data-state') === 'live') === wanted, live);

it('a server that is stopped past a deadline gives the seat back at once, and the holder is told', patient, async () => {
  const [ida, manager] = [await house.customer('ida'), await house.client(MANAGER)];
  const [movie] = (await manager.must('GET', '/movies')).data;
  const screen = await manager.must('POST', '/screens', { name: 'Cellar', rows: 'A-B:4' });
  const show = await manager.must('POST', '/shows', { movie: movie.id, screen: screen.id, starts_at: new Date(Date.now() + 86_400_000).toISOString(), price: { amount_minor: 900, currency: 'EUR' }, limits: { hold_life_s: 5 } });
  const [owner, guest] = [await Visitor.come(browser, house), await Visitor.come(browser, house)];
  await owner.isSignedIn(ida);
  for (const each of [owner, guest]) await each.goTo(`/show/${show.id}`);
  await owner.seat('A2').click();
  await owner.page.click('#btn-hold');
  await owner.sees('A2', 'mine');
  await guest.sees('A2', 'held');
  const [hold] = (await ida.must('GET', '/holds')).data;
  await house.stop('SIGKILL');
  await owner.page.locator('dialog.expired-dialog').waitFor();
  const past = Date.parse(hold.expires_at) - Date.now();
  if (past > 0) await new Promise((done) => setTimeout(done, past));
  await house.start();
  const stranger = await house.customer('eli');
  // Booked, since a hold of five seconds may be over before a page has come back.
  const taken = await stranger.must('POST', `/shows/${show.id}/holds`, { seats: ['A2'] });
  await stranger.must('POST', `/holds/${taken.id}/book`, {});
  for (const each of [owner, guest]) {
    await isLive(each);
    await each.sees('A2', 'booked');
    await agrees(each, show.id);
  }
  await owner.reads('dialog', /Your time ended.*A2/);
  await owner.leave();
  await guest.leave();
});

it('after a cut line one request resumes where it ended, and the grid equals a fresh one seat for seat', patient, async () => {
  const [ben, amy] = [await house.customer('ben'), await house.customer('amy')];
  const wire = await Wire.to(house);
  const visitor = await Visitor.come(browser, wire);
  const resumed = [];
  visitor.context.on('response', (answer) => answer.url().includes('/api/v1/events') && resumed.push(answer.request().headers()['last-event-id'] ?? ''));
  await visitor.goTo('/show/1');
  await amy.must('POST', '/shows/1/holds', { seats: ['A1', 'A2'] });
  await visitor.sees('A2', 'held');
  wire.cut();
  await isLive(visitor, false);
  const hold = await ben.must('POST', '/shows/1/holds', { seats: ['B1', 'B2', 'B3'] });
  await ben.must('POST', `/holds/${hold.id}/book`, {});
  for (const seat of ['C1', 'C2', 'D3', 'E9']) await amy.must('POST', '/shows/1/holds', { seats: [seat] });
  assert.equal(await visitor.page.evaluate(() => document.querySelector('seat-map')?.stateOf('B1')), 'available', 'cut off');
  resumed.length = 0;
  wire.mend();
  await visitor.sees('B1', 'booked');
  await isLive(visitor);
  await agrees(visitor, 1);
  assert.equal(resumed.length, 1, `one resume: ${JSON.stringify(resumed)}`);
  assert.match(resumed[0], /^[^.]+\..*1:\d+/, 'a cursor');
  const snapshot = await (await house.client()).must('GET', '/shows/1/snapshot');
  assert.equal(await visitor.page.evaluate(() => document.querySelector('seat-map')?.seq), snapshot.seq);
  await visitor.leave();
});

it('a cursor from another history is met with a new beginning, and the grid is right again', patient, async () => {
  const joe = await house.customer('joe');
  const wire = await Wire.to(house);
  const visitor = await Visitor.come(browser, wire);
  await visitor.goTo('/show/2');
  await joe.must('POST', '/shows/2/holds', { seats: ['A1'] });
  await visitor.sees('A1', 'held');
  let [strange, met] = ['', false];
  visitor.context.on('response', (answer) => (met ||= strange !== '' && answer.url().includes('/api/v1/events')));
  await visitor.context.route('**/api/v1/events*', async (route) => {
    const headers = { ...route.request().headers() };
    const last = headers['last-event-id'];
    if (last && !met) headers['last-event-id'] = strange = last.replace(/^[^.]+/, (epoch) => epoch.replace(/^./, (digit) => (digit === '1' ? '2' : '1')));
    await route.continue({ headers });
  });
  wire.cut();
  await isLive(visitor, false);
  await joe.must('POST', '/shows/2/holds', { seats: ['B5', 'B6'] });
  wire.mend();
  await visitor.sees('B5', 'held');
  await isLive(visitor);
  assert.ok(met, 'the cursor was spoilt on the way, and answered');
  await agrees(visitor, 2);
  await visitor.leave();
});

it('back and forward, also from the browser\'s memory, show what happened meanwhile', patient, async () => {
  const pia = await house.customer('pia');
  const visitor = await Visitor.come(browser, house);
  await visitor.goTo('/show/3');
  await visitor.page.goto('/docs');
  await pia.must('POST', '/shows/3/holds', { seats: ['A3'] });
  await visitor.page.goBack();
  await visitor.sees('A3', 'held');
  await visitor.page.getByRole('link', { name: 'Now', exact: true }).click();
  await visitor.page.locator('.movie').first().waitFor();
  await pia.must('POST', '/shows/3/holds', { seats: ['A4'] });
  await visitor.page.goBack();
  await visitor.sees('A4', 'held');
  await isLive(visitor);
  await agrees(visitor, 3);
  await visitor.leave();
});

/** Every state of the line that the page has told of. @param {Visitor} visitor */
const toldOf = (visitor) => visitor.page.evaluate(() => /** @type {any} */ (window).told);

/** Notes what the page tells of its line. @param {Visitor} visitor */
const noteLine = (visitor) => visitor.page.evaluate(() => {
  const pill = /** @type {HTMLElement} */ (document.querySelector('#live'));
  const told = (/** @type {any} */ (window).told = [pill.dataset.state]);
  new MutationObserver(() => told.push(pill.dataset.state)).observe(pill, { attributes: true, attributeFilter: ['data-state'] });
});

it('a server that is away for long is not said to be asked every few seconds, and the seats stay dim', patient, async () => {
  const visitor = await Visitor.come(browser, house);
  await visitor.goTo('/show/1');
  await noteLine(visitor);
  let tries = 0;
  const many = new Promise((done) => visitor.context.on('requestfailed', (request) => request.url().includes('/api/v1/events') && (tries += 1) === 4 && done(undefined)));
  await house.stop();
  await many;
  assert.equal(await visitor.page.locator('seat-map[data-stale]').count(), 1);
  await house.start();
  await isLive(visitor);
  assert.deepEqual([...new Set(await toldOf(visitor))], ['live', 'reconnecting']);
  await visitor.page.locator('seat-map:not([data-stale])').waitFor();
  await visitor.leave();
});

it('pages that were not opened yet open while the server is away; what it alone knows comes when it is back', patient, async () => {
  const visitor = await Visitor.come(browser, house);
  await visitor.goTo('/show/1');
  const { page } = visitor;
  await page.waitForFunction((names) => names.every((name) => performance.getEntriesByType('resource').some((entry) => entry.name.endsWith(name))), ['/now.js', '/tickets.js', '/checkout.js']);
  await house.stop();
  await isLive(visitor, false);
  await page.getByRole('link', { name: 'Tickets', exact: true }).click();
  await visitor.reads('main', /Sign in to see your tickets/);
  await page.getByRole('link', { name: 'Now', exact: true }).click();
  await page.locator('.slot[data-show="2"]').click();
  await visitor.reads('main .trouble', /The seats could not be loaded.*The server did not answer/);
  await house.start();
  await page.locator('#seat-grid').waitFor();
  await isLive(visitor);
  await visitor.leave();
});

it('a page that could not be fetched says why, and comes by itself when the server is back', patient, async () => {
  const visitor = await Visitor.come(browser, house);
  await visitor.isSignedIn(MANAGER);
  await visitor.goTo('/desk?show=1');
  await house.stop();
  await isLive(visitor, false);
  await visitor.page.getByRole('link', { name: 'Log', exact: true }).click();
  await visitor.reads('main .trouble', /This page could not be loaded.*The server did not answer/);
  await house.start();
  await visitor.page.locator('.log-table').waitFor();
  await visitor.leave();
});

it('a server that was brought up to date has no scripts for the page of before: the next page is opened anew', patient, async () => {
  const visitor = await Visitor.come(browser, house);
  await visitor.isSignedIn(MANAGER);
  await visitor.goTo('/desk?show=1');
  let isOld = true;
  await visitor.context.route('**/*', (route, request) => {
    if (request.resourceType() === 'document') isOld = false;
    return isOld && request.url().includes('/assets/') ? route.fulfill({ status: 404 }) : route.continue();
  });
  await visitor.page.getByRole('link', { name: 'Log', exact: true }).click();
  await visitor.page.locator('.log-table').waitFor();
  assert.equal(new URL(visitor.page.url()).pathname, '/desk/log');
  await visitor.leave();
});

it('on a phone the head of the page stays one line, held seats and a lost line together', patient, async () => {
  const visitor = await Visitor.come(browser, house, { viewport: { width: 390, height: 844 } });
  const pam = await house.customer('pam');
  await visitor.isSignedIn(pam);
  await pam.must('POST', '/shows/4/holds', { seats: ['C10', 'B10'] });
  await visitor.goTo('/show/4');
  await visitor.reads('#hold-pill', /B10, C10/);
  const height = () => visitor.page.locator('#top').evaluate((top) => top.getBoundingClientRect().height);
  const before = await height();
  assert.ok(before < 70, `${before} px`);
  await house.stop();
  await isLive(visitor, false);
  await visitor.reads('#live-word', /Reconnecting/);
  assert.equal(await height(), before);
  const cut = await visitor.page.locator('#live-word').evaluate((word) => word.scrollWidth - word.clientWidth);
  assert.ok(cut <= 0, `the word is ${cut} px too long`);
  await house.start();
  await isLive(visitor);
  await visitor.leave();
});

it('a page that came without its programme tries again by itself', patient, async () => {
  const visitor = await Visitor.come(browser, house);
  await visitor.context.route('**/api/v1/movies*', (route) => route.abort());
  await visitor.page.goto('/show/1');
  await visitor.reads('main .trouble', /Connection error.*The server did not answer/);
  await visitor.context.unroute('**/api/v1/movies*');
  await visitor.page.locator('#seat-grid').waitFor();
  await visitor.leave();
});
