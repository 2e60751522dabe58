"""The named sets, the scaling of pixels, and the type of a data set."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import sys
import urllib.error
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.data import datasets
from dcgan.data.datasets import (
    ImageDataset,
    load_configured_dataset,
    load_dataset,
    to_images,
    to_pixels,
)
from dcgan.errors import DatasetError

# Scaling.


def test_black_is_minus_one_and_white_is_one() -> None:
    floats = to_images(np.array([0, 51, 255], np.float32))
    assert floats.dtype == np.float32
    np.testing.assert_allclose(floats, [-1.0, -0.6, 1.0], rtol=1e-6)


def test_pixels_are_unchanged_by_scaling_and_its_inverse() -> None:
    pixels = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(to_pixels(to_images(pixels.astype(np.float32))), pixels)


def test_to_pixels_rounds_clips_and_makes_nan_black() -> None:
    images = np.array([1.0, 1.7, np.inf, -1.0, -9.0, -np.inf, np.nan, 0.0, 100.6 / 127.5 - 1])
    pixels = to_pixels(images)
    assert pixels.dtype == np.uint8
    assert pixels.tolist() == [255, 255, 255, 0, 0, 0, 0, 128, 101]


def test_to_images_works_on_tensors_inside_a_graph() -> None:
    import tensorflow as tf  # Here, because the import takes seconds.

    pixels = np.arange(256, dtype=np.uint8)
    scaled = tf.function(lambda values: to_images(tf.cast(values, tf.float32)))(pixels)
    assert scaled.dtype == tf.float32
    np.testing.assert_allclose(scaled.numpy(), to_images(pixels.astype(np.float32)), atol=1e-7)


# MNIST, embedded.


def test_the_embedded_mnist_is_all_60000_digits() -> None:
    mnist = load_dataset("mnist")
    assert mnist.name == "mnist"
    assert mnist.pixels.shape == (60_000, 28, 28, 1)
    assert mnist.pixels.dtype == np.uint8
    assert len(mnist) == 60_000
    assert mnist.labels is not None
    assert mnist.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert np.bincount(mnist.labels).tolist() == [
        *(5923, 6742, 5958, 6131, 5842),
        *(5421, 5918, 6265, 5851, 5949),
    ]
    assert mnist.pixels.mean() == pytest.approx(33.318, abs=1e-3)  # MNIST's well-known 0.1307.


def test_mnist_is_read_once_never_inverted_and_cannot_be_written_to() -> None:
    mnist = load_dataset("mnist")
    assert load_dataset("mnist", "inverted") is mnist
    assert mnist.labels is not None
    with pytest.raises(ValueError, match="read-only"):
        mnist.pixels[0] = 0
    with pytest.raises(ValueError, match="read-only"):
        mnist.labels[0] = 0


def test_only_the_pictures_of_the_chosen_classes_are_learned() -> None:
    mnist = load_dataset("mnist")
    assert mnist.labels is not None
    ones = load_configured_dataset(TrainingConfig.create(only_classes=(1,)))
    assert len(ones) == 6742
    assert (ones.name, ones.summary) == ("mnist", "6,742 of 60,000 handwritten digits: class 1.")
    np.testing.assert_array_equal(ones.pixels, mnist.pixels[mnist.labels == 1])
    assert ones.fingerprint != mnist.fingerprint
    two = load_configured_dataset(TrainingConfig.create(only_classes="3, 8"))
    assert two.labels is not None
    assert two.class_names == ("3", "8")
    kept = mnist.labels[np.isin(mnist.labels, [3, 8])]
    assert [two.class_names[label] for label in two.labels] == [str(label) for label in kept]


def test_a_changed_embedded_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = np.zeros((70, 28, 28), np.uint8)
    np.savez(tmp_path / "mnist.npz", x_train=images, y_train=np.zeros(70, np.uint8))
    monkeypatch.setattr(datasets, "EMBEDDED_FILE", tmp_path / "mnist.npz")
    with pytest.raises(DatasetError, match=r"x_train in the embedded mnist\.npz is not MNIST's"):
        load_dataset("mnist")


@pytest.mark.parametrize("length", [None, 0, 1000], ids=["missing", "empty", "cut short"])
def test_a_missing_or_damaged_embedded_file_is_reported(
    length: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mnist.npz"
    if length is not None:
        file.write_bytes(datasets.EMBEDDED_FILE.read_bytes()[:length])
    monkeypatch.setattr(datasets, "EMBEDDED_FILE", file)
    with pytest.raises(DatasetError, match="restore the file from the project"):
        load_dataset("mnist")


def test_tensorflow_is_not_imported_for_mnist() -> None:
    code = (
        "import sys, dcgan.data.own_pictures, dcgan.data.datasets as d; d.load_dataset('mnist'); "
        "sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras')))"
    )
    root = Path(datasets.__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


# Keras's sets. No test reaches the network: `urlretrieve` is cut off.


@pytest.fixture
def keras_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point Keras at an empty cache and away from the network.

    Keras reads KERAS_HOME once, when it is imported, so the folder is set where it was kept.
    """
    import keras  # noqa: F401 - so that the modules patched below are there.

    def refuse_connection(*_: object) -> None:
        raise urllib.error.URLError("no route to host")

    cache = tmp_path / "keras"
    (cache / "datasets").mkdir(parents=True)
    monkeypatch.setattr("keras.src.backend.config._KERAS_DIR", str(cache))
    monkeypatch.setattr("keras.src.utils.file_utils.urlretrieve", refuse_connection)
    return cache


