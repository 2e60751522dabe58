"""The sliders of a generator as data: along named directions, principal ones, or numbers of z."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dashboard.components.sliders import Slider
from dashboard.generators.generator_source import GeneratorSource
from dcgan.latent.arithmetic import make_axis_direction
from dcgan.latent.digit_shapes import Shapes

if TYPE_CHECKING:
    from dashboard.generators.findings_cache import Findings
    from dcgan.latent.directions import Direction

# The named shapes. Their sliders have fixed places above the group. Before the survey has found
# names, there are as many sliders for single numbers of z.
SHAPES = tuple(name.capitalize() for name in Shapes._fields)
_GROUP = "More like another digit"
_OTHERS_MOVE = "The other sliders move too."
_NO_DIRECTION = "No direction of z reliably changes this in these pictures."


def list_named_sliders(
    source: GeneratorSource,
    directions: list[Direction],
    *,
    disabled: Sequence[Direction] = (),
    is_searching: bool = False,
) -> list[Slider]:
    """Return a slider for each shape, in fixed places, then the sliders towards other digits."""
    by_name = {
        direction.name: Slider(
            direction.name,
            direction.name,
            f"{direction.explain()} {_OTHERS_MOVE}",
            direction.vector,
            "" if direction.name in SHAPES else _GROUP,
            direction in disabled,
        )
        for direction in directions
    }
    no_direction = np.zeros(source.latent_dim, np.float32)
    missing = "" if is_searching else " (not found)"
    shapes = [
        by_name.pop(
            name,
            Slider(name, f"{name}{missing}", _NO_DIRECTION, no_direction, is_disabled=True),
        )
        for name in SHAPES
    ]
    # No slider leads to the digit that the generator draws, because each of its pictures is one.
    own_suffix = f" {source.digit}"
    digits = [slider for _, slider in sorted(by_name.items())]
    return [*shapes, *(slider for slider in digits if not slider.key.endswith(own_suffix))]


def list_principal_sliders(findings: Findings, noun: str) -> list[Slider]:
    sliders = []
    for name, directions, axis in (
        ("GANSpace", findings.ganspace, "a principal component of the first layer's output"),
        ("SeFa", findings.sefa, "a direction that the first layer's weights stretch the most"),
    ):
        sliders += [
            Slider(
                f"{name} {index}",
                f"{name} {index} ({direction.share:.0%})",
                f"Along {axis}; {direction.share:.0%} of its variance. Move it to see what it does "
                f"to a {noun}.",
                direction.vector,
            )
            for index, direction in enumerate(directions, start=1)
        ]
    return sliders


def list_number_sliders(source: GeneratorSource, first: int, num_sliders: int) -> list[Slider]:
    latent_dim = source.latent_dim
    help_text = (
        "One number of z. In training it is random for each picture, mostly from -2 to 2. Nobody "
        f"chose its effect on the {source.noun}; try it."
    )
    return [
        Slider(str(index), f"z {index + 1}", help_text, make_axis_direction(index, latent_dim))
        for index in range(first, min(first + num_sliders, latent_dim))
    ]
