// Which seats a party would get, for a preview. The server decides when the seats are held.

/** @typedef {import('./plan.js').Plan} Plan */

/**
 * The seats that one tap takes for a party: `count` free seats side by side around the one tapped,
 * leaving no lone seat where that can be had. Empty when there is no such block.
 * @param {Plan} plan @param {(seat: number) => boolean} free @param {number} seat @param {number} count
 */
export function around(plan, free, seat, count) {
  if (!free(seat)) return [];
  const block = freeRun(plan, free, seat);
  if (block.end - block.first < count) return [];
  let best = -1;
  let least = Infinity;
  for (let first = Math.max(block.first, seat - count + 1); first <= Math.min(seat, block.end - count); first += 1) {
    const cost = 10 * lone(block, first, count) + Math.abs(first + (count - 1) / 2 - seat);
    if (cost < least) [best, least] = [first, cost];
  }
  return Array.from({ length: count }, (_, at) => best + at);
}

/**
 * Where a tap moves a party, whose own seats are free to it: around the seat tapped, or away when
 * that is where it is. Null where it does not fit; a pick that stands there is let go.
 * @param {Plan} plan @param {(seat: number) => boolean} free @param {Set<number>} picks @param {number} seat @param {number} count
 * @returns {Set<number> | null}
 */
export function moved(plan, free, picks, seat, count) {
  const block = around(plan, free, seat, count);
  if (!block.length) return picks.has(seat) ? new Set([...picks].filter((each) => each !== seat)) : null;
  const there = block.length === picks.size && block.every((each) => picks.has(each));
  return new Set(there ? [] : block);
}

/**
 * The best seats for a party: side by side and leaving no lone seat, else side by side, else the
 * nearest ones; nearest to the plan's focus. Empty when too few are free.
 * @param {Plan} plan @param {(seat: number) => boolean} free @param {number} count
 */
export function best(plan, free, count) {
  let found = -1;
  let least = Infinity;
  for (let seat = 0; seat < plan.length; ) {
    if (!free(seat)) {
      seat += 1;
      continue;
    }
    const block = freeRun(plan, free, seat);
    for (let first = block.first; first + count <= block.end; first += 1) {
      const cost = 1000 * lone(block, first, count) + away(plan, first, count);
      if (cost < least) [found, least] = [first, cost];
    }
    seat = block.end;
  }
  if (found >= 0) return Array.from({ length: count }, (_, at) => found + at);
  return apart(plan, free, count);
}

/** The nearest free seats, together or not. */
function apart(plan, free, count) {
  const seats = [];
  for (let seat = 0; seat < plan.length; seat += 1) if (free(seat)) seats.push(seat);
  if (seats.length < count) return [];
  return seats.sort((a, b) => away(plan, a, 1) - away(plan, b, 1)).slice(0, count).sort((a, b) => a - b);
}

/** @param {Plan} plan @param {(seat: number) => boolean} free @param {number} seat */
function freeRun(plan, free, seat) {
  const run = plan.run(seat);
  let first = seat;
  let end = seat + 1;
  while (first > run.first && free(first - 1)) first -= 1;
  while (end < run.end && free(end)) end += 1;
  return { first, end };
}

/** How many lone seats a placement leaves in its block. */
function lone(block, first, count) {
  return Number(first - block.first === 1) + Number(block.end - first - count === 1);
}

/** @param {Plan} plan */
function away(plan, first, count) {
  const middle = (plan.x[first] + plan.x[first + count - 1]) / 2;
  return Math.hypot(middle - plan.focus.x, plan.y[first] - plan.focus.y);
}

/**
 * Whether taking these seats would leave a seat alone between taken ones.
 * @param {Plan} plan @param {(seat: number) => boolean} free @param {number[]} seats
 * @returns {number[]} the seats left alone
 */
export function leftAlone(plan, free, seats) {
  const taken = new Set(seats);
  const still = (seat) => free(seat) && !taken.has(seat);
  const alone = new Set();
  for (const seat of seats) {
    for (const near of [seat - 1, seat + 1]) {
      if (near < 0 || near >= plan.length || !plan.adjacent(seat, near) || !still(near)) continue;
      const beyond = near + (near - seat);
      const open = beyond >= 0 && beyond < plan.length && plan.adjacent(near, beyond) && still(beyond);
      if (!open) alone.add(near);
    }
  }
  return [...alone];
}
