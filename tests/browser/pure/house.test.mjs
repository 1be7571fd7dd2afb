import assert from 'node:assert/strict';
import test from 'node:test';
import { count, fold, openHouse, selectable, stateOf } from '../../../seatcore-http/dashboard/house.js';

const snapshot = (s, seq = 10) => ({ show: 1, seq, layout: 'l', s, n: {} });
const nobody = { picked: false, held: false, booked: false };

test('the next delta changes seats, one already known changes nothing', () => {
  const house = openHouse(snapshot('.....'));
  assert.deepEqual(fold(house, { show: 1, from: 11, to: 11, c: [[1, 'h'], [2, 'h']] }), [1, 2]);
  assert.equal(house.symbols.join(''), '.hh..');
  assert.deepEqual(fold(house, { show: 1, from: 11, to: 11, c: [[1, '.']] }), []);
  assert.equal(house.symbols.join(''), '.hh..');
  assert.equal(house.seq, 11);
});

test('a delta that overlaps what is known still brings what is new', () => {
  const house = openHouse(snapshot('.....'));
  assert.deepEqual(fold(house, { show: 1, from: 9, to: 12, c: [[0, 'b']] }), [0]);
  assert.equal(house.seq, 12);
});

test('a gap asks for a snapshot and changes nothing', () => {
  const house = openHouse(snapshot('.....'));
  assert.equal(fold(house, { show: 1, from: 12, to: 12, c: [[0, 'b']] }), null);
  assert.equal(house.symbols.join(''), '.....');
  assert.equal(house.seq, 10);
});

test('a seat outside the plan asks for a snapshot', () => {
  const house = openHouse(snapshot('..'));
  assert.equal(fold(house, { show: 1, from: 11, to: 11, c: [[5, 'b']] }), null);
  assert.equal(house.seq, 10);
});

test('an event without seats moves only the number', () => {
  const house = openHouse(snapshot('..'));
  assert.deepEqual(fold(house, { show: 1, from: 11, to: 11, c: [] }), []);
  assert.equal(house.seq, 11);
});

test('counters are the grid, counted', () => {
  assert.deepEqual(count([...'..hbbx']), { available: 2, held: 1, booked: 2, blocked: 1, capacity: 6 });
});

test('mine is what the server says is mine, and the server has the last word', () => {
  assert.equal(stateOf('.', nobody), 'available');
  assert.equal(stateOf('.', { ...nobody, picked: true }), 'picked');
  assert.equal(stateOf('h', { ...nobody, picked: true }), 'held', 'somebody was quicker');
  assert.equal(stateOf('h', { ...nobody, held: true }), 'mine');
  assert.equal(stateOf('.', { ...nobody, held: true }), 'available', 'my hold has ended');
  assert.equal(stateOf('b', { ...nobody, booked: true }), 'ticket');
  assert.equal(stateOf('b', { ...nobody, held: true }), 'booked');
  assert.equal(stateOf('x', nobody), 'blocked');
});

test('only free seats and picks can be tapped', () => {
  const states = ['available', 'held', 'booked', 'blocked', 'picked', 'mine', 'ticket'];
  assert.deepEqual(states.filter(selectable), ['available', 'picked']);
});
