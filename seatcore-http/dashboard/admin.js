// What is on and who may do what. One page each; the server checks everything again.

import { refused } from './access.js';
import { el, fill } from './dom.js';
import * as session from './session.js';
import { trouble } from './states.js';

/** @type {Record<string, {word: string, load: () => Promise<{section: () => Promise<HTMLElement[]> | HTMLElement[]}>}>} */
const PARTS = {
  shows: { word: 'Shows', load: () => import('./admin-shows.js') },
  movies: { word: 'Movies', load: () => import('./admin-movies.js') },
  screens: { word: 'Screens', load: () => import('./admin-screens.js') },
  users: { word: 'Users', load: () => import('./admin-users.js') },
};

/** @param {{path: string}} context */
export function view({ path }) {
  const name = path.split('/')[2] ?? 'shows';
  const { word, load } = PARTS[name];
  const no = refused('Administration', session.isManager());
  if (no) return no;
  const body = el('div', { class: 'stack', 'aria-busy': 'true' });
  const open = async () => {
    try {
      fill(body, ...(await (await load()).section()));
    } catch (error) {
      fill(body, trouble(`${word} could not be loaded.`, error, () => void open()));
    } finally {
      body.removeAttribute('aria-busy');
    }
  };
  void open();
  const links = Object.entries(PARTS).map(([key, part]) => el('a', { class: 'day-link', href: `/admin/${key}`, 'aria-current': key === name ? 'page' : null }, part.word));
  return { title: word, element: el('div', { class: 'page' }, el('div', { class: 'page-head' }, el('h1', { tabindex: -1 }, word), el('nav', { class: 'subnav', 'aria-label': 'Administration' }, ...links)), body) };
}
