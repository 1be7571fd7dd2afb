// The box office and the administration, for those who may; and the door for those who may not.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { browser, house } from './house.mjs';
import { DEMO, MANAGER, Visitor } from './stage.mjs';

const come = async (who) => {
  const visitor = await Visitor.come(browser, house);
  if (who) await visitor.isSignedIn(who);
  return visitor;
};
const patient = { timeout: 90_000 };

it('a customer at the desk is told no, kindly, and the server means it', patient, async () => {
  const visitor = await come(DEMO);
  await visitor.page.goto('/desk');
  await visitor.reads('main', /is for staff/);
  await visitor.page.goto('/admin/users');
  await visitor.reads('main', /is for managers/);
  const demo = await house.client(DEMO);
  for (const [method, path, body] of [['POST', '/shows/1/blocks', { seats: ['A1'], reason: 'no' }], ['GET', '/users'], ['POST', '/movies', { title: 'x', minutes: 1 }]]) {
    assert.equal((await demo.call(method, path, body)).status, 403, path);
  }
  await visitor.leave();
});

it('a walk-up is sold with three keys', patient, async () => {
  const visitor = await come(MANAGER);
  await visitor.page.goto('/desk?show=1');
  await visitor.page.locator('#seat-grid').waitFor();
  await visitor.page.keyboard.press('b');
  await visitor.page.keyboard.press('Enter');
  await visitor.page.waitForFunction(() => document.activeElement?.id === 'btn-book');
  await visitor.page.keyboard.press('Enter');
  await visitor.reads('.found', /Sold/);
  assert.equal(await visitor.page.locator('.found .ticket-links a').count(), 1);
  assert.deepEqual(await visitor.counters(), [49, 0, 1]);
  await visitor.leave();
});

it('a stuck hold is found, extended and released; the public sees it', patient, async () => {
  const kim = await house.customer('kim');
  await kim.must('POST', '/shows/2/holds', { seats: ['B3', 'B4'] });
  const [clerk, guest] = [await come(MANAGER), await come()];
  await guest.goTo('/show/2');
  await guest.sees('B3', 'held');
  await clerk.page.goto('/desk?show=2');
  await clerk.page.locator('#seat-grid').waitFor();
  await clerk.page.fill('#desk-search', 'b3');
  await clerk.page.keyboard.press('Enter');
  await clerk.reads('.seat-card', /kim/);
  await clerk.page.getByRole('button', { name: '10 more minutes' }).click();
  await clerk.reads('#toasts', /held for longer/);
  await clerk.page.getByRole('button', { name: 'Release', exact: true }).click();
  await clerk.page.locator('dialog .danger').click();
  await guest.sees('B3', 'available', 2000);
  await guest.sees('B4', 'available', 2000);
  await clerk.leave();
  await guest.leave();
});

it('seats go off sale with a reason and come back with one press', patient, async () => {
  const [clerk, guest] = [await come(MANAGER), await come()];
  await guest.goTo('/show/3');
  await clerk.page.goto('/desk?show=3');
  await clerk.page.locator('#seat-grid').waitFor();
  await clerk.page.getByText('Manage', { exact: true }).click();
  await clerk.seat('A2').click();
  await clerk.page.getByRole('button', { name: 'Take A2 off sale' }).click();
  await clerk.page.fill('dialog input', 'broken armrest');
  await clerk.page.keyboard.press('Enter');
  await guest.sees('A2', 'blocked', 3000);
  await clerk.reads('#log-content', /A2 taken off sale/);
  await clerk.page.locator('#toasts').getByRole('button', { name: 'Undo' }).click();
  await guest.sees('A2', 'available', 3000);
  const text = await guest.page.locator('#log-content').textContent();
  assert.doesNotMatch(String(text), /user:|box_office|armrest/, 'the public log names nobody');
  await clerk.leave();
  await guest.leave();
});

