"""The text that a person types: its z, its recipe, and its film. Imports no Streamlit."""

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
_PAUSE_FRAMES = 8  # Extra frames in which the film rests on each text.


@dataclass(frozen=True, eq=False)
class WrittenText:
    """A text that the generator writes.

    Attributes:
        text: The text as a person typed it.
        class_ids: The class of each character.
        variation: How much the handwriting varies, in [0, 1]: 0 takes one z for all characters.
    """

    text: str
    class_ids: list[int]
    variation: float

    def make_z(self, z: np.ndarray) -> np.ndarray:
        """Return the latent batch of the characters, shape (num_characters, latent_dim).

        Args:
            z: The z that gives the handwriting, shape (latent_dim,).
        """
        return make_handwriting_latents(z, len(self.class_ids), self.variation)


def make_recipe(
    source: GeneratorSource, written: WrittenText, z: np.ndarray, step: int
) -> dict[str, object]:
    """Return the values from which a text can be drawn again, in the handwriting of a z."""
    return {
        "kind": "text",
        "run": source.run.name,
        "created": source.run.created,
        "step": step,
        "text": written.text,
        "variation": written.variation,
        "hand": [round(float(value), 6) for value in z],
    }


def make_film(
    source: GeneratorSource,
    written: WrittenText,
    next_text: str,
    z: np.ndarray,
    kind: Literal["gif", "webp"],
    scale: int,
) -> tuple[bytes, np.ndarray, int]:
    """Make a film in which a text turns into another and back.

    Args:
        source: The generator.
        written: The first text.
        next_text: The text that it turns into, with as many characters.
        z: The z that gives the handwriting of both texts, shape (latent_dim,).
        kind: Format of the film.
        scale: Whole-number enlargement.

    Returns:
        The film, its first frame, and the step of the generator.
    """
    num_characters = len(written.class_ids)
    class_ids = parse_class_text(next_text, source.run.config.class_names)
    weights = morph_classes(
        written.class_ids, class_ids, source.run.config.num_classes, _NUM_FRAMES
    ).reshape(_NUM_FRAMES * num_characters, -1)
    batch = np.tile(written.make_z(z), (_NUM_FRAMES, 1))
    pixels, step = source.generate(batch, weights)
    frames = [
        tile(part, 1, num_characters, gap=0, scale=scale) for part in np.split(pixels, _NUM_FRAMES)
    ]
    forward = [frames[0]] * _PAUSE_FRAMES + frames + [frames[-1]] * _PAUSE_FRAMES
    film = encode_animation(
        [*forward, *frames[-2:0:-1]],
        format=kind,
        milliseconds=_MILLISECONDS,
        recipe=make_recipe(source, written, z, step) | {"turns_into": next_text},
    )
    return film, frames[0], step
