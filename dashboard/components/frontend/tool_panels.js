/** The tools of Explore: on a phone, the grid is between their tabs and their panels. */

import { findPage, whileFilling } from "./filling.js";

/**
 * Return whether a panel begins too far down to be seen.
 *
 * @param {number} top Its upper edge, in CSS pixels from the window's top.
 * @param {number} windowHeight
 * @returns {boolean}
 */
export const isOutOfSight = (top, windowHeight) => top > (2 / 3) * windowHeight;

/**
 * Scroll to the panel of a clicked tab, if it is out of sight.
 *
 * @param {MouseEvent} event
 */
function showPanel({ target }) {
  const tab = target instanceof Element ? target.closest(".st-key-tool [role='tab']") : null;
  if (!tab) return;
  whileFilling([findPage(tab)], () => {
    // A tab has a panel once it is selected. An empty panel may still move.
    const panel = document.getElementById(tab.getAttribute("aria-controls") ?? "");
    if (!panel?.offsetHeight) return;
    if (isOutOfSight(panel.getBoundingClientRect().top, window.innerHeight)) panel.scrollIntoView();
  });
}

/** Show panels from now on; a second call does nothing. */
export function showToolPanels() {
  // While it is captured: Streamlit lets no click on a tab bubble.
  document.addEventListener("click", showPanel, { capture: true });
}
