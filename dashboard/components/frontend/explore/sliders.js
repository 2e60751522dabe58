/** Sliders that move z; see `sliders.py`. */

import { formatValue } from "../../../../dcgan/documents/frontend/latent.js";
import { createElement, getView } from "../dom.js";
import { RANGE_STYLE } from "../range.js";
import { GridPreview } from "./grid_preview.js";
import { LatentSync } from "./latent_sync.js";

/** @import { Grid } from "./grid_preview.js" */
/** @import { Component } from "../types.js" */

const STYLE = `
.sliders .rows { columns: 2 190px; column-gap: 28px; }
.sliders .slider { break-inside: avoid; padding: 3px 0 9px; }
.sliders .heading { display: flex; justify-content: space-between; gap: 8px; font-size: 0.875rem; }
.sliders output { font-variant-numeric: tabular-nums; opacity: 0.75; }
.sliders input[type="range"].plain {
  display: block; width: 100%; margin: 4px 0 0; touch-action: pan-y;
  --middle: color-mix(in srgb, currentColor 40%, transparent);
  background: linear-gradient(var(--middle), var(--middle)) center / 1px 10px no-repeat;
}
.sliders .slider.disabled { opacity: 0.5; }
.sliders .help, .sliders .group-note { margin: 0 0 8px; font-size: 0.8rem; line-height: 1.45; }
.sliders .help {
  min-height: calc(2.9em + 6px); padding: 2px 0 4px;
}
.sliders details {
  padding: 0 12px; border: 1px solid var(--st-border-color); border-radius: 8px;
}
.sliders summary {
  display: flex; align-items: center; gap: 8px; padding: 8px 0; font-size: 0.875rem;
  cursor: pointer;
}
/* The same chevron as in the other boxes that open. */
.sliders summary::before {
  content: ""; width: 6px; height: 6px; margin: 0 4px 0 2px; transform: rotate(-45deg);
  border: solid; border-width: 0 1.5px 1.5px 0;
}
.sliders details[open] > summary::before { transform: rotate(45deg); }
@media (pointer: coarse) {
  .sliders input[type="range"].plain { margin-block: -6px -10px; }
  .sliders summary { padding: 12px 0; }
}
@media (max-width: 899px) { .sliders .help { min-height: calc(4.4em + 6px); } }
`;
const STEP = "0.05";
// A move without an answer is sent again after this time: the connection may have been lost.
const RETRY_MILLISECONDS = 5000;

/**
 * @typedef {object} Slider
 * @property {string} key
 * @property {string} label
 * @property {string} help
 * @property {number[]} vector
 * @property {string} group Name of its group, or "".
 * @property {boolean} isDisabled
 *
 * @typedef {object} Sliders
 * @property {Slider[]} sliders
 * @property {number[]} z
 * @property {number} zVersion
 * @property {number} lastMove
 * @property {Grid} grid
 * @property {string} generator
 * @property {number} sliderLimit
 * @property {number} zLimit
 * @property {string} hint
 * @property {string} groupNote
 */

/** The elements of one slider. */
class SliderRow {
  /** @param {number} index */
  constructor(index) {
    const id = `latent-slider-${index}`;
    this.label = createElement("label", { htmlFor: id });
    this.output = createElement("output");
    this.output.htmlFor.add(id);
    this.input = createElement("input", { type: "range", className: "plain", id, step: STEP });
    const heading = createElement("div", { className: "heading" }, this.label, this.output);
    this.root = createElement("div", { className: "slider" }, heading, this.input);
  }
}

class SliderPanel {
  sync = new LatentSync();
  preview = new GridPreview();
  /** @type {Slider[]} */
  sliders = [];
  /** @type {SliderRow[]} */
  rows = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer;
  /** The values when the finger or the button went down. */
  start = { version: -1, z: new Float64Array(), hasUnsentMove: false };

  /**
   * @param {Sliders} data
   * @param {(name: string, value: unknown) => void} setTriggerValue
   */
  constructor(data, setTriggerValue) {
    this.data = data;
    this.setTriggerValue = setTriggerValue;
    this.ungrouped = createElement("div", { className: "rows" });
    this.grouped = createElement("div", { className: "rows" });
    this.groupName = createElement("summary");
    this.groupNote = createElement("p", { className: "group-note" });
    this.group = createElement("details", {}, this.groupName, this.grouped, this.groupNote);
    this.container = createElement("div", {}, this.ungrouped, this.group);
    this.help = createElement("p", { className: "help" }); // Scrolls with the sliders.
    const style = createElement("style", { textContent: RANGE_STYLE + STYLE });
    this.root = createElement("div", { className: "sliders" }, style, this.help, this.container);

    const release = () => this.release();
    this.container.onchange = release;
    this.container.onlostpointercapture = release;
    this.container.addEventListener("pointerdown", () => this.rememberStart(), { capture: true });
    this.container.onpointercancel = () => this.cancelDrag();
    this.container.onkeyup = release;
    // A slider that is back at its old value sends no "change" event.
    this.container.onpointerup = () => setTimeout(release);
  }

