"""Files of a generator that knows classes: which class each image has, and how they are placed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from dcgan.data.datasets import to_pixels
from dcgan.errors import ConfigError
from dcgan.export import digit_files
from dcgan.export.digit_files import write_digits
from dcgan.export.model_files import export_generator
from dcgan.images.grids import untile
from dcgan.images.png_recipe import read_recipe
from dcgan.latent.sampling import sample_latent
from dcgan.runs.checkpoint_generator import load_sampler
from dcgan.runs.run_folder import Run


def generate(run: Run, z: np.ndarray, class_ids: list[int]) -> np.ndarray:
    return load_sampler(run)[0].generate(z, class_ids)[..., 0]


@pytest.mark.parametrize(
    ("requested", "class_ids"),
    [((), [0, 1, 2, 0, 1]), (("8",), [1] * 5), (("é", "3"), [2, 0, 2, 0, 2])],
)
def test_arrays_hold_the_requested_classes_in_turn(
    class_run: Run, tmp_path: Path, requested: tuple[str, ...], class_ids: list[int]
) -> None:
    out = tmp_path / "digits.npz"
    write_digits(class_run, out, count=5, seed=3, step=None, class_names=requested)
    with np.load(out) as arrays:  # `np.load` refuses pickles.
        assert arrays["class_ids"].tolist() == class_ids
        assert arrays["class_ids"].dtype == np.int32
        assert arrays["class_names"].tolist() == ["3", "8", "é"]
        np.testing.assert_array_equal(arrays["z"], sample_latent(3, 5, 4))
        expected = generate(class_run, arrays["z"], class_ids)
        np.testing.assert_array_equal(arrays["images"], expected)
    assert np.abs(expected - generate(class_run, sample_latent(3, 5, 4), [0] * 5)).max() > 0


@pytest.mark.parametrize(
    ("requested", "count", "shape"),
    [(("3", "8", "é"), 7, (3, 3)), (("3", "8"), 20, (5, 4)), (("8",), 7, (3, 3)), ((), 2, (1, 2))],
)
def test_each_column_of_a_grid_has_one_class_if_they_fit(
    class_run: Run, tmp_path: Path, requested: tuple[str, ...], count: int, shape: tuple[int, int]
) -> None:
    out = tmp_path / "digits.png"
    write_digits(class_run, out, count=count, seed=3, step=None, class_names=requested)
    tiles = untile(np.asarray(Image.open(out))[::2, ::2], *shape, tile_size=28)
    class_ids = [class_run.config.class_names.index(name) for name in requested or ("3", "8")]
    turns = [class_ids[index % len(class_ids)] for index in range(count)]
    np.testing.assert_array_equal(
        tiles[:count], generate(class_run, sample_latent(3, count, 4), turns)
    )
    assert shape[1] % len(class_ids) == 0
    recipe = read_recipe(out.read_bytes())
    assert recipe["kind"] == "grid"
    assert recipe["classes"] == list(requested or ("3", "8", "é"))


def test_each_row_of_a_text_has_one_z_of_its_own(class_run: Run, tmp_path: Path) -> None:
    z = sample_latent(3, 2, 4)
    out = tmp_path / "text.png"
    write_digits(class_run, out, count=1, seed=3, step=None, text="83é8")
    tiles = untile(np.asarray(Image.open(out))[::8, ::8], 1, 4, tile_size=28, gap=0)
    expected = generate(class_run, z[[0] * 4], [1, 0, 2, 1])
    np.testing.assert_array_equal(tiles, expected)
    np.testing.assert_array_equal(tiles[0], tiles[3])
    recipe = read_recipe(out.read_bytes())
    assert (recipe["kind"], recipe["text"]) == ("text", "83é8")
    assert recipe["z"] == "np.repeat(sample_latent(3, 1, 4), 4, axis=0)"

    write_digits(class_run, out, count=2, seed=3, step=None, text="83é8")
    tiles = untile(np.asarray(Image.open(out))[::2, ::2], 2, 4, tile_size=28, gap=0)
    np.testing.assert_array_equal(tiles[:4], expected)
    np.testing.assert_array_equal(tiles[4:], generate(class_run, z[[1] * 4], [1, 0, 2, 1]))

    write_digits(class_run, out.with_suffix(".npz"), count=2, seed=3, step=None, text="83é8")
    with np.load(out.with_suffix(".npz")) as arrays:
        assert arrays["class_ids"].tolist() == [1, 0, 2, 1] * 2
        np.testing.assert_array_equal(arrays["z"], z[[0, 0, 0, 0, 1, 1, 1, 1]])
        np.testing.assert_array_equal(arrays["images"], tiles)


def read_frames(path: Path, scale: int) -> list[np.ndarray]:
    frames = []
    with Image.open(path) as film:
        for index in range(getattr(film, "n_frames", 1)):
            film.seek(index)
            frames.append(np.asarray(film.convert("L"))[::scale, ::scale])
    return frames


def test_a_walk_stays_in_its_class_or_goes_from_class_to_class(
    class_run: Run, tmp_path: Path
) -> None:
    out, leg = tmp_path / "walk.gif", digit_files._FRAMES_PER_LEG
    stops = sample_latent(3, 3, 4)
    for requested, class_ids in ((("8",), [1, 1, 1]), ((), [0, 1, 2])):
        write_digits(class_run, out, count=3, seed=3, step=None, class_names=requested)
        frames = read_frames(out, scale=6)
        assert len(frames) == 3 * leg
        np.testing.assert_array_equal(frames[::leg], generate(class_run, stops, class_ids))
    write_digits(class_run, out, count=1, seed=3, step=None)
    np.testing.assert_array_equal(read_frames(out, scale=6), generate(class_run, stops[:1], [0]))


def test_a_walk_with_a_text_goes_from_z_to_z(class_run: Run, tmp_path: Path) -> None:
    out, leg = tmp_path / "walk.webp", digit_files._FRAMES_PER_LEG
    write_digits(class_run, out, count=2, seed=3, step=None, text="8é")
    frames = read_frames(out, scale=4)
    assert len(frames) == 2 * leg
    for vector, frame in zip(sample_latent(3, 2, 4), frames[::leg], strict=True):
        expected = np.concatenate(
            list(generate(class_run, np.stack([vector, vector]), [1, 2])), axis=1
        )
        np.testing.assert_array_equal(frame, expected)


def test_a_class_that_the_run_does_not_know_is_refused(
    run: Run, class_run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "digits.png"
    with pytest.raises(ConfigError, match="--class: got '7'; this run knows 3, 8, é"):
        write_digits(class_run, out, count=1, seed=0, step=None, class_names=("3", "7"))
    with pytest.raises(ConfigError, match=r"This run draws 3, 8, é only; '0' can't be drawn\."):
        write_digits(class_run, out, count=1, seed=0, step=None, text="80")
    for requested, text in ((("3",), ""), ((), "3")):
        with pytest.raises(
            ConfigError,
            match="--class: run knows no classes; train one with --class-conditional, or use "
            "pretrained-classes",
        ):
            write_digits(run, out, count=1, seed=0, step=None, class_names=requested, text=text)
    assert not out.exists()


# Without this program: a fresh process in another folder.
_LOAD_BOTH_MODELS = """
import json, sys, zipfile
import keras
import numpy as np
import tensorflow as tf

