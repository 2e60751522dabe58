"""Slim copies of runs: weights in half precision without optimizers, and a part of the history."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dcgan.errors import RunError
from dcgan.model.state import make_slim_state
from dcgan.runs.copying import copy_run
from dcgan.runs.naming.titles import has_own_title
from dcgan.runs.run_folder import Run

_MAX_GRIDS = 24  # Enough for a film of some seconds.
_MAX_STEP_REPORTS = 1000  # Enough for the points of a chart.


def make_slim_copy(run: Run, path: Path, step: int | None = None) -> Run:
    """Copy a run with one checkpoint of a quarter the size and a thinned history.

    Args:
        run: The run, which is not changed.
        path: The copy's folder, which must be new or empty.
        step: The checkpoint; None for the newest. The history after it is left out.

    Returns:
        The copy. It generates nearly the same digits, as half precision rounds the weights; a
        resumed training starts with new optimizers.

    Raises:
        RunError: If the run cannot be read, or the folder cannot be written, is not empty or is
            inside the run. In these cases nothing is written.
    """
    if path.resolve().is_relative_to(run.path):
        raise RunError(f"{path} is inside {run.name}; give a folder elsewhere.")
    # The newest checkpoint is named by its step, so that a damaged one raises an error. The copy
    # may replace the run, so it must not silently have an older state.
    state = run.checkpoints.load(run.checkpoints.find_newest() if step is None else step)
    small = make_slim_state(state)
    if not all(np.isfinite(array).all() for array in small.values()):
        raise RunError(
            f"{run.name} has weights that are too large for half precision; copy it whole."
        )
    steps = [other for other in run.samples.list_steps() if other <= int(state["step"])]
    copy = copy_run(run, path, small, choose_film_steps(steps))
    try:
        with copy.lock.writing():
            copy.history.thin_out(_MAX_STEP_REPORTS)
        label = run.read_label()
        if has_own_title(run.path) or label.note:
            copy.write_label(label.title if has_own_title(run.path) else "", label.note)
    finally:
        copy.lock.release()
    return copy


def choose_film_steps(steps: list[int]) -> list[int]:
    """Choose steps for a film, closer together at the beginning, where the images change most."""
    if len(steps) <= _MAX_GRIDS:
        return steps
    chosen = np.linspace(0, 1, _MAX_GRIDS) ** 2 * (len(steps) - 1)
    # The first squares are less than 1 apart; each then moves to the next free index.
    for index in range(1, _MAX_GRIDS):
        chosen[index] = max(round(chosen[index]), chosen[index - 1] + 1)
    return [steps[int(index)] for index in chosen]
