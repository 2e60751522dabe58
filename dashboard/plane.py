"""Directions by name, for whatever steps along them: the grid around z, and the pad."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from dashboard import surveys
from dashboard.sources import Source
from dcgan.latent import axis_direction, random_direction

_KEPT = "kept_directions"
_OF_PICTURE = " of the picture"

RANDOM = ("Random direction A", "Random direction B", "Random direction C")


def directions(source: Source) -> dict[str, np.ndarray]:
    """Return what can be stepped along: by chance, by name as far as known, by number.

    Returns:
        Unit vectors, shape (latent_dim,), by the names that a person reads.
    """
    latent_dim = source.latent_dim
    found = {name: random_direction(seed, latent_dim) for seed, name in enumerate(RANDOM)}
    findings = surveys.peek(source)
    if findings is not None:
        found |= {direction.name: direction.vector for direction in findings.named}
        for kind, principal in (("GANSpace", findings.ganspace), ("SeFa", findings.sefa)):
            for index, direction in enumerate(principal, start=1):
                found[f"{kind} {index}"] = direction.vector
    found |= {f"z {index + 1}": axis_direction(index, latent_dim) for index in range(latent_dim)}
    kept: dict[str, np.ndarray] = st.session_state.get(_KEPT, {})
    return found | {name: vector for name, vector in kept.items() if len(vector) == latent_dim}


def keep(name: str, vector: np.ndarray) -> str:
    """Offer a direction as it was when a picture was made; return the name under which.

    What is the same wherever it is made keeps its own name.
    """
    latent_dim = len(vector)
    same = {seed_name: random_direction(seed, latent_dim) for seed, seed_name in enumerate(RANDOM)}
    same |= {f"z {index + 1}": axis_direction(index, latent_dim) for index in range(latent_dim)}
    if name in same and np.array_equal(same[name], vector):
        return name
    name = f"{name.removesuffix(_OF_PICTURE)}{_OF_PICTURE}"
    st.session_state.setdefault(_KEPT, {})[name] = vector
    return name


def choose(
    label: str,
    directions: Mapping[str, np.ndarray],
    key: str,
    *,
    preferred: str,
    otherwise: str = RANDOM[0],
) -> str:
    """Draw the choice of one direction; return its name.

    Args:
        label, key: Of the select box.
        directions: As of the function of that name.
        preferred: What is chosen at first, and when the choice is not on offer, if that is.
        otherwise: What is chosen where neither is.
    """
    options = list(directions)
    if st.session_state.get(key) not in options:
        st.session_state[key] = preferred if preferred in options else otherwise
    return st.selectbox(label, options, key=key, persist_state="session", width=220)
