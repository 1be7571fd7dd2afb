// The page's promises that can be read from its text: the board is named in full, nothing comes
// from elsewhere, no markup is made from strings. What is served is weighed in `served.test.mjs`.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../seatcore-http/dashboard');
const files = readdirSync(folder);
const text = (name) => readFileSync(join(folder, name), 'utf8');

/** A module and all that it cannot run without. */
function closure(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const [, other] of text(name).matchAll(/^(?:import|export) .*from '\.\/([\w-]+\.js)';$/gm)) closure(other, found);
  return found;
}

const board = [...closure('board.js', closure('app.js'))].sort();

// Named up front, a browser fetches all modules at once instead of import by import.
const named = [...text('index.html').matchAll(/rel="modulepreload" href="\/assets\/([\w-]+\.js)"/g)].map(([, name]) => name).sort();
assert.deepEqual(named, board.filter((name) => name !== 'app.js'), 'index.html names what the board imports');

const parts = [...text('seat-map.js').matchAll(/'\.\/([\w-]+\.js)'[,\]]/g)].map(([, name]) => name).sort();
const drawn = [...closure('seat-canvas.js')].filter((name) => name !== 'seat-canvas.js' && !board.includes(name)).sort();
assert.deepEqual(parts, drawn, 'seat-map.js names what the canvas imports');

// The server sends these scripts ahead for the halls that the page draws with them.
const most = (source) => Number(/\bBUTTONS_MAX(?:: u32)? = (\d+);/.exec(source)?.[1]);
const ahead = readFileSync(join(folder, '../src/api/operations.rs'), 'utf8');
assert.ok(most(ahead) > 0 && most(ahead) === most(text('seat-map.js')), 'server and page agree where a canvas begins');

for (const name of files.filter((each) => /\.(js|css|html|svg)$/.test(each))) {
  const source = text(name).replaceAll('http://www.w3.org/', '').replaceAll('%2F', '/');
  assert.doesNotMatch(source, /https?:\/\//, `${name} names another host`);
  assert.doesNotMatch(source, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function/, `${name} makes markup or code from text`);
  assert.doesNotMatch(source, /\sstyle="|<script(?![^>]*\ssrc=)|\son\w+="/, `${name} has something inline that the policy refuses`);
}
