// Elements from values. Text goes in as text, never as markup.

import { PATHS } from './icons.js';

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [attributes] `onclick` and the like are listeners; false and null are left out
 * @param {...(Node | string | number | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'vars') for (const [key, each] of Object.entries(value)) element.style.setProperty(key, String(each));
    else if (name === 'value') /** @type {any} */ (element).value = value;
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...present(children));
  return element;
}

/** @param {any[]} children */
function present(children) {
  return children.flat().filter((child) => child !== null && child !== undefined && child !== false).map((child) => (child instanceof Node ? child : String(child)));
}

/** @param {string} tag @param {Record<string, string | number>} attributes @param {...Node} children */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** A line icon; decoration beside a word, so hidden from readers. @param {keyof typeof PATHS} name */
export function icon(name) {
  return svg('svg', { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true', focusable: 'false' }, svg('path', { d: PATHS[name] }));
}

/** Puts other children in place. @param {Element} parent @param {...any} children */
export function fill(parent, ...children) {
  const waited = parent.querySelector(':is(.trouble, .skeleton) :focus');
  parent.replaceChildren(...present(children));
  if (waited) focusWay(parent);
}

/** Where somebody who asked for another try goes on: there again, or at the head of what came. @param {Element} parent */
function focusWay(parent) {
  const way = parent.querySelector('.trouble .button') ?? parent.querySelector('h1[tabindex]') ?? document.querySelector('main h1');
  /** @type {HTMLElement | null} */ (way)?.focus({ preventScroll: true });
}

/** What somebody calls a control, also after it was drawn again. @param {Element} element */
const called = (element) => element.id || element.getAttribute('aria-label') || element.textContent;

/** Moves the focus back to a control, or to what has its name since it was drawn again. @param {Element} control @param {ParentNode} [root] */
export function focusAgain(control, root = document) {
  const all = () => [...root.querySelectorAll('a[href], button, input, select, [tabindex]')];
  const now = control.isConnected ? control : called(control) && all().find((each) => called(each) === called(control));
  /** @type {HTMLElement | undefined} */ (now || undefined)?.focus({ preventScroll: true });
}

/** Puts a fresh drawing of the same things in place; what had the focus has it again, or if it is gone the place itself. @param {HTMLElement} parent @param {...any} children */
export function redraw(parent, ...children) {
  const focused = parent.contains(document.activeElement) ? /** @type {Element} */ (document.activeElement) : null;
  const has = () => parent.contains(document.activeElement);
  fill(parent, ...children);
  if (!focused || has()) return;
  focusAgain(focused, parent);
  if (!has() && parent.tabIndex === -1 && parent.hasAttribute('tabindex')) parent.focus({ preventScroll: true });
}

/**
 * The same for a list whose things are let go one by one: the next one's control has the focus then, or after the last the place around.
 * @param {HTMLElement} list @param {string} kind which controls let go @param {HTMLElement} around @param {...any} children
 */
export function redrawList(list, kind, around, ...children) {
  const controls = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll(kind)]);
  const at = controls().indexOf(/** @type {HTMLElement} */ (document.activeElement));
  redraw(list, ...children);
  if (at < 0 || (list !== document.activeElement && list.contains(document.activeElement))) return;
  (controls()[Math.min(at, controls().length - 1)] ?? around).focus({ preventScroll: true });
}

/** The tab's title. @param {string} title */
export function entitle(title) {
  document.title = `${title} · seatcore`;
}

/** @param {string} id */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/**
 * A button.
 * @param {string} label @param {(event: MouseEvent) => void} action @param {Record<string, any>} [attributes]
 * @param {keyof typeof PATHS} [glyph]
 */
export function button(label, action, attributes = {}, glyph) {
  return el('button', { type: 'button', onclick: action, ...attributes }, glyph && icon(glyph), el('span', {}, label));
}

/** A button that is only an icon. @param {string} label @param {keyof typeof PATHS} glyph @param {(event: MouseEvent) => void} action @param {Record<string, any>} [attributes] */
export function iconButton(label, glyph, action, attributes = {}) {
  return el('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label, onclick: action, ...attributes }, icon(glyph));
}

/** A form field with its label, hint and place for an error. @param {string} label @param {HTMLElement} control @param {string} [hint] */
export function field(label, control, hint) {
  const id = control.id || `field-${Math.random().toString(36).slice(2)}`;
  control.id = id;
  const error = el('p', { class: 'field-error', id: `${id}-error`, hidden: true });
  const note = hint ? el('p', { class: 'hint', id: `${id}-hint` }, hint) : null;
  control.setAttribute('aria-describedby', [note?.id, error.id].filter(Boolean).join(' '));
  return el('div', { class: 'field' }, el('label', { for: id }, label), control, note, error);
}

/** Says what is wrong with a field, or that nothing is. @param {HTMLElement} control @param {string | null} message */
export function fault(control, message) {
  const error = byId(`${control.id}-error`);
  error.textContent = message ?? '';
  error.hidden = !message;
  if (message) control.setAttribute('aria-invalid', 'true');
  else control.removeAttribute('aria-invalid');
}
