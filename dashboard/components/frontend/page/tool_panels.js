/**
 * The tools of Explore: the tool that was chosen last is shown. In a narrow window the tools' names
 * are one row, which stays above the panel.
 */

import { findPage, whileFilling } from "./filling.js";

/** The animation of `explore.css` that begins when a tool is chosen. */
const CHOSEN = "tool-is-chosen";

/**
 * Return how far a row has to be scrolled to have one of its parts in the middle.
 *
 * @param {{ left: number, width: number }} part Its place in the row, in CSS pixels.
 * @param {number} rowWidth Width of the row's visible part.
 * @returns {number} At least 0; a browser itself ends at the row's end.
 */
export const centerInRow = ({ left, width }, rowWidth) =>
  Math.max(0, left + width / 2 - rowWidth / 2);

const REPEAT_MILLISECONDS = 3000;
const MAX_REPEATS = 2;

/** The tab that was clicked last, whose panel has to be shown; null after any other action. */
let clicked = /** @type {HTMLElement | null} */ (null);
let clickedAt = 0;
let numRepeats = 0;

/**
 * Bring the name of a chosen tool into the middle of its row.
 *
 * @param {Element} tab
 */
function showName(tab) {
  const row = tab.parentElement;
  if (!(tab instanceof HTMLElement) || !row) return;
  // The row is positioned, so offsets are relative to it.
  const place = { left: tab.offsetLeft, width: tab.offsetWidth };
  row.scrollTo({ left: centerInRow(place, row.clientWidth), behavior: "smooth" });
}

/**
 * Scroll the page so that the panel of the clicked tab begins directly below the row of the names
 * and the grid, which stay in sight; `explore.css` has the distance. In a wide window the panel is
 * beside the grid, and nothing scrolls.
 */
function showPanel() {
  const row = clicked?.parentElement;
  if (!clicked || !row || getComputedStyle(row).position !== "sticky") return;
  whileFilling([findPage(row)], () => {
    // A tab has a panel once it is selected. An empty panel may still move.
    const panel = document.getElementById(clicked?.getAttribute("aria-controls") ?? "");
    if (panel?.offsetHeight) panel.scrollIntoView({ behavior: "instant" });
  });
}

/**
 * Click the clicked tab again, as another one was selected after it without a person's action.
 *
 * The server answers each click with the tab that it has then; an answer to an earlier click selects
 * that earlier tab, and the next request of the page would report it to the server.
 */
function repeatClick() {
  const isRecent = performance.now() - clickedAt < REPEAT_MILLISECONDS;
  if (!clicked?.isConnected || !isRecent || numRepeats === MAX_REPEATS) return;
  numRepeats += 1;
  clicked.click();
}

/** Show panels from now on; a second call does nothing. */
export function showToolPanels() {
  // While it is captured: Streamlit lets no click on a tab bubble.
  const options = { capture: true };
  document.addEventListener(
    "click",
    ({ target, isTrusted }) => {
      clicked = target instanceof Element ? target.closest(".st-key-tool [role='tab']") : null;
      if (isTrusted) {
        clickedAt = performance.now();
        numRepeats = 0;
      }
      showPanel();
    },
    options,
  );
  const forget = () => {
    clicked = null;
  };
  document.addEventListener("keydown", forget, options);
  document.addEventListener(
    "animationstart",
    ({ animationName, target }) => {
      if (animationName !== CHOSEN || !(target instanceof Element)) return;
      showName(target);
      if (target === clicked) showPanel();
      else repeatClick();
    },
    options,
  );
}
