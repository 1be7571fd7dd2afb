import assert from 'node:assert/strict';
import test from 'node:test';
import { shares } from '../../../seatcore-http/dashboard/shares.js';

test('what fits is there, each wish once', () => {
  assert.deepEqual(shares([[4, 1], [1, 2]], 50), [4, 1, 2]);
  assert.deepEqual(shares([], 50), []);
  assert.deepEqual(shares([[], [3]], 50), [3]);
});

test('too much for one is shared: what each wants most comes before what anybody wants next', () => {
  const leader = Array.from({ length: 50 }, (_, at) => at + 1);
  assert.deepEqual(shares([leader, [99, 98]], 4), [1, 99, 2, 98]);
  assert.equal(shares([leader, [99, 98]], 50).length, 50);
  assert.ok(shares([leader, [99, 98]], 50).includes(98));
});
