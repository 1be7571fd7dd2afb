// What the signed-in person holds and has booked.

import { Refusal, all, request, write } from './api.js';
import { now } from './clock.js';
import { frames } from './live.js';
import * as session from './session.js';
import { Signal } from './signal.js';

/** @typedef {import('./format.js').Money} Money */
/** @typedef {{id: string, show: number, holder: string, seats: string[], state: string, expires_at: string | null, expires_in_ms: number | null, total: Money, reference?: string, seq: number}} Hold */
/** @typedef {{id: string, show: number, holder: string, seats: string[], state: string, total: Money, booked_at: string, tickets: {code: string, seat: string, state: string}[], reference?: string, seq: number}} Booking */

/** @type {Hold[]} */
let holds = [];
/** @type {Booking[]} */
let bookings = [];
/** What is known of both lists: `asked` while the first answer is on its way, or why none came. @type {'asked' | 'known' | Error} */
let known = 'asked';
/** @type {Signal<void>} */
export const changed = new Signal();
/** Holds that ended by the clock while I looked. @type {Signal<Hold>} */
export const expired = new Signal();
/** One hold read in one tab is read in all. */
const tabs = new BroadcastChannel('seatcore-mine');
tabs.onmessage = () => void reload();

/** Live holds by the server's time, first to end first. */
export const liveHolds = () => holds.filter((hold) => left(hold) > 0);
/** @param {number} show */
export const holdsIn = (show) => liveHolds().filter((hold) => hold.show === show);
/** @param {number} show */
export const bookingsIn = (show) => bookings.filter((booking) => booking.show === show && booking.state === 'booked');
export const allBookings = () => bookings;
export const standing = () => known;
/** Milliseconds a hold still has. @param {Hold} hold */
export const left = (hold) => (hold.expires_at ? Date.parse(hold.expires_at) - now() : Infinity);

/** Clocks agree this well. */
const EARLY_MS = 1500;
/** Holds whose end was told. @type {Set<string>} */
const told = new Set();

let round = 0;

/** Asks the server. */
export async function load() {
  const own = (round += 1);
  const user = session.current();
  try {
    const lists = user ? await Promise.all([all('/holds'), all('/bookings')]) : [[], []];
    if (own === round) take(user, lists);
  } catch (error) {
    if (own === round) failed(error);
    throw error;
  }
}

/** Said once. What was known stays: it is old, and the page says that the line is down. @param {unknown} error */
function failed(error) {
  if (error instanceof Refusal && error.status === 401) return session.ended();
  if (known !== 'asked') return;
  known = /** @type {Error} */ (error);
  changed.send();
}

/** @param {session.User | null} user @param {any[][]} lists */
function take(user, [held, booked]) {
  const me = user ? `user:${user.id}` : '';
  const isMine = (each) => !each.holder || each.holder === me;
  const before = holds;
  holds = held.filter((hold) => isMine(hold) && hold.state === 'held').sort((a, b) => String(a.expires_at).localeCompare(String(b.expires_at)));
  bookings = booked.filter(isMine);
  known = 'known';
  changed.send();
  // The server may tell of the end before this clock has come to it.
  const gone = before.filter((each) => !holds.some((hold) => hold.id === each.id) && !bookings.some((booking) => booking.id.slice(4) === each.id.slice(4)));
  if (user) gone.filter((each) => left(each) < EARLY_MS).forEach(tellEnded);
}

/** The same, when it is no matter if it fails now. */
export const reload = () => load().catch(() => {});

/** Asks for both lists from the beginning: nothing is known until the answer is here. */
export function ask() {
  [holds, bookings, known] = [[], [], 'asked'];
  changed.send();
  void reload();
}

/** What I did is known here first, then in the other tabs. */
function noted() {
  round += 1;
  changed.send();
  tabs.postMessage('changed');
  // An answer on its way is older than what I did; the first one is wanted all the same.
  if (known !== 'known') void reload();
}

/** Takes seats under one clock, those I hold in the show already included. @param {number} show @param {string[]} seats @param {string} key */
export async function hold(show, seats, key) {
  const own = holdsIn(show).flatMap((each) => each.seats);
  const all = [...new Set([...own, ...seats])];
  const made = await write('POST', `/shows/${show}/holds`, { seats: all }, key);
  holds = [...holds.filter((each) => each.show !== show), made];
  noted();
  return /** @type {Hold} */ (made);
}

/**
 * Books holds. The key is the hold's own name: a second click, a reload or a lost answer asks the
 * same question and hears the same answer.
 * @param {Hold[]} which @returns {Promise<Booking[]>}
 */
export async function book(which) {
  let made;
  if (which.length === 1) {
    made = [await write('POST', `/holds/${which[0].id}/book`, {}, `book-${which[0].id}`)];
  } else {
    const commands = which.map((each) => ({ book: { hold: each.id } }));
    made = (await write('POST', '/batch', { commands }, `book-${which.map((each) => each.id).join('-')}`)).results;
  }
  const gone = new Set(which.map((each) => each.id));
  holds = holds.filter((each) => !gone.has(each.id));
  bookings = [...made, ...bookings.filter((each) => !made.some((one) => one.id === each.id))];
  noted();
  return made;
}

/** Gives seats back, or the whole hold. @param {Hold} which @param {string[]} [seats] */
export async function release(which, seats) {
  if (!seats || seats.length === which.seats.length) {
    await request('DELETE', `/holds/${which.id}`);
    holds = holds.filter((each) => each.id !== which.id);
  } else {
    const rest = await write('PATCH', `/holds/${which.id}`, { release: seats });
    holds = holds.map((each) => (each.id === which.id ? rest : each));
  }
  noted();
}

/** @param {Hold} which @param {number} seconds from now */
export async function extend(which, seconds) {
  const longer = await write('PATCH', `/holds/${which.id}`, { extend_s: seconds });
  holds = holds.map((each) => (each.id === which.id ? longer : each));
  noted();
  return /** @type {Hold} */ (longer);
}

/** @param {Booking} which @param {string} [reason] */
export async function cancel(which, reason) {
  await write('POST', `/bookings/${which.id}/cancel`, reason ? { reason } : {});
  await reload();
  tabs.postMessage('changed');
}

/** Drops what the clock has ended, and says so once. */
function sweep() {
  const ended = holds.filter((each) => left(each) <= 0);
  if (!ended.length) return;
  holds = holds.filter((each) => left(each) > 0);
  changed.send();
  ended.forEach(tellEnded);
}

/** Once for each. @param {Hold} hold */
function tellEnded(hold) {
  if (told.has(hold.id)) return;
  told.add(hold.id);
  expired.send(hold);
}

/** Begins to follow. */
export function start() {
  setInterval(sweep, 200);
  session.changed.on(ask);
  frames.on(({ type, data }) => {
    if (type === 'me' || type === 'hello' || type === 'poll' || type === 'reset') void reload();
  });
}
