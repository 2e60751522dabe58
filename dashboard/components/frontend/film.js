/** A film of small pictures; see `film.py`. */

import { createElement, getView, pixelate, resize } from "./dom.js";
import { keepFitting } from "./fit.js";
import { RANGE_STYLE } from "./range.js";

/** @import { Picture } from "./fit.js" */
/** @import { Component } from "./types.js" */

const STYLE = `
.film .controls { display: flex; align-items: center; gap: 12px; margin-top: 10px; flex-wrap: wrap; }
.film button {
  min-width: 84px; padding: 6px 12px; font: inherit; color: inherit; cursor: pointer;
  background: transparent; border: 1px solid var(--st-border-color); border-radius: 8px;
}
.film button:hover, .film button:focus-visible { border-color: var(--st-primary-color); }
.film input { flex: 1 1 160px; }
.film output { min-width: 9em; font-variant-numeric: tabular-nums; opacity: 0.8; }
`;
const LAST_FRAME_MILLISECONDS = 1500;
// Below the film there are its controls and a line of text, above it the dialog's title.
const HEIGHT_OF_THE_REST = 320;

/**
 * @typedef {object} Film
 * @property {string[]} frames
 * @property {string[]} labels
 * @property {number} milliseconds
 * @property {string} alt
 */

/** @type {WeakMap<HTMLElement, ReturnType<typeof createFilm>>} */
const views = new WeakMap();

function createFilm() {
  const image = pixelate(createElement("img"));
  const button = createElement("button", { type: "button" });
  const range = createElement("input", {
    type: "range",
    className: "plain",
    min: "0",
    step: "1",
    ariaLabel: "Moment of training",
  });
  const output = createElement("output");
  const controls = createElement("div", { className: "controls" }, button, range, output);
  const style = createElement("style", { textContent: RANGE_STYLE + STYLE });
  // The first Space or Enter plays or pauses the film.
  setTimeout(() => button.focus({ preventScroll: true }));
  return {
    root: createElement("div", { className: "film" }, style, image, controls),
    image,
    button,
    range,
    output,
    controls,
    index: 0,
    last: /** @type {number | undefined} */ (undefined),
    isPlaying: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
    nextFrameAt: 0,
    animation: 0,
  };
}

/**
 * Return the frame after a frame; the first one follows the last.
 *
 * @param {number} index
 * @param {number} last Index of the last frame.
 * @returns {number}
 */
export function getNextFrame(index, last) {
  return index === last ? 0 : index + 1;
}

/**
 * Return how long a frame is shown; the last one is shown longer before the film starts again.
 *
 * @param {number} index
 * @param {number} last Index of the last frame.
 * @param {number} milliseconds Time from one frame to the next.
 * @returns {number} In milliseconds.
 */
export function getDuration(index, last, milliseconds) {
  return index === last ? LAST_FRAME_MILLISECONDS : milliseconds;
}

/**
 * Return the frame to show after the film got another length.
 *
 * A person who paused at the newest frame sees the new newest one.
 *
 * @param {{ index: number, last: number | undefined, isPlaying: boolean }} film Before the change.
 * @param {number} last Index of the last frame now.
 * @returns {number}
 */
export function chooseFrameAfterChange({ index, last: previousLast, isPlaying }, last) {
  const isAtNewest = index === previousLast && !isPlaying;
  return isAtNewest ? last : Math.min(index, last);
}

/**
 * @param {Component<Picture & Film>} component
 * @returns {() => void}
 */
export default function showFilm({ data, parentElement }) {
  const film = getView(views, parentElement, createFilm);
  const last = data.frames.length - 1;
  film.index = chooseFrameAfterChange(film, last);
  film.last = last;
  film.range.max = String(last);
  const show = () => {
    const label = data.labels[film.index];
    film.image.src = data.frames[film.index];
    film.image.alt = `${data.alt}, ${label}`;
    film.range.value = String(film.index);
    film.range.setAttribute("aria-valuetext", label);
    film.output.textContent = label;
    film.button.textContent = film.isPlaying ? "Pause" : "Play";
  };
  /** @param {number} index */
  const pauseAt = (index) => {
    film.isPlaying = false;
    film.index = Math.min(last, Math.max(0, index));
    show();
  };
  /** @param {number} time */
  const play = (time) => {
    if (!film.root.isConnected || !film.isPlaying) return;
    if (time >= film.nextFrameAt) {
      if (film.nextFrameAt) film.index = getNextFrame(film.index, last);
      film.nextFrameAt = time + getDuration(film.index, last, data.milliseconds);
      show();
    }
    film.animation = requestAnimationFrame(play);
  };
  const start = () => {
    cancelAnimationFrame(film.animation);
    film.nextFrameAt = 0;
    film.animation = requestAnimationFrame(play);
  };
  film.button.onclick = () => {
    film.isPlaying = !film.isPlaying;
    if (film.isPlaying && film.index === last) film.index = 0;
    show();
    start();
  };
  film.range.oninput = () => pauseAt(Number(film.range.value));
  film.root.onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || event.target === film.range) return; // The range moves itself.
    event.preventDefault();
    pauseAt(film.index + by);
  };
  show();
  start();
  const tallest = window.innerHeight - HEIGHT_OF_THE_REST;
  return keepFitting(parentElement, { ...data, tallest }, (width, height) => {
    resize(film.image, width, height);
    film.controls.style.maxWidth = `${Math.max(width, 260)}px`;
  });
}
