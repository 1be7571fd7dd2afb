// What I am about to buy: party, picks, what is held for me and until when, and the two buttons.

import { speak, say } from './announce.js';
import { timer } from './countdown.js';
import { button, el, fill, iconButton, redrawList } from './dom.js';
import { listed, money, plural, sum } from './format.js';
import { leftAlone } from './party.js';
import * as mine from './mine.js';
import { closedWords } from './seat-words.js';
import * as selling from './selling.js';
import { done } from './success.js';

/** @typedef {import('./hall.js').Hall} Hall */

const PARTY_MAX = 10;

/**
 * @param {Hall} hall @param {import('./seat-map.js').SeatMap} map
 * @param {(made: mine.Booking[]) => Promise<unknown> | void} [onSold] instead of the words for a customer
 */
export function order(hall, map, onSold) {
  const chips = el('ul', { class: 'chips', id: 'selection-summary', 'aria-label': 'Your seats' });
  const clock = el('div', { class: 'order-clock' });
  const total = el('strong', { id: 'total-price' });
  const count = el('span', { class: 'order-count' });
  const advice = el('p', { class: 'advice', hidden: true });
  const holdButton = button('Hold', () => void once(onHold), { id: 'btn-hold', class: 'button hold' });
  const bookButton = button('Confirm', () => void once(onBook), { id: 'btn-book', class: 'button primary' });
  const bar = el('div', { class: 'order-bar' }, el('p', { class: 'order-total' }, count, total), el('div', { class: 'order-buttons' }, holdButton, bookButton));
  const element = el('section', { class: 'card order', 'aria-label': 'Your seats', id: 'summary', tabindex: -1 }, el('h2', {}, 'Your seats'), chips, clock, advice, bar);
  let clocks = [];

  const once = oneAtATime();

  async function onHold() {
    if (!hall.open) return say(closedWords(hall));
    const focused = document.activeElement === holdButton;
    if (!(await selling.hold(hall))) return;
    if (focused || document.activeElement === document.body) bookButton.focus();
  }

  async function onBook() {
    const made = await selling.confirm(hall);
    if (!made) return;
    await (onSold ? onSold(made) : done(hall.show, made));
    // One Enter too many meets a seat that is sold.
    map.focusSeats(made[0]?.seats[0]);
  }

  function draw() {
    const held = hall.holds.flatMap((hold) => hold.seats.map((seat) => ({ seat, hold })));
    const picks = hall.pickedLabels;
    drawChips(chips, element, hall, held, picks);
    const amounts = [...held.map(({ seat }) => seat), ...picks].map((label) => hall.price(hall.plan.seat(label)));
    const fixed = hall.holds.map((hold) => hold.total);
    const money_ = sum([...fixed, ...amounts.slice(held.length)], hall.show.price.currency);
    total.textContent = money(money_);
    count.textContent = plural(held.length + picks.length, 'seat');
    label(holdButton, picks.length ? `Hold ${plural(picks.length, 'seat')}` : 'Hold');
    label(bookButton, held.length ? `Confirm ${plural(held.length, 'seat')}` : 'Confirm');
    const pending = hall.pending.size > 0;
    weak(holdButton, !picks.length || !hall.open, pending || !hall.open);
    weak(bookButton, !held.length, pending);
    const alone = leftAlone(hall.plan, hall.free, [...hall.picks]);
    advice.hidden = !alone.length;
    advice.textContent = alone.length ? `This leaves ${listed(alone.map((seat) => hall.plan.label(seat)))} on its own. You can still take these seats.` : '';
    document.body.classList.toggle('has-order', held.length + picks.length > 0);
  }

  function drawClocks() {
    for (const each of clocks) each.dispose();
    clocks = hall.holds.map((hold) => timer(hold));
    fill(clock, ...clocks.map((each) => each.element));
  }

  const { party, takeBest, drawBest } = partyTools(hall, map, holdButton);
  const ends = [hall.summaryChanged.on(draw), mine.changed.on(drawClocks), hall.statsChanged.on(() => drawBest() && draw()), hall.termsChanged.on(drawBest)];
  draw();
  drawClocks();
  drawBest();
  return {
    element, party, best: takeBest,
    dispose() {
      for (const end of ends) end();
      for (const each of clocks) each.dispose();
      document.body.classList.remove('has-order');
    },
  };
}

