const SHOWN = 112; // Of the digit under the pointer, in pixels on the page.

function makePreview(parent) {
  const preview = document.createElement("canvas");
  preview.className = "preview";
  preview.setAttribute("aria-hidden", "true");
  Object.assign(preview.style, {
    position: "absolute",
    width: `${SHOWN}px`,
    height: `${SHOWN}px`,
    imageRendering: "pixelated",
    borderRadius: "6px",
    border: "2px solid var(--st-primary-color)",
    pointerEvents: "none",
    display: "none",
    zIndex: 10,
  });
  parent.style.position = "relative";
  parent.appendChild(preview);
  return preview;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const preview = parentElement.querySelector(".preview") ?? makePreview(parentElement);
  if (preview.src !== data.sheet) {
    preview.src = data.sheet;
    preview.sheet = new Image();
    preview.sheet.src = data.sheet;
  }
  preview.width = preview.height = data.tile;
  drawChart(parentElement, data).then((chart) => {
    if (!chart.on) return; // A newer figure is on its way, and will come here too.
    for (const name of ["plotly_hover", "plotly_unhover", "plotly_click"]) {
      chart.removeAllListeners?.(name);
    }
    chart.on("plotly_hover", ({ points, event }) => {
      const index = points[0].customdata;
      const from = [index % data.columns, Math.floor(index / data.columns)];
      const { tile } = data;
      preview
        .getContext("2d")
        .drawImage(preview.sheet, from[0] * tile, from[1] * tile, tile, tile, 0, 0, tile, tile);
      const box = parentElement.getBoundingClientRect();
      const x = event.clientX - box.left;
      // To the left of the pointer where there is no room to its right.
      preview.style.left = `${x + SHOWN + 24 > box.width ? x - SHOWN - 16 : x + 16}px`;
      preview.style.top = `${Math.max(0, event.clientY - box.top - SHOWN / 2)}px`;
      preview.style.display = "block";
    });
    chart.on("plotly_unhover", () => {
      preview.style.display = "none";
    });
    chart.on("plotly_click", ({ points }) => setTriggerValue("picked", points[0].customdata));
  });
}
