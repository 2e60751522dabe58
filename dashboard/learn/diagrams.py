"""Pictures of the networks and of a training step, as HTML and SVG strings.

A Keras model becomes plain layer rows, and those become blocks: as high and deep as the picture
is large, as wide as it has channels. It imports no Streamlit and no Keras, and takes its text
colour from the page, so that light and dark both fit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from dcgan.export.chart_parts import DISCRIMINATOR_COLOR, GENERATOR_COLOR

if TYPE_CHECKING:
    import keras

_COLORS = {"generator": GENERATOR_COLOR, "discriminator": DISCRIMINATOR_COLOR}
_INPUT_COLOR = "#8a8a99"  # What flows into a network is not part of it.

# Layers that change numbers in place: drawn as thin plates behind the block that they work on.
_IN_PLACE = ("BatchNormalization", "ReLU", "LeakyReLU", "Dropout", "Activation")

_SUMMARY_WIDTH = 72  # Characters.

# Blocks, in CSS pixels.
_FACE = 96.0  # Height of a block of 28 rows.
_FULL_SIZE = 28
_DEPTH = 0.36  # A block's third side, as a share of its height, drawn up and to the right.
_PLATE = 4.0
_ARROW = 24.0
_EDGE = 1.0

# What a picture's block shows on its side, so that one sees which block is the picture.
_DIGIT = (
    "..####..",
    ".##..##.",
    ".....##.",
    "...###..",
    ".....##.",
    ".##..##.",
    "..####..",
)


@dataclass(frozen=True)
class Layer:
    """One layer of a network, in plain Python.

    Attributes:
        kind: Keras's name of its class.
        words: What people call it.
        detail: What it does, in a few words, or empty.
        shape: Of what comes out for one picture, such as (7, 7, 64).
        num_weights: Everything that it stores, BatchNorm's running statistics included.
    """

    kind: str
    words: str
    detail: str
    shape: tuple[int, ...]
    num_weights: int


@dataclass(frozen=True)
class Network:
    """A network's layers from the input on.

    Attributes:
        name: `generator` or `discriminator`.
        layers: The input is the first.
        num_trained: Weights that the optimizer changes.
        summary: Keras's own table.
    """

    name: str
    layers: tuple[Layer, ...]
    num_trained: int
    summary: str

    @property
    def num_weights(self) -> int:
        """All weights, trained or not."""
        return sum(layer.num_weights for layer in self.layers)


def describe_network(model: keras.Model) -> Network:
    """Read a Keras functional model into plain rows; it need not hold any values.

    Args:
        model: Named `generator` or `discriminator`, each layer with one output.
    """
    tables: list[str] = []
    model.summary(
        print_fn=lambda text, line_break=True: tables.append(text), line_length=_SUMMARY_WIDTH
    )
    return Network(
        name=model.name,
        layers=tuple(_describe_layer(layer) for layer in model.layers),
        num_trained=sum(math.prod(weight.shape) for weight in model.trainable_weights),
        summary="\n".join(tables).strip(),
    )


def shape_words(shape: Sequence[int]) -> str:
    """Write a shape for people: "7 × 7 × 64"."""
    return " × ".join(f"{size:,}" for size in shape)


def weight_words(num_weights: int) -> str:
    """Write a number of weights for people: "200,704 weights"."""
    if num_weights == 0:
        return "no weights"
    return "1 weight" if num_weights == 1 else f"{num_weights:,} weights"


def stages(layers: Sequence[Layer]) -> list[tuple[Layer, ...]]:
    """Group layers: each that makes something new, with those that then work on it in place."""
    groups: list[tuple[Layer, ...]] = []
    for layer in layers:
        if groups and layer.kind in _IN_PLACE:
            groups[-1] += (layer,)
        else:
            groups.append((layer,))
    return groups


def network_html(network: Network) -> str:
    """Draw a network: a block for each layer, side by side where there is room, else in a list."""
    color = _COLORS.get(network.name, _INPUT_COLOR)
    groups = stages(network.layers)
    items = "".join(
        _stage_html(group, color if index else _INPUT_COLOR, has_arrow=index > 0)
        for index, group in enumerate(groups)
    )
    title = network.name.capitalize()
    not_trained = network.num_weights - network.num_trained
    aside = f", {not_trained:,} of them BatchNorm's running statistics" if not_trained else ""
    first, last = network.layers[0].shape, network.layers[-1].shape
    label = (
        f"{title}: {len(network.layers)} layers from {shape_words(first)} to {shape_words(last)}, "
        f"{weight_words(network.num_weights)}"
    )
    return (
        f"{_NETWORK_STYLE}"
        f'<figure class="network" role="group" aria-label="{escape(label)}">'
        f'<figcaption><span class="network-name" style="border-color: {color}">{escape(title)}'
        f"</span> <span>{weight_words(network.num_weights)}{aside}</span></figcaption>"
        f'<ol class="network-layers">{items}</ol></figure>'
    )


def waiting_html() -> str:
    """Return what holds a network's place until it can be drawn."""
    return f'{_NETWORK_STYLE}<div class="network-waiting">Reading the networks</div>'