/** A second press while the first is under way is the same wish. */
function oneAtATime() {
  let working = false;
  return async (/** @type {() => Promise<void>} */ act) => {
    if (working) return;
    working = true;
    try {
      await act();
    } finally {
      working = false;
    }
  };
}

/** How many we are, and the best seats for so many. @param {Hall} hall @param {import('./seat-map.js').SeatMap} map @param {HTMLElement} holdButton */
function partyTools(hall, map, holdButton) {
  const stepper = partyStepper(hall);
  const takeBest = () => {
    if (!hall.open) return say(closedWords(hall));
    if (!hall.pickBest()) {
      say(hall.stats.available === 0 ? 'No seats are left in this show.' : `Only ${plural(hall.stats.available, 'seat')} left: fewer than your party.`, { kind: 'warn' });
      return;
    }
    map.reveal([...hall.picks]);
    speak(`${listed(hall.pickedLabels)} selected. Enter holds ${hall.picks.size === 1 ? 'it' : 'them'}.`);
    holdButton.focus({ preventScroll: true });
  };
  const bestButton = button('Best available', takeBest, { class: 'button small accent', id: 'btn-best' }, 'spark');
  // Where nothing is left there is no best; it comes back with the seats.
  const drawBest = () => {
    const none = hall.open && !hall.stats.available;
    const moved = bestButton.hidden !== none;
    bestButton.hidden = none;
    weak(bestButton, !hall.open, !hall.open);
    return moved;
  };
  return { party: el('div', { class: 'party' }, stepper, bestButton), takeBest, drawBest };
}

/** @param {HTMLElement} element @param {string} text */
function label(element, text) {
  const span = /** @type {HTMLElement} */ (element.lastElementChild);
  if (span.textContent !== text) span.textContent = text;
}

/** A button that has nothing to do explains itself when pressed; one that works cannot be pressed. */
function weak(element, idle, working) {
  element.classList.toggle('idle', idle);
  if (working) element.setAttribute('aria-disabled', 'true');
  else element.removeAttribute('aria-disabled');
  element.toggleAttribute('data-working', working && !idle);
}

/** @param {HTMLElement} chips @param {HTMLElement} around @param {Hall} hall @param {{seat: string, hold: mine.Hold}[]} held @param {string[]} picks */
function drawChips(chips, around, hall, held, picks) {
  const chip = (label_, kind, drop, word) => el('li', { class: `chip chip-${kind}` },
    el('span', { class: 'chip-seat' }, label_), el('span', { class: 'chip-price' }, money(hall.price(hall.plan.seat(label_)))),
    iconButton(word, 'close', drop, { class: 'icon-button tiny' }));
  redrawList(chips, 'button', around,
    ...held.map(({ seat, hold }) => chip(seat, 'held', () => void selling.release(hold, [seat]), `Release ${seat}`)),
    ...picks.map((seat) => chip(seat, 'picked', () => hall.toggle(hall.plan.seat(seat)), `Remove ${seat}`)),
    !held.length && !picks.length && el('li', { class: 'muted' }, hall.open && hall.stats.available ? 'Pick seats on the map, or let Best available pick.' : 'Nothing can be picked.'));
}

/** One tab stop; arrows or the two small buttons change it. @param {Hall} hall */
function partyStepper(hall) {
  const value = el('span', { class: 'stepper-value', role: 'spinbutton', tabindex: 0, 'aria-label': 'Party size', 'aria-valuemin': 1, 'aria-valuemax': PARTY_MAX, 'aria-valuenow': hall.party, id: 'party-size' }, hall.party);
  const set = (to) => {
    hall.party = Math.min(PARTY_MAX, Math.max(1, to));
    value.textContent = String(hall.party);
    value.setAttribute('aria-valuenow', String(hall.party));
    value.setAttribute('aria-valuetext', plural(hall.party, 'person', 'people'));
  };
  value.addEventListener('keydown', (event) => {
    const to = { ArrowUp: hall.party + 1, ArrowRight: hall.party + 1, ArrowDown: hall.party - 1, ArrowLeft: hall.party - 1, Home: 1, End: PARTY_MAX }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    set(to);
  });
  const side = (word, glyph, by) => iconButton(word, glyph, () => set(hall.party + by), { tabindex: -1 });
  return el('div', { class: 'stepper' }, el('span', { class: 'stepper-word', 'aria-hidden': 'true' }, 'Party'), side('One fewer', 'minus', -1), value, side('One more', 'plus', 1));
}
