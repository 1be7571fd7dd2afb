// <seat-map>: a hall to look at and to pick from, by pointer, by keyboard and by list.

import { button, el, iconButton, svg } from './dom.js';
import * as help from './shortcuts.js';
import { SeatGrid } from './seat-grid.js';
import { closedWords, nameOf, whyNot } from './seat-words.js';
import { say, speak } from './announce.js';
import { step } from './plan.js';

/** @typedef {import('./hall.js').Hall} Hall */

/** Above this many seats buttons are too slow, measured; a canvas is not. */
export const BUTTONS_MAX = 1500;

/** @type {typeof import('./seat-canvas.js') | null} */
let fetched = null;

/** What draws a hall that is too large for buttons. */
async function canvas() {
  return (fetched = await import('./seat-canvas.js'));
}

/** The arc that everybody looks at. */
function cinemaScreen() {
  const stop = (offset, name) => svg('stop', { offset, class: name });
  const gradient = (id, ...stops) => svg('linearGradient', { id, x1: 0, x2: 1, y1: 0, y2: 0 }, ...stops);
  const glow = svg('linearGradient', { id: 'screen-light', x1: 0, x2: 0, y1: 0, y2: 1 }, stop(0, 'light-from'), stop(1, 'light-to'));
  const drawing = svg('svg', { viewBox: '0 0 600 74', class: 'cinema-screen', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('defs', {}, gradient('screen-arc', stop(0, 'arc-from'), stop(0.5, 'arc-middle'), stop(1, 'arc-to')), glow),
    svg('path', { d: 'M20 30 Q300 2 580 30 L548 74 Q300 44 52 74 Z', fill: 'url(#screen-light)' }),
    svg('path', { d: 'M20 30 Q300 2 580 30', class: 'arc', fill: 'none', stroke: 'url(#screen-arc)', 'vector-effect': 'non-scaling-stroke' }));
  return el('div', { class: 'screen-front' }, /** @type {any} */ (drawing), el('span', { class: 'screen-word' }, 'Screen'));
}

export class SeatMap extends HTMLElement {
  /** @type {Hall | null} */
  #hall = null;
  /** @type {any} */
  #drawing = null;
  /** @type {(() => void)[]} */
  #ends = [];
  #watch = new ResizeObserver(() => this.#drawing?.layout());
  /** @type {number} */
  #changes = 0;
  /** Which seat the line below the map tells of. */
  #spoken = -1;
  /** What a tap does instead of picking, when somebody at the desk looks closer. @type {((seat: number) => void) | null} */
  inspect = null;

  /** So many seats will come: what draws them is fetched beside them. @param {number} seats @returns {Promise<void>} when it is there */
  static async expect(seats) {
    // If it cannot be had, whoever shows them says so.
    if (seats > BUTTONS_MAX && !fetched) await canvas().catch(() => {});
  }

  /** The hall to show. @param {Hall} hall */
  async show(hall) {
    this.#clear();
    this.#hall = hall;
    const screen = cinemaScreen();
    if (hall.plan.length > BUTTONS_MAX) {
      // Waited for only if need be: the page is painted once, with its seats.
      const { SeatCanvas } = fetched ?? (await canvas());
      if (this.#hall !== hall) return;
      this.#drawing = new SeatCanvas(hall);
    } else {
      this.#drawing = new SeatGrid(hall, screen);
    }
    this.readout = el('p', { class: 'readout', 'aria-hidden': 'true' });
    const tools = el('div', { class: 'map-tools', role: 'group', 'aria-label': 'Zoom' },
      iconButton('Zoom in', 'plus', () => this.#drawing.zoom('in')),
      iconButton('Zoom out', 'minus', () => this.#drawing.zoom('out')),
      iconButton('Whole hall', 'fit', () => this.#drawing.zoom('fit')),
      iconButton('Keyboard help', 'help', () => help.open()));
    const frame = el('div', { class: 'map-frame', 'data-large': hall.plan.length > BUTTONS_MAX || null }, this.#drawing.element);
    this.replaceChildren(frame, el('div', { class: 'map-foot' }, this.readout, tools));
    this.#listen();
    this.#watch.observe(this.#drawing.element);
    this.#drawing.layout();
    this.#ends.push(hall.seatsChanged.on((seats) => {
      this.#drawing.update(seats);
      this.#changes += 1;
      if (seats?.includes(this.#spoken)) this.#read(this.#spoken);
      this.dispatchEvent(new CustomEvent('change', { detail: seats }));
    }));
  }

  #listen() {
    const { element } = this.#drawing;
    element.addEventListener('click', (event) => this.#tap(this.#drawing.seatAt(event)));
    element.addEventListener('keydown', (event) => this.#key(event));
    element.addEventListener('focusin', (event) => {
      const seat = this.#drawing.seatAt(event);
      if (seat >= 0) {
        this.#drawing.focusCame(seat);
        this.#read(seat);
      }
    });
    element.addEventListener('pointermove', (event) => {
      const seat = this.#drawing.seatAt(event);
      if (seat >= 0) this.#read(seat);
    });
  }

  #read(seat) {
    this.#spoken = seat;
    if (this.#hall && this.readout) this.readout.textContent = `${this.#hall.plan.label(seat)} · ${nameOf(this.#hall, seat)}`;
  }

  #tap(seat) {
    const hall = this.#hall;
    if (!hall || seat < 0) return;
    if (this.inspect) {
      this.inspect(seat);
      return;
    }
    const refused = hall.tap(seat);
    if (refused) {
      const reason = whyNot(hall, seat, refused);
      if (this.readout) this.readout.textContent = reason;
      speak(reason);
    } else {
      this.dispatchEvent(new CustomEvent('picked'));
    }
    this.#drawing.focusCame(seat);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const hall = this.#hall;
    if (!hall || event.altKey || event.metaKey) return;
    const to = this.#target(event, hall);
    if (to !== null) {
      event.preventDefault();
      this.#drawing.focus(to);
      return;
    }
    const single = help.enabled() && !event.ctrlKey;
    if (event.key === 'Escape' && hall.picks.size) hall.clear();
    else if (single && event.key.toLowerCase() === 'b') this.dispatchEvent(new CustomEvent('best'));
    else if (single && (event.key === '+' || event.key === '=')) this.#drawing.zoom('in');
    else if (single && event.key === '-') this.#drawing.zoom('out');
    else if (single && event.key === '0') this.#drawing.zoom('fit');
    else if (single && event.key === '?') help.open();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Where a key leads, or null. @param {KeyboardEvent} event @param {Hall} hall */
  #target(event, hall) {
    const { plan } = hall;
    const at = this.#drawing.focused;
    const row = plan.row[at];
    const { first, end } = plan.rows[row];
    switch (event.key) {
      case 'ArrowLeft': return step(plan, at, 'left');
      case 'ArrowRight': return step(plan, at, 'right');
      case 'ArrowUp': return step(plan, at, 'up');
      case 'ArrowDown': return step(plan, at, 'down');
      case 'Home': return event.ctrlKey ? 0 : first;
      case 'End': return event.ctrlKey ? plan.length - 1 : end - 1;
      case 'PageUp': return this.#section(-1);
      case 'PageDown': return this.#section(1);
      case 'n': case 'N': return help.enabled() && !event.ctrlKey ? this.#free(1) : null;
      case 'p': case 'P': return help.enabled() && !event.ctrlKey ? this.#free(-1) : null;
      default: return null;
    }
  }

  /** The next free seat in plan order. @param {1 | -1} sign */
  #free(sign) {
    const hall = /** @type {Hall} */ (this.#hall);
    const length = hall.plan.length;
    for (let away = 1; away <= length; away += 1) {
      const seat = (this.#drawing.focused + sign * away + length * 2) % length;
      if (hall.free(seat)) return seat;
    }
    return this.#drawing.focused;
  }

  /** The first seat of the section before or behind. @param {1 | -1} sign */
  #section(sign) {
    const { rows, row } = /** @type {Hall} */ (this.#hall).plan;
    const here = rows[row[this.#drawing.focused]].section;
    const order = sign > 0 ? rows : [...rows].reverse();
    const from = order.findLastIndex((each) => each.section === here);
    const next = order[from + 1];
    if (!next) return sign > 0 ? rows[rows.length - 1].first : 0;
    return rows.find((each) => each.section === next.section)?.first ?? 0;
  }

  /** Opens the list, which most visitors never need. */
  async list() {
    const hall = this.#hall;
    if (hall && !hall.pickable) return say(closedWords(hall));
    if (hall && !hall.stats.available) return say('No seats are left in this show.');
    const part = await import('./seat-list.js').catch(() => null);
    if (!part) say('The list could not be fetched. Try again in a moment.', { kind: 'warn' });
    else if (hall) void part.chooseFromList(hall);
  }

  /** @param {string} label */
  stateOf(label) {
    const seat = this.#hall?.plan.seat(label) ?? -1;
    return seat < 0 ? null : this.#hall?.state(seat);
  }

  /** @param {string} label */
  rectOf(label) {
    const seat = this.#hall?.plan.seat(label) ?? -1;
    return seat < 0 ? null : this.#drawing.rect(seat);
  }

  /** Counts redraws. */
  get rev() {
    return this.#changes;
  }

  get seq() {
    return this.#hall?.house.seq ?? -1;
  }

  /** Brings seats into view that somebody did not point at. @param {number[]} seats */
  reveal(seats) {
    this.#drawing?.reveal(seats);
  }

  /** Moves the focus into the seats: to one of them, or to where it was. @param {string} [label] */
  focusSeats(label) {
    const seat = label ? (this.#hall?.plan.seat(label) ?? -1) : -1;
    this.#drawing?.focus(seat >= 0 ? seat : this.#drawing.focused);
  }

  #clear() {
    for (const end of this.#ends.splice(0)) end();
    this.#watch.disconnect();
    this.#drawing?.dispose();
    this.#drawing = null;
  }

  disconnectedCallback() {
    this.#clear();
  }
}

customElements.define('seat-map', SeatMap);

/** The first thing in the map for whoever would rather not use the map. @param {SeatMap} map */
export const listButton = (map) => button('Choose from a list', () => void map.list(), { class: 'button small' }, 'list');
