// What is left of my holds: on every page, in digits and in words, spoken only now and then.

import { say, speak } from './announce.js';
import * as catalogue from './catalogue.js';
import * as dialog from './dialog.js';
import { button, byId, el, fill, icon } from './dom.js';
import { clockTime, digits, inWords, listed, markPassed, plural } from './format.js';
import * as mine from './mine.js';
import * as selling from './selling.js';

const TICK_MS = 200;
/** The notice that asks for nothing. */
const NOTICE_MS = 120_000;
/** Time enough to find a key and press it. */
const ASK_MS = 45_000;

/** @typedef {mine.Hold} Hold */

/** @param {Hold} hold */
function zoneFor(hold) {
  const show = catalogue.shows.get(hold.show);
  return show ? catalogue.zoneOf(show) : catalogue.venueZone();
}

/** How long a hold lives in all: what was left when this tab first saw it, also before it was loaded again. @param {Hold} hold */
function wholeOf(hold) {
  const key = `whole ${hold.id} ${hold.expires_at}`;
  const left = Math.max(1000, hold.expires_in_ms ?? mine.left(hold));
  try {
    const whole = Math.max(left, Number(sessionStorage.getItem(key)));
    sessionStorage.setItem(key, String(whole));
    return whole;
  } catch {
    return left;
  }
}

/** Until when, beside the order. @param {Hold} hold */
export function timer(hold) {
  const number = el('span', { class: 'timer-digits', 'aria-hidden': 'true' });
  const words = el('span', { class: 'timer-words' });
  const whole = wholeOf(hold);
  const bar = el('span', { class: 'timer-bar', 'aria-hidden': 'true' }, el('span', { class: 'timer-fill' }));
  const element = el('div', { class: 'timer', role: 'timer', 'aria-live': 'off', 'data-hold': hold.id }, number, words, button('Keep longer', () => void selling.keep(hold), { class: 'button small' }), bar);
  const until = hold.expires_at ? clockTime(hold.expires_at, zoneFor(hold), true) : '';
  const draw = () => {
    const left = mine.left(hold);
    if (number.textContent === digits(left)) return;
    number.textContent = digits(left);
    words.textContent = `${inWords(left)} left, held until ${until}`;
    element.toggleAttribute('data-soon', left < NOTICE_MS);
    element.style.setProperty('--left', String(Math.max(0, Math.min(1, left / whole))));
  };
  draw();
  const tick = setInterval(draw, TICK_MS);
  return { element, dispose: () => clearInterval(tick) };
}

/** What was said about a hold already, by its id and deadline. @type {Map<string, {before: number, noticed: boolean, asked: boolean}>} */
const said = new Map();

/** @param {Hold} hold */
function watchOver(hold) {
  const left = mine.left(hold);
  const key = `${hold.id} ${hold.expires_at}`;
  const memory = said.get(key) ?? { before: left, noticed: left < NOTICE_MS + 2000, asked: left < ASK_MS };
  said.set(key, memory);
  const mark = markPassed(memory.before, left);
  memory.before = left;
  if (mark) speak(`${inWords(mark * 1000)} left for ${listed(hold.seats)}.`, mark <= 30);
  if (!memory.noticed && left < NOTICE_MS && left > ASK_MS) {
    memory.noticed = true;
    say(`Two minutes left for ${listed(hold.seats)}.`, { kind: 'warn', actions: [{ label: 'Keep my seats', act: () => void selling.keep(hold) }] });
  }
  if (!memory.asked && left < ASK_MS && !document.querySelector('dialog[open]')) {
    memory.asked = true;
    void askForMore(hold);
  }
}

/** @param {Hold} hold */
async function askForMore(hold) {
  const number = el('span', { class: 'timer-digits' });
  const draw = () => (number.textContent = digits(mine.left(hold)));
  draw();
  const tick = setInterval(draw, TICK_MS);
  const over = mine.changed.on(() => {
    if (!mine.liveHolds().some((each) => each.id === hold.id && each.expires_at === hold.expires_at)) /** @type {HTMLDialogElement | null} */ (document.querySelector('dialog.more-time'))?.close();
  });
  const answer = await dialog.open('Need more time?', (close) => [
    el('p', {}, `${listed(hold.seats)} ${hold.seats.length === 1 ? 'is' : 'are'} held for you for another `, number, '.'),
    el('div', { class: 'dialog-actions' }, button('Let the time run', () => close('no'), { class: 'button' }), button('Keep my seats', () => close('keep'), { class: 'button primary', autofocus: true })),
  ], { class: 'more-time', role: 'alertdialog' });
  clearInterval(tick);
  over();
  if (answer === 'keep') await selling.keep(hold);
}

/** The clock won. @param {Hold} hold */
async function ended(hold) {
  const show = catalogue.shows.get(hold.show);
  const where = show ? ` for ${catalogue.titleOf(show)}` : '';
  const answer = await dialog.open('Your time ended', (close) => [
    el('p', {}, `The time for ${listed(hold.seats)}${where} has ended, and the seats went back on sale. Nobody has been charged.`),
    el('div', { class: 'dialog-actions' }, button('Leave them', () => close('no'), { class: 'button' }), button('Hold them again', () => close('again'), { class: 'button primary', autofocus: true })),
  ], { class: 'expired-dialog', role: 'alertdialog' });
  if (answer !== 'again') return;
  await selling.holdAgain(hold);
}

/** The pill in the header of every page; a narrow one leaves the seats out, never the time. */
function pill() {
  const box = byId('hold-pill');
  const part = (/** @type {string} */ name) => el('span', { class: name });
  // Where there is little room seats are cut, and of the others only the number is told.
  const [seats, time, more, words, spoken] = [part('pill-seats'), part('pill-time'), part('pill-more'), part('pill-words'), part('sr')];
  fill(box, icon('clock'), el('span', { class: 'pill-text', 'aria-hidden': 'true' }, seats, el('span', { class: 'pill-dot' }, ' · '), time, more, words), spoken);
  const draw = () => {
    const holds = mine.liveHolds();
    box.hidden = !holds.length;
    if (!holds.length) return;
    // The time is that of the first to end, and so are the seats.
    const [first, ...others] = [...holds].sort((a, b) => mine.left(a) - mine.left(b));
    const labels = first.seats;
    const texts = [labels.length > 3 ? `${labels.length} seats` : labels.join(', '), digits(mine.left(first)), others.length ? `+ ${others.length}` : ''];
    if (String([seats, time, more].map((each) => each.textContent)) === String(texts)) return;
    [seats.textContent, time.textContent, more.textContent] = texts;
    words.textContent = others.length > 1 ? 'more holds' : others.length ? 'more hold' : '';
    box.toggleAttribute('data-soon', mine.left(first) < NOTICE_MS);
    spoken.textContent = `Checkout: ${listed(labels)} held until ${first.expires_at ? clockTime(first.expires_at, zoneFor(first)) : 'released'}${others.length ? `, and ${plural(others.length, 'more hold')}` : ''}`;
  };
  setInterval(draw, TICK_MS);
  mine.changed.on(draw);
}

/** Begins to count. */
export function start() {
  pill();
  setInterval(() => mine.liveHolds().forEach(watchOver), TICK_MS);
  mine.expired.on((hold) => void ended(hold));
}
