// Money: what is typed is what is stored, and what was paid is what is shown.

import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { House, MANAGER, Visitor, openBrowser } from './stage.mjs';

/** @type {House} */
let house;
/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await openBrowser();
  house = await House.open();
});
after(async () => {
  await browser?.close();
  await house?.close();
});

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
