"""The sliders that move z: directions with a name, principal ones, or the numbers of z themselves.

Each stands where z is along its direction, so whatever changes z moves all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from dashboard import chosen_z, surveys
from dashboard.sources import Source
from dcgan.latent import MAX_ENTRY, axis_direction

if TYPE_CHECKING:
    from dashboard.surveys import Findings
    from dcgan.directions import Direction

_IN_SIGHT = 12  # Numbers of z.
_NAMED, _PRINCIPAL = "By name", "By principal direction"


@dataclass(frozen=True, eq=False)
class _Slider:
    """One slider: what is written on it, what its help says, and where it moves z.

    Attributes:
        key: Of its own among all sliders.
        label: Plain text, as it is the slider's name for who does not see it.
        vector: Unit vector, shape (latent_dim,).
    """

    key: str
    label: str
    help: str | None
    vector: np.ndarray


def choose_view(latent_dim: int) -> str:
    """Draw the choice of which sliders are in sight; returns it."""
    st.session_state["named_sliders"] = None  # What can be offered is looked up anew.
    pages = [_numbers_view(first, latent_dim) for first in range(0, latent_dim, _IN_SIGHT)]
    views = [_NAMED, _PRINCIPAL, *pages]
    if st.session_state.get("slider_view") not in views:
        st.session_state["slider_view"] = _NAMED
    return st.selectbox(
        "Sliders",
        views,
        key="slider_view",
        persist_state="session",
        width=210,
        help="By name: what each does was measured on this generator's own digits. By principal "
        "direction: where its first layer varies the most, whatever that means. By number: z is a "
        "list of numbers, and each slider is one of them.",
    )


def draw(source: Source, view: str) -> None:
    """Draw the sliders of a view, in two columns."""
    vector = chosen_z.get(source.latent_dim)
    with st.container(key="latent-sliders"):
        sliders, note = _sliders(source, view)
        if not sliders:
            st.caption(note)
            return
        columns = st.columns(2)
        for place, slider in enumerate(sliders):
            key = f"z_{chosen_z.number()}_{slider.key}"
            st.session_state[key] = float(np.clip(vector @ slider.vector, -MAX_ENTRY, MAX_ENTRY))
            columns[place * 2 // len(sliders)].slider(
                slider.label,
                -MAX_ENTRY,
                MAX_ENTRY,
                step=0.05,
                key=key,
                on_change=_move,
                args=(key, slider.vector),
                help=slider.help,
            )
        if note:
            st.caption(note)


def _move(key: str, direction: np.ndarray) -> None:
    chosen_z.move(direction, st.session_state[key])


def _sliders(source: Source, view: str) -> tuple[list[_Slider], str]:
    """Return the sliders of a view, and what is to be said below them."""
    if view not in (_NAMED, _PRINCIPAL):
        return _of_numbers(view, source.latent_dim), ""
    findings = surveys.look(source) if surveys.peek(source) is not None else None
    if findings is None:  # The page looks when all else is drawn.
        return [], "Finding out what this generator's directions do …"
    if view == _PRINCIPAL:
        return _of_principal(findings), f"Of the first layer at step {findings.step:,}."
    offered = _offered(findings)
    if not offered:
        return _of_numbers(view, source.latent_dim), (
            f"At step {findings.step:,} no direction does reliably what a name would say; these "
            "are the numbers of z. Choose the sliders again when it has learned more."
        )
    return _of_names(offered), (
        f"Measured at step {findings.step:,} on {len(findings.survey.z):,} digits, and r, the "
        "correlation, on fresh ones. Moving one moves those that point a similar way."
    )


def _offered(findings: Findings) -> list[Direction]:
    """Return the named directions, those of a newer survey under the names that are in sight.

    A slider does not vanish under a hand: what is offered changes with the choice of the view.
    """
    offered: list[Direction] | None = st.session_state.get("named_sliders")
    if offered is None:
        offered = findings.named
    newest = {direction.name: direction for direction in findings.named}
    offered = [newest.get(direction.name, direction) for direction in offered]
    st.session_state["named_sliders"] = offered
    return offered


def _of_names(directions: list[Direction]) -> list[_Slider]:
    return [
        _Slider(
            direction.name,
            f"{direction.name} (r = {direction.correlation:.2f})",
            f"{_MEASURES.get(direction.name, _PULL)} Tried on fresh digits: the correlation of "
            f"slider and measure is {direction.correlation:.2f}, and from end to end "
            f"{direction.share_rising:.0%} of them measured more.",
            direction.vector,
        )
        for direction in directions
    ]


_PULL = "Measured by how sure a classifier of digits is of this one."
_MEASURES = {
    "Slant": "Measured in degrees from upright.",
    "Thickness": "Measured as the width of the stroke in pixels.",
    "Width": "Measured in pixels, of the digit set upright.",
    "Height": "Measured in pixels.",
    "Roundness": "Measured from 0, a straight line, to 1, as far in all directions.",
}


def _of_principal(findings: Findings) -> list[_Slider]:
    sliders = []
    for name, directions, what in (
        ("GANSpace", findings.ganspace, "a principal component of what the first layer gives"),
        ("SeFa", findings.sefa, "a direction that the first layer's weights stretch the most"),
    ):
        sliders += [
            _Slider(
                f"{name} {index}",
                f"{name} {index} ({direction.share:.0%})",
                f"Along {what}; {direction.share:.0%} of its variance. What it does to a digit "
                "nobody chose: move it and see.",
                direction.vector,
            )
            for index, direction in enumerate(directions, start=1)
        ]
    return sliders


def _of_numbers(view: str, latent_dim: int) -> list[_Slider]:
    first = int(view.split()[1]) - 1 if view.startswith("z ") else 0
    return [
        _Slider(str(index), f"z {index + 1}", None, axis_direction(index, latent_dim))
        for index in range(first, min(first + _IN_SIGHT, latent_dim))
    ]


def _numbers_view(first: int, latent_dim: int) -> str:
    return f"z {first + 1} to {min(first + _IN_SIGHT, latent_dim)} of {latent_dim}"
