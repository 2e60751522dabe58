"""Animations that a person can pause, and that stand still for those who prefer less motion."""

from __future__ import annotations

from dashboard.components.registration import register_component
from dcgan.images.data_urls import encode_data_url

_animation = register_component("animation")


def render_animation(
    moving: bytes,
    *,
    still: bytes,
    size: tuple[int, int],
    alt: str,
    key: str,
    scale: int = 1,
) -> None:
    """Show an animation with a button that pauses it.

    Args:
        moving: GIF or WebP.
        still: PNG of the same size, shown while the animation is paused.
        size: Width and height in the pictures' own pixels.
        alt: Description of the animation, with its step.
        key: Streamlit's key; keep it for an animation that changes.
        scale: Largest enlargement, a whole number.
    """
    _animation(
        key=key,
        data={
            "moving": encode_data_url(moving),
            "still": encode_data_url(still),
            "alt": alt,
            "width": size[0],
            "height": size[1],
            "scale": scale,
        },
    )
