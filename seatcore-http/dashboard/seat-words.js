// What a seat is called, and why it cannot be had.

import * as catalogue from './catalogue.js';
import { now } from './clock.js';
import { clockTime, longDay, money } from './format.js';

/** @typedef {import('./hall.js').Hall} Hall */

const SPOKEN = {
  available: 'available',
  held: 'held by someone else',
  booked: 'booked',
  blocked: 'off sale',
  picked: 'selected',
  mine: 'held for you',
  ticket: 'your booking',
};

/** @param {import('./house.js').SeatState} state */
export const spoken = (state) => SPOKEN[state];

/** `Row C, seat 7, aisle, available, premium, €140.00` @param {Hall} hall @param {number} seat */
export function nameOf(hall, seat) {
  const { plan } = hall;
  const row = plan.rows[plan.row[seat]];
  const parts = [row.section && `Section ${row.section}`, `Row ${row.label}`, `seat ${plan.number[seat]}`];
  if (plan.onAisle(seat)) parts.push('aisle');
  if (plan.accessible.has(seat)) parts.push('wheelchair place');
  parts.push(hall.pending.has(seat) ? 'working' : SPOKEN[hall.state(seat)]);
  const tier = plan.tierOf(seat);
  if (tier) parts.push(tier);
  parts.push(money(hall.price(seat)));
  return parts.filter(Boolean).join(', ');
}

/** Why nothing can be had in this show, or '' where something can. @param {Hall} hall */
export function closedWords({ show }) {
  const zone = catalogue.zoneOf(show);
  const opens = Date.parse(show.sales.opens_at) > now();
  return {
    on_sale: '',
    cancelled: 'This show was cancelled. Nothing more can be booked.',
    closed: opens ? `Sales open ${longDay(show.sales.opens_at, zone)} at ${clockTime(show.sales.opens_at, zone)}.` : 'Sales for this show are closed.',
  }[show.status];
}

/** Why a tap took nothing. @param {Hall} hall @param {number} seat @param {string} refused */
export function whyNot(hall, seat, refused) {
  const label = hall.plan.label(seat);
  switch (refused) {
    case 'held':
      return `${label} is held by someone else. It may come back.`;
    case 'booked':
      return `${label} is booked.`;
    case 'blocked':
      return `${label} is off sale.`;
    case 'mine':
      return `${label} is held for you.`;
    case 'ticket':
      return `${label} is yours already.`;
    case 'closed':
      return closedWords(hall);
    case 'apart':
      return `There are no ${hall.party} seats side by side around ${label}.`;
    default:
      return 'At most 64 seats go into one order.';
  }
}
