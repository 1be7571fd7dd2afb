// The log of everything that happened, for staff: who, what, when, through which face.

import { Refusal, get } from './api.js';
import { refused } from './access.js';
import { sentence } from './activity.js';
import { say } from './announce.js';
import * as catalogue from './catalogue.js';
import { deskNav } from './desk-nav.js';
import { button, el, fill, redraw } from './dom.js';
import { capital, clockTime, day, plural } from './format.js';
import { frames } from './live.js';
import * as people from './people.js';
import { wordsFor } from './selling.js';
import * as session from './session.js';
import { trouble } from './states.js';

/** @typedef {import('./activity.js').Entry & {n: number}} Entry */

const PAGE = 100;
/** Nobody reads a thousand lines at once, nor waits for more. */
const PAGES_MAX = 10;
const GATHER_MS = 500;
const KINDS = ['held', 'extended', 'booked', 'released', 'expired', 'cancelled', 'blocked', 'unblocked', 'show_opened', 'show_changed', 'show_cancelled'];

/** @param {{query: URLSearchParams, go: (path: string) => void}} context */
export function view({ query, go }) {
  const no = refused('The log', session.isStaff());
  if (no) return no;
  const log = new Log(query, go);
  return { title: 'Log', element: log.element, dispose: () => log.dispose() };
}

class Log {
  /** @type {Entry[]} */
  #entries = [];
  #older = '';
  #paused = false;
  #missed = 0;
  #timer = 0;

  /** @param {URLSearchParams} query @param {(path: string) => void} go */
  constructor(query, go) {
    this.show = query.get('show') ?? '';
    this.kind = query.get('kind') ?? '';
    const choose = (name, options) => el('select', { class: 'small', 'aria-label': name, onchange: () => go(`/desk/log?show=${this.shows.value}&kind=${this.kinds.value}`) }, ...options.map(([value, word]) => el('option', { value }, word)));
    const shows = [...catalogue.shows.values()].sort((a, b) => a.starts_at.localeCompare(b.starts_at));
    this.shows = choose('Show', [['', 'All shows'], ...shows.map((show) => [show.id, nameOf(show.id)])]);
    this.kinds = choose('What happened', [['', 'Everything'], ...KINDS.map((kind) => [kind, capital(kind.replace('_', ' '))])]);
    [this.shows.value, this.kinds.value] = [this.show, this.kind];
    this.pause = button('Pause', () => this.#pause(), { class: 'button small' });
    this.body = el('div', { class: 'stack', 'aria-busy': 'true', tabindex: -1 });
    this.element = el('div', { class: 'page' }, el('div', { class: 'page-head' }, el('h1', { tabindex: -1 }, 'Log'), deskNav()),
      el('div', { class: 'log-tools' }, this.shows, this.kinds, el('span', { class: 'spacer' }), this.pause, button('Export as CSV', () => this.#save(), { class: 'button small' })), this.body);
    this.ends = [frames.on(({ type }) => (type === 'act' || type === 'd' || type === 'poll') && this.#soon()), people.changed.on(() => this.#draw())];
    void this.#read();
  }

  #soon() {
    if (this.#paused) {
      this.#missed += 1;
      this.#label();
      return;
    }
    this.#timer ||= window.setTimeout(() => {
      this.#timer = 0;
      void this.#read();
    }, GATHER_MS);
  }

  #pause() {
    this.#paused = !this.#paused;
    this.#missed = 0;
    this.#label();
    if (!this.#paused) void this.#read();
  }

  #label() {
    const words = this.#paused ? (this.#missed ? 'Go on, there is news' : 'Go on') : 'Pause';
    /** @type {Element} */ (this.pause.firstElementChild).textContent = words;
  }

  /** @param {string} cursor @returns {Promise<{data: Entry[], next: string | null}>} */
  #page(cursor) {
    return get(`/activity?limit=${PAGE}${this.show && `&show=${this.show}`}${cursor && `&cursor=${cursor}`}`);
  }

  /** From the newest back to what is known; behind more than this the list begins anew. */
  async #news() {
    const newest = this.#entries[0]?.n ?? Infinity;
    const data = [];
    let next = '';
    for (let pages = 0; pages < PAGES_MAX; pages += 1) {
      const page = await this.#page(next);
      data.push(...page.data);
      next = page.next ?? '';
      if (!next || data.at(-1)?.n <= newest) return { data, next };
    }
    this.#entries = [];
    return { data, next };
  }