it('a booking is found by its ticket and cancelled with a reason; the ticket is void', patient, async () => {
  const lea = await house.customer('lea');
  const hold = await lea.must('POST', '/shows/4/holds', { seats: ['C1'] });
  const booking = await lea.must('POST', `/holds/${hold.id}/book`, {});
  const [ticket] = booking.tickets;
  const [clerk, owner, stranger] = [await come(MANAGER), await come(lea), await come(DEMO)];
  await stranger.page.goto(`/tickets/${ticket.code}`);
  await stranger.reads('main', /No such ticket/);
  await owner.page.goto(`/tickets/${ticket.code}`);
  await owner.reads('main', /Good for entry/);
  await clerk.page.goto('/desk?show=1');
  await clerk.page.locator('#seat-grid').waitFor();
  await clerk.page.fill('#desk-search', ticket.code.replaceAll('-', '').toLowerCase());
  await clerk.page.keyboard.press('Enter');
  await clerk.page.waitForURL('**/desk?show=4**');
  await clerk.reads('.seat-card', /Booked/);
  await clerk.page.getByRole('button', { name: 'Cancel the booking' }).click();
  await clerk.page.fill('dialog input', 'customer is ill');
  await clerk.page.keyboard.press('Enter');
  await clerk.sees('C1', 'available');
  await owner.page.reload();
  await owner.reads('main', /no longer good/);
  for (const each of [clerk, owner, stranger]) await each.leave();
});

it('a film with a poster, a hall and a show are made; the show is on without a restart', patient, async () => {
  const [boss, guest] = [await come(MANAGER), await come()];
  await guest.page.goto('/now');
  await guest.page.locator('.movie').first().waitFor();
  const { page } = boss;
  await page.goto('/admin/movies');
  await page.getByRole('button', { name: 'Add a movie' }).click();
  await page.getByLabel('Title').fill('Metropolis <b>1927</b>');
  await page.getByLabel('Minutes').fill('153');
  const poster = readFileSync(join(import.meta.dirname, '../../seatcore-cli/posters/default.png'));
  await page.getByLabel('Poster').setInputFiles({ name: 'p.png', mimeType: 'image/png', buffer: Buffer.from('<svg onload=alert(1)>') });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('dialog .field-error:not([hidden]), dialog .form-error:not([hidden])').waitFor();
  await page.getByLabel('Poster').setInputFiles({ name: 'p.png', mimeType: 'image/png', buffer: poster });
  await page.getByRole('button', { name: 'Save' }).click();
  await boss.reads('table', /Metropolis <b>1927<\/b>/);
  assert.equal(await page.locator('th', { hasText: 'Metropolis' }).count(), 1, 'saved once, although its poster was refused first');
  await page.goto('/admin/screens');
  await page.getByRole('button', { name: 'Add a screen' }).click();
  await page.getByLabel('Name').fill('Attic');
  await page.getByLabel('Rows').fill('A-C:3|3');
  await boss.reads('.preview', /18 seats/);
  await page.getByRole('button', { name: 'Save' }).click();
  await boss.reads('table', /Attic/);
  await page.goto('/admin/shows');
  for (const time of [1, 2]) {
    await page.getByRole('button', { name: 'Add a show' }).click();
    await page.getByLabel('Movie').selectOption({ label: 'Metropolis <b>1927</b> (153 min)' });
    await page.getByLabel('Screen').selectOption({ label: 'Attic (18 seats)' });
    await page.getByLabel('Price in EUR').fill('7.50');
    await page.getByRole('button', { name: 'Save' }).click();
    if (time === 1) await boss.reads('table', /Metropolis.*0 of 18/);
  }
  await page.locator('dialog .form-error:not([hidden]), dialog .field-error:not([hidden])').first().waitFor();
  await page.keyboard.press('Escape');
  await guest.page.locator('.day-link', { hasText: 'Tomorrow' }).click();
  await guest.reads('.movie', /Metropolis <b>1927<\/b>/);
  await boss.leave();
  await guest.leave();
});

