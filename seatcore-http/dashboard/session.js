// Who is looking.

import { Refusal, get, request, write } from './api.js';
import { Signal } from './signal.js';

/** @typedef {{id: number, name: string, role: 'customer' | 'staff' | 'manager'}} User */

/** @type {User | null} */
let user = null;
/** @type {Signal<User | null>} */
export const changed = new Signal();
/** One sign-in in one tab is a sign-in in all. */
const tabs = new BroadcastChannel('seatcore-session');
tabs.onmessage = () => void load();

export const current = () => user;
export const isStaff = () => user?.role === 'staff' || user?.role === 'manager';
export const isManager = () => user?.role === 'manager';

/** @param {any} body */
function set(body) {
  const before = user;
  user = body ? (body.user ?? body) : null;
  if (before?.id !== user?.id || before?.role !== user?.role) changed.send(user);
}

/** Asks the server. */
export async function load() {
  try {
    set(await get('/session'));
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 401) throw error;
    set(null);
  }
}

/** @param {string} name @param {string} password */
export async function signIn(name, password) {
  const { data } = await request('POST', '/session', { body: { name, password } });
  set(data);
  tabs.postMessage('changed');
}

/** Makes an account and signs in. @param {string} name @param {string} password */
export async function register(name, password) {
  await write('POST', '/users', { name, password });
  await signIn(name, password);
}

export async function signOut() {
  await request('DELETE', '/session');
  set(null);
  tabs.postMessage('changed');
}

/** The server said that nobody is signed in any more. */
export function ended() {
  set(null);
}
