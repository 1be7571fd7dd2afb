// Every page at every width: nothing scrolls sideways, nothing breaks inside a number.

import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { House, MANAGER, Visitor, openBrowser } from './stage.mjs';

/** @type {House} */
let house;
/** @type {import('playwright-core').Browser} */
let browser;
let long = 0;
let wide = 0;
before(async () => {
  browser = await openBrowser();
  house = await House.open();
  const manager = await house.client(MANAGER);
  const [film] = (await manager.must('GET', '/movies')).data;
  const word = await manager.must('POST', '/movies', { title: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerk'.repeat(2), minutes: 90 });
  const hall = await manager.must('POST', '/screens', { name: 'Long hall', rows: 'A-P:32' });
  const show = (movie, days) => manager.must('POST', '/shows', { movie, screen: hall.id, starts_at: new Date(Date.now() + days * 86_400_000).toISOString(), price: { amount_minor: 1250, currency: 'EUR' } }).then(({ id }) => id);
  [long, wide] = [await show(word.id, 2), await show(film.id, 3)];
});
after(async () => {
  await browser?.close();
  await house?.close();
});

const come = async (width, who = MANAGER) => {
  const visitor = await Visitor.come(browser, house, { viewport: { width, height: 844 } });
  await visitor.isSignedIn(who);
  return visitor;
};
const patient = { timeout: 120_000 };

/** A page is measured until it has settled. @template T @param {() => Promise<T>} read @param {T} wanted @param {string} [what] */
const becomes = async (read, wanted, what) => {
  let last = await read();
  for (let left = 60; left && !isDeepStrictEqual(last, wanted); left -= 1) {
    await new Promise((go) => void setTimeout(go, 50));
    last = await read();
  }
  assert.deepEqual(last, wanted, what);
};

it('no page scrolls sideways, also with a word longer than the page', patient, async () => {
  const visitor = await come(390);
  const { page } = visitor;
  for (const [path, there] of [['/status', '.status dd'], [`/show/${long}`, '#seat-grid'], [`/desk?show=${long}`, '#seat-grid'], ['/now', '.slot'], ['/desk/stats', 'table'], ['/desk/log', '.log-table tbody tr'], ['/admin/shows', 'table'], ['/admin/movies', 'table'], ['/admin/screens', 'table']]) {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(path);
    await page.locator(there).first().waitFor();
    for (const width of [390, 320, 768, 1024, 1440]) {
      await page.setViewportSize({ width, height: 844 });
      const beyond = () => page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth));
      await becomes(beyond, 0, `${path} at ${width} is too wide`);
    }
  }
  await page.goto('/status');
  await visitor.reads('.status dd', /Ready to sell/);
  await page.setViewportSize({ width: 320, height: 844 });
  const narrow = () => page.locator('.status :is(dt, dd)').evaluateAll((all) => all.filter((each) => each.clientWidth < 120).map((each) => each.textContent));
  await becomes(narrow, [], 'words stand in lines, not in columns of letters');
  await visitor.leave();
});

it('a long word pushes nothing out: not the buttons of a dialog, not the facts of a film, not the end of a table', patient, async () => {
  const visitor = await come(390);
  const { page } = visitor;
  await visitor.goTo(`/show/${long}`);
  assert.ok((await page.locator('#movie-poster').evaluate((poster) => poster.getBoundingClientRect().width)) > 40, 'what stands in for a poster has its place');
  const before = () => page.evaluate(() => {
    const words = /** @type {Element} */ (document.querySelector('.film-words')).getBoundingClientRect();
    return [...document.querySelectorAll('.film-facts span')].flatMap((span) => [...span.getClientRects()]).filter((part) => part.left < words.left - 1 || part.right > words.right + 1).length;
  });
  await becomes(before, 0, 'facts beside their place');
  await page.locator('#btn-best').click();
  await page.locator('#btn-hold').click();
  await visitor.reads('#btn-book', /Confirm 1 seat/);
  await page.locator('#btn-book').click();
  const dialog = page.locator('dialog.success-dialog');
  await dialog.waitFor();
  assert.ok(await dialog.evaluate((each) => each.scrollWidth <= each.clientWidth), 'the dialog is as wide as its words');
  await page.keyboard.press('Escape');
  const manager = await visitor.house.client(MANAGER);
  const hall = await manager.must('POST', '/screens', { name: 'A hall whose name is long enough for two lines, third floor', rows: 'stalls/A-D:32' });
  const [{ id: movie }] = (await manager.must('GET', '/movies')).data;
  const show = await manager.must('POST', '/shows', { movie, screen: hall.id, starts_at: new Date(Date.now() + 5 * 86_400_000).toISOString(), price: { amount_minor: 123_456_700, currency: 'EUR' } });
  await visitor.goTo(`/show/${show.id}`);
  for (const left of [0, 200, 9999]) {
    const inside = () => page.locator('.map-scroll').evaluate((map, left) => {
      map.scrollLeft = left;
      const [frame, name] = [map, map.querySelector('.section-name')].map((each) => /** @type {Element} */ (each).getBoundingClientRect());
      return name.left >= frame.left && name.right <= frame.right;
    }, left);
    await becomes(inside, true, `the section's name at ${left}`);
  }
  await page.setViewportSize({ width: 1440, height: 844 });
  await page.goto('/admin/shows');
  await visitor.reads('table', /third floor/);
  await becomes(() => page.locator('.table-box').evaluate((box) => Math.max(0, box.scrollWidth - box.clientWidth)), 0, 'the table is as wide as its card');
  await visitor.leave();
});

