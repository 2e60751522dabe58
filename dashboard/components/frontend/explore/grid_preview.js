/** The grid of digits that the page draws over the server's picture during a drag. */

import { generateDigit } from "../../../../dcgan/documents/frontend/generator.js";
import { toRgba } from "../../../../dcgan/documents/frontend/pictures.js";
import { createElement, getContext, pixelate } from "../dom.js";
import { describeCanvas, restoreServerAlt } from "../pictures/picture.js";
import { fingerprint } from "./fingerprint.js";
import { findGenerator } from "./page_generator.js";

/** @import { Generator } from "../../../../dcgan/documents/frontend/generator.js" */

// Drawing time in each frame: enough for all digits of the default networks on a laptop, so that the
// effect of a slider is visible within 50 ms.
const DRAWING_MILLISECONDS = 35;

/**
 * @typedef {object} Grid
 * @property {string} selector Of the element that holds the server's picture.
 * @property {string} middleSelector Of the element that holds a picture of the middle digit.
 * @property {string} alt Description of the picture, without step and hash.
 * @property {number} size Digits in a row and in a column; odd, because the middle one is drawn first.
 * @property {number} digitSide In pixels.
 * @property {number} gap Between two digits, in pixels.
 * @property {number} step From one digit to the next, in units of z.
 * @property {number[]} rowDirection
 * @property {number[]} columnDirection
 * @property {number} psi Truncation.
 */

/**
 * Return the z of one digit of the grid, computed as `make_plane_grid` and `truncate` do in Python,
 * so that the hash of the batch is the same.
 *
 * @param {Grid} grid
 * @param {Float64Array} z Of the digit in the middle, before truncation.
 * @param {number} row
 * @param {number} column
 * @returns {Float32Array}
 */
export function computeLatent(grid, z, row, column) {
  const middle = (grid.size - 1) / 2;
  const down = (row - middle) * grid.step;
  const across = (column - middle) * grid.step;
  return Float32Array.from(
    z,
    (value, i) =>
      grid.psi *
      Math.fround(value + down * grid.rowDirection[i] + across * grid.columnDirection[i]),
  );
}

/**
 * Describe the grid around z, drawn with a generator, as the server's `alt` does.
 *
 * @param {Grid} grid
 * @param {number} step Of the generator.
 * @param {Float64Array} z Of the digit in the middle, before truncation.
 * @returns {string}
 */
export function describeGrid(grid, step, z) {
  const batch = Array.from({ length: grid.size ** 2 }, (_, index) =>
    computeLatent(grid, z, Math.floor(index / grid.size), index % grid.size),
  );
  return `${grid.alt}, step ${step}, z=${fingerprint(batch)}`;
}

/**
 * Return the canvas over a picture. The function searches the document, because an older copy of this
 * module may have made the canvas before the server was upgraded.
 *
 * @param {HTMLImageElement | null} picture
 * @returns {HTMLCanvasElement | null}
 */
function findCover(picture) {
  return picture?.parentElement?.querySelector(":scope > canvas.cover") ?? null;
}

/**
 * Create a canvas over a picture, hidden at first.
 *
 * @param {HTMLImageElement} picture
 * @param {HTMLElement} parent
 * @returns {HTMLCanvasElement}
 */
function createCover(picture, parent) {
  const cover = pixelate(createElement("canvas", { className: "cover", ariaHidden: "true" }));
  Object.assign(cover.style, { position: "absolute", pointerEvents: "none" });
  hide(cover);
  parent.style.position = "relative";
  parent.append(cover);
  new ResizeObserver(() => placeOver(cover, picture)).observe(picture);
  return cover;
}

/** @param {HTMLCanvasElement} cover */
function hide(cover) {
  cover.hidden = true;
  cover.style.display = "none";
}

/**
 * @param {HTMLCanvasElement} cover
 * @param {HTMLImageElement} picture
 */
function placeOver(cover, picture) {
  Object.assign(cover.style, {
    left: `${picture.offsetLeft}px`,
    top: `${picture.offsetTop}px`,
    width: picture.style.width,
    height: picture.style.height,
  });
}

export class GridPreview {
  /** @type {Grid | undefined} */
  #grid;
  #generatorName = "";
  /** @type {Float64Array} */
  #z = new Float64Array();
  /** Digits that still show an older z. */
  #numOutdated = 0;
  /** Index of the digit to draw next. */
  #nextIndex = 0;
  #isMiddleOutdated = false;
  /** @type {number | undefined} */
  #animation;

  /**
   * Set the grid and the generator for all later drawings.
   *
   * @param {Grid} grid
   * @param {string} generatorName
   */
  configure(grid, generatorName) {
    this.#grid = grid;
    this.#generatorName = generatorName;
  }

