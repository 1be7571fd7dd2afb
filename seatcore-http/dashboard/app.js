// Begins here: the shell around every view.

import { Refusal } from './api.js';
import * as announce from './announce.js';
import * as catalogue from './catalogue.js';
import * as countdown from './countdown.js';
import * as dialog from './dialog.js';
import { button, byId, el, entitle, fill, icon } from './dom.js';
import { day } from './format.js';
import { now } from './clock.js';
import * as live from './live.js';
import * as mine from './mine.js';
import * as router from './router.js';
import { wordsFor } from './selling.js';
import * as session from './session.js';
import { mark, trouble, unanswered } from './states.js';
import * as theme from './theme.js';

theme.start();

/** What no stream tells, movies and screens, is on every page after this long at most. */
const CATALOGUE_MS = 60_000;
/** A page that could not begin tries again this often. */
const ANSWERS_MS = 5_000;

const LIVE_WORDS = { live: 'Live', reconnecting: 'Reconnecting', offline: 'Offline', polling: 'Polling' };

/** @type {router.View | null} */
let shown = null;
let turn = 0;
let first = true;

const go = router.start((url) => void render(url));

/** @param {URL} url */
async function render(url) {
  const own = (turn += 1);
  const main = byId('main');
  const route = router.find(url);
  let view;
  try {
    if (!route) throw new Error('no such page');
    const { view: make } = await route.load();
    if (own !== turn) return;
    shown?.dispose?.();
    shown = null;
    watchProgramme();
    const { id, code } = route.groups;
    view = make({ path: url.pathname, id: id ? Number(id) : undefined, code, query: url.searchParams, go });
  } catch (error) {
    if (own !== turn) return;
    shown?.dispose?.();
    shown = null;
    watchProgramme();
    view = route
      ? { title: 'Not loaded', element: el('div', { class: 'page' }, trouble('This page could not be loaded.', error, () => void render(url))) }
      : { title: 'Not found', element: el('div', { class: 'page' }, el('section', { class: 'card empty' }, mark('search'), el('h1', { tabindex: -1 }, 'No such page'), el('p', { class: 'muted' }, 'The address may be mistyped, or the page has moved.'), el('a', { href: '/', class: 'button primary' }, 'To the live board'))) };
    if (route && !unanswered(error)) console.error(error);
  }
  const card = /** @type {HTMLElement | null} */ (document.activeElement)?.closest?.('.show-card')?.getAttribute('data-show');
  shown = view;
  entitle(view.title);
  fill(main, view.element);
  marks(url.pathname);
  // No stream tells of movies and screens.
  if (!first) catalogue.refresh();
  if (first) first = false;
  else if (card) focusCard(card);
  else {
    window.scrollTo(0, 0);
    /** @type {HTMLElement | null} */ (main.querySelector('h1'))?.focus({ preventScroll: true });
    announce.speak(view.title);
  }
}

/** What every page needs: the shows to come. A page that looks at others says so. */
const watchProgramme = () => live.watch(catalogue.upcoming().slice(0, 20).map((show) => show.id));

/** Going along the strip of shows keeps its place. @param {string} show */
function focusCard(show) {
  /** @type {HTMLElement | null} */ (document.querySelector(`.show-card[data-show="${show}"]`))?.focus({ preventScroll: true });
  announce.speak(document.title);
}

