// Keys of the seat map, and whether single ones may be used.

import * as dialog from './dialog.js';
import { el } from './dom.js';

const NAME = 'seatcore-single-keys';

/** Single-key shortcuts can be turned off: speech input types letters by accident. */
export const enabled = () => localStorage.getItem(NAME) !== 'off';

const KEYS = [
  ['Arrow keys', 'move between seats'],
  ['Space or Enter', 'pick a seat, or let it go'],
  ['Home, End', 'first and last seat of the row'],
  ['Ctrl + Home, End', 'first and last seat of the hall'],
  ['Page up, down', 'section before, section behind'],
  ['N, P', 'next and previous free seat'],
  ['B', 'best available for your party'],
  ['+, −, 0', 'larger, smaller, whole hall'],
  ['Esc', 'let go of all picks'],
];

/** Shows them. */
export function open() {
  const toggle = (/** @type {Event} */ event) => localStorage.setItem(NAME, /** @type {HTMLInputElement} */ (event.target).checked ? 'on' : 'off');
  return dialog.open('Keys of the seat map', () => [
    el('dl', { class: 'keys' }, ...KEYS.flatMap(([key, does]) => [el('dt', {}, el('kbd', {}, key)), el('dd', {}, does)])),
    el('label', { class: 'check' }, el('input', { type: 'checkbox', checked: enabled(), onchange: toggle }), 'Use single letters as shortcuts'),
  ]);
}
