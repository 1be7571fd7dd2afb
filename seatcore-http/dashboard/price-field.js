// Where a price is typed, and how it is read.

import { el } from './dom.js';

/** @typedef {import('./format.js').Money} Money */

/** Decimals of a currency. @param {string} currency */
const digitsOf = (currency) => new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;

/**
 * An amount as somebody types it, with a point or a comma before the decimals; null for what cannot
 * be read in one way only. Nothing is rounded. @param {string} text @param {string} currency @returns {Money | null}
 */
export function priceOf(text, currency) {
  const digits = digitsOf(currency);
  const [, whole, decimals = ''] = /^(\d+)(?:[.,](\d+))?$/.exec(text.trim()) ?? [];
  if (whole === undefined || decimals.length > digits) return null;
  return { amount_minor: Number(whole + decimals.padEnd(digits, '0')), currency };
}

/** What `priceOf` reads again. @param {Money} price */
export const textOf = ({ amount_minor, currency }) => (amount_minor / 10 ** digitsOf(currency)).toFixed(digitsOf(currency));

/** What a price must look like. @param {string} currency */
function advice(currency) {
  const digits = digitsOf(currency);
  const example = textOf({ amount_minor: 125 * 10 ** Math.max(0, digits - 1), currency });
  return digits ? `Enter an amount such as ${example}, with at most ${digits} decimals.` : `Enter a whole amount such as ${example}.`;
}

/** @param {string} currency @param {string} value @param {boolean} required */
export function priceInput(currency, value, required) {
  const input = el('input', { required, inputmode: 'decimal', autocomplete: 'off', value });
  input.addEventListener('input', () => input.setCustomValidity(!input.value.trim() || priceOf(input.value, currency) ? '' : advice(currency)));
  return input;
}
