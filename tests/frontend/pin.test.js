import assert from "node:assert/strict";
import { test } from "node:test";
import { needsPin } from "../../dashboard/components/frontend/page/pin.js";

/** @param {number} top @param {number} bottom */
const at = (top, bottom) => /** @type {DOMRect} */ ({ top, bottom });

test("a button is pinned while it is out of sight and the open form is in sight", () => {
  assert.equal(needsPin(at(100, 140), at(200, 1500), 56, 800), false);
  assert.equal(needsPin(at(-100, -60), at(-50, 1200), 56, 800), true);
  assert.equal(needsPin(at(30, 70), at(100, 1400), 56, 800), true); // Half behind the bar.
  assert.equal(needsPin(at(-100, -60), null, 56, 800), false);
  assert.equal(needsPin(at(-2000, -1960), at(-1900, -10), 56, 800), false);
});
