/** The picture that the pencil draws on: 28 by 28 numbers from 0, black, to 1, white. */

/** @import { Point } from "../types.js" */

export const SIDE = 28;
// All in pixels of the digit. The radius makes strokes about as wide as MNIST's.
const RADIUS = 1.1;
const BORDER = 1; // Width of the edge that fades from white to black, as in MNIST's grey borders.
const REACH = Math.ceil(RADIUS + BORDER); // A dot changes no pixel further away.
const DOTS_PER_PIXEL = 3; // So close that the border of a line is straight.

export function createInk() {
  return new Float32Array(SIDE * SIDE);
}

/**
 * Draw a dot with a soft border.
 *
 * @param {Float32Array} ink Changed in place.
 * @param {Point} point In pixels of the digit.
 */
function drawDot(ink, [x, y]) {
  for (let row = Math.floor(y - REACH); row <= y + REACH; row += 1) {
    for (let column = Math.floor(x - REACH); column <= x + REACH; column += 1) {
      if (row < 0 || column < 0 || row >= SIDE || column >= SIDE) continue;
      const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y);
      const grey = Math.min(1, Math.max(0, (RADIUS - distance) / BORDER + 0.5));
      const index = row * SIDE + column;
      ink[index] = Math.max(ink[index], grey);
    }
  }
}

/**
 * Draw a line, or a dot where both ends are the same.
 *
 * @param {Float32Array} ink Changed in place.
 * @param {Point} from In pixels of the digit.
 * @param {Point} to In pixels of the digit.
 */
export function drawLine(ink, from, to) {
  const [right, down] = [to[0] - from[0], to[1] - from[1]];
  const num = Math.max(1, Math.ceil(Math.hypot(right, down) * DOTS_PER_PIXEL));
  for (let i = 0; i <= num; i += 1) {
    drawDot(ink, [from[0] + (right * i) / num, from[1] + (down * i) / num]);
  }
}

/**
 * Encode the picture for the server.
 *
 * @param {Float32Array} ink
 * @returns {string} Base64 of one byte a pixel, row by row.
 */
export function encodeInk(ink) {
  return btoa(String.fromCharCode(...Array.from(ink, (value) => Math.round(value * 255))));
}
