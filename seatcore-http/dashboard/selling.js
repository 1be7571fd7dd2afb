// Holding, confirming, letting go: what the buttons do, and what is said when the answer is no.

import { Refusal, freshKey } from './api.js';
import * as announce from './announce.js';
import * as catalogue from './catalogue.js';
import { clockTime, listed, plural } from './format.js';
import * as mine from './mine.js';
import * as session from './session.js';
import { askSignIn } from './sign-in.js';

/** @typedef {import('./hall.js').Hall} Hall */

/** One name per intent: the same seats asked for again after a lost answer are the same wish. */
const keys = new Map();

/** @param {string} intent */
function keyFor(intent) {
  const key = keys.get(intent) ?? freshKey();
  keys.set(intent, key);
  return key;
}

/**
 * Holds what is picked; signs in first if need be, with the picks kept.
 * @param {Hall} hall @returns {Promise<boolean>} whether it is held
 */
export async function hold(hall) {
  const labels = hall.pickedLabels;
  if (!labels.length) {
    // Whoever lost their picks a moment ago is told that, and not that they never had any.
    if (!announce.again('picks')) announce.say('Pick a seat first, or let Best available pick for you.');
    return false;
  }
  if (!session.current() && !(await askSignIn(`Sign in to hold ${listed(labels)}. Your seats stay picked.`))) return false;
  return take(hall, labels);
}

/** @param {Hall} hall @param {string[]} labels */
async function take(hall, labels) {
  const seats = labels.map((label) => hall.plan.seat(label));
  const intent = `${hall.show.id}:${labels.join()}`;
  hall.setPending(seats, true);
  try {
    const held = await mine.hold(hall.show.id, labels, keyFor(intent));
    announce.speak(`${listed(held.seats)} ${held.seats.length === 1 ? 'is' : 'are'} held for you.`);
    keys.delete(intent);
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (!error.unknown) keys.delete(intent);
    if (error.status === 401) {
      session.ended();
      hall.setPending(seats, false);
      return hold(hall);
    }
    refused(hall, labels, error);
    return false;
  } finally {
    hall.setPending(seats, false);
  }
}

/** Names the seats that were lost, keeps the rest, offers a way on. @param {Hall} hall @param {string[]} labels @param {Refusal} error */
function refused(hall, labels, error) {
  const lost = new Set(error.conflicts.map((conflict) => conflict.seat));
  if (!lost.size) {
    announce.say(wordsFor(error), { kind: 'warn', assertive: true });
    return;
  }
  const rest = labels.filter((label) => !lost.has(label));
  hall.pickLabels(rest);
  void hall.refresh();
  const actions = [];
  const [other] = error.alternatives;
  if (other) actions.push({ label: `Take ${listed(other)}`, act: () => hall.pickLabels(other) });
  if (rest.length) actions.push({ label: rest.length === 1 ? `Hold ${rest[0]}` : `Hold the other ${rest.length}`, act: () => void hold(hall) });
  const taken = `${listed([...lost])} ${lost.size === 1 ? 'was' : 'were'} just taken.`;
  const offer = other ? ` ${listed(other)} ${other.length === 1 ? 'is' : 'are'} free${other.length > 1 ? ' and together' : ''}.` : '';
  announce.say(taken + offer, { kind: 'warn', assertive: true, actions, stay: actions.length > 0, about: 'picks' });
}

/**
 * Books what I hold in the show, and nothing else.
 * @param {Hall | number} where @returns {Promise<import('./mine.js').Booking[] | null>}
 */
export async function confirm(where) {
  const hall = typeof where === 'number' ? null : where;
  const show = typeof where === 'number' ? where : where.show.id;
  const holds = mine.holdsIn(show);
  if (!holds.length) {
    announce.say(hall?.picks.size ? 'Hold your seats first, then confirm them.' : 'You hold no seats in this show yet.');
    return null;
  }
  if (!session.current() && !(await askSignIn('Sign in to confirm your seats.'))) return null;
  const seats = hall ? holds.flatMap((each) => each.seats).map((label) => hall.plan.seat(label)) : [];
  hall?.setPending(seats, true);
  try {
    return await mine.book(holds);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.status === 401) {
      session.ended();
      if (!(await askSignIn('Your session ended. Sign in again, and your seats are confirmed: they are still held.'))) return null;
      await mine.reload();
      return await confirm(where);
    }
    await mine.reload();
    announce.say(wordsFor(error), { kind: 'warn', assertive: true });
    return null;
  } finally {
    hall?.setPending(seats, false);
  }
}

