import assert from "node:assert/strict";
import { test } from "node:test";
import { isOutOfSight } from "../../dashboard/components/frontend/tool_panels.js";

test("a panel below the grid of a phone is out of sight, one beside the grid is not", () => {
  assert.ok(isOutOfSight(977, 844));
  assert.ok(!isOutOfSight(318, 800));
});
