// A seat as the desk sees it: whose it is, until when, and what can be done.

import { Refusal, get, request, write } from './api.js';
import { say } from './announce.js';
import * as catalogue from './catalogue.js';
import { now } from './clock.js';
import * as dialog from './dialog.js';
import { button, el, iconButton, redraw } from './dom.js';
import { capital, clockTime, digits, inWords, listed, money, plural } from './format.js';
import * as mine from './mine.js';
import { called } from './people.js';
import { wordsFor } from './selling.js';
import { spoken } from './seat-words.js';

/** @typedef {import('./hall.js').Hall} Hall */

/** Does it, or says why not. @param {() => Promise<string>} act @param {() => void} done */
async function attempt(act, done, undo) {
  try {
    const words = await act();
    say(words, { kind: 'success', actions: undo ? [{ label: 'Undo', act: undo }] : [] });
    await mine.reload();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say(wordsFor(error), { kind: 'warn', assertive: true });
  }
  done();
}

/** What a hold still has, in texts that go on by themselves while all around them stays. */
export const timeLeft = {
  /** @param {mine.Hold} hold @param {boolean} [spelled] in words */
  text(hold, spelled = false) {
    const text = el('span', { 'data-left': hold.expires_at, 'data-spelled': spelled });
    tell(text);
    return text;
  },
  /** @param {HTMLElement} place */
  draw(place) {
    for (const text of /** @type {NodeListOf<HTMLElement>} */ (place.querySelectorAll('[data-left]'))) tell(text);
  },
};

/** @param {HTMLElement} text */
function tell(text) {
  const left = Date.parse(text.dataset.left ?? '') - now();
  text.textContent = `${text.hasAttribute('data-spelled') ? inWords(left) : digits(left)} left`;
}

/** @param {HTMLElement} panel @param {Hall} hall @param {number} seat @param {() => void} done */
export async function seatCard(panel, hall, seat, done) {
  const label = hall.plan.label(seat);
  const state = hall.state(seat);
  const close = (/** @type {MouseEvent} */ { detail }) => {
    panel.hidden = true;
    // By keyboard: on to the seat, for the button is gone.
    if (!detail) /** @type {import('./seat-map.js').SeatMap | null} */ (document.querySelector('seat-map'))?.focusSeats(label);
  };
  const head = el('div', { class: 'seat-card-head' }, el('h2', {}, `Seat ${label}`), iconButton('Close', 'close', close));
  if (state === 'available' || state === 'picked') return redraw(panel, head, el('p', { class: 'muted' }, capital(spoken(state))), freeSeats(hall, seat, done));
  let why;
  try {
    why = await get(`/shows/${hall.show.id}/seats/${encodeURIComponent(label)}`);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return redraw(panel, head, el('p', { class: 'muted' }, wordsFor(error)));
  }
  const { hold } = why;
  const zone = catalogue.zoneOf(hall.show);
  const fact = (name, value) => (value ? [el('dt', {}, name), el('dd', {}, value)] : []);
  const facts = el('dl', { class: 'facts' },
    ...fact('State', capital(why.status)),
    ...fact(hold?.state === 'booked' ? 'Paid' : hold?.state === 'held' ? 'To pay' : 'Price', priceOf(why)),
    ...fact('Holder', hold?.holder && called(hold.holder)),
    ...fact('Seats', hold && listed(hold.seats, 12)),
    ...fact(hold?.state === 'blocked' ? 'Reason' : 'Reference', hold?.reference),
    ...fact('Until', hold?.expires_at && [`${clockTime(hold.expires_at, zone, true)}, `, timeLeft.text(hold, true)]));
  redraw(panel, head, facts, actions(hall, label, why, done));
}

/** What this seat cost whoever has it, not what it would cost now. @param {any} why */
function priceOf({ price, hold }) {
  if (!hold?.total || hold.state === 'blocked') return money(price);
  return money(hold.total) + (hold.seats.length > 1 ? ` for ${plural(hold.seats.length, 'seat')}` : '');
}

/** @param {Hall} hall @param {string} label @param {any} why @param {() => void} done */
function actions(hall, label, { status, hold }, done) {
  const box = el('div', { class: 'seat-card-actions' });
  if (status === 'blocked') {
    const seats = [label];
    box.append(button(`Put ${label} back on sale`, () => void unblock(hall, seats, done), { class: 'button small' }));
    if (hold?.seats?.length > 1) box.append(button(`All ${hold.seats.length}`, () => void unblock(hall, hold.seats, done), { class: 'button small' }));
  }
  if (!hold) return box;
  if (status === 'held') {
    box.append(button('10 more minutes', () => void attempt(async () => {
      await write('PATCH', `/holds/${hold.id}`, { extend_s: 600 });
      return `${listed(hold.seats)} held for longer.`;
    }, done), { class: 'button small' }, 'clock'));
    box.append(button('Release', async () => {
      if (!(await dialog.ask('Release this hold?', `${listed(hold.seats)} of ${called(hold.holder)} will go back on sale.`, 'Release', { danger: true }))) return;
      void attempt(async () => {
        await request('DELETE', `/holds/${hold.id}`);
        return `${listed(hold.seats)} released.`;
      }, done);
    }, { class: 'button small danger' }));
  }
  if (status === 'booked') {
    box.append(button('Cancel the booking', async () => {
      const reason = await dialog.askReason('Cancel this booking?', `${listed(hold.seats)} of ${called(hold.holder)} will go back on sale, and ${plural(hold.seats.length, 'ticket')} will no longer be good.`, 'Cancel the booking');
      if (!reason) return;
      void attempt(async () => {
        await write('POST', `/bookings/${hold.id.replace(/^hld_/, 'bkg_')}/cancel`, { reason });
        return `The booking of ${listed(hold.seats)} is cancelled.`;
      }, done);
    }, { class: 'button small danger' }));
  }
  return box;
}

/** Free seats can be taken off sale: those picked, or the row. @param {Hall} hall @param {number} seat @param {() => void} done */
function freeSeats(hall, seat, done) {
  const row = hall.plan.rows[hall.plan.row[seat]];
  const free = [];
  for (let each = row.first; each < row.end; each += 1) if (hall.free(each)) free.push(hall.plan.label(each));
  const picked = hall.pickedLabels;
  return el('div', { class: 'seat-card-actions' },
    picked.length > 0 && button(`Take ${listed(picked, 4)} off sale`, () => void block(hall, picked, done), { class: 'button small' }, 'ban'),
    button(`Whole row ${row.label}`, () => hall.pickLabels(free), { class: 'button small' }));
}

/** @param {Hall} hall @param {string[]} seats @param {() => void} done */
async function block(hall, seats, done) {
  const reason = await dialog.askReason('Take off sale?', `${listed(seats)} cannot be bought until you put ${seats.length === 1 ? 'it' : 'them'} back.`, 'Take off sale');
  if (!reason) return;
  const undo = () => void unblock(hall, seats, done);
  void attempt(async () => {
    await write('POST', `/shows/${hall.show.id}/blocks`, { seats, reason });
    hall.clear();
    return `${listed(seats)} ${seats.length === 1 ? 'is' : 'are'} off sale.`;
  }, done, undo);
}

/** @param {Hall} hall @param {string[]} seats @param {() => void} done */
function unblock(hall, seats, done) {
  return attempt(async () => {
    await request('DELETE', `/shows/${hall.show.id}/blocks?seats=${encodeURIComponent(seats.join(','))}`);
    return `${listed(seats)} ${seats.length === 1 ? 'is' : 'are'} back on sale.`;
  }, done);
}
