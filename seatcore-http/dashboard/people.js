// Names for `user:7`, where this account may know them: managers read the list of users.

import { all } from './api.js';
import * as session from './session.js';
import { Signal } from './signal.js';

/** @type {Map<string, string>} */
const names = new Map();
/** More names are known. @type {Signal<void>} */
export const changed = new Signal();
let asked = false;

/** Who that is: a name, or the number it goes by. @param {string} who */
export function called(who) {
  if (!asked && session.isManager()) {
    asked = true;
    all('/users').then((users) => {
      for (const user of users) names.set(`user:${user.id}`, user.name);
      changed.send();
    }, () => (asked = false));
  }
  return names.get(who) ?? who.replace(/^user:/, 'user ');
}
