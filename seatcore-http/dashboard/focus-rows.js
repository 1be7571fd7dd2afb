// The row in focus and its neighbours as real, invisible buttons exactly over their seats: what a
// keyboard moves through and a reader reads, in a hall too large to have all of them.

import { el } from './dom.js';
import { nearestInRow } from './plan.js';
import { nameOf } from './seat-words.js';
import { DEPTH } from './seat-painter.js';

/** @typedef {import('./hall.js').Hall} Hall */

/** Seats to either side of the focus that exist. */
const REACH = 60;
/** The hall stands still. */
const REST_MS = 150;

export class FocusRows {
  /** @type {Map<number, HTMLButtonElement>} */
  #buttons = new Map();
  #shown = '';
  #later = 0;

  /** @param {Hall} hall */
  constructor(hall) {
    this.hall = hall;
    const { rows, bounds } = hall.plan;
    this.element = el('div', { role: 'grid', id: 'seat-grid', class: 'focus-rows', 'aria-label': 'Seats', 'aria-multiselectable': 'true', 'aria-rowcount': rows.length, 'aria-colcount': Math.round(bounds.right - bounds.left) + 2 });
    const byDepth = rows.map((_, at) => at).sort((a, b) => rows[a].y - rows[b].y || a - b);
    this.rank = new Map(byDepth.map((row, at) => [row, at]));
    this.byDepth = byDepth;
  }

  /** Makes the rows around a seat. @param {number} seat */
  show(seat) {
    const { plan } = this.hall;
    const row = plan.row[seat];
    const rows = [this.#beside(seat, -1), row, this.#beside(seat, 1)].filter((each) => each >= 0);
    const key = `${rows.join()}:${Math.floor((seat - plan.rows[row].first) / (REACH / 2))}`;
    if (key !== this.#shown) {
      this.#shown = key;
      const focused = this.element.contains(document.activeElement);
      this.#buttons.clear();
      this.element.replaceChildren(...rows.map((each) => this.#row(each, plan.x[seat])));
      if (focused) this.#buttons.get(seat)?.focus({ preventScroll: true });
    }
    for (const [at, button] of this.#buttons) button.tabIndex = at === seat ? 0 : -1;
  }

  /** The nearest row before or behind that stands over the seat. @param {number} seat @param {1 | -1} sign */
  #beside(seat, sign) {
    const { plan } = this.hall;
    const own = plan.rows[plan.row[seat]];
    for (let at = /** @type {number} */ (this.rank.get(plan.row[seat])) + sign; at >= 0 && at < this.byDepth.length; at += sign) {
      const row = plan.rows[this.byDepth[at]];
      if (row.y !== own.y && Math.abs(plan.x[nearestInRow(plan, row, plan.x[seat])] - plan.x[seat]) < 2) return this.byDepth[at];
    }
    return -1;
  }

  /** @param {number} at @param {number} x */
  #row(at, x) {
    const { plan } = this.hall;
    const row = plan.rows[at];
    const near = nearestInRow(plan, row, x);
    const line = el('div', { role: 'row', class: 'focus-row', 'aria-rowindex': at + 1 }, el('span', { role: 'rowheader', class: 'sr' }, row.section ? `Section ${row.section}, row ${row.label}` : `Row ${row.label}`));
    for (let seat = Math.max(row.first, near - REACH); seat < Math.min(row.end, near + REACH); seat += 1) {
      const button = el('button', { type: 'button', class: 'seat over', tabindex: -1, 'data-seat': plan.label(seat), 'data-index': seat });
      this.#buttons.set(seat, button);
      line.append(el('div', { role: 'gridcell', class: 'focus-cell', 'aria-colindex': Math.round(plan.x[seat] - plan.bounds.left) + 2, vars: { '--x': plan.x[seat], '--y': row.y * DEPTH } }, button));
      this.#draw(seat);
    }
    return line;
  }

  #draw(seat) {
    const button = this.#buttons.get(seat);
    if (!button) return;
    const state = this.hall.state(seat);
    button.dataset.state = state;
    button.setAttribute('aria-label', nameOf(this.hall, seat));
    if ((state === 'available' && this.hall.pickable) || state === 'picked') button.removeAttribute('aria-disabled');
    else button.setAttribute('aria-disabled', 'true');
    button.parentElement?.setAttribute('aria-selected', String(state === 'picked' || state === 'mine'));
  }

  /** @param {number[] | null} seats */
  update(seats) {
    for (const seat of seats ?? this.#buttons.keys()) this.#draw(seat);
  }

  /**
   * Follows the camera: at once with the focus in here, whose ring is seen; otherwise when the hall
   * has come to rest, since moving hundreds of buttons costs more than drawing all seats in view.
   * @param {import('./camera.js').Camera} camera
   */
  follow(camera) {
    clearTimeout(this.#later);
    if (this.element.contains(document.activeElement)) this.place(camera);
    else this.#later = window.setTimeout(() => this.place(camera), REST_MS);
  }

  /** @param {import('./camera.js').Camera} camera */
  place(camera) {
    const { style } = this.element;
    style.setProperty('--u', `${camera.scale}px`);
    style.transform = `translate(${-camera.x * camera.scale}px, ${-camera.y * camera.scale}px)`;
  }

  /** @param {number} seat */
  focus(seat) {
    this.#buttons.get(seat)?.focus({ preventScroll: true });
  }

  dispose() {
    clearTimeout(this.#later);
  }
}
