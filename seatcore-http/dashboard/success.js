// After the sale.

import * as catalogue from './catalogue.js';
import * as dialog from './dialog.js';
import { button, el, icon } from './dom.js';
import { clockTime, listed, longDay, money, sum } from './format.js';

/**
 * Resolves with where to go on: to the seats, to the tickets, or nowhere when it was dismissed.
 * @param {catalogue.Show | null} show null when it could not be asked for @param {import('./mine.js').Booking[]} bookings
 * @returns {Promise<'seats' | 'tickets' | null>}
 */
export function done(show, bookings) {
  const seats = bookings.flatMap((booking) => booking.seats);
  const tickets = bookings.flatMap((booking) => booking.tickets);
  const paid = money(sum(bookings.map((booking) => booking.total), bookings[0].total.currency));
  return dialog.open('Booked', (close) => [
    el('div', { class: 'success' },
      el('span', { class: 'success-mark', 'aria-hidden': 'true' }, icon('check')),
      el('p', { class: 'success-seats' }, listed(seats)),
      show && el('p', {}, `${catalogue.titleOf(show)}, ${longDay(show.starts_at, catalogue.zoneOf(show))} at ${clockTime(show.starts_at, catalogue.zoneOf(show))}, ${catalogue.screenOf(show)}.`),
      el('p', { class: 'muted' }, `${paid} in all.`)),
    el('div', { class: 'dialog-actions' },
      button('Back to the seats', () => close('seats'), { class: 'button' }),
      el('a', { class: 'button primary', href: tickets.length === 1 ? `/tickets/${tickets[0].code}` : '/tickets', onclick: () => close('tickets'), autofocus: true }, icon('ticket'), tickets.length === 1 ? 'Show the ticket' : 'Show the tickets')),
  ], { class: 'success-dialog' });
}
