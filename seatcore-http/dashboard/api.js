// Requests to the API of this server, and what it says no with.

import { learn } from './clock.js';
import { send, taken } from './early.js';

const BASE = '/api/v1';
/** Pauses before a request whose fate is unknown is asked again, under the same key. */
const RETRY_MS = [300, 900, 2500];

/** An answer that is not a success: the server's own words, or none when it could not be reached. */
export class Refusal extends Error {
  /** @param {number} status @param {Record<string, any>} problem */
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? 'The server could not be reached.');
    this.status = status;
    this.code = problem.code ?? (status === 0 ? 'unreachable' : 'unknown');
    this.problem = problem;
    /** @type {{seat: string, code: string}[]} */
    this.conflicts = problem.conflicts ?? [];
    /** @type {string[][]} */
    this.alternatives = problem.alternatives ?? [];
    /** @type {{field: string, detail: string}[]} */
    this.errors = problem.errors ?? [];
    this.requestId = problem.request_id;
  }

  /** Whether nobody can say if the request took effect. */
  get unknown() {
    return this.status === 0 || this.status === 502 || this.status === 504 || this.code === 'outcome_unknown';
  }
}

/** A name for one intent, used again on every retry of it. */
export function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * One request.
 * @param {string} method @param {string} path below the API, or absolute
 * @param {{body?: unknown, key?: string, headers?: Record<string, string>, signal?: AbortSignal}} [options]
 * @returns {Promise<{status: number, data: any, headers: Headers}>}
 */
export async function request(method, path, options = {}) {
  const url = /^\/(api|version|readyz)/.test(path) ? path : BASE + path;
  /** @type {Record<string, string>} */
  const headers = { Accept: 'application/json', ...options.headers };
  let { body } = options;
  if (body !== undefined && !(body instanceof Blob)) {
    headers['Content-Type'] = 'application/json';
    body = JSON.stringify(body);
  }
  if (options.key) headers['Idempotency-Key'] = options.key;
  let answer;
  try {
    const early = method === 'GET' && !options.headers ? taken(url) : undefined;
    answer = await (early ?? send(url, { method, headers, body: /** @type {any} */ (body), signal: options.signal }));
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Refusal(0, {});
  }
  const { response, text, sentAt } = answer;
  // What a browser keeps says when it was fetched, and comes quicker than any answer.
  if (!/max-age/.test(response.headers.get('Cache-Control') ?? '')) learn(response.headers.get('Server-Time'), sentAt);
  const data = text ? parse(text) : null;
  if (!response.ok && response.status !== 304) throw new Refusal(response.status, data ?? { title: response.statusText });
  return { status: response.status, data, headers: response.headers };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { title: 'The answer could not be read.' };
  }
}

/** @param {string} path @param {AbortSignal} [signal] */
export async function get(path, signal) {
  return (await request('GET', path, { signal })).data;
}

/**
 * A write under a key: asked again with the same key until its fate is known.
 * @param {string} method @param {string} path @param {unknown} [body] @param {string} [key]
 */
export async function write(method, path, body, key = freshKey()) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return (await request(method, path, { body, key })).data;
    } catch (error) {
      const again = error instanceof Refusal && (error.unknown || error.code === 'busy') && navigator.onLine !== false && attempt < RETRY_MS.length;
      if (!again) throw error;
      await new Promise((done) => setTimeout(done, RETRY_MS[attempt]));
    }
  }
}

/** All pages of a list. @param {string} path @param {number} [most] @returns {Promise<any[]>} */
export async function all(path, most = 1000) {
  const found = [];
  let cursor = '';
  do {
    const page = await get(cursor ? `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}` : path);
    found.push(...page.data);
    cursor = page.next;
  } while (cursor && found.length < most);
  return found;
}
