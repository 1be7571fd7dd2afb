// What happened in a show, newest first. Everybody reads it; nobody is named.

import { get } from './api.js';
import * as catalogue from './catalogue.js';
import { el, fill } from './dom.js';
import { clockTime, joined, listed } from './format.js';
import { frames } from './live.js';
import * as people from './people.js';

/** @typedef {import('./hall.js').Hall} Hall */
/** @typedef {{seq: number, show: number, at: string, kind: string, seats: string[], source?: string, reason?: string, actor?: string, holder?: string}} Entry */

const SHOWN = 60;
/** Events come in bursts. */
const GATHER_MS = 120;

const WORDS = {
  held: (seats) => `${seats} held`,
  extended: () => 'A hold got more time',
  booked: (seats) => `${seats} booked`,
  released: (seats) => `${seats} released`,
  expired: (seats) => `Hold on ${seats} expired`,
  cancelled: (seats) => `Booking of ${seats} cancelled`,
  blocked: (seats) => `${seats} taken off sale`,
  unblocked: (seats) => `${seats} back on sale`,
  show_opened: () => 'Show opened',
  show_changed: () => 'Show changed',
  show_cancelled: () => 'Show cancelled',
  archived: () => 'Show archived',
};

/** @param {Entry} entry */
export function sentence(entry) {
  const seats = entry.seats?.length ? listed(joined(entry.seats), 6) : 'Seats';
  const words = (WORDS[entry.kind] ?? (() => entry.kind.replace(/_/g, ' ')))(seats);
  return entry.reason ? `${words}: ${entry.reason}` : words;
}

/** @param {Hall} hall */
export function activity(hall) {
  const list = el('ol', { id: 'log-content', class: 'log-list', 'aria-label': 'Activity, newest first' });
  const box = el('div', { class: 'log-box', role: 'region', tabindex: 0, 'aria-label': 'Activity log' }, list);
  const element = el('details', { class: 'card activity', open: matchMedia('(min-width: 64rem)').matches }, el('summary', {}, el('h2', {}, 'Activity')), box);
  const zone = catalogue.zoneOf(hall.show);
  /** @type {Entry[]} */
  let entries = [];
  let timer = 0;
  let ended = false;

  const draw = () => {
    const known = new Set([...list.children].map((line) => /** @type {HTMLElement} */ (line).dataset.seq));
    if (!entries.length) return fill(list, el('li', { class: 'muted' }, 'Nothing has happened yet.'));
    for (const line of [...list.children]) if (!(/** @type {HTMLElement} */ (line).dataset.seq)) line.remove();
    const fresh = entries.filter((entry) => !known.has(String(entry.seq))).map((entry) => line(entry, zone));
    list.prepend(...fresh);
    while (list.children.length > SHOWN) list.lastElementChild?.remove();
  };

  const read = async () => {
    try {
      const page = await get(`/activity?show=${hall.show.id}&limit=${SHOWN}`);
      if (ended) return;
      entries = [...page.data].sort((a, b) => b.seq - a.seq).slice(0, SHOWN);
      draw();
    } catch {
      if (!entries.length) fill(list, el('li', { class: 'muted' }, 'The activity is not there right now.'));
    }
  };

  const soon = () => {
    if (timer) return;
    timer = window.setTimeout(() => {
      timer = 0;
      void read();
    }, GATHER_MS);
  };

  void read();
  const renamed = people.changed.on(() => {
    fill(list);
    draw();
  });
  const end = frames.on(({ type, data }) => {
    if (type === 'act' && data?.show === hall.show.id && data.seq && data.kind) add(data);
    else if ((type === 'show' && data?.show === hall.show.id) || type === 'hello' || type === 'poll') soon();
  });
  let drawing = 0;
  const add = (/** @type {Entry} */ entry) => {
    if (entries.some((each) => each.seq === entry.seq)) return;
    entries = [entry, ...entries].slice(0, SHOWN);
    drawing ||= window.setTimeout(() => {
      drawing = 0;
      draw();
    }, GATHER_MS);
  };
  return {
    element,
    dispose() {
      ended = true;
      clearTimeout(timer);
      clearTimeout(drawing);
      end();
      renamed();
    },
  };
}

/** @param {Entry} entry @param {string} zone */
function line(entry, zone) {
  return el('li', { 'data-seq': entry.seq, 'data-kind': entry.kind },
    el('span', { class: `dot dot-${entry.kind}`, 'aria-hidden': 'true' }),
    el('span', { class: 'log-words' }, sentence(entry), entry.actor && el('span', { class: 'muted' }, ` · ${people.called(entry.actor)}`)),
    el('time', { datetime: entry.at }, clockTime(entry.at, zone, true)));
}
