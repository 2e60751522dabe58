"""Pictures, charts and what else is changed in place: nothing blinks, jumps or loses a zoom.

Small components in the page's own DOM. Streamlit's image and Plotly elements are made anew with
each new content, which drops a person's zoom and lets a slow browser ask for a file that is gone;
these keep their node and take the new content as data. What each does in the page is in `js/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from dcgan.imaging import data_url

_JS = Path(__file__).with_name("js")


def _read(*names: str) -> str:
    return "\n".join((_JS / name).read_text(encoding="utf-8") for name in names)


_picture = st.components.v2.component(
    "picture", js=_read("fit.js", "picture.js"), isolate_styles=False
)
_tiles = st.components.v2.component("tiles", js=_read("fit.js", "tiles.js"), isolate_styles=False)
_chart = st.components.v2.component("chart", js=_read("chart.js"), isolate_styles=False)


def picture(encoded: bytes, *, size: tuple[int, int], alt: str, key: str, scale: int = 1) -> None:
    """Show a small picture enlarged by a whole number, swapped in place when it changes.

    Args:
        encoded: PNG, GIF or WebP.
        size: Its width and height in its own pixels.
        alt: What is shown and of which step.
        key: Streamlit's key; the same picture keeps it.
        scale: How much to enlarge it at most; less where there is less room.
    """
    _picture(
        key=key,
        data={
            "src": data_url(encoded),
            "alt": alt,
            "width": size[0],
            "height": size[1],
            "scale": scale,
        },
    )


def tiles(
    encoded: bytes,
    *,
    size: tuple[int, int],
    columns: int,
    labels: Sequence[str],
    alt: str,
    key: str,
    scale: int = 1,
) -> int | None:
    """Show a picture made of tiles, each of which can be picked by pointer or keyboard.

    Args:
        encoded: PNG, as of `imaging.tile`, row by row.
        size: Its width and height in its own pixels.
        columns: Tiles in a row.
        labels: What each tile is, in words; as many as there are tiles to pick.
        alt: What all of it shows and of which step.
        key: Streamlit's key; the same tiles keep it.
        scale: How much to enlarge it at most.

    Returns:
        The index of the tile that was picked just now; None in all other runs of the script.
    """
    found = _tiles(
        key=key,
        data={
            "src": data_url(encoded),
            "alt": alt,
            "width": size[0],
            "height": size[1],
            "scale": scale,
            "columns": columns,
            "rows": -(-len(labels) // columns),
            "labels": list(labels),
        },
        on_picked_change=_nothing,
    )
    picked = found.picked
    return picked if isinstance(picked, int) and 0 <= picked < len(labels) else None


def _nothing() -> None:
    """What Streamlit wants to call when a value comes; the script reads it itself."""


def chart(figure: str, *, height: int, alt: str, key: str) -> None:
    """Show a Plotly figure, redrawn in place when it changes.

    Args:
        figure: The figure as JSON, as of `Figure.to_json`.
        height: In pixels.
        alt: What is shown and up to which step.
        key: Streamlit's key; the same chart keeps it.
    """
    _chart(
        key=key,
        data={"figure": figure, "height": height, "alt": alt, "theme": st.context.theme.type},
        height=height,
    )
