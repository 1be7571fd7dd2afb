// The hall as real buttons: up to a size at which browsers stay quick.

import { el } from './dom.js';
import { nameOf } from './seat-words.js';

/** @typedef {import('./hall.js').Hall} Hall */

/** Room for row letters, in pixels: on both sides, or where each pixel counts on one. */
const MARGINS = { wide: 56, narrow: 30 };
const NARROW_PX = 480;
/** Less than this beyond an edge is no seat. */
const EDGE_PX = 16;
/** Rows stand a little farther apart than seats. */
const DEPTH = 1.14;
/** A seat with number and glyph, easy to hit. */
const PITCH = { least: 9, comfortable: 29, most: 50, closest: 64 };

export class SeatGrid {
  /** @type {HTMLButtonElement[]} */
  #buttons = [];
  #zoom = 1;
  #fit = PITCH.comfortable;
  /** Opens on the middle, once. */
  #placed = false;

  /** @param {Hall} hall @param {HTMLElement} screen drawn in front of the first row */
  constructor(hall, screen) {
    this.hall = hall;
    this.plan = hall.plan;
    this.focused = Math.max(0, hall.house.symbols.indexOf('.'));
    this.grid = el('div', { role: 'grid', id: 'seat-grid', class: 'seat-grid', 'aria-label': 'Seats', 'aria-multiselectable': 'true', 'aria-rowcount': this.plan.rows.length });
    this.#build();
    this.scroller = el('div', { class: 'map-scroll' }, el('div', { class: 'map-floor' }, screen, this.grid));
    this.element = this.scroller;
    this.scroller.addEventListener('scroll', () => this.#edges(), { passive: true });
    this.update(null);
  }

  #build() {
    const { left, top, right } = this.plan.bounds;
    this.grid.setAttribute('aria-colcount', String(Math.round(right - left) + 2));
    let section = '';
    for (const [at, row] of this.plan.rows.entries()) {
      const line = el('div', { role: 'row', class: 'seat-row', 'aria-rowindex': at + 1, vars: { '--y': row.y - top } });
      // With the letter, which stays in sight when a wide hall is moved.
      const name = row.section && row.section !== section && el('span', { class: 'section-name', 'aria-hidden': 'true' }, row.section);
      section = row.section;
      line.append(el('span', { role: 'rowheader', class: 'row-name', 'aria-label': row.section ? `Section ${row.section}, row ${row.label}` : `Row ${row.label}` }, name, row.label));
      for (let seat = row.first; seat < row.end; seat += 1) line.append(this.#seat(seat, this.plan.x[seat] - left));
      line.append(el('span', { class: 'row-name far', 'aria-hidden': 'true' }, row.label));
      this.grid.append(line);
    }
  }

  #seat(seat, x) {
    const label = this.plan.label(seat);
    const tier = this.plan.tierOf(seat);
    const button = el('button', { type: 'button', class: 'seat', tabindex: -1, 'data-seat': label, 'data-index': seat, 'data-tier': tier?.[0].toUpperCase() });
    if (this.plan.accessible.has(seat)) button.dataset.accessible = '';
    button.append(el('span', { class: 'seat-number' }, this.plan.number[seat]));
    this.#buttons[seat] = button;
    return el('div', { role: 'gridcell', class: 'seat-cell', 'aria-colindex': Math.round(x) + 2, vars: { '--x': x } }, button);
  }

  /** Draws seats again; null for all. @param {number[] | null} seats */
  update(seats) {
    const list = seats ?? this.#buttons.keys();
    for (const seat of list) this.#draw(seat);
    if (!seats) this.#rove(this.focused);
  }

  #draw(seat) {
    const button = this.#buttons[seat];
    const state = this.hall.state(seat);
    const pending = this.hall.pending.has(seat);
    if (button.dataset.state !== state) button.dataset.state = state;
    button.toggleAttribute('data-pending', pending);
    button.setAttribute('aria-label', nameOf(this.hall, seat));
    if ((state === 'available' && this.hall.pickable) || state === 'picked') button.removeAttribute('aria-disabled');
    else button.setAttribute('aria-disabled', 'true');
    button.parentElement?.setAttribute('aria-selected', String(state === 'picked' || state === 'mine'));
  }

  #rove(seat) {
    this.#buttons[this.focused]?.setAttribute('tabindex', '-1');
    this.focused = seat;
    this.#buttons[seat]?.setAttribute('tabindex', '0');
  }

  /** @param {number} seat */
  focus(seat) {
    this.#rove(seat);
    this.#buttons[seat].focus();
    this.#buttons[seat].scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  /** Seats nobody pointed at come into view: the first, the last, and for certain those in the middle. @param {number[]} seats */
  reveal(seats) {
    const sorted = [...seats].sort((a, b) => a - b);
    for (const part of [0, 0.999, 0.5]) this.#buttons[sorted[Math.floor(part * sorted.length)]]?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  /** Which seat an event is on, or -1. @param {Event} event */
  seatAt(event) {
    const button = /** @type {HTMLElement} */ (event.target).closest?.('.seat');
    return button ? Number(/** @type {HTMLElement} */ (button).dataset.index) : -1;
  }

  /** The focus came by itself: keep it in mind. @param {number} seat */
  focusCame(seat) {
    this.#rove(seat);
  }

  /** @param {number} seat */
  rect(seat) {
    return this.#buttons[seat].getBoundingClientRect();
  }

  /** @param {'in' | 'out' | 'fit'} way */
  zoom(way) {
    if (way === 'fit') this.#zoom = this.#fit / this.#opening;
    else this.#zoom *= way === 'in' ? 1.25 : 0.8;
    this.layout();
  }

  /** The pitch at which the hall opens: all of it where that is comfortable. */
  get #opening() {
    return Math.min(PITCH.most, Math.max(PITCH.comfortable, this.#fit));
  }

  /** Measures and places. */
  layout() {
    const { left, right, top, bottom } = this.plan.bounds;
    const across = right - left + 1;
    const wide = this.scroller.clientWidth;
    if (wide <= 0) return;
    const narrow = wide < NARROW_PX;
    const margins = narrow ? MARGINS.narrow : MARGINS.wide;
    const room = wide - margins;
    this.#fit = Math.min(PITCH.most, Math.max(PITCH.least, room / across));
    // On a phone a hall that nearly fits is better whole than a few pixels larger.
    const opening = this.#fit > 26 ? this.#fit : this.#opening;
    const pitch = Math.min(PITCH.closest, Math.max(PITCH.least, opening * this.#zoom));
    this.#zoom = pitch / opening;
    const { style } = this.grid;
    style.setProperty('--u', `${pitch}px`);
    const width = across * pitch + margins;
    style.width = `${width}px`;
    style.height = `${(bottom - top + 1) * pitch * DEPTH + 4}px`;
    this.grid.toggleAttribute('data-narrow', narrow);
    this.grid.dataset.detail = pitch >= 27 ? 'full' : pitch >= 16 ? 'glyph' : pitch >= 10 ? 'shape' : 'fill';
    if (!this.#placed && width > wide) this.scroller.scrollLeft = (this.scroller.scrollWidth - wide) / 2;
    this.#placed = true;
    this.#edges();
  }

  /** Marks the edges beyond which there is more. */
  #edges() {
    const { scrollLeft, scrollWidth, clientWidth } = this.scroller;
    this.scroller.toggleAttribute('data-before', scrollLeft > EDGE_PX);
    this.scroller.toggleAttribute('data-behind', scrollWidth - clientWidth - scrollLeft > EDGE_PX);
  }

  dispose() {}
}
