// The live board and seat picker: `/` for the next show, `/show/:id` for one of them.

import { Refusal } from './api.js';
import { activity } from './activity.js';
import { say, speak } from './announce.js';
import * as catalogue from './catalogue.js';
import { now } from './clock.js';
import { el, entitle, fill } from './dom.js';
import { clockTime, day, fullness, isoDate, listed, money, addDays, plural } from './format.js';
import { fillBar, fullnessBar } from './fullness-bar.js';
import { Hall, askEarly } from './hall.js';
import * as live from './live.js';
import { order } from './order.js';
import { poster } from './poster.js';
import { SeatMap, listButton } from './seat-map.js';
import * as session from './session.js';
import { closedWords } from './seat-words.js';
import { mark, trouble } from './states.js';

/** @typedef {import('./catalogue.js').Show} Show */

/** Asks for the seats before it is known what is on. @param {{id?: string}} groups of the path */
export function expect({ id }) {
  // What fails is asked again, and told, once the page is there.
  if (id) askEarly(Number(id)).then(SeatMap.expect, () => {});
}

/** @param {{id?: number, query: URLSearchParams, go: (path: string) => void}} context */
export function view({ id, query, go }) {
  const strip = showStrip(id, query, go);
  const stage = el('div', { class: 'board-main', id: 'seats', tabindex: -1 });
  const element = el('div', { class: 'board' }, strip.element, stage);
  /** @type {(() => void)[]} */
  const ends = [strip.dispose];
  const wanted = strip.chosen;
  let title = 'Live board';
  if (wanted === undefined) {
    fill(stage, el('section', { class: 'card empty' }, mark('calendar'), el('h1', { tabindex: -1 }, 'Nothing on'), el('p', { class: 'muted' }, 'There are no shows to come yet.'), session.isManager() && el('a', { href: '/admin/shows', class: 'button primary' }, 'Put on a show')));
    stage.classList.add('loading');
  } else {
    const known = catalogue.shows.get(wanted);
    void SeatMap.expect(known?.stats.capacity ?? 0);
    title = known ? catalogue.nameOf(known) : 'Show';
    let gone = false;
    ends.push(() => (gone = true));
    void open(stage, wanted, ends, () => gone);
  }
  return { title, element, dispose: () => ends.forEach((end) => end()) };
}

/** @param {HTMLElement} stage @param {number} id @param {(() => void)[]} ends @param {() => boolean} gone */
async function open(stage, id, ends, gone) {
  stage.classList.add('loading');
  fill(stage, skeleton());
  try {
    const hall = await Hall.open(id);
    await SeatMap.expect(hall.plan.length);
    if (gone()) return hall.close();
    const title = () => entitle(catalogue.nameOf(hall.show));
    title();
    ends.push(() => hall.close(), hall.termsChanged.on(title));
    const room = seatRoom(hall);
    ends.push(room.dispose);
    fill(stage, ...room.parts);
    stage.classList.remove('loading');
    await room.ready();
  } catch (error) {
    if (gone()) return;
    const missing = error instanceof Refusal && error.status === 404;
    fill(stage, missing
      ? el('section', { class: 'card empty' }, mark('film'), el('h1', { tabindex: -1 }, 'No such show'), el('p', { class: 'muted' }, 'It may have been removed.'), el('a', { href: '/now', class: 'button primary' }, 'See what is on'))
      : trouble('The seats could not be loaded.', error, () => open(stage, id, ends, gone)));
    if (!(error instanceof Refusal)) throw error;
  }
}

function skeleton() {
  return el('section', { class: 'card stage skeleton', 'aria-busy': 'true' }, el('h1', { tabindex: -1, class: 'sr' }, 'Loading seats'), el('div', { class: 'bone wide' }), el('div', { class: 'bone' }), el('div', { class: 'bone hall' }));
}

/**
 * Everything about one open show.
 * @param {Hall} hall
 * @param {{tools?: Node[], rail?: Node[], heading?: 'h1' | 'h2', onSold?: (made: import('./mine.js').Booking[]) => Promise<unknown> | void}} extras
 */