keras_file, saved_model, digits, out = sys.argv[1:]
with np.load(digits) as arrays:
    z, class_ids = arrays["z"], arrays["class_ids"]

model = keras.models.load_model(keras_file)
images = np.asarray(model({"z": z, "class_id": class_ids}))
assert np.array_equal(images, np.asarray(model([z, class_ids])))
np.testing.assert_allclose(
    images, model.predict({"z": z, "class_id": class_ids}, verbose=0), atol=1e-5
)
inputs = [(i.name, i.shape, i.dtype) for i in model.inputs]
assert inputs == [("z", (None, 4), "float32"), ("class_id", (None,), "int32")], inputs
names = json.loads(zipfile.ZipFile(keras_file).read("class_names.json"))

served = tf.saved_model.load(saved_model)
served_images = served.serve(tf.constant(z), tf.constant(class_ids)).numpy()
signature = served.signatures["serving_default"]
(signed,) = signature(z=tf.constant(z), class_id=tf.constant(class_ids)).values()
assert np.array_equal(served_images, signed.numpy())
assert [name.decode() for name in served.class_names().numpy()] == names

assert not any(name.startswith("dcgan") for name in sys.modules)
np.savez(out, keras=images, saved_model=served_images, names=names)
"""


def test_an_exported_generator_takes_z_and_the_class(class_run: Run, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("generator.keras", "model", "digits.npz", "out.npz")]
    keras_file, saved_model, digits, out = files
    for path in (keras_file, saved_model):
        export_generator(class_run, path, step=None)
    write_digits(class_run, digits, count=6, seed=3, step=None)
    done = subprocess.run(  # Not a fork, which would have this program loaded.
        [sys.executable, "-c", _LOAD_BOTH_MODELS, *files],
        cwd=tmp_path,
        env={**os.environ, "KERAS_BACKEND": "tensorflow"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with np.load(out) as found, np.load(digits) as expected:
        assert found["names"].tolist() == expected["class_names"].tolist() == ["3", "8", "é"]
        assert sorted(set(expected["class_ids"])) == [0, 1, 2]
        assert np.ptp(expected["images"]) > 0
        for kind in ("keras", "saved_model"):
            pixels = to_pixels(found[kind])[..., 0]
            assert np.abs(pixels.astype(int) - expected["images"]).max() <= 1


def test_an_exported_generator_refuses_a_class_id_that_does_not_exist(
    class_run: Run, tmp_path: Path
) -> None:
    export_generator(class_run, tmp_path / "generator.keras", step=None)
    model = keras.models.load_model(tmp_path / "generator.keras")
    with pytest.raises(tf.errors.InvalidArgumentError, match="5 is not in"):
        model({"z": sample_latent(3, 1, 4), "class_id": np.array([5], np.int32)})
