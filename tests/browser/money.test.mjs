// Money: what is typed is what is stored, and what was paid is what is shown.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { browser, house } from './house.mjs';
import { MANAGER, Visitor } from './stage.mjs';

const come = async (who) => {
  const visitor = await Visitor.come(browser, house);
  await visitor.isSignedIn(who);
  return visitor;
};
const patient = { timeout: 90_000 };

it('a price that cannot be read is refused beside its field, and nothing is stored', patient, async () => {
  const manager = await house.client(MANAGER);
  const boss = await come(MANAGER);
  const { page } = boss;
  const [before] = (await manager.must('GET', '/shows')).data;
  await page.goto('/admin/shows');
  await page.getByRole('button', { name: /^Change price/ }).first().click();
  const price = page.getByLabel('Price in EUR');
  for (const text of ['12,345', '12.345', '1,234.50', '€20', '-3', '12.', 'twelve']) {
    await price.fill(text);
    await page.getByRole('button', { name: 'Save' }).click();
    await boss.reads('dialog .field-error:not([hidden])', /Enter an amount such as 12\.50/);
    assert.equal(await price.getAttribute('aria-invalid'), 'true', text);
    assert.ok(await price.evaluate((input) => input === document.activeElement), 'the focus is where it can be mended');
  }
  await price.fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await boss.reads('dialog .field-error:not([hidden])', /Fill this in/);
  assert.deepEqual((await manager.must('GET', `/shows/${before.id}`)).price, before.price);
  await price.fill(' 12,5 ');
  await page.getByRole('button', { name: 'Save' }).click();
  await boss.reads('#toasts', /The price is changed/);
  const prices = (await manager.must('GET', '/shows')).data.map((show) => show.price.amount_minor);
  assert.ok(prices.includes(1250), String(prices));
  await boss.leave();
});

it('a booked seat tells what was paid for it, also after the price has changed', patient, async () => {
  const manager = await house.client(MANAGER);
  const eve = await house.customer('eve');
  const price = (amount_minor) => manager.must('PATCH', '/shows/2', { price: { amount_minor, currency: 'EUR' } });
  await price(5000);
  for (const seats of [['A1', 'A2'], ['B1']]) {
    const hold = await eve.must('POST', '/shows/2/holds', { seats });
    await eve.must('POST', `/holds/${hold.id}/book`, {});
  }
  await price(9900);
  const clerk = await come(MANAGER);
  const card = async (seat) => {
    await clerk.page.fill('#desk-search', seat);
    await clerk.page.keyboard.press('Enter');
    await clerk.reads('.seat-card h2', new RegExp(`Seat ${seat}`, 'i'));
    await clerk.page.locator('.seat-card dt').first().waitFor();
    return clerk.page.locator('.seat-card').innerText();
  };
  await clerk.page.goto('/desk?show=2');
  await clerk.page.locator('#seat-grid').waitFor();
  const two = await card('a1');
  assert.match(two, /Paid\s+€100\.00 for 2 seats/);
  assert.doesNotMatch(two, /99/, 'what it would cost now was not asked');
  assert.match(await card('b1'), /Paid\s+€50\.00/);
  await clerk.leave();
});

it('sold seats and the money taken for them change together', patient, async () => {
  const guest = await house.customer('gus');
  const clerk = await come(MANAGER);
  const { page } = clerk;
  await page.goto('/desk/stats');
  await page.locator('#totals dd').first().waitFor();
  await page.waitForFunction(() => document.querySelectorAll('table').length === 2);
  const before = await page.locator('table').last().locator('tbody tr').last().locator('td').first().textContent().then(Number);
  const hold = await guest.must('POST', '/shows/3/holds', { seats: ['C1', 'C2'] });
  await guest.must('POST', `/holds/${hold.id}/book`, {});
  await page.waitForFunction((sum) => [...document.querySelectorAll('table')].at(-1)?.querySelector('tbody tr:last-child td')?.textContent === String(sum), before + 2, { timeout: 4000 });
  await clerk.leave();
});
