const PLOTLY = new URL("assets/plotly.min.js", document.baseURI).href;

function loadPlotly() {
  window.__plotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = PLOTLY;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      window.__plotly = undefined;
      reject(new Error("the chart's script could not be loaded"));
    };
    document.head.appendChild(script);
  });
  return window.__plotly;
}

// Draws `data.figure` into a node of the parent, in place; resolves to Plotly's chart.
function drawChart(parentElement, data) {
  let chart = parentElement.querySelector(".chart");
  if (!chart) {
    chart = document.createElement("div");
    chart.className = "chart";
    chart.setAttribute("role", "img");
    parentElement.appendChild(chart);
  }
  chart.style.height = `${data.height}px`;
  chart.setAttribute("aria-label", data.alt);
  chart.setAttribute("alt", data.alt);
  chart.__newest = data.figure;
  return loadPlotly().then((Plotly) => {
    if (chart.__newest !== data.figure || chart.__drawn === data.figure + data.theme) return chart;
    chart.__drawn = data.figure + data.theme;
    const figure = JSON.parse(data.figure);
    const style = getComputedStyle(parentElement);
    figure.layout.font = {
      family: style.fontFamily,
      size: 13,
      color: style.getPropertyValue("--st-text-color").trim() || style.color,
    };
    figure.layout.hoverlabel = {
      bgcolor: style.getPropertyValue("--st-secondary-background-color").trim(),
      font: figure.layout.font,
    };
    return Plotly.react(chart, figure.data, figure.layout, {
      responsive: true,
      displaylogo: false,
      modeBarButtons: [["zoom2d", "pan2d", "resetScale2d", "toImage"]],
    });
  });
}
