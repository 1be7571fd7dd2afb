import assert from 'node:assert/strict';
import test from 'node:test';
import { Camera, SCALE_MAX, notBelow } from '../../../seatcore-http/dashboard/camera.js';

const open = () => {
  const camera = new Camera({ left: 0, right: 200, top: 0, bottom: 100 });
  camera.resize(400, 300);
  return camera;
};
const near = (a, b) => a.forEach((value, at) => assert.ok(Math.abs(value - b[at]) < 1e-6, `${a} is not ${b}`));

test('a hall opens whole and in the middle', () => {
  const camera = open();
  assert.ok(camera.fits);
  near(camera.toScreen(100, 50), [200, 150]);
});

test('what is under the pointer stays under it', () => {
  const camera = open();
  const before = camera.toWorld(120, 140);
  camera.zoomAt(4, 120, 140);
  near(camera.toWorld(120, 140), before);
});

test('one can come close, not closer; go far, not farther than all of it', () => {
  const camera = open();
  camera.zoomAt(1e6, 10, 10);
  assert.equal(camera.scale, SCALE_MAX);
  camera.zoomAt(1e-9, 10, 10);
  assert.ok(camera.fits);
});

test('the hall cannot be lost out of view', () => {
  const camera = open();
  camera.zoomAt(4, 0, 0);
  while (camera.pan(-500, -500));
  near(camera.toWorld(400, 300), [200, 100]);
  while (camera.pan(500, 500));
  near(camera.toWorld(0, 0), [0, 0]);
});

test('turning a phone keeps the whole hall whole', () => {
  const camera = open();
  camera.resize(300, 700);
  assert.ok(camera.fits);
});

test('bisecting finds the first not below', () => {
  const sorted = [1, 3, 3, 7];
  assert.deepEqual([0, 1, 2, 3, 8].map((value) => notBelow(sorted, value)), [0, 0, 1, 1, 4]);
});
