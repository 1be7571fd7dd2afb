// How full a show is, as a bar. The words stand beside it.

import { svg } from './dom.js';

const PARTS = ['booked', 'held', 'blocked', 'available'];

/** @param {import('./house.js').Stats} n */
export function fullnessBar(n) {
  const bar = svg('svg', { class: 'fill-bar', viewBox: '0 0 100 4', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  fillBar(bar, n);
  return bar;
}

/** @param {Element} bar @param {import('./house.js').Stats} n */
export function fillBar(bar, n) {
  let x = 0;
  bar.replaceChildren(...PARTS.map((name) => {
    const width = (100 * n[name]) / Math.max(1, n.capacity);
    const part = svg('rect', { x, y: 0, width, height: 4, class: `part-${name}` });
    x += width;
    return part;
  }));
}
