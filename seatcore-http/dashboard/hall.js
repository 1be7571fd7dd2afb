// One show under this viewer's eyes: snapshot, deltas, my seats and my picks in; a state per seat
// out. Views change nothing but picks.

import { get, request } from './api.js';
import * as catalogue from './catalogue.js';
import { count, fold, openHouse, selectable, stateOf } from './house.js';
import { frames } from './live.js';
import * as mine from './mine.js';
import { best, moved } from './party.js';
import { Plan } from './plan.js';
import { Signal } from './signal.js';

/** @typedef {import('./house.js').Delta} Delta */
/** @typedef {import('./house.js').SeatState} SeatState */
/** @typedef {import('./house.js').Stats} Stats */

/** Plans never change under their hash. @type {Map<string, Promise<Plan>>} */
const plans = new Map();

/** @param {number} show @param {string} hash @returns {Promise<Plan>} */
export function planOf(show, hash) {
  let plan = plans.get(hash);
  if (!plan) {
    plan = get(`/shows/${show}/layout/${hash}`).then((body) => new Plan(body));
    plan.catch(() => plans.delete(hash));
    plans.set(hash, plan);
  }
  return plan;
}

/** What was asked for the show that a page begins with, until somebody opens it. @type {{show: number, answer: ReturnType<typeof request>} | null} */
let early = null;

/** @param {number} show */
const askSnapshot = (show) => request('GET', `/shows/${show}/snapshot`);

/**
 * Asks for a show's seats and plan before it is known what is on.
 * @param {number} show @returns {Promise<number>} how many seats it has
 */
export async function askEarly(show) {
  early = { show, answer: askSnapshot(show) };
  const { data } = await early.answer;
  void planOf(show, data.layout);
  return data.n.capacity;
}

/** @param {number} show */
async function firstSnapshot(show) {
  const asked = early?.show === show ? early.answer : null;
  early = null;
  return (await asked?.catch(() => null)) ?? askSnapshot(show);
}

/** Seats of one command. */
export const SEATS_MAX = 64;

export class Hall {
  /** Seats whose state may have changed; null for all. @type {Signal<number[] | null>} */
  seatsChanged = new Signal();
  /** Picks or my seats changed: totals and buttons. @type {Signal<void>} */
  summaryChanged = new Signal();
  /** @type {Signal<Stats>} */
  statsChanged = new Signal();
  /** The show was moved, repriced, renamed, closed or cancelled. @type {Signal<void>} */
  termsChanged = new Signal();
  /** Picks that somebody else took. @type {Signal<string[]>} */
  picksLost = new Signal();
  /** The freshness of what is shown: `now`, or why not. @type {Signal<Error | null>} */
  trouble = new Signal();

  /** @type {Set<number>} */
  picks = new Set();
  /** @type {Set<number>} */
  pending = new Set();
  party = 1;
  /** Whoever looks after the seats chooses some also while nothing is sold. */
  managed = false;
  /** @type {Set<number>} */
  #held = new Set();
  /** @type {Set<number>} */
  #booked = new Set();
  #terms = '';
  #etag = '';
  #reading = false;
  #again = false;
  /** @type {Delta[]} */
  #waiting = [];
  /** @type {(() => void)[]} */
  #ends = [];

  /**
   * @param {catalogue.Show} show @param {Plan} plan
   * @param {import('./house.js').Snapshot} snapshot @param {string} etag
   */
  constructor(show, plan, snapshot, etag) {
    this.show = show;
    this.#terms = catalogue.termsOf(show);
    this.plan = plan;
    this.house = openHouse(snapshot);
    this.stats = count(this.house.symbols);
    this.#etag = etag;
    this.#takeMine();
    catalogue.counted(show.id, this.stats);
    this.#ends.push(frames.on((frame) => this.#frame(frame)), mine.changed.on(() => this.#mineChanged()), catalogue.changed.on((which) => which === null && this.#showRead()));
  }

