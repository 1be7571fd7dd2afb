// Looking and buying, as ui scenarios: by mouse, by keyboard, by thumb.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { browser, house } from './house.mjs';
import { MANAGER, DEMO, PATIENCE_MS, Visitor } from './stage.mjs';

/** Runs a scenario with visitors who must leave without a complaint. */
const scenario = (name, play) => it(name, { timeout: 90_000 }, async () => {
  const visitors = [];
  const come = async (options) => {
    const visitor = await Visitor.come(browser, house, options);
    visitors.push(visitor);
    return visitor;
  };
  try {
    await play(come);
  } finally {
    for (const visitor of visitors.slice(0, -1)) await visitor.context.close();
    await visitors.at(-1)?.context.close();
  }
  for (const visitor of visitors) assert.deepEqual(visitor.faults, []);
});

describe('the live board', () => {
  scenario('opens without an account: four shows, three posters, 50 free seats, nothing from elsewhere', async (come) => {
    const ada = await come();
    await ada.goTo('/');
    assert.equal(await ada.page.locator('#show-list .show-card').count(), 4);
    await ada.page.waitForFunction(() => [...document.images].every((image) => image.complete));
    const posters = await ada.page.locator('#show-list img.poster').evaluateAll((images) => images.map((image) => [image.getAttribute('src'), image.naturalWidth]));
    assert.ok(posters.every(([, width]) => width > 0), JSON.stringify(posters));
    assert.equal(new Set(posters.map(([src]) => src)).size, 3);
    assert.equal(await ada.page.locator('.seat[data-seat]').count(), 50);
    assert.deepEqual(await ada.counters(), [50, 0, 0]);
    await ada.page.locator('#log-content').waitFor();
    const ids = 'header-date show-list movie-poster movie-title movie-screen movie-time stats-available stats-held stats-booked seat-grid log-content selection-summary total-price btn-hold btn-book'.split(' ');
    for (const id of ids) assert.equal(await ada.page.locator(`#${id}`).count(), 1, id);
  });

  scenario('what a page asks first is on its way before its scripts are, and is asked once', async (come) => {
    const ada = await come();
    // A stream that begins would make the page ask a second time.
    await ada.context.route('**/api/v1/events*', () => {});
    const page = await ada.page.goto('/show/1');
    const named = [...(page?.headers().link ?? '').matchAll(/<([^>]+)>; rel=preload/g)].map(([, path]) => path);
    assert.equal(named.length, 7, named.join(' '));
    await ada.page.locator('.seat[data-seat="A1"]').waitFor();
    const asked = await ada.page.evaluate(() => performance.getEntriesByType('resource').map((entry) => ({ path: entry.name.replace(location.origin, ''), at: entry.startTime, by: /** @type {PerformanceResourceTiming} */ (entry).initiatorType })));
    const stream = asked.find(({ path }) => path.startsWith('/api/v1/events'))?.at ?? Infinity;
    for (const path of named.filter((each) => !each.endsWith('/snapshot'))) {
      const times = asked.filter((each) => each.path === path && each.at < stream);
      assert.deepEqual(times.map(({ by }) => by), ['link'], path);
    }
    const questions = asked.filter(({ path, at }) => /^\/(api|version)/.test(path) && !/poster|activity|events/.test(path) && at < stream).map(({ path }) => path);
    assert.deepEqual([...new Set(questions)].sort(), [...named].sort());
  });

  scenario('looked at closer and from farther, a hall keeps its rows inside', async (come) => {
    const ada = await come();
    await ada.goTo('/show/1');
    const edges = () => ada.page.evaluate(() => ['#seat-grid', '.seat-row:last-child'].map((selector) => document.querySelector(selector)?.getBoundingClientRect().bottom ?? 0));
    for (const zoom of ['Zoom in', 'Zoom in', 'Zoom out', 'Zoom out', 'Zoom out', 'Zoom out']) {
      await ada.page.getByRole('button', { name: zoom, exact: true }).click();
      const [grid, row] = await edges();
      assert.ok(grid - row > -1 && grid - row < 12, `${zoom}: rows end at ${row}, the hall at ${grid}`);
    }
  });

  scenario('the link to the seats leads to a place on the page: the picks stay, there and back', async (come) => {
    const ada = await come();
    await ada.goTo('/show/1');
    await ada.seat('C5').click();
    await ada.page.locator('.skip').focus();
    await ada.page.keyboard.press('Enter');
    await ada.page.waitForURL('**/show/1#seats');
    await ada.page.goBack();
    await ada.page.waitForURL('**/show/1');
    await ada.seat('C6').click();
    await ada.reads('#total-price', /200\.00/);
    await ada.sees('C5', 'picked');
  });

  scenario('each show by click, then by arrow keys: its seats, its counters, its address', async (come) => {
    const ada = await come();
    await ada.goTo('/');
    const cards = ada.page.locator('.show-card');
    const titles = new Set();
    const check = async (at) => {
      const show = await cards.nth(at).getAttribute('data-show');
      await ada.page.waitForURL(`**/show/${show}`);
      await ada.page.waitForFunction((at) => document.querySelectorAll('.show-card')[at]?.hasAttribute('aria-current') && document.querySelectorAll('.seat[data-seat]').length > 0, at);
      const seats = await ada.page.locator('.seat[data-seat]').count();
      assert.ok(seats === 50 || seats === 30, `${seats} seats`);
      const sum = (await ada.counters()).reduce((a, b) => a + b, 0);
      assert.equal(sum, seats);
      titles.add(await ada.page.title());
    };
    for (const at of [0, 1, 2, 3]) {
      await cards.nth(at).click();
      await check(at);
    }
    await cards.nth(3).focus();
    for (const at of [2, 1]) {
      await ada.page.keyboard.press('ArrowLeft');
      await ada.page.keyboard.press('Enter');
      await check(at);
      assert.equal(await ada.page.evaluate(() => document.activeElement?.classList.contains('show-card')), true, 'the focus stays in the strip');
    }
    assert.equal(titles.size, 4);
    await ada.page.goBack();
    await check(2);
  });

  scenario('the show that is marked is the one whose seats are shown, also when the next one has become the first', async (come) => {
    const ada = await come();
    await ada.goTo('/');
    const [first, second] = await ada.page.locator('.show-card').evaluateAll((cards) => cards.map((card) => card.getAttribute('data-show')));
    const marked = () => ada.page.locator('.show-card[aria-current]').evaluateAll((cards) => cards.map((card) => card.getAttribute('data-show')));
    assert.deepEqual(await marked(), [first]);
    const manager = await house.client(MANAGER);
    const programme = await manager.must('GET', '/shows?limit=200');
    for (const show of programme.data) if (String(show.id) === first) show.ends_at = '2020-01-01T00:00:00Z';
    await ada.context.route('**/api/v1/shows?*', (route) => route.fulfill({ json: programme }));
    await manager.must('PATCH', `/shows/${second}`, { price: (await manager.must('GET', `/shows/${second}`)).price, sales: {} });
    await ada.page.locator(`.show-card[data-show="${first}"]`).waitFor({ state: 'detached' });
    assert.deepEqual(await marked(), [], 'no other show is marked over these seats');
    assert.equal(await ada.page.locator('.show-card[tabindex="0"]').count(), 1, 'the strip can still be reached by Tab');
    await ada.sees('A1', 'available');
  });

  scenario('a card of the strip that has the focus keeps it when the programme changes', async (come) => {
    const ada = await come();
    await ada.goTo('/show/1');
    const card = ada.page.locator('.show-card[data-show="3"]');
    const before = await card.textContent();
    await card.focus();
    const manager = await house.client(MANAGER);
    const programme = await manager.must('GET', '/shows?limit=200');
    for (const show of programme.data) if (show.id === 3) show.starts_at = new Date(Date.parse(show.starts_at) + 60_000).toISOString();
    await ada.context.route('**/api/v1/shows?*', (route) => route.fulfill({ json: programme }));
    await manager.must('PATCH', '/shows/1', { price: (await manager.must('GET', '/shows/1')).price });
    await ada.page.waitForFunction((text) => document.querySelector('.show-card[data-show="3"]')?.textContent !== text, before);
    assert.equal(await ada.page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).dataset.show), '3');
  });

  scenario('a house without shows opens its first one by itself', async (come) => {
    const empty = await come();
    await empty.isSignedIn(MANAGER);
    await empty.page.clock.install();
    await empty.context.route('**/api/v1/shows?*', (route) => route.fulfill({ json: { data: [], next: null } }));
    await empty.page.goto('/');
    await empty.reads('main', /Nothing on.*Put on a show/);
    // No show, no line: the programme is asked for instead, and the page says so.
    await empty.reads('#live-word', /Polling/);
    await empty.context.unroute('**/api/v1/shows?*');
    await empty.page.clock.runFor(6_000);
    await empty.page.locator('#seat-grid').waitFor();
    assert.equal(await empty.page.locator('.show-card[aria-current]').count(), 1);
    assert.match(await empty.page.title(), /Top Gun|Avatar|Inception/);
  });

  scenario('a day without shows says so, and leads to one that has some', async (come) => {
    const ada = await come();
    await ada.goTo('/');
    await ada.page.goto('/?date=2031-05-05');
    const way = ada.page.locator('#show-list .nothing a');
    await way.waitFor();
    await way.click();
    await ada.page.locator('.show-card').first().waitFor();
    assert.match(ada.page.url(), /date=\d{4}-\d\d-\d\d$/);
    assert.doesNotMatch(ada.page.url(), /2031/);
    await ada.page.selectOption('#show-date', '');
    await ada.page.waitForFunction(() => document.querySelectorAll('.show-card').length === 4);
  });

  scenario('a show that is moved and repriced while one looks: facts, prices, legend and total follow, the focus stays', async (come) => {
    const manager = await house.client(MANAGER);
    const [movie] = (await manager.must('GET', '/movies')).data;
    const screen = await manager.must('POST', '/screens', { name: 'Attic', rows: 'A:4;B:4*premium' });
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    const euros = (/** @type {number} */ amount) => ({ amount_minor: amount * 100, currency: 'EUR' });
    const show = await manager.must('POST', '/shows', { movie: movie.id, screen: screen.id, starts_at: `${tomorrow}T10:07:00Z`, price: euros(9), tiers: { premium: euros(14) } });
    const ada = await come();
    await ada.goTo(`/show/${show.id}`);
    await ada.reads('#movie-time', /:07–/);
    await ada.seat('A1').click();
    await ada.reads('#total-price', /9\.00/);
    await ada.page.locator('#movie-title').focus();
    await manager.must('PATCH', `/shows/${show.id}`, { starts_at: `${tomorrow}T10:41:00Z`, price: euros(11), tiers: { premium: euros(16) } });
    await ada.reads('#movie-time', /:41–/);
    await ada.reads('.film-facts', /11\.00.*16\.00/);
    await ada.reads('.legend', /premium.*16\.00/);
    await ada.reads('#total-price', /11\.00/);
    await ada.reads('.chip', /11\.00/);
    assert.match(String(await ada.seat('A2').getAttribute('aria-label')), /11\.00/);
    assert.match(String(await ada.seat('B2').getAttribute('aria-label')), /16\.00/);
    assert.equal(await ada.page.evaluate(() => document.activeElement?.id), 'movie-title');
  });
});

