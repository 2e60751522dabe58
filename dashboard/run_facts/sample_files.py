"""Pictures and films of a run's sample grids as files, cached for all tabs.

Imports no Streamlit.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from dcgan.export.films import make_training_film, read_film_grids
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.sample_grid import describe_fixed_latent
from dcgan.runs.run_folder import Run

_MAX_FRAMES = 60  # In the film on the page, about a megabyte.


def make_grid_png(
    run: Run, step: int, rows: int, columns: int, scale: int = 1
) -> tuple[bytes, tuple[int, int]]:
    """Make the picture of one sample grid.

    Args:
        run: The run.
        step: One of `run.samples.list_steps()`.
        rows, columns: Size of the grid, which shows the first rows × columns of the fixed z.
        scale: Whole-number enlargement; 1 for the page, which enlarges by itself.

    Returns:
        A PNG with its recipe inside, and its width and height.

    Raises:
        RunError: If the run no longer has this grid.
    """
    return _make_grid_png(run, step, run.samples.read_time(step), rows, columns, scale)


@lru_cache(maxsize=64)
def _make_grid_png(
    run: Run, step: int, written: int, rows: int, columns: int, scale: int
) -> tuple[bytes, tuple[int, int]]:
    del written  # Part of the cache's key: a rollback may have replaced the grid of this step.
    picture = tile(run.samples.read(step), rows, columns, scale=scale)
    config = run.config
    recipe = {
        "kind": "samples",
        "run": run.name,
        "created": run.created,
        "step": step,
        "seed": config.seed,
        "count": min(rows * columns, config.num_samples),
        "z": describe_fixed_latent(config),
        "rows": rows,
        "columns": columns,
    }
    return encode_png(picture, recipe), (picture.shape[1], picture.shape[0])


class FilmFrames(NamedTuple):
    """The frames of a film: ascending steps with their PNGs, and the size of a picture."""

    frames: list[tuple[int, bytes]]
    size: tuple[int, int]


def make_film_frames(run: Run, rows: int, columns: int) -> FilmFrames:
    """Make the frames of all sample grids, or of _MAX_FRAMES of them, evenly spaced.

    Raises:
        RunError: If the run has no readable sample grid.
    """
    pictures = [
        (step, tile(pixels, rows, columns)) for step, pixels in read_film_grids(run, _MAX_FRAMES)
    ]
    _, first = pictures[0]
    return FilmFrames(
        [(step, encode_png(picture)) for step, picture in pictures],
        (first.shape[1], first.shape[0]),
    )


def make_film_gif(run: Run, rows: int, columns: int) -> bytes:
    """Make the training film as a GIF; see `dcgan.export.films.make_training_film`.

    Raises:
        RunError: If the run has no readable sample grid.
    """
    return make_training_film(run, rows, columns, format="gif")
