"""Films of small pictures, with a play button and a range to move through them."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.components.registration import register_component
from dcgan.images.data_urls import encode_data_url

_film = register_component("film")


def render_film(
    frames: Sequence[bytes],
    *,
    size: tuple[int, int],
    labels: Sequence[str],
    milliseconds: int,
    alt: str,
    key: str,
    scale: int = 1,
) -> None:
    """Show pictures one after the other.

    Args:
        frames: PNGs of one size, at least one.
        size: Their width and height in their own pixels.
        labels: Caption of each frame, such as its step.
        milliseconds: Time from one frame to the next.
        alt: Description of the film.
        key: Streamlit's key.
        scale: Largest enlargement.
    """
    _film(
        key=key,
        data={
            "frames": [encode_data_url(frame) for frame in frames],
            "labels": list(labels),
            "milliseconds": milliseconds,
            "alt": alt,
            "width": size[0],
            "height": size[1],
            "scale": scale,
        },
    )