it('a show that is cancelled says so to whoever is looking', patient, async () => {
  const [boss, guest] = [await come(MANAGER), await come()];
  await guest.goTo('/show/4');
  await guest.seat('A5').click();
  await boss.page.goto('/admin/shows');
  await boss.page.getByRole('button', { name: /^Cancel show: Avatar/ }).first().click();
  await boss.page.fill('dialog input', 'projector broke');
  await boss.page.keyboard.press('Enter');
  await boss.reads('table', /Cancelled/);
  await guest.page.goto('/now');
  await boss.leave();
  await guest.leave();
});

it('a role is given, and the desk opens', patient, async () => {
  const pat = await house.customer('pat');
  const boss = await come(MANAGER);
  await boss.page.goto('/admin/users');
  const role = boss.page.getByLabel('Role of pat');
  await role.selectOption('manager');
  await boss.reads('dialog', /Make pat a manager\?.*sessions.*end/);
  await boss.page.keyboard.press('Escape');
  await boss.page.waitForFunction((name) => /** @type {HTMLSelectElement} */ (document.querySelector(`[aria-label="${name}"]`)).value === 'customer', 'Role of pat');
  await role.selectOption('staff');
  await boss.page.getByRole('button', { name: 'Make staff' }).click();
  await boss.reads('#toasts', /pat is now staff/);
  const visitor = await come(pat);
  await visitor.page.goto('/desk');
  await visitor.page.locator('#seat-grid').waitFor();
  await boss.leave();
  await visitor.leave();
});

it('the numbers follow each sale; the log says who did what, waits when told to, and can be taken away', patient, async () => {
  const ron = await house.customer('ron');
  const clerk = await come(MANAGER);
  const { page } = clerk;
  const tile = (name) => page.locator(`#totals .stat-${name} dd`).textContent().then(Number);
  await page.goto('/desk/stats');
  await page.locator('#totals dd').first().waitFor();
  const guest = await house.client();
  const onSale = async () => (await guest.must('GET', '/shows?limit=200')).data.filter((show) => show.status !== 'cancelled');
  const tells = (booked) => page.waitForFunction((booked) => Number(document.querySelector('#totals .stat-booked dd')?.textContent) === booked, booked);
  const before = (await onSale()).reduce((sum, show) => sum + show.stats.booked, 0);
  await tells(before);
  const hold = await ron.must('POST', '/shows/3/holds', { seats: ['A7', 'A8'] });
  await ron.must('POST', `/holds/${hold.id}/book`, {});
  await tells(before + 2);
  const shows = await onSale();
  for (const name of ['available', 'held', 'booked']) assert.equal(await tile(name), shows.reduce((sum, show) => sum + show.stats[name], 0), name);
  await page.goto('/desk/log?show=3&kind=booked');
  await clerk.reads('.log-table tbody tr', /A7 and A8 booked.*ron.*http/);
  assert.equal(await page.locator('.log-table tbody tr', { hasText: 'held' }).count(), 0, 'only what was asked for');
  const taken = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export as CSV' }).click();
  const text = readFileSync(await (await taken).path(), 'utf8');
  assert.match(text, /^record,at,kind,show,seats,actor,holder,source,reason\r\n\d+,.*,booked,3,A7 A8,user:\d+/);
  await page.getByRole('button', { name: 'Pause' }).click();
  const next = await ron.must('POST', '/shows/3/holds', { seats: ['B7'] });
  await ron.must('POST', `/holds/${next.id}/book`, {});
  await page.getByRole('button', { name: 'Go on, there is news' }).click();
  await clerk.reads('.log-table tbody tr', /B7 booked/);
  await clerk.leave();
});

