import assert from "node:assert/strict";
import { test } from "node:test";
import { GridPreview } from "../../dashboard/components/frontend/explore/grid_preview.js";

test("hiding the preview before its first frame cancels the drawing of that frame", async () => {
  /** @type {Map<number, FrameRequestCallback>} */
  const frames = new Map();
  const cover = { hidden: true };
  const picture = { parentElement: { querySelector: () => cover } };
  Object.assign(globalThis, {
    document: { querySelector: () => picture },
    requestAnimationFrame: (/** @type {FrameRequestCallback} */ draw) => {
      frames.set(1, draw);
      return 1;
    },
    cancelAnimationFrame: (/** @type {number} */ frame) => frames.delete(frame),
  });
  const preview = new GridPreview();
  const grid = {
    selector: "",
    middleSelector: "",
    alt: "",
    size: 1,
    digitSide: 28,
    gap: 2,
    step: 1,
    psi: 1,
  };
  preview.configure({ ...grid, rowDirection: [1], columnDirection: [1] }, "generator");
  preview.show(Float64Array.from([0]));
  assert.equal(frames.size, 1);
  await preview.hide(() => true);
  assert.equal(frames.size, 0);
});
