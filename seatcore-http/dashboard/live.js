// One stream of changes for all tabs of this browser. The tab that has the lock reads it and tells
// the others; where locks do not exist each tab reads its own.

import { readEvents } from './event-stream.js';
import { shares } from './shares.js';
import { Signal } from './signal.js';

/** @typedef {'live' | 'reconnecting' | 'offline' | 'polling'} LiveState */
/** @typedef {{type: string, data: any}} Frame */

/** Twice the heartbeat and a little: silence beyond it is a dead line. */
const SILENCE_MS = 35_000;
const POLL_MS = 5_000;
/** Failures in a row before snapshots are asked for instead. */
const PATIENCE = 3;
const RETRY_MS = { least: 500, most: 5_000 };
/** Shows on one stream. */
const SHOWS_MAX = 50;
/** A tab nobody looks at gives its place away. */
const HIDDEN_MS = 60_000;

/** Why a line is closed that should be opened again at once. */
const AGAIN = 'again';

const tab = crypto.getRandomValues(new Uint32Array(2)).join('-');
const channel = new BroadcastChannel('seatcore-live');
/** What each tab wants to hear of, most wanted first. @type {Map<string, number[]>} */
const wanted = new Map();
/** What the open line tells of. @type {Set<number>} */
let heard = new Set();
/** @type {Signal<Frame>} */
export const frames = new Signal();
/** @type {Signal<LiveState>} */
export const states = new Signal();

/** @type {LiveState} */
let state = 'reconnecting';
let leading = false;
let last = '';
/** @type {AbortController | null} */
let line = null;
/** @type {(() => void) | null} */
let giveUp = null;
/** Ends the pause before the next try. @type {(() => void) | null} */
let wake = null;
/** Somebody cannot wait for the next try. */
let hurry = false;

export const currentState = () => state;

/** @param {LiveState} next */
function set(next) {
  if (next === state) return;
  state = next;
  states.send(next);
  if (leading) channel.postMessage({ kind: 'state', state });
}

/** Which shows this tab looks at, the most important one first. @param {number[]} shows */
export function watch(shows) {
  const list = [...new Set(shows)];
  if (String(wanted.get(tab)) === String(list)) return;
  want(tab, list);
  channel.postMessage({ kind: 'want', tab, shows: list });
}

/** What the tabs want; each its share, should it be too much for one stream. */
const union = () => shares([...wanted.values()], SHOWS_MAX);

/** What is no longer wanted does no harm; what is new needs another line. @param {string} who @param {number[] | null} shows */
function want(who, shows) {
  if (shows) wanted.set(who, shows);
  else wanted.delete(who);
  if (!leading || !union().some((show) => !heard.has(show))) return;
  line?.abort(AGAIN);
  wake?.();
}

channel.onmessage = ({ data }) => {
  if (data.kind === 'want') want(data.tab, data.shows);
  else if (data.kind === 'gone') want(data.tab, null);
  else if (data.kind === 'who') channel.postMessage({ kind: 'want', tab, shows: wanted.get(tab) ?? [] });
  else if (data.kind === 'frame' && !leading) {
    last = data.last;
    frames.send(data.frame);
  } else if (data.kind === 'state' && !leading) set(data.state);
  else if (data.kind === 'try' && leading) hasten();
  else if (data.kind === 'hail' && leading) channel.postMessage({ kind: 'state', state });
};

/** @param {Frame} frame */
function pass(frame) {
  frames.send(frame);
  channel.postMessage({ kind: 'frame', frame, last });
}

/** A pause that can be ended, also before it begins. @param {number} ms */
const rest = (ms) => new Promise((done) => {
  wake = () => done(undefined);
  setTimeout(done, hurry ? 0 : ms);
}).finally(() => (hurry = false));

function hasten() {
  hurry = true;
  wake?.();
}

/** The next try, whichever tab makes it, is made now. */
export function tryNow() {
  if (state === 'live') return;
  if (leading) hasten();
  else channel.postMessage({ kind: 'try' });
}

