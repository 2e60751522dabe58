"""Generated digits as files: arrays, pictures and animations."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dcgan.errors import DCGANError, OutputError, RunError
from dcgan.export import digit_files
from dcgan.export.digit_files import check_output, write_digits
from dcgan.images.grids import untile
from dcgan.images.png_recipe import read_recipe
from dcgan.latent.sampling import sample_latent
from dcgan.runs.checkpoint_generator import load_sampler
from dcgan.runs.run_folder import Run
from tests.disk_errors import raise_disk_full


def test_a_sampler_uses_the_checkpoint_of_the_given_step(run: Run) -> None:
    z = sample_latent(7, 3, run.config.latent_dim)
    newest, newest_step = load_sampler(run)
    first, first_step = load_sampler(run, 0)
    assert (newest_step, first_step) == (1, 0)
    assert newest.generate(z).shape == (3, 28, 28, 1)
    assert (newest.generate(z) != first.generate(z)).mean() > 0.5
    with pytest.raises(RunError, match="run has no checkpoint of step 2; it has 0, 1"):
        load_sampler(run, 2)


def test_arrays_hold_the_digits_and_their_latent_vectors(run: Run, tmp_path: Path) -> None:
    write_digits(run, tmp_path / "digits.npz", count=7, seed=3, step=None)
    with np.load(tmp_path / "digits.npz") as arrays:
        images, z = arrays["images"], arrays["z"]
    assert (images.shape, images.dtype) == ((7, 28, 28), np.uint8)
    assert (z.shape, z.dtype) == ((7, run.config.latent_dim), np.float32)
    np.testing.assert_array_equal(z, sample_latent(3, 7, run.config.latent_dim))
    np.testing.assert_array_equal(images, load_sampler(run)[0].generate(z)[..., 0])


def test_a_png_shows_the_same_digits_and_holds_its_recipe(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "digits.PNG"
    write_digits(run, out, count=7, seed=3, step=0)
    picture = np.asarray(Image.open(out))[::2, ::2]  # The file is enlarged by 2.
    tiles = untile(picture, 3, 3, tile_size=28)
    expected = load_sampler(run, 0)[0].generate(sample_latent(3, 7, run.config.latent_dim))
    np.testing.assert_array_equal(tiles[:7], expected[..., 0])
    assert not tiles[7:].any()
    recipe = read_recipe(out.read_bytes())
    assert recipe.items() >= {"run": "run", "step": 0, "seed": 3, "count": 7}.items()


@pytest.mark.parametrize("ending", [".gif", ".webp"])
def test_a_walk_passes_every_latent_vector_and_returns_to_the_first(
    run: Run, tmp_path: Path, ending: str
) -> None:
    out = tmp_path / f"walk{ending}"
    write_digits(run, out, count=3, seed=3, step=None)
    stops = load_sampler(run)[0].generate(sample_latent(3, 3, run.config.latent_dim))[..., 0]
    with Image.open(out) as film:
        assert getattr(film, "n_frames", 1) == 3 * digit_files._FRAMES_PER_LEG
        assert film.size == (168, 168)
        for index, stop in enumerate(stops):
            film.seek(index * digit_files._FRAMES_PER_LEG)
            np.testing.assert_array_equal(np.asarray(film.convert("L"))[::6, ::6], stop)
    write_digits(run, out, count=1, seed=3, step=None)
    with Image.open(out) as film:
        assert getattr(film, "n_frames", 1) == 1


@pytest.mark.parametrize(
    ("name", "count", "sentence"),
    [
        ("digits.jpg", 1, "--out: got 'digits.jpg'; it must end in .png, .gif, .webp or .npz."),
        ("digits", 1, "--out: got 'digits'; it must end in"),
        (".png", 1, "--out: got '.png'; it must end in"),
        ("missing/digits.png", 1, "--out: there is no folder "),
        ("walk.gif", 501, "--count: got 501; a walk has at most 500 stops."),
        ("x" * 5000 + "/digits.png", 1, "--out: cannot write "),
    ],
)
def test_an_invalid_output_is_refused_before_any_work(
    run: Run, tmp_path: Path, name: str, count: int, sentence: str
) -> None:
    with pytest.raises(OutputError) as caught:
        check_output(tmp_path / name, count)
    assert sentence in str(caught.value)
    with pytest.raises(OutputError):
        write_digits(run, tmp_path / name, count=count, seed=0, step=None)
    assert list(tmp_path.iterdir()) == []
    assert issubclass(OutputError, DCGANError)


def test_a_failed_write_keeps_the_old_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(OutputError, match=r"--out: cannot write .*folder.png: "):
        write_digits(run, tmp_path / "folder.png", count=1, seed=0, step=None)
    (tmp_path / "old.npz").write_bytes(b"old")

    monkeypatch.setattr(os, "fsync", raise_disk_full)
    with pytest.raises(OutputError, match="No space left on device"):
        write_digits(run, tmp_path / "old.npz", count=1, seed=0, step=None)
    assert (tmp_path / "old.npz").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.png", "old.npz"]
