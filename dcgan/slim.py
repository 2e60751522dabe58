"""A small copy of a run, to be kept or passed on: what draws, and how it came about."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import numpy as np

from dcgan.checkpoints import write_checkpoint
from dcgan.errors import RunError
from dcgan.files import step_name, writing
from dcgan.gan import slim_state
from dcgan.history import thin_out
from dcgan.runs import Run, open_run

_MAX_PICTURES = 24  # Sample grids that are kept: a film of some seconds.
_MAX_STEP_REPORTS = 1000  # As many points as a chart is wide.


def slim_copy(run: Run, path: Path, step: int | None = None) -> Run:
    """Copy a run with one checkpoint, a quarter its size, and as much of its past as is looked at.

    Args:
        run: It stays as it is.
        path: The copy's folder, which must be new or empty.
        step: Which checkpoint; None for the newest. What came after it is left out.

    Returns:
        The copy. It draws and can be evaluated as ever; to go on from it begins with optimizers
        that know nothing yet.

    Raises:
        RunError: If it cannot be read or written, or the folder is taken; nothing is left then.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise RunError(f"{path} is there already; choose a folder that is new.")
    state = run.load_checkpoint(step)
    small = slim_state(state)
    if not all(np.isfinite(array).all() for array in small.values()):
        raise RunError(f"{run.name} has weights that are too large for half precision.")
    with contextlib.ExitStack() as undo, writing(path):
        undo.callback(shutil.rmtree, path, ignore_errors=True)
        (path / "checkpoints").mkdir(parents=True)
        (path / "samples").mkdir()
        for name in ("config.json", "label.json", "history.jsonl"):
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(run.path / name, path / name)
        for kept in _spread(run.sample_steps()):
            name = step_name(kept, ".png")
            shutil.copyfile(run.path / "samples" / name, path / "samples" / name)
        write_checkpoint(path / "checkpoints", small)
        copy = open_run(path)
        copy.rewind(int(state["step"]))
        thin_out(path / "history.jsonl", _MAX_STEP_REPORTS)
        copy.stand_at(state, "finished")
        undo.pop_all()
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
