// The whole hall in a corner, with a frame round what is in view. Pressing it goes there; whoever
// does not see it misses nothing that keys and buttons do not do.

import { el } from './dom.js';
import { DEPTH } from './seat-painter.js';

const SIDE_PX = { wide: 168, narrow: 104 };
/** A view of less than this is wide enough to know where one is. */
const SHOWN_FROM = 2;
/** Making the hall small takes longer than a frame has to spare: seldom, then, while it changes. */
const AGAIN_MS = 400;

export class Minimap {
  #small = document.createElement('canvas');
  #version = -1;
  #drawnAt = -Infinity;

  /**
   * @param {import('./camera.js').Camera} camera @param {import('./hall-picture.js').HallPicture} picture
   * @param {() => void} draw
   */
  constructor(camera, picture, draw) {
    this.camera = camera;
    this.picture = picture;
    this.canvas = el('canvas', { class: 'minimap', 'aria-hidden': 'true', hidden: true });
    const go = (/** @type {PointerEvent} */ event) => {
      event.stopPropagation();
      if (event.type === 'pointermove' && !event.buttons) return;
      const box = this.canvas.getBoundingClientRect();
      const [wx, wy] = this.#world((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
      camera.centre(wx, wy);
      draw();
    };
    this.canvas.addEventListener('pointerdown', go);
    this.canvas.addEventListener('pointermove', go);
    this.canvas.addEventListener('click', (event) => event.stopPropagation());
  }

  /** @param {number} x of its width @param {number} y of its height @returns {[number, number]} */
  #world(x, y) {
    const { left, right, top, bottom } = this.picture.hall.plan.bounds;
    return [left - 0.5 + x * (right - left + 1), top * DEPTH - 0.5 + y * ((bottom - top) * DEPTH + 1)];
  }

  /** @param {number} width of the view in pixels */
  resize(width) {
    const { width: w, height: h } = this.picture.canvas;
    const side = width < 480 ? SIDE_PX.narrow : SIDE_PX.wide;
    const scale = side / Math.max(w, h);
    this.ratio = Math.min(2, devicePixelRatio);
    this.width = Math.max(24, w * scale);
    this.height = Math.max(24, h * scale);
    this.canvas.width = Math.round(this.width * this.ratio);
    this.canvas.height = Math.round(this.height * this.ratio);
    this.canvas.style.width = `${this.width}px`;
    this.canvas.style.height = `${this.height}px`;
    [this.#small.width, this.#small.height] = [this.canvas.width, this.canvas.height];
    this.#version = -1;
  }

  /** The hall in its small size, kept. */
  #hall() {
    const { canvas, version } = this.picture;
    const fresh = this.#version === version || (this.#version >= 0 && performance.now() - this.#drawnAt < AGAIN_MS);
    if (fresh) return this.#small;
    [this.#version, this.#drawnAt] = [version, performance.now()];
    const context = /** @type {CanvasRenderingContext2D} */ (this.#small.getContext('2d'));
    context.clearRect(0, 0, this.#small.width, this.#small.height);
    context.globalAlpha = 0.75;
    context.drawImage(canvas, 0, 0, this.#small.width, this.#small.height);
    return this.#small;
  }

  /** @param {Record<string, string>} colours */
  paint(colours) {
    const { camera, canvas } = this;
    const far = camera.scale > camera.fitScale * SHOWN_FROM;
    if (canvas.hidden === far) canvas.hidden = !far;
    if (!far) return;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.drawImage(this.#hall(), 0, 0, this.width, this.height);
    const [left, top] = this.#world(0, 0);
    const [right, bottom] = this.#world(1, 1);
    const [sx, sy] = [this.width / (right - left), this.height / (bottom - top)];
    context.strokeStyle = colours.text;
    context.lineWidth = 2;
    context.strokeRect((camera.x - left) * sx, (camera.y - top) * sy, (camera.width / camera.scale) * sx, (camera.height / camera.scale) * sy);
  }
}
