"""What a run gives away: pictures, films, arrays and models, whole or not at all."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset, to_pixels
from dcgan.errors import DCGANError, RunError
from dcgan.export import digit_files
from dcgan.export.digit_files import check_output, write_digits
from dcgan.export.model_files import export_generator
from dcgan.export.samplers import load_sampler
from dcgan.files import OutputError
from dcgan.images.grids import untile
from dcgan.images.png_recipe import read_recipe
from dcgan.latent.sampling import sample_latent
from dcgan.model.gan import DCGAN
from dcgan.runs import run_folder
from dcgan.runs.run_folder import Run


@pytest.fixture(scope="module")
def run(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Run]:
    """Make a run with checkpoints of steps 0 and 1, whose weights differ."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(
            run_folder, "SHIPPED", tmp_path_factory.mktemp("elsewhere") / "pretrained"
        )
        made = Run.create(tiny_config, tiny_dataset, path=tmp_path_factory.mktemp("shelf") / "run")
        state = DCGAN(tiny_config).get_state()
        made.save_checkpoint(state)
        draws = np.random.default_rng(0)
        for name, array in state.items():
            if name.startswith("ema_generator/") and array.ndim > 1:
                state[name] = draws.standard_normal(array.shape).astype(np.float32)
        made.save_checkpoint({**state, "step": np.array(1)})
        made.lock.release()
        yield made


def test_a_sampler_draws_from_the_step_that_was_asked_for(run: Run) -> None:
    z = sample_latent(7, 3, run.config.latent_dim)
    newest, newest_step = load_sampler(run)
    first, first_step = load_sampler(run, 0)
    assert (newest_step, first_step) == (1, 0)
    assert newest.generate(z).shape == (3, 28, 28, 1)
    assert (newest.generate(z) != first.generate(z)).mean() > 0.5
    with pytest.raises(RunError, match="run has no checkpoint of step 2; it has 0, 1"):
        load_sampler(run, 2)


def test_arrays_are_the_digits_and_the_vectors_that_made_them(run: Run, tmp_path: Path) -> None:
    write_digits(run, tmp_path / "digits.npz", count=7, seed=3, step=None)
    with np.load(tmp_path / "digits.npz") as arrays:
        images, z = arrays["images"], arrays["z"]
    assert (images.shape, images.dtype) == ((7, 28, 28), np.uint8)
    assert (z.shape, z.dtype) == ((7, run.config.latent_dim), np.float32)
    np.testing.assert_array_equal(z, sample_latent(3, 7, run.config.latent_dim))
    np.testing.assert_array_equal(images, load_sampler(run)[0].generate(z)[..., 0])


