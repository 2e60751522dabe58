/** The keyboard focus, moved to what appears after a click; see `invisible.py`. */

import { findPage, whileFilling } from "./filling.js";

/** @typedef {{ target: string, token: string }} FocusRequest A container's key; a text per request. */

// For a container to appear; a new page or run usually appears after a second or two.
const MAX_WAIT_MILLISECONDS = 10_000;
// The bar of the pages covers less than this at the top of the window.
const BAR_PIXELS = 80;

let handledToken = "";

/**
 * Focus the container with a key of Streamlit's; return whether it is on the page. If it is a text
 * field, its text is selected, so that typing replaces it; if it is a button, that has the focus.
 *
 * @param {string} key
 * @returns {boolean}
 */
function focusContainer(key) {
  const found = document.querySelector(`.st-key-${CSS.escape(key)}`);
  if (!(found instanceof HTMLElement)) return false;
  // The widget is not there yet: Streamlit loads a widget's script with the first one of its kind.
  if (found.querySelector(":scope > [data-testid='stSkeleton']")) return false;
  const field = found.querySelector(":scope > .stTextInput input");
  if (field instanceof HTMLInputElement) {
    field.focus();
    field.select();
    return true;
  }
  const button = found.querySelector(":scope > .stButton button");
  if (button instanceof HTMLElement) {
    button.focus();
    keepInSight(button);
    return true;
  }
  found.tabIndex = -1; // A script can focus it, and the Tab key skips it.
  found.style.outline = "none";
  found.style.scrollMarginTop = `${BAR_PIXELS}px`;
  found.focus({ preventScroll: isBeginningInSight(found) });
  showFromTop(found);
  return true;
}

/**
 * Whether the beginning of a container, such as its headline, is in the upper half of the window.
 * Then a scroll would only move what the person looks at.
 *
 * @param {HTMLElement} container
 * @returns {boolean}
 */
function isBeginningInSight(container) {
  const { top } = container.getBoundingClientRect();
  return top >= BAR_PIXELS - 1 && top <= window.innerHeight / 2;
}

/**
 * Scroll a focused container into sight, or to its beginning if it is too high, if it reaches below
 * the window and its beginning is not in sight, now or while it or the page above it fills, unless
 * the person scrolls meanwhile.
 *
 * @param {HTMLElement} container
 */
function showFromTop(container) {
  whileFilling([container, findPage(container)], () => {
    const isFocused = document.activeElement === container;
    const { bottom, height } = container.getBoundingClientRect();
    const fits = height <= window.innerHeight - BAR_PIXELS;
    if (isFocused && bottom > window.innerHeight && !isBeginningInSight(container))
      container.scrollIntoView({ block: fits ? "nearest" : "start" });
  });
}

/**
 * Scroll a focused button back into the window while the page above it fills.
 *
 * @param {HTMLElement} button
 */
function keepInSight(button) {
  whileFilling([findPage(button)], () => {
    if (document.activeElement === button) button.scrollIntoView({ block: "nearest" });
  });
}

/**
 * Focus a container as soon as it is on the page; a request is carried out once.
 *
 * @param {FocusRequest} request
 */
export function moveFocus({ target, token }) {
  if (token === handledToken) return;
  handledToken = token;
  const deadline = performance.now() + MAX_WAIT_MILLISECONDS;
  const tryAgain = () => {
    const isCurrent = token === handledToken && performance.now() < deadline;
    if (isCurrent && !focusContainer(target)) setTimeout(tryAgain, 50);
  };
  tryAgain();
}