export function seatRoom(hall, extras = {}) {
  const map = /** @type {SeatMap} */ (document.createElement('seat-map'));
  const ends = [];
  const summary = order(hall, map, extras.onSold);
  const head = filmHead(hall, extras.heading ?? 'h1');
  const looks = legend(hall);
  const numbers = stats(hall);
  const log = activity(hall);
  const notice = el('div', { class: 'notice-box' });
  ends.push(summary.dispose, head.dispose, looks.dispose, numbers.dispose, log.dispose, closedNotice(hall, notice, map), liveDim(map));
  ends.push(hall.picksLost.on((labels) => {
    const rest = hall.picks.size ? ' The rest of your picks stay.' : '';
    say(`${listed(labels)} ${labels.length === 1 ? 'was' : 'were'} just taken by someone else.${rest}`, { kind: 'warn', about: 'picks' });
  }));
  map.addEventListener('picked', () => {
    if (hall.party > 1) speak(hall.picks.size ? `${listed(hall.pickedLabels)} selected` : 'Nothing is selected.');
  });
  map.addEventListener('best', () => summary.best());
  const tools = el('div', { class: 'stage-tools' }, listButton(map), ...(extras.tools ?? []), summary.party);
  const stage = el('section', { class: 'card stage', 'aria-label': 'Seats' }, el('div', { class: 'stage-head' }, head.element, numbers.element), notice, tools, map, looks.element);
  const rail = el('aside', { class: 'rail', 'aria-label': 'Your order and activity' }, ...(extras.rail ?? []), summary.element, log.element);
  return { map, summary, parts: [stage, rail], ready: () => map.show(hall), dispose: () => ends.forEach((end) => end()) };
}

/** Pictures among letters: they have colours of their own. */
const EMOJI = /((?:\p{Regional_Indicator}|\p{Extended_Pictographic})[\p{Regional_Indicator}\p{Extended_Pictographic}\p{Emoji_Modifier}\u200d\ufe0f]*)/u;

/** Which film, when, where and for how much; the heading stays, since it may have the focus. @param {Hall} hall @param {'h1' | 'h2'} level */
function filmHead(hall, level) {
  const picture = el('div');
  const title = el(level, { id: 'movie-title', tabindex: -1 });
  const facts = el('p', { class: 'film-facts' });
  const draw = () => {
    fill(picture, poster(catalogue.movies.get(hall.show.movie), { id: 'movie-poster', class: 'poster film-poster' }));
    fill(title, ...catalogue.titleOf(hall.show).split(EMOJI).map((part, at) => (at % 2 ? el('span', { class: 'emoji' }, part) : part)));
    fill(facts, ...filmFacts(hall.show));
  };
  draw();
  return { element: el('header', { class: 'film' }, picture, el('div', { class: 'film-words' }, title, facts)), dispose: hall.termsChanged.on(draw) };
}

/** @param {Show} show */
function filmFacts(show) {
  const zone = catalogue.zoneOf(show);
  return [
    el('span', { id: 'movie-time' }, `${day(show.starts_at, zone)}, ${clockTime(show.starts_at, zone)}–${clockTime(show.ends_at, zone)}`),
    el('span', { id: 'movie-screen' }, catalogue.screenOf(show)),
    el('span', {}, money(show.price)),
    ...Object.entries(show.tiers ?? {}).map(([name, price]) => el('span', {}, `${name} ${money(price)}`)),
  ];
}

/** Longer than a counter's flash. */
const CALM_MS = 1000;

/** Counted on the grid itself. @param {Hall} hall */
function stats(hall) {
  const numbers = {};
  const moved = {};
  const tile = (name, word) => {
    numbers[name] = el('dd', { id: `stats-${name}` }, '–');
    return el('div', { class: `stat stat-${name}` }, el('dt', {}, word), numbers[name]);
  };
  const blocked = tile('blocked', 'Off sale');
  const element = el('dl', { class: `stats${hall.stats.capacity >= 10_000 ? ' large' : ''}` }, tile('available', 'Available'), tile('held', 'Held'), tile('booked', 'Booked'), blocked);
  const draw = () => {
    for (const name of ['available', 'held', 'booked', 'blocked']) {
      const text = hall.stats[name].toLocaleString();
      if (numbers[name].textContent === text) continue;
      // The first is no change, and a number that never rests need not call for attention.
      const calm = !(performance.now() - moved[name] >= CALM_MS);
      numbers[name].textContent = text;
      moved[name] = performance.now();
      if (!calm) numbers[name].animate?.([{ opacity: 0.35 }, { opacity: 1 }], { duration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 240 });
    }
    blocked.hidden = hall.stats.blocked === 0;
  };
  draw();
  return { element, dispose: hall.statsChanged.on(draw) };
}