  /** @param {number} id */
  static async open(id) {
    const show = await catalogue.show(id);
    const [plan, answer] = await Promise.all([planOf(id, show.layout), firstSnapshot(id)]);
    const hall = new Hall(show, plan, answer.data, answer.headers.get('ETag') ?? '');
    // The stream may have told of changes behind this snapshot before anybody listened.
    void hall.refresh();
    return hall;
  }

  /** Listens no longer. */
  close() {
    for (const end of this.#ends) end();
  }

  /** @param {number} seat @returns {SeatState} */
  state(seat) {
    return stateOf(this.house.symbols[seat], {
      picked: this.picks.has(seat),
      held: this.#held.has(seat),
      booked: this.#booked.has(seat),
    });
  }

  /** @param {number} seat */
  price(seat) {
    const tier = this.plan.tierOf(seat);
    return (tier && this.show.tiers?.[tier]) || this.show.price;
  }

  /** Free, and nobody's pick. */
  free = (/** @type {number} */ seat) => this.house.symbols[seat] === '.';

  get pickedLabels() {
    return [...this.picks].sort((a, b) => a - b).map((seat) => this.plan.label(seat));
  }

  get holds() {
    return mine.holdsIn(this.show.id);
  }

  /** Whether sales are open. */
  get open() {
    return this.show.status === 'on_sale';
  }

  /** Whether seats can be picked. */
  get pickable() {
    return this.open || this.managed;
  }

  /**
   * What a tap does: moves the whole party, or takes the seat or lets it go.
   * @param {number} seat @returns {SeatState | 'too_many' | 'apart' | 'closed' | null} why it did nothing
   */
  tap(seat) {
    const state = this.state(seat);
    if (!selectable(state)) return state;
    if (!this.open) return 'closed';
    if (this.party === 1) return this.toggle(seat);
    const seats = moved(this.plan, this.free, this.picks, seat, this.party);
    if (!seats) return 'apart';
    this.#pickOnly([...seats]);
    return null;
  }

  /** Takes one free seat, or lets it go, whatever the party. @param {number} seat @returns {'too_many' | 'closed' | null} */
  toggle(seat) {
    const on = this.picks.has(seat);
    if (!on && !this.pickable) return 'closed';
    if (!on && this.picks.size >= SEATS_MAX) return 'too_many';
    this.#pick((picks) => void (on ? picks.delete(seat) : picks.add(seat)));
    return null;
  }

  /** @param {number[]} seats */
  #pickOnly(seats) {
    this.#pick((picks) => {
      picks.clear();
      for (const seat of seats) picks.add(seat);
    });
  }

  /** Picks the best seats for the party; false when too few are free. @param {number} [size] */
  pickBest(size = this.party) {
    if (!this.open) return false;
    const seats = best(this.plan, this.free, size);
    if (!seats.length) return false;
    this.#pickOnly(seats);
    return true;
  }

  /** @param {string[]} labels */
  pickLabels(labels, add = false) {
    if (!this.pickable) return;
    this.#pick((picks) => {
      if (!add) picks.clear();
      for (const label of labels) {
        const seat = this.plan.seat(label);
        if (seat >= 0 && this.free(seat)) picks.add(seat);
      }
    });
  }

  clear() {
    this.#pick((picks) => picks.clear());
  }

  /** @param {(picks: Set<number>) => void} change */
  #pick(change) {
    const before = new Set(this.picks);
    change(this.picks);
    const moved = [...before, ...this.picks].filter((seat) => before.has(seat) !== this.picks.has(seat));
    if (!moved.length) return;
    this.seatsChanged.send(moved);
    this.summaryChanged.send();
  }

  /** Marks seats as being worked on. @param {number[]} seats @param {boolean} on */
  setPending(seats, on) {
    for (const seat of seats) if (on) this.pending.add(seat); else this.pending.delete(seat);
    this.seatsChanged.send(seats);
    this.summaryChanged.send();
  }

  #takeMine() {
    const labels = (list) => new Set(list.flatMap((each) => each.seats).map((label) => this.plan.seat(label)));
    const before = [...this.#held, ...this.#booked];
    this.#held = labels(mine.holdsIn(this.show.id));
    this.#booked = labels(mine.bookingsIn(this.show.id));
    return [...before, ...this.#held, ...this.#booked].filter((seat) => seat >= 0);
  }

  #mineChanged() {
    const seats = this.#takeMine();
    // My own answer may be here before the stream tells of it: then I know the seat is no pick.
    for (const seat of [...this.#held, ...this.#booked]) this.picks.delete(seat);
    this.seatsChanged.send([...new Set(seats)]);
    this.summaryChanged.send();
  }

  /** The programme was read again. */
  #showRead() {
    this.show = catalogue.shows.get(this.show.id) ?? this.show;
    const terms = catalogue.termsOf(this.show);
    if (terms === this.#terms) return;
    this.#terms = terms;
    if (!this.pickable) this.clear();
    this.termsChanged.send();
    // What a seat costs is part of its name.
    this.seatsChanged.send(null);
    this.summaryChanged.send();
  }

  /** @param {import('./live.js').Frame} frame */
  #frame({ type, data }) {
    if (type === 'd' && data?.show === this.show.id) this.#delta(data);
    else if (type === 'poll') void this.refresh();
    else if (type === 'show' && data?.show === this.show.id) this.#whole(data);
    else if (type === 'reset' && data?.show === this.show.id) this.#etag = '';
  }

  /** The stream begins with all seats, or begins anew. @param {import('./house.js').Snapshot} snapshot */
  #whole(snapshot) {
    // After a reset history may have begun anew; otherwise what is older is already folded in.
    if (this.#etag && snapshot.seq < this.house.seq) return;
    this.#take(snapshot);
    this.trouble.send(null);
  }

  /** @param {Delta} delta */
  #delta(delta) {
    if (this.#reading) {
      this.#waiting.push(delta);
      return;
    }
    const changed = fold(this.house, delta);
    if (changed === null) void this.refresh();
    else if (changed.length) this.#changed(changed);
  }

  /** @param {number[] | null} seats */
  #changed(seats) {
    this.stats = count(this.house.symbols);
    const lost = [...this.picks].filter((seat) => !this.free(seat));
    for (const seat of lost) this.picks.delete(seat);
    this.seatsChanged.send(seats);
    this.statsChanged.send(this.stats);
    catalogue.counted(this.show.id, this.stats);
    const others = lost.filter((seat) => !this.#held.has(seat) && !this.pending.has(seat));
    if (others.length) this.picksLost.send(others.map((seat) => this.plan.label(seat)));
    if (lost.length) this.summaryChanged.send();
    if ([...this.#held].some((seat) => this.house.symbols[seat] !== 'h')) void mine.reload();
  }

  /** Reads the snapshot again, then folds what came meanwhile. */
  async refresh() {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    try {
      const answer = await request('GET', `/shows/${this.show.id}/snapshot`, { headers: this.#etag ? { 'If-None-Match': this.#etag } : {} });
      if (answer.status !== 304 && answer.data) this.#replace(answer);
      this.trouble.send(null);
    } catch (error) {
      this.trouble.send(/** @type {Error} */ (error));
    } finally {
      this.#reading = false;
    }
    const waiting = this.#waiting.splice(0);
    for (const delta of waiting) this.#delta(delta);
    if (this.#again) {
      this.#again = false;
      void this.refresh();
    }
  }

  #replace({ data, headers }) {
    const tag = headers.get('ETag') ?? '';
    // A slow answer may be older than what the stream has told since, unless history began anew.
    if (data.seq < this.house.seq && epochOf(tag) === epochOf(this.#etag)) return;
    this.#etag = tag;
    this.#take(data);
  }

  /** @param {import('./house.js').Snapshot} snapshot */
  #take(snapshot) {
    const next = openHouse(snapshot);
    if (next.symbols.length !== this.plan.length) return;
    const moved = [];
    for (let seat = 0; seat < next.symbols.length; seat += 1) if (next.symbols[seat] !== this.house.symbols[seat]) moved.push(seat);
    this.house = next;
    if (moved.length) this.#changed(moved);
  }
}

/** The part of a version that names the file's history. @param {string} tag */
function epochOf(tag) {
  return tag.replace(/^(W\/)?"?/, '').split('-')[0];
}
