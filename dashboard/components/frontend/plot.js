/** Plotly figures that change in place. */

import { createElement, getView } from "./dom.js";

/**
 * Plotly's element for a chart, as far as the components use it. Attributes that begin with an
 * underscore are Plotly's own; checked with Plotly.js 4.1.
 *
 * @typedef {HTMLElement & {
 *   data: Trace[],
 *   on(name: "plotly_hover", listener: (event: PlotlyEvent) => void): void,
 *   on(name: "plotly_click", listener: (event: PlotlyEvent) => void): void,
 *   on(name: "plotly_unhover", listener: () => void): void,
 *   removeAllListeners?: (name: string) => void,
 *   _fullLayout: { xaxis: Axis, yaxis: Axis },
 *   _hoverdata?: { x: number | string }[],
 * }} PlotlyChart
 *
 * @typedef {object} Axis
 * @property {number} _offset Start of the axis, in pixels of the chart.
 * @property {number} _length In pixels.
 * @property {(value: number) => number} d2p Converts a value to pixels from the start.
 *
 * @typedef {object} Trace
 * @property {string} type
 * @property {string} name
 * @property {number[]} x
 * @property {number[]} y
 * @property {number[]} customdata
 * @property {object} [marker]
 * @property {string} [mode]
 * @property {string} [hoverinfo]
 * @property {boolean} [cliponaxis]
 *
 * @typedef {object} Figure
 * @property {Trace[]} data
 * @property {Record<string, any> & Layout} layout
 *
 * @typedef {object} Layout
 * @property {any[]} [shapes]
 * @property {{ range?: [number, number] }} [xaxis]
 * @property {{ range?: [number, number] }} [yaxis]
 * @property {{ l: number, r: number, t: number, b: number }} [margin]
 *
 * @typedef {{ points: { customdata: number }[], event: MouseEvent }} PlotlyEvent
 *
 * @typedef {object} Plotly
 * @property {(chart: HTMLElement, data: Trace[], layout: object, config: object) =>
 *   Promise<PlotlyChart>} react
 * @property {{ hover: (chart: HTMLElement, at: { xval: number }) => void }} Fx
 */

/**
 * @typedef {object} Chart
 * @property {string} figure As JSON.
 * @property {number} height In CSS pixels.
 * @property {string} alt
 * @property {string | null} theme Name of Streamlit's theme; another one has other colours.
 */

// The server's own copies. The basic edition draws lines, points and bars, at a quarter of the size.
const BASIC_PLOTLY = new URL("../../assets/plotly-basic.min.js", import.meta.url).href;
const WHOLE_PLOTLY = new URL("../../assets/plotly.min.js", import.meta.url).href;

/** @type {Map<string, Promise<Plotly>>} */
const editions = new Map();

/**
 * Load an edition of Plotly, once for all charts of the page.
 *
 * @param {string} src
 * @returns {Promise<Plotly>}
 */
function loadPlotly(src) {
  const found = editions.get(src);
  if (found) return found;
  /** @type {Promise<Plotly>} */
  const loading = new Promise((resolve, reject) => {
    const script = createElement("script", { src });
    script.onload = () => resolve(/** @type {any} */ (window).Plotly);
    script.onerror = () => {
      editions.delete(src); // The next chart tries again.
      reject(new Error("The script that draws the charts could not be loaded."));
    };
    document.head.append(script);
  });
  editions.set(src, loading);
  return loading;
}

/**
 * Wait until the page is visible.
 *
 * Charts of hidden tabs are not drawn: in ten such tabs they would take more time from a training on
 * the same machine than the server's work for these tabs.
 *
 * @returns {Promise<void>}
 */
function waitUntilVisible() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", () => resolve(), { once: true });
  });
}

/**
 * Whether a figure has parallel coordinates: only these need WebGL and the whole of Plotly.
 *
 * @param {Figure} figure
 * @returns {boolean}
 */
function hasParallelCoordinates(figure) {
  return figure.data.some(({ type }) => type === "parcoords");
}

/**
 * Whether a figure needs WebGL and the browser has none.
 *
 * Plotly would show a grey box with a link to a page on the internet.
 *
 * @param {Figure} figure
 * @returns {boolean}
 */
