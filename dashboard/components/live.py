"""Pictures, charts and what else is changed in place: nothing blinks, jumps or loses a zoom.

Small components in the page's own DOM. Streamlit's image and Plotly elements are made anew with
each new content, which drops a person's zoom and lets a slow browser ask for a file that is gone;
these keep their node and take the new content as data.
The JavaScript of each is in `frontend/`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from dcgan.config import DIGIT_SHAPE
from dcgan.images.data_urls import encode_data_url

_JS = Path(__file__).with_name("frontend")


def _read(*names: str) -> str:
    return "\n".join((_JS / name).read_text(encoding="utf-8") for name in names)


_picture = st.components.v2.component(
    "picture", js=_read("fit.js", "picture.js"), isolate_styles=False
)
_tiles = st.components.v2.component("tiles", js=_read("fit.js", "tiles.js"), isolate_styles=False)
_pad = st.components.v2.component("pad", js=_read("fit.js", "pad.js"), isolate_styles=False)
_pencil = st.components.v2.component(
    "pencil", js=_read("fit.js", "pencil.js"), isolate_styles=False
)
_sliders = st.components.v2.component(
    "sliders",
    js=_read("fit.js", "range.js", "generators.js", "generator.js", "sliders.js"),
    isolate_styles=False,
)
_weights = st.components.v2.component(
    "weights", js=_read("generators.js", "weights.js"), isolate_styles=False
)
_film = st.components.v2.component(
    "film", js=_read("fit.js", "range.js", "film.js"), isolate_styles=False
)
_news = st.components.v2.component("news", js=_read("news.js"), isolate_styles=False)
_address = st.components.v2.component("address", js=_read("address.js"), isolate_styles=False)
_chart = st.components.v2.component("chart", js=_read("plot.js", "chart.js"), isolate_styles=False)
_map = st.components.v2.component("map", js=_read("plot.js", "map.js"), isolate_styles=False)


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
            "src": encode_data_url(encoded),
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
    rows: int,
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
        rows, columns: Of the picture.
        labels: What each tile is, in words; as many as there are tiles to pick, from the first on.
        alt: What all of it shows and of which step.
        key: Streamlit's key; the same tiles keep it.
        scale: How much to enlarge it at most.

    Returns:
        The index of the tile that was picked just now; None in all other runs of the script.
    """
    found = _tiles(
        key=key,
        data={
            "src": encode_data_url(encoded),
            "alt": alt,
            "width": size[0],
            "height": size[1],
            "scale": scale,
            "columns": columns,
            "rows": rows,
            "labels": list(labels),
        },
        on_picked_change=_nothing,
    )
    picked = found.picked
    return picked if isinstance(picked, int) and 0 <= picked < len(labels) else None