/** @param {string} path */
function marks(path) {
  const skip = /** @type {HTMLAnchorElement} */ (document.querySelector('.skip'));
  skip.href = document.getElementById('seats') ? '#seats' : '#main';
  skip.textContent = document.getElementById('seats') ? 'Skip to the seats' : 'Skip to the content';
  for (const link of document.querySelectorAll('#top nav a, #tabs a')) {
    const href = /** @type {HTMLAnchorElement} */ (link).getAttribute('href') ?? '';
    const here = href === '/' ? path === '/' || path.startsWith('/show/') : `${path}/`.startsWith(href.replace(/^(\/\w+).*/, '$1/'));
    if (here) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

const LINKS = () => [
  { href: '/', word: 'Seats', glyph: 'list' },
  { href: '/now', word: 'Now', glyph: 'film' },
  { href: '/tickets', word: 'Tickets', glyph: 'ticket' },
  ...(session.isStaff() ? [{ href: '/desk', word: 'Desk', glyph: 'desk' }] : []),
  ...(session.isManager() ? [{ href: '/admin/shows', word: 'Admin', glyph: 'calendar' }] : []),
];

function links() {
  fill(byId('nav'), ...LINKS().map(({ href, word }) => el('a', { href: href }, word)));
  fill(byId('tabs'), ...LINKS().map(({ href, word, glyph }) => el('a', { href }, icon(/** @type {any} */ (glyph)), el('span', {}, word))));
  marks(location.pathname);
}

function account() {
  const user = session.current();
  const box = byId('account');
  if (!user) {
    const signIn = () => go(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
    fill(box, button('Sign in', signIn, { class: 'button small', id: 'btn-sign-in' }, 'user'));
    return;
  }
  fill(box, button(user.name, () => void accountDialog(user), { class: 'button small account-button', 'aria-label': `Account: ${user.name}`, title: user.name }, 'user'));
  /** @type {Element} */ (box.querySelector('span')).id = 'logged-username';
}

/** @param {session.User} user */
async function accountDialog(user) {
  const answer = await dialog.open(user.name, (close) => [
    el('p', { class: 'muted' }, { customer: 'Signed in.', staff: 'Signed in as staff.', manager: 'Signed in as manager.' }[user.role] ?? 'Signed in.'),
    el('div', { class: 'dialog-actions' }, el('a', { class: 'button', href: '/tickets', onclick: () => close('tickets') }, icon('ticket'), 'My tickets'), button('Sign out', () => close('out'), { class: 'button', id: 'btn-sign-out' })),
  ]);
  if (answer === 'out') await signOut();
}

async function signOut() {
  try {
    await session.signOut();
    announce.say('You are signed out.');
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const why = error.unknown ? 'The server did not answer.' : wordsFor(error);
    announce.say(`You may still be signed in. ${why}`, { kind: 'warn', assertive: true, actions: [{ label: 'Try again', act: () => void signOut() }] });
  }
}

function shell() {
  const pill = el('button', { type: 'button', class: 'live', id: 'live', onclick: live.tryNow }, el('span', { class: 'live-dot', 'aria-hidden': 'true' }), el('span', { id: 'live-word' }, LIVE_WORDS[live.currentState()]));
  fill(byId('top'),
    el('div', { class: 'top-inner' },
      el('a', { href: '/', class: 'brand', 'aria-label': 'seatcore, live board' }, el('img', { src: new URL('./icon.svg', import.meta.url).href, alt: '', width: 28, height: 28 }), el('span', {}, 'seatcore')),
      el('nav', { id: 'nav', 'aria-label': 'Main' }),
      el('span', { class: 'spacer' }),
      el('time', { id: 'header-date', class: 'header-date' }),
      el('a', { id: 'hold-pill', class: 'hold-pill', href: '/checkout', hidden: true }),
      pill, theme.toggle(), el('div', { id: 'account', class: 'account' })));
  const state = (/** @type {live.LiveState} */ to) => {
    pill.dataset.state = to;
    // Pressed, it tries at once: with nothing to try it is no stop on anybody's way.
    pill.tabIndex = to === 'live' ? -1 : 0;
    pill.setAttribute('aria-disabled', String(to === 'live'));
    pill.title = to === 'live' ? '' : 'Try now';
    byId('live-word').textContent = LIVE_WORDS[to];
    document.body.toggleAttribute('data-offline', to === 'offline');
  };
  state(live.currentState());
  live.states.on((to) => {
    state(to);
    if (to === 'offline') announce.speak("You're offline. Times may have moved on.");
  });
  const today = () => {
    byId('header-date').textContent = day(now(), catalogue.venueZone());
  };
  today();
  setInterval(today, 30_000);
  links();
  account();
}

/** A page may have questions of its own, which need not wait for the programme. */
function expectPage() {
  const route = router.find(new URL(location.href));
  route?.load().then(({ expect }) => expect?.(route.groups), () => {});
}

/** Where a visitor goes next, fetched when all else is there: it opens also while the server is away. */
function fetchAhead() {
  import('./seat-list.js').catch(() => {});
  for (const path of ['/now', '/tickets', '/checkout']) router.find(new URL(path, location.origin))?.load().catch(() => {});
}

/** Not while there is something to paint. @param {() => void} act */
const whenIdle = (act) => ('requestIdleCallback' in window ? requestIdleCallback(act, { timeout: 3000 }) : setTimeout(act, 500));

async function begin() {
  expectPage();
  shell();
  session.changed.on(() => {
    live.restart();
    links();
    account();
    if (/^\/(desk|admin|tickets|checkout)/.test(location.pathname)) void render(new URL(location.href));
  });
  try {
    await Promise.all([session.load(), catalogue.load()]);
  } catch (error) {
    fill(byId('main'), el('div', { class: 'page' }, trouble('Connection error', error, () => location.reload())));
    // Asked first: a page that cannot be had would take this one's place.
    setInterval(() => live.answers().then((yes) => yes && location.reload()), ANSWERS_MS);
    return;
  }
  const end = live.states.on((to) => {
    if (to !== 'live') return;
    end();
    whenIdle(fetchAhead);
  });
  mine.start();
  countdown.start();
  void mine.reload();
  await render(new URL(location.href));
  // What was read just now comes on the line once more: after it is seen, not before.
  live.start();
  setInterval(() => document.hidden || catalogue.refresh(), CATALOGUE_MS);
}

void begin();
