import assert from 'node:assert/strict';
import test from 'node:test';
import * as format from '../../../seatcore-http/dashboard/format.js';

test('the countdown never promises more than there is', () => {
  assert.equal(format.digits(600_000), '10:00');
  assert.equal(format.digits(599_999), '9:59');
  assert.equal(format.digits(59_001), '0:59');
  assert.equal(format.digits(999), '0:00');
  assert.equal(format.digits(-5000), '0:00');
});

test('the countdown in words', () => {
  assert.equal(format.inWords(582_000), '9 minutes 42 seconds');
  assert.equal(format.inWords(60_000), '1 minute');
  assert.equal(format.inWords(61_000), '1 minute 1 second');
  assert.equal(format.inWords(0), '0 seconds');
});

test('the time is spoken at five marks, and a jump says only the last', () => {
  assert.equal(format.markPassed(300_100, 299_900), 300);
  assert.equal(format.markPassed(299_900, 299_700), null);
  assert.equal(format.markPassed(301_000, 25_000), 30, 'a laptop slept');
  let spoken = 0;
  for (let left = 600_000; left > 0; left -= 200) if (format.markPassed(left, left - 200)) spoken += 1;
  assert.equal(spoken, 5);
});

test('lists read like a sentence', () => {
  assert.equal(format.listed([]), '');
  assert.equal(format.listed(['C5']), 'C5');
  assert.equal(format.listed(['C5', 'C6']), 'C5 and C6');
  assert.equal(format.listed(['C5', 'C6', 'C7']), 'C5, C6 and C7');
  assert.equal(format.listed(['A1', 'A2', 'A3', 'A4'], 3), 'A1, A2 and 2 more');
});

test('money comes from minor units, also of currencies without any', () => {
  assert.match(format.money({ amount_minor: 1250, currency: 'EUR' }), /12[.,]50/);
  assert.match(format.money({ amount_minor: 500, currency: 'JPY' }), /500(?![.,])/);
});

test('days are the venue\'s days', () => {
  assert.equal(format.isoDate('2027-01-09T23:30:00Z', 'Europe/Berlin'), '2027-01-10');
  assert.equal(format.isoDate('2027-01-09T23:30:00Z', 'UTC'), '2027-01-09');
  assert.equal(format.addDays('2027-02-28', 1), '2027-03-01');
});

test('a form\'s wall clock is the venue\'s, also around a change of clocks', () => {
  assert.equal(format.fromVenue('2027-01-09T20:00', 'Europe/Berlin'), '2027-01-09T19:00:00.000Z');
  assert.equal(format.fromVenue('2027-03-28T12:00', 'Europe/Berlin'), '2027-03-28T10:00:00.000Z');
  assert.equal(format.fromVenue('2027-03-28T01:30', 'Europe/Berlin'), '2027-03-28T00:30:00.000Z');
  assert.equal(format.toVenue('2027-07-09T18:00:00.000Z', 'Europe/Berlin'), '2027-07-09T20:00');
  assert.equal(format.fromVenue('', 'UTC'), null);
});

test('how full a show is, without pressing anybody', () => {
  assert.equal(format.fullness({ available: 0, capacity: 50 }), 'Sold out');
  assert.equal(format.fullness({ available: 5, capacity: 50 }), 'Last 5');
  assert.equal(format.fullness({ available: 31, capacity: 50 }), '31 left');
});

test('three seats side by side and more are one', () => {
  assert.deepEqual(format.joined(['C5', 'C6']), ['C5', 'C6']);
  assert.deepEqual(format.joined(['A9', 'A10', 'A11', 'B1']), ['A9–A11', 'B1']);
  assert.deepEqual(format.joined(['stalls/O9', 'stalls/O10', 'stalls/O11', 'stalls/O13']), ['stalls/O9–O11', 'stalls/O13']);
  assert.deepEqual(format.joined([]), []);
});