  /** @param {Sliders} data */
  update(data) {
    this.data = data;
    this.replaceSliders(data);
    this.sync.receive(data);
    this.preview.configure(data.grid, data.generator);
    this.help.textContent = data.hint;
    this.groupNote.textContent = data.groupNote;
    this.rows.forEach((row, index) => {
      this.describe(row, this.sliders[index]);
    });
    this.showValues();

    if (!this.sync.isAhead) {
      const { lastSent } = this.sync;
      this.preview.hide(() => !this.sync.isAhead && this.sync.lastSent === lastSent);
    } else if (this.sync.hasUnsentMove && !this.sync.isHeld && !this.sync.isWaiting) {
      this.send();
    }
  }

  /**
   * Replace the sliders. While a person uses them they stay, unless z was chosen in another way.
   *
   * @param {Sliders} data
   */
  replaceSliders({ sliders, zVersion }) {
    if (!hasSameKeys(sliders, this.sliders)) {
      const isInUse = this.sync.isHeld || this.container.querySelector(":focus-visible") !== null;
      if (isInUse && zVersion === this.sync.zVersion) return;
      this.rows = sliders.map((_, index) => new SliderRow(index));
      /** @param {boolean} isGrouped */
      const list = (isGrouped) =>
        this.rows.flatMap(({ root }, i) => (Boolean(sliders[i].group) === isGrouped ? [root] : []));
      this.ungrouped.replaceChildren(...list(false));
      this.grouped.replaceChildren(...list(true));
      this.groupName.textContent = sliders.find(({ group }) => group)?.group ?? "";
      this.group.hidden = !this.groupName.textContent;
    }
    this.sliders = sliders;
  }

  /**
   * @param {SliderRow} row
   * @param {Slider} slider
   */
  describe({ root, label, input }, slider) {
    input.min = String(-this.data.sliderLimit);
    input.max = String(this.data.sliderLimit);
    input.disabled = slider.isDisabled;
    root.classList.toggle("disabled", slider.isDisabled);
    input.ariaLabel = slider.label;
    input.setAttribute("aria-description", slider.help);
    label.textContent = slider.label;
    const explain = () => {
      this.help.textContent = slider.help || this.data.hint;
    };
    const showHint = () => {
      this.help.textContent = this.data.hint;
    };
    root.onpointerenter = explain;
    root.onpointerleave = showHint;
    input.onfocus = explain;
    input.onblur = () => {
      showHint();
      this.sync.release();
      if (this.sync.hasUnsentMove) this.send(); // At once: the click may have removed the sliders.
    };
    input.oninput = () => this.drag(input, slider);
  }

  /**
   * Show where z is along each direction.
   *
   * @param {HTMLInputElement} [held] The slider that a person holds, which has its value already.
   */
  showValues(held) {
    this.rows.forEach(({ input, output }, index) => {
      const value = this.sync.getDistanceAlong(this.sliders[index].vector);
      if (input !== held) input.value = String(value);
      output.textContent = this.sliders[index].isDisabled ? "–" : formatValue(value);
    });
  }

  /**
   * @param {HTMLInputElement} input
   * @param {Slider} slider
   */
  drag(input, { vector }) {
    this.sync.drag(vector, Number(input.value), this.data.zLimit);
    this.showValues(input);
    this.preview.show(this.sync.z);
  }

  /** Remember the values that `cancelDrag` may have to restore. */
  rememberStart() {
    const { z, zVersion, hasUnsentMove } = this.sync;
    this.start = { version: zVersion, z, hasUnsentMove };
  }

  /** Undo the move of a touch that became a scroll: a slider moves as soon as it is touched. */
  cancelDrag() {
    if (!this.sync.isHeld || this.sync.zVersion !== this.start.version) return;
    this.sync.cancelDrag(this.start);
    this.showValues();
    if (this.sync.isAhead) this.preview.show(this.sync.z);
    else this.preview.hide(() => !this.sync.isAhead);
  }

  /** End a drag. */
  release() {
    if (!this.sync.isHeld) return;
    this.sync.release();
    const delay = this.sync.computeSendingDelay(performance.now());
    if (delay) this.sendAfter(delay);
    else this.send();
  }

  /** Show the server's picture if the sliders were removed: no answer will reach them. */
  checkRemoved() {
    if (!this.root.isConnected) this.preview.hide(() => true);
  }

  send() {
    this.setTriggerValue("moved", this.sync.takeMove(performance.now()));
    this.sendAfter(RETRY_MILLISECONDS);
  }

  /** @param {number} milliseconds */
  sendAfter(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.root.isConnected && !this.sync.isHeld && this.sync.isAhead) this.send();
    }, milliseconds);
  }
}

/**
 * @param {Slider[]} a
 * @param {Slider[]} b
 * @returns {boolean}
 */
function hasSameKeys(a, b) {
  return a.length === b.length && a.every((slider, index) => slider.key === b[index].key);
}

/** @type {WeakMap<HTMLElement, SliderPanel>} */
const panels = new WeakMap();

/**
 * @param {Component<Sliders>} component
 * @returns {() => void}
 */
export default function showSliders({ data, parentElement, setTriggerValue }) {
  const panel = getView(panels, parentElement, () => new SliderPanel(data, setTriggerValue));
  panel.setTriggerValue = setTriggerValue;
  panel.update(data);
  return () => setTimeout(() => panel.checkRemoved());
}
