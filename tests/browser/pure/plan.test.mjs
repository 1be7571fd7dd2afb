import assert from 'node:assert/strict';
import test from 'node:test';
import { Plan, parseLabel, parseRows, step } from '../../../seatcore-http/dashboard/plan.js';

const hall = (rows, more = {}) => new Plan({ sections: [{ rows }], ...more });
const labels = (plan, seats) => seats.map((seat) => plan.label(seat));

test('labels are read in any case and refused when they are no labels', () => {
  assert.deepEqual(parseLabel('c5'), { row: 'C', number: 5 });
  assert.deepEqual(parseLabel(' stalls/aa12 '), { row: 'STALLS/AA', number: 12 });
  for (const wrong of ['', 'C', '5', 'C05', 'ABCD1', 'C-5', 'C5 D6', 'a/b/C5']) assert.equal(parseLabel(wrong), null, wrong);
});

test('a hall knows its seats by name, in plan order', () => {
  const plan = hall([{ label: 'A', count: 3 }, { label: 'B', count: 2, first: 4 }]);
  assert.deepEqual(labels(plan, [0, 1, 2, 3, 4]), ['A1', 'A2', 'A3', 'B4', 'B5']);
  assert.equal(plan.seat('b5'), 4);
  assert.equal(plan.seat('B1'), -1);
  assert.equal(plan.seat('Z1'), -1);
});

test('an aisle and a missing number each leave a place between neighbours', () => {
  const plan = hall([{ label: 'A', count: 5, gaps: [2], skip: [4] }]);
  assert.deepEqual(labels(plan, [0, 1, 2, 3, 4]), ['A1', 'A2', 'A3', 'A5', 'A6']);
  assert.deepEqual([...plan.x].map((x) => x - plan.x[0]), [0, 1, 3, 5, 6]);
  assert.deepEqual(plan.run(0), { first: 0, end: 2 });
  assert.deepEqual(plan.run(2), { first: 2, end: 3 });
  assert.ok(plan.onAisle(1) && plan.onAisle(2));
});

test('rows are centred unless they say where they stand', () => {
  const plan = hall([{ label: 'A', count: 3 }, { label: 'B', count: 3, x: 7, y: 4 }]);
  assert.deepEqual([...plan.x], [-1, 0, 1, 7, 8, 9]);
  assert.deepEqual([...plan.y], [0, 0, 0, 4, 4, 4]);
});

test('sections have rows of the same letters', () => {
  const plan = new Plan({ sections: [{ name: 'stalls', rows: [{ label: 'A', count: 2 }] }, { name: 'balcony', rows: [{ label: 'A', count: 2 }] }] });
  assert.equal(plan.seat('balcony/a2'), 3);
  assert.equal(plan.label(3), 'balcony/A2');
  assert.equal(plan.seat('A1'), -1);
});

test('tiers belong to the row or to a range of it', () => {
  const plan = hall([{ label: 'A', count: 4, tier: 'plain', tiers: [{ from: 2, to: 3, tier: 'premium' }] }]);
  assert.deepEqual([0, 1, 2, 3].map((seat) => plan.tierOf(seat)), ['plain', 'premium', 'premium', 'plain']);
});

test('arrows go where the eye goes: along the row, across an aisle, to the nearest seat of the next row', () => {
  const plan = hall([{ label: 'A', count: 4, gaps: [2] }, { label: 'B', count: 3 }]);
  const go = (from, way) => plan.label(step(plan, plan.seat(from), way));
  assert.equal(go('A2', 'right'), 'A3');
  assert.equal(go('A4', 'right'), 'A4');
  assert.equal(go('A1', 'left'), 'A1');
  assert.equal(go('A1', 'down'), 'B1');
  assert.equal(go('A4', 'down'), 'B3');
  assert.equal(go('B2', 'up'), 'A2');
  assert.equal(go('B2', 'down'), 'B2');
});

test('from the end of a block an arrow reaches the block beside it', () => {
  const plan = new Plan({ sections: [{ name: 'l', rows: [{ label: 'A', count: 2, x: 0, y: 0 }] }, { name: 'r', rows: [{ label: 'A', count: 2, x: 10, y: 0 }] }] });
  assert.equal(plan.label(step(plan, plan.seat('l/A2'), 'right')), 'r/A1');
  assert.equal(plan.label(step(plan, plan.seat('r/A1'), 'left')), 'l/A2');
});

test('the short text of a plan gives a preview, or nothing while it is half typed', () => {
  assert.equal(parseRows('A-E:10')?.length, 50);
  const plan = parseRows('stalls/A-B:2|2*premium@1; C:1');
  assert.equal(plan?.length, 9);
  assert.equal(plan?.tierOf(0), 'premium');
  assert.ok(plan?.accessible.has(0));
  assert.equal(parseRows('Y-AB:1')?.rows.map((row) => row.label).join(), 'Y,Z,AA,AB');
  for (const half of ['', 'A', 'A-', 'A:', 'A-E:', 'E-A:10', 'A:0', 'A:2|0']) assert.equal(parseRows(half), null, half);
});
