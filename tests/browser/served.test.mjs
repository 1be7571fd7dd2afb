// What the binary serves: the sources, joined, and nothing more, within the budget, under a strict policy;
// and a page for addresses that lead nowhere.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import ts from 'typescript';
import { House, MANAGER, Visitor, openBrowser } from './stage.mjs';

const folder = join(import.meta.dirname, '../../seatcore-http/dashboard');
const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'));
const source = (name) => readFileSync(join(folder, name), 'utf8');
/** What pages need besides the scripts that every page begins with. */
const PAGES = {
  board: [], 'board of a large hall': ['seat-canvas.js'], 'sign-in': [], now: ['now.js'], checkout: ['checkout.js'], tickets: ['tickets.js'],
  desk: ['desk.js'], 'desk of a large hall': ['desk.js', 'seat-canvas.js'], 'desk-stats': ['desk-stats.js'], 'desk-log': ['desk-log.js'], status: ['status.js'],
  ...Object.fromEntries(['shows', 'movies', 'screens', 'users'].map((name) => [`admin-${name}`, ['admin.js', `admin-${name}.js`]])),
};
/** Served from the folder while somebody works on them: then these are no questions about the binary. */
const skip = process.env.SEATCORE_DASHBOARD ? 'the dashboard comes from a folder' : false;

/** @type {House} */
let house;
/** Every script that is served, by name. @type {Map<string, string>} */
const served = new Map();
before(async () => {
  house = await House.open();
  for (const name of scripts) {
    const answer = await fetch(`${house.url}/assets/${name}`);
    if (answer.ok) served.set(name, await answer.text());
  }
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

/** As a parser reads it, without comments. @param {string} text */
const code = (text) => ts.transpileModule(text, { compilerOptions: { removeComments: true, target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext } }).outputText.replace(/\n+/g, '\n');
const identifier = (name) => name.replace(/[-.]/g, '_');

/** What a module is among others in one file: it takes what it imports, and a function returns what it exports. @param {string} name */
function joined(name) {
  const file = ts.createSourceFile(name, source(name), ts.ScriptTarget.ESNext);
  const exported = [];
  const statements = file.statements.map((each) => {
    if (ts.isImportDeclaration(each)) {
      const bound = each.importClause?.namedBindings?.getText(file).replace('* as ', '');
      return `const ${bound} = ${identifier(/** @type {ts.StringLiteral} */ (each.moduleSpecifier).text.slice(2))};`;
    }
    const word = ts.canHaveModifiers(each) && ts.getModifiers(each)?.find(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    if (!word) return each.getText(file);
    exported.push(...(ts.isVariableStatement(each) ? each.declarationList.declarations : [each]).map((one) => /** @type {any} */ (one).name.text));
    return file.text.slice(word.end, each.end);
  });
  return `const ${identifier(name)} = (() => {${statements.join('\n')}\nreturn { ${exported.join(', ')} };\n})();`;
}

/** The module that a file is asked for: it imports from the functions before it, and exports as it always did. @param {string} name */
const last = (name) => source(name).replace(/^import (?:\* as )?(.*) from '\.\/(.*)';$/gm, (_, bound, from) => `const ${bound} = ${identifier(from)};`);

it('a script is served as it was written, but for its comments and for whose file it is in', { skip }, () => {
  const found = [];
  for (const [name, text] of served) {
    assert.doesNotMatch(text, /^\s*\/\/ (?![\w-]+\.js$)/m, name);
    if (name === 'early.js') {
      assert.equal(code(text), code(source(name)), name);
      found.push(name);
      continue;
    }
    const [, ...parts] = text.replace(/^export \{ .* \};\n(?![^])/m, '').split(/^\/\/ ([\w-]+\.js)\n/m);
    for (let at = 0; at < parts.length; at += 2) {
      const [part, body] = [parts[at], parts[at + 1]];
      found.push(part);
      assert.equal(code(body), code(part === name ? last(part) : joined(part)), `${part} in ${name}`);
    }
    assert.equal(parts.at(-2), name, 'runs last');
  }
  assert.deepEqual(found.sort(), [...scripts].sort(), 'each module is in one file');
});

it('the styles are one file, in the order in which the page names them', { skip }, async () => {
  const named = [...source('index.html').matchAll(/<link rel="stylesheet" href="\/assets\/(.*)">/g)].map(([, name]) => name);
  assert.deepEqual([...named].sort(), readdirSync(folder).filter((name) => name.endsWith('.css')).sort());
  const page = await (await fetch(`${house.url}/`)).text();
  const [style, ...others] = [...page.matchAll(/<link rel="stylesheet" href="(.*)">/g)].map(([, path]) => path);
  assert.deepEqual(others, []);
  assert.equal(await (await fetch(`${house.url}${style}`)).text(), named.map(source).join(''));
});

it('a page begins with two scripts, and with three if its hall is large or nobody goes there first', { skip }, async () => {
  const browser = await openBrowser();
  const visitor = await Visitor.come(browser, house);
  await visitor.isSignedIn(MANAGER);
  for (const [path, names] of /** @type {const} */ ([['/show/1', []], ['/sign-in', []], ['/now', ['now']], ['/desk', ['desk']], ['/admin/shows', ['admin', 'admin-shows']]])) {
    const page = await visitor.newPage();
    const asked = [];
    page.on('request', (request) => request.resourceType() === 'script' && asked.push(String(request.url().split('/').pop())));
    // What is fetched ahead is no part of the beginning.
    await page.route('**/api/v1/events?*', () => {});
    await page.goto(path);
    await page.locator('main h1, main h2').first().waitFor();
    await page.waitForLoadState('load');
    assert.deepEqual([...new Set(asked)].sort(), ['app.js', 'early.js', ...names.map((name) => `${name}.js`)].sort(), path);
    await page.close();
  }
  await visitor.leave();
  await browser.close();
});

it('no page needs more than 60 kB of scripts and 15 kB of styles, compressed', { skip }, async () => {
  const weights = new Map();
  for (const name of [...served.keys(), 'styles.css']) {
    const { bytes, encoding } = await weigh(`/assets/${name}`);
    assert.equal(encoding, 'gzip', name);
    weights.set(name, bytes / 1000);
  }
  const sum = (names) => names.reduce((total, name) => total + (weights.get(name) ?? assert.fail(`${name} is not served`)), 0);
  const needs = (...names) => sum(['app.js', 'early.js', ...names]);
  const pages = Object.entries(PAGES).map(([page, names]) => [page, needs(...names)]);
  const styles = sum(['styles.css']);
  console.log(`styles ${styles.toFixed(1)} kB of 15; scripts of 60: ${pages.map(([page, kB]) => `${page} ${kB.toFixed(1)}`).join(', ')}; all pages together ${sum([...served.keys()]).toFixed(1)} kB`);
  for (const [page, kB] of pages) assert.ok(kB <= 60, `${page}: ${kB} kB`);
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