/** Why nothing can be had, if so. @param {Hall} hall @param {HTMLElement} box @param {HTMLElement} map */
function closedNotice(hall, box, map) {
  const draw = () => {
    map.toggleAttribute('data-closed', !hall.open);
    const words = closedWords(hall) || soldOut(hall);
    if (box.textContent !== words) fill(box, words && el('p', { class: 'notice' }, words));
  };
  draw();
  const ends = [hall.termsChanged.on(draw), hall.statsChanged.on(draw), hall.summaryChanged.on(draw)];
  return () => ends.forEach((end) => end());
}

/** Nothing is left; what others hold may come back. @param {Hall} hall */
function soldOut({ stats, holds }) {
  if (stats.available || holds.length) return '';
  return `Sold out.${stats.held ? ` ${plural(stats.held, 'seat')} ${stats.held === 1 ? 'is' : 'are'} held and may come back.` : ''}`;
}

/** What is shown may be old while the line is down: it says so, and stays readable. @param {HTMLElement} map */
function liveDim(map) {
  const draw = (state) => map.toggleAttribute('data-stale', state === 'offline' || state === 'reconnecting');
  draw(live.currentState());
  return live.states.on(draw);
}

const LEGEND = [
  ['available', 'Available'],
  ['picked', 'Selected'],
  ['mine', 'Held for you'],
  ['ticket', 'Your booking'],
  ['held', 'Held'],
  ['booked', 'Booked'],
  ['blocked', 'Off sale'],
];

/** What the seats' looks mean; where tiers have prices of their own, those too. @param {Hall} hall */
function legend(hall) {
  const sample = (state, tier) => el('span', { class: 'seat sample', 'data-state': state, 'data-tier': tier, 'aria-hidden': 'true' });
  const tier = (name) => el('li', {}, sample('available', name[0].toUpperCase()), name, el('strong', {}, money(hall.show.tiers?.[name] ?? hall.show.price)));
  const element = el('ul', { class: 'legend', 'aria-label': 'Legend' });
  const draw = () => fill(element, ...LEGEND.map(([state, word]) => el('li', {}, sample(state), word)), ...hall.plan.tiers.map(tier));
  draw();
  return { element, dispose: hall.termsChanged.on(draw) };
}

/**
 * The strip of shows.
 * @param {number | undefined} id @param {URLSearchParams} query @param {(path: string) => void} go
 */
