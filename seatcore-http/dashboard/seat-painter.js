// Seats on a canvas: one path per state, shapes besides colours, numbers where they can be read.

import { el } from './dom.js';
import { SCALE_NUMBERS, notBelow } from './camera.js';

/** @typedef {import('./hall.js').Hall} Hall */

/** Rows stand a little farther apart than seats. */
export const DEPTH = 1.14;
const GLYPH_SCALE = 13;
const LETTER_SCALE = 14;

const NAMES = ['available', 'held', 'booked', 'blocked', 'mine'];
const TOKENS = { available: '--seat-available', held: '--seat-held', booked: '--seat-booked', blocked: '--seat-blocked', mine: '--seat-mine', inkAvailable: '--ink-available', inkHeld: '--ink-held', inkBooked: '--ink-booked', inkMine: '--ink-mine', hatch: '--hatch', text: '--text', muted: '--muted', page: '--page', primary: '--primary', from: '--grad-from', to: '--grad-to', surface: '--surface', edge: '--edge', ground: '--ground' };

/** What the system's own colours say in their place. */
const FORCED = { available: 'ButtonText', held: 'GrayText', booked: 'GrayText', blocked: 'GrayText', mine: 'Highlight', inkAvailable: 'ButtonFace', inkHeld: 'Canvas', inkBooked: 'Canvas', inkMine: 'HighlightText', hatch: 'Canvas', text: 'CanvasText', primary: 'CanvasText', from: 'CanvasText', to: 'CanvasText', surface: 'Canvas', edge: 'CanvasText', ground: 'Canvas' };

/** Token values as this theme has them: custom properties come unresolved, colours do not. All at once, since each look at a changed page makes the browser compute it anew. */
function readColours() {
  const probes = Object.entries(TOKENS).map(([name, token]) => {
    const probe = el('span');
    probe.style.color = `var(${token})`;
    probe.style.setProperty('forced-color-adjust', 'none');
    return /** @type {const} */ ([name, probe]);
  });
  const box = el('span', { hidden: true }, ...probes.map(([, probe]) => probe));
  document.body.append(box);
  const colours = Object.fromEntries(probes.map(([name, probe]) => [name, getComputedStyle(probe).color]));
  if (matchMedia('(forced-colors: active)').matches) Object.assign(colours, FORCED);
  colours.font = getComputedStyle(document.body).fontFamily;
  box.remove();
  return colours;
}

