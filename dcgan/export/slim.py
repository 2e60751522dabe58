"""A small copy of a run, to be kept or passed on: what draws, and how it came about."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dcgan.errors import RunError
from dcgan.model.gan import slim_state
from dcgan.runs.copying import copy_run
from dcgan.runs.run_folder import Run

_MAX_PICTURES = 24  # Sample grids that are kept: a film of some seconds.
_MAX_STEP_REPORTS = 1000  # As many points as a chart is wide.


def slim_copy(run: Run, path: Path, step: int | None = None) -> Run:
    """Copy a run with one checkpoint, a quarter its size, and as much of its past as is looked at.

    Args:
        run: It stays as it is.
        path: The copy's folder, which must be new or empty.
        step: Which checkpoint; None for the newest. What came after it is left out.

    Returns:
        The copy. It draws and can be evaluated as ever; training goes on from it with fresh
        optimizers.

    Raises:
        RunError: If it cannot be read or written, or the folder is taken or the run's own; nothing
            is left then.
    """
    if path.resolve().is_relative_to(run.path):
        raise RunError(f"{path} is inside {run.name}; give a folder elsewhere.")
    # Not an older one where the newest is damaged: a copy that may take the run's place says so.
    state = run.checkpoints.load(run.checkpoints.find_newest() if step is None else step)
    small = slim_state(state)
    if not all(np.isfinite(array).all() for array in small.values()):
        raise RunError(
            f"{run.name} has weights that are too large for half precision; copy it whole."
        )
    pictures = _spread([kept for kept in run.samples.list_steps() if kept <= int(state["step"])])
    copy = copy_run(run, path, small, pictures)
    try:
        with copy.lock.writing():
            copy.history.thin_out(_MAX_STEP_REPORTS)
        label = run.read_label()
        if (label.title, label.note) != (run.name, ""):
            copy.write_label(label.title, label.note)
    finally:
        copy.lock.release()
    return copy


def _spread(steps: list[int]) -> list[int]:
    """Choose steps for a film: close together at the beginning, where most happens."""
    if len(steps) <= _MAX_PICTURES:
        return steps
    chosen = np.linspace(0, 1, _MAX_PICTURES) ** 2 * (len(steps) - 1)
    # Squares are less than a step apart at first, so each takes the next one that is free.
    for index in range(1, _MAX_PICTURES):
        chosen[index] = max(round(chosen[index]), chosen[index - 1] + 1)
    return [steps[int(index)] for index in chosen]
