/** A picture made of tiles that a person can pick; see `tiles.py`. */

import { keepFitting } from "../../../../dcgan/documents/frontend/fit.js";
import { createElement, getView, pixelate, resize } from "../dom.js";
import { replacePicture } from "./picture.js";

/** @import { Picture } from "../../../../dcgan/documents/frontend/fit.js" */
/** @import { Component } from "../types.js" */

const STYLE = `
.tiles { position: relative; overflow: hidden; border-radius: 6px; }
.tiles > div { position: absolute; inset: 0; display: grid; }
.tiles button {
  padding: 0; border: 0; border-radius: 4px; background: transparent; cursor: pointer;
}
.tiles button:focus-visible, .tiles button[aria-pressed="true"] {
  outline: 2px solid var(--st-primary-color); outline-offset: -2px;
}
.tiles button:focus-visible { outline-color: #fff; }
/* Not a frame: it would look as if the tile under the mouse was chosen. */
@media (hover: hover) { .tiles button:hover { background: rgb(255 255 255 / 14%); } }
`;

/**
 * @typedef {object} Tiles
 * @property {string} src
 * @property {string} alt
 * @property {number} rows
 * @property {number} columns
 * @property {string[]} labels
 * @property {number | null} chosen Index of the tile that is chosen now.
 * @property {boolean} crop Whether columns are left out where there is less room, instead of making
 *   all tiles smaller.
 * @property {number} gap Pixels between two tiles.
 */

/** @type {WeakMap<HTMLElement, ReturnType<typeof createTiles>>} */
const views = new WeakMap();

function createTiles() {
  const image = pixelate(createElement("img"));
  const overlay = createElement("div", { role: "group" });
  const style = createElement("style", { textContent: STYLE });
  return {
    root: createElement("div", { className: "tiles" }, style, image, overlay),
    image,
    overlay,
  };
}

/**
 * Return the tile to which a key leads, or undefined for other keys.
 *
 * Left and right continue in the previous or next row. A key that would lead beyond the first or last
 * tile leads to the current one.
 *
 * @param {string} key
 * @param {number} index Of the current tile.
 * @param {number} columns
 * @param {number} count Number of tiles.
 * @returns {number | undefined}
 */
export function findNextTile(key, index, columns, count) {
  /** @type {Partial<Record<string, number>>} */
  const targets = {
    ArrowLeft: index - 1,
    ArrowRight: index + 1,
    ArrowUp: index - columns,
    ArrowDown: index + columns,
    Home: 0,
    End: count - 1,
  };
  const target = targets[key];
  return target !== undefined && (target < 0 || target >= count) ? index : target;
}

/**
 * Return how many columns fit at the full enlargement.
 *
 * @param {Picture & Pick<Tiles, "columns" | "crop" | "gap">} picture
 * @param {number} parentWidth In CSS pixels.
 * @returns {number} At least 1.
 */
export function countColumns({ width, scale, columns, crop, gap }, parentWidth) {
  if (!crop) return columns;
  const pitch = ((width + gap) / columns) * scale;
  return Math.max(1, Math.min(columns, Math.floor((parentWidth + gap * scale) / pitch)));
}

/**
 * Make one of the shown tiles the only one that the Tab key reaches; arrow keys move between them.
 *
 * @param {Pick<HTMLButtonElement, "hidden" | "tabIndex">[]} buttons
 */
export function keepOneTabStop(buttons) {
  const shown = buttons.filter((button) => !button.hidden);
  const stop = shown.find((button) => button.tabIndex === 0) ?? shown[0];
  for (const button of buttons) button.tabIndex = button === stop ? 0 : -1;
}

/**
 * Add or remove buttons until there are as many as tiles.
 *
 * @param {HTMLElement} overlay
 * @param {number} count
 * @returns {HTMLButtonElement[]}
 */
function matchButtons(overlay, count) {
  while (overlay.children.length > count) overlay.lastChild?.remove();
  while (overlay.children.length < count) {
    overlay.append(createElement("button", { type: "button", tabIndex: -1 }));
  }
  return [...overlay.querySelectorAll("button")];
}

/**
 * @param {Component<Picture & Tiles>} component
 * @returns {() => void}
 */
export default function showTiles({ data, parentElement, setTriggerValue }) {
  const { root, image, overlay } = getView(views, parentElement, createTiles);
  replacePicture(image, data);
  overlay.ariaLabel = data.alt;
  const buttons = matchButtons(overlay, data.labels.length);
  buttons.forEach((button, index) => {
    button.ariaLabel = button.title = data.labels[index];
    button.ariaPressed = String(index === data.chosen);
    button.onclick = () => setTriggerValue("picked", index);
  });
  let shownColumns = data.columns;
  const listShown = () => buttons.filter((button) => !button.hidden);
  /**
   * Show the columns that fit.
   *
   * @param {number} parentWidth
   * @returns {Picture} What is shown of the picture.
   */
  const crop = (parentWidth) => {
    shownColumns = countColumns(data, parentWidth);
    overlay.style.gridTemplate = `repeat(${data.rows}, 1fr) / repeat(${shownColumns}, 1fr)`;
    buttons.forEach((button, index) => {
      button.hidden = index % data.columns >= shownColumns;
    });
    keepOneTabStop(buttons);
    const pitch = (data.width + data.gap) / data.columns;
    return { ...data, width: shownColumns * pitch - data.gap };
  };
  overlay.onkeydown = (event) => {
    const shown = listShown();
    const index = shown.indexOf(/** @type {HTMLButtonElement} */ (event.target));
    const next = findNextTile(event.key, index, shownColumns, shown.length);
    if (next === undefined) return;
    event.preventDefault();
    for (const button of buttons) button.tabIndex = -1;
    shown[next].tabIndex = 0;
    shown[next].focus();
  };
  return keepFitting(parentElement, crop, (width, height) => {
    resize(root, width, height);
    resize(image, (height * data.width) / data.height, height);
  });
}
