// A large hall on one canvas: drawn from memory, only what is in view, once a frame at most. The
// row in focus exists as real buttons over their seats, for keyboards and readers.

import { Camera, SCALE_NUMBERS, SCALE_SHAPES, SCALE_TAP, notBelow } from './camera.js';
import { Gestures } from './gestures.js';
import { HallPicture } from './hall-picture.js';
import { FocusRows } from './focus-rows.js';
import { Minimap } from './minimap.js';
import { el } from './dom.js';
import { nearestInRow } from './plan.js';
import { DEPTH, Painter } from './seat-painter.js';
import { SeatTiles } from './seat-tiles.js';

/** @typedef {import('./hall.js').Hall} Hall */

/** A finger this near means the seat. */
const SLOP_PX = 22;
/** Above this many seats sharper than twice is not worth its time. */
const SHARP_SEATS_MAX = 20_000;
const SECTION_ZOOM_MS = 300;
/** Nearer to an edge than this is out of sight. */
const EDGE_PX = 20;

export class SeatCanvas {
  #frame = 0;
  #flight = 0;
  #first;

  /** @param {Hall} hall */
  constructor(hall) {
    this.hall = hall;
    this.plan = hall.plan;
    this.focused = Math.max(0, hall.house.symbols.indexOf('.'));
    const { left, right, top, bottom } = this.plan.bounds;
    const deep = (bottom - top) * DEPTH;
    this.camera = new Camera({ left: left - 2, right: right + 2, top: top * DEPTH - 4 - deep * 0.04, bottom: bottom * DEPTH + 2 });
    const { world } = this.camera;
    this.canvas = el('canvas', { class: 'hall-canvas', 'aria-hidden': 'true' });
    this.painter = new Painter(hall, this.canvas);
    this.picture = new HallPicture(hall, this.painter.colours);
    this.rows = new FocusRows(hall);
    this.minimap = new Minimap(this.camera, this.picture, () => this.draw());
    this.element = el('div', { class: 'map-canvas', vars: { '--aspect': (world.right - world.left) / (world.bottom - world.top) } }, this.canvas, this.rows.element, this.minimap.element);
    /** Rows by depth, for culling and for taps. */
    this.order = this.plan.rows.map((_, at) => at).sort((a, b) => this.plan.rows[a].y - this.plan.rows[b].y);
    this.depths = Float32Array.from(this.order, (at) => this.plan.rows[at].y * DEPTH);
    this.tiles = new SeatTiles((context, view) => this.painter.seats(context, view, this.order, this.depths));
    this.gestures = new Gestures(this.element, this.camera, () => this.draw());
    this.ends = [this.painter.onLooks(() => {
      this.picture.repaint(this.painter.colours);
      this.tiles.forget(null);
      this.draw();
    })];
    // Nobody walks through a hall that is not drawn yet.
    this.#first = setTimeout(() => this.rows.show(this.focused));
  }

