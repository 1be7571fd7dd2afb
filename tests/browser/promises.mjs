// The page's promises that can be read from its text: nothing comes from elsewhere, no markup is made
// from strings. What is served is weighed in `served.test.mjs`.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../seatcore-http/dashboard');
const files = readdirSync(folder);
const text = (name) => readFileSync(join(folder, name), 'utf8');

// The server sends a script ahead for the halls that the page draws with it.
const most = (source) => Number(/\bBUTTONS_MAX(?:: u32)? = (\d+);/.exec(source)?.[1]);
const ahead = readFileSync(join(folder, '../src/api/operations.rs'), 'utf8');
assert.ok(most(ahead) > 0 && most(ahead) === most(text('seat-map.js')), 'server and page agree where a canvas begins');

for (const name of files.filter((each) => /\.(js|css|html|svg)$/.test(each))) {
  const source = text(name).replaceAll('http://www.w3.org/', '').replaceAll('%2F', '/');
  assert.doesNotMatch(source, /https?:\/\//, `${name} names another host`);
  assert.doesNotMatch(source, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function/, `${name} makes markup or code from text`);
  assert.doesNotMatch(source, /\sstyle="|<script(?![^>]*\ssrc=)|\son\w+="/, `${name} has something inline that the policy refuses`);
}
