/** An animation that can be paused; see `picture.py`. */

import { keepFitting } from "../../../../dcgan/documents/frontend/fit.js";
import { createElement, getView, pixelate, resize } from "../dom.js";
import { replacePicture } from "./picture.js";

/** @import { Picture } from "../../../../dcgan/documents/frontend/fit.js" */
/** @import { Component } from "../types.js" */

const STYLE = `
.animation button {
  display: block; min-width: 84px; min-height: 32px; margin-top: 6px; padding: 2px 12px;
  font: inherit; font-size: 0.875rem; color: inherit; cursor: pointer; background: transparent;
  border: 1px solid var(--st-border-color); border-radius: 8px;
}
.animation button:hover, .animation button:focus-visible { border-color: var(--st-primary-color); }
@media (pointer: coarse) { .animation button { min-height: 44px; } }
`;

/**
 * @typedef {object} Animation
 * @property {string} moving
 * @property {string} still
 * @property {string} alt
 * @property {string} subject What the button pauses, such as "the walk".
 */

/** @type {WeakMap<HTMLElement, ReturnType<typeof createAnimation>>} */
const views = new WeakMap();

function createAnimation() {
  const image = pixelate(createElement("img"));
  const button = createElement("button", { type: "button" });
  const style = createElement("style", { textContent: STYLE });
  return {
    root: createElement("div", { className: "animation" }, style, image, button),
    image,
    button,
    isPlaying: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
  };
}

/**
 * @param {Component<Picture & Animation>} component
 * @returns {() => void}
 */
export default function showAnimation({ data, parentElement }) {
  const view = getView(views, parentElement, createAnimation);
  const show = () => {
    replacePicture(view.image, { src: view.isPlaying ? data.moving : data.still, alt: data.alt });
    view.button.textContent = `${view.isPlaying ? "Pause" : "Play"} ${data.subject}`;
  };
  view.button.onclick = () => {
    view.isPlaying = !view.isPlaying;
    show();
  };
  show();
  return keepFitting(parentElement, data, (width, height) => resize(view.image, width, height));
}
