// What the binary serves: the sources and nothing more, within the budget, under a strict policy;
// and a page for addresses that lead nowhere.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import ts from 'typescript';
import { House, Visitor, openBrowser } from './stage.mjs';

const folder = join(import.meta.dirname, '../../seatcore-http/dashboard');
const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'));
const source = (name) => readFileSync(join(folder, name), 'utf8');
/** Pages that are entered by an address of their own. */
const ENTRIES = ['board', 'now', 'checkout', 'sign-in', 'tickets', 'desk', 'desk-stats', 'desk-log', 'status', 'admin', 'admin-shows', 'admin-movies', 'admin-screens', 'admin-users'];
/** Served from the folder while somebody works on them: then these are no questions about the binary. */
const skip = process.env.SEATCORE_DASHBOARD ? 'the dashboard comes from a folder' : false;

/** @type {House} */
let house;
before(async () => {
  house = await House.open();
});
after(() => house?.close());

/** Bytes as they cross the wire. @param {string} path @returns {Promise<{bytes: number, encoding: string}>} */
const weigh = (path) => new Promise((done, fail) => {
  request(`${house.url}${path}`, { headers: { 'Accept-Encoding': 'gzip' } }, (answer) => {
    let bytes = 0;
    answer.on('data', (piece) => (bytes += piece.length));
    answer.on('end', () => done({ bytes, encoding: answer.headers['content-encoding'] ?? '' }));
  }).on('error', fail).end();
});

/** A module and all that it cannot run without. @param {string} name @param {Set<string>} [found] */
function closure(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const [, other] of source(name).matchAll(/^(?:import|export) .*from '\.\/([\w-]+\.js)';$/gm)) closure(other, found);
  return found;
}

it('a script is served as it was written, but for its comments', { skip }, async () => {
  const code = (text) => ts.transpileModule(text, { compilerOptions: { removeComments: true, target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext } }).outputText;
  for (const name of scripts) {
    const served = await (await fetch(`${house.url}/assets/${name}`)).text();
    assert.equal(code(served).replace(/\n+/g, '\n'), code(source(name)).replace(/\n+/g, '\n'), name);
    assert.doesNotMatch(served, /^\s*\/\//m, name);
  }
});

it('no page needs more than 60 kB of scripts and 15 kB of styles, compressed', { skip }, async () => {
  const weights = new Map();
  for (const name of readdirSync(folder).filter((each) => /\.(js|css)$/.test(each))) {
    const { bytes, encoding } = await weigh(`/assets/${name}`);
    assert.equal(encoding, 'gzip', name);
    weights.set(name, bytes / 1000);
  }
  const sum = (names) => [...names].reduce((total, name) => total + weights.get(name), 0);
  const pages = ENTRIES.map((entry) => [entry, sum(closure(`${entry}.js`, closure('app.js')))]);
  pages.push(['board of a large hall', sum(closure('seat-canvas.js', closure('board.js', closure('app.js'))))]);
  const styles = sum([...weights.keys()].filter((name) => name.endsWith('.css')));
  console.log(`styles ${styles.toFixed(1)} kB of 15; scripts of 60: ${pages.map(([entry, kB]) => `${entry} ${kB.toFixed(1)}`).join(', ')}; all pages together ${sum(scripts).toFixed(1)} kB`);
  for (const [entry, kB] of pages) assert.ok(kB <= 60, `${entry}: ${kB} kB`);
  assert.ok(styles <= 15, `${styles} kB`);
});

it('the policy allows nothing from elsewhere and nothing inline', async () => {
  const answer = await fetch(`${house.url}/`);
  const policy = answer.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'self'/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  assert.doesNotMatch(await answer.text(), /<script(?![^>]*\ssrc=)|\son\w+=|\sstyle=/);
});

it('an address that leads nowhere is a page for people and a problem for programs', async () => {
  for (const path of ['/no/such/page', '/analytics', '/desk/nothing', '/admin/nothing', '/shows']) {
    const page = await fetch(`${house.url}${path}`, { headers: { Accept: 'text/html,application/xhtml+xml' } });
    assert.equal(page.status, 404, path);
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/, path);
    const problem = await fetch(`${house.url}${path}`, { headers: { Accept: 'application/json' } });
    assert.equal(problem.status, 404);
    assert.equal((await problem.json()).code, 'not_found');
  }
  const data = await fetch(`${house.url}/api/v1/nothing`, { headers: { Accept: 'text/html' } });
  assert.match(data.headers.get('content-type') ?? '', /problem\+json/);
  const browser = await openBrowser();
  const visitor = await Visitor.come(browser, house);
  await visitor.page.goto('/no/such/page');
  await visitor.reads('main h1', /No such page/);
  await visitor.page.getByRole('link', { name: 'To the live board' }).click();
  await visitor.page.locator('#seat-grid').waitFor();
  await visitor.leave();
  await browser.close();
});
