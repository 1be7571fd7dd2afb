// Checkout: what I hold, until when, what it costs, and one button.

import * as catalogue from './catalogue.js';
import { timer } from './countdown.js';
import { button, el, redraw, redrawList } from './dom.js';
import { clockTime, longDay, money, plural, sum } from './format.js';
import { planOf } from './hall.js';
import * as live from './live.js';
import * as mine from './mine.js';
import { poster } from './poster.js';
import * as selling from './selling.js';
import * as session from './session.js';
import { empty, unknown } from './states.js';
import { done } from './success.js';

/** @param {{go: (path: string) => void}} context */
export function view({ go }) {
  const title = el('h1', { tabindex: -1 }, 'Checkout');
  const body = el('div', { class: 'stack' });
  let clocks = [];
  let gone = false;
  /** Plans of shows whose seats cost differently. @type {Map<number, import('./plan.js').Plan | undefined>} */
  const plans = new Map();
  const learn = (/** @type {number} */ id) => {
    const show = catalogue.shows.get(id);
    if (plans.has(id) || !show || !Object.keys(show.tiers ?? {}).length) return;
    plans.set(id, undefined);
    // Without it only the total is told.
    planOf(id, show.layout).then((plan) => {
      plans.set(id, plan);
      if (!gone) draw();
    }, () => {});
  };
  const draw = () => {
    for (const each of clocks) each.dispose();
    const shows = held();
    follow(shows);
    shows.forEach(learn);
    const parts = shows.map((show, at) => part(show, go, plans.get(show), at === 0));
    clocks = parts.flatMap((each) => each.clocks);
    if (parts.length) redrawList(body, '.lines button', title, ...parts.map((each) => each.element));
    else if (!session.current()) redraw(body, empty('Sign in to see what you hold', 'Seats you picked before stay where they are.', el('a', { class: 'button primary', href: '/sign-in?next=/checkout' }, 'Sign in'), 'user'));
    else redrawList(body, '.lines button', title, unknown('Loading what you hold.', 'What you hold could not be loaded.') ?? empty('Nothing held', 'Pick seats, hold them, and finish here.', el('a', { class: 'button primary', href: '/' }, 'To the seats'), 'clock'));
  };
  draw();
  const ends = [mine.changed.on(draw), catalogue.onTerms(held, draw)];
  const element = el('div', { class: 'page focus' }, title, body);
  return {
    title: 'Checkout',
    element,
    dispose() {
      gone = true;
      for (const end of ends) end();
      for (const each of clocks) each.dispose();
    },
  };
}

/** Shows that I hold seats in. */
const held = () => [...new Set(mine.liveHolds().map((hold) => hold.show))];

/** What is shown of them stays true, also of those the programme does not list. @param {number[]} shows */
function follow(shows) {
  for (const id of shows) catalogue.show(id).catch(() => {});
  live.watch([...shows, ...catalogue.upcoming().slice(0, 20).map((show) => show.id)]);
}

/** @param {number} id @param {(path: string) => void} go @param {import('./plan.js').Plan | undefined} plan @param {boolean} first which has the names of parts for itself */
function part(id, go, plan, first) {
  const holds = mine.holdsIn(id);
  const show = catalogue.shows.get(id);
  const zone = show ? catalogue.zoneOf(show) : 'UTC';
  const clocks = holds.map((hold) => timer(hold));
  const total = money(sum(holds.map((hold) => hold.total), holds[0].total.currency));
  const seats = holds.flatMap((hold) => hold.seats);
  const pay = button(`Confirm ${plural(seats.length, 'seat')}`, async () => {
    if (pay.getAttribute('aria-disabled')) return;
    pay.setAttribute('aria-disabled', 'true');
    const made = await selling.confirm(id);
    pay.removeAttribute('aria-disabled');
    if (!made) return;
    const where = await done(await catalogue.show(id).catch(() => null), made);
    if (where === 'seats') go(`/show/${id}`);
    else if (location.pathname === '/checkout') go('/tickets');
  }, { class: 'button primary wide', id: first && 'btn-book' });
  const line = (hold, seat) => el('li', {}, el('strong', { class: 'grow' }, seat), el('span', { class: 'amount' }, priceOf(hold, seat, show, plan)), button('Release', () => void selling.release(hold, [seat]), { class: 'link-button quiet', 'aria-label': `Release ${seat}` }));
  const element = el('div', { class: 'two' },
    el('section', { class: 'card stack', 'aria-label': 'Your seats' },
      el('div', { class: 'film' }, poster(show && catalogue.movies.get(show.movie), { class: 'poster film-poster' }),
        el('div', { class: 'film-words' }, el('h2', {}, show ? catalogue.titleOf(show) : `Show ${id}`), show && el('p', { class: 'muted' }, `${longDay(show.starts_at, zone)}, ${clockTime(show.starts_at, zone)}, ${catalogue.screenOf(show)}`))),
      el('ul', { class: 'lines' }, ...holds.flatMap((hold) => hold.seats.map((seat) => line(hold, seat)))),
      el('p', {}, el('a', { href: `/show/${id}` }, 'Change the seats'))),
    el('section', { class: 'card stack', 'aria-label': 'Total' }, ...clocks.map((each) => each.element),
      el('p', { class: 'order-total' }, el('span', { class: 'muted' }, `Total, ${plural(seats.length, 'seat')}`), el('strong', { class: 'total', id: first && 'total-price' }, total)), pay,
      el('p', { class: 'hint' }, 'Confirming books the seats and makes your tickets at once.')));
  return { element, clocks };
}

/** What a seat costs as it was held: told where all cost the same, or where the prices of today still make up the total. */
function priceOf(hold, label, show, plan) {
  if (!show) return '';
  const each = hold.total.amount_minor / hold.seats.length;
  if (!Object.keys(show.tiers ?? {}).length) return Number.isInteger(each) ? money({ ...hold.total, amount_minor: each }) : '';
  if (!plan) return '';
  const price = (seat) => show.tiers[plan.tierOf(plan.seat(seat)) ?? ''] ?? show.price;
  const total = sum(hold.seats.map(price), hold.total.currency);
  return total.amount_minor === hold.total.amount_minor ? money(price(label)) : '';
}
