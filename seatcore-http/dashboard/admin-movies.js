// Movies and their posters.

import { request, write } from './api.js';
import { attempt, formDialog, renew, table } from './admin-form.js';
import * as catalogue from './catalogue.js';
import * as dialog from './dialog.js';
import { button, el, field, fill } from './dom.js';
import { poster } from './poster.js';
import { empty } from './states.js';

/** @typedef {import('./catalogue.js').Movie} Movie */

const POSTER_BYTES_MAX = 5 * 1024 * 1024;

/** @returns {import('./admin.js').Section} */
export function section() {
  const box = el('div', { class: 'stack' });
  const draw = () => {
    const movies = [...catalogue.movies.values()].sort((a, b) => a.title.localeCompare(b.title));
    const row = (/** @type {Movie} */ movie) => [
      el('span', { class: 'row' }, poster(movie), el('span', {}, movie.title)),
      `${movie.minutes} min`,
      el('span', { class: 'table-actions' },
        button('Edit', () => void edit(movie, draw), { class: 'button small', 'aria-label': `Edit ${movie.title}` }),
        button('Delete', () => void remove(movie, draw), { class: 'button small', 'aria-label': `Delete ${movie.title}` })),
    ];
    renew(box, JSON.stringify(movies), movies.length ? table('Movies', ['Title', 'Length', ''], movies.map(row)) : empty('No movies yet', 'A movie comes first, then a screen, then a show.'));
  };
  draw();
  return { parts: [el('div', {}, button('Add a movie', () => void edit(null, draw), { class: 'button primary' }, 'plus')), box], draw, read: catalogue.load };
}

/** @param {Movie | null} movie @param {() => void} draw */
async function edit(movie, draw) {
  const title = el('input', { required: true, maxlength: 200, value: movie?.title ?? '', autocomplete: 'off' });
  const minutes = el('input', { type: 'number', min: 1, max: 1440, required: true, value: movie?.minutes ?? 120, inputmode: 'numeric' });
  const description = el('textarea', { rows: 4, maxlength: 4000, value: movie?.description ?? '' });
  const image = el('input', { type: 'file', accept: 'image/png,image/jpeg,image/webp' });
  const preview = el('div', { class: 'preview', hidden: !movie?.poster_url }, movie?.poster_url ? poster(movie, { width: 100, height: 150 }) : null);
  image.addEventListener('change', () => void show(image, preview));
  const save = async () => {
    const body = { title: title.value.trim(), minutes: Number(minutes.value), description: description.value.trim() };
    const saved = movie ? await write('PATCH', `/movies/${movie.id}`, body) : await write('POST', '/movies', body);
    // Saved once already, should only the poster be refused.
    movie = saved;
    const file = image.files?.[0];
    if (file) await request('PUT', `/movies/${saved.id}/poster`, { body: file, headers: { 'Content-Type': file.type } });
  };
  const fields = [field('Title', title), field('Minutes', minutes), field('Description', description), field('Poster', image, 'JPEG, PNG or WebP, upright, at most 5 MB.'), preview];
  const saved = await formDialog(movie ? 'Edit movie' : 'Add a movie', fields, { title, minutes, description, poster: image }, save, () => `${title.value.trim()} is saved.`);
  if (!saved) return;
  await catalogue.load();
  draw();
}

/** Shows the chosen image before it is sent. @param {HTMLInputElement} input @param {HTMLElement} preview */
async function show(input, preview) {
  const file = input.files?.[0];
  if (!file) return;
  if (file.size > POSTER_BYTES_MAX) {
    fill(preview, el('p', { class: 'field-error' }, 'This image is larger than 5 MB.'));
    preview.hidden = false;
    return;
  }
  const reader = new FileReader();
  reader.onload = () => {
    fill(preview, el('img', { class: 'poster', src: String(reader.result), alt: 'The poster you chose', width: 100, height: 150 }));
    preview.hidden = false;
  };
  reader.readAsDataURL(file);
}

/** @param {Movie} movie @param {() => void} draw */
async function remove(movie, draw) {
  if (!(await dialog.ask('Delete this movie?', `${movie.title} and its poster will be gone. A movie that has shows stays.`, 'Delete', { danger: true }))) return;
  if (await attempt(() => request('DELETE', `/movies/${movie.id}`), `${movie.title} is deleted.`)) {
    await catalogue.load();
    draw();
  }
}
