// What a part of the page says when it cannot show what it should.

import { Refusal } from './api.js';
import { button, el, icon } from './dom.js';
import * as live from './live.js';
import * as mine from './mine.js';
import { wordsFor } from './selling.js';

/** What failed, why, and another try, which is made by itself when the server is back. @param {string} what @param {unknown} error @param {() => void} retry */
export function trouble(what, error, retry) {
  const away = unanswered(error);
  const why = away ? 'The server did not answer. This comes by itself when it does.' : error instanceof Refusal ? wordsFor(error) : 'Something went wrong in this page.';
  const element = el('section', { class: 'card trouble', role: 'alert' }, mark('alert'), el('h1', { tabindex: -1 }, what), el('p', {}, why), button('Try again', retry, { class: 'button primary' }));
  if (away) whenBack(element, retry);
  if (away && !(error instanceof Refusal)) void beginAnew();
  return element;
}

/** A server that was brought up to date has no scripts for the pages of before: they are opened once more. */
async function beginAnew() {
  const own = await fetch(import.meta.url, { method: 'HEAD', cache: 'no-store' }).catch(() => null);
  if (own?.status === 404) location.reload();
}

/** Whether nobody answered, also where a script was asked for: each browser has its own words for that. @param {unknown} error */
export function unanswered(error) {
  return error instanceof Refusal ? error.unknown : error instanceof TypeError && /import/i.test(error.message);
}

/** @param {HTMLElement} element @param {() => void} retry */
function whenBack(element, retry) {
  const end = live.states.on((to) => {
    if (to !== 'live' && to !== 'polling') return;
    end();
    if (element.isConnected) retry();
  });
}

/** On its way: what it is, and room for it. @param {string} what */
function loading(what) {
  return el('section', { class: 'card skeleton', 'aria-busy': 'true' }, el('p', { class: 'muted', role: 'status' }, what), el('div', { class: 'bone wide' }), el('div', { class: 'bone' }));
}

/**
 * What stands for a list of mine that is not known, or null once it is.
 * @param {string} asked while it is on its way @param {string} failed
 */
export function unknown(asked, failed) {
  const standing = mine.standing();
  if (standing === 'known') return null;
  return standing === 'asked' ? loading(asked) : trouble(failed, standing, mine.ask);
}

/**
 * Nothing here, and one way on.
 * @param {string} title @param {string} text @param {Node} [action] @param {keyof typeof import('./icons.js').PATHS} [glyph]
 */
export function empty(title, text, action, glyph = 'calendar') {
  return el('section', { class: 'card empty' }, mark(glyph), el('h2', {}, title), el('p', { class: 'muted' }, text), action);
}

/** What a page that has nothing to show is about. @param {keyof typeof import('./icons.js').PATHS} glyph */
export const mark = (glyph) => el('span', { class: 'empty-mark', 'aria-hidden': 'true' }, icon(glyph));
