import assert from "node:assert/strict";
import { test } from "node:test";
import { centerInRow } from "../../dashboard/components/frontend/page/tool_panels.js";

test("the name of a chosen tool comes to the middle of its row, the first ones to their places", () => {
  assert.equal(centerInRow({ left: 500, width: 60 }, 286), 387);
  assert.equal(centerInRow({ left: 40, width: 60 }, 286), 0);
});
