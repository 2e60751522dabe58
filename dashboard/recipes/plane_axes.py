"""The named directions from which people choose the axes of a plane, the grid or the pad."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import streamlit as st

from dashboard.generators import findings_cache
from dashboard.generators.generator_source import GeneratorSource
from dashboard.generators.included_findings import get_included_findings
from dashboard.generators.saved_generators import GeneratorIdentity
from dashboard.tab import selection
from dcgan.latent.arithmetic import make_axis_direction, sample_direction

# Keys of the session.
_SHOWN_AXES = "shown_axes"  # The `_ShownAxis` of each plane, by generator and key of the choice.
_OPENED = "opened_directions"  # Directions of opened pictures and links, by name.

_OPENED_SUFFIX = ", as shown"
_WANTED_SUFFIX = "_wanted"  # Of the key for the name that a person or a link chose.
_MAX_NAME_LENGTH = 80

RANDOM_DIRECTIONS = ("Random direction A", "Random direction B", "Random direction C")
# Keys of the choices of the axes: of the grid and of the pad.
GRID_DOWN, GRID_ACROSS = "row_direction", "column_direction"
PAD_DOWN, PAD_ACROSS = "pad_down", "pad_across"
# Defaults by the choice's key: the first name that is available when a plane is first shown. Named
# directions become available with a generator's survey, and generators have different ones.
_DEFAULTS = {
    GRID_DOWN: ("Thickness", RANDOM_DIRECTIONS[0]),
    GRID_ACROSS: ("Slant", RANDOM_DIRECTIONS[1]),
    # Others than the grid's, which is beside the pad.
    PAD_ACROSS: ("Width", "Slant", RANDOM_DIRECTIONS[0]),
    PAD_DOWN: ("Roundness", "Thickness", RANDOM_DIRECTIONS[1]),
}


class _ShownAxis(NamedTuple):
    """An axis that is shown.

    Attributes:
        name, vector: The axis's direction; the vector has the shape (latent_dim,).
        is_surveyed: Whether the generator's survey was known when the direction was chosen.
        is_borrowed: Whether it is the direction of another class, until this class is surveyed.
        named_at: Version of the selected z at which the name replaced a random direction, or None.
    """

    name: str
    vector: np.ndarray
    is_surveyed: bool
    is_borrowed: bool = False
    named_at: int | None = None


def list_directions(source: GeneratorSource) -> dict[str, np.ndarray]:
    """Return all directions of a generator that can be chosen now.

    These are random directions, the directions that its survey has found so far, the axes of z, and
    the directions of opened pictures and links.

    Returns:
        Unit vectors, shape (latent_dim,), by the names that people see.
    """
    latent_dim = source.latent_dim
    directions = {
        name: sample_direction(seed, latent_dim) for seed, name in enumerate(RANDOM_DIRECTIONS)
    }
    findings = findings_cache.get_findings(source)
    included = get_included_findings(source) if findings is None else None
    if included is not None:
        directions |= {direction.name: direction.vector for direction in included.named}
    if findings is not None:
        directions |= {direction.name: direction.vector for direction in findings.named}
        for kind, principal in (("GANSpace", findings.ganspace), ("SeFa", findings.sefa)):
            for index, direction in enumerate(principal, start=1):
                directions[f"{kind} {index}"] = direction.vector
    directions |= {
        f"z {index + 1}": make_axis_direction(index, latent_dim) for index in range(latent_dim)
    }
    _replace_opened_duplicates(directions)
    opened: dict[str, np.ndarray] = st.session_state.get(_OPENED, {})
    return directions | {
        name: vector for name, vector in opened.items() if len(vector) == latent_dim
    }


def _replace_opened_duplicates(directions: Mapping[str, np.ndarray]) -> None:
    """Replace opened directions that a survey has found since by the survey's directions."""
    opened: dict[str, np.ndarray] = st.session_state.get(_OPENED, {})
    for name in list(opened):
        own_name = _remove_suffix(name)
        if not _is_same_vector(directions.get(own_name), opened[name]):
            continue
        del opened[name]
        for key in _DEFAULTS:
            if st.session_state.get(key + _WANTED_SUFFIX) == name:
                st.session_state[key + _WANTED_SUFFIX] = own_name


def _remove_suffix(name: str) -> str:
    return name.partition(_OPENED_SUFFIX)[0]


def _is_same_vector(own: np.ndarray | None, opened: np.ndarray) -> bool:
    return own is not None and own.shape == opened.shape and np.allclose(own, opened, atol=1e-5)


def may_become_available(source: GeneratorSource, name: str) -> bool:
    """Return whether a direction is available, or may become available with the survey."""
    return name in list_directions(source) or findings_cache.get_findings(source) is None


def is_same_for_all_generators(name: str) -> bool:
    """Return whether a name means the same vector for all generators of one latent_dim."""
    return name in RANDOM_DIRECTIONS or re.fullmatch(r"z \d+", name) is not None