function showStrip(id, query, go) {
  const date = query.get('date') ?? '';
  const list = el('ul', { id: 'show-list', class: 'show-list', 'aria-label': 'Shows' });
  const days = el('select', { id: 'show-date', class: 'small', 'aria-label': 'Day', onchange: () => go(`${location.pathname}${days.value ? `?date=${days.value}` : ''}`) });
  const element = el('section', { class: 'strip', 'aria-label': 'Now showing' }, el('div', { class: 'strip-head' }, el('h2', {}, 'Now showing'), days), list);
  const on = (/** @type {Show} */ show) => !date || isoDate(show.starts_at, catalogue.zoneOf(show)) === date;
  // Whose seats are opened stays what is marked, also when another show becomes the first.
  const chosen = id ?? (catalogue.upcoming().find(on) ?? catalogue.upcoming()[0])?.id;
  let drawn = '';
  const draw = () => {
    const all = catalogue.upcoming();
    if (chosen === undefined && all.length) return go(location.pathname + location.search);
    const shows = all.filter(on);
    const key = JSON.stringify([shows.map((show) => [show.id, show.starts_at, show.status, show.movie]), date]);
    if (key !== drawn) {
      drawn = key;
      const focused = list.contains(document.activeElement) && /** @type {HTMLElement} */ (document.activeElement).dataset.show;
      drawDays(days, date, all);
      fill(list, ...shows.map((show) => showCard(show, show.id === chosen, date)), shows.length === 0 && nothingOn(date, all));
      if (focused) /** @type {HTMLElement | null} */ (list.querySelector(`[data-show="${focused}"]`))?.focus({ preventScroll: true });
      if (!shows.some((show) => show.id === chosen)) list.querySelector('.show-card')?.setAttribute('tabindex', '0');
      // Once it is part of the page; the first is in view already.
      if (shows[0]?.id !== chosen) requestAnimationFrame(() => list.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' }));
    }
    for (const show of shows) drawFullness(list, show);
    // A show nobody knows would be refused, and the others with it.
    live.watch([...(chosen !== undefined && catalogue.shows.has(chosen) ? [chosen] : []), ...shows.slice(0, 40).map((show) => show.id)]);
  };
  list.addEventListener('keydown', (event) => roveCards(list, event));
  draw();
  const end = catalogue.changed.on((which) => {
    const show = which === null ? undefined : catalogue.shows.get(which);
    if (show) drawFullness(list, show);
    else draw();
  });
  return { element, chosen, dispose: () => void end() };
}

/** @param {HTMLSelectElement} days @param {string} date @param {Show[]} all */
function drawDays(days, date, all) {
  const today = isoDate(now(), catalogue.venueZone());
  const week = Array.from({ length: 7 }, (_, at) => addDays(today, at));
  const dates = [...new Set([...week, ...all.map((show) => isoDate(show.starts_at, catalogue.zoneOf(show))), ...(date ? [date] : [])])].sort();
  const name = (each) => (each === today ? 'Today' : each === week[1] ? 'Tomorrow' : day(`${each}T12:00:00Z`, 'UTC'));
  fill(days, el('option', { value: '' }, 'All days'), ...dates.map((each) => el('option', { value: each }, name(each))));
  days.value = date;
}

/** @param {string} date @param {Show[]} all */
function nothingOn(date, all) {
  const after = all.find((show) => isoDate(show.starts_at, catalogue.zoneOf(show)) > date);
  const next = after ?? all.at(-1);
  const when = next && isoDate(next.starts_at, catalogue.zoneOf(next));
  return el('li', { class: 'nothing' }, `Nothing on ${date ? day(`${date}T12:00:00Z`, 'UTC') : 'yet'}. `,
    next && el('a', { href: `${location.pathname}?date=${when}` }, `${after ? 'Next show' : 'The last show before'} is ${day(next.starts_at, catalogue.zoneOf(next))}.`));
}

/** @param {Show} show @param {boolean} selected @param {string} date */
function showCard(show, selected, date) {
  const zone = catalogue.zoneOf(show);
  const when = `${day(show.starts_at, zone)} ${clockTime(show.starts_at, zone)}`;
  const words = el('span', { class: 'show-words' },
    el('span', { class: 'show-title' }, catalogue.titleOf(show)),
    el('span', { class: 'show-when' }, when),
    el('span', { class: 'show-screen' }, catalogue.screenOf(show)),
    el('span', { class: 'show-left' }, el('span', { class: 'show-fullness', 'aria-hidden': 'true' }), el('span', { class: 'sr show-free' }), fullnessBar(show.stats)));
  const link = el('a', { href: `/show/${show.id}${date ? `?date=${date}` : ''}`, class: 'show-card', 'data-show': show.id, 'aria-current': selected ? 'true' : null, tabindex: selected ? 0 : -1 }, poster(catalogue.movies.get(show.movie)), words);
  return el('li', {}, link);
}

/** @param {HTMLElement} list @param {Show} show */
function drawFullness(list, show) {
  const link = list.querySelector(`[data-show="${show.id}"]`);
  if (!link) return;
  const { stats: n, status } = show;
  const words = status === 'cancelled' ? 'Cancelled' : status === 'closed' ? 'Closed' : fullness(n);
  const text = /** @type {Element} */ (link.querySelector('.show-fullness'));
  if (text.textContent !== words) text.textContent = words;
  fillBar(/** @type {Element} */ (link.querySelector('.fill-bar')), n);
  /** @type {Element} */ (link.querySelector('.show-free')).textContent = status === 'on_sale' ? `${n.available} of ${plural(n.capacity, 'seat')} free` : words;
}

/** One tab stop for all cards. @param {HTMLElement} list @param {KeyboardEvent} event */
function roveCards(list, event) {
  const cards = /** @type {HTMLElement[]} */ ([...list.querySelectorAll('.show-card')]);
  const at = cards.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: cards.length - 1 }[event.key];
  if (at < 0 || to === undefined || !cards[to]) return;
  event.preventDefault();
  cards[at].tabIndex = -1;
  cards[to].tabIndex = 0;
  cards[to].focus();
  cards[to].scrollIntoView({ block: 'nearest', inline: 'center' });
}

