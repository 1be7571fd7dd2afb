// Signing in and registering, as a page or as a question on the way to something else.

import { Refusal, get } from './api.js';
import * as catalogue from './catalogue.js';
import { sentence } from './format.js';
import * as dialog from './dialog.js';
import { button, el, fault, field } from './dom.js';
import { poster } from './poster.js';
import * as session from './session.js';

const WORDS = {
  not_signed_in: 'That username and password do not match.',
  name_taken: 'This name is taken. If it is yours, sign in instead.',
  rate_limited: 'Too many attempts. Wait a minute, then try again.',
  unreachable: 'The server did not answer. Try again in a moment.',
  busy: 'The server is busy. Try again in a moment.',
};

/** Asks to sign in without leaving the page. @param {string} why @returns {Promise<boolean>} */
export async function askSignIn(why) {
  const answer = await dialog.open('Sign in', (close) => [el('p', { class: 'muted' }, why), form(() => close(true))], { class: 'sign-in-dialog' });
  return answer === true;
}

/** The page. @param {{path: string, query: URLSearchParams, go: (path: string) => void}} context */
export function view({ path, query, go }) {
  const back = safe(query.get('next'));
  const title = path === '/register' ? 'Create an account' : 'Sign in';
  const card = el('section', { class: 'card sign-in' }, el('h1', { tabindex: -1 }, title), form(() => go(back), path === '/register'));
  const wall = el('div', { class: 'poster-wall', 'aria-hidden': 'true' }, ...[...catalogue.movies.values()].slice(0, 3).map((movie) => poster(movie)));
  return { title, element: el('div', { class: 'sign-page' }, wall, card) };
}

/** Only paths of this site. @param {string | null} path */
function safe(path) {
  return path && /^\/(?![/\\])/.test(path) ? path : '/';
}

/**
 * Both forms in one: what changes is the last word.
 * @param {() => void} done @param {boolean} [registering]
 */
function form(done, registering = false) {
  const name = el('input', { id: 'username', name: 'username', autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', required: true, maxlength: 150 });
  const password = el('input', { id: 'password', name: 'password', type: 'password', autocomplete: registering ? 'new-password' : 'current-password', required: true, maxlength: 256 });
  const problem = el('p', { class: 'form-error', role: 'alert', hidden: true });
  const submit = el('button', { class: 'button primary wide' });
  const show = el('label', { class: 'check' }, el('input', { type: 'checkbox', onchange: () => (password.type = password.type === 'password' ? 'text' : 'password') }), 'Show the password');
  const demo = el('div', { class: 'demo', hidden: true });
  const swap = button('', () => set(!registering), { class: 'link-button' });
  const set = (/** @type {boolean} */ to) => {
    registering = to;
    submit.textContent = to ? 'Create account' : 'Sign in';
    /** @type {HTMLElement} */ (swap.firstElementChild).textContent = to ? 'I have an account' : 'Create an account';
    password.autocomplete = to ? 'new-password' : 'current-password';
    hint.textContent = to ? 'At least 8 characters. A phrase is easy to keep in mind.' : '';
    hint.hidden = !to;
  };
  const passwordField = field('Password', password, ' ');
  const hint = /** @type {HTMLElement} */ (passwordField.querySelector('.hint'));
  set(registering);
  void offerDemo(demo, name, password);
  const send = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (submit.getAttribute('aria-disabled')) return;
    problem.hidden = true;
    fault(name, null);
    fault(password, null);
    if (!registering && lacks(name, password)) return;
    submit.setAttribute('aria-disabled', 'true');
    submit.textContent = registering ? 'Creating your account' : 'Signing in';
    try {
      await (registering ? session.register(name.value.trim(), password.value) : session.signIn(name.value.trim(), password.value));
      done();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      explain(error, name, password, problem);
    } finally {
      submit.removeAttribute('aria-disabled');
      set(registering);
    }
  };
  return el('form', { class: 'stack', onsubmit: send, novalidate: true }, demo, problem, field('Username', name), passwordField, show, submit, swap);
}

/** Says at each field that is empty that it is; the first has the focus. @param {...HTMLInputElement} fields */
function lacks(...fields) {
  const empty = fields.filter((each) => !each.value.trim());
  for (const each of empty) fault(each, 'Fill this in.');
  empty[0]?.focus();
  return empty.length > 0;
}

/** @param {Refusal} error */
function explain(error, name, password, problem) {
  const about = (word) => error.errors.find((each) => each.field === word);
  const words = (each) => sentence(each.detail);
  const [atName, atPassword] = [about('name'), about('password')];
  if (atName) fault(name, words(atName));
  if (atPassword) fault(password, words(atPassword));
  if (atName || atPassword) {
    (atName ? name : password).focus();
    return;
  }
  problem.textContent = WORDS[error.code] ?? error.message;
  problem.hidden = false;
  (error.code === 'not_signed_in' ? password : name).focus();
}

/** A fresh installation has an account for trying things out; the server says so, or nothing is offered. */
async function offerDemo(box, name, password) {
  const version = await get('/version').catch(() => null);
  if (!version?.demo) return;
  const account = version.demo;
  const use = () => {
    name.value = account.name;
    password.value = account.password;
    password.form?.requestSubmit();
  };
  box.append(el('p', {}, 'Just looking? This installation has a demo account.'), button(`Continue as ${account.name}`, use, { class: 'button small' }, 'user'));
  box.hidden = false;
}
