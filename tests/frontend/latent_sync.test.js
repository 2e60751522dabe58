import assert from "node:assert/strict";
import { test } from "node:test";
import { LatentSync } from "../../dashboard/components/frontend/explore/latent_sync.js";

const RIGHT = [1, 0];

/** @param {Partial<{ z: number[], zVersion: number, lastMove: number }>} [message] */
function afterMessage(message = {}) {
  const sync = new LatentSync();
  sync.receive({ z: [0, 0], zVersion: 1, lastMove: 0, ...message });
  return sync;
}

test("the server's z is shown when nobody moves a slider", () => {
  const sync = afterMessage({ z: [1, 2] });
  assert.deepEqual([...sync.z], [1, 2]);
  sync.receive({ z: [3, 4], zVersion: 1, lastMove: 0 });
  assert.deepEqual([...sync.z], [3, 4]);
  assert.equal(sync.isAhead, false);
});

test("the server's z does not replace the one that is dragged", () => {
  const sync = afterMessage();
  sync.drag(RIGHT, 2, 10);
  sync.receive({ z: [9, 9], zVersion: 1, lastMove: 0 });
  assert.deepEqual([...sync.z], [2, 0]);
  assert.equal(sync.isAhead, true);
});

test("a z that was chosen by other means ends a drag", () => {
  const sync = afterMessage();
  sync.drag(RIGHT, 2, 10);
  sync.receive({ z: [5, 5], zVersion: 2, lastMove: 0 });
  assert.deepEqual([...sync.z], [5, 5]);
  assert.equal(sync.isAhead, false);
});

test("a drag that was a scroll of the page is taken back", () => {
  const sync = afterMessage({ z: [1, 1] });
  const { z, hasUnsentMove } = sync;
  sync.drag(RIGHT, 3, 10);
  sync.cancelDrag({ z, hasUnsentMove });
  assert.deepEqual([...sync.z], [1, 1]);
  assert.equal(sync.isAhead, false);
});

test("the page is ahead until its last move is answered", () => {
  const sync = afterMessage();
  sync.drag(RIGHT, 2, 10);
  sync.release();
  assert.deepEqual(sync.takeMove(0), { zVersion: 1, number: 1, z: [2, 0] });
  sync.drag(RIGHT, 3, 10);
  sync.release();
  assert.deepEqual(sync.takeMove(1), { zVersion: 1, number: 2, z: [3, 0] });
  sync.receive({ z: [2, 0], zVersion: 1, lastMove: 1 });
  assert.deepEqual([sync.isAhead, ...sync.z], [true, 3, 0]);
  sync.receive({ z: [3, 0], zVersion: 1, lastMove: 2 });
  assert.deepEqual([sync.isAhead, ...sync.z], [false, 3, 0]);
});

test("a drag keeps every entry of z within its bound", () => {
  const sync = afterMessage({ z: [0, 1] });
  sync.drag([0.6, 0.8], 100, 3);
  assert.deepEqual([...sync.z], [3, 3]);
});

test("a drag along one direction leaves the others alone", () => {
  const sync = afterMessage({ z: [0.5, -2] });
  sync.drag(RIGHT, 1.5, 10);
  assert.deepEqual([...sync.z], [1.5, -2]);
  assert.equal(sync.getDistanceAlong([0, 1]), -2);
});

test("a move waits for the answer to the last one, but at most a second", () => {
  const sync = afterMessage();
  assert.equal(sync.computeSendingDelay(5000), 0);
  sync.drag(RIGHT, 2, 10);
  sync.takeMove(5000);
  assert.equal(sync.computeSendingDelay(5300), 700);
  assert.equal(sync.computeSendingDelay(6500), 0);
  sync.receive({ z: [2, 0], zVersion: 1, lastMove: 1 });
  assert.equal(sync.computeSendingDelay(5300), 0);
});

test("numbers of moves continue after the last one that the server knows", () => {
  const sync = afterMessage({ lastMove: 41 });
  assert.equal(sync.takeMove(0).number, 42);
});