def training_step_html() -> str:
    """Draw what happens in one training step: who hands what to whom, and who learns from what."""
    label = (
        "One training step. The generator turns latent vectors z into fake images. The "
        "discriminator judges real images and fake images and gives logits, from which both "
        "losses are computed. The discriminator's loss changes the discriminator's weights, the "
        "generator's loss changes the generator's weights."
    )
    generator, discriminator = GENERATOR_COLOR, DISCRIMINATOR_COLOR
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 384 278" role="img" '
        f'aria-label="{escape(label)}" style="display: block; width: 100%; max-width: 460px; '
        'height: auto" font-family="inherit" font-size="13" text-anchor="middle">'
        # Forward: what is handed on.
        '<g fill="none" stroke="currentColor" stroke-opacity="0.55" stroke-width="1.4" '
        'stroke-linejoin="round">'
        f"{_flow('M92 30 H138')}{_flow('M240 30 H286')}"
        f"{_flow('M92 132 H138')}{_flow('M336 54 V122 H246')}"
        f"{_flow('M178 156 V224')}{_flow('M224 156 V190 H290 V224')}</g>"
        '<g fill="currentColor" fill-opacity="0.75" font-size="12">'
        '<text x="172" y="212" text-anchor="end">fake logits</text>'
        '<text x="297" y="212" text-anchor="start">all logits</text></g>'
        # Backward: who learns.
        '<g fill="none" stroke-width="1.8" stroke-linejoin="round">'
        f'<g stroke="{generator}">{_flow("M104 226 V44 H138", dash="5 4")}</g>'
        f'<g stroke="{discriminator}">{_flow("M366 226 V142 H246", dash="5 4")}</g></g>'
        + _box(0, 6, 92, 48, "Latent", "vectors z")
        + _box(140, 6, 100, 48, "Generator", "", generator)
        + _box(288, 6, 96, 48, "Fake", "images")
        + _box(0, 108, 92, 48, "Real", "images")
        + _box(140, 108, 104, 48, "Discriminator", "", discriminator)
        + _box(60, 226, 152, 46, "Generator loss", "fakes called fake", generator)
        + _box(228, 226, 156, 46, "Discriminator loss", "anything called wrong", discriminator)
        + "</svg>"
    )


def _describe_layer(layer: Any) -> Layer:
    kind = type(layer).__name__
    words, detail = _plain_words(kind, layer)
    return Layer(
        kind=kind,
        words=words,
        detail=detail,
        shape=tuple(int(size) for size in layer.output.shape[1:]),
        num_weights=int(layer.count_params()),
    )


