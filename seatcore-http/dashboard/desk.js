// The box office: sell a walk-up with three keys, and look after seats that are taken.

import { Refusal, all, get } from './api.js';
import { refused } from './access.js';
import { say } from './announce.js';
import { seatRoom } from './board.js';
import * as catalogue from './catalogue.js';
import { deskNav } from './desk-nav.js';
import { button, el, fill, icon, redraw, redrawList } from './dom.js';
import { clockTime, day, listed, money } from './format.js';
import { Hall } from './hall.js';
import { selectable } from './house.js';
import * as live from './live.js';
import * as mine from './mine.js';
import * as people from './people.js';
import { parseLabel } from './plan.js';
import { seatCard, timeLeft } from './seat-card.js';
import { wordsFor } from './selling.js';
import * as session from './session.js';
import * as shortcuts from './shortcuts.js';
import { trouble } from './states.js';

/** @param {{query: URLSearchParams, go: (path: string) => void}} context */
export function view({ query, go }) {
  const no = refused('The desk', session.isStaff());
  if (no) return no;
  const shows = catalogue.upcoming();
  const id = Number(query.get('show')) || shows[0]?.id;
  const name = (show) => `${day(show.starts_at, catalogue.zoneOf(show))} ${clockTime(show.starts_at, catalogue.zoneOf(show))} · ${catalogue.titleOf(show)} · ${catalogue.screenOf(show)}`;
  const select = el('select', { id: 'desk-show', 'aria-label': 'Show', onchange: () => go(`/desk?show=${select.value}`) }, ...shows.map((show) => el('option', { value: show.id }, name(show))));
  select.value = String(id);
  const stage = el('div', { class: 'board-main', id: 'seats', tabindex: -1 });
  const input = el('input', { type: 'search', id: 'desk-search', 'aria-label': 'Find a seat, a ticket, a hold or a booking', placeholder: 'Seat, ticket code, hold, booking', autocomplete: 'off' });
  /** @type {Desk | null} */
  let desk = null;
  const search = (/** @type {Event} */ event) => {
    event.preventDefault();
    void find(input.value.trim(), desk, go);
  };
  const bar = el('div', { class: 'desk-bar' }, el('div', { class: 'page-head' }, el('h1', { tabindex: -1 }, 'Desk'), deskNav()), select, el('form', { role: 'search', onsubmit: search }, input, el('button', { class: 'button small', 'aria-label': 'Search' }, icon('search'))));
  const element = el('div', { class: 'board' }, bar, stage);
  let gone = false;
  const open = async () => {
    if (!id) return fill(stage, el('section', { class: 'card empty' }, el('h2', {}, 'No shows to come'), el('a', { class: 'button primary', href: '/admin/shows' }, 'Create a show')));
    live.watch([id]);
    try {
      const hall = await Hall.open(id);
      if (gone) return hall.close();
      desk = new Desk(hall, stage);
      const seat = query.get('seat');
      await desk.ready;
      if (seat) desk.look(hall.plan.seat(seat));
    } catch (error) {
      fill(stage, trouble('The show could not be loaded.', error, () => void open()));
      if (!(error instanceof Refusal)) throw error;
    }
  };
  void open();
  return {
    title: 'Desk',
    element,
    dispose() {
      gone = true;
      desk?.dispose();
    },
  };
}

/** @param {string} text @param {Desk | null} desk @param {(path: string) => void} go */
async function find(text, desk, go) {
  if (!text || !desk) return;
  if (parseLabel(text)) {
    const seat = desk.hall.plan.seat(text);
    if (seat >= 0) desk.look(seat);
    else say(`There is no seat ${text.toUpperCase()} in this hall.`, { kind: 'warn' });
    return;
  }
  try {
    const path = text.startsWith('hld_') ? `/holds/${text}` : text.startsWith('bkg_') ? `/bookings/${text}` : `/tickets/${encodeURIComponent(text)}`;
    const found = await get(path);
    const seat = found.seat ?? found.seats?.[0];
    const show = found.show ?? found.booking?.show;
    if (show === desk.hall.show.id && seat) desk.look(desk.hall.plan.seat(seat));
    else if (show) go(`/desk?show=${show}&seat=${encodeURIComponent(seat ?? '')}`);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say(error.status === 404 ? `Nothing is known as ${text}.` : wordsFor(error), { kind: 'warn' });
  }
}

