import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeGif } from "../../dcgan/documents/frontend/gif.js";
import {
  getShare,
  makeInputs,
  mixClasses,
  moveAlong,
  parseText,
  sampleLatent,
  slerp,
} from "../../dcgan/documents/frontend/latent.js";
import { enlarge } from "../../dcgan/documents/frontend/pictures.js";
import { listFrames, NUM_FRAMES } from "../../dcgan/documents/frontend/walk_film.js";

/** @import { Raster } from "../../dcgan/documents/frontend/pictures.js" */

/**
 * Read the frames of a GIF that has one palette of 256 colours.
 *
 * @param {Uint8Array} bytes
 * @returns {{ palette: Uint8Array, frames: number[][], hundredths: number[] }}
 */
function readGif(bytes) {
  assert.equal(String.fromCharCode(...bytes.slice(0, 6)), "GIF89a");
  const palette = bytes.slice(13, 13 + 768);
  let at = 13 + 768;
  const readBlocks = () => {
    /** @type {number[]} */
    const content = [];
    for (; bytes[at] > 0; at += 1 + bytes[at])
      content.push(...bytes.slice(at + 1, at + 1 + bytes[at]));
    at += 1;
    return content;
  };
  const [frames, hundredths] = [/** @type {number[][]} */ ([]), /** @type {number[]} */ ([])];
  while (bytes[at] !== 0x3b) {
    if (bytes[at] === 0x21) {
      const isControl = bytes[at + 1] === 0xf9;
      at += 2;
      const content = readBlocks();
      if (isControl) hundredths.push(content[1] + 256 * content[2]);
    } else {
      assert.equal(bytes[at], 0x2c);
      assert.equal(bytes[at + 10], 8);
      at += 11;
      frames.push(decompress(readBlocks()));
    }
  }
  assert.equal(at, bytes.length - 1);
  return { palette, frames, hundredths };
}

/**
 * Decompress LZW of 8 bits a pixel, as a reader of GIF does.
 *
 * @param {number[]} bytes
 * @returns {number[]}
 */
function decompress(bytes) {
  let bit = 0;
  /** @param {number} width */
  const read = (width) => {
    let code = 0;
    for (let i = 0; i < width; i += 1, bit += 1) code |= ((bytes[bit >> 3] >> (bit & 7)) & 1) << i;
    return code;
  };
  /** @type {number[]} */
  const found = [];
  /** @type {number[][]} */
  let table = [];
  /** @type {number[]} */
  let before = [];
  for (;;) {
    const code = read(Math.min(12, Math.max(9, table.length.toString(2).length)));
    if (code === 257) return found;
    if (code === 256) {
      table = Array.from({ length: 258 }, (_, value) => [value]);
      before = [];
      continue;
    }
    const entry = table[code] ?? [...before, before[0]];
    found.push(...entry);
    if (before.length) table.push([...before, entry[0]]);
    before = entry;
  }
}

/**
 * @param {number} side
 * @param {number} channels
 * @param {number} seed
 * @returns {Raster} Pixels without a pattern.
 */
function makeNoise(side, channels, seed) {
  const noise = sampleLatent(seed, side * side * channels);
  const pixels = Uint8ClampedArray.from(noise, (value) => 128 + 50 * value);
  return { pixels, width: side, height: side, channels };
}

test("a GIF keeps every grey frame exactly, also frames that are equal", () => {
  const noise = makeNoise(90, 1, 1); // Fills the table of codes, which is then emptied.
  const frames = [noise, noise, enlarge(makeNoise(30, 1, 2), 3)];
  const read = readGif(encodeGif(frames, 7));
  assert.deepEqual(read.hundredths, [7, 7, 7]);
  assert.deepEqual(
    read.frames,
    frames.map((frame) => [...frame.pixels]),
  );
  assert.deepEqual([...read.palette.slice(3 * 77, 3 * 78)], [77, 77, 77]);
});

