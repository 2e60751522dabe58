import assert from "node:assert/strict";
import { test } from "node:test";
import { drawChart } from "../../dashboard/components/frontend/plot.js";

/** An element, as far as a chart uses it; a script is loaded as soon as it is in the page. */
class FakeElement {
  /** @type {Record<string, string>} */
  style = {};
  /** @type {Map<string, string>} */
  attributes = new Map();
  /** @type {FakeElement[]} */
  children = [];

  /** @param {FakeElement[]} children */
  append(...children) {
    this.children.push(...children);
    for (const child of children) queueMicrotask(() => child.onload());
  }

  onload() {}
  querySelector() {}
  getContext() {} // There is no WebGL.

  /** @param {string} name @param {string} value */
  setAttribute(name, value) {
    this.attributes.set(name, value);
  }

  /** @param {string} name */
  removeAttribute(name) {
    this.attributes.delete(name);
  }
}

test("without WebGL a sentence stays, as high as it is and for screen readers too", async () => {
  const page = {
    hidden: false,
    head: new FakeElement(),
    createElement: () => new FakeElement(),
  };
  Object.assign(globalThis, { document: page, window: {} });
  const parent = /** @type {HTMLElement} */ (/** @type {unknown} */ (new FakeElement()));
  const figure = JSON.stringify({ data: [{ type: "parcoords" }], layout: {} });
  const chart = { figure, height: 400, alt: "Settings of 3 runs", theme: null };
  const loading = drawChart(parent, chart);
  const root = /** @type {any} */ (parent.children[0]);
  assert.deepEqual(
    [root.style.height, root.role, root.ariaLabel],
    ["400px", "img", "Settings of 3 runs"],
  );
  await loading;
  for (const time of ["first", "second"]) {
    await drawChart(parent, chart);
    assert.match(root.textContent, /^This chart needs WebGL/);
    assert.deepEqual([root.style.height, root.role, root.ariaLabel], ["auto", "note", null], time);
    assert.equal(root.attributes.has("alt"), false);
  }
});