def film(
    frames: Sequence[bytes],
    *,
    size: tuple[int, int],
    labels: Sequence[str],
    milliseconds: int,
    alt: str,
    key: str,
    scale: int = 1,
) -> None:
    """Show pictures one after the other, to be played, held and moved through by hand.

    Args:
        frames: PNGs of one size, at least one.
        size: Their width and height in their own pixels.
        labels: What each is, such as its step; as many as there are frames.
        milliseconds: From one frame to the next.
        alt: What all of them show.
        key: Streamlit's key.
        scale: How much to enlarge them at most.
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


def pad(
    sheet: bytes,
    *,
    side: int,
    digit_side: int,
    at: tuple[int, int],
    across: str,
    down: str,
    reach: float,
    alt: str,
    key: str,
    scale: int,
) -> tuple[int, int] | None:
    """Show a plane of digits to move about in; the digit under the pointer comes from the page.

    Args:
        sheet: PNG of side × side digits without gaps, drawn ahead.
        side: Digits in a row and in a column.
        digit_side: Of one of them, in pixels.
        at: Column and row where z stands.
        across, down: What changes along the columns and along the rows.
        reach: How far it is from the middle to a border, for the words.
        alt: What is shown and of which step.
        key: Streamlit's key.
        scale: How much a digit is enlarged at most.

    Returns:
        Column and row that were picked just now; None in all other runs of the script.
    """
    found = _pad(
        key=key,
        data={
            "src": encode_data_url(sheet),
            "side": side,
            "tile": digit_side,
            "at": list(at),
            "across": across,
            "down": down,
            "reach": reach,
            "alt": alt,
            "scale": scale,
        },
        on_picked_change=_nothing,
    )
    picked = found.picked
    if picked is None:
        return None
    place = (int(picked["column"]), int(picked["row"]))
    return place if all(0 <= index < side for index in place) else None


def pencil(*, alt: str, key: str, reset: int, scale: int) -> np.ndarray | None:
    """Show a black square to draw a digit on, by pointer, finger or keyboard.

    Args:
        alt: What it is for, and how it is used.
        key: Streamlit's key.
        reset: Another number than before makes it black again.
        scale: How large a pixel of the digit is at most.

    Returns:
        The digit after the stroke that was ended just now, uint8, shape (28, 28); None in all
        other runs of the script.
    """
    found = _pencil(
        key=key,
        data={"alt": alt, "reset": reset, "scale": scale},
        on_drawn_change=_nothing,
    )
    try:
        ink = base64.b64decode(found.drawn or "", validate=True)
    except (binascii.Error, TypeError):  # Not from our script.
        return None
    height, width, _ = DIGIT_SHAPE
    if len(ink) != height * width:
        return None
    return np.frombuffer(ink, np.uint8).reshape(height, width)


@dataclass(frozen=True, eq=False)
class Slider:
    """One slider of `sliders`: it moves z along a direction.

    Attributes:
        key: Of its own among all sliders.
        label: What it is called, plain text.
        help: What it does, in a sentence or two; may be empty.
        vector: Unit vector, shape (latent_dim,).
    """

    key: str
    label: str
    help: str
    vector: np.ndarray


@dataclass(frozen=True, eq=False)
class SliderGrid:
    """The grid of digits that `sliders` move, as the page draws it while they do.

    Attributes:
        place: CSS selector of what holds its picture.
        size: Digits in a row and in a column.
        digit_side: Of one of them, in pixels.
        gap: Pixels between two of them.
        step: From one digit to the next, in units of z.
        rows, columns: What they step along, unit vectors, shape (latent_dim,).
        psi: Truncation.
    """

    place: str
    size: int
    digit_side: int
    gap: int
    step: float
    rows: np.ndarray
    columns: np.ndarray
    psi: float


def sliders(
    shown: Sequence[Slider],
    *,
    z: np.ndarray,
    number: int,
    turn: int,
    grid: SliderGrid,
    generator: str,
    reach: float,
    furthest: float,
    note: str,
    on_move: Callable[[], None],
    key: str,
) -> None:
    """Show sliders that move z; while a hand is on one, the page draws the grid by itself.

    Args:
        shown: The sliders.
        z: Where they stand, shape (latent_dim,).
        number: Of z: what a browser says of one that has another number is of the past.
        turn: Of the last move that was taken over.
        grid: What the page draws.
        generator: Name of the generator to draw with, as of `weights`; without it, the grid waits
            for the server.
        reach: How far each goes to both sides.
        furthest: Bound of each number of z.
        note: What is said below them while none has a word of its own to say.
        on_move: Called before the next run of the script, when one was moved; the move is what
            `moved` returns.
        key: Streamlit's key.
    """
    _sliders(
        key=key,
        data={
            "sliders": [
                {
                    "key": slider.key,
                    "label": slider.label,
                    "help": slider.help,
                    "vector": slider.vector.tolist(),
                }
                for slider in shown
            ],
            "z": z.tolist(),
            "number": number,
            "turn": turn,
            "grid": {
                "place": grid.place,
                "size": grid.size,
                "gap": grid.gap,
                "tile": grid.digit_side,
                "step": grid.step,
                "rows": grid.rows.tolist(),
                "columns": grid.columns.tolist(),
                "psi": grid.psi,
            },
            "generator": generator,
            "reach": reach,
            "furthest": furthest,
            "note": note,
        },
        on_moved_change=on_move,
    )


@dataclass(frozen=True, eq=False)
class Move:
    """Where a person has moved z to.

    Attributes:
        number: Of the z that was moved.
        turn: Of the move.
        z: Finite, float64, shape (num,).
    """

    number: int
    turn: int
    z: np.ndarray


def moved(key: str) -> Move | None:
    """Return the move that came just now from the sliders of this key."""
    state = st.session_state.get(key)
    found = None if state is None else state.get("moved")
    if found is None:
        return None
    try:
        z = np.array(found["z"], np.float64)
        move = Move(int(found["number"]), int(found["turn"]), z)
    except (TypeError, KeyError, ValueError):  # Not from our script.
        return None
    return move if z.ndim == 1 and np.isfinite(z).all() else None


def weights(packed: bytes, *, key: str) -> None:
    """Give the page a generator to draw with, as of `page_generator.pack`; shows nothing."""
    _weights(key=key, data=packed, height=1)


def redraw_with_news(
    version: str, *, seconds: float, key: str, elsewhere: str | None = None
) -> None:
    """Have the fragment that this stands in drawn again when there is news; shows nothing.

    Args:
        version: Of what is drawn, as of `Trainer.version`, or `version_with` another run's.
        seconds: Between two looks whether it has changed.
        key: Streamlit's key.
        elsewhere: As of `Trainer.version_with`; None for the trainer's own version.
    """
    _news(
        key=key,
        data={"version": version, "seconds": seconds, "elsewhere": elsewhere},
        height=1,
        on_news_change=_nothing,
    )


def as_large(scale: int, digit_side: int) -> int:
    """Return the scale at which a digit is about as large as one of MNIST's is at `scale`."""
    return max(1, round(scale * DIGIT_SHAPE[0] / digit_side))


