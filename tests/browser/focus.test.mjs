// Whoever goes by keyboard has a place after everything: where it was, or next to what went.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { browser, house } from './house.mjs';
import { MANAGER, Visitor } from './stage.mjs';

const patient = { timeout: 90_000 };
const come = async (who) => {
  const visitor = await Visitor.come(browser, house);
  await visitor.isSignedIn(who);
  return visitor;
};
/** Waits until the focus is on what is called so. @param {Visitor} visitor @param {string} name */
const focusIs = (visitor, name) => visitor.page.waitForFunction((wanted) => {
  const at = document.activeElement;
  return (at?.getAttribute('aria-label') ?? at?.textContent) === wanted;
}, name);

it('a seat that is let go leaves the focus on the next one, the last one on the place around', patient, async () => {
  const ida = await house.customer('ida');
  const visitor = await come(ida);
  const { page } = visitor;
  await ida.must('POST', '/shows/1/holds', { seats: ['C1', 'C2', 'C3'] });
  await visitor.goTo('/show/1');
  await page.getByRole('button', { name: 'Release C1' }).focus();
  await page.keyboard.press('Enter');
  await focusIs(visitor, 'Release C2');
  await page.goto('/checkout');
  await page.getByRole('button', { name: 'Release C3' }).focus();
  await page.keyboard.press('Enter');
  await focusIs(visitor, 'Release C2');
  await page.keyboard.press('Enter');
  await visitor.reads('main', /Nothing held/);
  await focusIs(visitor, 'Checkout');
  await visitor.goTo('/show/1');
  for (const seat of ['D1', 'D2']) await visitor.seat(seat).click();
  await page.getByRole('button', { name: 'Remove D1' }).focus();
  await page.keyboard.press('Enter');
  await focusIs(visitor, 'Remove D2');
  await page.keyboard.press('Enter');
  await focusIs(visitor, 'Your seats');
  await visitor.leave();
});

it('at the desk lists that are drawn anew leave the focus where it was, and what is left of a hold goes on', patient, async () => {
  const jon = await house.customer('jon');
  const clerk = await come(MANAGER);
  const { page } = clerk;
  await jon.must('POST', '/shows/2/holds', { seats: ['B1', 'B2'] });
  await page.goto('/desk?show=2&seat=B1');
  await clerk.reads('.seat-card', /minutes? .*left/);
  const list = page.getByRole('region', { name: 'Holds' });
  const line = list.getByRole('button', { name: 'B1 and B2' });
  await line.focus();
  const texts = () => page.locator('[data-left]').allTextContents();
  const before = await texts();
  assert.equal(before.length, 2, 'in the list and on the card');
  await page.waitForFunction((old) => [...document.querySelectorAll('[data-left]')].every((each) => !old.includes(String(each.textContent))), before);
  await focusIs(clerk, 'B1 and B2');
  await jon.must('POST', '/shows/2/holds', { seats: ['B1', 'B2', 'B3'] });
  await clerk.reads('section[aria-label="Holds"]', /B1, B2 and B3/);
  await focusIs(clerk, 'B1, B2 and B3');
  await clerk.reads('.seat-card', /B1, B2 and B3/);
  const more = page.getByRole('button', { name: '10 more minutes' });
  await more.focus();
  await page.keyboard.press('Enter');
  await clerk.reads('#toasts', /held for longer/);
  await page.waitForTimeout(600);
  await focusIs(clerk, '10 more minutes');
  await clerk.leave();
});

it('the log keeps the focus when there is news', patient, async () => {
  const kai = await house.customer('kai');
  const clerk = await come(MANAGER);
  for (const seat of ['C1', 'C2']) await kai.must('POST', '/shows/3/holds', { seats: [seat] });
  await clerk.page.goto('/desk/log');
  await clerk.reads('.log-table', /C2 held/);
  const link = clerk.page.locator('.log-table tr', { hasText: 'C1 held' }).first().getByRole('link');
  await link.focus();
  const id = await link.getAttribute('id');
  await kai.must('POST', '/shows/3/holds', { seats: ['C3'] });
  await clerk.reads('.log-table', /C3 held/);
  assert.equal(await clerk.page.evaluate(() => document.activeElement?.id), id);
  await clerk.leave();
});
