/** A walk as a film: there and back, drawn frame by frame when it is shown. */

import { encodeGif } from "./gif.js";
import { paint } from "./page_elements.js";
import { enlarge } from "./pictures.js";

/** @import { Raster } from "./pictures.js" */

export const NUM_FRAMES = 24; // Frames from one end to the other.
const HUNDREDTHS = 7; // Duration of a frame, in hundredths of a second.
const PAUSE_FRAMES = 8; // Additional frames at each end.

/**
 * Return the order in which a film shows its frames: there and back, with a pause at each end.
 *
 * @returns {number[]}
 */
export function listFrames() {
  const there = Array.from({ length: NUM_FRAMES }, (_, frame) => frame);
  const [first, last] = [0, NUM_FRAMES - 1].map((frame) => Array(PAUSE_FRAMES).fill(frame));
  return [...first, ...there, ...last, ...there.slice(1, -1).reverse()];
}

/**
 * Encode a film as a GIF.
 *
 * @param {(frame: number) => Raster} draw
 * @param {number} scale How many times each pixel is repeated in both directions.
 * @returns {Blob}
 */
export function encodeFilm(draw, scale) {
  const frames = Array.from({ length: NUM_FRAMES }, (_, frame) => enlarge(draw(frame), scale));
  const bytes = encodeGif(
    listFrames().map((frame) => frames[frame]),
    HUNDREDTHS,
  );
  return new Blob([bytes], { type: "image/gif" });
}

export class WalkFilm {
  /** Index of the current frame in `#order`. */
  #place = 0;
  #order = listFrames();
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;

  /**
   * @param {{ canvas: HTMLCanvasElement, play: HTMLButtonElement, moment: HTMLInputElement }} parts
   * @param {(frame: number) => Raster} draw
   */
  constructor(parts, draw) {
    this.parts = parts;
    this.draw = draw;
    parts.moment.max = String(NUM_FRAMES - 1);
    parts.moment.oninput = () => {
      this.#pause();
      this.#place = this.#order.indexOf(Number(parts.moment.value));
      this.show();
    };
    parts.play.onclick = () => {
      if (this.#timer === undefined) this.#play();
      else this.#pause();
    };
  }

  /** Draw the current frame. */
  show() {
    const frame = this.#order[this.#place];
    const { canvas, moment } = this.parts;
    paint(canvas, this.draw(frame));
    moment.value = String(frame);
    moment.setAttribute("aria-valuetext", `Picture ${frame + 1} of ${NUM_FRAMES}`);
  }

  #play() {
    this.parts.play.textContent = "Pause";
    this.#timer = setInterval(() => {
      this.#place = (this.#place + 1) % this.#order.length;
      this.show();
    }, HUNDREDTHS * 10);
  }

  #pause() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.parts.play.textContent = "Play";
  }
}
