import assert from 'node:assert/strict';
import test from 'node:test';
import { around, best, leftAlone, moved } from '../../../seatcore-http/dashboard/party.js';
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

test('a party moves over its own seats as if they were free; asked for where it is, it lets go', () => {
  const { plan, free, names } = theatre('..........');
  const at = (label) => plan.seat(label);
  const tap = (picks, label, count) => names([...moved(plan, free, new Set(picks.map(at)), at(label), count)]);
  assert.equal(tap(['A7', 'A8', 'A9'], 'A10', 3), 'A8 A9 A10', 'to the wall, over two of its own');
  assert.equal(tap(['A4', 'A5', 'A6'], 'A7', 3), 'A6 A7 A8');
  assert.equal(tap(['A4', 'A5', 'A6'], 'A6', 3), 'A5 A6 A7', 'a tap on a picked seat asks for the party around it');
  assert.equal(tap(['A4', 'A5', 'A6'], 'A5', 3), '', 'that is where it is');
  assert.equal(tap(['A5'], 'A5', 3), 'A4 A5 A6', 'one has become three');
});

test('a party that does not fit moves nowhere; a pick that stands too narrow is let go', () => {
  const { plan, free, names } = theatre('b..b......');
  assert.equal(moved(plan, free, new Set([5, 6, 7]), 1, 3), null);
  assert.equal(names([...(moved(plan, free, new Set([1, 5]), 1, 3) ?? [])]), 'A6');
});
