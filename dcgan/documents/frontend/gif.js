/**
 * Animations as GIF files: every frame is kept, and grey frames are exact.
 *
 * Source: CompuServe, "Graphics Interchange Format", version 89a, 1990.
 */

import { choosePalette } from "./palette.js";

/** @import { Raster } from "./pictures.js" */

const CLEAR = 256; // The code that empties the table.
const END = 257;
const MAX_CODES = 4096;
const LONGEST_BLOCK = 255;

/**
 * Compress with LZW, as GIF does for 8 bits a pixel.
 *
 * @param {ArrayLike<number>} indices Indices in the palette, at least one.
 * @returns {number[]} Bytes.
 */
function compress(indices) {
  /** @type {number[]} */
  const bytes = [];
  /** @type {Map<number, number>} */
  const codes = new Map();
  let [bits, numBits, width, next] = [0, 0, 9, END + 1];
  /** @param {number} code */
  const put = (code) => {
    bits |= code << numBits;
    numBits += width;
    for (; numBits >= 8; numBits -= 8, bits >>>= 8) bytes.push(bits & 255);
  };
  put(CLEAR);
  let prefix = indices[0];
  for (let i = 1; i < indices.length; i += 1) {
    const key = (prefix << 8) | indices[i];
    const known = codes.get(key);
    if (known !== undefined) {
      prefix = known;
      continue;
    }
    put(prefix);
    prefix = indices[i];
    if (next === MAX_CODES) {
      put(CLEAR);
      codes.clear();
      [width, next] = [9, END + 1];
      continue;
    }
    codes.set(key, next);
    if (next === 1 << width) width += 1;
    next += 1;
  }
  put(prefix);
  put(END);
  if (numBits > 0) bytes.push(bits & 255);
  return bytes;
}

/** @param {number} number Returns its two bytes, the lower one first. */
const toBytes = (number) => [number & 255, number >> 8];

/** The palette of grey pictures, whose pixels are their own indices in it. */
const GREYS = Uint8Array.from({ length: 3 * 256 }, (_, i) => Math.floor(i / 3));

/**
 * Encode an animation that repeats for ever.
 *
 * @param {Raster[]} frames At least one, all of one size.
 * @param {number} hundredths How long each frame is shown, in hundredths of a second.
 * @returns {Uint8Array<ArrayBuffer>} The bytes of the file.
 */
export function encodeGif(frames, hundredths) {
  const { width, height, channels } = frames[0];
  // Each picture is compressed once: a film that pauses or goes back shows some several times.
  const pictures = [...new Set(frames.map((frame) => frame.pixels))];
  // One palette for all frames, so that nothing flickers.
  const palette = channels === 3 ? choosePalette(pictures) : undefined;
  const compressed = new Map(
    pictures.map((pixels) => [pixels, compress(palette?.find(pixels) ?? pixels)]),
  );
  const toAscii = (/** @type {string} */ text) => [...new TextEncoder().encode(text)];
  const size = [...toBytes(width), ...toBytes(height)];
  const parts = [
    [...toAscii("GIF89a"), ...size, 0xf7, 0, 0], // With a palette of 256 colours.
    [...(palette?.colors ?? GREYS)],
    [0x21, 0xff, 11, ...toAscii("NETSCAPE2.0"), 3, 1, 0, 0, 0], // Repeat for ever.
  ];
  for (const { pixels } of frames) {
    parts.push([0x21, 0xf9, 4, 4, ...toBytes(hundredths), 0, 0]);
    parts.push([0x2c, 0, 0, 0, 0, ...size, 0, 8]);
    const data = compressed.get(pixels) ?? [];
    for (let first = 0; first < data.length; first += LONGEST_BLOCK) {
      const block = data.slice(first, first + LONGEST_BLOCK);
      parts.push([block.length, ...block]);
    }
    parts.push([0]);
  }
  parts.push([0x3b]);
  return Uint8Array.from(parts.flat());
}