describe('buying', () => {
  scenario('by mouse: signing in on the way keeps the picks, the second browser sees each step within a second', async (come) => {
    const [ada, bob] = [await come(), await come()];
    await ada.goTo('/show/1');
    await bob.goTo('/show/1');
    await ada.seat('C5').click();
    await ada.seat('C6').click();
    await ada.reads('#total-price', /200\.00/);
    await ada.page.click('#btn-hold');
    await ada.page.locator('dialog.sign-in-dialog').waitFor();
    await ada.fillSignIn(DEMO);
    await ada.sees('C5', 'mine');
    await ada.sees('C6', 'mine');
    await bob.sees('C5', 'held', 1000);
    await bob.sees('C6', 'held', 1000);
    assert.match(String(await bob.seat('C5').getAttribute('aria-label')), /held by someone else/);
    await ada.reads('.timer-digits', /^(10:00|9:5\d)$/);
    await ada.reads('.timer-words', /^9 minutes .*held until \d\d:\d\d:\d\d$|^10 minutes/);
    await ada.reads('#hold-pill', /C5, C6 · (10:00|9:5\d)/);
    assert.deepEqual(await ada.counters(), [48, 2, 0]);
    assert.deepEqual(await bob.counters(), [48, 2, 0]);
    await ada.page.click('#btn-book');
    await ada.page.locator('dialog.success-dialog').waitFor();
    await bob.sees('C5', 'booked', 1000);
    await ada.sees('C5', 'ticket');
    assert.deepEqual(await bob.counters(), [48, 0, 2]);
    await bob.reads('#log-content li', /C5 and C6 booked.*\d\d:\d\d:\d\d/);
    await ada.page.locator('dialog.success-dialog a.primary').click();
    await ada.page.locator('.booking').first().waitFor();
    await ada.page.locator('.ticket-links a').first().click();
    await ada.page.waitForFunction(() => document.querySelector('img.qr')?.naturalWidth > 0);
    assert.match(String(await ada.page.locator('.ticket-code').textContent()), /^[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z*~$=]$/i);
  });

  scenario('by keyboard alone, with a ring at every stop and few stops before the seats', async (come) => {
    const eve = await house.customer('eve');
    const visitor = await come();
    await visitor.isSignedIn(eve);
    await visitor.goTo('/show/2');
    const { page } = visitor;
    let stops = 0;
    for (; stops < 30; stops += 1) {
      await page.keyboard.press('Tab');
      if (await page.evaluate(() => document.activeElement?.classList.contains('seat'))) break;
      const ring = await page.evaluate(() => getComputedStyle(/** @type {Element} */ (document.activeElement)).outlineStyle);
      assert.notEqual(ring, 'none', `stop ${stops}`);
    }
    assert.ok(stops <= 12, `${stops} stops before the seats`);
    const here = () => page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).dataset.seat);
    assert.equal(await here(), 'A1');
    await page.keyboard.press('End');
    assert.equal(await here(), 'A10');
    await page.keyboard.press('ArrowDown');
    assert.equal(await here(), 'B10');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    assert.equal(await here(), 'B2');
    await page.keyboard.press('Control+End');
    assert.equal(await here(), 'E10');
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('Space');
    await visitor.sees('A1', 'picked');
    await page.keyboard.press('Escape');
    await visitor.sees('A1', 'available');
    await page.keyboard.press('Enter');
    await visitor.sees('A1', 'picked');
    assert.equal(await visitor.page.locator('[role=gridcell][aria-selected=true]').count(), 1);
    // Out of the grid, to the button behind it.
    for (let at = 0; at < 12 && (await page.evaluate(() => document.activeElement?.id)) !== 'btn-hold'; at += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await visitor.sees('A1', 'mine');
    await page.waitForFunction(() => document.activeElement?.id === 'btn-book');
    await page.keyboard.press('Enter');
    await page.locator('dialog.success-dialog').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'A');
    await page.keyboard.press('Enter');
    await page.locator('img.qr').waitFor();
  });

  scenario('a party moves with each tap, also over its own seats, and is let go where it stands', async (come) => {
    const visitor = await come();
    await visitor.goTo('/show/2');
    await visitor.page.getByRole('button', { name: 'One more' }).click();
    await visitor.page.getByRole('button', { name: 'One more' }).click();
    const picked = () => visitor.page.locator('.seat[data-seat][data-state="picked"]').evaluateAll((seats) => seats.map((seat) => seat.getAttribute('data-seat')).join(' '));
    await visitor.seat('B9').click();
    assert.equal(await picked(), 'B8 B9 B10');
    await visitor.seat('B8').click();
    assert.equal(await picked(), 'B6 B7 B8', 'not where it would leave B10 alone');
    await visitor.seat('B10').click();
    assert.equal(await picked(), 'B8 B9 B10');
    await visitor.page.getByRole('button', { name: 'Remove B10' }).click();
    assert.equal(await picked(), 'B8 B9', 'a chip is one seat');
    await visitor.seat('B9').click();
    assert.equal(await picked(), 'B8 B9 B10');
    await visitor.seat('B9').click();
    assert.equal(await picked(), '');
  });

  scenario('with a thumb, two seats together on a phone: no sideways scrolling, targets a thumb can hit', async (come) => {
    const tom = await house.customer('tom');
    const visitor = await come({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: 'light' });
    await visitor.isSignedIn(tom);
    await visitor.goTo('/show/1');
    const { page } = visitor;
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 390, `${wide} px wide`);
    const boxes = await page.locator('.seat[data-seat]').evaluateAll((seats) => seats.map((seat) => seat.getBoundingClientRect()).map((box) => Math.min(box.width, box.height)));
    // Sold seats are drawn smaller than the cell that is hit.
    assert.ok(boxes.filter((size) => size < 24).length <= 2, `seats of ${Math.min(...boxes)} px`);
    const buttons = await page.locator('main button:not(.seat):not(.tiny), .tabs a, .top a, .top button').evaluateAll((all) => all.filter((each) => each.checkVisibility() && each.tabIndex >= 0).map((each) => [each.textContent, each.getBoundingClientRect().height]));
    for (const [words, height] of buttons) assert.ok(height >= 36, `${words} is ${height} px high`);
    await page.locator('.stepper .icon-button').last().tap();
    await page.locator('#btn-best').tap();
    await visitor.reads('#btn-hold', /Hold 2 seats/);
    await page.locator('#btn-hold').tap();
    await visitor.reads('#btn-book', /Confirm 2 seats/);
    await page.locator('#btn-book').tap();
    await page.locator('dialog.success-dialog').waitFor();
    const seats = String(await page.locator('.success-seats').textContent()).split(' and ');
    assert.equal(seats.length, 2);
    assert.equal(Number(seats[1].slice(1)) - Number(seats[0].slice(1)), 1, seats.join());
  });

  scenario('from the list, without the map', async (come) => {
    const liz = await house.customer('liz');
    const visitor = await come();
    await visitor.isSignedIn(liz);
    await visitor.goTo('/show/3');
    const { page } = visitor;
    await page.getByRole('button', { name: 'Choose from a list' }).click();
    await page.selectOption('#list-row', 'B');
    await page.locator('.choice').nth(3).click();
    await visitor.sees('B4', 'picked');
    await page.getByRole('button', { name: 'Done' }).click();
    await page.click('#btn-hold');
    await visitor.sees('B4', 'mine');
    await page.getByRole('button', { name: 'Release B4' }).click();
    await visitor.sees('B4', 'available');
  });

  scenario('a seat taken while picked drops out with a word, the others stay; a race has one winner', async (come) => {
    const [rival, mia] = [await house.customer('rival'), await house.customer('mia')];
    const visitor = await come();
    await visitor.isSignedIn(mia);
    await visitor.goTo('/show/4');
    await visitor.seat('A1').click();
    await visitor.seat('A2').click();
    await rival.must('POST', '/shows/4/holds', { seats: ['A1'] });
    await visitor.sees('A1', 'held', 1000);
    await visitor.sees('A2', 'picked');
    await visitor.reads('#toasts', /A1 was just taken/);
    await visitor.reads('#total-price', /100\.00/);
    // Too late to hold: what happened stays said.
    await rival.must('POST', '/shows/4/holds', { seats: ['A2'] });
    await visitor.sees('A2', 'held', 1000);
    await visitor.page.click('#btn-hold');
    await visitor.reads('#polite', /A2 was just taken/);
    await visitor.reads('#toasts', /A2 was just taken/);
    // The stream is cut, so the browser cannot know; the server refuses and the page explains.
    await visitor.page.route('**/api/v1/events*', (route) => route.abort());
    await visitor.page.reload();
    await visitor.page.locator('#seat-grid').waitFor();
    await visitor.seat('B1').click();
    await visitor.seat('B2').click();
    await rival.must('POST', '/shows/4/holds', { seats: ['B1'] });
    await visitor.page.click('#btn-hold');
    await visitor.reads('#toasts', /B1 was just taken/);
    await visitor.page.getByRole('button', { name: 'Hold B2' }).click();
    await visitor.sees('B2', 'mine');
    assert.equal(await visitor.page.evaluate(() => document.querySelector('seat-map')?.stateOf('B1')), 'held');
  });
});