/** @param {import('./mine.js').Hold} hold @param {string[]} [seats] */
export async function release(hold, seats) {
  try {
    await mine.release(hold, seats);
    announce.say(`${listed(seats ?? hold.seats)} ${(seats ?? hold.seats).length === 1 ? 'is' : 'are'} back on sale.`);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await mine.reload();
    announce.say(wordsFor(error), { kind: 'warn' });
  }
}

/** The same seats once more, after their time ended; those still free, if not all are. @param {import('./mine.js').Hold} ended */
export async function holdAgain(ended) {
  try {
    const held = await mine.hold(ended.show, ended.seats, freshKey());
    announce.say(`${listed(held.seats)} ${held.seats.length === 1 ? 'is' : 'are'} held for you again.`, { kind: 'success' });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const lost = new Set(error.conflicts.map((conflict) => conflict.seat));
    const rest = ended.seats.filter((seat) => !lost.has(seat));
    const words = lost.size ? `${listed([...lost])} ${lost.size === 1 ? 'is' : 'are'} gone.` : wordsFor(error);
    const actions = lost.size && rest.length ? [{ label: `Hold ${listed(rest)}`, act: () => void holdAgain({ ...ended, seats: rest }) }] : [];
    announce.say(words, { kind: 'warn', assertive: true, actions });
  }
}

/** @param {import('./mine.js').Hold} hold @returns {Promise<boolean>} */
export async function keep(hold) {
  try {
    const longer = await mine.extend(hold, 600);
    const gained = mine.left(longer) - mine.left(hold);
    announce.say(gained > 1000 ? 'You have more time for your seats.' : 'This is the longest that seats can be held.');
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    announce.say(error.code === 'over_limit' ? 'This is the longest that seats can be held. Confirm them before the time ends.' : wordsFor(error), { kind: 'warn', assertive: true });
    return false;
  }
}

const WORDS = {
  unreachable: 'The server did not answer. Nothing is lost: try again, the same request cannot count twice.',
  outcome_unknown: 'The server did not answer. Nothing is lost: try again, the same request cannot count twice.',
  busy: 'The box office is busy right now. Try again in a moment.',
  rate_limited: 'That was a little fast. Wait a moment and try again.',
  show_closed: 'Sales for this show are closed.',
  show_cancelled: 'This show was cancelled.',
  hold_expired: 'The time for these seats has ended, and they went back on sale.',
  hold_ended: 'These seats are no longer held.',
  sold_out: 'No seats are left in this show.',
  not_allowed: 'Your account may not do this.',
  in_use: 'It has shows or sales, so it stays.',
  last_manager: 'This is the last manager who can sign in. Make another one first.',
  stale: 'Somebody else changed it meanwhile. Look again before saving.',
  storage: 'The server cannot save right now. Nothing was sold.',
};

/** A refusal in words for people. @param {Refusal} error */
export function wordsFor(error) {
  if (error.unknown && navigator.onLine === false) return "You're offline. Nothing is lost: try again when you are back.";
  const words = WORDS[error.code];
  if (words) return words;
  const other = error.code === 'overlap' && catalogue.shows.get(error.problem.show);
  if (other) return `The screen is busy then: ${catalogue.nameOf(other)} until ${clockTime(other.ends_at, catalogue.zoneOf(other))}.`;
  if (error.code === 'over_limit') return error.problem.detail ?? `That is more than one person may hold here.`;
  return error.message + (error.status >= 500 && error.requestId ? ` (request ${error.requestId})` : '');
}

/** `2 seats` @param {number} n */
export const seats = (n) => plural(n, 'seat');
