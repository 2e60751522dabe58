/** A scatter chart whose points are digits; see `chart.py`. */

import { drawChart } from "../charts/plot.js";
import { ARROWS, createElement, getContext, getView } from "../dom.js";

/** @import { Chart, Figure, PlotlyChart } from "../charts/plot.js" */
/** @import { Component, Point } from "../types.js" */

const PREVIEW_SIDE = 112; // In CSS pixels.
const NARROW = 480; // In CSS pixels: a phone.
const RING_SIDE = 27; // Of the ring with its halo, in CSS pixels.

/**
 * @typedef {object} DigitMap
 * @property {string} sheet
 * @property {number} columns
 * @property {number} digitSide
 * @property {number | null} chosen Index of the digit that gets a ring.
 * @property {string} pointLabel Description of a digit, before the name of its trace.
 */

/**
 * A point of the chart.
 *
 * @typedef {object} Place
 * @property {number} index Of the digit.
 * @property {string} name Of the trace.
 * @property {number} x In pixels of the chart.
 * @property {number} y In pixels of the chart.
 */

/** @type {WeakMap<HTMLElement, ReturnType<typeof createPreview>>} */
const views = new WeakMap();

function createPreview() {
  const root = createElement("canvas", { className: "preview", ariaHidden: "true" });
  Object.assign(root.style, {
    position: "absolute",
    width: `${PREVIEW_SIDE}px`,
    height: `${PREVIEW_SIDE}px`,
    imageRendering: "pixelated",
    borderRadius: "6px",
    border: "2px solid var(--st-primary-color)",
    pointerEvents: "none",
    display: "none",
    zIndex: 10,
  });
  return { root, sheet: new Image(), src: "", focused: -1 };
}

/**
 * Move the label that the ring would cover to the other side of the label's place.
 *
 * @param {Figure["layout"]} layout
 * @param {Point} point The ring's place, in the units of the axes.
 * @param {Point} size Of the chart, in CSS pixels.
 */
function moveLabel({ shapes, xaxis, yaxis, margin }, [x, y], [width, height]) {
  if (!xaxis?.range || !yaxis?.range || !margin) return;
  const [[left, right], [bottom, top]] = [xaxis.range, yaxis.range];
  for (const shape of shapes ?? []) {
    const across = ((x - shape.xanchor) / (right - left)) * (width - margin.l - margin.r);
    const up = ((y - shape.yanchor) / (top - bottom)) * (height - margin.t - margin.b);
    if (Math.abs(across) > RING_SIDE / 2 + 8 || Math.abs(up) > RING_SIDE / 2 + 13) continue;
    const middle = up + (up > 0 ? -1 : 1) * (RING_SIDE / 2 + 15);
    Object.assign(shape, { y0: middle - 13, y1: middle + 13 });
  }
}

/**
 * Return the figure with a ring around the chosen digit. In a narrow parent the points are larger,
 * for fingers.
 *
 * @param {Pick<Chart & DigitMap, "figure" | "theme" | "chosen" | "height">} data
 * @param {number} width Of the parent, in CSS pixels.
 * @returns {string} As JSON.
 */
export function fitFigure({ figure, theme, chosen, height }, width) {
  /** @type {Figure} */
  const { data, layout } = JSON.parse(figure);
  if (width < NARROW) {
    for (const trace of data) Object.assign(trace.marker ?? {}, { size: 7 });
  }
  const pointIndices = data.map(({ customdata }) => customdata.indexOf(chosen ?? -1));
  const traceIndex = pointIndices.findIndex((index) => index >= 0);
  if (traceIndex >= 0) {
    const [color, halo] = theme === "dark" ? ["#ffffff", "#131319"] : ["#131319", "#ffffff"];
    const [trace, pointIndex] = [data[traceIndex], pointIndices[traceIndex]];
    const [x, y] = [trace.x[pointIndex], trace.y[pointIndex]];
    moveLabel(layout, [x, y], [width, height]);
    // Above the labels, which are shapes too. A shape is cut at the edge, where there is no label.
    const circle = { type: "circle", xsizemode: "pixel", ysizemode: "pixel" };
    const position = { xanchor: x, yanchor: y, x0: -10, x1: 10, y0: -10, y1: 10 };
    const lines = [
      { color: halo, width: 7 },
      { color, width: 3 },
    ];
    layout.shapes = [
      ...(layout.shapes ?? []),
      ...lines.map((line) => ({ ...circle, ...position, line })),
    ];
    data.push({
      type: "scatter",
      name: "",
      x: [x],
      y: [y],
      customdata: [], // The ring itself is not a digit.
      mode: "markers",
      marker: { symbol: "circle-open", size: 20, color, line: { width: 3 } },
      hoverinfo: "skip",
      cliponaxis: false,
    });
  }
  return JSON.stringify({ data, layout });
}

/**
 * Return the points that are inside the axes, as zoomed.
 *
 * @param {PlotlyChart} chart
 * @returns {Place[]}
 */
