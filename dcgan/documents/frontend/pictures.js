/** Pictures as arrays of pixels: tiling, enlarging, and conversion for a canvas. */

/**
 * @typedef {object} Raster
 * @property {Uint8ClampedArray} pixels Shape (height, width, channels).
 * @property {number} width
 * @property {number} height
 * @property {number} channels 1 for grey, 3 for red, green and blue.
 */

/**
 * Convert a digit to the pixels of a canvas.
 *
 * @param {Uint8ClampedArray} digit Of one channel or three.
 * @param {number} numPixels
 * @returns {Uint8ClampedArray<ArrayBuffer>} Red, green, blue and opacity of each pixel.
 */
export function toRgba(digit, numPixels) {
  const channels = digit.length / numPixels;
  const rgba = new Uint8ClampedArray(numPixels * 4);
  for (let i = 0; i < numPixels; i += 1) {
    for (let color = 0; color < 3; color += 1) {
      rgba[i * 4 + color] = digit[i * channels + (channels === 3 ? color : 0)];
    }
    rgba[i * 4 + 3] = 255;
  }
  return rgba;
}

/**
 * Put digits side by side, row by row, as `tile` does in Python; gaps are black.
 *
 * @param {Uint8ClampedArray[]} digits At least one, all of one size.
 * @param {number} side Of a digit, in pixels.
 * @param {number} columns
 * @param {number} gap Pixels between two digits.
 * @returns {Raster}
 */
export function tile(digits, side, columns, gap) {
  const channels = digits[0].length / side ** 2;
  const rows = Math.ceil(digits.length / columns);
  const [width, height] = [columns, rows].map((num) => num * (side + gap) - gap);
  const pixels = new Uint8ClampedArray(width * height * channels);
  digits.forEach((digit, index) => {
    const left = (index % columns) * (side + gap);
    const top = Math.floor(index / columns) * (side + gap);
    for (let row = 0; row < side; row += 1) {
      const line = digit.subarray(row * side * channels, (row + 1) * side * channels);
      pixels.set(line, ((top + row) * width + left) * channels);
    }
  });
  return { pixels, width, height, channels };
}

/**
 * Enlarge a picture by repeating its pixels.
 *
 * @param {Raster} picture
 * @param {number} scale Whole number, at least 1.
 * @returns {Raster}
 */
export function enlarge({ pixels, width, height, channels }, scale) {
  const larger = new Uint8ClampedArray(pixels.length * scale ** 2);
  const length = width * scale * channels;
  for (let y = 0; y < height; y += 1) {
    const first = y * scale * length;
    for (let x = 0; x < width * scale; x += 1) {
      const from = (y * width + Math.floor(x / scale)) * channels;
      for (let c = 0; c < channels; c += 1) larger[first + x * channels + c] = pixels[from + c];
    }
    for (let copy = 1; copy < scale; copy += 1) {
      larger.copyWithin(first + copy * length, first, first + length);
    }
  }
  return { pixels: larger, width: width * scale, height: height * scale, channels };
}