it('looking at a free seat leaves the party as it is', patient, async () => {
  const clerk = await come(MANAGER);
  await clerk.page.goto('/desk?show=1');
  await clerk.page.locator('#seat-grid').waitFor();
  await clerk.page.getByRole('button', { name: 'One more' }).click();
  for (const round of ['found', 'found again']) {
    await clerk.page.fill('#desk-search', 'd4');
    await clerk.page.keyboard.press('Enter');
    await clerk.reads('.seat-card', /Seat D4.*Selected/);
    await clerk.sees('D4', 'picked');
    assert.equal(await clerk.page.locator('#party-size').textContent(), '2', round);
  }
  await clerk.page.locator('.seat-card').getByRole('button', { name: 'Close' }).click();
  await clerk.page.keyboard.press('b');
  await clerk.reads('#btn-hold', /Hold 2 seats/);
  await clerk.leave();
});

it('managing, free seats are chosen one by one and let go one by one, however large the party', patient, async () => {
  const clerk = await come(MANAGER);
  await clerk.page.goto('/desk?show=1');
  await clerk.page.locator('#seat-grid').waitFor();
  await clerk.page.getByRole('button', { name: 'One more' }).click();
  await clerk.page.getByText('Manage', { exact: true }).click();
  await clerk.seat('E1').click();
  await clerk.seat('E2').click();
  await clerk.page.getByRole('button', { name: 'Take E1 and E2 off sale' }).waitFor();
  await clerk.seat('E1').click();
  await clerk.page.getByRole('button', { name: 'Take E2 off sale' }).waitFor();
  assert.equal(await clerk.page.locator('#party-size').textContent(), '2');
  await clerk.leave();
});

it('after a long pause the log has no gap', patient, async () => {
  const sam = await house.customer('sam');
  const clerk = await come(MANAGER);
  const { page } = clerk;
  await page.goto('/desk/log');
  await page.locator('.log-table tbody tr[data-record]').first().waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  for (let round = 0; round < 65; round += 1) {
    const hold = await sam.must('POST', '/shows/3/holds', { seats: ['A10'] });
    await sam.must('DELETE', `/holds/${hold.id}`);
  }
  await page.getByRole('button', { name: 'Go on, there is news' }).click();
  const manager = await house.client(MANAGER);
  const records = (await manager.must('GET', '/activity?limit=200')).data.map((entry) => entry.n);
  await page.locator(`[data-record="${records[0]}"]`).waitFor();
  const seen = await page.locator('.log-table tbody tr[data-record]').evaluateAll((rows) => rows.map((row) => Number(/** @type {HTMLElement} */ (row).dataset.record)));
  assert.ok(seen.length > 100, `${seen.length} lines`);
  assert.deepEqual(seen, records.slice(0, seen.length));
  await clerk.leave();
});

it('after a sale the focus is on a seat that was sold: one Enter too many picks nothing, and B goes on', patient, async () => {
  const clerk = await come(MANAGER);
  const { page } = clerk;
  await page.goto('/desk?show=4');
  await page.locator('#seat-grid').waitFor();
  const sell = async () => {
    await page.keyboard.press('b');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement?.id === 'btn-book');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement?.getAttribute('data-state') === 'ticket');
    return page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).dataset.seat);
  };
  const first = await sell();
  await clerk.reads('.found', new RegExp(`Sold.*${first}`));
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('.seat[data-seat][data-state="picked"]').count(), 0);
  const second = await sell();
  assert.notEqual(first, second);
  await clerk.leave();
});

it('what is saved is said, and the focus is back where it was', patient, async () => {
  const boss = await come(MANAGER);
  const { page } = boss;
  await page.goto('/admin/movies');
  await page.getByRole('button', { name: 'Edit Inception' }).click();
  await page.getByLabel('Minutes').fill('149');
  await page.getByRole('button', { name: 'Save' }).click();
  await boss.reads('table', /149 min/);
  await boss.reads('#toasts', /Inception is saved/);
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Edit Inception');
  await boss.leave();
});

