import assert from 'node:assert/strict';
import test from 'node:test';
import { priceOf, textOf } from '../../../seatcore-http/dashboard/price-field.js';

const minor = (text, currency = 'EUR') => priceOf(text, currency)?.amount_minor ?? null;

test('an amount is read as it is written, to the last of its decimals', () => {
  assert.deepEqual(priceOf('12.34', 'EUR'), { amount_minor: 1234, currency: 'EUR' });
  assert.equal(minor('12,3'), 1230);
  assert.equal(minor(' 12 '), 1200);
  assert.equal(minor('0.29'), 29);
  assert.equal(minor('1.005', 'KWD'), 1005);
  assert.equal(minor('1200', 'JPY'), 1200);
});

test('what could be meant in two ways is no amount', () => {
  for (const text of ['12.345', '12,345', '1,234.50', '€20', '-3', '12.', '.5', '', '1e3', '١٢']) assert.equal(minor(text), null, text);
  assert.equal(minor('12.5', 'JPY'), null);
  assert.equal(minor('12.3456', 'KWD'), null);
});

test('what is offered for change is read as the same again', () => {
  for (const price of [{ amount_minor: 1205, currency: 'EUR' }, { amount_minor: 1200, currency: 'JPY' }, { amount_minor: 12345, currency: 'KWD' }]) assert.deepEqual(priceOf(textOf(price), price.currency), price);
});
