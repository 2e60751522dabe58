"""The sliders that move z: directions with a name, principal ones, or the numbers of z themselves.

Each stands where z is along its direction, so whatever changes z moves all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.components.plain_text import literal
from dashboard.components.sliders import Slider, SliderGrid, read_move, render_sliders
from dashboard.shared import selection
from dashboard.state import surveys
from dashboard.state.generator_source import GeneratorSource
from dcgan.latent.arithmetic import axis_direction
from dcgan.latent.sampling import HARD_MAX_ENTRY, MAX_ENTRY

if TYPE_CHECKING:
    from dashboard.state.surveys import Findings
    from dcgan.latent.directions import Direction

_IN_SIGHT = 12  # Numbers of z.
_NAMED, _PRINCIPAL = "By name", "By principal direction"
_KEY = "sliders"
_LAST_MOVE = "last_slider_move"
_NAMES = "named_sliders"


def choose_view(latent_dim: int) -> str:
    """Draw the choice of which sliders are in sight; returns it."""
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
        on_change=_forget_names,
        help="By name: what each does was measured on this generator's own digits. By principal "
        "direction: where its first layer varies the most, whatever that means. By number: z is a "
        "list of numbers, and each slider is one of them.",
    )


def render(source: GeneratorSource, view: str, grid: SliderGrid, generator: str) -> None:
    """Draw the sliders of a view.

    Args:
        source: The generator.
        view: As of `choose_view`.
        grid: What they move.
        generator: Its name in the page.
    """
    with st.container(key="latent-sliders"):
        sliders, note = _sliders(source, view)
        if not sliders:
            st.caption(literal(note))
            return
        render_sliders(
            sliders,
            z=selection.get(source.latent_dim),
            z_version=selection.number(),
            last_move=st.session_state.get(_LAST_MOVE, 0),
            grid=grid,
            generator=generator,
            slider_limit=MAX_ENTRY,
            z_limit=HARD_MAX_ENTRY,
            note=note,
            on_move=_move,
            key=_KEY,
        )


def _move() -> None:
    move = read_move(_KEY)
    if move is None:
        return
    st.session_state[_LAST_MOVE] = move.number
    if move.z_version == selection.number():
        selection.move(move.z)


def _sliders(source: GeneratorSource, view: str) -> tuple[list[Slider], str]:
    """Return the sliders of a view, and what is to be said below them."""
    if view not in (_NAMED, _PRINCIPAL):
        return _of_numbers(view, source.latent_dim), ""
    if surveys.get_findings(source) is None:  # The page takes the survey after all else is drawn.
        problem = surveys.describe_problem(source)
        return [], problem or "Finding out what this generator's directions do …"
    findings = surveys.survey_generator(source)
    if view == _PRINCIPAL:
        return _of_principal(findings), f"Of the first layer at step {findings.step:,}."
    offered = _offered(source, findings)
    if not offered:
        return _of_numbers(view, source.latent_dim), (
            f"At step {findings.step:,} no direction does reliably what a name would say; these "
            "are the numbers of z. Choose the sliders again when it has learned more."
        )
    return _of_names(offered), (
        f"Found at step {findings.step:,} in {len(findings.survey.z):,} digits. r says how well a "
        "slider does what it is called, from 0 to 1, tried on fresh digits. Moving one also moves "
        "those that point a similar way."
    )


def _offered(source: GeneratorSource, findings: Findings) -> list[Direction]:
    """Return the named directions, those of a newer survey under the names that are in sight.

    A slider does not vanish under a hand: new ones come behind those in sight, and which are no
    longer good enough is seen with the next choice of the view.
    """
    of = (source.run.path, source.run.created)
    kept_of, offered = st.session_state.get(_NAMES, (of, []))
    if kept_of != of:
        offered = []
    newest = {direction.name: direction for direction in findings.named}
    shown = {direction.name: newest.pop(direction.name, direction) for direction in offered}
    st.session_state[_NAMES] = (of, [*shown.values(), *newest.values()])
    return [*shown.values(), *newest.values()]


def _forget_names() -> None:
    st.session_state.pop(_NAMES, None)


def _of_names(directions: list[Direction]) -> list[Slider]:
    from dcgan.latent.directions import REACH  # With TensorFlow, which is there by now.

    return [
        Slider(
            direction.name,
            f"{direction.name} (r = {direction.correlation:.2f})",
            f"{_MEASURES.get(direction.name, _PULL)} Tried on fresh digits: the correlation of "
            f"slider and measure is {direction.correlation:.2f}, and {direction.share_rising:.0%} "
            f"of them measured more at {REACH:g} than at −{REACH:g}.",
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


def _of_principal(findings: Findings) -> list[Slider]:
    sliders = []
    for name, directions, what in (
        ("GANSpace", findings.ganspace, "a principal component of what the first layer gives"),
        ("SeFa", findings.sefa, "a direction that the first layer's weights stretch the most"),
    ):
        sliders += [
            Slider(
                f"{name} {index}",
                f"{name} {index} ({direction.share:.0%})",
                f"Along {what}; {direction.share:.0%} of its variance. What it does to a digit "
                "nobody chose: move it and see.",
                direction.vector,
            )
            for index, direction in enumerate(directions, start=1)
        ]
    return sliders


def _of_numbers(view: str, latent_dim: int) -> list[Slider]:
    first = int(view.split()[1]) - 1 if view.startswith("z ") else 0
    return [
        Slider(str(index), f"z {index + 1}", _NUMBER, axis_direction(index, latent_dim))
        for index in range(first, min(first + _IN_SIGHT, latent_dim))
    ]


_NUMBER = (
    "One of the numbers that z is made of. In training each is drawn anew for every picture, "
    "mostly from -2 to 2; what it does to a digit nobody chose."
)


def _numbers_view(first: int, latent_dim: int) -> str:
    return f"z {first + 1} to {min(first + _IN_SIGHT, latent_dim)} of {latent_dim}"