describe('a line that breaks', () => {
  scenario('a confirmation whose answer is lost is asked for again under its key: one booking', async (come) => {
    const ivy = await house.customer('ivy');
    const visitor = await come();
    await visitor.isSignedIn(ivy);
    await visitor.goTo('/show/3');
    await visitor.seat('C7').click();
    await visitor.page.click('#btn-hold');
    await visitor.sees('C7', 'mine');
    const keys = [];
    await visitor.context.route('**/api/v1/holds/*/book', async (route) => {
      keys.push(route.request().headers()['idempotency-key']);
      const answer = await route.fetch();
      if (keys.length === 1) await route.abort('connectionreset');
      else await route.fulfill({ response: answer });
    });
    await visitor.page.click('#btn-book');
    await visitor.page.locator('dialog.success-dialog').waitFor();
    assert.equal(keys.length, 2);
    assert.equal(keys[0], keys[1]);
    const bookings = (await ivy.must('GET', '/bookings')).data;
    assert.deepEqual(bookings.map((each) => each.seats), [['C7']]);
  });

  scenario('confirming books what is mine, while others hold seats in the same show', async (come) => {
    const [joe, sue] = [await house.customer('joe'), await house.customer('sue')];
    await joe.must('POST', '/shows/2/holds', { seats: ['E4'] });
    const visitor = await come();
    await visitor.isSignedIn(sue);
    await visitor.goTo('/show/2');
    await visitor.seat('E5').click();
    await visitor.page.click('#btn-hold');
    await visitor.sees('E5', 'mine');
    await visitor.page.dblclick('#btn-book');
    await visitor.page.locator('dialog.success-dialog').waitFor();
    await visitor.sees('E5', 'ticket');
    await visitor.page.getByRole('button', { name: 'Back to the seats' }).click();
    await visitor.seat('E6').click();
    await visitor.page.click('#btn-hold');
    await visitor.sees('E6', 'mine');
    await visitor.page.hover('#btn-book');
    await visitor.presses(1);
    await visitor.page.locator('dialog.success-dialog').waitFor();
    await visitor.presses(2);
    await visitor.page.getByText('Show the ticket').click();
    await visitor.page.waitForURL('**/tickets/*');
    await visitor.goTo('/show/2');
    await visitor.sees('E4', 'held');
    assert.equal((await sue.must('GET', '/bookings')).data.length, 2, 'a double click is one booking');
  });
});

