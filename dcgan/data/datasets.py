"""The data sets that a GAN can learn from, as uint8 pixels of one shape.

This module owns the named sets, what a data set is, and the only scaling between pixels in
[0, 255] and the networks' [-1, 1]; own pictures are read by `pictures`. It knows no network, no
run and no screen, and it imports neither TensorFlow nor Keras until one of Keras's own data sets
is asked for.
"""

from __future__ import annotations

import hashlib
import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dcgan.config import TrainingConfig
from dcgan.data.array_decoding import decode_array
from dcgan.data.fitting import Pixels
from dcgan.data.own_pictures import read_pictures
from dcgan.errors import DatasetError, DataUnavailableError
from dcgan.named_sets import NAMED_SETS
from dcgan.reports import ProgressCallback, no_progress
from dcgan.settings import DIGIT_SHAPE, ImageShape
from dcgan.zip_files import ARCHIVE_ERRORS

POLARITIES = ("auto", "as_is", "inverted")

EMBEDDED_FILE = Path(__file__).with_name("mnist.npz")
# SHA-256 of the arrays' bytes, taken when the file was rebuilt from the original IDX files.
MNIST_SHA256 = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}


@dataclass(frozen=True, eq=False)  # Arrays have no single truth value, so identity decides.
class ImageDataset:
    """Pictures to learn from, the same shape whatever they came from.

    Attributes:
        name: "mnist", "keras", "fashion_mnist", or the file's or folder's name.
        pixels: Read-only uint8 in [0, 255], shape (num_images, height, width, channels).
        labels: Class of each image, uint8, shape (num_images,); None for own pictures.
        fingerprint: SHA-256 in hex over the pixels' shape and bytes; equal only for equal pixels.
        note: One sentence for people: what was read, left out, stretched and inverted.
        left_out: Number of files of own pictures that were left out, by reason.
        examples: A few of them by name, each with its reason.
    """

    name: str
    pixels: Pixels = field(repr=False)
    labels: NDArray[Any] | None = field(repr=False)
    fingerprint: str
    note: str = ""
    left_out: Mapping[str, int] = field(default_factory=dict)
    examples: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.pixels)

    def describe_left_out(self) -> str:
        """Name a few of the files that were left out in a sentence; "" if there are none."""
        if not self.examples:
            return ""
        num_more = sum(self.left_out.values()) - len(self.examples)
        more = f" and {num_more:,} more" if num_more else ""
        return f"Left out: {', '.join(self.examples)}{more}."

    def describe(self) -> str:
        """Return the note, and a few of the files that were left out."""
        return f"{self.note} {self.describe_left_out()}".rstrip()


def scale(values: Any) -> Any:
    """Map values in [0, 255] to [-1, 1]: the formula alone, for whoever has float32 already.

    It is plain arithmetic, so a float32 `tf.Tensor` inside a `tf.function` works as well as an
    array, and stays float32.

    Args:
        values: Floating-point array or tensor of any shape, values in [0, 255].

    Returns:
        The same kind, shape and dtype, values in [-1, 1].
    """
    return values / 127.5 - 1.0


def to_pixels(images: NDArray[Any]) -> Pixels:
    """Make what a generator gives into pixels; the inverse of `scale` for all 256 values.

    Args:
        images: Floating point in [-1, 1], any shape. What lies outside is clipped, and NaN
            becomes black, so that a run that diverged can still be shown.

    Returns:
        uint8 in [0, 255], the same shape, rounded to the nearest: 1.0 becomes 255.
    """
    values = (np.asarray(images, dtype=np.float32) + 1.0) * 127.5
    values = np.nan_to_num(values, nan=0.0, posinf=255.0, neginf=0.0)
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def load_configured_dataset(
    config: TrainingConfig, progress: ProgressCallback = no_progress
) -> ImageDataset:
    """Load what a run's settings name, in the shape that they say; `load_dataset` tells more."""
    return load_dataset(config.dataset, config.polarity, progress, config.image_shape)


