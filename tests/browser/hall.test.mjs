// A stadium: a hundred thousand seats on one canvas, still quick, still for keyboards and readers.

import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { House, Visitor, openBrowser } from './stage.mjs';

/** @type {House} */
let house;
/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await openBrowser();
  house = await House.open('stadium');
});
after(async () => {
  await browser?.close();
  await house?.close();
});

it('opens, counts, comes closer at a tap, takes the seat under the finger at three sizes, follows others', { timeout: 120_000 }, async () => {
  const visitor = await Visitor.come(browser, house);
  const { page } = visitor;
  await visitor.goTo('/show/1');
  await page.locator('canvas.hall-canvas').waitFor();
  assert.deepEqual(await visitor.counters(), [100_000, 0, 0]);
  assert.ok((await page.locator('.seat').count()) < 500, 'no button per seat');
  const canvas = page.locator('canvas.hall-canvas');
  await canvas.click({ position: { x: 200, y: 200 } });
  const label = (x, y) => page.evaluate(([left, top]) => {
    const map = document.querySelector('seat-map');
    const box = /** @type {Element} */ (document.querySelector('.hall-canvas')).getBoundingClientRect();
    const rows = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');
    const all = [...rows, ...rows.slice(0, 24).map((letter) => `A${letter}`)];
    let best = '';
    let least = Infinity;
    for (let section = 101; section <= 220; section += section === 120 ? 81 : 1) {
      for (const row of all) {
        const first = map.rectOf(`${section}/${row}1`);
        if (!first || Math.abs(first.top + first.height / 2 - box.top - top) > 60) continue;
        for (let number = 1; number <= 50; number += 1) {
          const name = `${section}/${row}${number}`;
          const rect = map.rectOf(name);
          const away = Math.hypot(rect.left + rect.width / 2 - box.left - left, rect.top + rect.height / 2 - box.top - top);
          if (away < least) [best, least] = [name, away];
        }
      }
    }
    return least < 30 ? best : '';
  }, [x, y]);
  for (const zoom of ['', 'Zoom in', 'Zoom in']) {
    if (zoom) await page.getByRole('button', { name: zoom }).click();
    const box = await canvas.boundingBox();
    const at = [Math.round(box.width / 2) + 3, Math.round(box.height / 2) + 3];
    await page.evaluate(() => new Promise(requestAnimationFrame));
    const wanted = await label(at[0], at[1]);
    assert.notEqual(wanted, '', 'a seat in the middle');
    await canvas.click({ position: { x: at[0], y: at[1] } });
    await visitor.sees(wanted, 'picked');
    await page.keyboard.press('Escape');
    await page.evaluate(() => document.querySelector('seat-map')?.focusSeats());
    await page.keyboard.press('Escape');
    await visitor.sees(wanted, 'available');
  }
  const ann = await house.customer('ann');
  await ann.must('POST', '/shows/1/holds', { seats: ['101/A1', '220/AX50'] });
  await visitor.sees('101/A1', 'held', 2000);
  await visitor.sees('220/AX50', 'held', 2000);
  assert.deepEqual(await visitor.counters(), [99_998, 2, 0]);
  await visitor.leave();
});

it('is walked through by keyboard: real buttons lie over the seats in focus', { timeout: 90_000 }, async () => {
  const visitor = await Visitor.come(browser, house);
  const { page } = visitor;
  await visitor.goTo('/show/1');
  await page.locator('canvas.hall-canvas').waitFor();
  await page.evaluate(() => document.querySelector('seat-map')?.focusSeats());
  for (const [key, wanted] of [['Control+Home', '101/A1'], ['ArrowRight', '101/A2'], ['ArrowDown', '101/B2'], ['End', '101/B50'], ['PageDown', '102/A1'], ['Control+End', '220/AX50'], ['ArrowLeft', '220/AX49']]) {
    await page.keyboard.press(key);
    assert.equal(await page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).dataset.seat), wanted, key);
    const apart = await page.evaluate((name) => {
      const button = /** @type {Element} */ (document.activeElement).getBoundingClientRect();
      const drawn = document.querySelector('seat-map').rectOf(name);
      return Math.hypot(button.left + button.width / 2 - drawn.left - drawn.width / 2, button.top + button.height / 2 - drawn.top - drawn.height / 2);
    }, wanted);
    assert.ok(apart < 2, `${wanted}: the ring is ${apart} px off`);
  }
  await page.keyboard.press('Enter');
  await visitor.sees('220/AX49', 'picked');
  assert.match(String(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))), /^Section 220, Row AX, seat 49, selected, upper, /);
  await visitor.leave();
});
