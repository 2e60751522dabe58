"""The selected z: the one latent vector that a browser tab explores.

Only `select_z` and `move_z` change it, and this module alone knows where the session keeps it.
Arrays that it hands out are read-only.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import streamlit as st

from dcgan.config.settings import MAX_SEED
from dcgan.latent.sampling import HARD_MAX_ENTRY, MAX_ENTRY, sample_latent

FIRST_SEED = 7
FROM_PAD = "the pad"
_MOVED = ", then moved by sliders"  # z stays when another run is chosen.

# Keys of the session.
_SELECTION = "selection"
_FIELD = "latent_seed"


@dataclass(eq=False)
class Selection:
    """The selected z of one tab; read it, and change it with `select_z` or `move_z`.

    Attributes:
        z: Shape (latent_dim,), float64, within ±HARD_MAX_ENTRY, read-only. A change is a new array.
        origin: Where z comes from, such as "the map"; follows "from" on the page.
        chosen_seed: Seed with which z was chosen, if any; sliders may have moved z since.
        version: Number of vectors chosen so far in this tab. A move does not change it, so a
            slider's move with an older version belongs to another z.
    """

    z: np.ndarray
    origin: str
    chosen_seed: int | None
    version: int

    @property
    def seed(self) -> int | None:
        """The seed of z; None for a z without one, such as one that sliders moved."""
        return confirm_seed(self.z, self.chosen_seed)

    @property
    def is_being_steered(self) -> bool:
        """Whether sliders or the pad have moved z since it was chosen."""
        return self.origin == FROM_PAD or self.origin.endswith(_MOVED)


def get_current(latent_dim: int) -> Selection:
    """Return the tab's selection; a z of another length is first replaced.

    The new z has the seed of the old one, or `FIRST_SEED` if the old one had none.
    """
    current = _get_selection()
    if current is None or len(current.z) != latent_dim:
        seed = None if current is None else current.seed
        return select_seed(FIRST_SEED if seed is None else seed, latent_dim)
    return current


def is_chosen(latent_dim: int) -> bool:
    """Return whether the tab has a selection of this length."""
    current = _get_selection()
    return current is not None and len(current.z) == latent_dim


def select_z(z: np.ndarray, origin: str, seed: int | None = None) -> Selection:
    """Select another z.

    Args:
        z: Shape (latent_dim,).
        origin: Where z comes from, such as "the map".
        seed: The seed that gives this z, if any.
    """
    previous = _get_selection()
    version = 1 if previous is None else previous.version + 1
    selected = Selection(_freeze(z), origin, seed, version)
    st.session_state[_SELECTION] = selected
    return selected


def select_seed(seed: int, latent_dim: int) -> Selection:
    """Select the z of a seed."""
    return select_z(sample_z(seed, latent_dim), f"seed {seed}", seed)


def move_z(z: np.ndarray, version: int) -> None:
    """Move the selected z.

    Args:
        z: Finite, shape (latent_dim,). A z of another length belongs to another run and is
            ignored.
        version: Version of the z that was moved; ignored if another z was chosen since.
    """
    current = _get_selection()
    if current is None or current.version != version or current.z.shape != z.shape:
        return
    current.z = _freeze(z)
    if not current.origin.endswith(_MOVED):
        current.origin += _MOVED


def find_in(batch: np.ndarray) -> int | None:
    """Return the index of the selected z in a latent batch, compared as float32; None if absent."""
    current = _get_selection()
    if current is None or batch.shape[1:] != current.z.shape:
        return None
    matches = np.flatnonzero((batch.astype(np.float32) == current.z.astype(np.float32)).all(axis=1))
    return int(matches[0]) if len(matches) else None


def sample_z(seed: int, latent_dim: int) -> np.ndarray:
    """Return the z of a seed, float32, shape (latent_dim,), clipped to the range of the sliders."""
    return sample_latent(seed, 1, latent_dim)[0].clip(-MAX_ENTRY, MAX_ENTRY)


def confirm_seed(z: np.ndarray, seed: int | None) -> int | None:
    """Return the seed if it gives this z, compared as float32; otherwise None."""
    is_same = seed is not None and np.array_equal(z.astype(np.float32), sample_z(seed, len(z)))
    return seed if is_same else None


def render_seed_field(latent_dim: int, noun: str) -> None:
    """Render the choice of a seed; the field is empty while the selected z has none.

    Args:
        latent_dim: Length of z.
        noun: The noun for one picture, such as "digit".
    """
    st.session_state[_FIELD] = get_current(latent_dim).seed
    st.number_input(
        f"{noun.capitalize()} number (seed)",
        0,
        MAX_SEED,
        value=None,
        placeholder="none",
        key=_FIELD,
        persist_state="session",
        step=1,
        on_change=_select_typed_seed,
        args=(latent_dim,),
        width=150,
        help=f"Each number gives one random {noun}, always the same. Empty if a slider moved the "
        f"{noun}, or it was chosen in another way.",
    )


def render_surprise(latent_dim: int, noun: str, digit: int | None = None) -> None:
    """Render the primary button that selects a random z.

    Args:
        latent_dim: Length of z.
        noun: The noun for one picture, such as "digit".
        digit: The digit that the generator is asked for, which stays; None if z decides it.
    """
    st.button(
        "Surprise me" if digit is None else "Another handwriting",
        key="surprise",
        icon=":material/casino:",
        type="primary",
        on_click=_select_random_seed,
        args=(latent_dim,),
        help=f"Chooses a random {noun}."
        if digit is None
        else f"Draws the {digit} in a random handwriting.",
    )


def render_other_handwriting(latent_dim: int) -> None:
    """Render the button that selects a random z as the handwriting of a text."""
    st.button(
        "Another handwriting",
        icon=":material/ink_pen:",
        on_click=_select_random_seed,
        args=(latent_dim,),  # No help: it would lie on the number above.
    )


def _get_selection() -> Selection | None:
    current: Selection | None = st.session_state.get(_SELECTION)
    return current


def _freeze(z: np.ndarray) -> np.ndarray:
    frozen = np.array(z, np.float64).clip(-HARD_MAX_ENTRY, HARD_MAX_ENTRY)
    frozen.setflags(write=False)
    return frozen


def _select_typed_seed(latent_dim: int) -> None:
    seed: int | None = st.session_state[_FIELD]
    if seed is not None:  # An emptied field leaves z as it is.
        select_seed(seed, latent_dim)


def _select_random_seed(latent_dim: int) -> None:
    select_seed(random.randrange(100_000), latent_dim)
