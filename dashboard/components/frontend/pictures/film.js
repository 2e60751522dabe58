/** A film of small pictures; see `film.py`. */

import { keepFitting } from "../../../../dcgan/documents/frontend/fit.js";
import { LossCurves } from "../charts/loss_curves.js";
import { createElement, getView, pixelate, resize } from "../dom.js";
import { RANGE_STYLE } from "../range.js";

/** @import { Picture } from "../../../../dcgan/documents/frontend/fit.js" */
/** @import { Losses } from "../charts/loss_curves.js" */
/** @import { Component } from "../types.js" */

const STYLE = `
.film { display: flex; flex-wrap: wrap; gap: 16px 28px; }
.film .losses { flex: 1 1 260px; min-width: 0; }
.film .losses svg { display: block; width: 100%; height: 200px; }
.film .losses polyline { fill: none; stroke-width: 2px; }
.film .losses line { stroke: currentColor; stroke-width: 1.5px; opacity: 0.6; }
.film .losses p { margin: 0 0 8px; font-size: 0.875rem; }
.film .losses .title { font-weight: 600; }
.film .losses .values {
  display: flex; flex-wrap: wrap; gap: 4px 18px; margin-top: 8px; font-variant-numeric: tabular-nums;
}
.film .losses .values span::before {
  content: ""; display: inline-block; width: 14px; height: 3px; margin-right: 6px;
  vertical-align: middle; background: var(--color);
}
.film select {
  padding: 6px 8px; font: inherit; color: inherit; background: var(--st-background-color);
  border: 1px solid var(--st-border-color); border-radius: 8px;
}
.film label { display: flex; align-items: center; gap: 6px; font-size: 0.875rem; }
.film .controls { display: flex; align-items: center; gap: 12px; margin-top: 10px; flex-wrap: wrap; }
.film button {
  min-width: 84px; padding: 6px 12px; font: inherit; font-size: 0.875rem; color: inherit;
  cursor: pointer;
  background: transparent; border: 1px solid var(--st-border-color); border-radius: 8px;
}
.film button:hover, .film button:focus-visible { border-color: var(--st-primary-color); }
.film input { flex: 1 1 160px; }
@media (pointer: coarse) { .film :is(button, select) { min-height: 44px; } }
.film output { min-width: 9em; font-variant-numeric: tabular-nums; opacity: 0.8; }
`;
const LAST_FRAME_MILLISECONDS = 1500;
const SPEEDS = [0.25, 0.5, 1, 2, 4];
// In CSS pixels: the controls and a line of text below the film, and the dialog's title above it.
const HEIGHT_AROUND = 320;

/**
 * @typedef {object} Film
 * @property {string[]} frames
 * @property {string[]} labels
 * @property {number} milliseconds
 * @property {string} alt
 * @property {number[]} steps Of the frames.
 * @property {Losses} losses
 * @property {[string, string]} colors Of the generator and the discriminator.
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
  const speed = createElement(
    "select",
    {},
    ...SPEEDS.map((times) =>
      createElement("option", {
        value: String(times),
        textContent: `${times}×`,
        selected: times === 1,
      }),
    ),
  );
  const loop = createElement("input", { type: "checkbox", checked: true });
  const choices = [
    createElement("label", {}, new Text("Speed"), speed),
    createElement("label", {}, loop, new Text("Loop")),
  ];
  const controls = createElement(
    "div",
    { className: "controls" },
    button,
    range,
    output,
    ...choices,
  );
  const losses = new LossCurves();
  const style = createElement("style", { textContent: RANGE_STYLE + STYLE });
  // The first Space or Enter plays or pauses the film.
  setTimeout(() => button.focus({ preventScroll: true }));
  return {
    root: createElement(
      "div",
      { className: "film" },
      style,
      createElement("div", {}, image, controls),
      losses.root,
    ),
    image,
    button,
    range,
    output,
    controls,
    speed,
    loop,
    losses,
    index: 0,
    last: /** @type {number | undefined} */ (undefined),
    isPlaying: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
    nextFrameAt: 0,
    animation: 0,
  };
}

/**
 * Return the index of the next frame; the first frame follows the last.
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
 * Return the index of the frame to show after the film got another length.
 *
 * If a person paused at the newest frame, it is the new newest frame.
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
  film.losses.draw(data.losses, data.colors);
  const show = () => {
    const label = data.labels[film.index];
    film.image.src = data.frames[film.index];
    film.image.alt = `${data.alt}, ${label}`;
    film.range.value = String(film.index);
    film.range.setAttribute("aria-valuetext", label);
    film.output.textContent = label;
    film.losses.mark(data.steps[film.index]);
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
      const pace = data.milliseconds / Number(film.speed.value);
      film.nextFrameAt = time + getDuration(film.index, last, pace);
      if (film.index === last && !film.loop.checked) film.isPlaying = false;
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
    const offset = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    // The range and the choice of speed have their own use of these keys.
    if (!offset || event.target === film.range || event.target === film.speed) return;
    event.preventDefault();
    pauseAt(film.index + offset);
  };
  show();
  start();
  const tallest = window.innerHeight - HEIGHT_AROUND;
  // If there is room, the losses are beside the picture.
  const reserved = parentElement.clientWidth > 800 ? 300 : 0;
  return keepFitting(parentElement, { ...data, tallest, reserved }, (width, height) => {
    resize(film.image, width, height);
    film.controls.style.maxWidth = `${Math.max(width, 260)}px`;
  });
}
