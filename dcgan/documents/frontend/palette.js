/**
 * A palette of at most 256 colours for pictures in colour.
 *
 * Source: Heckbert, "Color Image Quantization for Frame Buffer Display", 1982 (median cut).
 */

const BITS = 5; // The bits of red, green and blue that count; colours with equal bits are one.
const SIZE = 256;

/**
 * @typedef {object} Box Colours that get one entry of the palette.
 * @property {number[]} keys The colours, as keys from `getKey`.
 * @property {number} channel The channel in which they differ most.
 * @property {number} range Their largest difference in this channel.
 */

/** @param {number} key @param {number} channel Returns one channel of a colour, of `BITS` bits. */
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
 *   blue of 256 colours; and a function that returns the index of each pixel's colour in a picture.
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
  const indices = new Uint8Array(counts.length);
  boxes.forEach(({ keys }, index) => {
    const total = keys.reduce((sum, key) => sum + counts[key], 0);
    for (let channel = 0; channel < 3; channel += 1) {
      const sum = keys.reduce((all, key) => all + sums[key * 3 + channel], 0);
      colors[index * 3 + channel] = Math.round(sum / total);
    }
    for (const key of keys) indices[key] = index;
  });
  return {
    colors,
    find: (pixels) =>
      Uint8Array.from({ length: pixels.length / 3 }, (_, i) => indices[getKey(pixels, i * 3)]),
  };
}

/**
 * Split a box into two with about as many pixels.
 *
 * @param {Box} box Of at least two colours.
 * @param {Float64Array} counts The number of pixels of each colour, by its key.
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
