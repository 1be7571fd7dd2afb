// Seating plans as geometry. Lengths are in seat pitches: neighbours stand 1 apart, an aisle adds 1.
// Everything here is pure: no document, no clock, no network.

/**
 * A row as the server describes it.
 * @typedef {object} PlanRow
 * @property {string} label
 * @property {number} [x]
 * @property {number} [y]
 * @property {number} [first]
 * @property {number} count
 * @property {number[]} [gaps]
 * @property {number[]} [skip]
 * @property {string} [tier]
 * @property {{from: number, to: number, tier: string}[]} [tiers]
 * @property {number[]} [accessible]
 */

/**
 * @typedef {object} Row
 * @property {string} section
 * @property {string} label
 * @property {string} name what a seat's label begins with, section included
 * @property {number} first index of its first seat
 * @property {number} end index behind its last seat
 * @property {number} y
 */

/** Seats in plan order, kept in columns: a hall may have 200,000 of them. */
export class Plan {
  /** @param {{sections: {name?: string, rows: PlanRow[]}[], focus?: {x: number, y: number}}} source */
  constructor(source) {
    const length = source.sections.reduce((sum, s) => sum + s.rows.reduce((n, r) => n + r.count, 0), 0);
    this.length = length;
    /** @type {Row[]} */
    this.rows = [];
    /** @type {string[]} */
    this.tiers = [];
    this.sections = source.sections.map((section) => section.name ?? '');
    this.x = new Float32Array(length);
    this.y = new Float32Array(length);
    this.row = new Uint32Array(length);
    this.number = new Uint16Array(length);
    this.tier = new Uint8Array(length);
    /** @type {Set<number>} */
    this.accessible = new Set();
    let seat = 0;
    let nextY = 0;
    for (const section of source.sections) {
      for (const row of section.rows) {
        const y = row.y ?? nextY;
        seat = this.#addRow(section.name ?? '', row, seat, y);
        nextY = y + 1;
      }
      nextY += 2;
    }
    this.bounds = bounds(this);
    this.focus = source.focus ?? { x: (this.bounds.left + this.bounds.right) / 2, y: (this.bounds.bottom * 2) / 3 };
    /** @type {Map<string, number>} */
    this.rowsByName = new Map(this.rows.map((row, at) => [row.name.toUpperCase(), at]));
  }

  /** @param {string} section @param {PlanRow} row @param {number} seat @param {number} y */
  #addRow(section, row, seat, y) {
    const gaps = new Set(row.gaps);
    const skip = new Set(row.skip);
    const accessible = new Set(row.accessible);
    const first = seat;
    let number = row.first ?? 1;
    let offset = 0;
    while (seat < first + row.count) {
      if (!skip.has(number)) {
        this.x[seat] = offset;
        this.y[seat] = y;
        this.row[seat] = this.rows.length;
        this.number[seat] = number;
        this.tier[seat] = this.#tier((row.tiers ?? []).find((t) => t.from <= number && number <= t.to)?.tier ?? row.tier);
        if (accessible.has(number)) this.accessible.add(seat);
        seat += 1;
      }
      offset += gaps.has(number) ? 2 : 1;
      number += 1;
    }
    const left = row.x ?? -this.x[seat - 1] / 2;
    for (let at = first; at < seat; at += 1) this.x[at] += left;
    const name = section ? `${section}/${row.label}` : row.label;
    this.rows.push({ section, label: row.label, name, first, end: seat, y });
    return seat;
  }

  /** Tiers count from 1; 0 is none. @param {string | undefined} name */
  #tier(name) {
    if (!name) return 0;
    const known = this.tiers.indexOf(name);
    return known >= 0 ? known + 1 : this.tiers.push(name);
  }

  /** @param {number} seat */
  label(seat) {
    return `${this.rows[this.row[seat]].name}${this.number[seat]}`;
  }

  /** @param {number} seat @returns {string | undefined} */
  tierOf(seat) {
    return this.tiers[this.tier[seat] - 1];
  }

  /** The seat with this label, in either case; -1 if there is none. @param {string} label */
  seat(label) {
    const parsed = parseLabel(label);
    const at = parsed && this.rowsByName.get(parsed.row);
    if (!parsed || at === undefined) return -1;
    const row = this.rows[at];
    for (let seat = row.first; seat < row.end; seat += 1) {
      if (this.number[seat] === parsed.number) return seat;
    }
    return -1;
  }

  /** Whether two seats stand side by side. @param {number} a @param {number} b */
  adjacent(a, b) {
    return this.row[a] === this.row[b] && Math.abs(Math.abs(this.x[a] - this.x[b]) - 1) < 0.01;
  }

  /** The seats that stand beside each other around one, as [first, end). @param {number} seat */
  run(seat) {
    const row = this.rows[this.row[seat]];
    let first = seat;
    let end = seat + 1;
    while (first > row.first && this.adjacent(first - 1, first)) first -= 1;
    while (end < row.end && this.adjacent(end - 1, end)) end += 1;
    return { first, end };
  }

  /** Whether a seat is at the end of its run. @param {number} seat */
  onAisle(seat) {
    const { first, end } = this.run(seat);
    return seat === first || seat === end - 1;
  }
}

