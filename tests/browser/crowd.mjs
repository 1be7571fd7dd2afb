// Buyers without browsers, who hold seats and let them go at a steady pace.

const BUYERS = 10;

export class Crowd {
  /** Seats whose state changed. */
  changes = 0;
  #busy = new Set();
  #turn = 0;

  /** @param {import('./stage.mjs').House} house @param {number} show @param {string[][]} places a group of seats for each buyer */
  static async gather(house, show, places) {
    const crowd = new Crowd();
    crowd.show = show;
    crowd.buyers = await Promise.all(places.slice(0, BUYERS).map(async (seats, at) => ({ seats, hold: '', ...(await house.customer(`buyer${show}x${at}`)) })));
    return crowd;
  }

  /** @param {number} commands a second */
  start(commands) {
    this.timer = setInterval(() => void this.#next(), 1000 / commands);
  }

  async #next() {
    const buyer = this.buyers[(this.#turn += 1) % this.buyers.length];
    if (this.#busy.has(buyer)) return;
    this.#busy.add(buyer);
    const { status, data } = buyer.hold ? await buyer.call('DELETE', `/holds/${buyer.hold}`) : await buyer.call('POST', `/shows/${this.show}/holds`, { seats: buyer.seats });
    if (status < 300) this.changes += buyer.seats.length;
    buyer.hold = status === 201 ? data.id : '';
    this.#busy.delete(buyer);
  }

  async stop() {
    clearInterval(this.timer);
    while (this.#busy.size) await new Promise((done) => setTimeout(done, 10));
  }
}
