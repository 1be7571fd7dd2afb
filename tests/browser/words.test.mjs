// What the page says: true, in words for people, and the same word for the same thing.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { browser, house } from './house.mjs';
import { MANAGER, Visitor } from './stage.mjs';

const patient = { timeout: 90_000 };

it('where there is no show to look at, the line is open all the same and told so', patient, async () => {
  const visitor = await Visitor.come(browser, house);
  for (const path of ['/nowhere', '/now?date=2031-01-01', '/show/999999']) {
    await visitor.page.goto(path);
    await visitor.page.locator('main h1').waitFor();
    await visitor.reads('#live-word', /^Live$/);
  }
  await visitor.page.goto('/nowhere');
  await visitor.reads('main', /No such page/);
  assert.equal(await visitor.page.locator('#nav [aria-current]').count(), 0, 'this page is none of those');
  await visitor.page.goto('/now?date=2031-01-01');
  await visitor.reads('#nav [aria-current]', /^Now$/);
  await visitor.leave();
});

it('a name is asked for, a busy screen names the show, a show is cancelled by that name', patient, async () => {
  const visitor = await Visitor.come(browser, house);
  const { page } = visitor;
  await page.goto('/register');
  await page.fill('#password', 'a good long phrase');
  await page.getByRole('button', { name: 'Create account' }).click();
  await visitor.reads('.field-error', /^Must be 1 to 64 printable characters, no space at either end\.$/);
  await visitor.isSignedIn(MANAGER);
  const manager = await house.client(MANAGER);
  const [show] = (await manager.must('GET', '/shows')).data;
  await page.goto('/admin/shows');
  await page.getByRole('button', { name: /^Cancel show: / }).first().waitFor();
  await page.getByRole('button', { name: 'Add a show' }).click();
  await page.getByLabel('Screen').selectOption(String(show.screen));
  await page.getByLabel('Starts').fill(show.starts_at.slice(0, 16));
  await page.getByRole('button', { name: 'Save' }).click();
  await visitor.reads('dialog .form-error', /The screen is busy then: \D+, \w+ \d+ \w+ \d\d:\d\d until \d\d:\d\d\./);
  await visitor.leave();
});

it('a seat that staff keep back has one name, and what is not typed yet can be read', patient, async () => {
  const manager = await house.client(MANAGER);
  await manager.must('POST', '/shows/1/blocks', { seats: ['A1'], reason: 'test' });
  for (const colorScheme of /** @type {const} */ (['dark', 'light'])) {
    const visitor = await Visitor.come(browser, house, { colorScheme });
    await visitor.isSignedIn(MANAGER);
    await visitor.goTo('/show/1');
    await visitor.page.getByRole('button', { name: /^Row A, seat 1, aisle, off sale/ }).waitFor();
    assert.doesNotMatch(await visitor.page.locator('main').innerText(), /not for sale/i);
    await visitor.page.goto('/desk?show=1');
    await visitor.page.locator('#desk-search').waitFor();
    const contrast = await visitor.page.locator('#desk-search').evaluate((input) => {
      const light = (colour) => {
        const canvas = new OffscreenCanvas(1, 1).getContext('2d');
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((each) => (each / 255 <= 0.04045 ? each / 255 / 12.92 : ((each / 255 + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
      };
      const [a, b] = [light(getComputedStyle(input, '::placeholder').color), light(getComputedStyle(input).backgroundColor)];
      return Math.max(a, b) / Math.min(a, b);
    });
    assert.ok(contrast >= 4.5, `${contrast.toFixed(2)} in ${colorScheme}`);
    await visitor.leave();
  }
});

it('pictures in a title have their colours, paper is white, the last show before a day is not called the next', patient, async () => {
  const manager = await house.client(MANAGER);
  const film = await manager.must('POST', '/movies', { title: 'Popcorn 🍿 Night', minutes: 90 });
  const [{ id: screen }] = (await manager.must('GET', '/screens')).data;
  const show = await manager.must('POST', '/shows', { movie: film.id, screen, starts_at: new Date(Date.now() + 9 * 86_400_000).toISOString(), price: { amount_minor: 900, currency: 'EUR' } });
  const visitor = await Visitor.come(browser, house);
  const { page } = visitor;
  await visitor.isSignedIn(MANAGER);
  await visitor.goTo(`/show/${show.id}`);
  await visitor.reads('#movie-title', /^Popcorn 🍿 Night$/);
  const alpha = (selector) => page.locator(selector).evaluate((each) => !/, 0\)$|transparent/.test(getComputedStyle(each).color));
  assert.deepEqual([await alpha('#movie-title'), await alpha('#movie-title .emoji')], [false, true]);
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), 'light');
  await page.emulateMedia({ media: 'screen' });
  await page.goto('/now?date=2031-01-01');
  await visitor.reads('main', /The last show before is/);
  await page.goto('/?date=2031-01-01');
  await visitor.reads('.show-list', /The last show before is/);
  await page.goto('/admin/screens');
  await page.getByRole('button', { name: 'Add a screen' }).click();
  await page.getByLabel('Name').fill('Attic');
  await page.getByLabel('Rows').fill('A-E');
  await page.getByRole('button', { name: 'Save' }).click();
  await visitor.reads('dialog .field-error', /^This is no seating plan: /);
  await visitor.leave();
});
