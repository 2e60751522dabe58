"""The training film in both formats: its frames, their times and its recipe."""

from __future__ import annotations

import io
from typing import Literal

import numpy as np
import pytest
from PIL import Image

from dcgan.errors import RunError
from dcgan.export.films import make_training_film
from dcgan.images.grids import tile
from dcgan.latent.sample_grid import describe_fixed_latent
from dcgan.reports import SampleReport
from dcgan.runs.run_folder import Run

FORMATS = ("gif", "webp")


def pixels_of(step: int) -> np.ndarray:
    """Make six pictures, of the grey level `step`; the first pixel of each is its index."""
    pixels = np.full((6, 28, 28, 1), step, np.uint8)
    pixels[:, 0, 0, 0] = np.arange(6)
    return pixels


@pytest.mark.parametrize("format", FORMATS)
def test_a_film_shows_every_grid_and_holds_the_last(
    empty_run: Run,
    format: Literal["gif", "webp"],  # noqa: A002
) -> None:
    for step in (10, 60, 110):
        empty_run.write(SampleReport(step, 1, 0.1 * step, pixels_of(step)))
    film = make_training_film(empty_run, 2, 3, format=format)
    assert b'{"kind": "training film", "run": "first", "created": "20' in film
    z = describe_fixed_latent(empty_run.config)
    recipe = f'"steps": [10, 60, 110], "z": "{z}", "rows": 2, "columns": 3}}'
    assert recipe.encode() in film
    milliseconds = 0
    with Image.open(io.BytesIO(film)) as opened:
        assert opened.format == format.upper()
        for index in range(getattr(opened, "n_frames", 1)):
            opened.seek(index)
            opened.load()
            milliseconds += int(opened.info["duration"])
            step = (10, 60, 110)[min(index, 2)]
            expected = tile(pixels_of(step), 2, 3, scale=2)
            np.testing.assert_array_equal(np.asarray(opened.convert("L")), expected)
    # Each frame takes 0.1 s, and the last one 1.5 s more.
    assert milliseconds == 3 * 100 + 15 * 100


@pytest.mark.parametrize("format", FORMATS)
def test_a_run_without_samples_has_no_film(
    empty_run: Run,
    format: Literal["gif", "webp"],  # noqa: A002
) -> None:
    with pytest.raises(RunError, match="first has no sample grid"):
        make_training_film(empty_run, 2, 3, format=format)
