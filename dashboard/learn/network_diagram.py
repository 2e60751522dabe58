"""The diagram of a network as HTML, with a block for each layer. Imports no Streamlit.

The height and depth of a block show the size of the layer's picture in pixels, its width the number
of channels. Text has the page's own colour, for light and dark pages.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from dashboard.learn.network_layers import (
    Layer,
    Network,
    format_shape,
    format_weights,
    group_in_stages,
)
from dcgan.charts.colors import DISCRIMINATOR_COLOR, GENERATOR_COLOR

_COLORS = {"generator": GENERATOR_COLOR, "discriminator": DISCRIMINATOR_COLOR}
_INPUT_COLOR = "#8a8a99"  # The input is not part of the network.

# Sizes of the blocks, in CSS pixels.
_FULL_ROWS = 28  # Rows of an MNIST picture.
_FULL_HEIGHT = 96.0  # Height of a block with these rows.
_DEPTH = 0.36  # A block's third side, as a share of its height, drawn up and to the right.
_PLATE_WIDTH = 4.0  # A plate is a layer that changes numbers in place.
_ARROW_WIDTH = 24.0
_EDGE_WIDTH = 1.0

# Drawn on the side of the block that is the picture.
_DIGIT = (
    "..####..",
    ".##..##.",
    ".....##.",
    "...###..",
    ".....##.",
    ".##..##.",
    "..####..",
)


def make_network_html(network: Network) -> str:
    """Draw a network: a block for each layer, side by side, or as a list on a narrow page."""
    color = _COLORS.get(network.name, _INPUT_COLOR)
    stages = group_in_stages(network.layers)
    items = "".join(
        _make_stage_html(stage, color if index else _INPUT_COLOR, has_arrow=index > 0)
        for index, stage in enumerate(stages)
    )
    title = network.name.capitalize()
    num_not_trained = network.num_weights - network.num_trained
    statistics = (
        f", {num_not_trained:,} of them BatchNorm's running statistics" if num_not_trained else ""
    )
    first, last = network.layers[0].shape, network.layers[-1].shape
    label = (
        f"{title}: {len(network.layers)} layers from {format_shape(first)} to "
        f"{format_shape(last)}, {format_weights(network.num_weights)}"
    )
    return (
        f"{_NETWORK_STYLE}"
        f'<figure class="network" role="group" aria-label="{escape(label)}">'
        f'<figcaption><span class="network-name" style="border-color: {color}">{escape(title)}'
        f"</span> <span>{format_weights(network.num_weights)}{statistics}</span></figcaption>"
        f'<ol class="network-layers">{items}</ol></figure>'
    )


def make_placeholder_html() -> str:
    """Return a placeholder of about the size of both networks."""
    return f'{_NETWORK_STYLE}<div class="network-waiting">Reading the networks</div>'


def _make_stage_html(stage: Sequence[Layer], color: str, *, has_arrow: bool) -> str:
    head, *followers = stage
    detail = f"<small>{escape(head.detail)}</small>" if head.detail else ""
    weights = "" if head.kind == "InputLayer" else f"<em>{format_weights(head.num_weights)}</em>"
    follower_items = "".join(
        f"<li><span>{escape(layer.label)}</span><em>{format_weights(layer.num_weights)}</em></li>"
        for layer in followers
    )
    return (
        f'<li class="network-stage"><div class="network-art">'
        f"{_make_stage_svg(stage, color, has_arrow=has_arrow)}</div>"
        f'<div class="network-text"><strong>{format_shape(head.shape)}</strong>'
        f"<span>{escape(head.label)}</span>{detail}{weights}"
        + (f"<ul>{follower_items}</ul>" if follower_items else "")
        + "</div></li>"
    )


def _make_stage_svg(stage: Sequence[Layer], color: str, *, has_arrow: bool) -> str:
    """Draw the layers of a stage, seen slightly from above and from the right."""
    head, *followers = stage
    width, height = _compute_face_size(head.shape)
    shift = height * _DEPTH if len(head.shape) == 3 else 5.0  # Offset of the third side.
    rise = shift * 0.62
    step = _PLATE_WIDTH + 5
    left = _ARROW_WIDTH if has_arrow else 0.0
    total_width = left + width + step * len(followers) + shift + 2 * _EDGE_WIDTH
    total_height = height + rise + 2 * _EDGE_WIDTH
    top = rise + _EDGE_WIDTH
    parts = [_draw_cuboid(left + _EDGE_WIDTH, top, width, height, shift, rise, color)]
    if len(head.shape) == 1:
        parts.append(_draw_cells(left + _EDGE_WIDTH, top, width, height))
    if len(head.shape) == 3 and head.shape[2] == 1:
        parts.append(_draw_digit(left + _EDGE_WIDTH + width, top, height, shift, rise))
    for index in range(len(followers)):
        x = left + _EDGE_WIDTH + width + step * (index + 1) - _PLATE_WIDTH
        parts.append(
            _draw_cuboid(
                x, top, _PLATE_WIDTH, height, shift, rise, _mix_colors(color, "#ffffff", 0.35)
            )
        )
    if has_arrow:
        middle = total_height / 2
        parts.append(
            f'<path class="network-arrow" d="M2 {middle:.1f} h12 m-5 -4.5 l5 4.5 l-5 4.5" '
            'fill="none" stroke="currentColor" stroke-opacity="0.5" stroke-width="1.5" '
            'stroke-linecap="round" stroke-linejoin="round"/>'
        )
    label = f"{', '.join(layer.label for layer in stage)}: {format_shape(head.shape)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(label)}" '
        f'width="{total_width:.1f}" height="{total_height:.1f}" '
        f'viewBox="0 0 {total_width:.1f} {total_height:.1f}">{"".join(parts)}</svg>'
    )


def _compute_face_size(shape: Sequence[int]) -> tuple[float, float]:
    """Return width (channels, log scale) and height (rows) of a block's front in pixels."""
    if len(shape) == 3:
        rows, _, channels = shape
        return 5 + 8 * math.log2(channels), max(6.0, _FULL_HEIGHT * min(rows / _FULL_ROWS, 1.2))
    return 13.0, 13 + 7 * math.log2(math.prod(shape))  # A vector is an upright row.