def test_a_png_is_the_grid_of_the_same_digits_with_its_recipe(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "digits.PNG"
    write_digits(run, out, count=7, seed=3, step=0)
    picture = np.asarray(Image.open(out))[::2, ::2]  # It is enlarged by 2.
    tiles = untile(picture, 3, 3, tile_size=28)
    expected = load_sampler(run, 0)[0].generate(sample_latent(3, 7, run.config.latent_dim))
    np.testing.assert_array_equal(tiles[:7], expected[..., 0])
    assert not tiles[7:].any()
    recipe = read_recipe(out.read_bytes())
    assert recipe.items() >= {"run": "run", "step": 0, "seed": 3, "count": 7}.items()


@pytest.mark.parametrize("ending", [".gif", ".webp"])
def test_a_walk_passes_every_vector_and_closes(run: Run, tmp_path: Path, ending: str) -> None:
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
def test_an_output_that_will_not_do_is_refused_before_any_work(
    run: Run, tmp_path: Path, name: str, count: int, sentence: str
) -> None:
    with pytest.raises(OutputError) as caught:
        check_output(tmp_path / name, count)
    assert sentence in str(caught.value)
    with pytest.raises(OutputError):
        write_digits(run, tmp_path / name, count=count, seed=0, step=None)
    assert list(tmp_path.iterdir()) == []
    assert issubclass(OutputError, DCGANError)


def test_a_place_that_cannot_be_written_keeps_what_was_there(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(OutputError, match=r"--out: cannot write .*folder.png: "):
        write_digits(run, tmp_path / "folder.png", count=1, seed=0, step=None)
    (tmp_path / "old.npz").write_bytes(b"old")

    def disk_full(path: Path, data: bytes) -> NoReturn:
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", disk_full)
    with pytest.raises(OutputError, match="No space left on device"):
        write_digits(run, tmp_path / "old.npz", count=1, seed=0, step=None)
    assert (tmp_path / "old.npz").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.png", "old.npz"]


def test_a_keras_model_draws_the_same_digits(run: Run, tmp_path: Path) -> None:
    z = sample_latent(7, 5, run.config.latent_dim)
    out = tmp_path / "generator.keras"
    out.write_bytes(b"an older one is replaced")
    export_generator(run, out, step=None)
    model = keras.models.load_model(out)
    images = np.asarray(model(z))
    assert images.shape == (5, 28, 28, 1)
    assert images.dtype == np.float32
    expected = load_sampler(run)[0].generate(z)
    assert np.abs(to_pixels(images).astype(int) - expected).max() <= 1
    assert [path.name for path in tmp_path.iterdir()] == ["generator.keras"]


def test_a_saved_model_serves_the_same_digits(run: Run, tmp_path: Path) -> None:
    z = sample_latent(7, 5, run.config.latent_dim)
    out = tmp_path / "model-1.0"
    out.mkdir()
    export_generator(run, out, step=0)
    model = tf.saved_model.load(str(out))
    images = model.serve(tf.constant(z)).numpy()
    expected = load_sampler(run, 0)[0].generate(z)
    assert np.abs(to_pixels(images).astype(int) - expected).max() <= 1
    assert [path.name for path in tmp_path.iterdir()] == ["model-1.0"]
    with pytest.raises(OutputError, match="is there and not empty; give a new folder"):
        export_generator(run, out, step=0)


def test_an_export_that_will_not_do_is_refused_and_leaves_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder.keras").mkdir()
    (tmp_path / "file").write_text("")
    before = sorted(tmp_path.rglob("*"))
    for name, sentence in (
        ("generator.h5", "got 'generator.h5'; it must end in .keras, .csv"),
        ("missing/generator.keras", "there is no folder"),
        ("folder.keras", "is a folder; give a file"),
        ("file", "is there and not empty"),
    ):
        with pytest.raises(OutputError, match=sentence):
            export_generator(run, tmp_path / name, step=None)
    with pytest.raises(RunError, match="no checkpoint of step 5"):
        export_generator(run, tmp_path / "generator.keras", step=5)

    def disk_full(*args: object, **kwargs: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(keras.Model, "save", disk_full)
    with pytest.raises(OutputError, match=r"cannot write .*generator.keras: .*No space left"):
        export_generator(run, tmp_path / "generator.keras", step=None)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("damage", ["missing", "shape", "integers"])
def test_a_checkpoint_of_other_networks_is_a_sentence(
    run: Run, tiny_dataset: ImageDataset, tmp_path: Path, damage: str
) -> None:
    other = Run.create(run.config, tiny_dataset, path=tmp_path / "other")
    state = run.checkpoints.load()
    name = min(name for name in state if name.startswith("ema_generator/"))
    if damage == "missing":
        del state[name]
    else:
        state[name] = np.zeros((2, 2)) if damage == "shape" else state[name].astype(np.int64)
    other.save_checkpoint(state)
    other.lock.release()
    if damage == "integers":  # Whole numbers are numbers.
        assert load_sampler(other)[1] == 1
        return
    with pytest.raises(RunError, match=r"other: the checkpoint does not fit config.json"):
        load_sampler(other)
    with pytest.raises(RunError, match=r"other: the checkpoint does not fit config.json"):
        export_generator(other, tmp_path / "generator.keras", step=None)
