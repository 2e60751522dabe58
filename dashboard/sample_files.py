"""Pictures and films of a run's fixed z, made from the grids that the run keeps on disk.

Drawn once and shared by all tabs. No Streamlit here: pages pass choices in and get bytes out.
"""

from __future__ import annotations

import contextlib
from functools import lru_cache

import numpy as np

from dcgan.animation import encode_animation
from dcgan.errors import RunError
from dcgan.imaging import encode_png, tile
from dcgan.runs import Run

_FILM_FRAMES = 100
_FILM_MILLISECONDS = 100
_FILM_REST = 15  # The last frame is repeated: the film rests on what was reached.
_FILE_SCALE = 2


@lru_cache(maxsize=64)
def grid_png(
    run: Run, step: int, rows: int, columns: int, scale: int = 1
) -> tuple[bytes, tuple[int, int]]:
    """Draw the fixed z of one moment.

    Args:
        run: The run.
        step: One of its `sample_steps`.
        rows, columns: Of the grid; the first rows × columns of the fixed z are shown.
        scale: Whole-number enlargement; 1 for the page, which enlarges by itself.

    Returns:
        A PNG with its recipe inside, and its width and height.

    Raises:
        RunError: If that moment is no longer kept.
    """
    picture = tile(run.sample_pixels(step), rows, columns, scale=scale)
    config = run.config
    recipe = {
        "kind": "samples",
        "run": run.name,
        "step": step,
        "seed": config.seed,
        "z": f"sample_latent({config.seed}, {config.num_samples}, {config.latent_dim})",
        "rows": rows,
        "columns": columns,
    }
    return encode_png(picture, recipe), (picture.shape[1], picture.shape[0])


def film_gif(run: Run, rows: int, columns: int) -> bytes:
    """Make the training film: the grid through all kept moments, or evenly chosen ones.

    A moment that cannot be read is left out: a run in training thins them meanwhile.

    Raises:
        RunError: If the run has kept no picture that can be read.
    """
    steps = run.sample_steps()
    chosen = np.unique(np.linspace(0, max(0, len(steps) - 1), _FILM_FRAMES).round().astype(int))
    frames = {}
    for step in [steps[index] for index in chosen if steps]:
        with contextlib.suppress(RunError):
            frames[step] = tile(run.sample_pixels(step), rows, columns, scale=_FILE_SCALE)
    if not frames:
        raise RunError(f"{run.name} has no sample grid that can be read.")
    film = list(frames.values())
    return encode_animation(
        film + [film[-1]] * _FILM_REST,
        format="gif",
        milliseconds=_FILM_MILLISECONDS,
        recipe={"kind": "training film", "run": run.name, "steps": list(frames)},
    )