def load_dataset(
    name_or_path: str,
    polarity: str = "auto",
    progress: ProgressCallback = no_progress,
    shape: ImageShape = DIGIT_SHAPE,
) -> ImageDataset:
    """Load pictures by a known name, or from a file or folder of your own.

    The names come first: a folder called `mnist` is reached as `./mnist`. The known sets are
    their training parts, 60,000 images each, and are never inverted; where larger ones are wanted
    they are enlarged.

    Own pictures may be
    - a folder (searched to its depth; hidden files and links to folders are passed over) or a
      .zip of pictures: .png, .jpg, .gif, .bmp, .pgm, .webp, .tif or .avif, of several frames or
      pages the first;
    - one .gif, .webp, .png or .tif with many frames or pages;
    - a .npy, or a .npz with an array called x_train, images, x, arr_0 or train_images, else with
      one array that could be pictures: (num_images, height, width) or with 1, 3 or 4 channels
      behind;
    - MNIST's own IDX files, gzipped or not;
    - a .csv with a row for each picture: its pixels, and at most a label before or behind them;
    - a folder or a .zip with files of arrays like these.

    All get one scale, judged by the values of the whole set: numbers fill [0, 255], [0, 1],
    [-1, 1] (if any is below -0.001) or so many bits; where they span a sliver of that, such as
    masks of 0 and 1, they are stretched, and the note says so.

    They come in the order of their names, are turned as their camera says, made grey unless
    colours are wanted, and shrunk with their proportions kept; what is left over is filled with
    their border's shade.
    What is transparent becomes white paper, or black if all that is visible is white.

    Args:
        name_or_path: "mnist" (embedded), "keras" (the same pixels, downloaded by Keras),
            "fashion_mnist" (downloaded by Keras), or a path; `~` is your home.
        polarity: For own pictures: "as_is", "inverted", or "auto", which inverts all of them
            when they are grey and most have light borders, as the networks learn light strokes on
            black.
        progress: Reports how many own pictures have been read.
        shape: Of each picture: square, and of a known set grey.

    Returns:
        The data set; its arrays are read-only.

    Raises:
        DatasetError: If the polarity is not known, nothing is there, fewer than 64 pictures
            are usable or all are of one shade, or a file is damaged, encrypted or beyond a bound.
        DataUnavailableError: If a download failed, or the embedded file is damaged.
    """
    if polarity not in POLARITIES:
        raise DatasetError(f"polarity: got {polarity!r}; expected one of {', '.join(POLARITIES)}.")
    if name_or_path == "mnist":
        return _embedded_mnist(EMBEDDED_FILE, "train", shape)
    if name_or_path in NAMED_SETS:
        return _from_keras(name_or_path, shape)
    found = read_pictures(name_or_path, polarity, progress, shape)
    dataset = _dataset(found.name, found.pixels, shape, note=found.note)
    return replace(dataset, left_out=found.left_out, examples=found.examples)


def load_mnist_test(shape: ImageShape = DIGIT_SHAPE) -> ImageDataset:
    """Load MNIST's 10,000 test images, embedded; no DCGAN learns from them.

    Args:
        shape: As they are wanted, grey.

    Raises:
        DataUnavailableError: If the file is missing or damaged.
    """
    return _embedded_mnist(EMBEDDED_FILE, "test", shape)


# The known sets.


@lru_cache(maxsize=2)  # Half a second, larger ones some seconds; its arrays are read-only.
def _embedded_mnist(file: Path, part: Literal["train", "test"], shape: ImageShape) -> ImageDataset:
    mend = "restore the file from the project or install it again."
    try:
        # Opened here, as np.load leaves a file that it cannot read open.
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            loaded = {name: arrays[name] for name in (f"x_{part}", f"y_{part}")}
    except FileNotFoundError:
        raise DataUnavailableError(
            f"dataset: the embedded {file.name} is missing; {mend}"
        ) from None
    except (*ARCHIVE_ERRORS, MemoryError) as error:
        raise DataUnavailableError(
            f"dataset: the embedded {file.name} cannot be read ({error}); {mend}"
        ) from error
    for name, array in loaded.items():
        expected = MNIST_SHA256[name]
        if hashlib.sha256(np.ascontiguousarray(array).data).hexdigest() != expected:
            raise DataUnavailableError(
                f"dataset: {name} in the embedded {file.name} is not MNIST's (its SHA-256 "
                f"differs from {expected[:12]}…); {mend}"
            )
    images, labels = loaded.values()
    pixels = decode_array(images, file.name, shape)
    return _dataset(
        "mnist", pixels, shape, labels, f"{len(images):,} handwritten digits, built in."
    )


def _from_keras(name: str, shape: ImageShape) -> ImageDataset:
    # Here, as it brings in TensorFlow: seconds and hundreds of megabytes.
    from dcgan.backend import keras, keras_home

    named = NAMED_SETS[name]
    source = getattr(keras.datasets, named.keras_module)
    # A failed download is a bare `Exception` in Keras (get_file, 3.15), which no narrower
    # clause can catch; a broken line, a full disk and a damaged cache have types of their own.
    # Whatever else comes is a bug and goes on its way.
    try:
        (images, labels), _ = source.load_data()
    except Exception as error:
        known = (*ARCHIVE_ERRORS, http.client.HTTPException)
        if type(error) is not Exception and not isinstance(error, known):
            raise
        raise DataUnavailableError(
            f"dataset: Keras could not get {name!r} ({error}); expected a download or the data in "
            "its cache: check the connection, or place them at "
            f"{keras_home()}/{named.keras_files}, or choose 'mnist', which is built in."
        ) from error
    height, width, _ = DIGIT_SHAPE
    if images.dtype != np.uint8 or images.shape[1:] != (height, width):
        raise DataUnavailableError(
            f"dataset: Keras's {name!r} came as {images.dtype} {images.shape}; expected uint8 "
            f"(num_images, {height}, {width}): empty its cache and download it again."
        )
    pixels = decode_array(images, name, shape)
    return _dataset(name, pixels, shape, labels, f"{len(images):,} {named.contents}, from Keras.")


def _dataset(
    name: str,
    pixels: Pixels,
    shape: ImageShape,
    labels: NDArray[Any] | None = None,
    note: str = "",
) -> ImageDataset:
    """Freeze pixels as a data set with its fingerprint; grey ones get their channel."""
    pixels = np.ascontiguousarray(pixels).reshape(-1, *shape)
    pixels.flags.writeable = False
    if labels is not None:
        labels = labels.copy()  # Keras's are a view of a read-only buffer.
        labels.flags.writeable = False
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(pixels.data)
    return ImageDataset(name, pixels, labels, digest.hexdigest(), note)
