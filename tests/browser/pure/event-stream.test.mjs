import assert from 'node:assert/strict';
import test from 'node:test';
import { EventParser } from '../../../seatcore-http/dashboard/event-stream.js';

const STREAM = 'retry: 700\n\nid: e.1:2\nevent: d\ndata: {"a":\ndata: 1}\n\n: heartbeat\n\ndata: plain\n\n';

test('events come whole, however the network cuts them', () => {
  for (let size = 1; size <= STREAM.length; size += 1) {
    const parser = new EventParser();
    const events = [];
    for (let at = 0; at < STREAM.length; at += size) events.push(...parser.push(STREAM.slice(at, at + size)));
    assert.deepEqual(events, [{ type: 'd', data: '{"a":\n1}', id: 'e.1:2' }, { type: 'message', data: 'plain', id: 'e.1:2' }], `cut in ${size}`);
    assert.equal(parser.retry, 700);
  }
});

test('all three line ends are line ends', () => {
  for (const end of ['\n', '\r\n', '\r']) {
    const parser = new EventParser();
    const events = parser.push(['event: x', 'data: 1', '', 'data: 2', '', ''].join(end) + (end === '\r' ? '\n' : ''));
    assert.deepEqual(events.map((event) => event.data), ['1', '2'], JSON.stringify(end));
  }
});

test('a heartbeat is no event', () => {
  assert.deepEqual(new EventParser().push(': still here\n\n'), []);
});
