// The whole hall as one small picture: kept, and touched only where a seat changed.

import { DEPTH } from './seat-painter.js';

/** @typedef {import('./hall.js').Hall} Hall */

/** A seat in the picture. */
const SEAT_PX = 4;
/** What every browser can draw from. */
const SIDE_MAX = 4096;
/** A name in less room is a smudge. */
const LABEL_PX = { width: 46, both: 84 };

export class HallPicture {
  /** @param {Hall} hall @param {Record<string, string>} colours */
  constructor(hall, colours) {
    this.hall = hall;
    const { left, right, top, bottom } = hall.plan.bounds;
    const [width, height] = [right - left + 1, (bottom - top) * DEPTH + 1];
    this.unit = Math.min(SEAT_PX, SIDE_MAX / width, SIDE_MAX / height);
    this.canvas = document.createElement('canvas');
    this.canvas.width = Math.ceil(width * this.unit);
    this.canvas.height = Math.ceil(height * this.unit);
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext('2d'));
    this.colours = colours;
    this.sections = sectionsOf(hall);
    this.sectionOf = new Int32Array(hall.plan.rows.length).fill(-1);
    for (const [at, section] of this.sections.entries()) for (const row of section.rows) this.sectionOf[row] = at;
    /** Counts its changes. */
    this.version = 0;
    /** What each seat counted as. */
    this.counted = new Uint8Array(hall.plan.length);
    this.update(null);
  }

  /** @param {Record<string, string>} colours */
  repaint(colours) {
    this.colours = colours;
    this.update(null);
  }

  /** @param {number[] | null} seats */
  update(seats) {
    const { plan } = this.hall;
    this.version += 1;
    if (!seats) this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    if (seats) for (const seat of seats) this.#seat(seat);
    else for (let seat = 0; seat < plan.length; seat += 1) this.#seat(seat);
  }

  #seat(seat) {
    const { plan } = this.hall;
    const state = this.hall.state(seat);
    const { left, top } = plan.bounds;
    const [x, y] = [(plan.x[seat] - left) * this.unit, (plan.y[seat] - top) * DEPTH * this.unit];
    const size = this.unit * 0.82;
    this.context.clearRect(x, y, this.unit, this.unit);
    this.context.fillStyle = this.colours[state === 'picked' || state === 'ticket' ? 'mine' : state];
    // Size tells sold from free where colour does not.
    const shrink = state === 'booked' ? 0.6 : state === 'blocked' ? 0.4 : 1;
    const side = size * shrink;
    this.context.fillRect(x + (this.unit - side) / 2, y + (this.unit - side) / 2, side, side);
    const free = Number(state === 'available' || state === 'picked');
    const section = this.sections[this.sectionOf[plan.row[seat]]];
    if (section) section.free += free - this.counted[seat];
    this.counted[seat] = free;
  }

  /** @param {CanvasRenderingContext2D} context @param {import('./camera.js').Camera} camera */
  paint(context, camera) {
    const { left, top } = this.hall.plan.bounds;
    const [px, py] = camera.toScreen(left - 0.5, top * DEPTH - 0.5);
    const size = camera.scale / this.unit;
    context.imageSmoothingEnabled = size < 1;
    context.drawImage(this.canvas, px, py, this.canvas.width * size, this.canvas.height * size);
  }

  /** Names of sections, and how much is free. @param {CanvasRenderingContext2D} context @param {import('./camera.js').Camera} camera @param {Record<string, string>} colours */
  labels(context, camera, colours) {
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    for (const section of this.sections) {
      if (!section.name) continue;
      const width = (section.right - section.left) * camera.scale;
      if (width < LABEL_PX.width) continue;
      const [px, py] = camera.toScreen((section.left + section.right) / 2, (section.top + section.bottom) / 2);
      if (px < -width || py < -40 || px > camera.width + width || py > camera.height + 40) continue;
      const lines = width >= LABEL_PX.both ? [section.name, `${section.free.toLocaleString()} free`] : [section.name];
      const half = Math.min(width * 0.44, 52);
      context.fillStyle = colours.surface;
      context.globalAlpha = 0.9;
      context.beginPath();
      context.roundRect(px - half, py - 10 * lines.length, half * 2, 20 * lines.length, 8);
      context.fill();
      context.globalAlpha = 1;
      context.fillStyle = colours.text;
      for (const [at, line] of lines.entries()) {
        context.font = `600 ${at === 0 ? 14 : 12}px Outfit, ${colours.font}`;
        context.fillText(line, px, py + (at - (lines.length - 1) / 2) * 18, half * 2 - 6);
      }
    }
  }
}

/** @param {Hall} hall */
function sectionsOf({ plan }) {
  /** @type {Map<string, {name: string, free: number, rows: number[], left: number, right: number, top: number, bottom: number}>} */
  const found = new Map();
  for (const [at, row] of plan.rows.entries()) {
    const section = found.get(row.section) ?? { name: row.section, free: 0, rows: [], left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
    section.rows.push(at);
    section.left = Math.min(section.left, plan.x[row.first] - 0.5);
    section.right = Math.max(section.right, plan.x[row.end - 1] + 0.5);
    section.top = Math.min(section.top, row.y * DEPTH - 0.5);
    section.bottom = Math.max(section.bottom, row.y * DEPTH + 0.5);
    found.set(row.section, section);
  }
  return [...found.values()];
}
