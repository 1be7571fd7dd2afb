// Shows: when, where, for how much; closing, opening and cancelling them.

import { get, write } from './api.js';
import { attempt, formDialog, renew, table } from './admin-form.js';
import * as catalogue from './catalogue.js';
import { now } from './clock.js';
import * as dialog from './dialog.js';
import { button, el, field, fill } from './dom.js';
import { clockTime, day, fromVenue, money, toVenue } from './format.js';
import { Plan } from './plan.js';
import { priceInput, priceOf, textOf } from './price-field.js';
import { empty } from './states.js';

/** @typedef {import('./catalogue.js').Show} Show */

/** @returns {import('./admin.js').Section} */
export function section() {
  const box = el('div', { class: 'stack' });
  const head = el('div', {}, button('Add a show', () => void add(draw), { class: 'button primary' }, 'plus'));
  const draw = () => {
    const coming = catalogue.upcoming();
    const past = [...catalogue.shows.values()].filter((show) => !coming.includes(show)).sort((a, b) => b.starts_at.localeCompare(a.starts_at));
    const shows = [...coming, ...past];
    head.hidden = !catalogue.movies.size || !catalogue.screens.size;
    renew(box, JSON.stringify([shows, [...catalogue.movies], [...catalogue.screens]]), shows.length ? table('Shows', ['Movie', 'When', 'Screen', 'Sold', 'Price', 'State', ''], shows.map((show) => row(show, draw))) : noShows());
  };
  draw();
  return { parts: [head, box], draw, read: catalogue.load };
}

/** What comes before the first show. */
function noShows() {
  if (!catalogue.movies.size) return empty('No shows yet', 'A movie comes first, then a screen, then a show.', el('a', { href: '/admin/movies', class: 'button primary' }, 'To the movies'), 'film');
  if (!catalogue.screens.size) return empty('No shows yet', 'The movie is there. Now a screen, then a show.', el('a', { href: '/admin/screens', class: 'button primary' }, 'To the screens'), 'desk');
  return empty('No shows yet', 'Movie and screen are there: put on the first show.');
}

/** @param {Show} show @param {() => void} draw */
function row(show, draw) {
  const zone = catalogue.zoneOf(show);
  const over = show.status === 'cancelled' || Date.parse(show.ends_at) < now();
  const words = { on_sale: 'On sale', closed: 'Closed', cancelled: 'Cancelled' }[show.status];
  const name = catalogue.nameOf(show);
  return [
    el('a', { href: `/desk?show=${show.id}` }, catalogue.titleOf(show)),
    `${day(show.starts_at, zone)} ${clockTime(show.starts_at, zone)}–${clockTime(show.ends_at, zone)}`,
    catalogue.screenOf(show),
    `${show.stats.booked.toLocaleString()} of ${show.stats.capacity.toLocaleString()}`,
    money(show.price),
    el('span', { class: `tag ${show.status === 'on_sale' ? 'tag-good' : show.status === 'cancelled' ? 'tag-bad' : ''}` }, words),
    el('span', { class: 'table-actions' },
      !over && button('Change price', () => void reprice(show, draw), { class: 'button small', 'aria-label': `Change price: ${name}` }),
      !over && button('Cancel show', () => void cancel(show, name, draw), { class: 'button small', 'aria-label': `Cancel show: ${name}` })),
  ];
}

/** What the better seats of a plan cost; those left empty cost what all do. */
class TierPrices {
  box = el('div', { class: 'stack', hidden: true });
  /** @type {Map<string, HTMLInputElement>} */
  #inputs = new Map();
  /** @type {Promise<void>} */
  #shown = Promise.resolve();

  /** @param {string} currency @param {Record<string, HTMLElement>} controls where the server's objections find theirs */
  constructor(currency, controls) {
    this.currency = currency;
    this.controls = controls;
  }

