"""Sliders that move z, and the grid that the page draws while one of them is dragged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from dashboard.components.registration import register_component

_sliders = register_component("sliders")


@dataclass(frozen=True, eq=False)
class Slider:
    """A slider that moves z along one direction.

    Attributes:
        key: Identifier, unique among the sliders of a page.
        label: Name on the page, plain text.
        help: Explanation in a sentence or two; may be empty.
        vector: Unit vector, shape (latent_dim,).
        group: Name of its group, which is below the other sliders and folded at first; "" for none.
        is_disabled: Whether the slider is shown but cannot be moved.
    """

    key: str
    label: str
    help: str
    vector: np.ndarray
    group: str = ""
    is_disabled: bool = False

    def to_json(self) -> dict[str, object]:
        """Return the slider as the page's script reads it."""
        return {
            "key": self.key,
            "label": self.label,
            "help": self.help,
            "vector": self.vector.tolist(),
            "group": self.group,
            "isDisabled": self.is_disabled,
        }


@dataclass(frozen=True, eq=False)
class SliderGrid:
    """The grid of digits that the sliders move, described for the page's own drawing.

    Attributes:
        selector: CSS selector of the element that holds the grid's picture.
        middle_selector: CSS selector of the element that holds a picture of its middle digit.
        alt: Description of the picture, without step and hash.
        size: Number of digits in a row and in a column.
        digit_side: Side of one digit, in pixels.
        gap: Pixels between two digits.
        step: Distance in z from one digit to the next.
        row_direction: Unit vector from one row to the next, shape (latent_dim,).
        column_direction: Unit vector from one column to the next, shape (latent_dim,).
        psi: Truncation.
    """

    selector: str
    middle_selector: str
    alt: str
    size: int
    digit_side: int
    gap: int
    step: float
    row_direction: np.ndarray
    column_direction: np.ndarray
    psi: float

    def to_json(self) -> dict[str, object]:
        """Return the grid as the page's script reads it."""
        return {
            "selector": self.selector,
            "middleSelector": self.middle_selector,
            "alt": self.alt,
            "size": self.size,
            "digitSide": self.digit_side,
            "gap": self.gap,
            "step": self.step,
            "rowDirection": self.row_direction.tolist(),
            "columnDirection": self.column_direction.tolist(),
            "psi": self.psi,
        }


@dataclass(frozen=True, eq=False)
class Move:
    """A z to which a person dragged the sliders.

    Attributes:
        z_version: Version of the z that was dragged.
        number: The move's number; later moves have larger ones.
        z: Finite, float64, shape (latent_dim,).
    """

    z_version: int
    number: int
    z: np.ndarray


def render_sliders(
    sliders: Sequence[Slider],
    *,
    z: np.ndarray,
    z_version: int,
    last_move: int,
    grid: SliderGrid,
    generator: str,
    slider_limit: float,
    z_limit: float,
    hint: str,
    group_note: str,
    on_move: Callable[[], None],
    key: str,
) -> None:
    """Show sliders that move z; during a drag the page draws the grid itself.

    Args:
        sliders: The sliders.
        z: The current z, shape (latent_dim,).
        z_version: Version of z. It changes when z is selected in another way; moves of an
            older version are ignored after that.
        last_move: Number of the last move that the server applied.
        grid: The grid that the page draws.
        generator: Name of the generator that draws the grid in the page. If `send_weights` has not
            sent this generator, the grid changes only with the server's answer.
        slider_limit: Each slider goes from -slider_limit to slider_limit.
        z_limit: Bound of each entry of z.
        hint: Text above the sliders while none of them shows its own help.
        group_note: Text below the sliders of the group.
        on_move: Called before the next run of the script after a move, which `read_move` returns.
        key: Streamlit's key.
    """
    _sliders(
        key=key,
        data={
            "sliders": [slider.to_json() for slider in sliders],
            "z": z.tolist(),
            "zVersion": z_version,
            "lastMove": last_move,
            "grid": grid.to_json(),
            "generator": generator,
            "sliderLimit": slider_limit,
            "zLimit": z_limit,
            "hint": hint,
            "groupNote": group_note,
        },
        on_moved_change=on_move,
    )


def read_move(key: str) -> Move | None:
    """Return the move that caused this run of the script, from the sliders with this key."""
    state = st.session_state.get(key)
    moved = None if state is None else state.get("moved")
    if moved is None:
        return None
    try:
        z = np.array(moved["z"], np.float64)
        move = Move(int(moved["zVersion"]), int(moved["number"]), z)
    except (TypeError, KeyError, ValueError, OverflowError):  # Not from our script.
        return None
    return move if z.ndim == 1 and np.isfinite(z).all() else None
