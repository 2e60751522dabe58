"""Pictures and charts that are changed in place: nothing blinks, jumps or loses a zoom.

Two small components in the page's own DOM. Streamlit's image and Plotly elements are made anew
with each new content, which drops a person's zoom and lets a slow browser ask for a file that
is gone; these keep their node and take the new content as data.
"""

from __future__ import annotations

import streamlit as st

from dcgan.imaging import data_url

_PICTURE_JS = """
export default function ({ data, parentElement }) {
  let image = parentElement.querySelector("img");
  if (!image) {
    image = document.createElement("img");
    image.style.display = "block";
    image.style.borderRadius = "6px";
    image.draggable = false;
    parentElement.appendChild(image);
  }
  // The place is reserved before the picture is decoded.
  const fit = () => {
    const room = parentElement.clientWidth;
    if (!room) return;
    // Whole device pixels for each pixel of the picture, or it would look uneven; smaller than
    // one to one only where there is no room for that.
    const ratio = window.devicePixelRatio || 1;
    const most = Math.min(data.scale * ratio, Math.floor((room * ratio) / data.width));
    const width = most >= 1 ? (Math.floor(most) * data.width) / ratio : room;
    image.style.width = `${width}px`;
    image.style.height = `${(width * data.height) / data.width}px`;
    image.style.imageRendering = "pixelated";
  };
  if (image.alt !== data.alt) image.alt = data.alt;
  if (image.getAttribute("src") !== data.src) image.src = data.src;
  fit();
  const observer = new ResizeObserver(fit);
  observer.observe(parentElement);
  parentElement.__observer?.disconnect();
  parentElement.__observer = observer;
  return () => observer.disconnect();
}
"""

_CHART_JS = """
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

export default function ({ data, parentElement }) {
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
  loadPlotly().then((Plotly) => {
    if (chart.__newest !== data.figure || chart.__drawn === data.figure + data.theme) return;
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
    Plotly.react(chart, figure.data, figure.layout, {
      responsive: true,
      displaylogo: false,
      modeBarButtons: [["zoom2d", "pan2d", "resetScale2d", "toImage"]],
    });
  });
}
"""

_picture = st.components.v2.component("picture", js=_PICTURE_JS, isolate_styles=False)
_chart = st.components.v2.component("chart", js=_CHART_JS, isolate_styles=False)


def picture(encoded: bytes, *, size: tuple[int, int], alt: str, key: str, scale: int = 1) -> None:
    """Show a small picture enlarged by a whole number, swapped in place when it changes.

    Args:
        encoded: PNG, GIF or WebP.
        size: Its width and height in its own pixels.
        alt: What is shown and of which step.
        key: Streamlit's key; the same picture keeps it.
        scale: How much to enlarge it at most; less where there is less room.
    """
    _picture(
        key=key,
        data={
            "src": data_url(encoded),
            "alt": alt,
            "width": size[0],
            "height": size[1],
            "scale": scale,
        },
    )


def chart(figure: str, *, height: int, alt: str, key: str) -> None:
    """Show a Plotly figure, redrawn in place when it changes.

    Args:
        figure: The figure as JSON, as of `Figure.to_json`.
        height: In pixels.
        alt: What is shown and up to which step.
        key: Streamlit's key; the same chart keeps it.
    """
    _chart(
        key=key,
        data={"figure": figure, "height": height, "alt": alt, "theme": st.context.theme.type},
        height=height,
    )
