// The text of server-sent events, read from a response body. A body shows heartbeats and status
// codes, which EventSource hides.

/** @typedef {{type: string, data: string, id: string}} StreamEvent */

/** Takes text as it comes and gives whole events back. */
export class EventParser {
  #rest = '';
  #type = '';
  #id = '';
  /** @type {string[]} */
  #data = [];
  /** @type {number | null} what the server asked to wait before coming back, in milliseconds */
  retry = null;

  /** @param {string} text @returns {StreamEvent[]} */
  push(text) {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    const events = [];
    for (const line of lines) {
      const event = this.#line(line);
      if (event) events.push(event);
    }
    return events;
  }

  /** @param {string} line @returns {StreamEvent | null} */
  #line(line) {
    if (line === '') return this.#finish();
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') this.#type = value;
    else if (name === 'data') this.#data.push(value);
    else if (name === 'id') this.#id = value;
    else if (name === 'retry' && /^\d+$/.test(value)) this.retry = Number(value);
    return null;
  }

  #finish() {
    const event = this.#data.length ? { type: this.#type || 'message', data: this.#data.join('\n'), id: this.#id } : null;
    this.#type = '';
    this.#data = [];
    return event;
  }
}

/**
 * Reads a stream until it ends. Every piece that arrives counts as a sign of life.
 * @param {string} url
 * @param {{last: string, signal: AbortSignal, alive: () => void, event: (event: StreamEvent) => void}} listener
 * @returns {Promise<{status: number, retry: number | null}>} how it ended
 */
export async function readEvents(url, { last, signal, alive, event }) {
  const headers = { Accept: 'text/event-stream', ...(last ? { 'Last-Event-ID': last } : {}) };
  const response = await fetch(url, { headers, signal, credentials: 'same-origin', cache: 'no-store' });
  if (!response.ok || !response.body) return { status: response.status, retry: null };
  const parser = new EventParser();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  alive();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { status: response.status, retry: parser.retry };
    alive();
    parser.push(value).forEach(event);
  }
}