function lacksWebGl(figure) {
  return hasParallelCoordinates(figure) && !document.createElement("canvas").getContext("webgl");
}

/** @type {WeakMap<HTMLElement, ReturnType<typeof createChart>>} */
const views = new WeakMap();

function createChart() {
  return {
    root: createElement("div", { className: "chart", role: "img" }),
    newest: /** @type {Chart | undefined} */ (undefined),
    pending: /** @type {Promise<PlotlyChart> | undefined} */ (undefined),
    edition: /** @type {string | undefined} */ (undefined), // The script that draws the chart.
    drawn: "", // The figure and theme on the page.
    isSentence: false, // Whether a sentence stands in the place of the figure.
  };
}

/**
 * Draw a figure and update it in place.
 *
 * If several figures come before the first can be drawn, only the newest is drawn.
 *
 * @param {HTMLElement} parent
 * @param {Chart} chart
 * @returns {Promise<PlotlyChart>}
 */
export function drawChart(parent, chart) {
  const view = getView(views, parent, createChart);
  view.newest = chart;
  if (!view.isSentence) reservePlace(view.root, chart);
  // The figures of a chart are all of one kind.
  view.edition ??= hasParallelCoordinates(JSON.parse(chart.figure)) ? WHOLE_PLOTLY : BASIC_PLOTLY;
  view.pending ??= Promise.all([loadPlotly(view.edition), waitUntilVisible()])
    .finally(() => {
      view.pending = undefined;
    })
    .then(([library]) => drawNewest(library, parent, view));
  return view.pending;
}

/**
 * Give a chart its height and name, also before it is drawn.
 *
 * @param {HTMLElement} root
 * @param {Chart} chart
 */
function reservePlace(root, { height, alt }) {
  root.style.height = `${height}px`;
  root.ariaLabel = alt;
  root.setAttribute("alt", alt);
}

/**
 * Return the value on the horizontal axis that a person tapped; undefined without a tap.
 *
 * Plotly would keep showing the values at the finger's place on the screen, although the axis has
 * changed since. With a mouse that is right.
 *
 * @param {PlotlyChart} root
 * @param {Figure} figure
 * @returns {number | undefined}
 */
function getTappedX(root, figure) {
  const x = root._hoverdata?.[0]?.x;
  // A bar's place is the name of its category.
  if (typeof x !== "number" || figure.layout.hovermode !== "x unified") return undefined;
  return window.matchMedia("(hover: none)").matches ? x : undefined;
}

/**
 * @param {Plotly} library
 * @param {HTMLElement} parent
 * @param {ReturnType<typeof createChart>} view
 * @returns {Promise<PlotlyChart>}
 */
async function drawNewest(library, parent, view) {
  const root = /** @type {PlotlyChart} */ (/** @type {HTMLElement} */ (view.root));
  if (!view.newest) return root;
  const { figure: json, theme } = view.newest;
  if (view.drawn === json + theme) return root;
  view.drawn = json + theme;
  /** @type {Figure} */
  const figure = JSON.parse(json);
  if (lacksWebGl(figure)) {
    view.isSentence = true;
    root.style.height = "auto";
    root.style.opacity = "0.75";
    // Not the role of a picture: screen readers would read only its name.
    root.role = "note";
    root.ariaLabel = null;
    root.removeAttribute("alt");
    root.textContent =
      "This chart needs WebGL, which this browser does not offer. The table shows the same numbers.";
    return root;
  }
  const style = getComputedStyle(parent);
  const font = {
    family: style.fontFamily,
    size: 13,
    color: style.getPropertyValue("--st-text-color").trim() || style.color,
  };
  figure.layout.font = font;
  figure.layout.hoverlabel = {
    bgcolor: style.getPropertyValue("--st-secondary-background-color").trim(),
    font,
  };
  const tappedX = getTappedX(root, figure);
  const chart = await library.react(root, figure.data, figure.layout, {
    responsive: true,
    displaylogo: false,
    modeBarButtons: [["zoom2d", "pan2d", "resetScale2d", "toImage"]],
  });
  if (tappedX !== undefined) library.Fx.hover(root, { xval: tappedX });
  return chart;
}
