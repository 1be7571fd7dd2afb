// Numbers, money, times and deadlines in words. Pure: the time always comes from the caller.

/** @typedef {{amount_minor: number, currency: string}} Money */

/** Making a format takes longer than using it a hundred times. @type {Map<string, any>} */
const formats = new Map();

/** @template T @param {string} name @param {() => T} make @returns {T} */
function kept(name, make) {
  if (!formats.has(name)) formats.set(name, make());
  return formats.get(name);
}

/** @param {string} zone @param {Intl.DateTimeFormatOptions} style @param {string} [locale] */
const dates = (zone, style, locale) => kept(`${zone} ${Object.entries(style)} ${locale}`, () => new Intl.DateTimeFormat(locale, { ...style, timeZone: zone }));

/** @param {Money} money */
export function money({ amount_minor, currency }) {
  const format = kept(currency, () => new Intl.NumberFormat(undefined, { style: 'currency', currency }));
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount_minor / 10 ** digits);
}

/** Adds amounts of one currency. @param {Money[]} amounts @param {string} currency @returns {Money} */
export function sum(amounts, currency) {
  return { amount_minor: amounts.reduce((total, each) => total + each.amount_minor, 0), currency };
}

/** What is left, as a clock reads it, rounded down so that it never promises too much. @param {number} ms */
export function digits(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** The same in words. @param {number} ms */
export function inWords(ms) {
  const all = Math.max(0, Math.floor(ms / 1000));
  const [minutes, seconds] = [Math.floor(all / 60), all % 60];
  const parts = [];
  if (minutes > 0) parts.push(plural(minutes, 'minute'));
  if (seconds > 0 || minutes === 0) parts.push(plural(seconds, 'second'));
  return parts.join(' ');
}

/** Seconds left at which the time is spoken; every second would drown everything else. */
export const SPOKEN_AT = [300, 120, 60, 30, 10];

/**
 * The mark passed between two readings, if any: the lowest one, said once.
 * @param {number} before @param {number} after milliseconds left
 */
export function markPassed(before, after) {
  const passed = SPOKEN_AT.filter((mark) => before > mark * 1000 && after <= mark * 1000);
  return passed.length ? Math.min(...passed) : null;
}

/** @param {number} n @param {string} word @param {string} [many] */
export function plural(n, word, many = `${word}s`) {
  return `${n.toLocaleString()} ${n === 1 ? word : many}`;
}

/** Labels as a sentence has them; long lists are cut. @param {string[]} labels @param {number} [most] */
export function listed(labels, most = 8) {
  if (labels.length > most) return `${labels.slice(0, most - 1).join(', ')} and ${labels.length - most + 1} more`;
  if (labels.length < 2) return labels.join('');
  return `${labels.slice(0, -1).join(', ')} and ${labels[labels.length - 1]}`;
}

/** Seats side by side as one: `C5–C8`. Fewer than three stay as they are. @param {string[]} labels */
export function joined(labels) {
  const found = [];
  let run = [];
  const end = () => {
    found.push(...(run.length < 3 ? run : [`${run[0]}–${run[run.length - 1].split('/').pop()}`]));
    run = [];
  };
  for (const label of labels) {
    const last = run[run.length - 1];
    if (last && label !== last.replace(/\d+$/, (number) => String(Number(number) + 1))) end();
    run.push(label);
  }
  end();
  return found;
}

/** @param {string | number | Date} at @param {string} zone */
export function clockTime(at, zone, seconds = false) {
  const second = seconds ? /** @type {const} */ ('2-digit') : undefined;
  return dates(zone, { hour: '2-digit', minute: '2-digit', second, hourCycle: 'h23' }).format(new Date(at));
}

/** `Sat 9 Jan`. @param {string | number | Date} at @param {string} zone */
export function day(at, zone) {
  return dates(zone, { weekday: 'short', day: 'numeric', month: 'short' }).format(new Date(at));
}

/** `Saturday 9 January 2027`. @param {string | number | Date} at @param {string} zone */
export function longDay(at, zone) {
  return dates(zone, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(new Date(at));
}

/** The venue's calendar date, `2027-01-09`. @param {string | number | Date} at @param {string} zone */
export function isoDate(at, zone) {
  const parts = dates(zone, { year: 'numeric', month: '2-digit', day: '2-digit' }, 'en-CA').formatToParts(new Date(at));
  const part = (type) => parts.find((each) => each.type === type)?.value;
  return `${part('year')}-${part('month')}-${part('day')}`;
}

/** A date some days later. @param {string} date @param {number} days */
export function addDays(date, days) {
  const at = new Date(`${date}T12:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/**
 * What a wall clock in the venue reads as an instant: `2027-01-09T20:00` in its zone, as RFC 3339.
 * @param {string} local @param {string} zone
 */
export function fromVenue(local, zone) {
  const guess = Date.parse(`${local}Z`);
  if (Number.isNaN(guess)) return null;
  let at = guess;
  for (let round = 0; round < 2; round += 1) at = guess - offset(at, zone);
  return new Date(at).toISOString();
}

/** An instant as the venue's wall clock reads it, for a form field. @param {string} at @param {string} zone */
export function toVenue(at, zone) {
  const instant = Date.parse(at);
  return new Date(instant + offset(instant, zone)).toISOString().slice(0, 16);
}

function offset(at, zone) {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const part = Object.fromEntries(format.formatToParts(new Date(at)).map(({ type, value }) => [type, Number(value)]));
  const wall = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
  return wall - Math.floor(at / 1000) * 1000;
}

/** @param {string} text */
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** What the server says of a field, as a sentence of its own. @param {string} detail */
export function sentence(detail) {
  const text = capital(detail.replace(/^is /, 'this is '));
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** How full a show is, in words. @param {{available: number, capacity: number}} n */
export function fullness(n) {
  if (n.available === 0) return 'Sold out';
  return n.available <= 5 ? `Last ${n.available}` : `${n.available.toLocaleString()} left`;
}
