// Shows: when, where, for how much; closing, opening and cancelling them.

import { write } from './api.js';
import { attempt, formDialog, table } from './admin-form.js';
import * as catalogue from './catalogue.js';
import { now } from './clock.js';
import * as dialog from './dialog.js';
import { button, el, field, fill } from './dom.js';
import { clockTime, day, fromVenue, money, toVenue } from './format.js';
import { empty } from './states.js';

/** @typedef {import('./catalogue.js').Show} Show */

export function section() {
  const box = el('div', { class: 'stack' });
  const draw = () => {
    const coming = catalogue.upcoming();
    const past = [...catalogue.shows.values()].filter((show) => !coming.includes(show)).sort((a, b) => b.starts_at.localeCompare(a.starts_at));
    const shows = [...coming, ...past];
    fill(box, shows.length ? table('Shows', ['Movie', 'When', 'Screen', 'Sold', 'Price', 'State', ''], shows.map((show) => row(show, draw))) : empty('No shows yet', 'Add a movie and a screen first, then a show.'));
  };
  draw();
  return [el('div', {}, button('Add a show', () => void add(draw), { class: 'button primary' }, 'plus')), box];
}

/** @param {Show} show @param {() => void} draw */
function row(show, draw) {
  const zone = catalogue.zoneOf(show);
  const over = show.status === 'cancelled' || Date.parse(show.ends_at) < now();
  const words = { on_sale: 'On sale', closed: 'Closed', cancelled: 'Cancelled' }[show.status];
  const name = `${catalogue.titleOf(show)}, ${day(show.starts_at, zone)} ${clockTime(show.starts_at, zone)}`;
  return [
    el('a', { href: `/desk?show=${show.id}` }, catalogue.titleOf(show)),
    `${day(show.starts_at, zone)} ${clockTime(show.starts_at, zone)}–${clockTime(show.ends_at, zone)}`,
    catalogue.screenOf(show),
    `${show.stats.booked.toLocaleString()} of ${show.stats.capacity.toLocaleString()}`,
    money(show.price),
    el('span', { class: `tag ${show.status === 'on_sale' ? 'tag-good' : show.status === 'cancelled' ? 'tag-bad' : ''}` }, words),
    el('span', { class: 'table-actions' },
      !over && button('Change price', () => void reprice(show, draw), { class: 'button small', 'aria-label': `Change price: ${name}` }),
      !over && button('Cancel', () => void cancel(show, name, draw), { class: 'button small', 'aria-label': `Cancel ${name}` })),
  ];
}

/** @param {string} text @param {string} currency */
function priceOf(text, currency) {
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  return { amount_minor: Math.round(Number(text.replace(',', '.')) * 10 ** digits), currency };
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
  const price = el('input', { required: true, inputmode: 'decimal', pattern: '\\d+([.,]\\d{1,3})?', value: '12.50' });
  const currency = currencyHere();
  const save = () => write('POST', '/shows', { movie: Number(movie.value), screen: Number(screen.value), starts_at: fromVenue(starts.value, zone()), price: priceOf(price.value, currency) });
  const fields = [field('Movie', movie), field('Screen', screen), field('Starts', starts, `Time in ${zone()}. The end follows from the movie's length.`), field(`Price in ${currency}`, price)];
  const saved = await formDialog('Add a show', fields, { movie, screen, starts_at: starts, price }, save);
  if (saved) await again(draw);
}

/** @param {Show} show @param {() => void} draw */
async function reprice(show, draw) {
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency: show.price.currency }).resolvedOptions().maximumFractionDigits ?? 2;
  const price = el('input', { required: true, inputmode: 'decimal', value: (show.price.amount_minor / 10 ** digits).toFixed(digits) });
  const save = () => write('PATCH', `/shows/${show.id}`, { price: priceOf(price.value, show.price.currency) });
  if (await formDialog('Change the price', [field(`Price in ${show.price.currency}`, price, 'Seats that are held already keep their price.')], { price }, save)) await again(draw);
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

