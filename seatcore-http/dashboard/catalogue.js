// What is on: movies, screens and shows, kept up to date by the stream.

import { all, get } from './api.js';
import { now } from './clock.js';
import { questionOfShows } from './early.js';
import { clockTime, day } from './format.js';
import { frames } from './live.js';
import { Signal } from './signal.js';

/** @typedef {import('./house.js').Stats} Stats */
/** @typedef {import('./format.js').Money} Money */
/**
 * @typedef {object} Show
 * @property {number} id
 * @property {number} movie
 * @property {number} screen
 * @property {string} starts_at
 * @property {string} ends_at
 * @property {{opens_at: string, closes_at: string}} sales
 * @property {'on_sale' | 'closed' | 'cancelled'} status
 * @property {Money} price
 * @property {Record<string, Money>} tiers
 * @property {Stats} stats
 * @property {number} seq
 * @property {string} layout
 */
/** @typedef {{id: number, title: string, minutes: number, description: string, poster_url: string | null}} Movie */
/** @typedef {{id: number, name: string, seats: number, layout: string, tz?: string}} Screen */

/** @type {Map<number, Movie>} */
export const movies = new Map();
/** @type {Map<number, Screen>} */
export const screens = new Map();
/** @type {Map<number, Show>} */
export const shows = new Map();
/** A show's numbers moved, or the catalogue itself (`null`). @type {Signal<number | null>} */
export const changed = new Signal();

/** Shows that were asked for one by one: outside the programme, and read again with it. @type {Set<number>} */
const beyond = new Set();

let zone = 'UTC';
let venueKnown = false;

/** The venue's time zone. */
export const venueZone = () => zone;

/** @param {Show} show */
export const zoneOf = (show) => screens.get(show.screen)?.tz ?? zone;
/** @param {Show} show */
export const titleOf = (show) => movies.get(show.movie)?.title ?? `Show ${show.id}`;
/** @param {Show} show */
export const screenOf = (show) => screens.get(show.screen)?.name ?? `Screen ${show.screen}`;

/** Which film and when, in short. @param {Show} show */
export const nameOf = (show) => `${titleOf(show)}, ${day(show.starts_at, zoneOf(show))} ${clockTime(show.starts_at, zoneOf(show))}`;

/** All that is said of a show besides its numbers, as one text to compare. @param {Show} show */
export const termsOf = ({ stats: _, seq: __, ...terms }) => JSON.stringify([terms, movies.get(terms.movie), screens.get(terms.screen)]);

/** Reads all of it. */
export async function load() {
  const [films, halls, list] = await Promise.all([all('/movies'), all('/screens'), all(questionOfShows(now())), venue()]);
  movies.clear();
  screens.clear();
  for (const movie of films) movies.set(movie.id, movie);
  for (const screen of halls) screens.set(screen.id, screen);
  for (const show of list) shows.set(show.id, show);
  const listed = new Set(list.map(({ id }) => id));
  for (const show of await Promise.all([...beyond].filter((id) => !listed.has(id)).map(again))) shows.set(show.id, show);
  changed.send(null);
}

/** As it is, or as it was when nobody answers. @param {number} id @returns {Promise<Show>} */
const again = (id) => get(`/shows/${id}`).catch(() => shows.get(id));

async function venue() {
  if (venueKnown) return;
  try {
    const version = await get('/version');
    zone = version.time_zone ?? zone;
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    zone = 'UTC';
  }
  venueKnown = true;
}

/** One show, from memory or from the server. @param {number} id @returns {Promise<Show>} */
export async function show(id) {
  const known = shows.get(id);
  if (known) return known;
  const found = await get(`/shows/${id}`);
  beyond.add(id);
  shows.set(id, found);
  changed.send(null);
  return found;
}

/** Shows that have not ended, soonest first. */
export function upcoming() {
  const at = now();
  return [...shows.values()].filter((each) => Date.parse(each.ends_at) > at).sort((a, b) => a.starts_at.localeCompare(b.starts_at) || a.id - b.id);
}

/** The numbers of a show, as counted on its grid. @param {number} id @param {Stats} stats */
export function counted(id, stats) {
  const known = shows.get(id);
  if (!known || JSON.stringify(known.stats) === JSON.stringify(stats)) return;
  known.stats = stats;
  changed.send(id);
}

/**
 * Tells when something else than numbers is to be said of some shows.
 * @param {() => number[]} which @param {() => void} act @returns {() => void} what ends it
 */
export function onTerms(which, act) {
  const terms = () => String(which().map((id) => shows.has(id) && termsOf(/** @type {Show} */ (shows.get(id)))));
  let before = terms();
  return changed.on((one) => {
    if (one !== null || terms() === before) return;
    before = terms();
    act();
  });
}

let stale = 0;
/** Soon, and once for many reasons. */
export function refresh() {
  clearTimeout(stale);
  stale = window.setTimeout(() => load().catch(() => {}), 150);
}

frames.on(({ type, data }) => {
  if (type === 'd' && data?.n) counted(data.show, data.n);
  else if (type === 'show' && data?.n) {
    counted(data.show, data.n);
    if (shows.get(data.show)?.status !== data.status) refresh();
  }
  else if (type === 'hello' || type === 'poll') refresh();
  else if (type === 'act' && String(data?.kind).startsWith('show_')) refresh();
});
