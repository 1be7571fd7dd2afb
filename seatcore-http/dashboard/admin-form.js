// Forms and tables of the administration pages.

import { Refusal } from './api.js';
import { say } from './announce.js';
import * as dialog from './dialog.js';
import { el, fault, redraw } from './dom.js';
import { sentence } from './format.js';
import { wordsFor } from './selling.js';

/**
 * Opens a form; resolves with whether it was saved, which is said. The server's objections stand at
 * their fields, and nothing typed is lost.
 * @param {string} title
 * @param {Node[]} fields
 * @param {Record<string, HTMLElement>} controls by the name the server uses
 * @param {() => Promise<unknown>} save
 * @param {() => string} words what is said then
 */
export function formDialog(title, fields, controls, save, words) {
  return dialog.open(title, (close) => {
    const problem = el('p', { class: 'form-error', role: 'alert', hidden: true });
    const submit = el('button', { class: 'button primary' }, 'Save');
    const send = async (/** @type {Event} */ event) => {
      event.preventDefault();
      if (submit.getAttribute('aria-disabled')) return;
      problem.hidden = true;
      if (!complete(/** @type {HTMLFormElement} */ (event.currentTarget))) return;
      submit.setAttribute('aria-disabled', 'true');
      try {
        await save();
        close(true);
        say(words(), { kind: 'success' });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        explain(error, controls, problem);
      } finally {
        submit.removeAttribute('aria-disabled');
      }
    };
    return [el('form', { class: 'stack', onsubmit: send, novalidate: true }, problem, ...fields, el('div', { class: 'dialog-actions' }, submit))];
  }, { class: 'form-dialog' });
}

/** Whether each field can be sent; what is wrong with one stands at it. @param {HTMLFormElement} form */
function complete(form) {
  const controls = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll('input, select, textarea')]);
  for (const control of controls) fault(control, missing(control));
  const wrong = controls.find((control) => !control.validity.valid);
  wrong?.focus();
  return !wrong;
}

/** @param {HTMLInputElement} control */
function missing({ validity, validationMessage, min, max }) {
  if (validity.valid) return null;
  if (validity.rangeOverflow || validity.rangeUnderflow || (validity.badInput && max)) return `Enter a number from ${min} to ${max}.`;
  return validity.valueMissing ? 'Fill this in.' : validationMessage;
}

/** @param {Refusal} error @param {Record<string, HTMLElement>} controls @param {HTMLElement} problem */
function explain(error, controls, problem) {
  let first = null;
  for (const each of error.errors) {
    const [path] = each.field.split('/');
    const control = controls[path];
    if (!control) continue;
    fault(control, sentence(each.detail));
    first ??= control;
  }
  if (first) return first.focus();
  problem.textContent = wordsFor(error);
  problem.hidden = false;
}

/**
 * A table that becomes a list on a phone.
 * @param {string} caption @param {string[]} heads @param {(Node | string)[][]} rows first cell names the row
 */
export function table(caption, heads, rows) {
  const cell = (value, at) => (at === 0 ? el('th', { scope: 'row' }, value) : el('td', { 'data-label': heads[at] || null, class: heads[at] ? null : 'table-actions' }, value));
  return el('div', { class: 'card' }, el('div', { class: 'table-box', role: 'region', tabindex: 0, 'aria-label': caption },
    el('table', { class: 'stacked' }, el('caption', { class: 'sr' }, caption), el('thead', {}, el('tr', {}, ...heads.map((head) => (head ? el('th', { scope: 'col' }, head) : el('td', {}))))), el('tbody', {}, ...rows.map((row) => el('tr', {}, ...row.map(cell)))))));
}

/** What each table was drawn from. @type {WeakMap<HTMLElement, string>} */
const drawn = new WeakMap();

/**
 * Puts another table in place of the old one, unless it says the same: what is drawn anew under a
 * finger is not pressed.
 * @param {HTMLElement} box @param {string} told all that the table knows @param {Node} fresh
 */
export function renew(box, told, fresh) {
  if (drawn.get(box) === told) return;
  drawn.set(box, told);
  redraw(box, fresh);
}

/** Does it and says so, or says why not. @param {() => Promise<unknown>} act @param {string} words @returns {Promise<boolean>} */
export async function attempt(act, words) {
  try {
    await act();
    say(words, { kind: 'success' });
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say(wordsFor(error), { kind: 'warn', assertive: true });
    return false;
  }
}