export class Painter {
  /** @param {Hall} hall @param {HTMLCanvasElement} canvas */
  constructor(hall, canvas) {
    this.hall = hall;
    this.plan = hall.plan;
    this.canvas = canvas;
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { alpha: false }));
    this.colours = readColours();
    this.ratio = 1;
    this.middleTop = middleTop(hall.plan);
  }

  /** The theme changed, or a face came that texts were drawn without. @param {() => void} act @returns {() => void} */
  onLooks(act) {
    const again = () => {
      this.colours = readColours();
      act();
    };
    const sources = [matchMedia('(prefers-color-scheme: dark)'), matchMedia('(forced-colors: active)')];
    for (const source of sources) source.addEventListener('change', again);
    document.fonts.addEventListener('loadingdone', again);
    const theme = new MutationObserver(again);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      for (const source of sources) source.removeEventListener('change', again);
      document.fonts.removeEventListener('loadingdone', again);
      theme.disconnect();
    };
  }

  /** @param {number} width @param {number} height @param {number} ratio */
  resize(width, height, ratio) {
    this.ratio = ratio;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
  }

  /** @param {import('./camera.js').Camera} camera */
  begin(camera) {
    const { context } = this;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    // The colour of what lies below: a canvas that hides it is put on the screen sooner.
    context.fillStyle = this.colours.ground;
    context.fillRect(0, 0, camera.width, camera.height);
  }

  /** What everybody looks at, in front of the first row. @param {import('./camera.js').Camera} camera */
  front(camera) {
    const { context, colours, plan } = this;
    const { left, right, top } = plan.bounds;
    // In a bowl it stands where the middle begins, and no wider than that.
    const bowl = this.middleTop > top + 4;
    const inset = (right - left) * (bowl ? 0.36 : 0.2);
    const [x1, edge] = camera.toScreen(left + inset, (bowl ? this.middleTop : top) * DEPTH);
    const [x2] = camera.toScreen(right - inset, 0);
    const y = edge - Math.max(12, camera.scale * 1.6);
    const bow = Math.min(18, (x2 - x1) * 0.03);
    if (y < -20) return;
    const gradient = context.createLinearGradient(x1, 0, x2, 0);
    for (const [at, name] of /** @type {const} */ ([[0, 'to'], [0.5, 'from'], [1, 'to']])) gradient.addColorStop(at, colours[name]);
    const arc = new Path2D();
    arc.moveTo(x1, y);
    arc.quadraticCurveTo((x1 + x2) / 2, y - bow, x2, y);
    stroke(context, arc, /** @type {any} */ (gradient), 4);
  }

  /** Every seat in view. @param {CanvasRenderingContext2D} context @param {import('./camera.js').View} view @param {number[]} order @param {Float32Array} depths */
  seats(context, view, order, depths) {
    const { plan, hall } = this;
    const [left, top] = view.toWorld(0, 0);
    const [right, bottom] = view.toWorld(view.width, view.height);
    /** @type {Record<string, Path2D>} */
    const paths = Object.fromEntries(NAMES.map((name) => [name, new Path2D()]));
    const marks = { held: new Path2D(), booked: new Path2D(), blocked: new Path2D(), mine: new Path2D(), ring: new Path2D(), heldRing: new Path2D(), tier: new Path2D(), wheel: new Path2D() };
    const numbers = [];
    for (let at = notBelow(depths, top - 1); at < depths.length && depths[at] <= bottom + 1; at += 1) {
      const row = plan.rows[order[at]];
      const from = notBelow(plan.x, left - 1, row.first, row.end);
      for (let seat = from; seat < row.end && plan.x[seat] <= right + 1; seat += 1) {
        const [px, py] = view.toScreen(plan.x[seat], depths[at]);
        this.#seat(paths, marks, hall.state(seat), px, py, view.scale);
        if (view.scale >= GLYPH_SCALE) this.#extras(marks, seat, px, py, view.scale);
        if (view.scale >= SCALE_NUMBERS && hall.state(seat) === 'available') numbers.push([plan.number[seat], px, py]);
      }
    }
    this.#fill(context, paths, marks, view.scale);
    this.#numbers(context, numbers, view.scale);
  }

  /** A row's letters, at the edge of the view if need be. @param {import('./camera.js').Camera} camera @param {number[]} order @param {Float32Array} depths */
  letters(camera, order, depths) {
    if (camera.scale < LETTER_SCALE) return;
    const [, top] = camera.toWorld(0, 0);
    const [, bottom] = camera.toWorld(0, camera.height);
    for (let at = notBelow(depths, top - 1); at < depths.length && depths[at] <= bottom + 1; at += 1) this.#letter(camera, this.plan.rows[order[at]], depths[at]);
  }

  #seat(paths, marks, state, px, py, scale) {
    const small = state === 'booked' ? 0.72 : 0.84;
    const [w, h] = [scale * small, scale * DEPTH * small];
    const name = state === 'picked' || state === 'mine' || state === 'ticket' ? 'mine' : state;
    const [x, y] = [px - w / 2, py - h / 2];
    if (scale < GLYPH_SCALE) paths[name].rect(x, y, w, h);
    else paths[name].roundRect(x, y, w, h, scale * 0.2);
    if (state === 'picked') marks.ring.roundRect(x - 2, y - 2, w + 4, h + 4, scale * 0.24);
    const r = scale * 0.2;
    if (state === 'mine') {
      marks.heldRing.roundRect(x - 2, y - 2, w + 4, h + 4, scale * 0.24);
      if (scale >= GLYPH_SCALE) marks.mine.roundRect(px - r * 1.7, py - r * 1.7, r * 3.4, r * 3.4, r * 1.7);
    }
    if (state === 'held') {
      line(marks.held, px - r, py + r, px + r, py - r);
      if (scale >= GLYPH_SCALE) line(marks.held, px - r * 1.8, py + r * 0.6, px - r * 0.4, py - r * 1.6), line(marks.held, px + r * 0.4, py + r * 1.6, px + r * 1.8, py - r * 0.6);
    } else if (state === 'booked' && scale >= GLYPH_SCALE) {
      line(marks.booked, px - r, py - r, px + r, py + r);
      line(marks.booked, px + r, py - r, px - r, py + r);
    } else if (state === 'blocked') {
      line(marks.blocked, px - r, py, px + r, py);
    } else if (name === 'mine') {
      line(marks.mine, px - r, py, px - r * 0.2, py + r * 0.8);
      line(marks.mine, px - r * 0.2, py + r * 0.8, px + r * 1.2, py - r * 0.9);
    }
  }

  /** A tier has an edge, a wheelchair place a ring within: never a colour of its own. */
  #extras(marks, seat, px, py, scale) {
    if (this.hall.state(seat) !== 'available') return;
    const half = scale * 0.42;
    if (this.plan.tier[seat]) line(marks.tier, px - half * 0.62, py + half * DEPTH - 2, px + half * 0.62, py + half * DEPTH - 2);
    if (this.plan.accessible.has(seat)) marks.wheel.roundRect(px - half + 1, py - half * DEPTH + 1, half * 2 - 2, half * 2 * DEPTH - 2, scale * 0.18);
  }

  #fill(context, paths, marks, scale) {
    const { colours } = this;
    for (const name of ['available', 'held', 'booked', 'mine']) {
      context.fillStyle = colours[name];
      context.fill(paths[name]);
    }
    context.setLineDash([3, 3]);
    stroke(context, paths.blocked, colours.blocked, 1.5);
    context.setLineDash([]);
    const width = Math.max(1.2, scale * 0.09);
    stroke(context, marks.held, colours.hatch, width);
    stroke(context, marks.booked, colours.inkBooked, width);
    stroke(context, marks.blocked, colours.blocked, width);
    stroke(context, marks.mine, colours.inkMine, width);
    stroke(context, marks.tier, colours.inkAvailable, 2.5);
    stroke(context, marks.wheel, colours.inkAvailable, 2);
    stroke(context, marks.ring, colours.primary, 2);
    stroke(context, marks.heldRing, colours.held, 3);
  }

  #numbers(context, numbers, scale) {
    context.fillStyle = this.colours.inkAvailable;
    context.font = `600 ${Math.round(scale * 0.36)}px ${this.colours.font}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    for (const [number, px, py] of numbers) context.fillText(String(number), px, py + 1);
  }

  #letter(camera, row, depth) {
    const { context, colours, plan } = this;
    const [px, py] = camera.toScreen(plan.x[row.first] - 1, depth);
    const [end] = camera.toScreen(plan.x[row.end - 1], depth);
    if (end < 0 || px > camera.width) return;
    const size = Math.max(12, Math.round(camera.scale * 0.36));
    const half = (size * (row.label.length + 0.9)) / 2.4;
    const x = Math.max(px, half + 3);
    context.font = `600 ${size}px Outfit, ${colours.font}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    if (x > px) {
      context.fillStyle = colours.surface;
      context.beginPath();
      context.roundRect(x - half, py - size * 0.8, half * 2, size * 1.6, 6);
      context.fill();
    }
    context.fillStyle = colours.text;
    context.fillText(row.label, x, py);
  }
}

/** Where the first row stands in the middle third of the hall. @param {import('./plan.js').Plan} plan */
function middleTop(plan) {
  const { left, right } = plan.bounds;
  const [from, to] = [left + (right - left) / 3, right - (right - left) / 3];
  return Math.min(...plan.rows.filter((row) => plan.x[row.first] < to && plan.x[row.end - 1] > from).map((row) => row.y), Infinity);
}

function line(path, x1, y1, x2, y2) {
  path.moveTo(x1, y1);
  path.lineTo(x2, y2);
}

function stroke(context, path, colour, width) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.lineCap = 'round';
  context.stroke(path);
}
