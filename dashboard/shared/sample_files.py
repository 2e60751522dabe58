"""Pictures and films of a run's fixed z, made from the grids that the run keeps on disk.

Drawn once and shared by all tabs. No Streamlit here: pages pass choices in and get bytes out.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from dcgan.export.films import read_film_grids, training_film
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.runs.run_folder import Run

_MAX_FRAMES = 60  # Of the film in the page: a megabyte.


def grid_png(
    run: Run, step: int, rows: int, columns: int, scale: int = 1
) -> tuple[bytes, tuple[int, int]]:
    """Draw the fixed z of one moment, once for all tabs.

    Args:
        run: The run.
        step: One of `run.samples.list_steps()`.
        rows, columns: Of the grid; the first rows × columns of the fixed z are shown.
        scale: Whole-number enlargement; 1 for the page, which enlarges by itself.

    Returns:
        A PNG with its recipe inside, and its width and height.

    Raises:
        RunError: If that moment is no longer kept.
    """
    return _grid_png(run, step, run.samples.read_time(step), rows, columns, scale)


@lru_cache(maxsize=64)
def _grid_png(
    run: Run, step: int, written: int, rows: int, columns: int, scale: int
) -> tuple[bytes, tuple[int, int]]:
    del written  # It tells the picture from that of the same step before a roll-back.
    picture = tile(run.samples.read(step), rows, columns, scale=scale)
    config = run.config
    recipe = {
        "kind": "samples",
        "run": run.name,
        "created": run.created,
        "step": step,
        "seed": config.seed,
        "count": min(rows * columns, config.num_samples),
        "z": f"sample_latent({config.seed}, {config.num_samples}, {config.latent_dim})",
        "rows": rows,
        "columns": columns,
    }
    return encode_png(picture, recipe), (picture.shape[1], picture.shape[0])


class Frames(NamedTuple):
    """The moments of a film: steps, ascending, each with its PNG, and a picture's size."""

    frames: list[tuple[int, bytes]]
    size: tuple[int, int]


def film_frames(run: Run, rows: int, columns: int) -> Frames:
    """Draw the fixed z through all kept moments, or _MAX_FRAMES of them, evenly chosen.

    Raises:
        RunError: If the run has kept no picture that can be read.
    """
    pictures = [
        (step, tile(pixels, rows, columns)) for step, pixels in read_film_grids(run, _MAX_FRAMES)
    ]
    _, first = pictures[0]
    return Frames(
        [(step, encode_png(picture)) for step, picture in pictures],
        (first.shape[1], first.shape[0]),
    )


def film_gif(run: Run, rows: int, columns: int) -> bytes:
    """Make the training film as a GIF; see `dcgan.export.films.training_film`.

    Raises:
        RunError: If the run has kept no picture that can be read.
    """
    return training_film(run, rows, columns, format="gif")
