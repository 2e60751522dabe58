/** A small drawing of both losses, with a line at one step. */

import { createElement } from "../dom.js";

/**
 * @typedef {object} Losses
 * @property {number[]} steps Ascending.
 * @property {number[]} generator
 * @property {number[]} discriminator
 */

const [WIDTH, HEIGHT] = [300, 150];
const NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * Return the index of the last step that is not after another step; 0 if all are after it.
 *
 * @param {number[]} steps Ascending.
 * @param {number} step
 * @returns {number}
 */
export function findIndex(steps, step) {
  return Math.max(0, steps.filter((other) => other <= step).length - 1);
}

/**
 * Return the points of a line in a drawing of WIDTH by HEIGHT whose lower border is a loss of 0.
 *
 * @param {number[]} steps
 * @param {number[]} values
 * @param {number} highest The loss at the upper border.
 * @returns {string}
 */
export function buildPoints(steps, values, highest) {
  const last = steps[steps.length - 1] || 1;
  return values
    .map((value, index) => {
      const x = (steps[index] / last) * WIDTH;
      const y = HEIGHT * (1 - Math.min(value, highest) / highest);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(" ");
}

/** @param {string} name */
function createShape(name) {
  const shape = document.createElementNS(NAMESPACE, name);
  shape.setAttribute("vector-effect", "non-scaling-stroke");
  return shape;
}

/** The losses of a run, and their values at the shown step. */
export class LossCurves {
  constructor() {
    const svg = document.createElementNS(NAMESPACE, "svg");
    svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true"); // The text below has the values.
    this.lines = [createShape("polyline"), createShape("polyline")];
    this.marker = createShape("line");
    this.marker.setAttribute("y2", String(HEIGHT));
    svg.append(...this.lines, this.marker);
    this.title = createElement("p", { className: "title" });
    this.values = [createElement("span"), createElement("span")];
    const values = createElement("p", { className: "values" }, ...this.values);
    this.root = createElement("div", { className: "losses" }, this.title);
    this.root.append(svg, values);
    /** @type {Losses} */
    this.losses = { steps: [], generator: [], discriminator: [] };
  }

  /**
   * @param {Losses} losses
   * @param {[string, string]} colors Of the generator and the discriminator.
   */
  draw(losses, colors) {
    this.losses = losses;
    this.root.hidden = losses.steps.length < 2;
    const curves = [losses.generator, losses.discriminator];
    const highest = Math.max(...curves.flat(), 0.01) * 1.05;
    this.title.textContent = `Losses, from 0 to ${highest.toFixed(1)}`;
    curves.forEach((curve, index) => {
      this.lines[index].setAttribute("points", buildPoints(losses.steps, curve, highest));
      this.lines[index].style.stroke = colors[index];
      this.values[index].style.setProperty("--color", colors[index]);
    });
  }

  /** @param {number} step */
  mark(step) {
    const { steps, generator, discriminator } = this.losses;
    if (!steps.length) return;
    const x = String((Math.min(step, steps[steps.length - 1]) / steps[steps.length - 1]) * WIDTH);
    this.marker.setAttribute("x1", x);
    this.marker.setAttribute("x2", x);
    const index = findIndex(steps, step);
    this.values[0].textContent = `Generator ${generator[index].toFixed(2)}`;
    this.values[1].textContent = `Discriminator ${discriminator[index].toFixed(2)}`;
  }
}
