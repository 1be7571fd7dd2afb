// The whole hall in a corner, with a frame round what is in view. Pressing it goes there; whoever
// does not see it misses nothing that keys and buttons do not do. It is drawn on the hall's own
// canvas: a second one that moves beside it costs a browser as much as all seats.

import { el } from './dom.js';
import { DEPTH } from './seat-painter.js';

const SIDE_PX = { wide: 168, narrow: 104 };
const MARGIN_PX = 12;
const PADDING_PX = 4;
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
    /** Where it is pressed. */
    this.element = el('div', { class: 'minimap', 'aria-hidden': 'true', hidden: true });
    const go = (/** @type {PointerEvent} */ event) => {
      event.stopPropagation();
      if (event.type === 'pointermove' && !event.buttons) return;
      const box = this.element.getBoundingClientRect();
      const [wx, wy] = this.#world((event.clientX - box.left - PADDING_PX) / this.width, (event.clientY - box.top - PADDING_PX) / this.height);
      camera.centre(wx, wy);
      draw();
    };
    this.element.addEventListener('pointerdown', go);
    this.element.addEventListener('pointermove', go);
    this.element.addEventListener('click', (event) => event.stopPropagation());
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
    this.element.style.width = `${this.width + 2 * PADDING_PX}px`;
    this.element.style.height = `${this.height + 2 * PADDING_PX}px`;
    [this.#small.width, this.#small.height] = [Math.round(this.width * this.ratio), Math.round(this.height * this.ratio)];
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

  /** @param {CanvasRenderingContext2D} context @param {Record<string, string>} colours */
  paint(context, colours) {
    const { camera, element, width, height } = this;
    const far = camera.scale > camera.fitScale * SHOWN_FROM;
    if (element.hidden === far) element.hidden = !far;
    if (!far) return;
    const [x, y] = [camera.width - MARGIN_PX - PADDING_PX - width, camera.height - MARGIN_PX - PADDING_PX - height];
    const box = new Path2D();
    box.roundRect(x - PADDING_PX - 0.5, y - PADDING_PX - 0.5, width + 2 * PADDING_PX + 1, height + 2 * PADDING_PX + 1, 8);
    context.fillStyle = colours.surface;
    context.globalAlpha = 0.88;
    context.fill(box);
    context.globalAlpha = 1;
    context.strokeStyle = colours.edge;
    context.lineWidth = 1;
    context.stroke(box);
    context.imageSmoothingEnabled = true;
    context.drawImage(this.#hall(), x, y, width, height);
    const [left, top] = this.#world(0, 0);
    const [right, bottom] = this.#world(1, 1);
    const [sx, sy] = [width / (right - left), height / (bottom - top)];
    context.save();
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
    context.strokeStyle = colours.text;
    context.lineWidth = 2;
    context.strokeRect(x + (camera.x - left) * sx, y + (camera.y - top) * sy, (camera.width / camera.scale) * sx, (camera.height / camera.scale) * sy);
    context.restore();
  }
}