  /**
   * Draw the grid around z in the next frames; does nothing without the generator in the page.
   *
   * @param {Float64Array} z Of the digit in the middle, before truncation.
   */
  show(z) {
    if (!this.#grid) return;
    this.#z = z;
    this.#isMiddleOutdated = true;
    this.#numOutdated = this.#grid.size ** 2;
    this.#animation ??= requestAnimationFrame(() => this.#draw());
  }

  /**
   * Show the server's picture again, as soon as the browser has decoded it.
   *
   * @param {() => boolean} isStillWanted Called after the picture was decoded.
   */
  async hide(isStillWanted) {
    const picture = this.#findPicture();
    const cover = findCover(picture);
    if (!picture || !cover) return;
    if (cover.hidden) {
      this.#cancelDrawing(); // A drawing of the next frame would cover the picture.
      return;
    }
    await picture.decode().catch(() => undefined); // The browser itself marks a broken picture.
    if (!isStillWanted()) return;
    hide(cover);
    restoreServerAlt(picture);
    this.#hideMiddle();
    this.#cancelDrawing();
  }

  #cancelDrawing() {
    if (this.#animation !== undefined) cancelAnimationFrame(this.#animation);
    this.#animation = undefined;
  }

  /** @returns {HTMLImageElement | null} */
  #findPicture() {
    return document.querySelector(`${this.#grid?.selector} img`);
  }

  /** @returns {HTMLImageElement | null} */
  #findMiddle() {
    return document.querySelector(`${this.#grid?.middleSelector} img`);
  }

  #hideMiddle() {
    const picture = this.#findMiddle();
    const cover = findCover(picture);
    if (!picture || !cover) return;
    hide(cover);
    restoreServerAlt(picture);
  }

  /**
   * Draw the digit in the middle over its own picture too, which a phone shows.
   *
   * @param {Grid} grid
   * @param {Generator} generator
   */
  #drawMiddle(grid, generator) {
    const picture = this.#findMiddle();
    if (!picture?.parentElement || !picture.clientWidth) return; // Hidden in a wide window.
    const cover = findCover(picture) ?? createCover(picture, picture.parentElement);
    cover.width = cover.height = grid.digitSide;
    cover.hidden = false;
    cover.style.display = "block";
    placeOver(cover, picture);
    const z = computeLatent(grid, this.#z, (grid.size - 1) / 2, (grid.size - 1) / 2);
    const rgba = toRgba(generateDigit(generator, z), grid.digitSide ** 2);
    getContext(cover).putImageData(new ImageData(rgba, grid.digitSide), 0, 0);
    const subject = picture.alt.split(", step ")[0];
    describeCanvas(picture, `${subject}, step ${generator.step}, z=${fingerprint([z])}`);
  }

  /**
   * Show the cover, a copy of the server's picture until digits are drawn on it.
   *
   * @param {HTMLImageElement} picture
   * @param {HTMLElement} parent
   * @param {number} numDigits
   * @returns {HTMLCanvasElement}
   */
  #showCover(picture, parent, numDigits) {
    const cover = findCover(picture) ?? createCover(picture, parent);
    const { naturalWidth, naturalHeight } = picture;
    if (cover.hidden || cover.width !== naturalWidth || cover.height !== naturalHeight) {
      cover.width = naturalWidth;
      cover.height = naturalHeight;
      getContext(cover).drawImage(picture, 0, 0);
      cover.hidden = false;
      cover.style.display = "block";
      describeCanvas(picture, picture.alt); // Still the server's digits.
      this.#numOutdated = numDigits;
    }
    placeOver(cover, picture);
    return cover;
  }

  /** Draw the digit in the middle, then others while there is time, and continue in the next frame. */
  #draw() {
    this.#animation = undefined;
    const picture = this.#findPicture();
    const generator = findGenerator(this.#generatorName);
    const grid = this.#grid;
    if (!picture?.parentElement || !generator || !grid) return;
    const numDigits = grid.size ** 2;
    const cover = this.#showCover(picture, picture.parentElement, numDigits);
    const deadline = performance.now() + DRAWING_MILLISECONDS;
    const middle = (numDigits - 1) / 2;
    if (this.#isMiddleOutdated) {
      this.#drawDigit(cover, grid, generator, middle);
      this.#drawMiddle(grid, generator);
    }
    this.#isMiddleOutdated = false;
    while (this.#numOutdated > 0 && performance.now() < deadline) {
      const index = this.#nextIndex % numDigits;
      this.#nextIndex = index + 1;
      this.#numOutdated -= 1;
      if (index !== middle) this.#drawDigit(cover, grid, generator, index);
    }
    cover.dataset.isComplete = String(this.#numOutdated === 0);
    if (this.#numOutdated === 0) {
      describeCanvas(picture, describeGrid(grid, generator.step, this.#z));
    }
    if (this.#numOutdated > 0) this.#animation = requestAnimationFrame(() => this.#draw());
  }

  /**
   * @param {HTMLCanvasElement} cover
   * @param {Grid} grid
   * @param {Generator} generator
   * @param {number} index
   */
  #drawDigit(cover, grid, generator, index) {
    const [row, column] = [Math.floor(index / grid.size), index % grid.size];
    const digit = generateDigit(generator, computeLatent(grid, this.#z, row, column));
    const image = new ImageData(toRgba(digit, grid.digitSide ** 2), grid.digitSide);
    const pitch = grid.digitSide + grid.gap;
    getContext(cover).putImageData(image, column * pitch, row * pitch);
  }
}
