"""The named directions from which people choose the axes of a plane: of the grid and of the pad."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import streamlit as st

from dashboard.generators import findings_cache
from dashboard.generators.generator_source import GeneratorSource
from dashboard.generators.included_findings import get_included_findings
from dashboard.shared import selection
from dcgan.latent.arithmetic import make_axis_direction, sample_direction

_HELD = "held_axes"  # Directions that planes show, by generator and key of the choice.
_KEPT = "kept_directions"  # Directions of opened pictures and links, by name.
_AS_SHOWN = ", as shown"
_WANTED = "_wanted"  # Suffix of a choice's key: the name that a person or a link chose.
_MAX_NAME = 80

RANDOM = ("Random direction A", "Random direction B", "Random direction C")
# Keys of the choices of the axes: of the grid and of the pad.
GRID_DOWN, GRID_ACROSS = "row_direction", "column_direction"
PAD_DOWN, PAD_ACROSS = "pad_down", "pad_across"
# Defaults by the choice's key: the first name that is available when a plane is first shown. Named
# directions become available with a generator's survey, and generators have different ones.
_DEFAULTS = {
    GRID_DOWN: ("Thickness", RANDOM[0]),
    GRID_ACROSS: ("Slant", RANDOM[1]),
    PAD_ACROSS: ("Slant", RANDOM[0]),
    PAD_DOWN: ("Thickness", RANDOM[1]),
}


class _Held(NamedTuple):
    """An axis as it is shown, and whether the generator's survey was known when it was chosen."""

    name: str
    vector: np.ndarray
    is_surveyed: bool


def list_directions(source: GeneratorSource) -> dict[str, np.ndarray]:
    """Return all directions of a generator that can be chosen now.

    These are random directions, those from its survey so far, the axes of z, and those from opened
    pictures and links.

    Returns:
        Unit vectors, shape (latent_dim,), by the names that people see.
    """
    latent_dim = source.latent_dim
    directions = {name: sample_direction(seed, latent_dim) for seed, name in enumerate(RANDOM)}
    findings = findings_cache.get_findings(source)
    known = get_included_findings(source) if findings is None else None
    if known is not None:
        directions |= {direction.name: direction.vector for direction in known.named}
    if findings is not None:
        directions |= {direction.name: direction.vector for direction in findings.named}
        for kind, principal in (("GANSpace", findings.ganspace), ("SeFa", findings.sefa)):
            for index, direction in enumerate(principal, start=1):
                directions[f"{kind} {index}"] = direction.vector
    directions |= {
        f"z {index + 1}": make_axis_direction(index, latent_dim) for index in range(latent_dim)
    }
    kept: dict[str, np.ndarray] = st.session_state.get(_KEPT, {})
    # The survey may since have found the same direction as an opened link: merge the two.
    for name in [
        name for name in kept if _is_same(directions.get(_remove_suffix(name)), kept[name])
    ]:
        del kept[name]
        for key in _DEFAULTS:
            if st.session_state.get(key + _WANTED) == name:
                st.session_state[key + _WANTED] = _remove_suffix(name)
    return directions | {name: vector for name, vector in kept.items() if len(vector) == latent_dim}


def _remove_suffix(name: str) -> str:
    return name.partition(_AS_SHOWN)[0]


def _is_same(one: np.ndarray | None, other: np.ndarray) -> bool:
    return one is not None and one.shape == other.shape and np.allclose(one, other, atol=1e-5)


def may_become_available(source: GeneratorSource, name: str) -> bool:
    """Return whether a direction is available, or may be after the generator's survey."""
    return name in list_directions(source) or findings_cache.get_findings(source) is None


def is_same_for_all_generators(name: str) -> bool:
    """Return whether a name means the same vector for all generators of one latent_dim."""
    return name in RANDOM or re.fullmatch(r"z \d+", name) is not None


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
        here = list_directions(source).get(name)
        if not _is_same(here, vector):
            name = _keep(name, vector)
    st.session_state[key + _WANTED] = name


def _keep(name: str, vector: np.ndarray) -> str:
    """Add a direction to the available ones; return its name, which may have a suffix."""
    kept: dict[str, np.ndarray] = st.session_state.setdefault(_KEPT, {})
    name = _remove_suffix(name)[:_MAX_NAME] + _AS_SHOWN
    free, number = name, 2
    while free in kept and not np.array_equal(kept[free], vector):
        free, number = f"{name} {number}", number + 1
    kept[free] = vector
    return free


def find_axis(source: GeneratorSource, key: str) -> tuple[str, np.ndarray]:
    """Return the name and the vector of the chosen direction, or of the default.

    A random direction is replaced by a named one at the first survey, but not while a person steers
    the selected z: then it is when they choose another z. After that an axis stays what it was,
    although a later survey may find directions that are better defaults, or another vector of the
    same name.

    Args:
        source: The generator.
        key: One of the keys of `_DEFAULTS`.
    """
    directions = list_directions(source)
    all_held: dict[object, _Held] = st.session_state.setdefault(_HELD, {})
    held = all_held.get((source.identity, key))
    is_surveyed = findings_cache.get_findings(source) is not None
    wanted: str | None = st.session_state.get(key + _WANTED)
    is_steered = selection.get_current(source.latent_dim).is_being_steered
    if wanted is not None and wanted in directions:
        if held is None or held.name != wanted:
            held = _Held(wanted, directions[wanted], is_surveyed)
    elif (
        held is None
        or held.name not in _DEFAULTS[key]
        or (is_surveyed and not held.is_surveyed and held.name in RANDOM and not is_steered)
    ):
        name = next(name for name in _DEFAULTS[key] if name in directions)
        held = _Held(name, directions[name], is_surveyed)
    all_held[source.identity, key] = held
    return held.name, held.vector


def ask_for_axis(label: str, source: GeneratorSource, key: str) -> tuple[str, np.ndarray]:
    """Render the choice of one direction; return its name and its vector.

    Args:
        label: Label of the select box.
        source: The generator.
        key: One of the keys of `_DEFAULTS`.
    """
    name, vector = find_axis(source, key)
    # The wanted name has a key of its own: a default is shown while it is not available.
    st.session_state[key] = name
    names = list_directions(source)
    st.selectbox(
        label,
        [*([] if name in names else [name]), *names],
        key=key,
        persist_state="session",
        width=171,  # Two fit beside each other on a phone.
        on_change=_note_wanted,
        args=(source, key),
    )
    return name, vector


def _note_wanted(source: GeneratorSource, key: str) -> None:
    st.session_state[key + _WANTED] = st.session_state[key]
    st.session_state.get(_HELD, {}).pop((source.identity, key), None)
