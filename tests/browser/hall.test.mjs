// A stadium: a hundred thousand seats on one canvas, still quick, still for keyboards and readers.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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

it('the script that draws it is on its way before any script runs', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.come(browser, house);
  const page = await visitor.page.goto('/show/1');
  const named = [...(page?.headers().link ?? '').matchAll(/\/([\w-]+\.js)>; rel=modulepreload/g)].map(([, name]) => name);
  assert.deepEqual(named, ['seat-canvas.js']);
  await visitor.page.locator('canvas.hall-canvas').waitFor();
  const asked = await visitor.page.evaluate(() => performance.getEntriesByType('resource').map((entry) => {
    const { name, startTime, responseEnd } = /** @type {PerformanceResourceTiming} */ (entry);
    return { name: name.split('/').pop() ?? '', began: startTime, came: responseEnd };
  }));
  const here = Number(asked.find(({ name }) => name === 'app.js')?.came);
  assert.deepEqual(asked.filter(({ name }) => name === 'seat-canvas.js').map(({ began }) => began < here), [true]);
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

/** The colour at a seat's left edge, where no number or mark is. @param {import('playwright-core').Page} page @param {string} label */
const painted = (page, label) => page.evaluate((name) => {
  const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector('.hall-canvas'));
  const [box, seat] = [canvas.getBoundingClientRect(), document.querySelector('seat-map').rectOf(name)];
  const ratio = canvas.width / box.width;
  const [x, y] = [seat.left + seat.width * 0.12 - box.left, seat.top + seat.height * 0.4 - box.top];
  return [.../** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')).getImageData(Math.round(x * ratio), Math.round(y * ratio), 1, 1).data].slice(0, 3).join();
}, label);

/** It is drawn within a moment. @param {import('playwright-core').Page} page @param {string} label @param {string} wanted */
async function isPainted(page, label, wanted) {
  const deadline = Date.now() + 5000;
  for (;;) {
    const colour = await painted(page, label);
    if (colour === wanted) return;
    assert.ok(Date.now() < deadline, `${label} is ${colour}, not ${wanted}`);
  }
}

it('forced colours reach the canvas: seats are drawn as the legend shows them', { timeout: 60_000 }, async () => {
  const visitor = await Visitor.come(browser, house, { forcedColors: 'active' });
  const { page } = visitor;
  await visitor.goTo('/show/1');
  await page.locator('canvas.hall-canvas').waitFor();
  await page.evaluate(() => document.querySelector('seat-map')?.focusSeats('110/M20'));
  await visitor.sees('110/M20', 'available');
  const shown = await page.locator('.legend .seat[data-state="available"]').first().evaluate((sample) => String(getComputedStyle(sample).backgroundColor.match(/\d+, \d+, \d+/)).replace(/ /g, ''));
  await isPainted(page, '110/M20', shown);
  await visitor.leave();
});

it('what is painted follows the seat, the size and the theme', { timeout: 90_000 }, async () => {
  const visitor = await Visitor.come(browser, house);
  const { page } = visitor;
  await visitor.goTo('/show/1');
  await page.locator('canvas.hall-canvas').waitFor();
  await page.evaluate(() => document.querySelector('seat-map')?.focusSeats('110/M20'));
  const turns = (label, wanted) => isPainted(page, label, wanted);
  const dark = { free: '21,155,165', held: '246,177,50' };
  await turns('110/M20', dark.free);
  const zoe = await house.customer('zoe');
  const hold = await zoe.must('POST', '/shows/1/holds', { seats: ['110/M20'] });
  await turns('110/M20', dark.held);
  await page.keyboard.press('+');
  await turns('110/M20', dark.held);
  await turns('110/M22', dark.free);
  await zoe.must('DELETE', `/holds/${hold.id}`);
  await turns('110/M20', dark.free);
  await page.emulateMedia({ colorScheme: 'light' });
  await turns('110/M20', '3,144,201');
  await visitor.leave();
});

it('the ring stays on its seat while the hall is moved by a wheel', { timeout: 90_000 }, async () => {
  const visitor = await Visitor.come(browser, house);
  const { page } = visitor;
  await visitor.goTo('/show/1');
  await page.locator('canvas.hall-canvas').waitFor();
  await page.evaluate(() => document.querySelector('seat-map')?.focusSeats('110/M20'));
  for (const wheel of [{ deltaX: 60 }, { deltaY: -12, ctrlKey: true }, { deltaY: 40 }]) {
    const apart = await page.evaluate((turn) => new Promise((done) => {
      document.querySelector('.hall-canvas')?.dispatchEvent(new WheelEvent('wheel', { bubbles: true, cancelable: true, clientX: 400, clientY: 500, ...turn }));
      requestAnimationFrame(() => {
        const ring = /** @type {Element} */ (document.activeElement).getBoundingClientRect();
        const seat = document.querySelector('seat-map').rectOf('110/M20');
        done(Math.hypot(ring.left + ring.width / 2 - seat.left - seat.width / 2, ring.top + ring.height / 2 - seat.top - seat.height / 2));
      });
    }), wheel);
    assert.ok(apart < 2, `${JSON.stringify(wheel)}: ${apart} px off`);
  }
  await visitor.leave();
});
