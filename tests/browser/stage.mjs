// One real server on a fresh, seeded file, one real browser, and the words the tests are written in.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';

const root = resolve(import.meta.dirname, '../..');
const binary = process.env.SEATCORE_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(root, 'target'), 'debug/seatcore');
const browserPath = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));

/** Two slow cores and a debug build: long enough for anything that will ever happen. */
export const PATIENCE_MS = 20_000;
export const DEMO = { name: 'demo_user_123', password: 'demo123' };
export const MANAGER = { name: 'box_office', password: 'correct horse battery' };

function cli(db, args, input) {
  const run = spawnSync(binary, ['--db', db, ...args], { input, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`seatcore ${args.join(' ')} ended with ${run.status}: ${run.stderr}${run.error ?? ''}`);
  return run.stdout;
}

/** Where a picture is kept for whoever wants to look. @param {string} name */
export function kept(name) {
  const folder = join(root, 'target/browser');
  mkdirSync(folder, { recursive: true });
  return join(folder, name);
}

/** A port nobody has just now: a server that is started again needs the same one. */
function freePort() {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => done(port));
    });
  });
}

/** A server that can be stopped, killed and started again on the same file and port. */
export class House {
  /** Cables to this house, closed with it also when a test ended early. @type {Wire[]} */
  wires = [];

  static async open(preset = 'demo') {
    if (!existsSync(binary)) throw new Error(`${binary} is not built: cargo build -p seatcore-cli`);
    const house = new House();
    house.folder = mkdtempSync(join(tmpdir(), 'seatcore-browser-'));
    house.db = join(house.folder, 'box-office.db');
    house.port = await freePort();
    house.url = `http://127.0.0.1:${house.port}`;
    cli(house.db, ['seed', '--preset', preset, '--json']);
    cli(house.db, ['users', 'add', MANAGER.name, '--role', 'manager', '--password-stdin'], `${MANAGER.password}\n`);
    await house.start();
    return house;
  }

  async start() {
    const log = [];
    this.process = spawn(binary, ['--db', this.db, 'serve', '--bind', `127.0.0.1:${this.port}`, ...(process.env.SEATCORE_DASHBOARD ? ['--dashboard', process.env.SEATCORE_DASHBOARD] : [])], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stdout.on('data', (text) => log.push(text));
    this.process.stderr.on('data', (text) => log.push(text));
    this.ended = new Promise((done) => this.process.once('exit', done));
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const up = await fetch(`${this.url}/healthz`, { signal: AbortSignal.timeout(2000) }).then((answer) => answer.ok, () => false);
      if (up) return;
      if (Date.now() > deadline || this.process.exitCode !== null) throw new Error(`the server did not start:\n${log.join('')}`);
      await new Promise((done) => setTimeout(done, 30));
    }
  }

  /** @param {NodeJS.Signals} signal */
  async stop(signal = 'SIGTERM') {
    this.process.kill(signal);
    await this.ended;
  }

  async close() {
    for (const wire of this.wires) wire.close();
    if (this.process.exitCode === null && this.process.signalCode === null) await this.stop('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Someone without a browser. @param {{name: string, password: string}} [who] */
  async client(who) {
    let cookie = '';
    const call = async (method, path, body) => {
      const answer = await fetch(`${this.url}/api/v1${path}`, { method, headers: { ...(body ? { 'Content-Type': 'application/json' } : {}), ...(cookie ? { Cookie: cookie } : {}) }, body: body && JSON.stringify(body), signal: AbortSignal.timeout(PATIENCE_MS) });
      const text = await answer.text();
      cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie;
      return { status: answer.status, data: text ? JSON.parse(text) : null };
    };
    if (who) {
      const signed = await call('POST', '/session', who);
      if (signed.status !== 200) throw new Error(`${who.name} could not sign in: ${JSON.stringify(signed.data)}`);
    }
    return { call, must: async (method, path, body) => {
      const { status, data } = await call(method, path, body);
      if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(data)}`);
      return data;
    } };
  }

  /** A new customer, signed in. @param {string} name */
  async customer(name) {
    const who = { name, password: 'a good long phrase' };
    const stranger = await this.client();
    await stranger.must('POST', '/users', who);
    return { ...(await this.client(who)), ...who };
  }
}

/** A cable between a browser and a house, that can be cut. */
export class Wire {
  #pairs = new Set();
  #whole = true;

  /** @param {House} house */
  static to(house) {
    const wire = new Wire();
    house.wires.push(wire);
    wire.server = createServer((near) => wire.#join(near, house.port));
    return new Promise((done) => wire.server.listen(0, '127.0.0.1', () => {
      wire.url = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (wire.server.address()).port}`;
      done(wire);
    }));
  }

