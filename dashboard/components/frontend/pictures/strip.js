/** Groups of small pictures, each with a caption; see `strip.py`. */

import { keepFitting } from "../../../../dcgan/documents/frontend/fit.js";
import { createElement, getView, pixelate, resize } from "../dom.js";
import { replacePicture } from "./picture.js";

/** @import { Component } from "../types.js" */

const GAP = 8;
const STYLE = `
.strip { display: flex; flex-wrap: wrap; gap: 14px 28px; }
.strip .title { margin: 0 0 6px; font-size: 0.875rem; font-weight: 600; }
.strip .pictures { display: flex; flex-wrap: wrap; gap: ${GAP}px; }
.strip figure { margin: 0; }
.strip figcaption { font-size: 0.875rem; line-height: 1.3; margin-top: 4px; text-align: center; }
.strip figcaption { overflow-wrap: anywhere; }
.strip figcaption, .strip output { font-variant-numeric: tabular-nums; }
.strip .bar {
  height: 4px; margin-top: 5px; border-radius: 2px; overflow: hidden;
  background: color-mix(in srgb, currentColor 18%, transparent);
}
.strip .bar > div { height: 100%; }
`;

/**
 * @typedef {object} Item
 * @property {string} src
 * @property {string} alt
 * @property {string} caption
 * @property {string} hint Shown on hover.
 * @property {number | null} share Length of the bar below the picture, in [0, 1]; null for none.
 * @property {string} color Of the bar.
 *
 * @typedef {object} Group
 * @property {string} title
 * @property {Item[]} items
 *
 * @typedef {object} Strip
 * @property {Group[]} groups
 * @property {number} side Of a picture, in its own pixels.
 * @property {number} scale Largest enlargement.
 * @property {number} perRow Pictures of a group that fit in one row on a narrow screen.
 */

/** @type {WeakMap<HTMLElement, ReturnType<typeof createStrip>>} */
const views = new WeakMap();

function createStrip() {
  const style = createElement("style", { textContent: STYLE });
  return {
    root: createElement("div", { className: "strip" }, style),
    shape: "",
    figures: /** @type {ReturnType<typeof createFigure>[]} */ ([]),
    titles: /** @type {HTMLElement[]} */ ([]),
  };
}

function createFigure() {
  const image = pixelate(createElement("img"));
  image.style.borderRadius = "4px";
  const fill = createElement("div");
  const bar = createElement("div", { className: "bar" }, fill);
  const caption = createElement("figcaption");
  return { root: createElement("figure", {}, image, bar, caption), image, bar, fill, caption };
}

/**
 * Create the elements of groups of these sizes; they are kept while only their content changes.
 *
 * @param {ReturnType<typeof createStrip>} view
 * @param {Group[]} groups
 */
function matchElements(view, groups) {
  const shape = groups.map((group) => group.items.length).join();
  if (shape === view.shape) return;
  view.shape = shape;
  view.root.querySelectorAll(":scope > section").forEach((section) => {
    section.remove();
  });
  view.figures = [];
  view.titles = [];
  for (const group of groups) {
    const figures = group.items.map(createFigure);
    const title = createElement("p", { className: "title" });
    const pictures = createElement(
      "div",
      { className: "pictures" },
      ...figures.map((figure) => figure.root),
    );
    view.root.append(createElement("section", {}, title, pictures));
    view.figures.push(...figures);
    view.titles.push(title);
  }
}

/**
 * @param {Component<Strip>} component
 * @returns {() => void}
 */
export default function showStrip({ data, parentElement }) {
  const view = getView(views, parentElement, createStrip);
  matchElements(view, data.groups);
  data.groups.forEach(({ title }, index) => {
    view.titles[index].textContent = title;
    view.titles[index].hidden = !title;
  });
  const items = data.groups.flatMap((group) => group.items);
  items.forEach((item, index) => {
    const { root, image, bar, fill, caption } = view.figures[index];
    replacePicture(image, item);
    root.title = item.hint;
    caption.textContent = item.caption;
    caption.hidden = !item.caption;
    bar.hidden = item.share === null;
    fill.style.width = `${100 * (item.share ?? 0)}%`;
    fill.style.background = item.color;
  });
  // All pictures are as large as the pictures of a full row.
  const width = data.perRow * data.side;
  const row = { width, height: data.side, scale: data.scale };
  const gaps = (data.perRow - 1) * GAP;
  return keepFitting(parentElement, { ...row, reserved: gaps }, (shown) => {
    const side = shown / data.perRow;
    for (const { root, image } of view.figures) {
      resize(image, side, side);
      root.style.width = `${side}px`;
    }
  });
}
