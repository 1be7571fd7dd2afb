// Where a large hall is looked at from. Pure: pixels and pitches in, pixels and pitches out.

/** Closest: a seat is a thumb wide. */
export const SCALE_MAX = 56;
/** Seats can be taken from this size on; below, a tap comes closer. */
export const SCALE_TAP = 16;
/** Numbers can be read from this size on. */
export const SCALE_NUMBERS = 26;
/** Shapes are drawn from this size on; below, a picture of the whole hall is. */
export const SCALE_SHAPES = 8;

/** A window on the hall: where its corner stands, and how large it is. */
export class View {
  /** @param {number} x in pitches @param {number} y @param {number} scale pixels of a pitch @param {number} width in pixels @param {number} height */
  constructor(x, y, scale, width, height) {
    this.x = x;
    this.y = y;
    this.scale = scale;
    this.width = width;
    this.height = height;
  }

  /** @param {number} px @param {number} py */
  toWorld(px, py) {
    return [this.x + px / this.scale, this.y + py / this.scale];
  }

  /** @param {number} wx @param {number} wy */
  toScreen(wx, wy) {
    return [(wx - this.x) * this.scale, (wy - this.y) * this.scale];
  }
}

export class Camera extends View {
  /** @param {{left: number, right: number, top: number, bottom: number}} world in pitches, seats included */
  constructor(world) {
    super(0, 0, 1, 1, 1);
    this.world = world;
  }

  /** All of it, with a little air. */
  get fitScale() {
    const { left, right, top, bottom } = this.world;
    return Math.min(SCALE_MAX, this.width / (right - left), this.height / (bottom - top));
  }

  get fits() {
    return this.scale <= this.fitScale * 1.01;
  }

  /** @param {number} width @param {number} height */
  resize(width, height) {
    const whole = this.fits || this.width <= 1;
    const [cx, cy] = [this.x + this.width / 2 / this.scale, this.y + this.height / 2 / this.scale];
    this.width = width;
    this.height = height;
    if (whole) this.fit();
    else this.centre(cx, cy, this.scale);
  }

  fit() {
    const { left, right, top, bottom } = this.world;
    this.centre((left + right) / 2, (top + bottom) / 2, this.fitScale);
  }

  /** @param {number} x @param {number} y @param {number} [scale] */
  centre(x, y, scale = this.scale) {
    this.scale = Math.min(SCALE_MAX, Math.max(this.fitScale, scale));
    this.x = x - this.width / 2 / this.scale;
    this.y = y - this.height / 2 / this.scale;
    this.#keepIn();
  }

  /** Closer or farther; what is under the pointer stays there. @param {number} factor @param {number} px @param {number} py */
  zoomAt(factor, px, py) {
    const [wx, wy] = this.toWorld(px, py);
    this.scale = Math.min(SCALE_MAX, Math.max(this.fitScale, this.scale * factor));
    this.x = wx - px / this.scale;
    this.y = wy - py / this.scale;
    this.#keepIn();
  }

  /** @param {number} dx in pixels @param {number} dy @returns {boolean} whether anything moved */
  pan(dx, dy) {
    const before = [this.x, this.y];
    this.x -= dx / this.scale;
    this.y -= dy / this.scale;
    this.#keepIn();
    return this.x !== before[0] || this.y !== before[1];
  }

  #keepIn() {
    const { left, right, top, bottom } = this.world;
    this.x = within(this.x, left, right, this.width / this.scale);
    this.y = within(this.y, top, bottom, this.height / this.scale);
  }
}

/** The near edge of a window of this size that shows no emptiness it need not show. */
function within(at, from, to, size) {
  if (size >= to - from) return (from + to - size) / 2;
  return Math.min(to - size, Math.max(from, at));
}

/** The first place in sorted numbers that is not below. @param {ArrayLike<number>} sorted @param {number} value @param {number} [low] @param {number} [high] */
export function notBelow(sorted, value, low = 0, high = sorted.length) {
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