def _nothing() -> None:
    """What Streamlit wants to call when a value comes; the script reads it itself."""


def address(search: str, *, session: str, key: str) -> str | None:
    """Let the page's address have these query words, without a step in the browser's history.

    Args:
        search: The words, as a query string.
        session: Names the session: a page that was drawn by an earlier one keeps its words.
        key: Streamlit's key.

    Returns:
        The words that the page has kept from an earlier session, once; they are to be taken over.
    """
    found = _address(
        key=key,
        data={"search": search, "session": session},
        height=1,
        on_kept_change=_nothing,
    )
    return found.kept if isinstance(found.kept, str) else None


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


def digit_map(
    figure: str,
    *,
    sheet: bytes,
    columns: int,
    num: int,
    digit_side: int,
    height: int,
    alt: str,
    key: str,
) -> int | None:
    """Show a Plotly figure whose points are digits: seen under the pointer, picked by a click.

    Args:
        figure: The figure as JSON; each point's `customdata` is its digit's index.
        sheet: PNG of all digits without gaps, row by row.
        columns: Digits in a row of it.
        num: How many digits there are.
        digit_side: Of one of them, in pixels.
        height: In pixels.
        alt: What is shown and of which step.
        key: Streamlit's key.

    Returns:
        The index of the digit that was picked just now; None in all other runs of the script.
    """
    found = _map(
        key=key,
        data={
            "figure": figure,
            "height": height,
            "alt": alt,
            "theme": st.context.theme.type,
            "sheet": encode_data_url(sheet),
            "columns": columns,
            "tile": digit_side,
        },
        height=height,
        on_picked_change=_nothing,
    )
    picked = found.picked
    return picked if isinstance(picked, int) and 0 <= picked < num else None
