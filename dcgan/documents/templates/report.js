// Draws the figures in the colours of the page, and again when those change.
const figures = JSON.parse(document.getElementById("figures").textContent);

function draw() {
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(name).trim();
  const font = { color: color("--text"), family: style.fontFamily, size: 12 };
  const hoverlabel = { bgcolor: color("--raised"), bordercolor: color("--line"), font };
  for (const [id, { data, layout }] of Object.entries(figures)) {
    const config = { responsive: true, displayModeBar: false };
    Plotly.react(id, data, { ...layout, font, hoverlabel }, config);
  }
}

draw();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
