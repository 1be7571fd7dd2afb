// My tickets: what is to come, what was, and one ticket as the door wants to see it.

import { Refusal, get } from './api.js';
import * as catalogue from './catalogue.js';
import { now } from './clock.js';
import * as dialog from './dialog.js';
import { button, el, fill, icon, redraw } from './dom.js';
import { clockTime, day, listed, longDay, money } from './format.js';
import * as live from './live.js';
import * as mine from './mine.js';
import { poster } from './poster.js';
import { say } from './announce.js';
import { wordsFor } from './selling.js';
import * as session from './session.js';
import { empty, trouble, unknown } from './states.js';

/** @typedef {mine.Booking} Booking */

/** @param {{code?: string, go: (path: string) => void}} context */
export function view({ code }) {
  return code ? ticket(code) : list();
}

const signInFirst = () => empty('Sign in to see your tickets', 'They are waiting under your account.', el('a', { class: 'button primary', href: `/sign-in?next=${encodeURIComponent(location.pathname)}` }, 'Sign in'), 'user');

/** A booking's show, fetched when it is not of those to come. @param {number} id */
const showOf = (id) => catalogue.show(id).catch(() => null);

function list() {
  const body = el('div', { class: 'bookings' });
  let turn = 0;
  const draw = async () => {
    const own = (turn += 1);
    if (!session.current()) return fill(body, signInFirst());
    const missing = unknown('Loading your tickets.', 'Your tickets could not be loaded.');
    if (missing) return fill(body, missing);
    const bookings = mine.allBookings();
    const shows = new Map(await Promise.all([...new Set(bookings.map((each) => each.show))].map(async (id) => /** @type {const} */ ([id, await showOf(id)]))));
    if (own !== turn) return;
    const ends = (booking) => Date.parse(shows.get(booking.show)?.ends_at ?? booking.booked_at);
    const starts = (booking) => Date.parse(shows.get(booking.show)?.starts_at ?? booking.booked_at);
    const coming = bookings.filter((each) => each.state === 'booked' && ends(each) > now()).sort((a, b) => starts(a) - starts(b));
    const past = bookings.filter((each) => !coming.includes(each)).sort((a, b) => starts(b) - starts(a));
    const cards = (each) => each.map((booking) => card(booking, shows.get(booking.show) ?? null));
    live.watch([...coming.slice(0, 20).map((each) => each.show), ...catalogue.upcoming().slice(0, 20).map((each) => each.id)]);
    if (!bookings.length) return fill(body, empty('No tickets yet', 'What you book appears here.', el('a', { class: 'button primary', href: '/now' }, 'See what is on'), 'ticket'));
    redraw(body, coming.length ? cards(coming) : empty('Nothing to come', 'Your earlier bookings are below.', el('a', { class: 'button', href: '/now' }, 'See what is on'), 'ticket'), past.length > 0 && el('h2', {}, 'Past and cancelled'), cards(past));
  };
  void draw();
  const booked = () => mine.allBookings().map((booking) => booking.show);
  const ends = [mine.changed.on(() => void draw()), catalogue.onTerms(booked, () => void draw())];
  const element = el('div', { class: 'page' }, el('h1', { tabindex: -1 }, 'My tickets'), body);
  return { title: 'My tickets', element, dispose: () => ends.forEach((end) => end()) };
}

/** @param {Booking} booking @param {catalogue.Show | null} show */
function card(booking, show) {
  const zone = show ? catalogue.zoneOf(show) : 'UTC';
  const cancelled = booking.state === 'cancelled';
  const mayCancel = !cancelled && show && Date.parse(show.starts_at) > now();
  const links = booking.tickets.map((each) => el('a', { class: 'button small', href: `/tickets/${each.code}`, 'aria-label': `Ticket for ${each.seat}` }, icon('ticket'), el('span', {}, each.seat)));
  return el('article', { class: 'card booking', 'data-state': booking.state, 'data-booking': booking.id },
    poster(show ? catalogue.movies.get(show.movie) : undefined),
    el('div', { class: 'booking-words' },
      el('h2', {}, show ? catalogue.titleOf(show) : `Show ${booking.show}`),
      show && el('p', {}, `${day(show.starts_at, zone)}, ${clockTime(show.starts_at, zone)}, ${catalogue.screenOf(show)}`),
      !cancelled && el('div', { class: 'ticket-links' }, ...links),
      el('div', { class: 'booking-foot' },
        el('p', { class: 'muted' }, cancelled ? `${listed(booking.seats, 20)}, ${money(booking.total)}` : money(booking.total)),
        cancelled && el('span', { class: 'tag tag-bad' }, 'Cancelled'),
        mayCancel && button('Cancel this booking', () => void cancel(booking), { class: 'link-button quiet' }))));
}

