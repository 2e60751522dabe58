import assert from "node:assert/strict";
import { test } from "node:test";
import { makeHelpName } from "../../dashboard/components/frontend/page/help_names.js";

test("a help button is named by the text that it explains", () => {
  assert.equal(makeHelpName(" Losses\n"), "Help: Losses");
  assert.equal(makeHelpName("Loss: generator 0.71"), "Help: Loss");
  assert.equal(
    makeHelpName("spots.npz, 100 pictures. Fast preset."),
    "Help: spots.npz, 100 pictures",
  );
});

test("the name of a long text is its beginning, and of none Help", () => {
  assert.equal(makeHelpName("a".repeat(70)), `Help: ${"a".repeat(60)}…`);
  assert.equal(makeHelpName(" "), "Help");
});
