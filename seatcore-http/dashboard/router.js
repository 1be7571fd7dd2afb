// Paths to views. Links are ordinary links; the browser's history is the only history.

import * as board from './board.js';
import * as signIn from './sign-in.js';

/**
 * @typedef {object} View
 * @property {string} title
 * @property {HTMLElement} element
 * @property {() => void} [dispose]
 */
/**
 * @typedef {object} Context
 * @property {string} path
 * @property {number} [id]
 * @property {string} [code]
 * @property {URLSearchParams} query
 * @property {(path: string) => void} go
 */

/** Heavier parts come when they are asked for. @type {[RegExp, () => Promise<{view: (context: any) => View, expect?: (groups: Record<string, string>) => void}>][]} */
const ROUTES = [
  [/^\/$/, async () => board],
  [/^\/show\/(?<id>\d+)$/, async () => board],
  [/^\/now$/, () => import('./now.js')],
  [/^\/checkout$/, () => import('./checkout.js')],
  [/^\/(sign-in|register)$/, async () => signIn],
  [/^\/tickets$/, () => import('./tickets.js')],
  [/^\/tickets\/(?<code>[\w-]+)$/, () => import('./tickets.js')],
  [/^\/desk$/, () => import('./desk.js')],
  [/^\/desk\/stats$/, () => import('./desk-stats.js')],
  [/^\/desk\/log$/, () => import('./desk-log.js')],
  [/^\/status$/, () => import('./status.js')],
  [/^\/admin(\/(movies|screens|shows|users))?$/, () => import('./admin.js')],
];

/** @param {URL} url */
export function find(url) {
  for (const [pattern, load] of ROUTES) {
    const match = pattern.exec(url.pathname);
    if (match) return { load, groups: match.groups ?? {} };
  }
  return null;
}

/** @param {(url: URL) => void} render @returns {(path: string, replace?: boolean) => void} goes somewhere */
export function start(render) {
  const pageOf = (/** @type {URL | Location} */ at) => at.pathname + at.search;
  let here = pageOf(location);
  const show = (/** @type {URL} */ url) => {
    here = pageOf(url);
    render(url);
  };
  const go = (/** @type {string} */ path, replace = false) => {
    const url = new URL(path, location.origin);
    if (replace || url.href === location.href) history.replaceState(null, '', url);
    else history.pushState(null, '', url);
    show(url);
  };
  document.addEventListener('click', (event) => {
    const link = /** @type {Element} */ (event.target).closest?.('a[href]');
    if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const url = new URL(/** @type {HTMLAnchorElement} */ (link).href);
    if (url.origin !== location.origin || link.hasAttribute('download') || link.getAttribute('target') || !find(url)) return;
    if (url.hash && url.pathname === location.pathname) return;
    event.preventDefault();
    go(url.pathname + url.search);
  });
  window.addEventListener('popstate', () => {
    // A fragment is a place on the page that is there already.
    if (pageOf(location) !== here) show(new URL(location.href));
  });
  return go;
}
