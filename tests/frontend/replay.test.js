import assert from "node:assert/strict";
import { test } from "node:test";
import { describeMoment, findMoment } from "../../dashboard/components/frontend/pictures/replay.js";

const NOW = -1;

test("the range shows the chosen step, or the last one before it after a rollback", () => {
  assert.equal(findMoment([0, 10, 20], NOW), 2);
  assert.equal(findMoment([0, 10, 20], 10), 1);
  assert.equal(findMoment([0, 10], 15), 1);
  assert.equal(findMoment([20], 10), 0);
});

test("the moment is described by its step, and says whether it is a replay", () => {
  assert.equal(describeMoment([0, 749, 3297], NOW), "Picture of step 3,297");
  assert.equal(describeMoment([0, 749, 3297], 749), "Replay: step 749 of 3,297");
  assert.equal(describeMoment([0, 749, 3297], 0), "Replay: step 0 of 3,297");
});
