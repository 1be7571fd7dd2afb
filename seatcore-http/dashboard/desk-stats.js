// How the house is doing: every show to come in numbers, as they change; and what came in.

import { Refusal, all, get } from './api.js';
import { refused } from './access.js';
import { table } from './admin-form.js';
import * as catalogue from './catalogue.js';
import { now } from './clock.js';
import { deskNav } from './desk-nav.js';
import { el, fill, redraw } from './dom.js';
import { clockTime, day, money, plural } from './format.js';
import * as live from './live.js';
import * as mine from './mine.js';
import { wordsFor } from './selling.js';
import * as session from './session.js';
import { empty } from './states.js';
import { fullnessBar } from './fullness-bar.js';

const REDRAW_MS = 250;
/** What the feed of changes does not tell: deadlines that come nearer. */
const READ_MS = 10_000;
/** Money is read again this long after a sale; so are the sales that follow within it. */
const SOLD_MS = 400;

export function view() {
  const no = refused('The numbers', session.isStaff());
  if (no) return no;
  const totals = el('dl', { class: 'tiles', id: 'totals' });
  const shows = el('div');
  const money_ = el('div', { class: 'stack' });
  let ending = { one: 0, five: 0 };
  const draw = () => {
    const list = catalogue.upcoming().filter((show) => show.status !== 'cancelled');
    live.watch(list.slice(0, 50).map((show) => show.id));
    fill(totals, ...tiles(list, ending));
    redraw(shows, list.length ? table('Shows to come', ['Show', 'Fullness', 'Available', 'Held', 'Booked', 'Off sale', 'Sold'], list.map(row)) : empty('No shows to come', 'Numbers appear with the first show.', el('a', { class: 'button', href: '/admin/shows' }, 'To the shows')));
  };
  let timer = 0;
  const soon = () => {
    timer ||= window.setTimeout(() => {
      timer = 0;
      draw();
    }, REDRAW_MS);
  };
  let [asked, answered] = [0, 0];
  const read = async () => {
    const own = (asked += 1);
    try {
      const [holds, revenue] = await Promise.all([all('/holds?holder=*'), get('/reports/revenue?by=movie')]);
      // A later question was answered first.
      if (own < answered) return;
      answered = own;
      const left = holds.filter((hold) => hold.state === 'held').map((hold) => mine.left(hold));
      ending = { one: left.filter((ms) => ms < 60_000).length, five: left.filter((ms) => ms < 300_000).length };
      fill(money_, ...taken(revenue));
      soon();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      fill(money_, el('p', { class: 'notice' }, wordsFor(error)));
    }
  };
  const sold = () => String([...catalogue.shows.values()].map((show) => show.stats.booked));
  let [before, later] = [sold(), 0];
  const changed = () => {
    soon();
    if (sold() === before) return;
    before = sold();
    later ||= window.setTimeout(() => {
      later = 0;
      void read();
    }, SOLD_MS);
  };
  draw();
  void read();
  const ends = [catalogue.changed.on(changed)];
  const clock = setInterval(read, READ_MS);
  const element = el('div', { class: 'page' }, el('div', { class: 'page-head' }, el('h1', { tabindex: -1 }, 'Numbers'), deskNav()), totals, shows, money_);
  return {
    title: 'Numbers',
    element,
    dispose() {
      clearTimeout(timer);
      clearTimeout(later);
      clearInterval(clock);
      for (const end of ends) end();
    },
  };
}

/** @param {catalogue.Show[]} list @param {{one: number, five: number}} ending */
function tiles(list, ending) {
  const sum = (name) => list.reduce((total, show) => total + show.stats[name], 0);
  const capacity = sum('capacity');
  const tile = (word, value, kind = '') => el('div', { class: `stat ${kind}` }, el('dt', {}, word), el('dd', {}, value));
  return [
    tile('Available', sum('available').toLocaleString(), 'stat-available'),
    tile('Held', sum('held').toLocaleString(), 'stat-held'),
    tile('Booked', sum('booked').toLocaleString(), 'stat-booked'),
    tile('Sold', percent(sum('booked'), capacity - sum('blocked'))),
    tile('Holds that end in 5 min', ending.five),
    tile('Holds that end in 1 min', ending.one),
  ];
}

const percent = (part, whole) => (part > 0 && part * 100 < whole ? '< 1 %' : `${whole ? Math.round((100 * part) / whole) : 0} %`);

/** @param {catalogue.Show} show */
function row(show) {
  const zone = catalogue.zoneOf(show);
  const { stats: n } = show;
  const soon = Date.parse(show.starts_at) - now();
  const words = soon < 0 ? 'running' : soon < 3_600_000 ? `in ${plural(Math.ceil(soon / 60_000), 'minute')}` : `${day(show.starts_at, zone)} ${clockTime(show.starts_at, zone)}`;
  const number = (value) => el('span', { class: 'amount' }, value.toLocaleString());
  return [
    el('span', { class: 'two-lines' }, el('a', { href: `/desk?show=${show.id}` }, catalogue.titleOf(show)), el('span', { class: 'hint' }, `${words}, ${catalogue.screenOf(show)}`)),
    fullnessBar(n),
    number(n.available), number(n.held), number(n.booked), number(n.blocked),
    el('span', { class: 'amount' }, percent(n.booked, n.capacity - n.blocked)),
  ];
}

/** @param {{data: any[], totals: any[]}} revenue */
function taken({ data, totals }) {
  const line = (each) => [each.title ?? each.name, each.tickets.toLocaleString(), each.returned.toLocaleString(), money(each.sold), money(each.refunded), money(each.net)];
  const heading = el('h2', {}, 'Taken so far, by movie');
  if (!data.length) return [heading, el('p', { class: 'muted' }, 'Nothing has been sold yet.')];
  return [heading, table('Taken so far, by movie', ['Movie', 'Tickets', 'Returned', 'Sold', 'Refunded', 'Net'], [...data.map(line), ...(data.length > 1 ? totals.map((each) => line({ ...each, title: `Total in ${each.net.currency}` })) : [])])];
}
