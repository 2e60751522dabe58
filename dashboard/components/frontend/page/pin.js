/** A button that stays in sight while a person reads a long form; see `invisible.py`. */

/** @import { Component } from "../types.js" */

/**
 * @param {DOMRect} place Rectangle of the button's own place, without the pin.
 * @param {DOMRect | null} form Rectangle of the open form; null if it is folded.
 * @param {number} top Bottom edge of the bar with the pages, in CSS pixels from the window's top.
 * @param {number} bottom Bottom edge of the window.
 * @returns {boolean} Whether the form is in sight and the button is not.
 */
export function needsPin(place, form, top, bottom) {
  if (!form || form.bottom < top || form.top > bottom) return false;
  return place.top < top || place.bottom > bottom;
}

/** @param {string} key @returns {HTMLElement | null} */
const find = (key) => document.querySelector(`.st-key-${CSS.escape(key)}`);

/**
 * @param {Component<{ target: string, form: string }>} component
 * @returns {() => void}
 */
export default function pinTarget({ data }) {
  const update = () => {
    const target = find(data.target);
    // The parent stays where it is while the target is pinned.
    const place = target?.parentElement;
    if (!target || !place) return;
    const form = find(data.form)?.querySelector("details[open]")?.getBoundingClientRect();
    const top = document.querySelector("header")?.getBoundingClientRect().bottom ?? 0;
    const isPinned = needsPin(place.getBoundingClientRect(), form ?? null, top, window.innerHeight);
    target.toggleAttribute("data-pinned", isPinned);
  };
  const controller = new AbortController();
  // Neither event bubbles, but both can be captured.
  const options = { capture: true, passive: true, signal: controller.signal };
  document.addEventListener("scroll", update, options);
  document.addEventListener("toggle", update, options);
  window.addEventListener("resize", update, options);
  update();
  return () => controller.abort();
}
