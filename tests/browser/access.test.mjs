// Every page for every eye: axe on each route in both themes and for each role, with dialogs and
// messages open; narrow, enlarged and colourless screens.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { DEMO, House, MANAGER, Visitor, kept, openBrowser } from './stage.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** @type {House} */
let house;
/** @type {import('playwright-core').Browser} */
let browser;
let code = '';
before(async () => {
  browser = await openBrowser();
  house = await House.open();
  const demo = await house.client(DEMO);
  const hold = await demo.must('POST', '/shows/1/holds', { seats: ['C5', 'C6'] });
  const booking = await demo.must('POST', `/holds/${hold.id}/book`, {});
  code = booking.tickets[0].code;
  await demo.must('POST', '/shows/1/holds', { seats: ['D1', 'D2'] });
  const manager = await house.client(MANAGER);
  await manager.must('POST', '/shows/1/blocks', { seats: ['A1'], reason: 'broken armrest' });
  await manager.must('POST', '/shows/1/holds', { seats: ['E5'] });
});
after(async () => {
  await browser?.close();
  await house?.close();
});

/** @param {import('playwright-core').Page} page @param {string} where */
async function isClean(page, where) {
  // CSP keeps strangers' scripts out; the debugger's are not of the page.
  await page.evaluate(AXE);
  const violations = await page.evaluate(async (tags) => {
    const result = await window.axe.run(document, { runOnly: tags });
    return result.violations.map((each) => `${each.id}: ${each.help}\n   ${each.nodes.slice(0, 4).map((node) => `${node.target.join(' ')} ${node.failureSummary?.split('\n')[1] ?? ''}`).join('\n   ')}`);
  }, TAGS);
  assert.deepEqual(violations, [], where);
}

/** A path as a name of a file. @param {string} path */
const named = (path) => path.replace(code, 'code').replace(/\W+/g, '-').replace(/^-|-$/g, '') || 'board';

/** The page stands when its heading does and nothing is loading. @param {import('playwright-core').Page} page */
async function stands(page) {
  await page.locator('main h1, main h2').first().waitFor();
  await page.waitForFunction(() => !document.querySelector('[aria-busy]') && (!document.querySelector('seat-map') || document.querySelector('#seat-grid')));
}

const ROUTES = {
  guest: ['/', '/show/3', '/now', '/checkout', '/sign-in', '/register', '/tickets', '/desk', '/show/999', '/status', '/no/such/page'],
  customer: ['/show/1', '/checkout', '/tickets', () => `/tickets/${code}`, '/desk'],
  manager: ['/desk', '/desk/stats', '/desk/log', '/status', '/admin/shows', '/admin/movies', '/admin/screens', '/admin/users'],
};
const PEOPLE = { guest: null, customer: DEMO, manager: MANAGER };

describe('axe finds nothing', () => {
  for (const [role, routes] of Object.entries(ROUTES)) {
    for (const colorScheme of /** @type {const} */ (['dark', 'light'])) {
      it(`for a ${role}, ${colorScheme}`, { timeout: 300_000 }, async () => {
        const visitor = await Visitor.come(browser, house, { colorScheme });
        if (PEOPLE[role]) await visitor.isSignedIn(PEOPLE[role]);
        for (const route of routes) {
          const path = typeof route === 'function' ? route() : route;
          await visitor.page.goto(path);
          await stands(visitor.page);
          await isClean(visitor.page, `${path}, ${role}, ${colorScheme}`);
          await visitor.page.screenshot({ path: kept(`${named(path)}-${role}-1440-${colorScheme}.png`), fullPage: true });
        }
        await visitor.leave();
      });
    }
  }

  for (const colorScheme of /** @type {const} */ (['dark', 'light'])) {
    it(`with dialogs and messages open, ${colorScheme}, on a phone`, { timeout: 300_000 }, async () => {
      const visitor = await Visitor.come(browser, house, { colorScheme, viewport: { width: 390, height: 844 } });
      const { page } = visitor;
      await visitor.goTo('/show/1');
      await visitor.seat('B5').click();
      await page.click('#btn-hold');
      await page.locator('dialog').waitFor();
      await visitor.fillSignIn({ name: DEMO.name, password: 'wrong' });
      await page.locator('.form-error:not([hidden])').waitFor();
      await isClean(page, 'sign-in dialog with an error');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Choose from a list' }).click();
      await isClean(page, 'list dialog');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Keyboard help' }).click();
      await isClean(page, 'help dialog');
      await page.keyboard.press('Escape');
      await page.locator('#btn-book').click();
      await page.locator('.toast').waitFor();
      await isClean(page, 'a message');
      await visitor.leave();
    });
  }
});

