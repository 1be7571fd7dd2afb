// Pages that are not for everybody. The server decides; this only says it kindly.

import { el } from './dom.js';
import { mark } from './states.js';
import * as session from './session.js';

/**
 * What to show instead, or null for whoever may come in.
 * @param {string} title @param {boolean} allowed @param {'staff' | 'managers'} [whose]
 */
export function refused(title, allowed, whose = 'staff') {
  if (allowed) return null;
  const back = `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
  const user = session.current();
  const words = user ? [el('h1', { tabindex: -1 }, 'Not for this account'), el('p', { class: 'muted' }, `${title} is for ${whose}. You are signed in as ${user.name}.`), el('a', { class: 'button', href: back }, 'Sign in as someone else')]
    : [el('h1', { tabindex: -1 }, title), el('p', { class: 'muted' }, `Sign in with ${whose === 'staff' ? 'a staff' : "a manager's"} account to go on.`), el('a', { class: 'button primary', href: back }, 'Sign in')];
  return { title: user ? 'Not allowed' : title, element: el('div', { class: 'page' }, el('section', { class: 'card empty', 'data-status': user ? 403 : 401 }, mark('user'), ...words)) };
}
