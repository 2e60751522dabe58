"""The text that a person types: its z, its recipe, and the film of it. Imports no Streamlit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from dashboard.generators.generator_source import GeneratorSource
from dcgan.images.animation import encode_animation
from dcgan.images.grids import tile
from dcgan.latent.class_text import parse_class_text
from dcgan.latent.handwriting import make_handwriting_latents, morph_classes

_NUM_FRAMES, _MILLISECONDS = 24, 70


@dataclass(frozen=True, eq=False)
class Text:
    """A text that a person has typed.

    Attributes:
        name: The text, for files and descriptions.
        class_ids: The class of each character.
        variation: How much the hand varies, in [0, 1]: 0 takes one z for all characters.
    """

    name: str
    class_ids: list[int]
    variation: float

    def make_z(self, hand: np.ndarray) -> np.ndarray:
        """Return the latent batch of the characters in the handwriting of one z."""
        return make_handwriting_latents(hand, len(self.class_ids), self.variation)


def make_recipe(
    source: GeneratorSource, text: Text, hand: np.ndarray, step: int
) -> dict[str, object]:
    """Return what is needed to draw a text again, in the handwriting of the z `hand`."""
    return {
        "kind": "text",
        "run": source.run.name,
        "created": source.run.created,
        "step": step,
        "text": text.name,
        "variation": text.variation,
        "hand": [round(float(value), 6) for value in hand],
    }


def make_film(
    source: GeneratorSource,
    text: Text,
    after: str,
    hand: np.ndarray,
    kind: Literal["gif", "webp"],
    scale: int,
) -> tuple[bytes, np.ndarray, int]:
    """Return a film in which a text turns into another and back, its first frame, and the step."""
    num = len(text.class_ids)
    class_ids = parse_class_text(after, source.run.config.class_names)
    weights = morph_classes(
        text.class_ids, class_ids, source.run.config.num_classes, _NUM_FRAMES
    ).reshape(_NUM_FRAMES * num, -1)
    z = np.tile(text.make_z(hand), (_NUM_FRAMES, 1))
    pixels, step = source.generate(z, weights)
    frames = [tile(part, 1, num, gap=0, scale=scale) for part in np.split(pixels, _NUM_FRAMES)]
    pause = 8
    there = [frames[0]] * pause + frames + [frames[-1]] * pause
    film = encode_animation(
        [*there, *frames[-2:0:-1]],
        format=kind,
        milliseconds=_MILLISECONDS,
        recipe=make_recipe(source, text, hand, step) | {"turns_into": after},
    )
    return film, frames[0], step
