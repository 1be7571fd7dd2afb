// A show's seats as one viewer sees them: what the server said, who I am, what I picked. Pure.

/** @typedef {{available: number, held: number, booked: number, blocked: number, capacity: number}} Stats */
/** @typedef {{show: number, seq: number, layout: string, s: string, n: Stats}} Snapshot */
/** @typedef {{show: number, from: number, to: number, c: [number, string][], n?: Stats}} Delta */
/** @typedef {'available' | 'held' | 'booked' | 'blocked' | 'picked' | 'mine' | 'ticket'} SeatState */

/**
 * Seats folded from a snapshot and the deltas behind it.
 * @param {Snapshot} snapshot
 */
export function openHouse(snapshot) {
  return { seq: snapshot.seq, symbols: [...snapshot.s] };
}

/**
 * Folds a delta in. Answers the seats that changed, `[]` for one already known, or null when events
 * are missing between and a snapshot must be read.
 * @param {{seq: number, symbols: string[]}} house @param {Delta} delta
 * @returns {number[] | null}
 */
export function fold(house, delta) {
  if (delta.to <= house.seq) return [];
  if (delta.from > house.seq + 1) return null;
  if (delta.c.some(([seat]) => !(seat in house.symbols))) return null;
  const changed = [];
  for (const [seat, symbol] of delta.c) {
    if (house.symbols[seat] === symbol) continue;
    house.symbols[seat] = symbol;
    changed.push(seat);
  }
  house.seq = delta.to;
  return changed;
}

/**
 * Counts the grid itself, so that the counters cannot disagree with it.
 * @param {string[]} symbols @returns {Stats}
 */
export function count(symbols) {
  const n = { available: 0, held: 0, booked: 0, blocked: 0, capacity: symbols.length };
  for (const symbol of symbols) {
    if (symbol === '.') n.available += 1;
    else if (symbol === 'h') n.held += 1;
    else if (symbol === 'b') n.booked += 1;
    else n.blocked += 1;
  }
  return n;
}

/**
 * What one seat is to this viewer. The server's word comes first: a pick stands only on a free
 * seat, and what I hold only where the seat is held.
 * @param {string} symbol
 * @param {{picked: boolean, held: boolean, booked: boolean}} mine
 * @returns {SeatState}
 */
export function stateOf(symbol, mine) {
  if (symbol === 'b') return mine.booked ? 'ticket' : 'booked';
  if (symbol === 'h') return mine.held ? 'mine' : 'held';
  if (symbol === '.') return mine.picked ? 'picked' : 'available';
  return 'blocked';
}

/** Whether a tap can take the seat. @param {SeatState} state */
export function selectable(state) {
  return state === 'available' || state === 'picked';
}
