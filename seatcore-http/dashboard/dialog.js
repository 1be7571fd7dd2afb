// Questions that wait for an answer, in native dialogs.

import { button, el, focusAgain, iconButton } from './dom.js';

let number = 0;

/**
 * Opens a dialog; resolves with what `close` was given, or null when it was dismissed.
 * @template T
 * @param {string} title
 * @param {(close: (value: T) => void) => Node[]} content
 * @param {{class?: string, dismissable?: boolean, role?: string}} [options]
 * @returns {Promise<T | null>}
 */
export function open(title, content, options = {}) {
  const { dismissable = true } = options;
  const back = /** @type {HTMLElement | null} */ (document.activeElement);
  const id = `dialog-${(number += 1)}`;
  return new Promise((done) => {
    let answer = /** @type {T | null} */ (null);
    const dialog = el('dialog', { class: `dialog ${options.class ?? ''}`, 'aria-labelledby': id, role: options.role });
    const close = (/** @type {T} */ value) => {
      answer = value;
      dialog.close();
    };
    dialog.append(
      el('div', { class: 'dialog-head' }, el('h2', { id }, title), dismissable && iconButton('Close', 'close', () => dialog.close())),
      ...content(close),
    );
    dialog.addEventListener('cancel', (event) => {
      if (!dismissable) event.preventDefault();
    });
    dialog.addEventListener('close', () => {
      dialog.remove();
      if (back) focusAgain(back);
      done(answer);
    });
    // The second half of a double click was meant for what lay here before.
    dialog.addEventListener('click', (event) => {
      if (event.detail < 2) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    }, { capture: true });
    dialog.addEventListener('click', (event) => {
      if (dismissable && event.target === dialog) dialog.close();
    });
    document.body.append(dialog);
    dialog.showModal();
    const first = /** @type {HTMLElement | null} */ (dialog.querySelector('[autofocus], input, select, textarea, .button.primary'));
    first?.focus();
  });
}

/** Asks yes or no, naming what will happen. @param {string} title @param {string} text @param {string} yes @param {{danger?: boolean, no?: string}} [options] */
export async function ask(title, text, yes, { danger = false, no = 'Cancel' } = {}) {
  const answer = await open(title, (close) => [
    el('p', {}, text),
    el('div', { class: 'dialog-actions' }, button(no, () => close(false), { class: 'button' }), button(yes, () => close(true), { class: `button ${danger ? 'danger' : 'primary'}`, autofocus: true })),
  ]);
  return answer === true;
}

/** Asks for a reason; null when it was dismissed. @param {string} title @param {string} text @param {string} yes */
export function askReason(title, text, yes) {
  return open(title, (close) => {
    const input = el('input', { id: `reason-${number}`, maxlength: 200, autocomplete: 'off', required: true });
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      close(input.value.trim());
    };
    return [
      el('p', {}, text),
      el('form', { onsubmit: submit, class: 'stack' }, el('div', { class: 'field' }, el('label', { for: input.id }, 'Reason'), input),
        el('div', { class: 'dialog-actions' }, el('button', { class: 'button danger' }, yes))),
    ];
  });
}
