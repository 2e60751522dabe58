import assert from "node:assert/strict";
import { test } from "node:test";
import {
  computeLatent,
  describeGrid,
} from "../../dashboard/components/frontend/explore/grid_preview.js";
import {
  createInk,
  drawLine,
  encodeInk,
  SIDE,
} from "../../dashboard/components/frontend/explore/ink.js";
import { fitPicture } from "../../dcgan/documents/frontend/fit.js";
import { enlarge, tile, toRgba } from "../../dcgan/documents/frontend/pictures.js";

test("a picture is enlarged by a whole number of device pixels", () => {
  const picture = { width: 28, height: 56, scale: 6 };
  assert.deepEqual(fitPicture(picture, 1000, 1), [168, 336]);
  assert.deepEqual(fitPicture(picture, 100, 1), [84, 168]);
  assert.deepEqual(fitPicture(picture, 100, 1.5), [(5 * 28) / 1.5, (5 * 56) / 1.5]);
  assert.deepEqual(fitPicture({ ...picture, tallest: 120 }, 1000, 1), [56, 112]);
});

test("a picture is made smaller only if it is wider than its parent", () => {
  const picture = { width: 200, height: 100, scale: 6 };
  assert.deepEqual(fitPicture(picture, 150, 1), [150, 75]);
  assert.deepEqual(fitPicture({ ...picture, tallest: 20 }, 300, 1), [200, 100]);
  assert.deepEqual(fitPicture({ ...picture, scale: 1 }, 1000, 0.5), [400, 200]);
});

test("a picture that is to fill its parent does so where whole pixels leave a tenth empty", () => {
  const picture = { width: 238, height: 148, scale: 4, fill: true };
  assert.deepEqual(fitPicture(picture, 358, 1), [358, (358 * 148) / 238]);
  assert.deepEqual(fitPicture(picture, 358, 2), [357, 222]); // Three device pixels for each.
  assert.deepEqual(fitPicture(picture, 716, 1), [714, 444]);
  assert.deepEqual(fitPicture({ ...picture, fill: false }, 358, 1), [238, 148]);
  // Ten columns on a phone: whole device pixels would leave 60 CSS pixels.
  assert.deepEqual(fitPicture({ ...picture, width: 298 }, 358, 1), [358, (358 * 148) / 298]);
  assert.deepEqual(fitPicture({ ...picture, width: 298 }, 358, 2), [358, (358 * 148) / 298]);
  assert.deepEqual(fitPicture({ ...picture, width: 298 }, 325, 1), [298, 148]);
  assert.deepEqual(fitPicture({ ...picture, scale: 8 }, 600, 1), [476, 296]); // No phone.
});

test("a picture fills a phone with many device pixels to each of its own", () => {
  const picture = { width: 148, height: 148, scale: 6, fill: true };
  assert.deepEqual(fitPicture(picture, 226, 3), [226, 226]);
  assert.deepEqual(fitPicture(picture, 226, 2), [222, 222]);
  assert.deepEqual(fitPicture({ ...picture, fill: false }, 226, 3), [592 / 3, 592 / 3]);
  assert.deepEqual(fitPicture({ ...picture, scale: 1 }, 226, 3), [148, 148]);
});

test("the grid steps along its directions around the middle, before truncation", () => {
  const grid = {
    selector: "",
    middleSelector: "",
    alt: "A grid",
    size: 3,
    digitSide: 28,
    gap: 2,
    step: 0.5,
    rowDirection: [1, 0],
    columnDirection: [0, 1],
    psi: 0.5,
  };
  const z = Float64Array.from([2, 4]);
  assert.deepEqual([...computeLatent(grid, z, 1, 1)], [1, 2]);
  assert.deepEqual([...computeLatent(grid, z, 0, 2)], [0.75, 2.25]);
  // Python computes the same hash: fingerprint(truncate(make_plane_grid(z, …, 3, 3, 0.5), 0.5)).
  assert.equal(describeGrid(grid, 12, z), "A grid, step 12, z=d3ba9b36");
});

test("grey and coloured digits become opaque pixels", () => {
  assert.deepEqual([...toRgba(Uint8ClampedArray.of(7, 9), 2)], [7, 7, 7, 255, 9, 9, 9, 255]);
  assert.deepEqual([...toRgba(Uint8ClampedArray.of(1, 2, 3), 1)], [1, 2, 3, 255]);
});

test("digits stand side by side with black gaps, and are enlarged by repeating pixels", () => {
  const digits = [1, 2, 3].map((value) => Uint8ClampedArray.from({ length: 4 }, () => value));
  const tiled = tile(digits, 2, 2, 1);
  assert.deepEqual([tiled.width, tiled.height, tiled.channels], [5, 5, 1]);
  const rows = [1, 1, 0, 2, 2, 1, 1, 0, 2, 2, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 3, 3, 0, 0, 0];
  assert.deepEqual([...tiled.pixels], rows);
  const colors = {
    pixels: Uint8ClampedArray.of(1, 2, 3, 4, 5, 6),
    width: 2,
    height: 1,
    channels: 3,
  };
  const larger = enlarge(colors, 2);
  assert.deepEqual([larger.width, larger.height], [4, 2]);
  const row = [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6];
  assert.deepEqual([...larger.pixels], [...row, ...row]);
});

test("a dot is white in the middle and soft at its border", () => {
  const ink = createInk();
  drawLine(ink, [14.5, 10.5], [14.5, 10.5]);
  assert.equal(ink[10 * SIDE + 14], 1);
  assert.ok(Math.abs(ink[10 * SIDE + 15] - 0.6) < 1e-6);
  assert.equal(ink[10 * SIDE + 17], 0);
});

test("a line has no gaps, and what is outside the square is cut off", () => {
  const ink = createInk();
  drawLine(ink, [-5, 14.5], [40, 14.5]);
  const row = ink.subarray(14 * SIDE, 15 * SIDE);
  assert.ok(row.every((value) => value > 0.9));
  assert.equal(ink[0], 0);
});

test("a drawing is sent as one byte a pixel, row by row", () => {
  const ink = createInk();
  ink[1] = 1;
  ink[SIDE] = 0.5;
  const bytes = Buffer.from(encodeInk(ink), "base64");
  assert.equal(bytes.length, SIDE * SIDE);
  assert.deepEqual([bytes[0], bytes[1], bytes[SIDE]], [0, 255, 128]);
});