def request_axis(source: GeneratorSource, key: str, name: str, vector: np.ndarray | None) -> None:
    """Choose the direction of an opened picture or link.

    Args:
        source: The generator.
        key: Key of the choice.
        name: Name of the direction, chosen as soon as it is available.
        vector: The direction when the picture was made, shape (latent_dim,), if known. If this
            generator has another direction of the same name, both are available.
    """
    if vector is not None and len(vector) == source.latent_dim:
        own_vector = list_directions(source).get(name)
        if not _is_same_vector(own_vector, vector):
            name = _add_opened_direction(name, vector)
    st.session_state[key + _WANTED_SUFFIX] = name


def _add_opened_direction(name: str, vector: np.ndarray) -> str:
    """Add an opened direction to the available ones; return its name, which has a suffix."""
    opened: dict[str, np.ndarray] = st.session_state.setdefault(_OPENED, {})
    name = _remove_suffix(name)[:_MAX_NAME_LENGTH] + _OPENED_SUFFIX
    unique, number = name, 2
    while unique in opened and not np.array_equal(opened[unique], vector):
        unique, number = f"{name} {number}", number + 1
    opened[unique] = vector
    return unique


def _get_shown_axes() -> dict[tuple[GeneratorIdentity, str], _ShownAxis]:
    shown: dict[tuple[GeneratorIdentity, str], _ShownAxis]
    shown = st.session_state.setdefault(_SHOWN_AXES, {})
    return shown


def settle_axis(source: GeneratorSource, key: str) -> tuple[str, np.ndarray]:
    """Settle which direction an axis has, and keep it in the session; return its name and vector.

    It is the chosen direction, or a default until the chosen one is available. After the first
    survey a named default replaces a random one. While a person moves the selected z with sliders
    or the pad, the replacement waits until another z is chosen. After that the axis stays, although
    a later survey may find better defaults, or another vector of the same name. Until its survey
    another class of a run has the directions of the class before.

    Args:
        source: The generator.
        key: One of the keys of `_DEFAULTS`.
    """
    directions = list_directions(source)
    shown_axes = _get_shown_axes()
    shown = shown_axes.get((source.identity, key))
    is_surveyed = findings_cache.get_findings(source) is not None
    wanted: str | None = st.session_state.get(key + _WANTED_SUFFIX)
    selected = selection.get_current(source.latent_dim)
    if shown is None and source.class_id is not None and not is_surveyed:
        shown = _find_axis_of_another_class(shown_axes, source, key)
    if wanted is not None and wanted in directions:
        if shown is None or shown.name != wanted:
            shown = _ShownAxis(wanted, directions[wanted], is_surveyed)
    elif (
        shown is None
        or shown.name not in _DEFAULTS[key]
        or (
            is_surveyed
            and not shown.is_surveyed
            and (shown.is_borrowed or shown.name in RANDOM_DIRECTIONS)
            and not selected.is_being_steered
        )
    ):
        name = next(name for name in _DEFAULTS[key] if name in directions)
        was_random = shown is not None and shown.name in RANDOM_DIRECTIONS
        is_named_now = was_random and name not in RANDOM_DIRECTIONS
        named_at = selected.version if is_named_now else None
        shown = _ShownAxis(name, directions[name], is_surveyed, named_at=named_at)
    shown_axes.pop((source.identity, key), None)  # The axes shown last are the last.
    shown_axes[source.identity, key] = shown
    return shown.name, shown.vector


def _find_axis_of_another_class(
    shown_axes: Mapping[tuple[GeneratorIdentity, str], _ShownAxis],
    source: GeneratorSource,
    key: str,
) -> _ShownAxis | None:
    """Return the axis that was shown last for another class of the same generator, if any."""
    others = [
        axis
        for shown_key, axis in shown_axes.items()
        if shown_key[1] == key
        and shown_key[0]._replace(class_id=source.class_id) == source.identity
    ]
    return (
        others[-1]._replace(is_surveyed=False, is_borrowed=True, named_at=None) if others else None
    )


def has_just_been_named(source: GeneratorSource, key: str) -> bool:
    """Return whether a name has replaced a random direction since the selected z was chosen."""
    shown = _get_shown_axes().get((source.identity, key))
    version = selection.get_current(source.latent_dim).version
    return shown is not None and shown.named_at == version


def ask_for_axis(label: str, source: GeneratorSource, key: str) -> tuple[str, np.ndarray]:
    """Render the choice of one direction; return its name and its vector.

    Args:
        label: Label of the select box.
        source: The generator.
        key: One of the keys of `_DEFAULTS`.
    """
    name, vector = settle_axis(source, key)
    # The wanted name has a separate key, because a default is shown until the name is available.
    st.session_state[key] = name
    names = list_directions(source)
    st.selectbox(
        label,
        [*([] if name in names else [name]), *names],
        key=key,
        persist_state="session",
        width=171,  # Two fit beside each other on a phone.
        on_change=_record_choice,
        args=(source, key),
    )
    return name, vector


def _record_choice(source: GeneratorSource, key: str) -> None:
    st.session_state[key + _WANTED_SUFFIX] = st.session_state[key]
    _get_shown_axes().pop((source.identity, key), None)
