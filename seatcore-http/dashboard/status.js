// Whether the server is well, in words.

import { Refusal, get } from './api.js';
import { now } from './clock.js';
import { deskNav } from './desk-nav.js';
import { el, fill } from './dom.js';
import { clockTime } from './format.js';
import * as live from './live.js';
import * as session from './session.js';

const AGAIN_MS = 5000;
const LINE_WORDS = { live: 'Open, changes arrive at once', reconnecting: 'Down, being opened again', offline: 'This device is offline', polling: 'Closed, asked every few seconds instead' };
/** What machines are told, in words for people. */
const FIGURES = [
  ['seatcore_log_records_total', 'Records in the log'],
  ['seatcore_follow_lag_records', 'Records the tables are behind'],
  ['seatcore_streams', 'Browsers that listen'],
  ['seatcore_connections', 'Open connections'],
  ['seatcore_sign_in_failures_total', 'Failed sign-ins since the start'],
];

export function view() {
  const list = el('dl', { class: 'card facts status' });
  let gone = false;
  const draw = async () => {
    const [ready, version, figures] = await Promise.all([answer('/readyz'), answer('/version'), session.isManager() ? metrics() : new Map()]);
    if (gone) return;
    fill(list,
      ...fact('Selling', ready.ok ? good('Ready to sell') : bad(ready.why)),
      ...fact('Live line', live.currentState() === 'live' ? good(LINE_WORDS.live) : bad(LINE_WORDS[live.currentState()])),
      ...fact('Release', version.ok ? `seatcore ${version.data.version}` : '–'),
      ...fact('Time of the server', version.ok ? `${clockTime(now(), version.data.time_zone, true)} (${version.data.time_zone})` : '–'),
      ...FIGURES.filter(([name]) => figures.has(name)).flatMap(([name, word]) => fact(word, Number(figures.get(name)).toLocaleString())));
  };
  void draw();
  const clock = setInterval(draw, AGAIN_MS);
  const end = live.states.on(() => void draw());
  const head = el('div', { class: 'page-head' }, el('h1', { tabindex: -1 }, 'Status'), session.isStaff() && deskNav());
  return {
    title: 'Status',
    element: el('div', { class: 'page' }, head, list),
    dispose() {
      gone = true;
      clearInterval(clock);
      end();
    },
  };
}

const fact = (name, value) => [el('dt', {}, name), el('dd', {}, value)];
const good = (words) => el('span', { class: 'tag tag-good' }, words);
const bad = (words) => el('span', { class: 'tag tag-bad' }, words);

/** @param {string} path */
async function answer(path) {
  try {
    return { ok: true, data: await get(path), why: '' };
  } catch (error) {
    return { ok: false, data: null, why: error instanceof Refusal ? error.message : 'No answer' };
  }
}

/** Lines of `name value`; those with labels are left to machines. */
async function metrics() {
  const text = await fetch('/metrics').then((response) => (response.ok ? response.text() : ''), () => '');
  return new Map(text.split('\n').map((line) => /^([a-z_]+) (\S+)$/.exec(line)).filter(Boolean).map((match) => [match[1], match[2]]));
}
