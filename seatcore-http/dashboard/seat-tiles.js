// The seats of a large hall as tiles: drawn once each, then only moved, until a seat in them
// changes. While somebody zooms the last size is stretched and the next one is made beside it.

import { View } from './camera.js';

/** In device pixels: small enough that one is soon drawn, large enough that few are moved. */
const TILE_PX = 256;
/** Tiles of the next size made in one frame. */
const AHEAD = 3;
/** Within this the eye forgives a stretched picture while it moves; beyond that nothing is worth showing. */
const NEAR = Math.log(1.25);
const FAR = Math.log(1.6);
/** A size that lasts this long is meant. */
const SETTLED_MS = 100;
/** What a seat's edge and rings reach, in pitches. */
const REACH = 0.75;

/** @typedef {{canvas: HTMLCanvasElement, context: CanvasRenderingContext2D, fresh: boolean, x: number, y: number}} Tile */

/** All tiles of one size. */
class Layer {
  /** @type {Map<string, Tile>} */
  tiles = new Map();

  /** @param {number} scale pixels of a pitch @param {number} ratio device pixels of a pixel */
  constructor(scale, ratio) {
    this.scale = scale;
    this.ratio = ratio;
    /** How wide a tile is, in pitches. */
    this.side = TILE_PX / scale / ratio;
  }

  /** Where tiles are in view, as columns and rows. @param {View} camera */
  span(camera) {
    const [left, top] = [camera.x / this.side, camera.y / this.side].map(Math.floor);
    const [right, bottom] = [(camera.x + camera.width / camera.scale) / this.side, (camera.y + camera.height / camera.scale) / this.side].map(Math.ceil);
    return { left, top, right, bottom };
  }

  /** @param {View} camera @returns {Tile[]} */
  inView(camera) {
    const { left, top, right, bottom } = this.span(camera);
    const found = [];
    for (let y = top; y < bottom; y += 1) for (let x = left; x < right; x += 1) found.push(this.#tile(x, y));
    return found;
  }

  #tile(x, y) {
    const key = `${x} ${y}`;
    let tile = this.tiles.get(key);
    if (!tile) {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [TILE_PX, TILE_PX];
      tile = { canvas, context: /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d')), fresh: false, x, y };
      this.tiles.set(key, tile);
    }
    return tile;
  }

  /** Drops what is more than a tile outside. @param {View} camera */
  trim(camera) {
    const { left, top, right, bottom } = this.span(camera);
    for (const [key, { x, y }] of this.tiles) if (x < left - 1 || x > right || y < top - 1 || y > bottom) this.tiles.delete(key);
  }

  /** @param {number} wx @param {number} wy */
  forget(wx, wy) {
    const [left, top, right, bottom] = [wx - REACH, wy - REACH, wx + REACH, wy + REACH].map((each) => Math.floor(each / this.side));
    for (let y = top; y <= bottom; y += 1) {
      for (let x = left; x <= right; x += 1) {
        const tile = this.tiles.get(`${x} ${y}`);
        if (tile) tile.fresh = false;
      }
    }
  }
}

export class SeatTiles {
  /** @type {Layer | null} */
  #shown = null;
  /** @type {Layer | null} */
  #coming = null;
  /** The size of the last frame, and since when. */
  #last = { scale: 0, since: 0 };

  /** @param {(context: CanvasRenderingContext2D, view: View) => void} seats draws those in a view */
  constructor(seats) {
    this.seats = seats;
  }

  /** Seats look different now: where they stand, or null for all. @param {number[][] | null} places */
  forget(places) {
    if (!places) [this.#shown, this.#coming] = [null, null];
    else for (const [wx, wy] of places) [this.#shown, this.#coming].forEach((layer) => layer?.forget(wx, wy));
  }

  /**
   * @param {CanvasRenderingContext2D} context @param {import('./camera.js').Camera} camera @param {number} ratio
   * @returns {boolean} whether it is as sharp as it can be
   */
  paint(context, camera, ratio) {
    const shown = this.#layer(camera, ratio);
    for (const tile of shown.inView(camera)) {
      this.#freshen(shown, tile);
      place(context, camera, shown, tile);
    }
    shown.trim(camera);
    return shown.scale === camera.scale;
  }

  /** What to show: the size wanted, or one near it while that is being made. */
  #layer(camera, ratio) {
    if (this.#last.scale !== camera.scale) this.#last = { scale: camera.scale, since: performance.now() };
    const settled = performance.now() - this.#last.since > SETTLED_MS;
    const off = (/** @type {Layer | null} */ layer) => (layer?.ratio === ratio ? Math.abs(Math.log(layer.scale / camera.scale)) : Infinity);
    if (off(this.#shown) > FAR) [this.#shown, this.#coming] = [new Layer(camera.scale, ratio), null];
    if (off(this.#shown) === 0) this.#coming = null;
    if (off(this.#shown) > NEAR || (off(this.#shown) > 0 && settled)) this.#prepare(off(this.#coming) > (settled ? 0 : NEAR) ? new Layer(camera.scale, ratio) : /** @type {Layer} */ (this.#coming), camera);
    return /** @type {Layer} */ (this.#shown);
  }

  /** @param {Layer} coming @param {import('./camera.js').Camera} camera */
  #prepare(coming, camera) {
    const missing = coming.inView(camera).filter((tile) => !tile.fresh);
    for (const tile of missing.slice(0, AHEAD)) this.#freshen(coming, tile);
    [this.#shown, this.#coming] = missing.length > AHEAD ? [this.#shown, coming] : [coming, null];
  }

  /** @param {Layer} layer @param {Tile} tile */
  #freshen({ scale, ratio, side }, tile) {
    if (tile.fresh) return;
    const { context, x, y } = tile;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, TILE_PX, TILE_PX);
    this.seats(context, new View(x * side, y * side, scale, TILE_PX / ratio, TILE_PX / ratio));
    tile.fresh = true;
  }
}

/** On whole device pixels: nothing is blurred, and no seam shows. @param {CanvasRenderingContext2D} context @param {View} camera @param {Layer} layer @param {Tile} tile */
function place(context, camera, { ratio, side }, { canvas, x, y }) {
  const at = (/** @type {number} */ tiles, /** @type {number} */ from) => Math.round((tiles * side - from) * camera.scale * ratio) / ratio;
  const [left, top] = [at(x, camera.x), at(y, camera.y)];
  context.drawImage(canvas, left, top, at(x + 1, camera.x) - left, at(y + 1, camera.y) - top);
}
