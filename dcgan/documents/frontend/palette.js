/**
 * A palette of at most 256 colours for pictures in colour.
 *
 * Source: Heckbert, "Color Image Quantization for Frame Buffer Display", 1982 (median cut).
 */

const BITS = 5; // Of each of red, green and blue, by which colours are told apart.
const SIZE = 256;

/**
 * @typedef {object} Box Colours that get one place in the palette.
 * @property {number[]} keys
 * @property {number} channel In which they differ most.
 * @property {number} range By how much.
 */

/** @param {number} key @param {number} channel Returns one part of a colour, of `BITS` bits. */
const getPart = (key, channel) => (key >> (BITS * channel)) & ((1 << BITS) - 1);

/**
 * Return the key of a pixel's colour.
 *
 * @param {ArrayLike<number>} pixels Red, green and blue of each pixel.
 * @param {number} first Index of the pixel's red.
 * @returns {number}
 */
function getKey(pixels, first) {
  const shift = 8 - BITS;
  return (
    (pixels[first] >> shift) |
    ((pixels[first + 1] >> shift) << BITS) |
    ((pixels[first + 2] >> shift) << (2 * BITS))
  );
}

/**
 * @param {number[]} keys
 * @returns {Box}
 */
function makeBox(keys) {
  const ranges = [0, 1, 2].map((channel) => {
    const parts = keys.map((key) => getPart(key, channel));
    return parts.reduce((a, b) => Math.max(a, b)) - parts.reduce((a, b) => Math.min(a, b));
  });
  const range = Math.max(...ranges);
  return { keys, channel: ranges.indexOf(range), range };
}

/**
 * Choose the colours of some pictures.
 *
 * @param {ArrayLike<number>[]} pictures Red, green and blue of each pixel.
 * @returns {{ colors: Uint8Array, find: (pixels: ArrayLike<number>) => Uint8Array }} Red, green and
 *   blue of 256 colours; and a function from such a picture to each pixel's place among them.
 */
export function choosePalette(pictures) {
  const counts = new Float64Array(1 << (3 * BITS));
  const sums = new Float64Array(counts.length * 3);
  for (const pixels of pictures) {
    for (let i = 0; i < pixels.length; i += 3) {
      const key = getKey(pixels, i);
      counts[key] += 1;
      for (let channel = 0; channel < 3; channel += 1)
        sums[key * 3 + channel] += pixels[i + channel];
    }
  }
  const boxes = [makeBox([...counts.keys()].filter((key) => counts[key] > 0))];
  while (boxes.length < SIZE) {
    const widest = boxes.reduce((a, b) => (b.range > a.range ? b : a));
    if (widest.range === 0) break;
    boxes.splice(boxes.indexOf(widest), 1, ...split(widest, counts));
  }
  const colors = new Uint8Array(3 * SIZE);
  const places = new Uint8Array(counts.length);
  boxes.forEach(({ keys }, place) => {
    const total = keys.reduce((sum, key) => sum + counts[key], 0);
    for (let channel = 0; channel < 3; channel += 1) {
      const sum = keys.reduce((all, key) => all + sums[key * 3 + channel], 0);
      colors[place * 3 + channel] = Math.round(sum / total);
    }
    for (const key of keys) places[key] = place;
  });
  return {
    colors,
    find: (pixels) =>
      Uint8Array.from({ length: pixels.length / 3 }, (_, i) => places[getKey(pixels, i * 3)]),
  };
}

/**
 * Split a box into two with about as many pixels.
 *
 * @param {Box} box Of at least two colours.
 * @param {Float64Array} counts Of the pixels of each colour.
 * @returns {[Box, Box]}
 */
function split({ keys, channel }, counts) {
  const sorted = [...keys].sort((a, b) => getPart(a, channel) - getPart(b, channel));
  const half = keys.reduce((sum, key) => sum + counts[key], 0) / 2;
  let [end, covered] = [0, 0];
  while (end < sorted.length - 1 && covered < half) {
    covered += counts[sorted[end]];
    end += 1;
  }
  return [makeBox(sorted.slice(0, end)), makeBox(sorted.slice(end))];
}
