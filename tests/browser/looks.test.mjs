// Every state of a seat is told from every other without its colour: in grey, to three kinds of
// colour-blind eyes, in forced colours. The pictures are kept under `target/browser`.

import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { DEMO, House, MANAGER, Visitor, kept, openBrowser } from './stage.mjs';

/** One seat of each state. */
const SEATS = { available: 'B2', held: 'E5', booked: 'C8', blocked: 'A1', picked: 'B5', mine: 'D1', ticket: 'C5' };
const EYES = ['none', 'achromatopsia', 'protanopia', 'deuteranopia', 'tritanopia'];
/** Of 255, in brightness alone and on average over a seat: less is no difference to the eye. */
const LEAST = 9;

/** @type {House} */
let house;
/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await openBrowser();
  house = await House.open();
  const [demo, manager, other] = [await house.client(DEMO), await house.client(MANAGER), await house.customer('other')];
  const book = async (who, seats) => who.must('POST', `/holds/${(await who.must('POST', '/shows/1/holds', { seats })).id}/book`, {});
  await book(demo, ['C5']);
  await book(other, ['C8']);
  await demo.must('POST', '/shows/1/holds', { seats: ['D1'] });
  await other.must('POST', '/shows/1/holds', { seats: ['E5'] });
  await manager.must('POST', '/shows/1/blocks', { seats: ['A1'], reason: 'broken armrest' });
});
after(async () => {
  await browser?.close();
  await house?.close();
});

/** How far the brightness of the seats is from each other, for each pair. @param {import('playwright-core').Page} reader @param {Buffer} png @param {any[]} boxes */
const distances = (reader, png, boxes) => reader.evaluate(async ([data, places]) => {
  const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
  const tile = new OffscreenCanvas(24, 24);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (tile.getContext('2d', { willReadFrequently: true }));
  const grey = places.map(([name, box]) => {
    context.drawImage(picture, box.x, box.y, box.width, box.height, 0, 0, 24, 24);
    const pixels = context.getImageData(0, 0, 24, 24).data;
    return { name, light: Array.from({ length: 576 }, (_, at) => 0.2126 * pixels[at * 4] + 0.7152 * pixels[at * 4 + 1] + 0.0722 * pixels[at * 4 + 2]) };
  });
  return grey.flatMap((a, at) => grey.slice(at + 1).map((b) => [`${a.name}, ${b.name}`, a.light.reduce((sum, light, pixel) => sum + Math.abs(light - b.light[pixel]), 0) / 576]));
}, /** @type {const} */ ([png.toString('base64'), boxes]));

for (const look of /** @type {const} */ ([{ colorScheme: 'dark' }, { colorScheme: 'light' }, { colorScheme: 'light', forcedColors: 'active' }])) {
  const name = `${look.colorScheme}${'forcedColors' in look ? ', forced colours' : ''}`;
  it(`seven states are seven shapes: ${name}`, { timeout: 120_000 }, async () => {
    const visitor = await Visitor.come(browser, house, look);
    await visitor.isSignedIn(DEMO);
    await visitor.goTo('/show/1');
    const { page } = visitor;
    await visitor.seat(SEATS.picked).click();
    for (const [state, seat] of Object.entries(SEATS)) await visitor.sees(seat, state);
    await page.mouse.move(0, 0);
    await page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).blur());
    const reader = await (await browser.newContext()).newPage();
    const devtools = await visitor.context.newCDPSession(page);
    const frame = /** @type {{x: number, y: number, width: number, height: number}} */ (await page.locator('.map-frame').boundingBox());
    const boxes = await page.evaluate(([seats, left, top]) => Object.entries(seats).map(([state, seat]) => {
      const { x, y, width, height } = /** @type {HTMLElement} */ (document.querySelector(`[data-seat="${seat}"]`)?.parentElement).getBoundingClientRect();
      return [state, { x: x - left, y: y - top, width, height }];
    }), /** @type {const} */ ([SEATS, frame.x, frame.y]));
    for (const type of /** @type {any[]} */ (EYES)) {
      await devtools.send('Emulation.setEmulatedVisionDeficiency', { type });
      const png = await page.screenshot({ clip: frame, path: kept(`seats-${name.replace(/\W+/g, '-')}-${type}.png`) });
      const found = (await distances(reader, png, boxes)).sort((a, b) => a[1] - b[1]);
      console.log(`${name}, ${type}: nearest are ${found[0][0]}, ${found[0][1].toFixed(1)} apart`);
      assert.ok(found[0][1] >= LEAST, `${found[0]}`);
    }
    await reader.context().close();
    await visitor.leave();
  });
}
