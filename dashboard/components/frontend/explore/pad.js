/** A two-dimensional slider over a sheet of digits; see `pad.py`. */

import { keepFitting } from "../../../../dcgan/documents/frontend/fit.js";
import { ARROWS, createElement, getContext, getView, resize } from "../dom.js";

/** @import { Component, Point } from "../types.js" */

const STYLE = `
.pad { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; }
.pad canvas { display: block; border-radius: 6px; image-rendering: pixelated; }
.pad .field { position: relative; background: #000; touch-action: none; cursor: crosshair; border-radius: 6px; outline: 1px solid rgb(138 138 153 / 60%); }
.pad .field:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.pad .field canvas { opacity: 0.75; }
.pad .mark {
  position: absolute; width: 16px; height: 16px; margin: -8px 0 0 -8px; border-radius: 50%;
  border: 2px solid #fff; background: var(--st-primary-color); pointer-events: none;
}
.pad .along { font-size: 0.85rem; opacity: 0.75; margin-top: 4px; }
.pad .down { writing-mode: vertical-rl; margin: 0; }
.pad .with-axis { display: flex; gap: 4px; }
.pad .across { margin-left: 24px; }
`;
const LANDMARKS = 5; // Faint digits in a row of the field, which show what lies where.
const KEYBOARD_PAUSE_MILLISECONDS = 500; // After the last arrow key until the digit is picked.
// After this time a pick is lost, and the server's position counts again.
const ANSWER_MILLISECONDS = 5000;

/**
 * @typedef {object} Pad
 * @property {string} src The sheet of digits.
 * @property {number} side Digits in a row and in a column.
 * @property {number} digitSide In pixels.
 * @property {string} plane
 * @property {Point} position Column and row of the selected z.
 * @property {string} across
 * @property {string} down
 * @property {number} reach
 * @property {string} alt
 * @property {number} scale
 */

/** @type {WeakMap<HTMLElement, ReturnType<typeof createPad>>} */
const views = new WeakMap();

function createPad() {
  const across = createElement("div", { className: "along across" });
  const down = createElement("div", { className: "along down" });
  const landmarks = createElement("canvas");
  const mark = createElement("div", { className: "mark" });
  const field = createElement(
    "div",
    { className: "field", role: "slider", tabIndex: 0 },
    landmarks,
    mark,
  );
  field.setAttribute("aria-roledescription", "two-dimensional slider");
  const digit = createElement("canvas", { className: "digit", role: "img" });
  const withAxis = createElement("div", { className: "with-axis" }, down, field);
  const style = createElement("style", { textContent: STYLE });
  return {
    root: createElement(
      "div",
      { className: "pad" },
      style,
      createElement("div", {}, withAxis, across),
      digit,
    ),
    across,
    down,
    field,
    landmarks,
    mark,
    digit,
    src: "",
    sheet: /** @type {HTMLImageElement | undefined} */ (undefined),
    chosen: /** @type {Point | undefined} */ (undefined),
    shown: /** @type {Point} */ ([0, 0]),
    plane: "",
    pickedAt: -Infinity,
    /** The newest data that came while a person used the pad. */
    deferred: /** @type {Component<Pad> | undefined} */ (undefined),
    heldBy: /** @type {"pointer" | "keyboard" | undefined} */ (undefined),
    timer: /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined),
  };
}

/**
 * Return the column and row nearest to a point of the field.
 *
 * @param {Point} point In CSS pixels.
 * @param {{ left: number, top: number, width: number, height: number }} box Of the field.
 * @param {number} last Index of the last column and row.
 * @returns {Point}
 */
export function findPosition([x, y], box, last) {
  return clamp([((x - box.left) / box.width) * last, ((y - box.top) / box.height) * last], last);
}

/**
 * Return the nearest column and row that are in the field.
 *
 * @param {Point} position
 * @param {number} last Index of the last column and row.
 * @returns {Point}
 */
export function clamp([column, row], last) {
  return [
    Math.min(last, Math.max(0, Math.round(column))),
    Math.min(last, Math.max(0, Math.round(row))),
  ];
}

/**
 * Describe a position by its distances from the middle of the field.
 *
 * @param {Point} position
 * @param {Pick<Pad, "side" | "reach" | "across" | "down">} pad
 * @returns {string}
 */
export function describePosition([column, row], { side, reach, across, down }) {
  /** @param {number} index */
  const distance = (index) => (((index / (side - 1)) * 2 - 1) * reach).toFixed(1);
  return `${across} ${distance(column)}, ${down} ${distance(row)}`;
}

/**
 * @param {Component<Pad>} component
 * @returns {() => void}
 */
