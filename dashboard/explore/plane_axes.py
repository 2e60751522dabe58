"""Directions by name, for whatever steps along them: the grid around z, and the pad."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import streamlit as st

from dashboard.state import surveys
from dashboard.state.generator_source import GeneratorSource
from dcgan.latent.arithmetic import axis_direction, random_direction

_KEPT = "kept_directions"
_AS_SHOWN = ", as shown"
_WANTED = "_wanted"
_MAX_NAME = 80

RANDOM = ("Random direction A", "Random direction B", "Random direction C")
# What is chosen until a person chooses, by the choice's key: the first that is on offer. Names come
# on offer when a generator's directions are found, and differ from one to another.
_AT_FIRST = {
    "row_direction": (RANDOM[0],),
    "column_direction": (RANDOM[1],),
    "pad_across": ("Slant", RANDOM[0]),
    "pad_down": ("Thickness", RANDOM[1]),
}


def directions(source: GeneratorSource) -> dict[str, np.ndarray]:
    """Return what can be stepped along: by chance, by name as far as known, by number.

    Returns:
        Unit vectors, shape (latent_dim,), by the names that a person reads.
    """
    latent_dim = source.latent_dim
    found = {name: random_direction(seed, latent_dim) for seed, name in enumerate(RANDOM)}
    findings = surveys.get_findings(source)
    if findings is not None:
        found |= {direction.name: direction.vector for direction in findings.named}
        for kind, principal in (("GANSpace", findings.ganspace), ("SeFa", findings.sefa)):
            for index, direction in enumerate(principal, start=1):
                found[f"{kind} {index}"] = direction.vector
    found |= {f"z {index + 1}": axis_direction(index, latent_dim) for index in range(latent_dim)}
    kept: dict[str, np.ndarray] = st.session_state.get(_KEPT, {})
    # What was named before anything was known here may turn out to be the one of that name.
    for name in [name for name in kept if _is_same(found.get(_plain(name)), kept[name])]:
        del kept[name]
        for key in _AT_FIRST:
            if st.session_state.get(key + _WANTED) == name:
                st.session_state[key + _WANTED] = _plain(name)
    return found | {name: vector for name, vector in kept.items() if len(vector) == latent_dim}


def _plain(name: str) -> str:
    return name.partition(_AS_SHOWN)[0]


def _is_same(one: np.ndarray | None, other: np.ndarray) -> bool:
    return one is not None and one.shape == other.shape and np.allclose(one, other, atol=1e-5)


def may_come(source: GeneratorSource, name: str) -> bool:
    """Whether a name is on offer, or may be when more is known about the generator."""
    return name in directions(source) or surveys.get_findings(source) is None


def is_everywhere(name: str) -> bool:
    """Whether a name means the same vector for all generators of one latent_dim."""
    return name in RANDOM or re.fullmatch(r"z \d+", name) is not None


def want(source: GeneratorSource, key: str, name: str, vector: np.ndarray | None) -> None:
    """Let a direction be chosen that a picture or a link has named.

    Args:
        source: Whose directions they are.
        key: Of the choice.
        name: It is chosen as soon as there is one.
        vector: As it was when the picture was made, shape (latent_dim,), where that is known:
            offered beside the one that has the name here, if that is another.
    """
    if vector is not None and len(vector) == source.latent_dim:
        here = directions(source).get(name)
        if not _is_same(here, vector):
            name = _keep(name, vector)
    st.session_state[key + _WANTED] = name


def _keep(name: str, vector: np.ndarray) -> str:
    """Offer a vector beside the others; return the name under which."""
    kept: dict[str, np.ndarray] = st.session_state.setdefault(_KEPT, {})
    name = _plain(name)[:_MAX_NAME] + _AS_SHOWN
    free, number = name, 2
    while free in kept and not np.array_equal(kept[free], vector):
        free, number = f"{name} {number}", number + 1
    kept[free] = vector
    return free


def chosen(directions: Mapping[str, np.ndarray], key: str) -> str:
    """Return the name of what is chosen, of those on offer."""
    wanted: str | None = st.session_state.get(key + _WANTED)
    if wanted in directions and wanted is not None:
        return wanted
    return next(name for name in _AT_FIRST[key] if name in directions)


def choose(label: str, directions: Mapping[str, np.ndarray], key: str) -> str:
    """Draw the choice of one direction; return its name.

    Args:
        label: Of the select box.
        directions: As of the function of that name.
        key: Which choice it is, of those that have a first choice.
    """
    # What takes the place of a name that is not on offer now is not a person's choice.
    st.session_state[key] = chosen(directions, key)
    return st.selectbox(
        label,
        list(directions),
        key=key,
        persist_state="session",
        width=220,
        on_change=_remember,
        args=(key,),
    )


def _remember(key: str) -> None:
    st.session_state[key + _WANTED] = st.session_state[key]