it('a hall with better seats: their price is asked for with the show, shown to the public, and changed later', patient, async () => {
  const manager = await house.client(MANAGER);
  await manager.must('POST', '/screens', { name: 'Opera', rows: 'A:4;B:4*premium;C:2*box' });
  const [boss, guest] = [await come(MANAGER), await come()];
  const { page } = boss;
  await page.goto('/admin/shows');
  await page.getByRole('button', { name: 'Add a show' }).click();
  await page.getByLabel('Screen').selectOption({ label: 'Opera (10 seats)' });
  await page.getByLabel('Price in EUR', { exact: true }).fill('12.00');
  await page.getByLabel('Price of premium in EUR').fill('18.50');
  await page.getByRole('button', { name: 'Save' }).click();
  await boss.reads('#toasts', /is on/);
  const show = (await manager.must('GET', '/shows?limit=200')).data.find((each) => each.price.amount_minor === 1200);
  await guest.goTo(`/show/${show.id}`);
  await guest.reads('.legend', /premium.*18\.50.*box.*12\.00/);
  await page.getByRole('button', { name: /^Change price: .*/ }).last().click();
  assert.equal(await page.getByLabel('Price of premium in EUR').inputValue(), '18.50');
  assert.equal(await page.getByLabel('Price of box in EUR').inputValue(), '');
  await page.getByLabel('Price of box in EUR').fill('30');
  await page.getByRole('button', { name: 'Save' }).click();
  await guest.reads('.legend', /premium.*18\.50.*box.*30\.00/);
  await boss.leave();
  await guest.leave();
});

it('the first show of a house: what is missing before it is named, and leads on', patient, async () => {
  const boss = await come(MANAGER);
  const { page } = boss;
  const nothing = (/** @type {string} */ list) => boss.context.route(`**/api/v1/${list}*`, (route) => (route.request().method() === 'GET' ? route.fulfill({ json: { data: [], next: null } }) : route.continue()));
  for (const list of ['movies', 'screens', 'shows']) await nothing(list);
  await page.goto('/admin/shows');
  await boss.reads('main .empty', /No shows yet.*A movie comes first/);
  assert.equal(await page.getByRole('button', { name: 'Add a show' }).count(), 0, 'nothing to choose from');
  await page.getByRole('link', { name: 'To the movies' }).click();
  await boss.reads('main .empty', /No movies yet/);
  await boss.context.unroute('**/api/v1/movies*');
  await page.goto('/admin/shows');
  await page.getByRole('link', { name: 'To the screens' }).click();
  await boss.context.unroute('**/api/v1/screens*');
  await page.goto('/admin/shows');
  await page.getByRole('button', { name: 'Add a show' }).click();
  await page.getByLabel('Movie').waitFor();
  await boss.leave();
});

it('what is rare is found also behind a hundred other records, and how far was looked is said', patient, async () => {
  const uma = await house.customer('uma');
  for (let round = 0; round < 60; round += 1) {
    const hold = await uma.must('POST', '/shows/3/holds', { seats: ['B1'] });
    await uma.must('DELETE', `/holds/${hold.id}`);
  }
  const clerk = await come(MANAGER);
  const { page } = clerk;
  await page.goto('/desk/log?kind=show_opened');
  await clerk.reads('.log-table tbody tr', /opened/);
  // A log without an end.
  await page.route('**/api/v1/activity?*', async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    await route.fulfill({ response: answer, json: { ...body, data: body.data.filter((entry) => entry.kind === 'held'), next: body.next ?? 'x' } });
  });
  await page.route('**/api/v1/activity?*cursor=x*', (route) => route.fulfill({ json: { data: [], next: 'x' } }));
  await page.goto('/desk/log?kind=show_cancelled');
  await clerk.reads('.log-table tbody tr', /None in the newest \d+ records\. Earlier looks further\./);
  const taken = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export as CSV' }).click();
  await taken;
  await clerk.reads('#toasts', /0 lines saved, of the newest \d+ records/);
  await clerk.leave();
});
