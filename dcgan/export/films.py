"""The training film: the sample grids of a run as an animation.

The film is made from the saved grids, without networks and without TensorFlow.
"""

from __future__ import annotations

import contextlib
from typing import Literal

import numpy as np

from dcgan.errors import RunError
from dcgan.images.animation import encode_animation
from dcgan.images.grids import tile
from dcgan.latent.sample_grid import describe_fixed_latent
from dcgan.runs.run_folder import Run

_MAX_FRAMES = 100
_MILLISECONDS = 100  # Of each frame.
_LAST_FRAME_REPEATS = 15
_SCALE = 2


def make_training_film(
    run: Run,
    rows: int,
    columns: int,
    *,
    format: Literal["gif", "webp"],  # noqa: A002  (Pillow's own word)
    max_frames: int = _MAX_FRAMES,
    scale: int = _SCALE,
) -> bytes:
    """Make the training film from all saved grids, or from evenly spaced ones if there are many.

    Args:
        run: The run.
        rows, columns: The shape of the grid to show, with the first rows × columns digits.
        format: "gif" or "webp" (lossless).
        max_frames: The most grids, at least 2.
        scale: Whole-number enlargement.

    Returns:
        The bytes of the file. Each grid is shown for 0.1 seconds, the last one for 1.6 seconds, in
        a loop.

    Raises:
        RunError: If no saved grid can be read.
        ValueError: If the format is unknown, or rows, columns or scale is not a whole number
            above 0.
    """
    grids = read_film_grids(run, max_frames)
    frames = [tile(pixels, rows, columns, scale=scale) for _, pixels in grids]
    recipe = {
        "kind": "training film",
        "run": run.name,
        "created": run.created,
        "steps": [step for step, _ in grids],
        "z": describe_fixed_latent(run.config),
        "rows": rows,
        "columns": columns,
    }
    return encode_animation(
        frames + [frames[-1]] * _LAST_FRAME_REPEATS,
        format=format,
        milliseconds=_MILLISECONDS,
        recipe=recipe,
    )


def read_film_grids(run: Run, max_grids: int) -> list[tuple[int, np.ndarray]]:
    """Read all saved grids, or evenly spaced ones if there are many.

    A grid that cannot be read is left out, as a run in training may delete some meanwhile.

    Args:
        run: The run.
        max_grids: The most grids, at least 2.

    Returns:
        Steps, ascending, each with its digits as in `Samples.read`; at least one.

    Raises:
        RunError: If no saved grid can be read.
    """
    steps = run.samples.list_steps()
    chosen = np.unique(np.linspace(0, max(0, len(steps) - 1), max_grids).round().astype(int))
    grids = []
    for step in [steps[index] for index in chosen if steps]:
        with contextlib.suppress(RunError):
            grids.append((step, run.samples.read(step)))
    if not grids:
        raise RunError(
            f"{run.name} has no sample grid that can be read; continue the run to make new ones."
        )
    return grids