it('amounts, times and shares stand on one line each', patient, async () => {
  const visitor = await come(1024);
  const { page } = visitor;
  for (const path of ['/desk/stats', '/admin/shows', '/admin/movies']) {
    await page.setViewportSize({ width: 1024, height: 844 });
    await page.goto(path);
    await page.locator('table').first().waitFor();
    for (const width of [768, 899, 920, 1024]) {
      await page.setViewportSize({ width, height: 844 });
      const broken = () => page.locator('td').evaluateAll((cells) => cells.filter((cell) => /\d/.test(cell.textContent ?? '')).filter((cell) => {
        const text = document.createRange();
        text.selectNodeContents(cell);
        return text.getBoundingClientRect().height > 34;
      }).map((cell) => cell.textContent));
      await becomes(broken, [], `${path} at ${width}`);
    }
  }
  await page.setViewportSize({ width: 768, height: 844 });
  await page.goto('/desk/log');
  await page.locator('.log-table tbody tr').first().waitFor();
  const share = () => page.locator('.log-tools > :is(select, button)').evaluateAll((all) => {
    const middles = all.map((each) => each.getBoundingClientRect()).map(({ top, height }) => top + height / 2);
    return middles.length > 1 && Math.max(...middles) - Math.min(...middles) < 8;
  });
  await becomes(share, true, 'the tools of the log share a line');
  await page.setViewportSize({ width: 1440, height: 844 });
  await page.goto('/now?date=2031-01-01');
  const across = () => page.locator('.poster-grid, .poster-grid > .empty').evaluateAll((all) => {
    const [card, grid] = all.map((each) => each.clientWidth);
    return Math.abs(card - grid) < 4;
  });
  await becomes(across, true, 'a day without shows is told across the page');
  await visitor.leave();
});

it('a hall wider than the page keeps its row names in sight, and shows that there is more', patient, async () => {
  for (const width of [390, 1440]) {
    const visitor = await come(width);
    const { page } = visitor;
    await visitor.goTo(`/show/${wide}`);
    const box = page.locator('.map-scroll');
    const names = () => page.evaluate(() => {
      const box = /** @type {Element} */ (document.querySelector('.map-scroll')).getBoundingClientRect();
      return [...document.querySelectorAll('.row-name:not(.far)')].filter((each) => {
        const { left, right, width } = each.getBoundingClientRect();
        return width > 0 && left >= box.left - 1 && right <= box.right + 1;
      }).map((each) => each.textContent).join('');
    });
    const edges = () => box.evaluate((element) => [element.hasAttribute('data-before'), element.hasAttribute('data-behind')]);
    const scrolled = async (to) => {
      await box.evaluate((element, share) => (element.scrollLeft = share * (element.scrollWidth - element.clientWidth)), to);
    };
    await becomes(edges, [true, true], `opens on the middle at ${width}`);
    for (const [to, hints] of /** @type {[number, boolean[]][]} */ ([[0.5, [true, true]], [0, [false, true]], [1, [true, false]]])) {
      await scrolled(to);
      await becomes(names, 'ABCDEFGHIJKLMNOP', `scrolled by ${to} at ${width}`);
      await becomes(edges, hints);
    }
    const level = await page.locator('.seat-row').evaluateAll((rows) => rows.every((row) => new Set([...row.querySelectorAll('.row-name')].filter((each) => each.clientWidth).map((each) => Math.round(each.getBoundingClientRect().top))).size === 1));
    assert.ok(level, 'both names of a row stand in it');
    await visitor.seat('C20').focus();
    const [seat, name] = await page.evaluate(() => ['[data-seat="C20"]', '.row-name'].map((each) => /** @type {Element} */ (document.querySelector(each)).getBoundingClientRect().left));
    assert.ok(seat > name, 'what has the focus is not below a row name');
    await page.getByRole('button', { name: 'Whole hall' }).click();
    if (width === 1440) await becomes(edges, [false, false], 'all of it is to be seen');
    await visitor.leave();
  }
});

it('what is said lies over nothing that is pressed next', patient, async () => {
  const visitor = await come(768);
  const { page } = visitor;
  for (const [width, height] of [[768, 900], [800, 500], [1024, 768], [1087, 700], [1100, 700], [1440, 900]]) {
    await page.setViewportSize({ width, height });
    await visitor.goTo('/show/1');
    const hold = page.locator('#btn-hold');
    for (const above of [30, 60, 0.5 * height]) {
      await hold.evaluate((button, edge) => window.scrollBy(0, button.getBoundingClientRect().bottom + edge - window.innerHeight), above);
      await hold.evaluate((/** @type {HTMLElement} */ button) => button.click());
      await visitor.reads('#toasts', /Pick a seat first/);
      for (const id of ['#btn-hold', '#btn-book']) {
        const over = await page.locator(id).evaluate((button) => {
          const said = /** @type {Element} */ (document.querySelector('.toast')).getBoundingClientRect();
          const { left, right, top, bottom } = button.getBoundingClientRect();
          return said.left < right && said.right > left && said.top < bottom && said.bottom > top;
        });
        assert.equal(over, false, `${id} at ${width} by ${height}, ${above} above the edge`);
      }
    }
  }
  await visitor.leave();
});
