"""The z that this tab explores: one latent vector, wherever it came from.

Sliders move it in place; everything else that gives a digit (a seed, the bank, the map, a pin, a
drawing, a recipe) chooses it anew.
"""

from __future__ import annotations

import random

import numpy as np
import streamlit as st

from dcgan.config import MAX_SEED
from dcgan.latent.sampling import HARD_MAX_ENTRY, MAX_ENTRY, sample_latent

FIRST_SEED = 7
_MOVED = " and moved"
_FIELD = "latent_seed"  # What stands in the field.
_SEED = "latent_of_seed"  # Of the z that was chosen last; sliders may have moved it since.


def get(latent_dim: int) -> np.ndarray:
    """Return the chosen z, shape (latent_dim,), drawn from the seed at first.

    It is the session's own array, float64.
    """
    vector = st.session_state.get("latent")
    if vector is None or len(vector) != latent_dim:
        seed = st.session_state.get(_FIELD)
        seed = FIRST_SEED if seed is None else seed
        vector = _take(of_seed(seed, latent_dim), f"seed {seed}", seed)
    return vector


def of_seed(seed: int, latent_dim: int) -> np.ndarray:
    """Return the z of a seed, float32, shape (latent_dim,), as far as the sliders reach."""
    return sample_latent(seed, 1, latent_dim)[0].clip(-MAX_ENTRY, MAX_ENTRY)


def seed() -> int | None:
    """Return the seed whose z this is; None for any other z, such as one that sliders moved."""
    vector = st.session_state.get("latent")
    return None if vector is None else seed_of(vector, st.session_state.get(_SEED))


def seed_of(z: np.ndarray, seed: int | None) -> int | None:
    """Return a seed if a vector is its z to float32 precision, or None; needs no session."""
    is_its = seed is not None and np.array_equal(z.astype(np.float32), of_seed(seed, len(z)))
    return seed if is_its else None


def choose(z: np.ndarray, origin: str, seed: int | None = None) -> None:
    """Let a vector be the chosen one.

    Args:
        z: Shape (latent_dim,).
        origin: Where it is from, in words that go on after "z from".
        seed: The seed whose z it is, if any.
    """
    _take(z, origin, seed)


def origin() -> str:
    """Return where the chosen z is from, in words."""
    return str(st.session_state.get("latent_origin", ""))


def move(z: np.ndarray) -> None:
    """Move the chosen z to a place, finite, shape (latent_dim,), without choosing it anew."""
    vector = st.session_state.get("latent")
    # A new seed that came with the same message takes all of it over, and one of another length
    # is of a run that was left.
    if vector is None or vector.shape != z.shape:
        return
    z.clip(-HARD_MAX_ENTRY, HARD_MAX_ENTRY, out=vector)
    if not origin().endswith(_MOVED):
        st.session_state["latent_origin"] = origin() + _MOVED


def number() -> int:
    """Return how often a z was chosen so far, for the keys of what shows it.

    What a browser says of the sliders of an earlier one, a quick second click for one, is about
    another vector.
    """
    return int(st.session_state.get("latent_number", 0))


def render_seed(latent_dim: int) -> None:
    """Draw the choice of a seed; the field is empty while the chosen z is of none."""
    get(latent_dim)
    st.session_state[_FIELD] = seed()
    st.number_input(
        "Seed of z",
        0,
        MAX_SEED,
        value=None,
        placeholder="none",
        key=_FIELD,
        persist_state="session",
        step=1,
        on_change=_forget,
        width=150,
        help="The same seed always gives the same z. Empty while z is of no seed: moved by a "
        "slider, or chosen in another way.",
    )
    st.button("Surprise me", icon=":material/casino:", on_click=_surprise)


def _take(z: np.ndarray, origin: str, seed: int | None) -> np.ndarray:
    vector = np.array(z, np.float64).clip(-HARD_MAX_ENTRY, HARD_MAX_ENTRY)
    st.session_state["latent"] = vector
    st.session_state["latent_origin"] = origin
    st.session_state[_SEED] = seed
    st.session_state["latent_number"] = number() + 1
    return vector


def _forget() -> None:
    if st.session_state[_FIELD] is not None:  # An empty field says nothing of z.
        st.session_state["latent"] = None


def _surprise() -> None:
    st.session_state[_FIELD] = random.randrange(100_000)
    _forget()