test("a GIF in colour is exact with few colours, and near with many", () => {
  const colors = [0, 40, 200, 250].map((red) => [red, 255 - red, red / 2]);
  const few = Uint8ClampedArray.from(Array.from({ length: 100 }, (_, i) => colors[i % 4]).flat());
  const exact = { pixels: few, width: 10, height: 10, channels: 3 };
  const frames = [
    exact,
    { ...exact, pixels: Uint8ClampedArray.from(few).reverse() },
    makeNoise(10, 3, 3),
  ];
  const read = readGif(encodeGif(frames.slice(0, 1), 5));
  assert.deepEqual(paint(read.palette, read.frames[0]), [...few]);
  const many = readGif(encodeGif(frames, 5));
  frames.forEach(({ pixels }, index) => {
    const painted = paint(many.palette, many.frames[index]);
    const errors = painted.map((value, i) => Math.abs(value - pixels[i]));
    assert.ok(Math.max(...errors) <= 40, `differs by ${Math.max(...errors)}`);
  });
});

/**
 * @param {Uint8Array} palette
 * @param {number[]} places
 * @returns {number[]} Red, green and blue of each pixel.
 */
function paint(palette, places) {
  return places.flatMap((place) => [...palette.slice(place * 3, place * 3 + 3)]);
}

test("a seed gives the same normal numbers everywhere, and its neighbour others", () => {
  const z = sampleLatent(7, 4000);
  // A seed that a person has written down gives the same digit with every later version.
  [2.101234849755, -0.478728825968, 0.596657289019].forEach((value, i) => {
    assert.ok(Math.abs(z[i] - value) < 1e-9);
  });
  assert.deepEqual([...sampleLatent(7, 3)], [...z.slice(0, 3)]);
  const mean = z.reduce((sum, value) => sum + value) / z.length;
  const variance = z.reduce((sum, value) => sum + (value - mean) ** 2, 0) / z.length;
  assert.ok(Math.abs(mean) < 0.06 && Math.abs(variance - 1) < 0.08, `${mean}, ${variance}`);
  const other = sampleLatent(8, 4000);
  const covariance = z.reduce((sum, value, i) => sum + value * other[i], 0) / z.length;
  assert.ok(Math.abs(covariance) < 0.06, `${covariance}`);
});

test("a walk follows the sphere from one end to the other", () => {
  const [start, end] = [Float64Array.of(2, 0), Float64Array.of(0, 4)];
  assert.deepEqual([...slerp(start, end, 0)], [2, 0]);
  const middle = slerp(start, end, 0.5);
  assert.ok(Math.abs(Math.hypot(...middle) - 3) < 1e-9);
  assert.ok(Math.abs(middle[0] - middle[1]) < 1e-9);
  assert.ok(Math.abs(slerp(start, end, 1)[1] - 4) < 1e-9);
  assert.deepEqual([...slerp(start, Float64Array.of(4, 0), 0.5)], [3, 0]);
  assert.deepEqual([getShare(0, 5), getShare(4, 5)], [0, 1]);
});

test("a film goes there and back and rests at both ends", () => {
  const frames = listFrames();
  assert.equal(frames[0], 0);
  assert.equal(frames.filter((frame) => frame === 5).length, 2);
  assert.equal(frames.filter((frame) => frame === NUM_FRAMES - 1).length, 9);
  assert.equal(frames.at(-1), 1);
});

test("a slider moves z along its direction alone, within the bound", () => {
  const vector = [0.6, 0.8];
  const moved = moveAlong(Float64Array.of(-0.8, 0.6), vector, 2, 10);
  assert.ok(Math.abs(moved[0] - 0.4) < 1e-12 && Math.abs(moved[1] - 2.2) < 1e-12);
  assert.deepEqual([...moveAlong(Float64Array.of(0, 0), vector, 100, 3)], [3, 3]);
});

test("the generator takes z towards its mean, then a weight for each class", () => {
  const inputs = makeInputs(Float64Array.of(2, -4), 0.5, mixClasses(0, 2, 0.25, 3));
  assert.deepEqual([...inputs], [1, -2, 0.75, 0, 0.25]);
  assert.deepEqual([...makeInputs(Float64Array.of(1), 1, mixClasses(0, 0, 0, 0))], [1]);
});

test("a text's characters are classes, and those that are none are named once", () => {
  const names = ["3", "8", "é"];
  assert.deepEqual(parseText("8é3", names), { classIds: [1, 2, 0], unknown: [] });
  assert.deepEqual(parseText("3xx7", names), { classIds: [0], unknown: ["x", "7"] });
});
