/** A range to move through the saved moments of a run; see `replay.py`. */

import { createElement, getView } from "../dom.js";
import { RANGE_STYLE } from "../range.js";

/** @import { Component } from "../types.js" */

const STYLE = `
.replay { display: flex; align-items: center; flex-wrap: wrap; gap: 4px 16px; }
.replay label { font-size: 0.875rem; }
.replay input[type="range"].plain { flex: 1 1 120px; min-width: 120px; height: 32px; }
.replay output { min-width: 13em; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
/* The picture is not the run's newest one. */
.st-key-run-grid:has(.replay.past) .tiles { outline: 3px solid var(--st-primary-color); }
.replay.past output { color: var(--st-primary-color); font-weight: 600; }
.replay button {
  padding: 4px 12px; min-height: 32px; border: 1px solid var(--st-border-color); border-radius: 8px;
  background: transparent; color: inherit; font: inherit; font-size: 0.875rem; cursor: pointer;
}
.replay button:hover, .replay button:focus-visible { border-color: var(--st-primary-color); }
.replay:not(.past) button { visibility: hidden; }
@media (pointer: coarse) {
  .replay input[type="range"].plain { height: 44px; margin-block: -6px; }
  .replay button { position: relative; }
  .replay button::after { content: ""; position: absolute; inset: -6px 0; }
}
`;
// Shortest time between two pictures during a drag; each takes the server some milliseconds.
const SEND_MILLISECONDS = 150;
const NOW = -1;

/**
 * @typedef {object} Replay
 * @property {string} training Identifier; when it changes, the range shows `chosen` again.
 * @property {number[]} steps Of the saved moments, ascending; at least one.
 * @property {number} chosen The step to show at first; -1 for the newest.
 * @property {string} help
 */

/** @type {WeakMap<HTMLElement, ReturnType<typeof createReplay>>} */
const views = new WeakMap();

function createReplay() {
  const range = createElement("input", {
    type: "range",
    className: "plain",
    id: "replay-training",
    min: "0",
    step: "1",
  });
  const label = createElement("label", { htmlFor: range.id, textContent: "Replay training" });
  const output = createElement("output");
  const button = createElement("button", { type: "button", textContent: "Show newest" });
  const style = createElement("style", { textContent: RANGE_STYLE + STYLE });
  return {
    root: createElement("div", { className: "replay" }, style, label, range, output, button),
    range,
    label,
    output,
    button,
    training: "",
    chosen: NOW,
    sentAt: -SEND_MILLISECONDS,
    timer: /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined),
  };
}

/**
 * Return the index of the last saved moment that is not after a step; for -1 the newest one's.
 *
 * @param {number[]} steps Ascending.
 * @param {number} chosen
 * @returns {number}
 */
export function findMoment(steps, chosen) {
  if (chosen === NOW) return steps.length - 1;
  return Math.max(0, steps.filter((step) => step <= chosen).length - 1);
}

/**
 * Describe the shown moment.
 *
 * @param {number[]} steps
 * @param {number} chosen
 * @returns {string}
 */
export function describeMoment(steps, chosen) {
  const newest = steps[steps.length - 1].toLocaleString("en");
  if (chosen === NOW) return `Picture of step ${newest}`;
  return `Replay: step ${steps[findMoment(steps, chosen)].toLocaleString("en")} of ${newest}`;
}

/** @param {Component<Replay>} component */
export default function showReplay({ data, parentElement, setTriggerValue }) {
  const view = getView(views, parentElement, createReplay);
  const { range, output, button } = view;
  const last = data.steps.length - 1;
  if (view.training !== data.training) {
    view.training = data.training;
    view.chosen = data.chosen;
  }
  view.label.title = data.help;
  range.max = String(last);
  const show = () => {
    const description = describeMoment(data.steps, view.chosen);
    range.value = String(findMoment(data.steps, view.chosen));
    range.setAttribute("aria-valuetext", description);
    output.textContent = description;
    view.root.classList.toggle("past", view.chosen !== NOW);
  };
  const send = () => {
    clearTimeout(view.timer);
    view.timer = setTimeout(
      () => {
        view.sentAt = performance.now();
        setTriggerValue("chosen", view.chosen);
      },
      view.sentAt + SEND_MILLISECONDS - performance.now(),
    );
  };
  range.oninput = () => {
    const index = Number(range.value);
    view.chosen = index === last ? NOW : data.steps[index];
    show();
    send();
  };
  button.onclick = () => {
    view.chosen = NOW;
    show();
    send();
    range.focus({ preventScroll: true }); // The button is hidden now.
  };
  show();
}