  /** @param {number[] | null} seats */
  update(seats) {
    this.picture.update(seats);
    this.tiles.forget(seats?.map((seat) => this.#world(seat)) ?? null);
    this.rows.update(seats);
    this.draw();
  }

  /** Soon, and once. */
  draw() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
    });
  }

  #paint() {
    const { camera, painter } = this;
    painter.begin(camera);
    painter.front(camera);
    if (camera.scale < SCALE_SHAPES) {
      this.picture.paint(painter.context, camera);
    } else {
      if (!this.tiles.paint(painter.context, camera, painter.ratio)) this.draw();
      painter.letters(camera, this.order, this.depths);
    }
    if (camera.scale < SCALE_TAP) this.picture.labels(painter.context, camera, painter.colours);
    this.minimap.paint(painter.context, painter.colours);
    this.rows.follow(camera);
    this.element.toggleAttribute('data-zoomed', !camera.fits);
  }

  layout() {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!width || !height) return;
    const ratio = this.plan.length > SHARP_SEATS_MAX ? Math.min(2, devicePixelRatio) : devicePixelRatio;
    this.painter.resize(width, height, ratio);
    this.minimap.resize(width);
    this.camera.resize(width, height);
    // At once, not in the next frame: a resized canvas is blank.
    this.#paint();
  }

  /** @param {'in' | 'out' | 'fit'} way */
  zoom(way) {
    const { camera } = this;
    if (way === 'fit') camera.fit();
    else camera.zoomAt(way === 'in' ? 1.6 : 1 / 1.6, camera.width / 2, camera.height / 2);
    this.draw();
  }

  /** @param {number} seat */
  focus(seat) {
    this.focusCame(seat);
    const { camera } = this;
    const [wx, wy] = this.#world(seat);
    const [px, py] = camera.toScreen(wx, wy);
    const inside = px > 40 && py > 40 && px < camera.width - 40 && py < camera.height - 40;
    if (camera.scale < 24) camera.centre(wx, wy, 28);
    else if (!inside) camera.centre(wx, wy);
    this.#paint();
    this.rows.place(camera);
    this.rows.focus(seat);
  }

  /** @param {number} seat */
  focusCame(seat) {
    this.focused = seat;
    this.rows.show(seat);
    this.draw();
  }

  /** Seats nobody pointed at come into view, from no farther than need be. @param {number[]} seats */
  reveal(seats) {
    const { camera } = this;
    const places = seats.map((seat) => this.#world(seat));
    const [xs, ys] = [0, 1].map((axis) => places.map((place) => place[axis]));
    const [left, top, right, bottom] = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    const [[x1, y1], [x2, y2]] = [camera.toScreen(left, top), camera.toScreen(right, bottom)];
    if (x1 > EDGE_PX && y1 > EDGE_PX && x2 < camera.width - EDGE_PX && y2 < camera.height - EDGE_PX) return;
    cancelAnimationFrame(this.#flight);
    camera.centre((left + right) / 2, (top + bottom) / 2, Math.min(camera.scale, camera.width / (right - left + 4), camera.height / (bottom - top + 4)));
    this.draw();
  }

  /** @param {number} seat @returns {[number, number]} */
  #world(seat) {
    return [this.plan.x[seat], this.plan.y[seat] * DEPTH];
  }

  /**
   * The seat an event is on, or -1. A click on a hall that is too small to hit comes closer instead.
   * @param {Event} event
   */
  seatAt(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const own = target.closest?.('.seat');
    if (own) return Number(/** @type {HTMLElement} */ (own).dataset.index);
    if (!(event instanceof MouseEvent) || target !== this.canvas) return -1;
    const { left, top } = this.canvas.getBoundingClientRect();
    const [px, py] = [event.clientX - left, event.clientY - top];
    if (event.type !== 'click') return this.camera.scale < SCALE_TAP ? -1 : this.hit(px, py, false);
    if (this.gestures.dragged) return -1;
    if (this.camera.scale < SCALE_TAP) {
      this.#comeCloser(px, py);
      return -1;
    }
    return this.hit(px, py, true);
  }

  /** @param {number} px @param {number} py @param {boolean} snap to what can be taken, within a finger's width */
  hit(px, py, snap) {
    const { camera, plan, hall } = this;
    const [wx, wy] = camera.toWorld(px, py);
    const reach = Math.max(0.5, (snap ? SLOP_PX : 0) / camera.scale);
    let best = -1;
    let least = Infinity;
    for (let at = notBelow(this.depths, wy - reach); at < this.depths.length && this.depths[at] <= wy + reach; at += 1) {
      const row = plan.rows[this.order[at]];
      const near = nearestInRow(plan, row, wx);
      for (const seat of [near - 1, near, near + 1]) {
        if (seat < row.first || seat >= row.end) continue;
        const [dx, dy] = [Math.abs(plan.x[seat] - wx), Math.abs(this.depths[at] - wy)];
        const exact = dx <= 0.5 && dy <= 0.57;
        const taken = !hall.free(seat);
        if (!exact && (taken || Math.hypot(dx, dy) > reach)) continue;
        const cost = Math.hypot(dx, dy) - (exact ? 1 : 0);
        if (cost < least) [best, least] = [seat, cost];
      }
    }
    return best;
  }

  /** Flies to where somebody pointed. @param {number} px @param {number} py */
  #comeCloser(px, py) {
    const { camera } = this;
    const [wx, wy] = camera.toWorld(px, py);
    const from = { x: camera.x + camera.width / 2 / camera.scale, y: camera.y + camera.height / 2 / camera.scale, scale: camera.scale };
    const to = SCALE_NUMBERS;
    const began = performance.now();
    const lasts = matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : SECTION_ZOOM_MS;
    cancelAnimationFrame(this.#flight);
    const fly = () => {
      const t = lasts ? Math.min(1, (performance.now() - began) / lasts) : 1;
      const ease = 1 - (1 - t) ** 3;
      camera.centre(from.x + (wx - from.x) * ease, from.y + (wy - from.y) * ease, from.scale * (to / from.scale) ** ease);
      this.#paint();
      if (t < 1) this.#flight = requestAnimationFrame(fly);
    };
    fly();
  }

  /** @param {number} seat */
  rect(seat) {
    const { left, top } = this.canvas.getBoundingClientRect();
    const [px, py] = this.camera.toScreen(...this.#world(seat));
    const size = this.camera.scale;
    return new DOMRect(left + px - size / 2, top + py - (size * DEPTH) / 2, size, size * DEPTH);
  }

  dispose() {
    cancelAnimationFrame(this.#frame);
    cancelAnimationFrame(this.#flight);
    clearTimeout(this.#first);
    this.gestures.dispose();
    this.rows.dispose();
    for (const end of this.ends) end();
  }
}
