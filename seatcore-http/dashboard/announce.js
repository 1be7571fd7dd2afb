// Words that appear by themselves: spoken once, shown for a while, never the only place of a fact.

import { button, byId, el, iconButton } from './dom.js';

/** Long enough to read twice. */
const SHOWN_MS = 7000;
/** Readers miss a text that is put in and taken out within one breath. */
const SPEAK_AFTER_MS = 60;

/** Only to be heard. @param {string} text @param {boolean} [assertive] */
export function speak(text, assertive = false) {
  const region = byId(assertive ? 'assertive' : 'polite');
  region.textContent = '';
  setTimeout(() => {
    region.textContent = text;
  }, SPEAK_AFTER_MS);
}

/**
 * Heard and seen. What is said about the same thing as before takes its place, and so does a plain
 * message after a plain one: two are shown at most, one of them to be answered.
 * @param {string} text
 * @param {{kind?: 'info' | 'success' | 'warn', assertive?: boolean, stay?: boolean, about?: string, actions?: {label: string, act: () => void}[]}} [options]
 */
export function say(text, { kind = 'info', assertive = false, stay = false, about = '', actions = [] } = {}) {
  speak(text, assertive);
  const asks = String(actions.length > 0);
  const toast = el('div', { class: `toast toast-${kind}`, 'data-about': about, 'data-asks': asks });
  const close = () => toast.remove();
  toast.append(el('p', {}, text));
  if (actions.length) {
    const act = (action) => () => {
      close();
      action.act();
    };
    toast.append(el('div', { class: 'toast-actions' }, ...actions.map((action) => button(action.label, act(action), { class: 'button small' }))));
  }
  toast.append(iconButton('Dismiss', 'close', close));
  const box = byId('toasts');
  for (const old of /** @type {HTMLElement[]} */ ([...box.children])) {
    if (old.dataset.asks === asks || (about && old.dataset.about === about)) old.remove();
  }
  box.append(toast);
  if (!stay) leaveLater(toast, close);
}

/** Has what is on the screen about this heard once more. @param {string} about @returns {boolean} whether there is anything */
export function again(about) {
  const toasts = /** @type {HTMLElement[]} */ ([...byId('toasts').children]);
  const words = toasts.find((toast) => toast.dataset.about === about)?.querySelector('p')?.textContent;
  if (words) speak(words);
  return Boolean(words);
}

/** Goes by itself, but not under a pointer or the focus. @param {HTMLElement} toast @param {() => void} close */
function leaveLater(toast, close) {
  let timer = window.setTimeout(close, SHOWN_MS);
  const wait = () => clearTimeout(timer);
  const go = () => {
    clearTimeout(timer);
    timer = window.setTimeout(close, SHOWN_MS);
  };
  toast.addEventListener('pointerenter', wait);
  toast.addEventListener('focusin', wait);
  toast.addEventListener('pointerleave', go);
  toast.addEventListener('focusout', go);
}