def _plain_words(kind: str, layer: Any) -> tuple[str, str]:
    """Say what a layer is called and what it does."""
    match kind:
        case "InputLayer":
            is_latent = len(layer.output.shape) == 2
            return (
                ("Latent vector z", "random numbers") if is_latent else ("Picture", "real or fake")
            )
        case "Dense":
            is_last = layer.output.shape[1:] == (1,)
            return "Dense", "one number, the logit" if is_last else "every input to every output"
        case "Reshape":
            return "Reshape", "the same numbers as small pictures"
        case "Flatten":
            return "Flatten", "the same numbers in a row"
        case "Conv2DTranspose" | "Conv2D":
            is_up = kind == "Conv2DTranspose"
            factor = int(layer.strides[0])
            change = f"size {'×' if is_up else '÷'} {factor}"
            window = shape_words(layer.kernel_size)
            parts = [f"{window} window", change if factor > 1 else "same size"]
            if getattr(layer.activation, "__name__", "linear") == "tanh":
                parts.append("tanh")
            return "Transposed convolution" if is_up else "Convolution", ", ".join(parts)
        case "BatchNormalization":
            return "BatchNorm", ""
        case "Dropout":
            return f"Dropout {layer.rate:.0%}", ""
        case _:
            return kind, ""


def _stage_html(group: Sequence[Layer], color: str, *, has_arrow: bool) -> str:
    head, *followers = group
    detail = f"<small>{escape(head.detail)}</small>" if head.detail else ""
    weights = "" if head.kind == "InputLayer" else f"<em>{weight_words(head.num_weights)}</em>"
    rest = "".join(
        f"<li><span>{escape(layer.words)}</span><em>{weight_words(layer.num_weights)}</em></li>"
        for layer in followers
    )
    return (
        f'<li class="network-stage"><div class="network-art">'
        f"{_stage_svg(group, color, has_arrow=has_arrow)}</div>"
        f'<div class="network-text"><strong>{shape_words(head.shape)}</strong>'
        f"<span>{escape(head.words)}</span>{detail}{weights}"
        + (f"<ul>{rest}</ul>" if rest else "")
        + "</div></li>"
    )


def _stage_svg(group: Sequence[Layer], color: str, *, has_arrow: bool) -> str:
    """Draw a stage's layers, seen a little from above and from the right."""
    head, *followers = group
    width, height = _face_size(head.shape)
    shift = height * _DEPTH if len(head.shape) == 3 else 5.0  # Of the third side.
    rise = shift * 0.62
    step = _PLATE + 5
    left = _ARROW if has_arrow else 0.0
    total_width = left + width + step * len(followers) + shift + 2 * _EDGE
    total_height = height + rise + 2 * _EDGE
    top = rise + _EDGE
    parts = [_cuboid(left + _EDGE, top, width, height, shift, rise, color)]
    if len(head.shape) == 1:
        parts.append(_cells(left + _EDGE, top, width, height))
    if len(head.shape) == 3 and head.shape[2] == 1:
        parts.append(_digit(left + _EDGE + width, top, height, shift, rise))
    for index in range(len(followers)):
        x = left + _EDGE + width + step * (index + 1) - _PLATE
        parts.append(_cuboid(x, top, _PLATE, height, shift, rise, _mix(color, "#ffffff", 0.35)))
    if has_arrow:
        middle = total_height / 2
        parts.append(
            f'<path class="network-arrow" d="M2 {middle:.1f} h12 m-5 -4.5 l5 4.5 l-5 4.5" '
            'fill="none" stroke="currentColor" stroke-opacity="0.5" stroke-width="1.5" '
            'stroke-linecap="round" stroke-linejoin="round"/>'
        )
    label = f"{', '.join(layer.words for layer in group)}: {shape_words(head.shape)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(label)}" '
        f'width="{total_width:.1f}" height="{total_height:.1f}" '
        f'viewBox="0 0 {total_width:.1f} {total_height:.1f}">{"".join(parts)}</svg>'
    )


def _face_size(shape: Sequence[int]) -> tuple[float, float]:
    """Return width and height of a block's front: channels on a log scale, rows in proportion."""
    if len(shape) == 3:
        rows, _, channels = shape
        return 5 + 8 * math.log2(channels), max(6.0, _FACE * min(rows / _FULL_SIZE, 1.2))
    return 13.0, 13 + 7 * math.log2(math.prod(shape))  # A row of numbers stands upright.