  /** Reads what is new, or with a cursor the page before. */
  async #read(cursor = '') {
    try {
      const before = this.#shown.length;
      const page = cursor ? await this.#page(cursor) : await this.#news();
      const back = cursor || !this.#entries.length;
      if (back) this.#older = page.next ?? '';
      this.#take(page.data);
      // Of one kind there may be few in many pages.
      for (let pages = 1; back && this.#older && pages < PAGES_MAX && this.#shown.length - before < PAGE; pages += 1) {
        const { data, next } = await this.#page(this.#older);
        this.#older = next ?? '';
        this.#take(data);
      }
      this.#draw();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      fill(this.body, this.#entries.length ? el('p', { class: 'notice' }, wordsFor(error)) : trouble('The log could not be read.', error, () => void this.#read()));
    } finally {
      this.body.removeAttribute('aria-busy');
    }
  }

  /** @param {Entry[]} data */
  #take(data) {
    const known = new Set(this.#entries.map((entry) => entry.n));
    this.#entries = [...this.#entries, ...data.filter((entry) => !known.has(entry.n))].sort((a, b) => b.n - a.n);
  }

  /** How far was looked, where there is more behind it. */
  get #reach() {
    return this.#older && `the newest ${plural(this.#entries.length, 'record')}`;
  }

  get #shown() {
    return this.#entries.filter((entry) => !this.kind || entry.kind === this.kind);
  }

  #draw() {
    const more = this.#older && button('Earlier', () => void this.#read(this.#older), { class: 'button small' });
    const lines = this.#shown.map(line);
    const none = this.#reach ? `None in ${this.#reach}. Earlier looks further.` : 'Nothing yet.';
    redraw(this.body, el('div', { class: 'card' }, el('div', { class: 'table-box', role: 'region', tabindex: 0, 'aria-label': 'Log, newest first' },
      el('table', { class: 'stacked log-table' }, el('caption', { class: 'sr' }, 'Log, newest first'),
        el('thead', {}, el('tr', {}, ...['When', 'What', 'Show', 'Who', 'Through'].map((head) => el('th', { scope: 'col' }, head)))),
        el('tbody', {}, ...(lines.length ? lines : [el('tr', {}, el('td', { colspan: 5, class: 'muted' }, none))]))))), more && el('p', { class: 'log-more' }, more, this.kind && lines.length > 0 && el('span', { class: 'muted' }, `Of ${this.#reach}.`)));
  }

  #save() {
    const cells = (entry) => [entry.n, entry.at, entry.kind, entry.show, (entry.seats ?? []).join(' '), entry.actor ?? '', entry.holder ?? '', entry.source ?? '', entry.reason ?? ''];
    const text = [['record', 'at', 'kind', 'show', 'seats', 'actor', 'holder', 'source', 'reason'], ...this.#shown.map(cells)].map((row) => row.map(csvCell).join(',')).join('\r\n');
    const link = el('a', { href: URL.createObjectURL(new Blob([`${text}\r\n`], { type: 'text/csv' })), download: 'seatcore-log.csv' });
    link.click();
    URL.revokeObjectURL(link.href);
    say(`${plural(this.#shown.length, 'line')} saved${this.#reach && `, of ${this.#reach}. Earlier looks further`}.`);
  }

  dispose() {
    clearTimeout(this.#timer);
    for (const end of this.ends) end();
  }
}

/** Quoted, and never a formula for the program that opens it. @param {unknown} value */
export function csvCell(value) {
  const text = String(value).replace(/^[=+\-@\t]/, "'$&");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @param {number} id */
function nameOf(id) {
  const show = catalogue.shows.get(id);
  return show ? catalogue.nameOf(show) : `Show ${id}`;
}

/** @param {Entry} entry */
function line(entry) {
  const show = catalogue.shows.get(entry.show);
  const zone = show ? catalogue.zoneOf(show) : catalogue.venueZone();
  const cell = (label, ...content) => el('td', { 'data-label': label }, el('span', {}, ...content));
  return el('tr', { 'data-record': entry.n },
    cell('When', el('time', { datetime: entry.at, class: 'amount' }, `${day(entry.at, zone)} ${clockTime(entry.at, zone, true)}`)),
    cell('What', el('span', { class: 'log-what' }, el('span', { class: `dot dot-${entry.kind}`, 'aria-hidden': 'true' }), el('span', {}, sentence(entry)))),
    cell('Show', el('a', { href: `/desk?show=${entry.show}`, id: `log-${entry.n}` }, nameOf(entry.show))),
    cell('Who', entry.actor ? people.called(entry.actor) : '–'),
    cell('Through', entry.source ?? '–'));
}
