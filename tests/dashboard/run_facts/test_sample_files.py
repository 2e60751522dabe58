"""Pictures and films of a run's sample grids: their pixels and their recipes."""

from __future__ import annotations

import io
import os

import numpy as np
import pytest
from PIL import Image

from dashboard.run_facts.sample_files import make_film_gif, make_grid_png
from dcgan.errors import RunError
from dcgan.images.grids import tile
from dcgan.images.png_recipe import read_recipe
from dcgan.reports import SampleReport
from dcgan.runs.run_folder import Run

pytestmark = pytest.mark.usefixtures("no_included_run")


def make_pixels(step: int) -> np.ndarray:
    """Make six images of the grey level `step`; the corner of each is its index."""
    pixels = np.full((6, 28, 28, 1), step % 256, np.uint8)
    pixels[:, 0, 0, 0] = np.arange(6)
    return pixels


def write_samples(run: Run, *steps: int) -> None:
    for step in steps:
        run.write(SampleReport(step, 1, 0.1 * step, make_pixels(step)))


def read_frames(gif: bytes) -> list[tuple[np.ndarray, int]]:
    """Return the frames of a GIF as grey pixels, each with its milliseconds."""
    frames = []
    with Image.open(io.BytesIO(gif)) as film:
        for index in range(getattr(film, "n_frames", 1)):
            film.seek(index)
            frames.append((np.asarray(film.convert("L")), int(film.info["duration"])))
    return frames


# A picture


def test_a_picture_shows_the_grid_and_carries_its_recipe(run: Run) -> None:
    write_samples(run, 7)
    png, size = make_grid_png(run, 7, 2, 3)
    assert size == (3 * 30 - 2, 2 * 30 - 2)  # A gap of two pixels between digits.
    with Image.open(io.BytesIO(png)) as image:
        assert image.size == size
        np.testing.assert_array_equal(np.asarray(image), tile(make_pixels(7), 2, 3))
    assert read_recipe(png) == {
        "kind": "samples",
        "run": "first",
        "created": run.created,
        "step": 7,
        "seed": 0,
        "count": 6,
        "z": "sample_latent(0, 6, 4)",
        "rows": 2,
        "columns": 3,
    }


def test_a_step_that_was_trained_again_shows_its_new_picture(run: Run) -> None:
    write_samples(run, 7)
    before, _ = make_grid_png(run, 7, 2, 3)
    path = run.path / "samples" / "step-00000007.png"
    with Image.open(path) as image:
        other = image.point(lambda grey: 255 - grey)
    other.save(path)
    os.utime(path, ns=(1, 1))  # Two saves may fall into one tick of the clock.
    after, _ = make_grid_png(run, 7, 2, 3)
    assert after != before


def test_a_picture_is_enlarged_by_whole_pixels(run: Run) -> None:
    write_samples(run, 7)
    png, size = make_grid_png(run, 7, 2, 3, 4)
    assert size == (4 * (3 * 30 - 2), 4 * (2 * 30 - 2))
    with Image.open(io.BytesIO(png)) as image:
        np.testing.assert_array_equal(np.asarray(image)[::4, ::4], tile(make_pixels(7), 2, 3))


def test_a_grid_larger_than_the_sample_is_filled_with_black(run: Run) -> None:
    write_samples(run, 200)
    png, _ = make_grid_png(run, 200, 3, 3)
    with Image.open(io.BytesIO(png)) as image:
        picture = np.asarray(image)
    assert picture[2 * 30 :].max() == 0
    assert picture[: 2 * 30, :28].max() == 200


def test_a_picture_is_made_once(run: Run) -> None:
    write_samples(run, 7)
    assert make_grid_png(run, 7, 2, 3) is make_grid_png(run, 7, 2, 3)
    assert make_grid_png(run, 7, 2, 3) is not make_grid_png(run, 7, 3, 2)


def test_a_missing_sample_grid_is_an_error(run: Run) -> None:
    write_samples(run, 7)
    with pytest.raises(RunError, match="keeps no picture of step 8"):
        make_grid_png(run, 8, 2, 3)


# A film


def test_a_film_shows_all_steps_and_stays_on_the_last(run: Run) -> None:
    write_samples(run, 10, 60, 110, 160)
    gif = make_film_gif(run, 2, 3)
    frames = read_frames(gif)
    shown = [int(frame[-1, -1]) for frame, _ in frames]
    assert shown[:4] == [10, 60, 110, 160]
    assert set(shown[4:]) <= {160}
    # 0.1 s for each frame, and 1.5 s for the last one.
    assert sum(milliseconds for _, milliseconds in frames) == 4 * 100 + 15 * 100
    assert [milliseconds for _, milliseconds in frames[:3]] == [100, 100, 100]
    first, _ = frames[0]
    np.testing.assert_array_equal(first, tile(make_pixels(10), 2, 3, scale=2))


def test_a_film_of_many_steps_has_a_hundred_of_them(run: Run) -> None:
    write_samples(run, *range(0, 250))
    frames = read_frames(make_film_gif(run, 1, 1))
    assert sum(milliseconds for _, milliseconds in frames) == 115 * 100
    shown = [int(frame[-1, -1]) for frame, _ in frames]
    assert (shown[0], shown[-1]) == (0, 249)
    steps = np.diff(shown[:100])
    assert set(steps.tolist()) <= {2, 3}


def test_a_film_skips_grids_that_were_deleted_meanwhile(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_samples(run, 10, 60, 110)
    monkeypatch.setattr(run.samples, "list_steps", lambda: [10, 35, 60, 110])
    frames = read_frames(make_film_gif(run, 2, 3))
    assert [int(frame[-1, -1]) for frame, _ in frames][:3] == [10, 60, 110]


def test_a_run_without_samples_has_no_film(run: Run) -> None:
    with pytest.raises(RunError, match="first has no sample grid"):
        make_film_gif(run, 2, 3)
    write_samples(run, 7)
    (run.path / "samples" / "step-00000007.png").write_bytes(b"damaged")
    with pytest.raises(RunError, match="first has no sample grid"):
        make_film_gif(run, 2, 3)
