import assert from 'node:assert/strict';
import test from 'node:test';
import { around, best, leftAlone } from '../../../seatcore-http/dashboard/party.js';
import { Plan } from '../../../seatcore-http/dashboard/plan.js';

/** Rows as drawn: `.` is free, anything else is not. */
function theatre(drawing) {
  const lines = drawing.trim().split('\n').map((line) => line.trim());
  const plan = new Plan({ sections: [{ rows: lines.map((line, at) => ({ label: String.fromCharCode(65 + at), count: line.length })) }] });
  const symbols = lines.join('');
  const names = (seats) => seats.map((seat) => plan.label(seat)).join(' ');
  return { plan, free: (seat) => symbols[seat] === '.', names };
}

test('one tap takes the party side by side, around the tapped seat', () => {
  const { plan, free, names } = theatre('..........');
  assert.equal(names(around(plan, free, 4, 3)), 'A4 A5 A6');
  assert.equal(names(around(plan, free, 0, 2)), 'A1 A2');
  assert.equal(names(around(plan, free, 9, 2)), 'A9 A10');
});

test('one tap leaves no lone seat where that can be had', () => {
  const { plan, free, names } = theatre('bb....bbbb');
  assert.equal(names(around(plan, free, 3, 2)), 'A3 A4', 'A4 and A5 would leave A3 and A6 alone');
});

test('one tap takes nothing where the party does not fit', () => {
  const { plan, free } = theatre('b..b......');
  assert.deepEqual(around(plan, free, 1, 3), []);
  assert.deepEqual(around(plan, free, 0, 1), [], 'a taken seat');
});

test('the best seats are together, nearest the middle two thirds back', () => {
  const { plan, free, names } = theatre(`..........
                                         ..........
                                         ..........
                                         ..........
                                         ..........`);
  assert.equal(names(best(plan, free, 2)), 'D5 D6');
});

test('the best seats leave no lone seat, then are together, then as near as can be', () => {
  const lone = theatre('.bb...bbb...');
  assert.equal(lone.names(best(lone.plan, lone.free, 3)), 'A4 A5 A6');
  const only = theatre('b.bb...bb');
  assert.equal(only.names(best(only.plan, only.free, 2)).split(' ').length, 2);
  const apart = theatre('.b.b.b.b.');
  assert.equal(apart.names(best(apart.plan, apart.free, 3)), 'A3 A5 A7');
});

test('a party larger than what is left gets nothing', () => {
  const { plan, free } = theatre('.bbb.');
  assert.deepEqual(best(plan, free, 3), []);
});

test('a seat left alone is named, at a wall as between others', () => {
  const { plan, free, names } = theatre('......');
  assert.equal(names(leftAlone(plan, free, [1, 2])), 'A1');
  assert.equal(names(leftAlone(plan, free, [0, 2])), 'A2');
  assert.equal(names(leftAlone(plan, free, [0, 1])), '');
});
