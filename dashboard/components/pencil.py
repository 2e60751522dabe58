"""A black square on which a person draws a digit."""

from __future__ import annotations

import base64
import binascii

import numpy as np

from dashboard.components.registration import do_nothing, register_component
from dcgan.config.settings import DIGIT_SHAPE

_pencil = register_component("pencil")


def render_pencil(*, alt: str, key: str, reset: int, scale: int) -> np.ndarray | None:
    """Show a black square to draw a digit on, by pointer, finger or keyboard.

    Args:
        alt: Purpose and use of the square.
        key: Streamlit's key.
        reset: A number; when it changes, the drawing is erased.
        scale: Largest enlargement of a pixel.

    Returns:
        The digit, uint8 in [0, 255], shape (28, 28), if the end of a stroke, Enter or Clear (all
        black) caused this run of the script; otherwise None.
    """
    result = _pencil(
        key=key,
        data={"alt": alt, "reset": reset, "scale": scale},
        on_drawn_change=do_nothing,
    )
    try:
        ink = base64.b64decode(result.drawn or "", validate=True)
    except (binascii.Error, TypeError):  # Not from our script.
        return None
    height, width, _ = DIGIT_SHAPE
    if len(ink) != height * width:
        return None
    return np.frombuffer(ink, np.uint8).reshape(height, width)
