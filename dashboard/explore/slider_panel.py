"""The sliders that move z: along named directions, principal directions, or single numbers of z.

A slider shows the position of z along its direction, so any change of z moves all sliders.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.components.sliders import Slider, SliderGrid, read_move, render_sliders
from dashboard.generators import findings_cache
from dashboard.generators.generator_source import GeneratorSource
from dashboard.shared import selection
from dcgan.latent.arithmetic import make_axis_direction
from dcgan.latent.sampling import HARD_MAX_ENTRY, MAX_ENTRY

if TYPE_CHECKING:
    from dashboard.generators.findings_cache import Findings
    from dcgan.latent.directions import Direction

_NUMBERS_SHOWN = 12  # Numbers of z for which there is a slider at a time.
# As many sliders are there before they get names, so that nothing moves then: the included run has
# 14 names, and 13 fill the same rows. The digits of one class differ in fewer ways, so they get
# about half as many names.
_NAMES_EXPECTED, _NAMES_EXPECTED_OF_CLASS = 14, 6
_NAMED, _PRINCIPAL = "By name", "By principal direction"
_CHOICE = "slider_view"
_KEY = "sliders"
_LAST_MOVE = "last_slider_move"
_OFFERED = "named_sliders"
_LACKS_NAMES = "sliders_lack_names"  # Numbers are shown because there were no names to choose.


def ask_for_sliders(source: GeneratorSource) -> str:
    """Render the choice of which sliders are shown; return it.

    Names are offered unless the survey found none. Whoever had them, or had chosen nothing, gets
    them as soon as there are some.
    """
    latent_dim = source.latent_dim
    pages = [_name_numbers(first, latent_dim) for first in range(0, latent_dim, _NUMBERS_SHOWN)]
    is_named = _may_have_names(source)
    choices = [*([_NAMED] if is_named else []), _PRINCIPAL, *pages]
    if st.session_state.get(_CHOICE) not in choices or (
        is_named and st.session_state.get(_LACKS_NAMES)
    ):
        st.session_state[_CHOICE] = _NAMED if is_named else pages[0]
        st.session_state[_LACKS_NAMES] = not is_named
    return st.selectbox(
        "Sliders",
        choices,
        key=_CHOICE,
        persist_state="session",
        width=260,
        label_visibility="collapsed",
        on_change=_forget_offered,
        help="By name: each slider changes several numbers of z together, such that mainly what "
        "its name says changes. By principal direction: it follows a direction in which the "
        "generator's first layer varies the most. By number: it is one of the numbers of z.",
    )


def _may_have_names(source: GeneratorSource) -> bool:
    """Return whether there are named directions, or the survey is still looking for them."""
    findings = findings_cache.get_findings(source)
    return (
        findings is None or not findings.is_complete or bool(findings.named or _get_offered(source))
    )


def describe_search(source: GeneratorSource, choice: str) -> str:
    """Return how the sliders are found or were found, or why they have no names, as Markdown."""
    if choice not in (_NAMED, _PRINCIPAL):
        return "" if _may_have_names(source) else _explain_missing_names(source)
    findings = findings_cache.get_findings(source)
    if findings is not None and (findings.is_complete or choice == _PRINCIPAL):
        if choice == _PRINCIPAL:
            return (
                "Found by two methods in the generator's first layer. Nobody named them: try one."
            )
        return (
            "Each slider changes several numbers of z together. What it does was measured on "
            f"{len(findings.survey.z):,} generated digits."
        )
    if problem := findings_cache.describe_problem(source):
        return escape_markdown(problem)
    if findings is not None:
        return "The first names are found. The other sliders get theirs in some seconds."
    from dcgan.latent.survey import NUM_SAMPLES  # Imports TensorFlow, which is loaded by now.

    duration = "20 s, as a run trains" if source.trainer is not None else "5 s"
    return (
        f"Sorting {NUM_SAMPLES:,} new digits so that the sliders get names, about {duration}. "
        "Until then each moves one number of z."
    )


def render(source: GeneratorSource, choice: str, grid: SliderGrid, generator: str) -> None:
    """Render sliders.

    Args:
        source: The generator.
        choice: Which sliders, as returned by `ask_for_sliders`.
        grid: The grid that they move.
        generator: Name of the generator in the page.
    """
    from dcgan.latent.directions import SLIDER_LIMIT  # Imports TensorFlow, which is loaded by now.

    with st.container(key="latent-sliders"):
        sliders, note = _make_sliders(source, choice)
        chosen = selection.get_current(source.latent_dim)
        render_sliders(
            sliders,
            z=chosen.z,
            z_version=chosen.version,
            last_move=st.session_state.get(_LAST_MOVE, 0),
            grid=grid,
            generator=generator,
            slider_limit=SLIDER_LIMIT if choice == _NAMED else MAX_ENTRY,
            z_limit=HARD_MAX_ENTRY,
            note=note,
            on_move=_apply_move,
            key=_KEY,
        )


def _apply_move() -> None:
    move = read_move(_KEY)
    if move is not None:
        st.session_state[_LAST_MOVE] = move.number
        selection.move_z(move.z, move.z_version)


def _make_sliders(source: GeneratorSource, choice: str) -> tuple[list[Slider], str]:
    """Return the chosen sliders, and the note below them."""
    if choice not in (_NAMED, _PRINCIPAL):
        return _number_sliders(choice, source.latent_dim), ""
    num_expected = _NAMES_EXPECTED if source.class_id is None else _NAMES_EXPECTED_OF_CLASS
    findings = findings_cache.get_findings(source)
    if findings is None:
        return _number_sliders(choice, source.latent_dim, num_expected), ""
    if choice == _PRINCIPAL:
        return _list_principal_sliders(findings), ""
    if not findings.is_complete:
        named = _list_named_sliders(list(findings.named))
        num = num_expected - len(named)
        return [*named, *_number_sliders(choice, source.latent_dim, num)], ""
    findings = findings_cache.ensure_complete_findings(source)
    offered = _update_offered(source, findings)
    return _list_named_sliders(offered), (
        "0 is the average z, not the selected digit: even a clear 7 may be below 0 on “More like a "
        "7”. A digit without a slider has no direction that reliably leads to it. While you use a "
        "slider, its explanation is here."
    )


def _explain_missing_names(source: GeneratorSource) -> str:
    findings = findings_cache.get_findings(source)
    if findings is None:
        return ""
    if not findings.is_diverse:
        return (
            f"At step {findings.step:,} this generator draws nearly the same picture for every z, "
            "so the sliders change little: it has collapsed, or has hardly learned yet."
        )
    return (
        f"Each slider moves one number of z. At step {findings.step:,} no direction changes only "
        "one thing, such as the slant, so there are no named sliders"
        + (" yet." if source.trainer is not None else ".")
    )


def _get_offered(source: GeneratorSource) -> list[Direction]:
    """Return the named directions that are shown already."""
    key = _get_offered_key(source)
    offered_key, offered = st.session_state.get(_OFFERED, (key, []))
    return offered if offered_key == key else []


def _get_offered_key(source: GeneratorSource) -> tuple[Path, str, int | None]:
    return source.run.path, source.run.created, source.class_id


def _update_offered(source: GeneratorSource, findings: Findings) -> list[Direction]:
    """Return the named directions of the newest survey, those that are shown already first.

    Do not remove sliders during a drag: one whose direction was not found again stays until the
    sliders are chosen the next time.
    """
    newest = {direction.name: direction for direction in findings.named}
    shown = [newest.pop(direction.name, direction) for direction in _get_offered(source)]
    directions = [*shown, *newest.values()]
    st.session_state[_OFFERED] = (_get_offered_key(source), directions)
    return directions


def _forget_offered() -> None:
    for key in (_OFFERED, _LACKS_NAMES):
        st.session_state.pop(key, None)


def _list_named_sliders(directions: list[Direction]) -> list[Slider]:
    return [
        Slider(direction.name, direction.name, direction.explain(), direction.vector)
        for direction in directions
    ]


def _list_principal_sliders(findings: Findings) -> list[Slider]:
    sliders = []
    for name, directions, axis in (
        ("GANSpace", findings.ganspace, "a principal component of the first layer's output"),
        ("SeFa", findings.sefa, "a direction that the first layer's weights stretch the most"),
    ):
        sliders += [
            Slider(
                f"{name} {index}",
                f"{name} {index} ({direction.share:.0%})",
                f"Along {axis}; {direction.share:.0%} of its variance. Move it to see what it does "
                "to a digit.",
                direction.vector,
            )
            for index, direction in enumerate(directions, start=1)
        ]
    return sliders


def _number_sliders(choice: str, latent_dim: int, num: int = _NUMBERS_SHOWN) -> list[Slider]:
    first = int(choice.split()[1]) - 1 if choice.startswith("z ") else 0
    return [
        Slider(str(index), f"z {index + 1}", _NUMBER, make_axis_direction(index, latent_dim))
        for index in range(first, min(first + num, latent_dim))
    ]


_NUMBER = (
    "One of the numbers of z. In training it is random for each picture, mostly from -2 to 2. "
    "Nobody chose what it does to a digit."
)


def _name_numbers(first: int, latent_dim: int) -> str:
    return f"z {first + 1} to {min(first + _NUMBERS_SHOWN, latent_dim)} of {latent_dim}"
