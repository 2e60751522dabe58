"""The training film: a run's fixed z through all the moments that the run keeps on disk.

Made from the kept grids alone: no network draws here, and TensorFlow is not needed.
"""

from __future__ import annotations

import contextlib
from typing import Literal

import numpy as np

from dcgan.errors import RunError
from dcgan.images.animation import encode_animation
from dcgan.images.grids import tile
from dcgan.runs.run_folder import Run

_FRAMES = 100
_MILLISECONDS = 100
_REST = 15  # The last frame is repeated: the film rests on what was reached.
_SCALE = 2


def training_film(
    run: Run,
    rows: int,
    columns: int,
    *,
    format: Literal["gif", "webp"],  # noqa: A002  (Pillow's own word)
    most: int = _FRAMES,
    scale: int = _SCALE,
) -> bytes:
    """Make the training film: the grid through all kept moments, or of so many, evenly chosen.

    Args:
        run: The run.
        rows, columns: Of the grid; the first rows × columns of the fixed z are shown.
        format: "gif" or "webp" (lossless).
        most: How many moments at most, at least 2.
        scale: Whole-number enlargement.

    Returns:
        The file's bytes; a tenth of a second for each moment, 1.5 more on the last, in a loop.

    Raises:
        RunError: If the run has kept no picture that can be read.
        ValueError: If the format is unknown, or rows, columns or scale is no whole
            number above 0.
    """
    moments = film_moments(run, most)
    film = [tile(pixels, rows, columns, scale=scale) for _, pixels in moments]
    return encode_animation(
        film + [film[-1]] * _REST,
        format=format,
        milliseconds=_MILLISECONDS,
        recipe={"kind": "training film", "run": run.name, "steps": [step for step, _ in moments]},
    )


def film_moments(run: Run, most: int) -> list[tuple[int, np.ndarray]]:
    """Read the grids of all kept moments, or of so many, evenly chosen.

    A moment that cannot be read is left out: a run in training thins them meanwhile.

    Args:
        run: The run.
        most: How many moments at most, at least 2.

    Returns:
        Steps, ascending, each with its digits as of `Samples.read`; at least one.

    Raises:
        RunError: If the run has kept no picture that can be read.
    """
    steps = run.samples.list_steps()
    chosen = np.unique(np.linspace(0, max(0, len(steps) - 1), most).round().astype(int))
    moments = []
    for step in [steps[index] for index in chosen if steps]:
        with contextlib.suppress(RunError):
            moments.append((step, run.samples.read(step)))
    if not moments:
        raise RunError(f"{run.name} has no sample grid that can be read.")
    return moments