/** One show at the desk. */
class Desk {
  /** @param {Hall} hall @param {HTMLElement} stage */
  constructor(hall, stage) {
    this.hall = hall;
    hall.managed = true;
    this.panel = el('section', { class: 'card seat-card', 'aria-label': 'Seat', hidden: true, tabindex: -1 });
    this.last = el('section', { class: 'card found', 'aria-label': 'Last sale', hidden: true });
    this.holds = el('section', { class: 'card', 'aria-label': 'Holds', tabindex: -1 });
    const room = seatRoom(hall, { heading: 'h2', tools: [this.#modes()], rail: [this.last, this.panel], onSold: (made) => this.#sold(made) });
    this.room = room;
    /** @type {HTMLElement} */ (room.parts[1]).insertBefore(this.holds, room.parts[1].lastElementChild);
    fill(stage, ...room.parts);
    this.ready = room.ready();
    this.ends = [room.dispose, hall.seatsChanged.on(() => this.#moved()), mine.changed.on(() => this.#listSoon()), people.changed.on(() => this.#moved()), () => hall.close()];
    this.keys = (/** @type {KeyboardEvent} */ event) => this.#key(event);
    document.addEventListener('keydown', this.keys);
    this.tick = setInterval(() => [this.panel, this.holds].forEach(timeLeft.draw), 1000);
    this.#listSoon();
  }

  #modes() {
    const mode = (value, word, checked) => el('label', {}, el('input', { type: 'radio', name: 'mode', value, checked, onchange: () => this.#mode(value) }), word);
    return el('fieldset', { class: 'modes' }, el('legend', { class: 'sr' }, 'What a tap does'), mode('sell', 'Sell', true), mode('manage', 'Manage', false));
  }

  /** @param {string} value */
  #mode(value) {
    const { hall } = this;
    hall.clear();
    this.room.map.inspect = value === 'manage' ? (seat) => this.#choose(seat) : null;
    this.panel.hidden = value !== 'manage';
    if (value === 'manage') fill(this.panel, el('h2', {}, 'Manage'), el('p', { class: 'muted' }, 'Choose a seat to see whose it is and what can be done. Choose free seats to take them off sale.'));
  }

  /** What a tap does when managing: free seats are chosen one by one, and let go. @param {number} seat */
  #choose(seat) {
    if (selectable(this.hall.state(seat))) this.hall.toggle(seat);
    this.#show(seat);
  }

  /** Looks at one seat; a free one is picked with it. @param {number} seat */
  look(seat) {
    this.hall.pickLabels([this.hall.plan.label(seat)], true);
    this.#show(seat);
  }

  /** @param {number} seat */
  #show(seat) {
    const { hall } = this;
    if (!selectable(hall.state(seat))) hall.clear();
    this.seat = seat;
    this.panel.hidden = false;
    void seatCard(this.panel, hall, seat, () => this.#listSoon());
  }

  #moved() {
    this.#listSoon();
    if (this.panel.hidden || this.seat === undefined) return;
    clearTimeout(this.again);
    this.again = window.setTimeout(() => this.seat !== undefined && !this.panel.hidden && void seatCard(this.panel, this.hall, this.seat, () => this.#listSoon()), 200);
  }

  /** @param {mine.Booking[]} made */
  #sold(made) {
    const tickets = made.flatMap((booking) => booking.tickets ?? []);
    const total = made.map((booking) => money(booking.total)).join(' + ');
    this.last.hidden = false;
    fill(this.last, el('h2', {}, 'Sold'), el('p', {}, `${listed(made.flatMap((booking) => booking.seats))}, ${total}`),
      el('div', { class: 'ticket-links' }, ...tickets.map((ticket) => el('a', { class: 'button small', href: `/tickets/${ticket.code}`, 'aria-label': `Ticket for ${ticket.seat}` }, icon('ticket'), el('span', {}, ticket.seat)))));
    say(`Sold ${listed(made.flatMap((booking) => booking.seats))}.`, { kind: 'success' });
  }

  #listSoon() {
    clearTimeout(this.listing);
    this.listing = window.setTimeout(() => void this.#list(), 150);
  }

  /** Live holds of this show, first to end first. */
  async #list() {
    try {
      const holds = (await all(`/holds?show=${this.hall.show.id}&holder=*`)).filter((hold) => hold.state === 'held' && hold.show === this.hall.show.id);
      const line = (hold) => el('li', {}, button(`${listed(hold.seats, 5)}`, () => this.look(this.hall.plan.seat(hold.seats[0])), { class: 'link-button' }), el('span', { class: 'muted' }, `${people.called(hold.holder)} · `, timeLeft.text(hold)));
      redrawList(this.holds, 'button', this.holds, el('h2', {}, `Holds (${holds.length})`), holds.length ? el('ul', { class: 'lines' }, ...holds.slice(0, 30).map(line)) : el('p', { class: 'muted' }, 'Nothing is held.'));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      redraw(this.holds, el('h2', {}, 'Holds'), el('p', { class: 'muted' }, wordsFor(error)));
    }
  }

  /** Three keys sell a walk-up: B, Enter, Enter. @param {KeyboardEvent} event */
  #key(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || !shortcuts.enabled() || target.closest('input, select, textarea, dialog')) return;
    if (event.key.toLowerCase() !== 'b') return;
    event.preventDefault();
    this.room.summary.best();
  }

  dispose() {
    clearTimeout(this.listing);
    clearTimeout(this.again);
    clearInterval(this.tick);
    document.removeEventListener('keydown', this.keys);
    for (const end of this.ends) end();
  }
}

