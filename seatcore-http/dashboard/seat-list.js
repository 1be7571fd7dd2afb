// Choosing without the map: section, row, seat. Only what can be taken now, by the same path as a tap.

import * as dialog from './dialog.js';
import { button, el, field, fill } from './dom.js';
import { listed, money, plural } from './format.js';
import { nameOf } from './seat-words.js';

/** @typedef {import('./hall.js').Hall} Hall */

/** @param {Hall} hall */
export function chooseFromList(hall) {
  const { plan } = hall;
  const named = plan.sections.filter((section) => freeIn(hall, section) > 0);
  const section = el('select', { id: 'list-section' }, ...named.map((name) => el('option', { value: name }, `${name || 'Hall'}: ${freeIn(hall, name)} free`)));
  const row = el('select', { id: 'list-row' });
  const seats = el('ul', { class: 'seat-choices', 'aria-label': 'Free seats' });
  const chosen = el('p', { class: 'muted', role: 'status' });
  // Who has picked something looks there first.
  const [pick] = hall.picks;
  const own = pick === undefined ? undefined : plan.rows[plan.row[pick]];
  const drawRows = () => {
    const rows = plan.rows.filter((each) => each.section === section.value && free(hall, each).length);
    fill(row, ...rows.map((each) => el('option', { value: each.name }, `Row ${each.label}: ${plural(free(hall, each).length, 'seat')} free`)));
    drawSeats();
  };
  const drawSeats = () => {
    const own = plan.rows.find((each) => each.name === row.value);
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset?.key;
    fill(seats, ...(own ? choices(hall, own) : []));
    if (focused) /** @type {HTMLElement | null} */ (seats.querySelector(`[data-key="${focused}"]`))?.focus();
    const picked = hall.pickedLabels;
    chosen.textContent = picked.length ? `Picked: ${listed(picked)}` : 'Nothing picked yet.';
  };
  section.addEventListener('change', drawRows);
  row.addEventListener('change', drawSeats);
  const ends = [hall.seatsChanged.on(drawSeats)];
  if (own) section.value = own.section;
  drawRows();
  if (own) row.value = own.name;
  if (own) drawSeats();
  const opened = dialog.open('Choose from a list', (close) => [
    named.length > 1 ? field('Section', section) : el('span', { hidden: true }, section),
    field('Row', row),
    seats,
    chosen,
    el('div', { class: 'dialog-actions' }, button('Done', () => close(true), { class: 'button primary' })),
  ], { class: 'list-dialog' });
  return opened.finally(() => ends.forEach((end) => end()));
}

/** @param {Hall} hall @param {import('./plan.js').Row} row */
function free(hall, row) {
  const found = [];
  for (let seat = row.first; seat < row.end; seat += 1) if (hall.free(seat)) found.push(seat);
  return found;
}

/** @param {Hall} hall @param {string} section */
function freeIn(hall, section) {
  return hall.plan.rows.filter((row) => row.section === section).reduce((sum, row) => sum + free(hall, row).length, 0);
}

/** Single seats, or side by side as many as the party is. @param {Hall} hall @param {import('./plan.js').Row} row */
function choices(hall, row) {
  const { plan, party } = hall;
  const all = free(hall, row);
  if (party === 1) {
    return all.map((seat) => choice(hall, [seat], nameOf(hall, seat), String(plan.number[seat])));
  }
  const groups = all.map((_, at) => all.slice(at, at + party)).filter((group) => group.length === party && group.every((seat, at) => at === 0 || plan.adjacent(group[at - 1], seat)));
  if (!groups.length) return [el('li', { class: 'muted' }, `No ${party} seats side by side in this row.`)];
  return groups.map((group) => {
    const [from, to] = [plan.number[group[0]], plan.number[group[group.length - 1]]];
    const total = { ...hall.price(group[0]), amount_minor: group.reduce((sum, seat) => sum + hall.price(seat).amount_minor, 0) };
    return choice(hall, group, `Row ${row.label}, seats ${from} to ${to}, ${money(total)}`, `${from}–${to}`);
  });
}

/** @param {Hall} hall @param {number[]} group @param {string} name @param {string} text */
function choice(hall, group, name, text) {
  const on = group.every((seat) => hall.picks.has(seat));
  const act = () => {
    if (hall.party > 1) hall.pickLabels(on ? [] : group.map((seat) => hall.plan.label(seat)));
    else hall.toggle(group[0]);
  };
  return el('li', {}, el('button', { type: 'button', class: 'choice', 'aria-label': name, 'aria-pressed': on, 'data-key': group[0], onclick: act }, text));
}