/** Reads the stream for as long as this tab leads. */
async function lead() {
  leading = true;
  channel.postMessage({ kind: 'who' });
  let failures = 0;
  const poller = setInterval(() => state === 'polling' && pass({ type: 'poll', data: null }), POLL_MS);
  while (leading) {
    if (!union().length) {
      await withoutShows();
      continue;
    }
    const end = await readOnce();
    if (end === 'again') continue;
    failures = end === 'lived' ? 1 : failures + 1;
    const without = await standing(failures);
    if (!leading) break;
    set(without);
    const wait = typeof end === 'number' ? end : Math.min(RETRY_MS.most, RETRY_MS.least * 2 ** (failures - 1));
    await rest(wait * (0.5 + Math.random() / 2));
  }
  clearInterval(poller);
}

/** No show, no line: the programme is asked for instead. */
async function withoutShows() {
  const without = wanted.size ? await standing(PATIENCE) : state;
  // Something may be wanted by now.
  if (!leading || union().length) return;
  set(without);
  await rest(POLL_MS);
}

/** How it stands without a line: only a server that answers can be asked instead. @param {number} failures @returns {Promise<LiveState>} */
async function standing(failures) {
  if (navigator.onLine === false) return 'offline';
  return failures >= PATIENCE && (await answers()) ? 'polling' : 'reconnecting';
}

/** Whether the server answers at all. */
export const answers = () => fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(POLL_MS) }).then(({ ok }) => ok, () => false);

/** @returns {Promise<'again' | 'lived' | 'failed' | number>} how it ended, or what the server asked to wait */
async function readOnce() {
  const own = (line = new AbortController());
  heard = new Set(union());
  const asked = [...heard].sort((a, b) => a - b).join();
  let lived = false;
  let watchdog = setTimeout(() => own.abort(), SILENCE_MS);
  try {
    const end = await readEvents(`/api/v1/events?shows=${asked}`, {
      last,
      signal: own.signal,
      alive() {
        clearTimeout(watchdog);
        watchdog = setTimeout(() => own.abort(), SILENCE_MS);
      },
      event({ type, data, id }) {
        lived = true;
        if (id) last = id;
        set('live');
        pass({ type, data: read(data) });
      },
    });
    // A cursor that the server cannot read is of no use a second time.
    if (end.status === 400 || end.status === 422) last = '';
    return end.retry ?? (lived ? 'lived' : 'failed');
  } catch {
    if (own.signal.reason === AGAIN) return 'again';
    return lived ? 'lived' : 'failed';
  } finally {
    clearTimeout(watchdog);
  }
}

function read(data) {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

/** Stands in line to lead; gives the place up when told. */
function join() {
  if (giveUp) return;
  const end = new AbortController();
  giveUp = () => {
    giveUp = null;
    leading = false;
    end.abort();
    line?.abort();
    wake?.();
  };
  channel.postMessage({ kind: 'hail' });
  if (!navigator.locks) {
    void lead();
    return;
  }
  // Refused only because it was given up while waiting.
  navigator.locks.request('seatcore-stream', { signal: end.signal }, lead).catch(() => {});
}

/** Another person sits here: what may be heard has changed. */
export function restart() {
  line?.abort(AGAIN);
}

/** Begins to listen. */
export function start() {
  let hidden = 0;
  join();
  document.addEventListener('visibilitychange', () => {
    clearTimeout(hidden);
    if (document.hidden) hidden = window.setTimeout(() => giveUp?.(), HIDDEN_MS);
    else rejoin();
  });
  window.addEventListener('pagehide', () => {
    channel.postMessage({ kind: 'gone', tab });
    giveUp?.();
  });
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) rejoin();
  });
  window.addEventListener('offline', () => set('offline'));
  window.addEventListener('online', () => {
    set('reconnecting');
    line?.abort(AGAIN);
    tryNow();
  });
}

/** Back from the background: what was missed is read again. */
function rejoin() {
  channel.postMessage({ kind: 'want', tab, shows: wanted.get(tab) ?? [] });
  if (giveUp) return tryNow();
  join();
  frames.send({ type: 'poll', data: null });
}