def _draw_cuboid(
    x: float, y: float, width: float, height: float, shift: float, rise: float, color: str
) -> str:
    right, bottom = x + width, y + height
    front = f"M{x:.1f} {y:.1f} H{right:.1f} V{bottom:.1f} H{x:.1f} Z"
    lid = f"M{x:.1f} {y:.1f} l{shift:.1f} {-rise:.1f} h{width:.1f} L{right:.1f} {y:.1f} Z"
    side = (
        f"M{right:.1f} {y:.1f} l{shift:.1f} {-rise:.1f} v{height:.1f} L{right:.1f} {bottom:.1f} Z"
    )
    edge = _mix_colors(color, "#000000", 0.3)
    shades = (color, _mix_colors(color, "#ffffff", 0.4), _mix_colors(color, "#000000", 0.18))
    return "".join(
        f'<path d="{path}" fill="{fill}" stroke="{edge}" stroke-width="0.8" '
        'stroke-linejoin="round"/>'
        for path, fill in zip((front, lid, side), shades, strict=True)
    )


def _draw_digit(x: float, y: float, height: float, shift: float, rise: float) -> str:
    """Draw a small digit on a block's side, in its perspective."""
    rows, columns = len(_DIGIT) + 4, len(_DIGIT[0]) + 4  # Two pixels of margin around it.
    squares = " ".join(
        f"M{column + 2} {row + 2}h1v1h-1z"
        for row, line in enumerate(_DIGIT)
        for column, pixel in enumerate(line)
        if pixel == "#"
    )
    across, up, down = shift / columns, -rise / columns, height / rows
    return (
        f'<path transform="matrix({across:.3f} {up:.3f} 0 {down:.3f} {x:.1f} {y:.1f})" '
        f'd="{squares}" fill="#ffffff" fill-opacity="0.9"/>'
    )


def _draw_cells(x: float, y: float, width: float, height: float) -> str:
    """Draw a vector's numbers as cells; a long vector gets fewer cells than it has numbers."""
    num_cells = round(height / 9)
    lines = "".join(
        f"M{x:.1f} {y + height * index / num_cells:.1f} h{width:.1f} "
        for index in range(1, num_cells)
    )
    return f'<path d="{lines.strip()}" stroke="#ffffff" stroke-opacity="0.7"/>' if lines else ""


def _mix_colors(color: str, other: str, share: float) -> str:
    """Mix a share of another colour into one; both are #rrggbb."""
    pairs = [(int(color[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


# Side by side if the diagram is at least 720 pixels wide, otherwise a list.
_NETWORK_STYLE = """<style>
.network { margin: 0; container-type: inline-size; font-variant-numeric: tabular-nums; }
.network figcaption { display: flex; flex-wrap: wrap; gap: 0.2rem 0.75rem; align-items: baseline; }
.network figcaption span + span { opacity: 0.75; font-size: 0.875rem; }
.network .network-name { border-left: 4px solid; padding-left: 0.6rem; font-weight: 600;
  font-size: 1.1rem; line-height: 1.3; }
.network ol, .network ul { list-style: none; margin: 0; padding: 0; }
.network li { margin: 0; padding: 0; font-size: inherit; }
.network-layers { padding-top: 0.5rem !important; }
.network .network-stage { display: grid; grid-template-columns: 8.75rem minmax(0, 1fr);
  gap: 0.75rem; align-items: center; padding: 0.6rem 0; }
.network-art { display: flex; justify-content: center; }
.network-art svg { display: block; flex: none; overflow: visible; }
.network .network-arrow { display: none; }
.network-stage + .network-stage svg { margin-left: -24px; }
.network-text { display: flex; flex-direction: column; font-size: 0.875rem; line-height: 1.4; }
.network-text strong { font-size: 1rem; font-weight: 600; }
.network-text small { font-size: 0.8125rem; opacity: 0.75; }
.network-text em { font-style: normal; font-size: 0.8125rem; opacity: 0.75; }
.network-text ul { margin-top: 0.35rem !important; }
.network-text ul li { display: flex; flex-wrap: wrap; gap: 0 0.4rem; align-items: baseline;
  font-size: 0.8125rem; }
.network-waiting { min-height: 95rem; padding-top: 1rem; opacity: 0.6; }
@container (min-width: 720px) {
  .network-layers { display: flex; flex-wrap: wrap; gap: 1rem 1.25rem; }
  .network .network-stage { display: flex; flex-direction: column; align-items: flex-start;
    gap: 0.6rem; flex: 1 0 auto; width: min-content; min-width: 8.5rem; padding: 0.5rem 0; }
  .network-art { height: 9.25rem; align-items: center; justify-content: flex-start; }
  .network .network-arrow { display: inline; }
  .network-stage + .network-stage svg { margin-left: 0; }
}
@media (min-width: 800px) { .network-waiting { min-height: 51rem; } }
</style>"""
