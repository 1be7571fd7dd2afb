// What a page asks first, asked and read while the other scripts are still on their way: this one
// waits for none of them.

/** @typedef {{response: Response, text: string, sentAt: number}} Answer */

const BASE = '/api/v1';
const DAY_MS = 86_400_000;
/** What nobody has taken by then is history: whoever asks later wants to know how it is now. */
const FRESH_MS = 10_000;

/** Answers on their way or here, each for whoever asks first. @type {Map<string, Promise<Answer>>} */
const answers = new Map();

/** Shows of yesterday may still be running; older ones are history. The server names this question in the page's headers. @param {number} now */
export const questionOfShows = (now) => `/shows?limit=200&from=${new Date((Math.floor(now / DAY_MS) - 1) * DAY_MS).toISOString()}`;

/** @param {string} url @param {RequestInit} options @returns {Promise<Answer>} */
export async function send(url, options) {
  const sentAt = performance.now();
  const response = await fetch(url, { ...options, credentials: 'same-origin' });
  const text = response.status === 204 || response.status === 304 ? '' : await response.text();
  return { response, text, sentAt };
}

/** The answer that was asked for early, if it was, and once. @param {string} url */
export function taken(url) {
  if (performance.now() > FRESH_MS) answers.clear();
  const answer = answers.get(url);
  answers.delete(url);
  return answer;
}

/** @param {string} url */
function ask(url) {
  const answer = send(url, { headers: { Accept: 'application/json' } });
  answers.set(url, answer);
  return answer;
}

/** @param {string} show */
async function askSeats(show) {
  const { response, text } = await ask(`${BASE}/shows/${show}/snapshot`);
  if (response.ok) await ask(`${BASE}/shows/${show}/layout/${JSON.parse(text).layout}`);
}

const show = /^\/show\/(\d+)$/.exec(location.pathname)?.[1];
const asked = [show ? askSeats(show) : null, ...['/session', '/movies', '/screens', questionOfShows(Date.now())].map((path) => ask(BASE + path)), ask('/version')];
// What fails is told to whoever asks for it.
for (const each of asked) each?.catch(() => {});
