// People and their roles.

import { all, request, write } from './api.js';
import { attempt, renew, table } from './admin-form.js';
import * as dialog from './dialog.js';
import { button, el } from './dom.js';
import * as session from './session.js';

const ROLES = ['customer', 'staff', 'manager'];

/** @returns {Promise<import('./admin.js').Section>} */
export async function section() {
  const box = el('div', { class: 'stack' });
  const read = async () => {
    const users = await all('/users');
    renew(box, JSON.stringify(users), table('Users', ['Name', 'Role', 'State', ''], users.map((user) => row(user, read))));
  };
  await read();
  return { parts: [el('p', { class: 'muted' }, 'Everybody registers as a customer; roles are given here.'), box], draw() {}, read };
}

/** @param {{id: number, name: string, role: string, disabled: boolean}} user @param {() => Promise<void>} read */
function row(user, read) {
  const me = session.current()?.id === user.id;
  const role = el('select', { 'aria-label': `Role of ${user.name}`, disabled: me, onchange: () => void appoint() }, ...ROLES.map((each) => el('option', { value: each }, each)));
  role.value = user.role;
  const change = async (body, words) => {
    if (!(await attempt(() => write('PATCH', `/users/${user.id}`, body), words))) role.value = user.role;
    await read();
  };
  // An arrow key chooses at once: nobody is made a manager on the way past.
  const appoint = async () => {
    const to = role.value;
    const what = to === 'staff' ? 'staff' : `a ${to}`;
    const yes = await dialog.ask(`Make ${user.name} ${what}?`, `What ${user.name} may do changes at once, and all sessions of this account end: ${user.name} has to sign in again.`, `Make ${what}`);
    if (yes) await change({ role: to }, `${user.name} is now ${to}.`);
    else role.value = user.role;
  };
  const remove = async () => {
    if (!(await dialog.ask('Delete this account?', `${user.name} can no longer sign in, and the name is forgotten. What was booked stays booked.`, 'Delete', { danger: true }))) return;
    await attempt(() => request('DELETE', `/users/${user.id}`), `${user.name} is deleted.`);
    await read();
  };
  return [
    user.name,
    role,
    el('span', { class: `tag ${user.disabled ? 'tag-bad' : 'tag-good'}` }, user.disabled ? 'Disabled' : 'Active'),
    el('span', { class: 'table-actions' },
      !me && button(user.disabled ? 'Enable' : 'Disable', () => void change({ disabled: !user.disabled }, `${user.name} is ${user.disabled ? 'enabled' : 'disabled'}.`), { class: 'button small', 'aria-label': `${user.disabled ? 'Enable' : 'Disable'} ${user.name}` }),
      !me && button('Delete', () => void remove(), { class: 'button small', 'aria-label': `Delete ${user.name}` }),
      me && el('span', { class: 'muted' }, 'You')),
  ];
}
