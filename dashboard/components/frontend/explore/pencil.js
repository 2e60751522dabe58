/** A black square to draw a digit on; see `pencil.py`. */

import { keepFitting } from "../../../../dcgan/documents/frontend/fit.js";
import { ARROWS, createElement, createKeyboardHint, getContext, getView, resize } from "../dom.js";
import { createInk, drawLine, encodeInk, SIDE } from "./ink.js";

/** @import { Component, Point } from "../types.js" */

const STYLE = `
.pencil canvas {
  display: block; touch-action: none; cursor: crosshair; border-radius: 6px; image-rendering: pixelated;
  outline: 1px solid rgb(138 138 153 / 60%);
}
.pencil canvas:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.pencil button {
  margin-top: 8px; padding: 4px 12px; font: inherit; font-size: 0.875rem;
  color: inherit; cursor: pointer;
  background: transparent; border: 1px solid var(--st-border-color); border-radius: 8px;
}
.pencil p { margin: 6px 0 0; font-size: 0.8rem; opacity: 0.75; }
.pencil button:hover, .pencil button:focus-visible { border-color: var(--st-primary-color); }
`;
const HINT = "Draw with the mouse or a finger. ";
const KEYBOARD_HINT = "By keyboard: arrows move, Shift and arrows draw, Enter sends the drawing.";

/** @type {WeakMap<HTMLElement, ReturnType<typeof createPencil>>} */
const views = new WeakMap();

// Kept in the module, as a visit to another page of the dashboard removes the canvas.
const ink = createInk();
/** @type {number | undefined} */
let lastReset;

function createPencil() {
  const canvas = createElement("canvas", {
    width: SIDE,
    height: SIDE,
    tabIndex: 0,
    role: "application", // The canvas itself handles the arrow keys.
  });
  const clear = createElement("button", { type: "button", textContent: "Clear" });
  const style = createElement("style", { textContent: STYLE });
  const keyboard = createKeyboardHint(KEYBOARD_HINT);
  const hint = createElement("p", {}, document.createTextNode(HINT), keyboard);
  return {
    root: createElement("div", { className: "pencil" }, style, canvas, clear, hint),
    canvas,
    clear,
    cursor: /** @type {Point} */ ([13, 13]), // Column and row, for the keyboard.
    tip: /** @type {Point | null} */ (null), // Where the pointer was last, during a stroke.
  };
}

/**
 * @param {Component<{ alt: string, reset: number, scale: number }>} component
 * @returns {() => void}
 */
export default function showPencil({ data, parentElement, setTriggerValue }) {
  const pencil = getView(views, parentElement, createPencil);
  const { canvas } = pencil;
  canvas.ariaLabel = data.alt;
  if (lastReset !== data.reset) {
    lastReset = data.reset;
    ink.fill(0);
  }

  /** @param {Point} [cursor] Shown in blue. */
  const show = (cursor) => {
    const context = getContext(canvas);
    const image = context.createImageData(SIDE, SIDE);
    ink.forEach((value, index) => {
      const grey = Math.round(value * 255);
      image.data.set([grey, grey, grey, 255], index * 4);
    });
    if (cursor) image.data.set([120, 120, 255, 255], (cursor[1] * SIDE + cursor[0]) * 4);
    context.putImageData(image, 0, 0);
  };
  const send = () => setTriggerValue("drawn", encodeInk(ink));
  /**
   * @param {PointerEvent} event
   * @returns {Point} In pixels of the digit.
   */
  const findPoint = (event) => {
    const box = canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) / box.width) * SIDE,
      ((event.clientY - box.top) / box.height) * SIDE,
    ];
  };

  show(document.activeElement === canvas ? pencil.cursor : undefined);
  canvas.onpointerdown = (event) => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    pencil.tip = findPoint(event);
    drawLine(ink, pencil.tip, pencil.tip);
    show();
  };
  canvas.onpointermove = (event) => {
    if (!pencil.tip) return;
    // All points since the last frame, as a fast stroke would otherwise have corners.
    for (const moment of event.getCoalescedEvents?.() ?? [event]) {
      const point = findPoint(moment);
      drawLine(ink, pencil.tip, point);
      pencil.tip = point;
    }
    show();
  };
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (!pencil.tip) return;
    pencil.tip = null;
    send();
  };
  canvas.onkeydown = (event) => {
    const arrow = ARROWS[event.key];
    if (event.key === "Enter") send();
    if (!arrow) return;
    event.preventDefault();
    const [column, row] = pencil.cursor;
    pencil.cursor = [keepInside(column + arrow[0]), keepInside(row + arrow[1])];
    if (event.shiftKey) {
      drawLine(ink, [column + 0.5, row + 0.5], [pencil.cursor[0] + 0.5, pencil.cursor[1] + 0.5]);
    }
    show(pencil.cursor);
  };
  canvas.onfocus = () => show(pencil.cursor);
  canvas.onblur = () => show();
  pencil.clear.onclick = () => {
    ink.fill(0);
    show();
    send();
  };
  const picture = { width: SIDE, height: SIDE, scale: data.scale };
  return keepFitting(parentElement, picture, (width, height) => resize(canvas, width, height));
}

/** @param {number} index Of a column or row. */
function keepInside(index) {
  return Math.min(SIDE - 1, Math.max(0, index));
}
