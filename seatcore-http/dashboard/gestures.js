// Dragging, pinching and wheeling over a large hall, without taking the page's scrolling away.

/** A finger trembles this much. */
const DRAG_PX = 6;
const SLOWS = 0.94;
const STOPS = 0.3;

export class Gestures {
  /** Whether the last press was a drag and no tap. */
  dragged = false;
  #points = new Map();
  #speed = [0, 0];
  #glide = 0;
  #travel = 0;

  /** @param {HTMLElement} element @param {import('./camera.js').Camera} camera @param {() => void} draw */
  constructor(element, camera, draw) {
    this.element = element;
    this.camera = camera;
    this.draw = draw;
    element.addEventListener('pointerdown', (event) => this.#down(event));
    element.addEventListener('pointermove', (event) => this.#move(event));
    element.addEventListener('pointerup', (event) => this.#up(event));
    element.addEventListener('pointercancel', (event) => this.#up(event));
    element.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
  }

  /** @param {PointerEvent} event */
  #down(event) {
    cancelAnimationFrame(this.#glide);
    this.#points.set(event.pointerId, [event.clientX, event.clientY]);
    if (this.#points.size === 1) {
      this.dragged = false;
      this.#travel = 0;
    } else {
      this.dragged = true;
    }
    this.#speed = [0, 0];
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const before = this.#points.get(event.pointerId);
    if (!before) return;
    const [dx, dy] = [event.clientX - before[0], event.clientY - before[1]];
    if (this.#points.size === 1) {
      this.#travel += Math.hypot(dx, dy);
      if (this.#travel < DRAG_PX) return;
      if (!this.dragged) {
        this.dragged = true;
        this.element.setPointerCapture(event.pointerId);
      }
      this.#points.set(event.pointerId, [event.clientX, event.clientY]);
      if (this.camera.pan(dx, dy)) this.#speed = [dx, dy];
      this.draw();
      return;
    }
    const [a, b] = [...this.#points.values()];
    const was = Math.hypot(a[0] - b[0], a[1] - b[1]);
    this.#points.set(event.pointerId, [event.clientX, event.clientY]);
    const [c, d] = [...this.#points.values()];
    const { left, top } = this.element.getBoundingClientRect();
    this.camera.zoomAt(Math.hypot(c[0] - d[0], c[1] - d[1]) / Math.max(1, was), (c[0] + d[0]) / 2 - left, (c[1] + d[1]) / 2 - top);
    this.camera.pan(dx / 2, dy / 2);
    this.draw();
  }

  /** @param {PointerEvent} event */
  #up(event) {
    this.#points.delete(event.pointerId);
    if (this.#points.size || !this.dragged || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    const glide = () => {
      this.#speed = [this.#speed[0] * SLOWS, this.#speed[1] * SLOWS];
      const moved = this.camera.pan(this.#speed[0], this.#speed[1]);
      this.draw();
      if (moved && Math.hypot(...this.#speed) > STOPS) this.#glide = requestAnimationFrame(glide);
    };
    if (Math.hypot(...this.#speed) > 2) this.#glide = requestAnimationFrame(glide);
  }

  /** Pinching on a touch pad is a wheel with Ctrl; a plain wheel moves what can move, then the page. @param {WheelEvent} event */
  #wheel(event) {
    const { left, top } = this.element.getBoundingClientRect();
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.camera.zoomAt(Math.exp(-event.deltaY / (event.deltaMode ? 12 : 240)), event.clientX - left, event.clientY - top);
      this.draw();
    } else if (!this.camera.fits && this.camera.pan(-event.deltaX, -event.deltaY)) {
      event.preventDefault();
      this.draw();
    }
  }

  dispose() {
    cancelAnimationFrame(this.#glide);
  }
}
