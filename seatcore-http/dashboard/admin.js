// What is on and who may do what. One page each; the server checks everything again.

import { refused } from './access.js';
import * as catalogue from './catalogue.js';
import { el, fill } from './dom.js';
import * as session from './session.js';
import { trouble } from './states.js';

/**
 * A page's parts, what draws them from what is known, and what asks again.
 * @typedef {{parts: HTMLElement[], draw: () => void, read: () => Promise<void>}} Section
 */

/** What others do here is told by no stream: it is asked for this often, while somebody looks. */
const FOLLOW_MS = 5_000;
/** Numbers come in bursts. */
const GATHER_MS = 250;

/** @type {Record<string, {word: string, load: () => Promise<{section: () => Promise<Section> | Section}>}>} */
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
  const no = refused('Administration', session.isManager(), 'managers');
  if (no) return no;
  const body = el('div', { class: 'stack', 'aria-busy': 'true' });
  let gone = false;
  let end = () => {};
  const open = async () => {
    try {
      const section = await (await load()).section();
      if (gone) return;
      fill(body, ...section.parts);
      end = follow(section);
    } catch (error) {
      fill(body, trouble(`${word} could not be loaded.`, error, () => void open()));
    } finally {
      body.removeAttribute('aria-busy');
    }
  };
  void open();
  const dispose = () => {
    gone = true;
    end();
  };
  const links = Object.entries(PARTS).map(([key, part]) => el('a', { class: 'day-link', href: `/admin/${key}`, 'aria-current': key === name ? 'page' : null }, part.word));
  return { title: word, element: el('div', { class: 'page' }, el('div', { class: 'page-head' }, el('h1', { tabindex: -1 }, word), el('nav', { class: 'subnav', 'aria-label': 'Administration' }, ...links)), body), dispose };
}

/** @param {Section} section @returns {() => void} what ends it */
function follow({ draw, read }) {
  let soon = 0;
  const end = catalogue.changed.on(() => {
    soon ||= window.setTimeout(() => {
      soon = 0;
      draw();
    }, GATHER_MS);
  });
  // What fails now is asked again.
  const clock = setInterval(() => document.hidden || void read().catch(() => {}), FOLLOW_MS);
  return () => {
    end();
    clearTimeout(soon);
    clearInterval(clock);
  };
}
