"""The sliders that move z: along named directions, principal directions, or single numbers of z.

A slider shows the position of z along its direction, so any change of z moves all sliders.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.components.sliders import Slider, SliderGrid, read_move, render_sliders
from dashboard.explore.slider_kinds import (
    SHAPES,
    list_named_sliders,
    list_number_sliders,
    list_principal_sliders,
)
from dashboard.explore_tools import shown_findings
from dashboard.generators import findings_cache
from dashboard.generators.generator_source import GeneratorSource
from dashboard.generators.included_findings import get_included_findings
from dashboard.tab import selection
from dcgan.latent.sampling import HARD_MAX_ENTRY, MAX_ENTRY

if TYPE_CHECKING:
    from dashboard.generators.findings_cache import Findings
    from dcgan.latent.directions import Direction

_NUM_SHOWN = 12  # Numbers of z with a slider at the same time.

_GROUP_NOTE = (
    "0 is the average z, not the selected digit. Some digits have no slider, because no direction "
    "reliably leads to them."
)
# z is normally distributed, and so is its position along any direction.
VALUE_HELP = (
    "Each slider changes several numbers of z together. The number beside it is where z lies along "
    "this direction; 0 is the average. Two thirds of random z lie between −1 and 1, 95% within ±2."
)
_NAMED, _PRINCIPAL = "By name", "By principal direction"

# Keys of the session.
_CHOICE = "slider_view"
_LAST_MOVE = "last_slider_move"
_NAMED_SLIDERS = "named_sliders"  # The key of a generator, and its named directions that are shown.
_LACKS_NAMES = "sliders_lack_names"  # Whether numbers are shown because there were no names.
_SLIDERS_KEY = "sliders"


class Numbers(NamedTuple):
    """The choice of single numbers of z, from an index on.

    Generators with z of other lengths have other choices, because Streamlit knows a choice by its
    label, which has the length.
    """

    first: int
    latent_dim: int


SliderChoice = str | Numbers  # `_NAMED`, `_PRINCIPAL` or numbers.


def ask_for_sliders(source: GeneratorSource) -> SliderChoice:
    """Render the choice of the sliders to show; return it.

    Named sliders can be chosen unless the survey found none. The page chooses them at first, and
    again if there were none for a while.
    """
    latent_dim = source.latent_dim
    number_choices = [Numbers(first, latent_dim) for first in range(0, latent_dim, _NUM_SHOWN)]
    has_names = _may_have_names(source)
    choices: list[SliderChoice] = [
        *([_NAMED] if has_names else []),
        _PRINCIPAL,
        *number_choices,
    ]
    if st.session_state.get(_CHOICE) not in choices or (
        has_names and st.session_state.get(_LACKS_NAMES)
    ):
        st.session_state[_CHOICE] = _NAMED if has_names else number_choices[0]
        st.session_state[_LACKS_NAMES] = not has_names
    return st.selectbox(
        "Sliders",
        choices,
        key=_CHOICE,
        persist_state="session",
        width=260,
        label_visibility="collapsed",
        format_func=_label_choice,
        on_change=_forget_shown_directions,
        help="By name: a slider changes several numbers of z together, so that mainly the named "
        "thing changes. By principal direction: it follows a direction in which the generator's "
        "first layer varies the most. By number: it changes one of the numbers of z.",
    )


def _may_have_names(source: GeneratorSource) -> bool:
    """Return whether there are named directions, or the survey is still looking for them."""
    findings = findings_cache.get_findings(source)
    return (
        findings is None
        or not findings.is_complete
        or bool(findings.named or _list_shown_directions(source))
    )


def describe_search(source: GeneratorSource, choice: SliderChoice) -> str:
    """Describe how the sliders were found or are being found, or why they have no names.

    Returns:
        A sentence or two, as Markdown; "" for sliders of numbers while names may still be found.
    """
    if choice not in (_NAMED, _PRINCIPAL):
        return "" if _may_have_names(source) else _explain_missing_names(source)
    findings = findings_cache.get_findings(source)
    if findings is not None and (findings.is_complete or choice == _PRINCIPAL):
        if choice == _PRINCIPAL:
            return "Two methods found these in the generator's first layer. They have no names."
        return _describe_measured(source, len(findings.survey.z))
    if problem := findings_cache.describe_problem(source):
        return escape_markdown(problem)
    from dcgan.latent.survey import NUM_SAMPLES  # Imports TensorFlow, which is loaded by now.

    if choice == _NAMED and get_included_findings(source) is not None:
        return _describe_measured(source, NUM_SAMPLES)
    if findings is not None:
        return "The first names are found. The other sliders get their names in some seconds."
    duration = shown_findings.describe_duration(source)
    if _list_shown_directions(source, of_any_class=True):
        return f"Measuring what the sliders do to this {source.noun}: {duration}."
    return (
        f"Sorting {NUM_SAMPLES:,} new {source.noun}s to find names for the sliders: {duration}. "
        "Until then each slider moves one number of z."
    )


def _describe_measured(source: GeneratorSource, num_samples: int) -> str:
    if shown_findings.is_training(source):  # Newer weights have other directions for the same z.
        return "While it trains, sliders are measured again: numbers change until you move one."
    return (
        f"Move a slider and watch the {source.noun} in the middle of the grid. What each one does "
        f"was measured on {num_samples:,} generated {source.noun}s."
    )


def render(
    source: GeneratorSource, choice: SliderChoice, grid: SliderGrid, generator_name: str
) -> None:
    """Render sliders.

    Args:
        source: The generator.
        choice: Which sliders, as returned by `ask_for_sliders`.
        grid: The grid that they move.
        generator_name: Name of the generator in the page.
    """
    from dcgan.latent.directions import SLIDER_LIMIT  # Imports TensorFlow, which is loaded by now.

    with st.container(key="latent-sliders"):
        sliders = _make_sliders(source, choice)
        is_named = any(slider.key in SHAPES for slider in sliders)
        selected = selection.get_current(source.latent_dim)
        render_sliders(
            sliders,
            z=selected.z,
            z_version=selected.version,
            last_move=st.session_state.get(_LAST_MOVE, 0),
            grid=grid,
            generator=generator_name,
            slider_limit=SLIDER_LIMIT if choice == _NAMED else MAX_ENTRY,
            z_limit=HARD_MAX_ENTRY,
            hint=_explain_sliders(source.noun, is_named=is_named),
            group_note=_GROUP_NOTE,
            on_move=_apply_move,
            key=_SLIDERS_KEY,
        )


def _explain_sliders(noun: str, *, is_named: bool) -> str:
    if not is_named:
        return f"Move a slider to see what it does to a {noun}."
    return (
        f"Moving a slider moves others too: rounder {noun}s, for example, are usually wider. A "
        "number is the slider's position, not a measurement of the picture."
    )


def _apply_move() -> None:
    move = read_move(_SLIDERS_KEY)
    if move is not None:
        st.session_state[_LAST_MOVE] = move.number
        selection.move_z(move.z, move.z_version)


def _make_sliders(source: GeneratorSource, choice: SliderChoice) -> list[Slider]:
    """Return the chosen sliders."""
    findings = findings_cache.get_findings(source)
    if isinstance(choice, Numbers):
        return list_number_sliders(source, choice.first, _NUM_SHOWN)
    if choice == _PRINCIPAL:
        if findings is None:
            return list_number_sliders(source, 0, _NUM_SHOWN)
        return list_principal_sliders(findings, source.noun)
    if findings is not None and findings.is_complete:
        directions = _update_shown_directions(
            source, findings_cache.ensure_complete_findings(source)
        )
        return list_named_sliders(source, directions)
    if (known := get_included_findings(source)) is not None:
        st.session_state[_NAMED_SLIDERS] = (_make_generator_key(source), list(known.named))
        return list_named_sliders(source, list(known.named))
    measured = () if findings is None else findings.named
    if measured and not _list_shown_directions(source, of_any_class=True):
        st.session_state[_NAMED_SLIDERS] = (_make_generator_key(source), list(measured))
    names = {direction.name for direction in measured}
    # Sliders of another class stay, disabled, until the directions of this class are measured.
    unmeasured = [
        direction
        for direction in _list_shown_directions(source, of_any_class=True)
        if direction.name not in names
    ]
    if measured or unmeasured:
        return list_named_sliders(
            source, [*measured, *unmeasured], disabled=unmeasured, is_searching=True
        )
    return list_number_sliders(source, 0, len(SHAPES))


def _explain_missing_names(source: GeneratorSource) -> str:
    findings = findings_cache.get_findings(source)
    if findings is None:
        return ""
    if not findings.is_diverse:
        return (
            f"At step {findings.step:,} this generator draws nearly the same picture for every z, "
            "so the sliders change little. It has collapsed, or has hardly learned yet."
        )
    return (
        f"Each slider moves one number of z. At step {findings.step:,} no direction changes only "
        "one thing, such as the slant, so there are no named sliders"
        + (" yet." if source.trainer is not None else ".")
    )


def _list_shown_directions(
    source: GeneratorSource, *, of_any_class: bool = False
) -> list[Direction]:
    """Return the named directions that are shown already; empty if another generator was shown.

    Args:
        source: The generator.
        of_any_class: Whether directions of another class of the run count too.
    """
    key = _make_generator_key(source)
    shown_key, shown = st.session_state.get(_NAMED_SLIDERS, (key, []))
    length = 2 if of_any_class else 3
    return shown if shown_key[:length] == key[:length] else []


def _make_generator_key(source: GeneratorSource) -> tuple[Path, str, int | None]:
    return source.run.path, source.run.created, source.class_id


def _update_shown_directions(source: GeneratorSource, findings: Findings) -> list[Direction]:
    """Add the named directions of the newest survey to the shown ones, and return all.

    The shown ones come first, and stay as they are once a person has moved one. A slider whose
    direction was not found again stays until a person chooses other sliders.
    """
    newest = {direction.name: direction for direction in findings.named}
    is_kept = selection.get_current(source.latent_dim).is_being_steered
    pairs = [(old, newest.pop(old.name, old)) for old in _list_shown_directions(source)]
    directions = [*(old if is_kept else new for old, new in pairs), *newest.values()]
    st.session_state[_NAMED_SLIDERS] = (_make_generator_key(source), directions)
    return directions


def _forget_shown_directions() -> None:
    for key in (_NAMED_SLIDERS, _LACKS_NAMES):
        st.session_state.pop(key, None)


def _label_choice(choice: SliderChoice) -> str:
    if isinstance(choice, str):
        return f"Sliders: {choice[0].lower()}{choice[1:]}"
    last = min(choice.first + _NUM_SHOWN, choice.latent_dim)
    return f"Sliders: z {choice.first + 1} to {last} of {choice.latent_dim}"
