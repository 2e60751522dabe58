/** Plotly figures that change in place. */

import { createElement, getView } from "../dom.js";

/**
 * Plotly's element for a chart, as far as the components use it. Attributes that begin with an
 * underscore are Plotly's own; checked with Plotly.js 4.1.
 *
 * @typedef {HTMLElement & {
 *   data: Trace[],
 *   on(name: "plotly_hover", listener: (event: PlotlyEvent) => void): void,
 *   on(name: "plotly_click", listener: (event: PlotlyEvent) => void): void,
 *   on(name: "plotly_unhover", listener: () => void): void,
 *   on(name: "plotly_relayout", listener: (change: { autosize?: boolean }) => void): void,
 *   removeAllListeners?: (name: string) => void,
 *   _fullLayout: { xaxis: Axis, yaxis: Axis, _size: { t: number } },
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
 * @property {number} [height]
 * @property {{ range?: [number, number] }} [xaxis]
 * @property {{ range?: [number, number] }} [yaxis]
 * @property {{ l: number, r: number, t: number, b: number }} [margin]
 *
 * @typedef {{ points: { customdata: number }[], event: MouseEvent }} PlotlyEvent
 *
 * @typedef {object} Plotly
 * @property {(chart: HTMLElement, data: Trace[], layout: object, config: object) =>
 *   Promise<PlotlyChart>} react
 * @property {(chart: HTMLElement) => Promise<PlotlyChart>} redraw
 * @property {{ hover: (chart: HTMLElement, at: { xval: number }) => void }} Fx
 */

/**
 * @typedef {object} Chart
 * @property {string} figure As JSON.
 * @property {number} height In CSS pixels.
 * @property {boolean} [grows] Whether the chart gets higher for more than one row of its legend.
 * @property {string} alt
 * @property {string | null} theme Name of Streamlit's theme; another one has other colours.
 */

// The server's own copy of Plotly's basic edition, which draws lines, points and bars.
const PLOTLY = new URL("../../assets/plotly-basic.min.js", import.meta.url).href;

const CONFIG = {
  responsive: true,
  displaylogo: false,
  modeBarButtons: [["zoom2d", "pan2d", "resetScale2d", "toImage"]],
};
// A double tap would show all values of an axis that shows chosen ones, without a way back.
const TOUCH_CONFIG = { ...CONFIG, doubleClick: false };

/** Whether the device has no mouse. */
const isTouchDevice = () => window.matchMedia("(hover: none)").matches;

/** @type {Promise<Plotly> | undefined} */
let library;

/**
 * Load Plotly, once for all charts of the page.
 *
 * @returns {Promise<Plotly>}
 */
function loadPlotly() {
  library ??= new Promise((resolve, reject) => {
    const script = createElement("script", { src: PLOTLY });
    script.onload = () => resolve(/** @type {any} */ (window).Plotly);
    script.onerror = () => {
      library = undefined; // The next chart tries again.
      reject(new Error("The script that draws the charts could not be loaded."));
    };
    document.head.append(script);
  });
  return library;
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

/** @type {WeakMap<HTMLElement, ReturnType<typeof createChart>>} */
const views = new WeakMap();

/**
 * Hide touches from Plotly, which would zoom or move the chart instead of scrolling the page.
 *
 * A tap still shows values and picks points: the browser sends the events of a mouse after it.
 *
 * @param {HTMLElement} root
 */
function leaveTouchesToThePage(root) {
  root.addEventListener("touchstart", (event) => event.stopPropagation(), {
    capture: true,
    passive: true,
  });
}

function createChart() {
  const root = createElement("div", { className: "chart", role: "img" });
  leaveTouchesToThePage(root);
  return {
    root,
    newest: /** @type {Chart | undefined} */ (undefined),
    pending: /** @type {Promise<PlotlyChart> | undefined} */ (undefined),
    drawn: "", // The figure and theme on the page.
    legendHeight: 0, // Of the rows of the legend that the figure has no room for, in pixels.
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
  reservePlace(view.root, chart, view.legendHeight);
  view.pending ??= Promise.all([loadPlotly(), waitUntilVisible()])
    .finally(() => {
      view.pending = undefined;
    })
    .then(([plotly]) => drawNewest(plotly, parent, view));
  return view.pending;
}

/**
 * Give a chart its height and name, also before it is drawn.
 *
 * @param {HTMLElement} root
 * @param {Chart} chart
 * @param {number} legendHeight Pixels of the legend that the chart's height does not include.
 */
function reservePlace(root, { height, alt }, legendHeight) {
  root.style.height = `${height + legendHeight}px`;
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
  return isTouchDevice() ? x : undefined;
}

/**
 * Return whether a chart that grows needs another height for its legend, and remember that.
 *
 * @param {PlotlyChart} chart
 * @param {ReturnType<typeof createChart>} view
 * @param {Figure} figure
 */
function hasOtherLegendHeight(chart, view, figure) {
  const earlier = view.legendHeight;
  if (view.newest?.grows && figure.layout.margin) {
    // Plotly adds the legend's rows to the margin, and takes them from the plot.
    view.legendHeight = Math.max(0, chart._fullLayout._size.t - figure.layout.margin.t);
  }
  return view.legendHeight !== earlier;
}

/**
 * Draw a chart, and once more if its legend has another number of rows than before.
 *
 * On a phone the names of many runs would otherwise leave less than half of the height to the plot.
 *
 * @param {() => Promise<PlotlyChart>} draw
 * @param {ReturnType<typeof createChart>} view
 * @param {Figure} figure
 * @returns {Promise<PlotlyChart>}
 */
async function drawWithLegend(draw, view, figure) {
  if (!view.newest?.grows) return draw();
  const { newest } = view;
  const drawAtHeight = () => {
    reservePlace(view.root, newest, view.legendHeight);
    figure.layout.height = newest.height + view.legendHeight;
    return draw();
  };
  const chart = await drawAtHeight();
  return hasOtherLegendHeight(chart, view, figure) ? drawAtHeight() : chart;
}

/**
 * @param {Plotly} plotly
 * @param {HTMLElement} parent
 * @param {ReturnType<typeof createChart>} view
 * @returns {Promise<PlotlyChart>}
 */
async function drawNewest(plotly, parent, view) {
  const root = /** @type {PlotlyChart} */ (/** @type {HTMLElement} */ (view.root));
  if (!view.newest) return root;
  const { figure: json, theme } = view.newest;
  if (view.drawn === json + theme) return root;
  view.drawn = json + theme;
  const style = getComputedStyle(parent);
  /** @type {Figure} */
  const figure = JSON.parse(json, (key, value) => {
    // Plotly knows no colours of the page. Other texts, such as a run's title, stay as they are.
    const name = key.endsWith("color") && /^var\((--[\w-]+)\)$/.exec(value)?.[1];
    return name ? style.getPropertyValue(name).trim() : value;
  });
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
  const config = isTouchDevice() ? TOUCH_CONFIG : CONFIG;
  const draw = () => plotly.react(root, figure.data, figure.layout, config);
  const chart = await drawWithLegend(draw, view, figure);
  chart.removeAllListeners?.("plotly_relayout");
  // After a change of width, Plotly leaves a legend that now has fewer rows on the lines.
  chart.on("plotly_relayout", async ({ autosize }) => {
    if (!autosize) return;
    await plotly.redraw(chart);
    if (hasOtherLegendHeight(chart, view, figure)) await drawWithLegend(draw, view, figure);
  });
  if (tappedX !== undefined) plotly.Fx.hover(root, { xval: tappedX });
  return chart;
}
