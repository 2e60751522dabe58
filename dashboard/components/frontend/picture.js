/** A small picture that changes in place; see `picture.py`. */

import { keepFitting } from "../../../dcgan/documents/frontend/fit.js";
import { createElement, getView, pixelate, resize } from "./dom.js";

/** @import { Picture } from "../../../dcgan/documents/frontend/fit.js" */
/** @import { Component } from "./types.js" */

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
  // Its size is set before it is decoded, so nothing below it jumps.
  return keepFitting(parentElement, data, (width, height) => resize(image, width, height));
}

/**
 * Describe the canvas over an image in the image's `alt`, until `restoreServerAlt` is called.
 *
 * @param {HTMLImageElement} image Keeps the server's `alt` as `data-server-alt`.
 * @param {string} alt
 */
export function describeCover(image, alt) {
  image.dataset.serverAlt ??= image.alt;
  image.alt = alt;
}

/** @param {HTMLImageElement} image An image that is no longer covered. */
export function restoreServerAlt(image) {
  image.alt = image.dataset.serverAlt ?? image.alt;
  delete image.dataset.serverAlt;
}

/**
 * Replace what an image shows; the same content is not decoded again.
 *
 * @param {HTMLImageElement} image
 * @param {{ src: string, alt: string }} content
 */
export function replacePicture(image, { src, alt }) {
  if (image.dataset.serverAlt !== undefined) image.dataset.serverAlt = alt;
  else if (image.alt !== alt) image.alt = alt;
  if (image.getAttribute("src") !== src) image.src = src;
}
