"""The diagram of one training step as SVG. Imports no Streamlit."""

from __future__ import annotations

from html import escape

from dcgan.charts.colors import (
    DISCRIMINATOR_COLOR,
    FAKE_COLOR,
    GENERATOR_COLOR,
    REAL_COLOR,
)


def make_training_step_html() -> str:
    """Draw one training step as SVG: the flow of data, and which loss changes which network."""
    label = (
        "One training step. The generator turns latent vectors z into fake pictures. The "
        "discriminator judges real pictures and fake pictures and gives logits, from which both "
        "losses are computed. The discriminator's loss changes the discriminator's weights, the "
        "generator's loss changes the generator's weights."
    )
    generator, discriminator = GENERATOR_COLOR, DISCRIMINATOR_COLOR
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 384 278" role="img" '
        f'aria-label="{escape(label)}" style="display: block; width: 100%; max-width: 460px; '
        'height: auto" font-family="inherit" font-size="13" text-anchor="middle">'
        # Forward: the flow of data.
        '<g fill="none" stroke="currentColor" stroke-opacity="0.55" stroke-width="1.4" '
        'stroke-linejoin="round">'
        f"{_draw_arrow('M92 30 H138')}{_draw_arrow('M240 30 H286')}"
        f"{_draw_arrow('M92 132 H138')}{_draw_arrow('M336 54 V122 H246')}"
        f"{_draw_arrow('M178 156 V224')}{_draw_arrow('M224 156 V190 H290 V224')}</g>"
        '<g fill="currentColor" fill-opacity="0.75" font-size="12">'
        '<text x="172" y="212" text-anchor="end">fake logits</text>'
        '<text x="297" y="212" text-anchor="start">all logits</text></g>'
        # Backward: the gradients.
        '<g fill="none" stroke-width="1.8" stroke-linejoin="round">'
        f'<g stroke="{generator}">{_draw_arrow("M104 226 V44 H138", dash="5 4")}</g>'
        f'<g stroke="{discriminator}">{_draw_arrow("M366 226 V142 H246", dash="5 4")}</g></g>'
        + _draw_box(0, 6, 92, 48, "Latent", "vectors z")
        + _draw_box(140, 6, 100, 48, "Generator", "", generator)
        + _draw_box(288, 6, 96, 48, "Fake", "pictures", FAKE_COLOR)
        + _draw_box(0, 108, 92, 48, "Real", "pictures", REAL_COLOR)
        + _draw_box(140, 108, 104, 48, "Discriminator", "", discriminator)
        + _draw_box(60, 226, 152, 46, "Generator loss", "fakes called fake", generator)
        + _draw_box(228, 226, 156, 46, "Discriminator loss", "anything called wrong", discriminator)
        + "</svg>"
    )


def _draw_arrow(path: str, *, dash: str = "none") -> str:
    """Draw an arrow along a path of `M`, `H` and `V`."""
    *_, before, last = _parse_corners(path)
    across = (last[0] > before[0]) - (last[0] < before[0])
    down = (last[1] > before[1]) - (last[1] < before[1])
    x, y = last
    head = (
        f"M{x - 6 * across - 4 * down:g} {y - 6 * down - 4 * across:g} L{x:g} {y:g} "
        f"L{x - 6 * across + 4 * down:g} {y - 6 * down + 4 * across:g}"
    )
    return f'<path d="{path}" stroke-dasharray="{dash}"/><path d="{head}"/>'


def _parse_corners(path: str) -> list[tuple[float, float]]:
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


def _draw_box(
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