describe('time', () => {
  scenario('a hold that ends: words, free seats for all, and a way to have them again', async (come) => {
    const manager = await house.client(MANAGER);
    const zoe = await house.customer('zoe');
    const [movie] = (await manager.must('GET', '/movies')).data;
    const screen = await manager.must('POST', '/screens', { name: 'Studio', rows: 'A-B:4' });
    const starts_at = new Date(Date.now() + 86_400_000).toISOString();
    const show = await manager.must('POST', '/shows', { movie: movie.id, screen: screen.id, starts_at, price: { amount_minor: 900, currency: 'EUR' }, limits: { hold_life_s: 4 } });
    const [visitor, bob] = [await come(), await come()];
    await visitor.isSignedIn(zoe);
    await visitor.goTo(`/show/${show.id}`);
    await bob.goTo(`/show/${show.id}`);
    await visitor.seat('A2').click();
    await visitor.page.click('#btn-hold');
    await visitor.sees('A2', 'mine');
    await bob.sees('A2', 'held');
    await visitor.page.locator('dialog.expired-dialog').waitFor();
    await visitor.sees('A2', 'available');
    await bob.sees('A2', 'available', 2000);
    await visitor.page.getByRole('button', { name: 'Hold them again' }).click();
    await visitor.sees('A2', 'mine');
    await bob.sees('A2', 'held');
  });

  scenario('sales open and close by the clock: whoever looks sees it, and can buy in between', async (come) => {
    const manager = await house.client(MANAGER);
    const eva = await house.customer('eva');
    const [movie] = (await manager.must('GET', '/movies')).data;
    const screen = await manager.must('POST', '/screens', { name: 'Cellar', rows: 'A:4' });
    const later = (/** @type {number} */ seconds) => new Date(Date.now() + seconds * 1000).toISOString();
    const show = await manager.must('POST', '/shows', { movie: movie.id, screen: screen.id, starts_at: later(86_400), price: { amount_minor: 900, currency: 'EUR' }, sales: { opens_at: later(15) } });
    const visitor = await come();
    await visitor.isSignedIn(eva);
    await visitor.goTo(`/show/${show.id}`);
    await visitor.reads('.notice', /^Sales open /);
    await visitor.page.locator('.notice').waitFor({ state: 'detached' });
    await visitor.seat('A2').click();
    await visitor.page.click('#btn-hold');
    await visitor.sees('A2', 'mine');
    await manager.must('PATCH', `/shows/${show.id}`, { sales: { closes_at: later(3) } });
    await visitor.reads('.notice', /^Sales for this show are closed/);
  });

  scenario('before the end the page asks, and one key gives more time', async (come) => {
    const kay = await house.customer('kay');
    const visitor = await come();
    await visitor.isSignedIn(kay);
    await visitor.goTo('/show/1');
    await kay.must('POST', '/shows/1/holds', { seats: ['E7'], ttl_s: 48 });
    await visitor.sees('E7', 'mine');
    await visitor.page.locator('dialog.more-time').waitFor();
    assert.equal(await visitor.page.evaluate(() => document.activeElement?.textContent), 'Keep my seats');
    await visitor.page.keyboard.press('Enter');
    await visitor.reads('.timer-digits', /^(10:00|9:5\d)$/);
    const [hold] = (await kay.must('GET', '/holds')).data;
    assert.ok(hold.expires_in_ms > 580_000, `${hold.expires_in_ms} ms`);
  });

  scenario('a server that restarts: the page says so, comes back by itself, and misses nothing', async (come) => {
    const max = await house.customer('max');
    const visitor = await come();
    await visitor.isSignedIn(max);
    await visitor.goTo('/show/2');
    await visitor.seat('C3').click();
    await visitor.page.click('#btn-hold');
    await visitor.sees('C3', 'mine');
    const deadline = await visitor.page.locator('.timer-words').textContent();
    await house.stop('SIGTERM');
    await visitor.page.waitForFunction(() => document.querySelector('#live')?.getAttribute('data-state') !== 'live');
    await house.start();
    const other = await house.customer('other');
    await other.must('POST', '/shows/2/holds', { seats: ['C8'] });
    await visitor.sees('C8', 'held');
    await visitor.sees('C3', 'mine');
    await visitor.page.waitForFunction(() => document.querySelector('#live')?.getAttribute('data-state') === 'live', null, { timeout: PATIENCE_MS });
    const until = (text) => /until (.*)$/.exec(String(text))?.[1];
    assert.equal(until(await visitor.page.locator('.timer-words').textContent()), until(deadline), 'the same deadline');
  });
});