function listVisiblePlaces(chart) {
  const { xaxis, yaxis } = chart._fullLayout;
  return chart.data
    .flatMap((trace) =>
      trace.customdata.map((index, i) => ({
        index,
        name: trace.name,
        x: xaxis._offset + xaxis.d2p(trace.x[i]),
        y: yaxis._offset + yaxis.d2p(trace.y[i]),
      })),
    )
    .filter(
      ({ x, y }) =>
        x >= xaxis._offset &&
        x <= xaxis._offset + xaxis._length &&
        y >= yaxis._offset &&
        y <= yaxis._offset + yaxis._length,
    );
}

/**
 * Return the place to which an arrow key leads: the nearest one in its direction.
 *
 * Distance to the side counts twice. A place that is more to the side than ahead is reached by
 * another arrow key.
 *
 * @param {Place[]} places
 * @param {Place} from
 * @param {Point} direction
 * @returns {Place} `from` if there is none.
 */
export function findNearestInDirection(places, from, [right, down]) {
  let nearest = from;
  let lowest = Infinity;
  for (const place of places) {
    const [x, y] = [place.x - from.x, place.y - from.y];
    const ahead = x * right + y * down;
    const aside = Math.abs(x * down) + Math.abs(y * right);
    const cost = ahead + 2 * aside;
    if (ahead >= 1 && aside <= ahead && cost < lowest) [nearest, lowest] = [place, cost];
  }
  return nearest;
}

/**
 * Return the place nearest to a point.
 *
 * @param {Place[]} places At least one.
 * @param {Point} point
 * @returns {Place}
 */
export function findNearest(places, [x, y]) {
  /** @param {Place} place */
  const distance = (place) => Math.hypot(place.x - x, place.y - y);
  return places.reduce((a, b) => (distance(a) < distance(b) ? a : b));
}

/** @param {Component<Chart & DigitMap>} component */
export default function showDigitMap({ data, parentElement, setTriggerValue }) {
  const preview = getView(views, parentElement, createPreview);
  parentElement.style.position = "relative";
  if (preview.src !== data.sheet) preview.sheet.src = preview.src = data.sheet;
  const size = data.digitSide;
  // Setting a size empties the canvas, even if the size does not change.
  if (preview.root.width !== size) preview.root.width = preview.root.height = size;

  /**
   * @param {number} index
   * @param {Point} point Of the digit, in pixels of the chart.
   */
  const show = (index, [x, y]) => {
    const [column, row] = [index % data.columns, Math.floor(index / data.columns)];
    const context = getContext(preview.root);
    context.drawImage(preview.sheet, column * size, row * size, size, size, 0, 0, size, size);
    const fitsRight = x + PREVIEW_SIDE + 24 <= parentElement.clientWidth;
    preview.root.style.left = `${fitsRight ? x + 16 : x - PREVIEW_SIDE - 16}px`;
    preview.root.style.top = `${Math.max(0, y - PREVIEW_SIDE / 2)}px`;
    preview.root.style.display = "block";
  };
  const hide = () => {
    preview.root.style.display = "none";
  };
  /** @param {PlotlyChart} chart */
  const listen = (chart) => {
    for (const name of ["plotly_hover", "plotly_unhover", "plotly_click"]) {
      chart.removeAllListeners?.(name);
    }
    chart.on("plotly_hover", ({ points, event }) => {
      const box = parentElement.getBoundingClientRect();
      show(points[0].customdata, [event.clientX - box.left, event.clientY - box.top]);
    });
    chart.on("plotly_unhover", hide);
    chart.on("plotly_click", ({ points }) => {
      hide(); // The picked digit comes to the grid.
      setTriggerValue("picked", points[0].customdata);
    });

    chart.tabIndex = 0;
    chart.role = "application"; // The chart itself handles the arrow keys.
    /** @param {Place[]} places */
    const getFocusedPlace = (places) =>
      places.find((place) => place.index === preview.focused) ??
      findNearest(places, [chart.clientWidth / 2, chart.clientHeight / 2]);
    /** @param {Place} place */
    const focus = (place) => {
      preview.focused = place.index;
      chart.ariaLabel = `${data.alt}: ${data.pointLabel} ${place.name}`;
      show(place.index, [place.x, place.y]);
    };
    chart.onfocus = () => {
      const places = listVisiblePlaces(chart);
      if (places.length && chart.matches(":focus-visible")) focus(getFocusedPlace(places));
    };
    chart.onblur = hide;
    chart.onkeydown = (event) => {
      const arrow = ARROWS[event.key];
      const places = listVisiblePlaces(chart);
      if ((!arrow && event.key !== "Enter") || !places.length) return;
      event.preventDefault();
      const place = getFocusedPlace(places);
      if (arrow) focus(findNearestInDirection(places, place, arrow));
      else setTriggerValue("picked", place.index);
    };
  };
  const figure = fitFigure(data, parentElement.clientWidth);
  drawChart(parentElement, { ...data, figure }).then(listen);
}
