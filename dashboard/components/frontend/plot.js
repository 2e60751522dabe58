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

// A tab that nobody sees draws nothing: ten of them would cost a training on the same machine more
// than all the server does for them.
function whenSeen() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", resolve, { once: true });
  });
}

// Lines through settings are the one chart that Plotly draws by WebGL; without, it leaves a grey box
// with an address in the internet.
function lacksWebGl(figure) {
  const wants = figure.data.some(({ type }) => type === "parcoords");
  return wants && !document.createElement("canvas").getContext("webgl");
}

// Draws `data.figure` into a node of the parent, in place; resolves to Plotly's chart. Of several
// that come before it can draw, the newest counts.
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
  chart.__newest = data;
  chart.__waits ??= Promise.all([loadPlotly(), whenSeen()])
    .finally(() => {
      chart.__waits = undefined;
    })
    .then(([Plotly]) => {
      const { figure: text, theme } = chart.__newest;
      if (chart.__drawn === text + theme) return chart;
      chart.__drawn = text + theme;
      const figure = JSON.parse(text);
      if (lacksWebGl(figure)) {
        chart.style.height = "auto";
        chart.style.opacity = "0.75";
        chart.textContent = "This browser has no WebGL, by which this chart is drawn; the table has the same.";
        return chart;
      }
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
  return chart.__waits;
}