export default function showPad(component) {
  const { data, parentElement, setTriggerValue } = component;
  const pad = getView(views, parentElement, createPad);
  // Do not change the digits under the finger: newer ones are shown when the pad is released.
  pad.deferred = pad.heldBy && component;
  if (pad.deferred) return () => {};
  const { field, digit, landmarks, mark } = pad;
  const last = data.side - 1;
  pad.across.textContent = `${data.across} →`;
  pad.down.textContent = `${data.down} →`;
  digit.ariaLabel = data.alt;
  field.ariaLabel = `${data.across} across, ${data.down} down`;
  field.setAttribute("aria-valuemin", "0");
  field.setAttribute("aria-valuemax", String(data.side ** 2 - 1));

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Point} position Of the digit in the sheet.
   * @param {Point} target Of its corner in the canvas.
   */
  const draw = (canvas, [column, row], [x, y]) => {
    const size = data.digitSide;
    if (!pad.sheet) return;
    getContext(canvas).drawImage(
      pad.sheet,
      column * size,
      row * size,
      size,
      size,
      x,
      y,
      size,
      size,
    );
  };
  /** @param {Point} position */
  const show = (position) => {
    const [column, row] = position;
    pad.shown = position;
    field.setAttribute("aria-valuenow", String(row * data.side + column));
    field.setAttribute("aria-valuetext", describePosition(position, data));
    mark.style.left = `${(column / last) * 100}%`;
    mark.style.top = `${(row / last) * 100}%`;
    draw(digit, position, [0, 0]);
  };
  const drawLandmarks = () => {
    landmarks.width = landmarks.height = LANDMARKS * data.digitSide;
    digit.width = digit.height = data.digitSide;
    /** @param {number} index */
    const spread = (index) => Math.round((index * last) / (LANDMARKS - 1));
    for (let row = 0; row < LANDMARKS; row += 1) {
      for (let column = 0; column < LANDMARKS; column += 1) {
        const corner = /** @type {Point} */ ([column * data.digitSide, row * data.digitSide]);
        draw(landmarks, [spread(column), spread(row)], corner);
      }
    }
  };

  // The server may have sent this position before it got the last pick.
  const isOutdated =
    pad.plane === data.plane && performance.now() - pad.pickedAt < ANSWER_MILLISECONDS;
  if (String(pad.chosen) === String(data.position)) pad.pickedAt = -Infinity;
  else if (!isOutdated) pad.chosen = pad.shown = data.position;
  pad.plane = data.plane;
  if (pad.src !== data.src) {
    pad.src = data.src;
    const sheet = new Image();
    sheet.onload = () => {
      if (pad.src !== data.src) return;
      pad.sheet = sheet;
      drawLandmarks();
      show(pad.shown);
    };
    sheet.src = data.src;
  }
  show(pad.shown);

  /** @param {PointerEvent} event */
  const showPointer = (event) => {
    const box = field.getBoundingClientRect();
    show(findPosition([event.clientX, event.clientY], box, last));
  };
  const showChosen = () => show(pad.chosen ?? data.position);
  const pick = () => {
    pad.heldBy = pad.deferred = undefined; // The answer has newer digits.
    pad.chosen = pad.shown;
    pad.pickedAt = performance.now();
    setTriggerValue("picked", { column: pad.shown[0], row: pad.shown[1] });
  };
  field.onpointerdown = (event) => {
    if (event.button) return;
    clearTimeout(pad.timer); // The press replaces what arrow keys chose before it.
    field.setPointerCapture(event.pointerId);
    pad.heldBy = "pointer";
    showPointer(event);
  };
  // A mouse that hovers only shows a digit; a press or a touch picks it.
  field.onpointermove = (event) => {
    if (pad.heldBy !== "keyboard") showPointer(event);
  };
  field.onpointerup = () => {
    if (pad.heldBy === "pointer") pick();
  };
  field.onpointercancel = () => {
    if (pad.heldBy === "keyboard") return;
    pad.heldBy = undefined;
    showChosen();
    if (pad.deferred) showPad(pad.deferred);
  };
  field.onpointerleave = () => {
    if (!pad.heldBy) showChosen();
  };
  field.onkeydown = (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow && event.key !== "Enter") return;
    event.preventDefault();
    if (arrow) {
      show(clamp([pad.shown[0] + arrow[0], pad.shown[1] + arrow[1]], last));
      pad.heldBy = "keyboard";
    }
    clearTimeout(pad.timer);
    pad.timer = setTimeout(
      () => {
        if (pad.root.isConnected) pick();
        else pad.heldBy = undefined;
      },
      arrow ? KEYBOARD_PAUSE_MILLISECONDS : 0,
    );
  };
  const shownDigit = { width: data.digitSide, height: data.digitSide, scale: data.scale };
  return keepFitting(parentElement, shownDigit, (width, height) => {
    for (const node of [landmarks, digit, field]) resize(node, width, height);
  });
}
