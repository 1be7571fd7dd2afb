// Automatic, dark or light; kept on this device.

import { iconButton, fill, icon } from './dom.js';

const NAME = 'seatcore-theme';
const ORDER = ['auto', 'dark', 'light'];
const GLYPHS = { auto: 'theme', dark: 'moon', light: 'sun' };

/** @returns {string} */
const current = () => {
  const kept = localStorage.getItem(NAME) ?? 'auto';
  return ORDER.includes(kept) ? kept : 'auto';
};

function apply() {
  if (current() === 'auto') document.documentElement.removeAttribute('data-theme');
  else document.documentElement.dataset.theme = current();
}

/** As early as possible. */
export function start() {
  apply();
}

/** The button that goes round. */
export function toggle() {
  const button = iconButton('', 'theme', () => {
    localStorage.setItem(NAME, ORDER[(ORDER.indexOf(current()) + 1) % ORDER.length]);
    apply();
    draw();
  });
  const draw = () => {
    const words = `Theme: ${current() === 'auto' ? 'automatic' : current()}`;
    button.setAttribute('aria-label', words);
    button.title = words;
    fill(button, icon(/** @type {any} */ (GLYPHS[current()])));
  };
  draw();
  return button;
}
