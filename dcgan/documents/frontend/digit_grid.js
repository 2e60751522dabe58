/** A grid of digits to choose from; each is a button with its picture. */

import { keepFitting } from "./fit.js";
import { paint } from "./page_elements.js";

const GAP = 2; // Between two digits, in pixels of a digit.
const SCALE = 3; // The largest enlargement.
const DRAWING_MILLISECONDS = 30; // Limit for each frame, so that the page stays responsive.

/** The number of cells by which an arrow key moves, for a number of columns. */
const MOVES = /** @type {Record<string, (columns: number) => number>} */ ({
  ArrowLeft: () => -1,
  ArrowRight: () => 1,
  ArrowUp: (columns) => -columns,
  ArrowDown: (columns) => columns,
});

export class DigitGrid {
  /** @type {HTMLButtonElement[]} */
  #cells = [];
  /** @type {HTMLCanvasElement[]} */
  #canvases = [];
  #columns;
  #side;
  /** Index of the next digit to draw. */
  #next = 0;
  #animation = 0;

  /**
   * @param {HTMLElement} root
   * @param {{ rows: number, columns: number, side: number }} shape `side` is that of a digit, in
   *   pixels.
   * @param {(index: number) => void} choose Called with the digit that a person clicks.
   */
  constructor(root, { rows, columns, side }, choose) {
    this.#columns = columns;
    this.#side = side;
    for (let index = 0; index < rows * columns; index += 1) {
      const cell = document.createElement("button");
      const canvas = document.createElement("canvas");
      cell.type = "button";
      cell.tabIndex = index === 0 ? 0 : -1; // The Tab key stops once; arrow keys move in the grid.
      cell.append(canvas);
      cell.onclick = () => choose(index);
      this.#cells.push(cell);
      this.#canvases.push(canvas);
    }
    root.append(...this.#cells);
    root.onkeydown = (event) => this.#moveFocus(event);
    const width = columns * (side + GAP) - GAP;
    const height = rows * (side + GAP) - GAP;
    const parent = /** @type {HTMLElement} */ (root.parentElement);
    keepFitting(parent, { width, height, scale: SCALE, fill: true }, (shown) => {
      root.style.gridTemplateColumns = `repeat(${columns}, ${(shown * side) / width}px)`;
      root.style.gap = `${(shown * GAP) / width}px`;
    });
  }

  /**
   * Draw the digits in the next frames.
   *
   * @param {string[]} labels The names of the digits for screen readers.
   * @param {(index: number) => Uint8ClampedArray} draw Returns the pixels of a digit.
   */
  show(labels, draw) {
    labels.forEach((label, index) => {
      this.#cells[index].ariaLabel = label;
    });
    this.#next = 0;
    cancelAnimationFrame(this.#animation);
    this.#drawSome(draw);
  }

  /**
   * Mark the chosen digit.
   *
   * @param {number} chosen Its index; -1 if it is none of these.
   */
  mark(chosen) {
    this.#cells.forEach((cell, index) => {
      cell.ariaPressed = String(index === chosen);
    });
  }

  /** @param {(index: number) => Uint8ClampedArray} draw */
  #drawSome(draw) {
    const until = performance.now() + DRAWING_MILLISECONDS;
    for (; this.#next < this.#cells.length && performance.now() < until; this.#next += 1) {
      const pixels = draw(this.#next);
      const side = this.#side;
      const channels = pixels.length / side ** 2;
      paint(this.#canvases[this.#next], { pixels, width: side, height: side, channels });
    }
    if (this.#next < this.#cells.length) {
      this.#animation = requestAnimationFrame(() => this.#drawSome(draw));
    }
  }

  /** @param {KeyboardEvent} event */
  #moveFocus(event) {
    const from = this.#cells.indexOf(/** @type {HTMLButtonElement} */ (event.target));
    const to = from + (MOVES[event.key]?.(this.#columns) ?? 0);
    if (from < 0 || to === from || !this.#cells[to]) return;
    event.preventDefault();
    this.#cells[from].tabIndex = -1;
    this.#cells[to].tabIndex = 0;
    this.#cells[to].focus();
  }
}