def write_fashion(cache: Path, num_images: int = 70) -> np.ndarray[Any, Any]:
    """Place the four files of Fashion-MNIST, small, where Keras keeps them."""
    folder = cache / "datasets" / "fashion-mnist"
    folder.mkdir()
    images = np.arange(num_images * 784, dtype=np.uint32).astype(np.uint8)
    for part in ("train", "t10k"):
        with gzip.open(folder / f"{part}-images-idx3-ubyte.gz", "wb") as file:
            file.write(bytes(16) + images.tobytes())
        with gzip.open(folder / f"{part}-labels-idx1-ubyte.gz", "wb") as file:
            file.write(bytes(8) + bytes(range(num_images)))
    return images.reshape(num_images, 28, 28, 1)


def test_mnist_from_keras_has_the_same_pixels(
    keras_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The embedded file is packed differently from Keras's, so its fixed file hash is set aside.
    monkeypatch.setattr("keras.src.utils.file_utils.validate_file", lambda *_, **__: True)
    shutil.copy(datasets.EMBEDDED_FILE, keras_cache / "datasets" / "mnist.npz")
    dataset = load_dataset("keras")
    assert dataset.name == "keras"
    assert dataset.fingerprint == load_dataset("mnist").fingerprint
    assert dataset.labels is not None
    assert not dataset.pixels.flags.writeable


def test_fashion_mnist_is_read_from_kerass_cache(keras_cache: Path) -> None:
    images = write_fashion(keras_cache)
    dataset = load_dataset("fashion_mnist")
    assert dataset.name == "fashion_mnist"
    np.testing.assert_array_equal(dataset.pixels, images)
    assert dataset.labels is not None
    assert dataset.labels.tolist() == list(range(70))


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("keras", "or choose 'mnist'"),
        ("fashion_mnist", "four IDX files as own pictures .Debian's package dataset-fashion-mnist"),
    ],
)
@pytest.mark.usefixtures("keras_cache")
def test_a_failed_download_is_reported_with_a_fix(name: str, advice: str) -> None:
    with pytest.raises(DatasetError, match=f"no route to host.*check the connection.*{advice}"):
        load_dataset(name)


def test_a_damaged_file_in_kerass_cache_is_reported(keras_cache: Path) -> None:
    write_fashion(keras_cache)
    file = keras_cache / "datasets" / "fashion-mnist" / "train-images-idx3-ubyte.gz"
    file.write_bytes(file.read_bytes()[:500])
    with pytest.raises(DatasetError, match="Keras could not get 'fashion_mnist'"):
        load_dataset("fashion_mnist")


def test_a_bug_in_keras_is_not_reported_as_a_failed_download(
    keras_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raise_bug() -> None:
        raise AttributeError("a bug")

    monkeypatch.setattr("keras.datasets.fashion_mnist.load_data", raise_bug)
    with pytest.raises(AttributeError, match="a bug"):
        load_dataset("fashion_mnist")


# Own pictures; `test_own_pictures.py` tests how they are read.


def write_own_pictures(folder: Path, shades: Iterable[int] = range(64)) -> Path:
    """Write pictures of one shade each as own.npz and return its folder."""
    folder.mkdir()
    images = np.stack([np.full((28, 28), shade, np.uint8) for shade in shades])
    np.savez(folder / "own.npz", images=images)
    return folder


def test_a_folder_called_mnist_does_not_replace_the_embedded_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mnist").mkdir()
    monkeypatch.chdir(tmp_path)
    assert len(load_dataset("mnist")) == 60_000
    with pytest.raises(DatasetError, match="no usable pictures"):
        load_dataset("./mnist")


def test_an_unknown_polarity_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="'upside-down'; expected one of auto, as_is, inverted"):
        load_dataset(str(tmp_path), "upside-down")  # type: ignore[arg-type]


# The type of a data set.


def test_fingerprints_are_equal_only_for_equal_pixels_in_the_same_order(tmp_path: Path) -> None:
    first = load_dataset(str(write_own_pictures(tmp_path / "a") / "own.npz"))
    again = load_dataset(str(write_own_pictures(tmp_path / "b") / "own.npz"))
    turned = load_dataset(str(write_own_pictures(tmp_path / "c", reversed(range(64))) / "own.npz"))
    assert len(first.fingerprint) == 64
    assert first.fingerprint == again.fingerprint != turned.fingerprint


def test_a_data_set_prints_as_one_readable_line(tmp_path: Path) -> None:
    dataset = load_dataset(str(write_own_pictures(tmp_path / "a") / "own.npz"))
    assert isinstance(dataset, ImageDataset)
    assert repr(dataset).startswith("ImageDataset(name='own.npz', fingerprint='")
    assert "\n" not in repr(dataset)