  /** @param {string} path of the plan @param {Show['tiers']} [prices] */
  of(path, prices = {}) {
    this.#draw([], prices);
    const shown = (this.#shown = get(path).then((body) => {
      if (shown === this.#shown) this.#draw(new Plan(body).tiers, prices);
    }));
    // What fails is told when it is saved.
    shown.catch(() => {});
  }

  /** @param {string[]} tiers @param {Show['tiers']} prices */
  #draw(tiers, prices) {
    this.#inputs = new Map(tiers.map((name) => [name, priceInput(this.currency, prices[name] ? textOf(prices[name]) : '', false)]));
    const [first] = this.#inputs.values();
    if (first) this.controls.tiers = first;
    else delete this.controls.tiers;
    fill(this.box, ...[...this.#inputs].map(([name, input]) => field(`Price of ${name} in ${this.currency}`, input, 'Left empty: as all other seats.')));
    this.box.hidden = !tiers.length;
  }

  /** Not before they could be seen: what was not shown would be taken away. @returns {Promise<Show['tiers']>} */
  async read() {
    await this.#shown;
    const given = [...this.#inputs].filter(([, input]) => input.value.trim());
    return Object.fromEntries(given.map(([name, input]) => [name, priceOf(input.value, this.currency)]));
  }
}

const currencyHere = () => [...catalogue.shows.values()][0]?.price.currency ?? 'EUR';

/** @param {() => void} draw */
async function add(draw) {
  const options = (map, name) => [...map.values()].map((each) => el('option', { value: each.id }, name(each)));
  const movie = el('select', { required: true }, ...options(catalogue.movies, (each) => `${each.title} (${each.minutes} min)`));
  const screen = el('select', { required: true }, ...options(catalogue.screens, (each) => `${each.name} (${each.seats} seats)`));
  const zone = () => catalogue.screens.get(Number(screen.value))?.tz ?? catalogue.venueZone();
  const tomorrow = toVenue(new Date(now() + 86_400_000).toISOString(), zone()).slice(0, 10);
  const starts = el('input', { type: 'datetime-local', required: true, value: `${tomorrow}T20:00` });
  const currency = currencyHere();
  const price = priceInput(currency, priceOf('12.50', currency) ? '12.50' : '', true);
  const controls = { movie, screen, starts_at: starts, price };
  const tiers = new TierPrices(currency, controls);
  const follow = () => void (screen.value && tiers.of(`/screens/${screen.value}/layout`));
  screen.addEventListener('change', follow);
  follow();
  const save = async () => write('POST', '/shows', { movie: Number(movie.value), screen: Number(screen.value), starts_at: fromVenue(starts.value, zone()), price: priceOf(price.value, currency), tiers: await tiers.read() });
  const fields = [field('Movie', movie), field('Screen', screen), field('Starts', starts, `Time in ${zone()}. The end follows from the movie's length.`), field(`Price in ${currency}`, price), tiers.box];
  const saved = await formDialog('Add a show', fields, controls, save, () => 'The show is on.');
  if (saved) await again(draw);
}

/** @param {Show} show @param {() => void} draw */
async function reprice(show, draw) {
  const { currency } = show.price;
  const price = priceInput(currency, textOf(show.price), true);
  const controls = { price };
  const tiers = new TierPrices(currency, controls);
  tiers.of(`/shows/${show.id}/layout/${show.layout}`, show.tiers);
  const save = async () => write('PATCH', `/shows/${show.id}`, { price: priceOf(price.value, currency), tiers: await tiers.read() });
  const fields = [field(`Price in ${currency}`, price, 'Seats that are held already keep their price.'), tiers.box];
  if (await formDialog('Change the price', fields, controls, save, () => 'The price is changed.')) await again(draw);
}

/** @param {Show} show @param {string} name @param {() => void} draw */
async function cancel(show, name, draw) {
  const reason = await dialog.askReason('Cancel this show?', `${name}: all holds and ${show.stats.booked} booked seats end. This cannot be taken back.`, 'Cancel the show');
  if (reason && (await attempt(() => write('POST', `/shows/${show.id}/cancel`, { reason }), `${name} is cancelled.`))) await again(draw);
}

/** @param {() => void} draw */
async function again(draw) {
  await catalogue.load();
  draw();
}