it('while the line is down the seats look old and stay readable', { timeout: 90_000 }, async () => {
  const visitor = await Visitor.come(browser, house, { colorScheme: 'light' });
  await visitor.context.route(/\/(api\/v1\/events|healthz)/, (route) => route.abort());
  await visitor.page.goto('/show/1');
  await stands(visitor.page);
  await visitor.page.locator('seat-map[data-stale]').waitFor();
  await isClean(visitor.page, 'seats that may be old');
  const [fresh, old] = await visitor.page.locator('.map-frame').evaluate((frame) => {
    const look = () => getComputedStyle(frame).filter + getComputedStyle(frame).borderStyle;
    const before = look();
    frame.closest('seat-map')?.removeAttribute('data-stale');
    return [look(), before];
  });
  assert.notEqual(old, fresh);
  await visitor.leave();
});

describe('the page fits', () => {
  const routes = ['/show/1', '/now', '/checkout', '/tickets', '/desk', '/desk/stats', '/desk/log', '/admin/shows', '/admin/movies'];
  for (const [width, zoom] of /** @type {const} */ ([[320, 1], [390, 1], [390, 2], [768, 1], [1440, 1], [1920, 1]])) {
    it(`${width} px wide with text at ${zoom * 100} %`, { timeout: 180_000 }, async () => {
      const visitor = await Visitor.come(browser, house, { viewport: { width, height: 800 } });
      await visitor.isSignedIn(MANAGER);
      for (const route of routes) {
        await visitor.page.goto(route);
        await stands(visitor.page);
        if (zoom !== 1) await visitor.page.evaluate((size) => (document.documentElement.style.fontSize = size), `${zoom * 100}%`);
        const over = await visitor.page.evaluate(() => {
          const limit = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= limit) return [];
          return [...document.querySelectorAll('body *')].filter((each) => each.getBoundingClientRect().right > limit + 1 && !each.closest('.map-scroll, .show-list, .table-box')).slice(0, 5).map((each) => `${each.tagName}.${each.className}`).concat(`${document.documentElement.scrollWidth} px`);
        });
        assert.deepEqual(over, [], route);
        await visitor.page.screenshot({ path: kept(`${named(route)}-manager-${width}-text-${zoom * 100}.png`) });
      }
      await visitor.leave();
    });
  }
});

describe('every state has a shape', () => {
  it('glyphs differ where colours do not, and forced colours keep them', { timeout: 60_000 }, async () => {
    const visitor = await Visitor.come(browser, house, { forcedColors: 'active' });
    await visitor.isSignedIn(DEMO);
    await visitor.goTo('/show/1');
    await visitor.seat('B1').click();
    await visitor.sees('D1', 'mine');
    await visitor.sees('C5', 'ticket');
    const looks = await visitor.page.evaluate((labels) => labels.map((label) => {
      const seat = /** @type {Element} */ (document.querySelector(`[data-seat="${label}"]`));
      const glyph = getComputedStyle(seat, '::after');
      return glyph.display === 'none' ? 'number' : glyph.maskImage;
    }), ['B2', 'E5', 'C5', 'A1', 'B1']);
    assert.ok(!looks.includes('none'), 'each has a shape of its own');
    assert.equal(new Set(looks).size, 5, 'free, held, mine, off sale and picked look different');
    await visitor.leave();
  });

  it('a screen reader hears a named grid, rows, seats with reasons, and the clock only now and then', { timeout: 60_000 }, async () => {
    const visitor = await Visitor.come(browser, house);
    await visitor.isSignedIn(DEMO);
    await visitor.goTo('/show/1');
    const { page } = visitor;
    const grid = page.getByRole('grid', { name: 'Seats' });
    assert.equal(await grid.getByRole('row').count(), 5);
    assert.equal(await page.getByRole('button', { name: /^Row C, seat 7, available, €100\.00$/ }).count(), 1);
    assert.equal(await page.getByRole('button', { name: /^Row A, seat 1, aisle, off sale/ }).getAttribute('aria-disabled'), 'true');
    await visitor.seat('E5').click({ force: true });
    await visitor.reads('#polite', /E5 is held by someone else/);
    const spoken = await page.evaluate(() => new Promise((done) => {
      let changes = 0;
      const watch = new MutationObserver((list) => (changes += list.length));
      for (const region of document.querySelectorAll('[aria-live]:not([aria-live=off])')) watch.observe(region, { childList: true, characterData: true, subtree: true });
      const from = document.querySelector('.timer-digits')?.textContent;
      const look = setInterval(() => {
        const now = document.querySelector('.timer-digits')?.textContent;
        if (from === now) return;
        clearInterval(look);
        done(changes);
      }, 50);
    }));
    assert.equal(spoken, 0, 'a second passed in silence');
    await visitor.leave();
  });
});