describe('when the stream is not there', () => {
  scenario('the page polls, says so, and still shows what happens', async (come) => {
    const visitor = await come();
    await visitor.context.route('**/api/v1/events*', (route) => route.abort());
    await visitor.page.goto('/show/3');
    await visitor.page.waitForFunction(() => document.querySelector('#live-word')?.textContent === 'Polling');
    const nia = await house.customer('nia');
    await nia.must('POST', '/shows/3/holds', { seats: ['A9'] });
    await visitor.sees('A9', 'held', 12_000);
  });

  scenario('offline is said, and nothing is lost when the line is back', async (come) => {
    const visitor = await come();
    await visitor.goTo('/show/3');
    await visitor.seat('C1').click();
    await visitor.context.setOffline(true);
    await visitor.reads('#live-word', /Offline/);
    const ned = await house.customer('ned');
    await ned.must('POST', '/shows/3/holds', { seats: ['C2'] });
    await visitor.context.setOffline(false);
    await visitor.sees('C2', 'held');
    await visitor.sees('C1', 'picked');
  });

  scenario('many tabs share one stream, and a new page still opens at once', async (come) => {
    const visitor = await come();
    const streams = [];
    visitor.context.on('request', (request) => request.url().includes('/api/v1/events') && streams.push(request));
    await visitor.goTo('/show/1');
    const pages = [visitor.page];
    for (let tab = 0; tab < 6; tab += 1) {
      const page = await visitor.newPage();
      await page.goto('/show/1');
      await page.locator('#seat-grid').waitFor();
      pages.push(page);
    }
    assert.equal(streams.length, 1, 'one stream for seven tabs');
    const uma = await house.customer('uma');
    await uma.must('POST', '/shows/1/holds', { seats: ['E10'] });
    for (const page of pages) await page.waitForFunction(() => document.querySelector('seat-map')?.stateOf('E10') === 'held');
    // The tab that reads leaves; another takes over.
    await pages[0].close();
    await uma.must('POST', '/shows/1/holds', { seats: ['E9'] });
    for (const page of pages.slice(1)) await page.waitForFunction(() => document.querySelector('seat-map')?.stateOf('E9') === 'held');
  });

  scenario('tabs that want more shows than one stream carries share it: each hears of the show it has open', async (come) => {
    const manager = await house.client(MANAGER);
    const [movie] = (await manager.must('GET', '/movies')).data;
    const screen = await manager.must('POST', '/screens', { name: 'Marathon', rows: 'A:4' });
    const days = Array.from({ length: 60 }, (_, at) => new Date(Date.now() + (at + 2) * 86_400_000).toISOString());
    const shows = [];
    for (const starts_at of days) shows.push(await manager.must('POST', '/shows', { movie: movie.id, screen: screen.id, starts_at, price: { amount_minor: 500, currency: 'EUR' } }));
    const visitor = await come();
    await visitor.isSignedIn(MANAGER);
    await visitor.page.goto('/desk/stats');
    await visitor.page.waitForFunction(() => document.querySelector('#live')?.getAttribute('data-state') === 'live');
    const last = shows[shows.length - 1];
    const page = await visitor.newPage();
    await page.goto(`/show/${last.id}`);
    await page.locator('#seat-grid').waitFor();
    await page.waitForFunction(() => document.querySelector('#live')?.getAttribute('data-state') === 'live');
    const vic = await house.customer('vic');
    await vic.must('POST', `/shows/${last.id}/holds`, { seats: ['A2'] });
    await page.waitForFunction(() => document.querySelector('seat-map')?.stateOf('A2') === 'held');
  });
});
