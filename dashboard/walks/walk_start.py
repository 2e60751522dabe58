"""The start of a walk at the selected z, which stays while a person picks pictures of the walk.

Otherwise each pick would change the walk from which the next one is picked.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from dashboard.generators.generator_source import GeneratorSource
from dashboard.tab import selection

# Keys of the session.
_PICK = "walk_pick"  # The last `_Pick` of this tab.


@dataclass(frozen=True, eq=False)
class Start:
    """A z and the class that is drawn from it.

    Attributes:
        z: Shape (latent_dim,), float32.
        class_name: Name of the class; "" if the generator knows none.
    """

    z: np.ndarray
    class_name: str


@dataclass(frozen=True, eq=False)
class _Pick:
    """A picture of a walk that was picked, and the start of that walk.

    Attributes:
        run: Path and time of creation of the run that drew the walk.
    """

    run: tuple[Path, str]
    picture: Start
    origin: Start


def find_start(source: GeneratorSource) -> Start:
    """Return the selected z, or the start of the walk from which it was picked."""
    pick = _find_pick(source)
    return _get_selected(source) if pick is None else pick.origin


def is_picked(source: GeneratorSource) -> bool:
    """Return whether the selected z was picked from the walk, and nothing has moved it since."""
    return _find_pick(source) is not None


def select_picked(source: GeneratorSource, z: np.ndarray, class_name: str) -> None:
    """Select the z of a picture of the walk; the walk keeps its start.

    Args:
        source: The generator.
        z: Shape (latent_dim,).
        class_name: The class of the picture; "" if the generator knows none.
    """
    start = find_start(source)
    selected = selection.select_z(z, "the walk")
    st.session_state[_PICK] = _Pick(
        _identify_run(source), Start(selected.z.astype(np.float32), class_name), start
    )


def forget_pick() -> None:
    """Make the walk start at the selected z, also if that was picked from the walk."""
    st.session_state.pop(_PICK, None)


def _get_selected(source: GeneratorSource) -> Start:
    z = selection.get_current(source.latent_dim).z.astype(np.float32)
    return Start(z, source.class_name)


def _identify_run(source: GeneratorSource) -> tuple[Path, str]:
    return source.run.path, source.run.created


def _find_pick(source: GeneratorSource) -> _Pick | None:
    pick: _Pick | None = st.session_state.get(_PICK)
    selected = _get_selected(source)
    is_same = (
        pick is not None
        and pick.run == _identify_run(source)
        and pick.picture.class_name == selected.class_name
        and np.array_equal(pick.picture.z, selected.z)
    )
    return pick if is_same else None
