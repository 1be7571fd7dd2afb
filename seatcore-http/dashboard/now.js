// Now showing: films with their times, a day at a time.

import * as catalogue from './catalogue.js';
import { now } from './clock.js';
import { el, fill } from './dom.js';
import { addDays, clockTime, day, fullness, isoDate, longDay, money, plural } from './format.js';
import * as live from './live.js';
import { poster } from './poster.js';
import { empty } from './states.js';

/** @typedef {import('./catalogue.js').Show} Show */

/** @param {{query: URLSearchParams, go: (path: string) => void}} context */
export function view({ query, go }) {
  const dateOf = (/** @type {Show} */ show) => isoDate(show.starts_at, catalogue.zoneOf(show));
  const today = isoDate(now(), catalogue.venueZone());
  const date = /^\d{4}-\d\d-\d\d$/.test(query.get('date') ?? '') ? String(query.get('date')) : (catalogue.upcoming().map(dateOf)[0] ?? today);
  const days = el('nav', { class: 'days', 'aria-label': 'Days' });
  const films = el('div', { class: 'poster-grid' });
  const draw = () => {
    const all = catalogue.upcoming();
    const shows = all.filter((show) => dateOf(show) === date);
    fillDays(days, today, date, go);
    fill(films, ...(shows.length ? groups(shows).map(movieCard) : [nothing(all, date, dateOf)]));
    // A day without shows has none to look at; those of other days keep the line open.
    live.watch((shows.length ? shows : all).slice(0, 40).map((show) => show.id));
  };
  draw();
  const end = catalogue.changed.on((which) => {
    if (which === null) draw();
    else refreshSlot(films, which);
  });
  const element = el('div', { class: 'page' }, el('div', { class: 'page-head' }, el('h1', { tabindex: -1 }, 'Now showing'), el('p', { class: 'muted' }, longDay(`${date}T12:00:00Z`, 'UTC'))), days, films);
  return { title: `Now showing, ${day(`${date}T12:00:00Z`, 'UTC')}`, element, dispose: () => void end() };
}

/** @param {HTMLElement} box @param {string} today @param {string} date @param {(path: string) => void} go */
function fillDays(box, today, date, go) {
  const week = Array.from({ length: 7 }, (_, at) => addDays(today, at));
  const name = (each) => (each === today ? 'Today' : each === week[1] ? 'Tomorrow' : day(`${each}T12:00:00Z`, 'UTC'));
  const link = (each) => el('a', { class: 'day-link', href: `/now?date=${each}`, 'aria-current': each === date ? 'date' : null }, name(each));
  const other = el('input', { type: 'date', value: date, 'aria-label': 'Another day', onchange: () => other.value && go(`/now?date=${other.value}`) });
  fill(box, ...week.map(link), other);
}

/** @param {Show[]} shows */
function groups(shows) {
  /** @type {Map<number, Show[]>} */
  const found = new Map();
  for (const show of shows) found.set(show.movie, [...(found.get(show.movie) ?? []), show]);
  return [...found.values()];
}

/** @param {Show[]} shows of one movie */
function movieCard(shows) {
  const movie = catalogue.movies.get(shows[0].movie);
  return el('article', { class: 'card movie' }, poster(movie),
    el('div', { class: 'movie-words' }, el('h2', {}, catalogue.titleOf(shows[0])), movie && el('p', { class: 'movie-length' }, plural(movie.minutes, 'minute')), movie && el('p', { class: 'clamp' }, movie.description)),
    el('div', { class: 'slots' }, ...shows.map(slot)));
}

/** @param {Show} show */
function slot(show) {
  const zone = catalogue.zoneOf(show);
  const prices = [show.price, ...Object.values(show.tiers ?? {})].sort((a, b) => a.amount_minor - b.amount_minor);
  const price = `${prices.length > 1 ? 'from ' : ''}${money(prices[0])}`;
  const link = el('a', { class: 'slot', href: `/show/${show.id}`, 'data-show': show.id, 'data-status': show.status },
    el('span', { class: 'slot-time' }, clockTime(show.starts_at, zone)),
    el('span', { class: 'slot-left', 'aria-hidden': 'true' }), el('span', { class: 'slot-where' }, `${catalogue.screenOf(show)} · ${price}`), el('span', { class: 'sr slot-free' }));
  nameSlot(link, show);
  return link;
}

/** @param {HTMLElement} link @param {Show} show */
function nameSlot(link, show) {
  const words = show.status === 'cancelled' ? 'Cancelled' : show.status === 'closed' ? 'Closed' : fullness(show.stats);
  const left = /** @type {Element} */ (link.querySelector('.slot-left'));
  left.textContent = words;
  left.toggleAttribute('data-none', show.status !== 'on_sale' || show.stats.available === 0);
  left.toggleAttribute('data-few', show.status === 'on_sale' && show.stats.available > 0 && show.stats.available * 5 < show.stats.capacity);
  const free = show.status === 'on_sale' ? `${show.stats.available} of ${plural(show.stats.capacity, 'seat')} free` : words;
  /** @type {Element} */ (link.querySelector('.slot-free')).textContent = `${free}, ${catalogue.titleOf(show)}`;
}

/** Numbers move, the focus does not. @param {HTMLElement} films @param {number} id */
function refreshSlot(films, id) {
  const link = /** @type {HTMLElement | null} */ (films.querySelector(`[data-show="${id}"]`));
  const show = catalogue.shows.get(id);
  if (link && show) nameSlot(link, show);
}

/** @param {Show[]} all @param {string} date @param {(show: Show) => string} dateOf */
function nothing(all, date, dateOf) {
  const after = all.find((show) => dateOf(show) > date);
  const next = after ?? all.at(-1);
  const link = next && el('a', { href: `/now?date=${dateOf(next)}`, class: 'button' }, `${after ? 'Next show' : 'The last show before'} is ${day(next.starts_at, catalogue.zoneOf(next))}`);
  return empty(`Nothing on ${day(`${date}T12:00:00Z`, 'UTC')}`, next ? 'There are shows on another day.' : 'There are no shows to come yet.', link);
}