/** @param {Plan} plan */
function bounds(plan) {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let seat = 0; seat < plan.length; seat += 1) {
    left = Math.min(left, plan.x[seat]);
    right = Math.max(right, plan.x[seat]);
    top = Math.min(top, plan.y[seat]);
    bottom = Math.max(bottom, plan.y[seat]);
  }
  return { left, right, top, bottom };
}

/**
 * Reads `C5`, `aa12` or `stalls/A1`; the row comes back in capitals, with its section.
 * @param {string} text
 */
export function parseLabel(text) {
  const match = /^\s*(?:([\w-]{1,32})\/)?([a-z]{1,3})([1-9]\d{0,3})\s*$/i.exec(text);
  if (!match) return null;
  const row = match[1] ? `${match[1]}/${match[2]}` : match[2];
  return { row: row.toUpperCase(), number: Number(match[3]) };
}

/**
 * Where an arrow key leads, by geometry; the same seat when there is nothing in that direction.
 * @param {Plan} plan @param {number} seat
 * @param {'left' | 'right' | 'up' | 'down'} direction
 */
export function step(plan, seat, direction) {
  const row = plan.rows[plan.row[seat]];
  if (direction === 'left') return beside(plan, seat, row.first, -1);
  if (direction === 'right') return beside(plan, seat, row.end - 1, 1);
  const sign = direction === 'up' ? -1 : 1;
  let best = seat;
  let least = Infinity;
  for (const other of plan.rows) {
    const depth = (other.y - row.y) * sign;
    if (depth <= 0.01) continue;
    const near = nearestInRow(plan, other, plan.x[seat]);
    const cost = depth + 2 * Math.abs(plan.x[near] - plan.x[seat]);
    if (cost < least) [best, least] = [near, cost];
  }
  return best;
}

/** The next seat of the row, or across an aisle the nearest row of the same depth. */
function beside(plan, seat, last, sign) {
  if (seat !== last) return seat + sign;
  let best = seat;
  let least = Infinity;
  for (const other of plan.rows) {
    if (Math.abs(other.y - plan.y[seat]) > 0.51 || other === plan.rows[plan.row[seat]]) continue;
    const near = sign > 0 ? other.first : other.end - 1;
    const away = (plan.x[near] - plan.x[seat]) * sign;
    if (away > 0 && away < least) [best, least] = [near, away];
  }
  return best;
}

/** @param {Plan} plan @param {Row} row @param {number} x */
export function nearestInRow(plan, row, x) {
  let low = row.first;
  let high = row.end - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (plan.x[middle] <= x) low = middle;
    else high = middle;
  }
  return Math.abs(plan.x[low] - x) <= Math.abs(plan.x[high] - x) ? low : high;
}

/**
 * Reads the short text of a plan for a preview: `A-E:10`, `stalls/A-C:4|12|4*premium; B:8`.
 * The server has the last word on what is valid.
 * @param {string} text
 */
export function parseRows(text) {
  /** @type {Map<string, PlanRow[]>} */
  const sections = new Map();
  for (const item of text.split(/[,;\n]/).map((part) => part.replace(/\s/g, '')).filter(Boolean)) {
    const match = /^(?:([\w-]{1,32})\/)?([A-Z]{1,3})(?:-([A-Z]{1,3}))?:(\d+(?:\|\d+)*)(?:\*([\w-]+))?(?:@([\d+]+))?$/i.exec(item);
    if (!match) return null;
    const blocks = match[4].split('|').map(Number);
    const ends = blocks.map((_, at) => blocks.slice(0, at + 1).reduce((a, b) => a + b, 0));
    const [from, to] = [column(match[2]), column(match[3] ?? match[2])];
    if (to < from || to - from > 500 || ends[ends.length - 1] > 9999 || blocks.includes(0)) return null;
    const rows = sections.get(match[1] ?? '') ?? [];
    for (let at = from; at <= to; at += 1) {
      rows.push({ label: letters(at), count: ends[ends.length - 1], gaps: ends.slice(0, -1), tier: match[5], accessible: match[6]?.split('+').map(Number) });
    }
    sections.set(match[1] ?? '', rows);
  }
  if (sections.size === 0) return null;
  return new Plan({ sections: [...sections].map(([name, rows]) => ({ name: name || undefined, rows })) });
}

function column(text) {
  return [...text.toUpperCase()].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
}

function letters(at) {
  let text = '';
  for (let rest = at; rest > 0; rest = Math.floor((rest - 1) / 26)) text = String.fromCharCode(65 + ((rest - 1) % 26)) + text;
  return text;
}
