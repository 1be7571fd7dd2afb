// The server's time, as far as a browser can know it.

let offset = 0;
let leastTrip = Infinity;

/**
 * Learns from a response. Everything the trip took is counted as past, so a countdown never shows
 * more than there is; the quickest trip knows best.
 * @param {string | null} stamp the server's time @param {number} sentAt `performance.now()` before the request
 */
export function learn(stamp, sentAt) {
  const server = stamp ? Date.parse(stamp) : NaN;
  if (Number.isNaN(server)) return;
  const received = performance.now();
  const trip = received - sentAt;
  const estimate = server + trip - received;
  // A machine that slept has a monotonic clock that stood still: a large step wins over a quick trip.
  if (trip > leastTrip && Math.abs(estimate - offset) < 2000) return;
  leastTrip = trip;
  offset = estimate;
}

/** The server's time in milliseconds, counted on the monotonic clock. */
export function now() {
  return offset === 0 ? Date.now() : performance.now() + offset;
}
