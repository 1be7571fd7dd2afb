// Screens and their plans.

import { get, request, write } from './api.js';
import { attempt, formDialog, renew, table } from './admin-form.js';
import * as catalogue from './catalogue.js';
import * as dialog from './dialog.js';
import { button, el, field, fill, svg } from './dom.js';
import { plural } from './format.js';
import { Plan, parseRows } from './plan.js';
import { empty } from './states.js';

/** @typedef {import('./catalogue.js').Screen} Screen */

/** More would only be a grey block. */
const PREVIEW_SEATS_MAX = 5000;

/** @returns {import('./admin.js').Section} */
export function section() {
  const box = el('div', { class: 'stack' });
  const draw = () => {
    const screens = [...catalogue.screens.values()].sort((a, b) => a.name.localeCompare(b.name));
    const row = (/** @type {Screen} */ screen) => [
      screen.name,
      plural(screen.seats, 'seat'),
      el('span', { class: 'table-actions' },
        button('Edit', () => void edit(screen, draw), { class: 'button small', 'aria-label': `Edit ${screen.name}` }),
        button('Delete', () => void remove(screen, draw), { class: 'button small', 'aria-label': `Delete ${screen.name}` })),
    ];
    renew(box, JSON.stringify(screens), screens.length ? table('Screens', ['Name', 'Seats', ''], screens.map(row)) : empty('No screens yet', 'A screen is a hall with its seating plan.'));
  };
  draw();
  return { parts: [el('div', {}, button('Add a screen', () => void edit(null, draw), { class: 'button primary' }, 'plus')), box], draw, read: catalogue.load };
}

/** A plan as little squares. @param {Plan} plan */
function drawing(plan) {
  const { left, right, top, bottom } = plan.bounds;
  const picture = svg('svg', { viewBox: `${left - 1} ${top - 1.5} ${right - left + 2} ${bottom - top + 2.5}`, role: 'img', 'aria-label': `Plan with ${plural(plan.length, 'seat')}` });
  for (let seat = 0; seat < Math.min(plan.length, PREVIEW_SEATS_MAX); seat += 1) {
    picture.append(svg('rect', { x: plan.x[seat] - 0.4, y: plan.y[seat] - 0.4, width: 0.8, height: 0.8, rx: 0.2, class: plan.tier[seat] ? 'tiered' : '' }));
  }
  return picture;
}

/** @param {Screen | null} screen @param {() => void} draw */
async function edit(screen, draw) {
  const name = el('input', { required: true, maxlength: 100, value: screen?.name ?? '', autocomplete: 'off' });
  const rows = el('textarea', { rows: 4, spellcheck: 'false', autocapitalize: 'characters', value: screen ? '' : 'A-E:10', required: !screen, placeholder: screen ? 'Leave empty to keep the plan' : 'A-E:10' });
  const preview = el('div', { class: 'preview' });
  const look = () => {
    const plan = rows.value.trim() ? parseRows(rows.value) : null;
    if (plan) fill(preview, drawing(plan), el('p', { class: 'muted' }, plural(plan.length, 'seat')));
    else if (rows.value.trim()) fill(preview, el('p', { class: 'muted' }, 'No preview: this is not yet a plan.'));
    else if (screen) void current(screen, preview);
  };
  rows.addEventListener('input', look);
  look();
  const save = () => {
    const body = { name: name.value.trim(), ...(rows.value.trim() ? { rows: rows.value.trim() } : {}) };
    return screen ? write('PATCH', `/screens/${screen.id}`, body) : write('POST', '/screens', body);
  };
  const hint = 'ROWS:SEATS, such as A-E:10. An aisle is |, as in 4|6|4. A section stands before: stalls/A-H:12. A tier follows: *premium. Wheelchair places: @1+10.';
  const kept = screen && el('p', { class: 'hint' }, 'Shows that exist keep the plan they were made with.');
  const saved = await formDialog(screen ? 'Edit screen' : 'Add a screen', [field('Name', name), field('Rows', rows, hint), kept, preview].filter(Boolean), { name, rows, layout: rows }, save, () => `${name.value.trim()} is saved.`);
  if (!saved) return;
  await catalogue.load();
  draw();
}

/** @param {Screen} screen @param {HTMLElement} preview */
async function current(screen, preview) {
  const plan = await get(`/screens/${screen.id}/layout`).catch(() => null);
  if (plan) fill(preview, drawing(new Plan(plan)), el('p', { class: 'muted' }, plural(screen.seats, 'seat')));
}

/** @param {Screen} screen @param {() => void} draw */
async function remove(screen, draw) {
  if (!(await dialog.ask('Delete this screen?', `${screen.name} will be gone. A screen that has shows stays.`, 'Delete', { danger: true }))) return;
  if (await attempt(() => request('DELETE', `/screens/${screen.id}`), `${screen.name} is deleted.`)) {
    await catalogue.load();
    draw();
  }
}
