import assert from "node:assert/strict";
import { test } from "node:test";
import { drawChart } from "../../dashboard/components/frontend/charts/plot.js";

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

  /** @type {Map<string, (event: object) => void>} */
  listeners = new Map();

  /** @param {string} name @param {(event: object) => void} listener */
  on(name, listener) {
    this.listeners.set(name, listener);
  }

  /** @type {Map<string, { listener: (event: object) => void, options: object }>} */
  pageListeners = new Map();

  /** @param {string} name @param {(event: object) => void} listener @param {object} options */
  addEventListener(name, listener, options) {
    this.pageListeners.set(name, { listener, options });
  }

  onload() {}
  querySelector() {}

  /** @param {string} name @param {string} value */
  setAttribute(name, value) {
    this.attributes.set(name, value);
  }

  /** @param {string} name */
  removeAttribute(name) {
    this.attributes.delete(name);
  }
}

/** @type {FakeElement} */
let head;
/** @type {number[]} */
let hovered; // Where values were shown by a script.
/** @type {FakeElement[]} */
let redrawn;
let legendRows = 1;
/** @type {any} */
let drawn; // The newest layout.
/** @type {any} */
let usedConfig; // The newest configuration.
/** @type {(number | undefined)[]} */
let heights; // At which a chart was drawn.

/** Make a page. */
function openPage({ hasMouse = true } = {}) {
  hovered = [];
  redrawn = [];
  heights = [];
  head = new FakeElement();
  const page = { hidden: false, head, createElement: () => new FakeElement() };
  const library = {
    /**
     * @param {FakeElement} chart
     * @param {object[]} _data
     * @param {{ height?: number }} layout
     * @param {object} config
     */
    react: async (chart, _data, layout, config) => {
      // As Plotly does, the rows of a legend are added to the margin.
      Object.assign(chart, { _fullLayout: { _size: { t: Math.max(41, legendRows * 29 + 12) } } });
      heights.push(layout.height);
      drawn = layout;
      usedConfig = config;
      return chart;
    },
    /** @param {FakeElement} chart */
    redraw: (chart) => redrawn.push(chart),
    Fx: {
      /** @param {FakeElement} _chart @param {{ xval: number }} at */
      hover: (_chart, { xval }) => {
        hovered.push(xval);
      },
    },
  };
  Object.assign(globalThis, {
    document: page,
    window: { Plotly: library, matchMedia: () => ({ matches: !hasMouse }) },
    getComputedStyle: () => ({ getPropertyValue: () => "" }),
  });
}

/** @param {string} type */
function makeChart(type) {
  const figure = JSON.stringify({ data: [{ type }], layout: {} });
  return { figure, height: 400, alt: "Settings of 3 runs", theme: null };
}

function makeParent() {
  return /** @type {HTMLElement} */ (/** @type {unknown} */ (new FakeElement()));
}

test("all charts of a page load one script, and a chart has its height and name before", async () => {
  openPage();
  const parent = makeParent();
  const drawings = [
    drawChart(parent, makeChart("scatter")),
    drawChart(makeParent(), makeChart("bar")),
  ];
  const root = /** @type {any} */ (parent.children[0]);
  assert.deepEqual(
    [root.style.height, root.role, root.ariaLabel],
    ["400px", "img", "Settings of 3 runs"],
  );
  await Promise.all(drawings);
  const names = head.children.map((script) => /** @type {any} */ (script).src.split("/").pop());
  assert.deepEqual(names, ["plotly-basic.min.js"]);
});

test("without a mouse the values of a tapped step follow it while its chart changes", async () => {
  for (const hasMouse of [false, true]) {
    openPage({ hasMouse });
    const parent = makeParent();
    /** @param {number} last */
    const drawTo = (last) => {
      const data = [{ type: "scatter", x: [0, last] }];
      const figure = JSON.stringify({ data, layout: { hovermode: "x unified" } });
      return drawChart(parent, { figure, height: 250, alt: "Losses", theme: null });
    };
    await drawTo(400);
    assert.deepEqual(hovered, []);
    /** @type {any} */ (parent.children[0])._hoverdata = [{ x: 308 }, { x: 308 }];
    await drawTo(900);
    assert.deepEqual(hovered, hasMouse ? [] : [308]);
  }
});

test("touches of a chart are the page's, and only with a mouse a double click zooms", async () => {
  for (const hasMouse of [false, true]) {
    openPage({ hasMouse });
    const parent = makeParent();
    await drawChart(parent, makeChart("scatter"));
    const root = /** @type {any} */ (parent.children[0]);
    const { listener, options } = root.pageListeners.get("touchstart");
    let isStopped = false;
    listener({
      stopPropagation: () => {
        isStopped = true;
      },
      preventDefault: () => assert.fail("The page would not scroll."),
    });
    assert.equal(isStopped, true);
    assert.deepEqual(options, { capture: true, passive: true });
    assert.equal(usedConfig.doubleClick, hasMouse ? undefined : false);
  }
});

test("a chart is redrawn after a change of its width, but not after a zoom", async () => {
  openPage();
  const parent = makeParent();
  await drawChart(parent, makeChart("scatter"));
  const chart = /** @type {any} */ (parent.children[0]);
  chart.listeners.get("plotly_relayout")({ "xaxis.range[0]": 3 });
  assert.deepEqual(redrawn, []);
  chart.listeners.get("plotly_relayout")({ autosize: true });
  assert.deepEqual(redrawn, [chart]);
});

test("a chart gets higher for the rows of its legend, at once when it is drawn again", async () => {
  openPage();
  const parent = makeParent();
  /** @param {number} last */
  const drawTo = (last) => {
    const data = [{ type: "scatter", x: [0, last] }];
    const figure = JSON.stringify({ data, layout: { margin: { t: 41 } } });
    return drawChart(parent, { figure, height: 380, grows: true, alt: "", theme: null });
  };
  legendRows = 5;
  await drawTo(400);
  const root = /** @type {any} */ (parent.children[0]);
  assert.deepEqual([heights, root.style.height], [[380, 496], "496px"]);
  await drawTo(500);
  assert.deepEqual([heights, root.style.height], [[380, 496, 496], "496px"]);
  // A wider window has room for all names in one row.
  legendRows = 1;
  root._fullLayout._size.t = 41;
  await root.listeners.get("plotly_relayout")({ autosize: true });
  assert.deepEqual([heights.at(-1), root.style.height], [380, "380px"]);
});

test("a chart that does not grow keeps its height, and takes the page's colours", async () => {
  openPage();
  legendRows = 5;
  Object.assign(globalThis, {
    getComputedStyle: () => ({ getPropertyValue: (/** @type {string} */ name) => ` ${name} ` }),
  });
  const parent = makeParent();
  const layout = { margin: { t: 41 }, annotations: [{ bgcolor: "var(--st-background-color)" }] };
  const figure = JSON.stringify({ data: [], layout });
  await drawChart(parent, { figure, height: 380, alt: "", theme: null });
  assert.equal(/** @type {any} */ (parent.children[0]).style.height, "380px");
  assert.equal(drawn?.annotations[0].bgcolor, "--st-background-color");
});

test("a title that looks like a colour of the page stays as it is", async () => {
  openPage();
  Object.assign(globalThis, { getComputedStyle: () => ({ getPropertyValue: () => '"Sans", "a' }) });
  const title = { text: "A run called var(--st-font)" };
  const figure = JSON.stringify({ data: [], layout: { title } });
  await drawChart(makeParent(), { figure, height: 380, alt: "", theme: null });
  assert.deepEqual(drawn?.title, title);
});