/** @param {Booking} booking */
async function cancel(booking) {
  const sure = await dialog.ask('Cancel this booking?', `${listed(booking.seats, 20)} will go back on sale and the tickets will no longer be good.`, 'Cancel the booking', { danger: true, no: 'Keep it' });
  if (!sure) return;
  try {
    await mine.cancel(booking);
    say(`The booking of ${listed(booking.seats)} is cancelled.`, { kind: 'success' });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say(wordsFor(error), { kind: 'warn' });
  }
}

/** @param {string} code */
function ticket(code) {
  const body = el('div', { class: 'stack', 'aria-busy': 'true' }, el('div', { class: 'card bone hall' }));
  let gone = false;
  let end = () => {};
  const load = async () => {
    try {
      if (!session.current()) return fill(body, signInFirst());
      const found = await get(`/tickets/${encodeURIComponent(code)}`);
      const { show } = found.booking;
      await showOf(show);
      if (gone) return;
      const draw = () => redraw(body, face(found, catalogue.shows.get(show) ?? null, found.booking));
      draw();
      live.watch([show, ...catalogue.upcoming().slice(0, 20).map((each) => each.id)]);
      // A show that is moved is moved on the ticket in my hand.
      end();
      end = catalogue.onTerms(() => [show], draw);
    } catch (error) {
      // The page is drawn again for whoever is signed in no more.
      if (error instanceof Refusal && error.status === 401) return session.ended();
      const refused = error instanceof Refusal && (error.status === 404 || error.status === 403);
      fill(body, refused ? empty('No such ticket', 'Either the code is wrong, or the ticket belongs to someone else.', el('a', { class: 'button', href: '/tickets' }, 'My tickets'), 'ticket') : trouble('The ticket could not be loaded.', error, () => void load()));
      if (!(error instanceof Refusal)) throw error;
    } finally {
      body.removeAttribute('aria-busy');
    }
  };
  void load();
  const dispose = () => {
    gone = true;
    end();
  };
  return { title: 'Ticket', element: el('div', { class: 'page' }, el('div', { class: 'page-head' }, el('h1', { tabindex: -1 }, 'Ticket'), el('a', { href: '/tickets', class: 'no-print' }, 'All my tickets')), body), dispose };
}

/** @param {{code: string, seat: string, state: string}} found @param {catalogue.Show | null} show @param {Booking} booking */
function face(found, show, booking) {
  const zone = show ? catalogue.zoneOf(show) : 'UTC';
  const good = found.state === 'valid';
  const around = booking.tickets;
  const at = around.findIndex((each) => each.code === found.code);
  const beside = (step, word) => around[at + step] && at >= 0 && el('a', { class: 'button small', href: `/tickets/${around[at + step].code}` }, `${word}: ${around[at + step].seat}`);
  const fact = (name, value) => [el('dt', {}, name), el('dd', {}, value)];
  return el('div', { class: 'stack' },
    el('article', { class: 'card ticket' },
      good ? el('img', { class: 'qr', src: `/api/v1/tickets/${found.code}.svg`, alt: `QR code for ticket ${found.code}`, width: 300, height: 300 }) : el('p', { class: 'notice' }, 'This ticket was cancelled and is no longer good.'),
      el('div', { class: 'ticket-words' },
        el('h2', {}, show ? catalogue.titleOf(show) : 'Ticket'),
        el('p', { class: 'ticket-seat' }, found.seat),
        el('dl', { class: 'facts' }, ...(show ? [...fact('When', `${longDay(show.starts_at, zone)}, ${clockTime(show.starts_at, zone)}`), ...fact('Where', catalogue.screenOf(show))] : []), ...fact('State', el('span', { class: `tag ${good ? 'tag-good' : 'tag-bad'}` }, good ? 'Good for entry' : 'Void'))),
        el('p', { class: 'ticket-code' }, found.code),
        el('p', { class: 'muted no-print' }, 'Turn the brightness up at the door. The code can be typed as well.'))),
    el('div', { class: 'ticket-nav no-print' }, beside(-1, 'Before'), beside(1, 'Next'), button('Print', () => window.print(), { class: 'button small' }, 'print')));
}
