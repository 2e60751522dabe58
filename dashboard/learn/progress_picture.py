"""Digits of the included run at a few of its steps, from grey to readable."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st

from dashboard.components.picture import render_picture
from dcgan.errors import RunError
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.installation import list_included_runs
from dcgan.runs.run_folder import open_run

# Two early steps between the first picture and the last. Later pictures look like the last one.
_EARLY_STEPS = (250, 800)
_DIGITS_PER_ROW = 5  # The run learned the classes, so they are a 0, a 1 and so on.
_SCALE = 2


@dataclass(frozen=True, eq=False)
class _Progress:
    """A row of digits for each of some steps.

    Attributes:
        png: The picture.
        size: Width and height of the picture in pixels.
        steps: The step of each row, ascending.
    """

    png: bytes
    size: tuple[int, int]
    steps: tuple[int, ...]


def render() -> None:
    """Render the picture; nothing if the program came without its runs."""
    progress = _read_progress(list_included_runs()[1])
    if progress is None:
        return
    *earlier, last = (f"{step:,}" for step in progress.steps)
    render_picture(
        progress.png,
        size=progress.size,
        scale=_SCALE,
        alt=f"A row of digits at each of the steps {', '.join(earlier)} and {last}, step "
        f"{progress.steps[-1]}",
        key="learn-progress",
    )
    st.caption(
        f"From top to bottom: the pictures of one generator at steps {', '.join(earlier)} and "
        f"{last}. In a column the random numbers are the same."
    )


@lru_cache(maxsize=1)
def _read_progress(folder: Path) -> _Progress | None:
    try:
        samples = open_run(folder).samples
        saved_steps = samples.list_steps()
        early = [min(saved_steps, key=lambda step: abs(step - wanted)) for wanted in _EARLY_STEPS]
        steps = sorted({saved_steps[0], *early, saved_steps[-1]})
        digits = np.concatenate([samples.read(step)[:_DIGITS_PER_ROW] for step in steps])
    except (RunError, IndexError):
        return None
    picture = tile(digits, len(steps), _DIGITS_PER_ROW)
    return _Progress(encode_png(picture), (picture.shape[1], picture.shape[0]), tuple(steps))
