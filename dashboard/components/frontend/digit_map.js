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

// All points with their place in the chart, in pixels; as far as they are in sight.
function placesOf(chart) {
  const { xaxis, yaxis } = chart._fullLayout;
  return chart.data.flatMap((trace) =>
    trace.visible === "legendonly"
      ? []
      : trace.customdata.map((index, i) => ({
          index,
          name: trace.name,
          x: xaxis._offset + xaxis.d2p(trace.x[i]),
          y: yaxis._offset + yaxis.d2p(trace.y[i]),
        })).filter(
          ({ x, y }) =>
            x >= xaxis._offset &&
            x <= xaxis._offset + xaxis._length &&
            y >= yaxis._offset &&
            y <= yaxis._offset + yaxis._length,
        ),
  );
}

// The nearest point on one side of another: `along` is where to go, one step of an arrow key.
function neighbour(places, from, along) {
  let [best, lowest] = [from, Infinity];
  for (const place of places) {
    const [right, down] = [place.x - from.x, place.y - from.y];
    const ahead = right * along[0] + down * along[1];
    const aside = Math.abs(right * along[1]) + Math.abs(down * along[0]);
    if (ahead < 1 || aside > ahead) continue;
    const far = ahead + 2 * aside;
    if (far < lowest) [best, lowest] = [place, far];
  }
  return best;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const preview = parentElement.querySelector(".preview") ?? makePreview(parentElement);
  if (preview.src !== data.sheet) {
    preview.src = data.sheet;
    preview.sheet = new Image();
    preview.sheet.src = data.sheet;
  }
  preview.width = preview.height = data.digitSide;
  const show = (index, x, y) => {
    const tile = data.digitSide;
    const from = [index % data.columns, Math.floor(index / data.columns)];
    preview
      .getContext("2d")
      .drawImage(preview.sheet, from[0] * tile, from[1] * tile, tile, tile, 0, 0, tile, tile);
    // To the left of the point where there is no room to its right.
    const { clientWidth } = parentElement;
    preview.style.left = `${x + SHOWN + 24 > clientWidth ? x - SHOWN - 16 : x + 16}px`;
    preview.style.top = `${Math.max(0, y - SHOWN / 2)}px`;
    preview.style.display = "block";
  };
  const hide = () => {
    preview.style.display = "none";
  };
  drawChart(parentElement, data).then((chart) => {
    for (const name of ["plotly_hover", "plotly_unhover", "plotly_click"]) {
      chart.removeAllListeners?.(name);
    }
    chart.on("plotly_hover", ({ points, event }) => {
      const box = parentElement.getBoundingClientRect();
      show(points[0].customdata, event.clientX - box.left, event.clientY - box.top);
    });
    chart.on("plotly_unhover", hide);
    chart.on("plotly_click", ({ points }) => setTriggerValue("picked", points[0].customdata));

    chart.tabIndex = 0;
    chart.setAttribute("role", "application"); // It takes the arrow keys.
    const middle = { x: chart.clientWidth / 2, y: chart.clientHeight / 2 };
    const far = (place) => Math.hypot(place.x - middle.x, place.y - middle.y);
    const go = (place) => {
      chart.__at = place.index;
      chart.setAttribute("aria-label", `${data.alt}: a digit seen as ${place.name}`);
      show(place.index, place.x, place.y);
    };
    const here = (places) =>
      places.find((place) => place.index === chart.__at) ??
      places.reduce((a, b) => (far(a) < far(b) ? a : b));
    chart.onfocus = () => {
      if (chart.matches(":focus-visible")) go(here(placesOf(chart)));
    };
    chart.onblur = hide;
    chart.onkeydown = (event) => {
      const along = {
        ArrowLeft: [-1, 0],
        ArrowRight: [1, 0],
        ArrowUp: [0, -1],
        ArrowDown: [0, 1],
      }[event.key];
      const places = placesOf(chart);
      if ((!along && event.key !== "Enter") || !places.length) return;
      event.preventDefault();
      if (along) go(neighbour(places, here(places), along));
      else setTriggerValue("picked", here(places).index);
    };
  });
}
