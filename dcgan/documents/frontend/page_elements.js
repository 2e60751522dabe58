/** Elements of the generator's page: found by their id, painted, saved as files. */

import { enlarge, toRgba } from "./pictures.js";

/** @import { Raster } from "./pictures.js" */

// Some browsers read the file only after the person has answered a dialog.
const REVOKE_MILLISECONDS = 60_000;

/**
 * Return an element of the page.
 *
 * @template {Element} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function find(id, kind) {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`The page has no ${id}.`);
  return element;
}

/**
 * Paint a picture on a canvas, pixel by pixel.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Raster} raster
 */
export function paint(canvas, { pixels, width, height }) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser cannot draw on a canvas.");
  context.putImageData(new ImageData(toRgba(pixels, width * height), width), 0, 0);
}

/**
 * Save a file as a download.
 *
 * @param {Blob} blob
 * @param {string} name
 */
export function saveFile(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), REVOKE_MILLISECONDS);
}

/**
 * Save a picture as a PNG file.
 *
 * @param {Raster} raster
 * @param {number} scale How many times each pixel is repeated in both directions.
 * @param {string} name
 */
export function savePng(raster, scale, name) {
  const canvas = document.createElement("canvas");
  paint(canvas, enlarge(raster, scale));
  canvas.toBlob((blob) => {
    if (blob) saveFile(blob, name);
  }, "image/png");
}
