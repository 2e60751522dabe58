/** A small picture that changes in place; see `picture.py`. */

import { keepFitting } from "../../../../dcgan/documents/frontend/fit.js";
import { createElement, getView, pixelate, resize } from "../dom.js";

/** @import { Picture } from "../../../../dcgan/documents/frontend/fit.js" */
/** @import { Component } from "../types.js" */

/** @type {WeakMap<HTMLElement, { root: HTMLImageElement }>} */
const views = new WeakMap();

/**
 * @param {Component<Picture & { src: string, alt: string }>} component
 * @returns {() => void}
 */
export default function showPicture({ data, parentElement }) {
  const { root: image } = getView(views, parentElement, () => ({
    root: pixelate(createElement("img", { className: "picture" })),
  }));
  replacePicture(image, data);
  // Set the size before the browser decodes the picture, so that nothing below it moves.
  return keepFitting(parentElement, data, (width, height) => resize(image, width, height));
}

/**
 * Describe a canvas that covers an image, until `restoreServerAlt` is called.
 *
 * @param {HTMLImageElement} image Its `alt` is replaced; `data-server-alt` keeps the server's.
 * @param {string} alt The description of the canvas.
 */
export function describeCanvas(image, alt) {
  image.dataset.serverAlt ??= image.alt;
  image.alt = alt;
}

/** @param {HTMLImageElement} image An image that is no longer covered. */
export function restoreServerAlt(image) {
  image.alt = image.dataset.serverAlt ?? image.alt;
  delete image.dataset.serverAlt;
}

/**
 * Replace the content of an image; the browser does not decode the same content again.
 *
 * @param {HTMLImageElement} image
 * @param {{ src: string, alt: string }} content
 */
export function replacePicture(image, { src, alt }) {
  if (image.dataset.serverAlt !== undefined) image.dataset.serverAlt = alt;
  else if (image.alt !== alt) image.alt = alt;
  if (image.getAttribute("src") !== src) image.src = src;
}
