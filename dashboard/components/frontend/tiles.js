/** A picture made of tiles that a person can pick; see `tiles.py`. */

import { createElement, getView, pixelate, resize } from "./dom.js";
import { keepFitting } from "./fit.js";
import { replacePicture } from "./picture.js";

/** @import { Picture } from "./fit.js" */
/** @import { Component } from "./types.js" */

const STYLE = `
.tiles { position: relative; }
.tiles > div { position: absolute; inset: 0; display: grid; }
.tiles button {
  padding: 0; border: 0; border-radius: 4px; background: transparent; cursor: pointer;
}
/* Thin: a mouse that happens to rest here has selected nothing. */
.tiles button:hover { outline: 1px solid rgb(255 255 255 / 60%); outline-offset: -1px; }
.tiles button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: -1px; }
`;

/**
 * @typedef {object} Tiles
 * @property {string} src
 * @property {string} alt
 * @property {number} rows
 * @property {number} columns
 * @property {string[]} labels
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
 * Return the tile to which a key leads, the same tile at a border, or undefined for other keys.
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
  overlay.style.gridTemplate = `repeat(${data.rows}, 1fr) / repeat(${data.columns}, 1fr)`;
  const buttons = matchButtons(overlay, data.labels.length);
  buttons.forEach((button, index) => {
    button.ariaLabel = button.title = data.labels[index];
    button.onclick = () => setTriggerValue("picked", index);
  });
  // The Tab key stops once, at one of the tiles; arrow keys move between them.
  if (buttons.length && !buttons.some((button) => button.tabIndex === 0)) buttons[0].tabIndex = 0;
  overlay.onkeydown = (event) => {
    const index = buttons.indexOf(/** @type {HTMLButtonElement} */ (event.target));
    const next = findNextTile(event.key, index, data.columns, buttons.length);
    if (next === undefined) return;
    event.preventDefault();
    for (const button of buttons) button.tabIndex = -1;
    buttons[next].tabIndex = 0;
    buttons[next].focus();
  };
  return keepFitting(parentElement, data, (width, height) => {
    for (const node of [root, image]) resize(node, width, height);
  });
}
