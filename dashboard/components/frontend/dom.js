/** Parts of the page that several components build in the same way. */

/** @import { Point } from "./types.js" */

/**
 * The direction of each arrow key.
 *
 * @type {Partial<Record<string, Point>>}
 */
export const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * Create an element with its properties and children.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} [properties]
 * @param {Node[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function createElement(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/**
 * Create a sentence about keys; the page's style hides it on devices without a mouse.
 *
 * @param {string} textContent
 */
export function createKeyboardHint(textContent) {
  return createElement("span", { className: "keyboard-hint", textContent });
}

/**
 * Return the view of a component, and create it when the component is run for the first time.
 *
 * Streamlit runs a component again with each change of its data. `views` keeps the state that must
 * survive, by the component's place in the page.
 *
 * @template {{ root: Element }} View
 * @param {WeakMap<HTMLElement, View>} views
 * @param {HTMLElement} parent
 * @param {() => View} create Creates a view whose root has one class.
 * @returns {View}
 */
export function getView(views, parent, create) {
  let view = views.get(parent);
  if (!view) {
    view = create();
    // After an upgrade an open page still has the root that the older version created.
    parent.querySelector(`:scope > .${view.root.className}`)?.remove();
    parent.append(view.root);
    views.set(parent, view);
  }
  return view;
}

/**
 * Show each pixel of an image or a canvas as a sharp square; the page's style gives it an edge.
 *
 * @template {HTMLElement} Picture
 * @param {Picture} picture
 * @returns {Picture}
 */
export function pixelate(picture) {
  Object.assign(picture.style, {
    display: "block",
    borderRadius: "6px",
    imageRendering: "pixelated",
  });
  picture.draggable = false;
  picture.dataset.picture = "";
  return picture;
}

/**
 * Set the size of an element on the page.
 *
 * @param {HTMLElement} element
 * @param {number} width In CSS pixels.
 * @param {number} height In CSS pixels.
 */
export function resize(element, width, height) {
  element.style.width = `${width}px`;
  element.style.height = `${height}px`;
}

/**
 * Return the drawing context of a canvas.
 *
 * @param {HTMLCanvasElement} canvas
 * @returns {CanvasRenderingContext2D}
 */
export function getContext(canvas) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser cannot draw on a canvas.");
  return context;
}
