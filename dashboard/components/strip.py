"""Groups of small pictures, each with a caption and a bar; they change in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.components.picture import match_mnist_scale
from dashboard.components.registration import register_component
from dcgan.images.data_urls import encode_data_url
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png

_strip = register_component("strip")


@dataclass(frozen=True, eq=False)
class StripItem:
    """A picture with its caption.

    Attributes:
        pixels: uint8 [0, 255], shape (side, side, channels).
        alt: Description of the picture.
        caption: Text below it; "" for none.
        hint: Text on hover.
        share: Length of the bar below it, in [0, 1]; None for no bar.
        color: CSS colour of the bar.
    """

    pixels: np.ndarray
    alt: str
    caption: str = ""
    hint: str = ""
    share: float | None = None
    color: str = "currentColor"


def encode_picture(pixels: np.ndarray) -> str:
    """Return one picture, uint8 (height, width, channels), as a data URL."""
    return encode_data_url(encode_png(tile(pixels[np.newaxis], 1, 1)))


def render_strip(
    groups: Sequence[tuple[str, Sequence[StripItem]]], *, key: str, scale: int, per_row: int
) -> None:
    """Show groups of pictures of one size.

    Args:
        groups: Title of each group ("" for none) with its pictures, at least one.
        key: Streamlit's key; keep it for pictures that change.
        scale: Largest enlargement of a digit of MNIST's size; larger pictures are enlarged less.
        per_row: Pictures that fit side by side on a narrow screen.
    """
    side = groups[0][1][0].pixels.shape[0]
    _strip(
        key=key,
        data={
            "groups": [
                {
                    "title": title,
                    "items": [
                        {
                            "src": encode_picture(item.pixels),
                            "alt": item.alt,
                            "caption": item.caption,
                            "hint": item.hint,
                            "share": item.share,
                            "color": item.color,
                        }
                        for item in items
                    ],
                }
                for title, items in groups
            ],
            "side": side,
            "scale": match_mnist_scale(scale, side),
            "perRow": per_row,
        },
    )
