"""Small pictures and animations that change in place.

Streamlit replaces its own image element with each new content, and a slow browser then asks for a
file that is already gone. These components keep their node and get the new content as data.
"""

from __future__ import annotations

import numpy as np

from dashboard.components.registration import register_component
from dcgan.config.settings import DIGIT_SHAPE
from dcgan.images.data_urls import encode_data_url
from dcgan.images.png_recipe import encode_png

_animation = register_component("animation")
_picture = register_component("picture")


def render_picture(
    encoded: bytes,
    *,
    size: tuple[int, int],
    alt: str,
    key: str,
    scale: int = 1,
    fill: bool = False,
) -> None:
    """Show a small picture, enlarged by a whole number.

    Args:
        encoded: PNG, GIF or WebP.
        size: Width and height in the picture's own pixels.
        alt: Description of the picture, with its step.
        key: Streamlit's key; keep it for a picture that changes.
        scale: Largest enlargement; the component uses less where there is less room.
        fill: Whether to fill the width of a phone, although some of the picture's pixels are then
            drawn one screen pixel larger than others.
    """
    _picture(
        key=key,
        data={
            "src": encode_data_url(encoded),
            "alt": alt,
            "width": size[0],
            "height": size[1],
            "scale": scale,
            "fill": fill,
        },
    )


def render_pixels(
    pixels: np.ndarray, *, alt: str, key: str, scale: int = 1, fill: bool = False
) -> None:
    """Show an image as `render_picture` does.

    Args:
        pixels: Shape (height, width) or (height, width, 3), uint8.
        alt, key, scale, fill: As for `render_picture`.
    """
    size = (pixels.shape[1], pixels.shape[0])
    render_picture(encode_png(pixels), size=size, alt=alt, key=key, scale=scale, fill=fill)


def render_animation(
    moving: bytes,
    *,
    still: bytes,
    size: tuple[int, int],
    alt: str,
    subject: str,
    key: str,
    scale: int = 1,
) -> None:
    """Show an animation with a button that pauses it.

    It is paused at first for people whose browser asks for reduced motion.

    Args:
        moving: GIF or WebP.
        still: PNG of the same size, shown while the animation is paused.
        size: Width and height in the pictures' own pixels.
        alt: Description of the animation, with its step.
        subject: What the button pauses, such as "the walk".
        key: Streamlit's key; keep it for an animation that changes.
        scale: Largest enlargement, a whole number.
    """
    _animation(
        key=key,
        data={
            "moving": encode_data_url(moving),
            "still": encode_data_url(still),
            "alt": alt,
            "subject": subject,
            "width": size[0],
            "height": size[1],
            "scale": scale,
        },
    )


def match_mnist_scale(scale: int, digit_side: int) -> int:
    """Return the scale that shows a digit about as large as an MNIST digit at `scale`.

    Args:
        scale: Enlargement of a digit of 28 by 28 pixels.
        digit_side: Side of the digit to show, in pixels.

    Returns:
        A whole number, at least 1.
    """
    return max(1, round(scale * DIGIT_SHAPE[0] / digit_side))
