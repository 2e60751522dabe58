/** A Plotly chart that changes in place; see `chart.py`. */

import { drawChart } from "./plot.js";

/** @import { Chart } from "./plot.js" */
/** @import { Component } from "../types.js" */

/** @param {Component<Chart>} component */
export default function showChart({ data, parentElement }) {
  drawChart(parentElement, data);
}
