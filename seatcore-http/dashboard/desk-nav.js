// The desk's own pages.

import { el } from './dom.js';

const PAGES = [['/desk', 'Sell'], ['/desk/stats', 'Numbers'], ['/desk/log', 'Log'], ['/status', 'Status']];

export const deskNav = () => el('nav', { class: 'subnav', 'aria-label': 'Desk' },
  ...PAGES.map(([href, word]) => el('a', { class: 'day-link', href, 'aria-current': location.pathname === href ? 'page' : null }, word)));