  #join(near, port) {
    if (!this.#whole) return near.destroy();
    const far = connect(port, '127.0.0.1');
    const pair = [near, far];
    this.#pairs.add(pair);
    const end = () => {
      pair.forEach((socket) => socket.destroy());
      this.#pairs.delete(pair);
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
    near.pipe(far).pipe(near);
  }

  cut() {
    this.#whole = false;
    for (const pair of this.#pairs) pair.forEach((socket) => socket.destroy());
  }

  mend() {
    this.#whole = true;
  }

  close() {
    this.cut();
    this.server.close();
  }
}

export async function openBrowser() {
  if (!browserPath) throw new Error('no Chromium found: apt-get install chromium, or set CHROMIUM');
  return chromium.launch({ executablePath: browserPath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** What the page must never do: complain, throw, or ask another host. */
const EXPECTED = /status of (400|401|403|404|409|410|422|503)|ERR_CONNECTION|ERR_INTERNET_DISCONNECTED|ERR_INCOMPLETE|ERR_NETWORK|ERR_EMPTY|ERR_FAILED|ERR_SOCKET/;

/** Somebody at a screen. */
export class Visitor {
  /** @param {import('playwright-core').Browser} browser @param {House | Wire} house @param {import('playwright-core').BrowserContextOptions} [options] */
  static async come(browser, house, options = {}) {
    const visitor = new Visitor();
    visitor.house = house;
    visitor.context = await browser.newContext({ baseURL: house.url, locale: 'en-GB', viewport: { width: 1440, height: 900 }, colorScheme: 'dark', reducedMotion: 'reduce', ...options });
    visitor.context.setDefaultTimeout(PATIENCE_MS);
    visitor.faults = [];
    visitor.page = await visitor.newPage();
    return visitor;
  }

  async newPage() {
    const page = await this.context.newPage();
    page.on('pageerror', (error) => this.faults.push(`${error.message}\n${error.stack}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !EXPECTED.test(message.text())) this.faults.push(message.text());
    });
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith('http') && url.origin !== this.house.url) this.faults.push(`asked ${url.origin}`);
    });
    return page;
  }

  /** Opens a page of the board and waits for its seats. @param {string} [path] */
  async goTo(path = '/') {
    await this.page.goto(path);
    await this.page.locator('seat-map').waitFor();
    await this.page.waitForFunction(() => document.querySelector('#live')?.getAttribute('data-state') === 'live' && document.querySelector('#seat-grid'));
  }

  /** Signs in behind the page's back, before it is opened. @param {{name: string, password: string}} who */
  async isSignedIn(who) {
    const answer = await this.context.request.post('/api/v1/session', { data: { name: who.name, password: who.password } });
    if (!answer.ok()) throw new Error(`${who.name} could not sign in: ${await answer.text()}`);
  }

  seat(label) {
    return this.page.locator(`[data-seat="${label}"]`);
  }

  /** Presses where the pointer is: the first or the second press of a double click. @param {number} clickCount */
  async presses(clickCount) {
    await this.page.mouse.down({ clickCount });
    await this.page.mouse.up({ clickCount });
  }

  /** Waits until a seat is so. @param {string} label @param {string} state @param {number} [within] */
  async sees(label, state, within = PATIENCE_MS) {
    await this.page.waitForFunction(([name, wanted]) => document.querySelector('seat-map')?.stateOf(name) === wanted, [label, state], { timeout: within });
  }

  /** @param {{name: string, password: string}} who */
  async fillSignIn(who) {
    await this.page.fill('#username', who.name);
    await this.page.fill('#password', who.password);
    await this.page.keyboard.press('Enter');
  }

  /** The three counters as they read. */
  counters() {
    return this.page.evaluate(() => ['available', 'held', 'booked'].map((name) => Number(document.querySelector(`#stats-${name}`)?.textContent?.replace(/\D/g, ''))));
  }

  /** Waits for a text in a place. @param {string} selector @param {RegExp} text */
  reads(selector, text) {
    return this.page.locator(selector).filter({ hasText: text }).first().waitFor();
  }

  /** Leaves, and says what went wrong meanwhile. */
  async leave() {
    await this.context.close();
    if (this.faults.length) throw new Error(`the page complained:\n${this.faults.join('\n')}`);
  }
}
