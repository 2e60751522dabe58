"""Pictures and films of a run's fixed z, made from the grids that the run keeps on disk.

Drawn once and shared by all tabs. No Streamlit here: pages pass choices in and get bytes out.
"""

from __future__ import annotations

from functools import lru_cache

from dcgan.films import training_film
from dcgan.imaging import encode_png, tile
from dcgan.runs import Run


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
        "created": run.created,
        "step": step,
        "seed": config.seed,
        "count": config.num_samples,
        "z": f"sample_latent({config.seed}, {config.num_samples}, {config.latent_dim})",
        "rows": rows,
        "columns": columns,
    }
    return encode_png(picture, recipe), (picture.shape[1], picture.shape[0])


def film_gif(run: Run, rows: int, columns: int) -> bytes:
    """Make the training film as a GIF; see `dcgan.films.training_film`.

    Raises:
        RunError: If the run has kept no picture that can be read.
    """
    return training_film(run, rows, columns, format="gif")
