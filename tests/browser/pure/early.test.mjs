import assert from 'node:assert/strict';
import test, { mock } from 'node:test';

const asked = [];
globalThis.location = { pathname: '/show/7' };
globalThis.fetch = async (url) => {
  asked.push(url);
  return new Response(JSON.stringify({ layout: 'abc' }), { headers: { 'content-type': 'application/json' } });
};
const clock = mock.method(performance, 'now', () => 100);
const { taken } = await import('../../../seatcore-http/dashboard/early.js');

test('a page of a show asks for its seats, and its plan by their name', async () => {
  await new Promise((done) => setImmediate(done));
  assert.ok(asked.includes('/api/v1/shows/7/snapshot') && asked.includes('/api/v1/shows/7/layout/abc'), asked.join());
});

test('what was asked early is taken once, and soon or never', async () => {
  assert.equal((await taken('/api/v1/session')).response.status, 200);
  assert.equal(taken('/api/v1/session'), undefined);
  clock.mock.mockImplementation(() => 60_000);
  assert.equal(taken('/api/v1/movies'), undefined, 'a minute later it would be history');
});