def _cuboid(
    x: float, y: float, width: float, height: float, shift: float, rise: float, color: str
) -> str:
    right, bottom = x + width, y + height
    front = f"M{x:.1f} {y:.1f} H{right:.1f} V{bottom:.1f} H{x:.1f} Z"
    lid = f"M{x:.1f} {y:.1f} l{shift:.1f} {-rise:.1f} h{width:.1f} L{right:.1f} {y:.1f} Z"
    side = (
        f"M{right:.1f} {y:.1f} l{shift:.1f} {-rise:.1f} v{height:.1f} L{right:.1f} {bottom:.1f} Z"
    )
    edge = _mix(color, "#000000", 0.3)
    shades = (color, _mix(color, "#ffffff", 0.4), _mix(color, "#000000", 0.18))
    return "".join(
        f'<path d="{path}" fill="{fill}" stroke="{edge}" stroke-width="0.8" '
        'stroke-linejoin="round"/>'
        for path, fill in zip((front, lid, side), shades, strict=True)
    )


def _digit(x: float, y: float, height: float, shift: float, rise: float) -> str:
    """Draw a small digit on a block's side, leaning with it."""
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


def _cells(x: float, y: float, width: float, height: float) -> str:
    """Draw the lines between the numbers of a vector; not as many as there are."""
    num = round(height / 9)
    lines = "".join(
        f"M{x:.1f} {y + height * index / num:.1f} h{width:.1f} " for index in range(1, num)
    )
    return f'<path d="{lines.strip()}" stroke="#ffffff" stroke-opacity="0.7"/>' if lines else ""


def _flow(path: str, *, dash: str = "none") -> str:
    """Draw a line of `M`, `H` and `V` that ends in an arrow's head."""
    *_, before, last = _corners(path)
    across = (last[0] > before[0]) - (last[0] < before[0])
    down = (last[1] > before[1]) - (last[1] < before[1])
    x, y = last
    head = (
        f"M{x - 6 * across - 4 * down:g} {y - 6 * down - 4 * across:g} L{x:g} {y:g} "
        f"L{x - 6 * across + 4 * down:g} {y - 6 * down + 4 * across:g}"
    )
    return f'<path d="{path}" stroke-dasharray="{dash}"/><path d="{head}"/>'


def _corners(path: str) -> list[tuple[float, float]]:
    x = y = 0.0
    corners = []
    tokens = iter(path.split())
    for token in tokens:
        match token[0]:
            case "M":
                x, y = float(token[1:]), float(next(tokens))
            case "H":
                x = float(token[1:])
            case "V":
                y = float(token[1:])
        corners.append((x, y))
    return corners


def _box(
    x: int, y: int, width: int, height: int, first: str, second: str, color: str | None = None
) -> str:
    middle = x + width / 2
    stroke = f'stroke="{color}"' if color else 'stroke="currentColor" stroke-opacity="0.35"'
    fill = f'fill="{color}" fill-opacity="0.14"' if color else 'fill="none"'
    weight = ' font-weight="600"' if color else ""
    baseline = y + height / 2 + (4.5 if not second else -3.5)
    quieter = ' font-size="11.5" fill-opacity="0.75"' if color else ""
    below = (
        f'<text x="{middle:g}" y="{baseline + 16:g}" fill="currentColor"{quieter}>'
        f"{escape(second)}</text>"
        if second
        else ""
    )
    return (
        f'<rect x="{x + 0.5}" y="{y + 0.5}" width="{width - 1}" height="{height - 1}" rx="9" '
        f'{fill} {stroke} stroke-width="1.3"/>'
        f'<text x="{middle:g}" y="{baseline:g}" fill="currentColor"{weight}>{escape(first)}</text>'
        f"{below}"
    )


def _mix(color: str, other: str, share: float) -> str:
    """Mix a share of another colour into one; both as #rrggbb."""
    pairs = [(int(color[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


# Side by side from 720 pixels of the figure's own width on, else a list.
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
