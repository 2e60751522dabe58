"""Films of small pictures, with a play button and a slider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from dashboard.components.registration import register_component
from dcgan.charts.colors import DISCRIMINATOR_COLOR, GENERATOR_COLOR
from dcgan.images.data_urls import encode_data_url

_film = register_component("film")


@dataclass(frozen=True)
class FilmLosses:
    """Both losses at ascending steps. The three lists have the same length; they may be empty."""

    steps: list[int]
    generator: list[float]
    discriminator: list[float]


def render_film(
    frames: Sequence[bytes],
    *,
    size: tuple[int, int],
    labels: Sequence[str],
    milliseconds: int,
    steps: Sequence[int],
    losses: FilmLosses,
    alt: str,
    key: str,
    scale: int = 1,
) -> None:
    """Show pictures one after the other.

    Args:
        frames: PNGs of one size, at least one.
        size: Width and height of the frames, in the frames' own pixels.
        labels: Caption of each frame, such as its step.
        milliseconds: Time from one frame to the next.
        steps: Step of each frame, ascending.
        losses: Losses for the chart beside the film, in which a line marks the frame's step.
        alt: Description of the film.
        key: Streamlit's key.
        scale: Enlargement if there is room.
    """
    _film(
        key=key,
        data={
            "frames": [encode_data_url(frame) for frame in frames],
            "labels": list(labels),
            "milliseconds": milliseconds,
            "steps": list(steps),
            "losses": asdict(losses),
            "colors": [GENERATOR_COLOR, DISCRIMINATOR_COLOR],
            "alt": alt,
            "width": size[0],
            "height": size[1],
            "scale": scale,
        },
    )
