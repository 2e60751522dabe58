"""Data sets to train on: uint8 pixels of one shape.

This module owns the type of a data set, the loading of named sets, and the only scaling between
pixels in [0, 255] and the networks' [-1, 1]. `own_pictures` reads own pictures. TensorFlow and
Keras are imported only to load one of Keras's data sets.
"""

from __future__ import annotations

import hashlib
import http.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dcgan.arrays.array_decoding import decode_array
from dcgan.config.named_datasets import NAMED_SETS, select_class_names
from dcgan.config.setting_info import get_setting_schema
from dcgan.config.setting_types import Polarity
from dcgan.config.settings import DIGIT_SHAPE, ImageShape
from dcgan.config.training_config import TrainingConfig
from dcgan.data.own_pictures import EVERYTHING, Selection, StoredPictures, read_pictures
from dcgan.errors import DatasetError, DataUnavailableError
from dcgan.files.zip_files import ARCHIVE_ERRORS
from dcgan.pictures.picture_fitting import Pixels
from dcgan.progress import ProgressCallback, no_progress

_MAX_EXAMPLES = 3  # Files left out that a description names.
EMBEDDED_FILE = Path(__file__).with_name("mnist.npz")
# SHA-256 of the arrays' bytes; the file was built from the original IDX files.
MNIST_SHA256 = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}


@dataclass(frozen=True, eq=False)  # Comparing arrays gives arrays, so `==` compares identity.
class ImageDataset:
    """Pictures to train on, from any source, all of one shape.

    Attributes:
        name: "mnist", "keras", "fashion_mnist", or the name of the file or folder.
        pixels: Read-only uint8 in [0, 255], shape (num_images, height, width, channels).
        labels: Class of each image as an index in `class_names`, uint8, shape (num_images,); None
            without classes.
        fingerprint: SHA-256 in hex over the pixels' shape and bytes; equal only for equal pixels.
        summary: One sentence for people: what was read, left out, stretched and inverted.
        left_out: Number of files of own pictures that were left out, by reason.
        examples: The first thousand files left out, each with its reason.
        class_names: The name of each class; empty without classes.
        names: Path of each own picture below the folder or in the archive, or its number; empty for
            a named set.
        stored: Facts about the files of own pictures; None for a named set.
        held_out: Pictures that are not trained on, for comparison; uint8 in [0, 255], shape
            (num_held_out, height, width, channels). None if there are none.
    """

    name: str
    pixels: Pixels = field(repr=False)
    labels: NDArray[Any] | None = field(repr=False)
    fingerprint: str
    summary: str = ""
    left_out: Mapping[str, int] = field(default_factory=dict)
    examples: tuple[str, ...] = ()
    class_names: tuple[str, ...] = ()
    names: tuple[str, ...] = field(default=(), repr=False)
    stored: StoredPictures | None = field(default=None, repr=False)
    held_out: Pixels | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.pixels)

    @property
    def label_fingerprint(self) -> str:
        """SHA-256 in hex over the labels; "" without labels."""
        if self.labels is None:
            return ""
        return hashlib.sha256(np.ascontiguousarray(self.labels, np.uint8).data).hexdigest()

    def describe_left_out(self) -> str:
        """Return a sentence that names a few of the files left out; "" if there are none."""
        if not self.examples:
            return ""
        examples = self.examples[:_MAX_EXAMPLES]
        num_more = sum(self.left_out.values()) - len(examples)
        more = f" and {num_more:,} more" if num_more else ""
        return f"Left out: {', '.join(examples)}{more}."

    def describe(self) -> str:
        """Return the summary and a few of the files left out."""
        return f"{self.summary} {self.describe_left_out()}".rstrip()


def to_images(values: Any) -> Any:
    """Map pixel values from [0, 255] to the networks' [-1, 1].

    It is arithmetic only, so that it also works on a `tf.Tensor` inside a `tf.function`.

    Args:
        values: Floating-point array or tensor of any shape, in [0, 255].

    Returns:
        The same type, shape and dtype, in [-1, 1].
    """
    return values / 127.5 - 1.0


def to_pixels(images: NDArray[Any]) -> Pixels:
    """Convert a generator's images to pixels; the inverse of `to_images` for all 256 values.

    Args:
        images: Floating point in [-1, 1], any shape. Other values are clipped, and NaN becomes
            0, so that a diverged run can still be shown.

    Returns:
        uint8 in [0, 255], the same shape, rounded to the nearest.
    """
    values = (np.asarray(images, dtype=np.float32) + 1.0) * 127.5
    values = np.nan_to_num(values, nan=0.0, posinf=255.0, neginf=0.0)
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def load_configured_dataset(
    config: TrainingConfig, progress: ProgressCallback = no_progress
) -> ImageDataset:
    """Load the pictures that a run's settings name, in their image shape; see `load_dataset`."""
    selection = Selection(config.excluded_pictures, config.near_duplicates)
    dataset = load_dataset(config.dataset, config.polarity, progress, config.image_shape, selection)
    return select_classes(dataset, config.only_classes) if config.only_classes else dataset


def select_classes(dataset: ImageDataset, classes: Sequence[int]) -> ImageDataset:
    """Return the pictures of some classes, in the same order.

    Args:
        dataset: A data set with labels.
        classes: Labels to keep, in [0, 9]; a named set has thousands of pictures of each.
    """
    assert dataset.labels is not None, "The settings allow classes for named sets only."
    is_selected = np.isin(dataset.labels, classes)
    selected = np.unique(classes)
    pixels = dataset.pixels[is_selected]
    labels = np.searchsorted(selected, dataset.labels[is_selected])
    selection = f"class{'es' if len(classes) > 1 else ''} {', '.join(map(str, classes))}"
    summary = (
        f"{len(pixels):,} of {len(dataset):,} {NAMED_SETS[dataset.name].contents}: {selection}."
    )
    names = select_class_names(dataset.name, classes)
    return make_dataset(dataset.name, pixels, labels.astype(np.uint8), names, summary)


def load_dataset(
    name_or_path: str,
    polarity: Polarity = "auto",
    progress: ProgressCallback = no_progress,
    shape: ImageShape = DIGIT_SHAPE,
    selection: Selection = EVERYTHING,
) -> ImageDataset:
    """Load a named data set, or own pictures from a file or folder.

    Names win over paths: a folder called `mnist` must be given as `./mnist`. The named sets are
    the training parts, 60,000 images each. They are never inverted, and are enlarged if a larger
    shape is given.

    Own pictures may be
    - a folder, with its subfolders, or a .zip of .png, .jpg, .gif, .bmp, .pgm, .webp, .tif or
      .avif files; of a file with several frames or pages only the first is read, and hidden files
      and links to folders are skipped;
    - one .gif, .webp, .png or .tif with many frames or pages;
    - a .npy, or a .npz with an array called x_train, images, x, arr_0 or train_images, or with
      only one array of a suitable shape: (num_images, height, width), or with 1, 3 or 4 channels
      as the last axis;
    - MNIST's IDX files, gzipped or not;
    - a .csv with a row for each picture: its pixels, and optionally a label first or last;
    - a folder or a .zip with such array files.

    They have classes if there are 2 to 100. The classes are the outermost folders that do not hold
    all pictures; or a label for each picture, an integer or a string, in an array called labels,
    y_train, y or train_labels, in the file y_train.npy beside x_train.npy, in MNIST's file of
    labels beside its file of images, or in the table. The summary names the classes or the reason
    why there are none.

    All pictures get one scale, found from the values of the whole set: [0, 255], [0, 1] or a
    number of bits; if any value is below -0.001, [-1, 1], [-0.5, 0.5] or [-1, 0]. A much narrower
    range, such as masks of 0 and 1, is stretched, and the summary reports it.

    Pictures are sorted by name, rotated by their EXIF orientation, converted to grey unless the
    shape has three channels, and resized with their proportions kept; the rest of the square is
    filled with the median colour of their border. A transparent background becomes white, or
    black if the visible pixels are nearly white.

    Args:
        name_or_path: "mnist" (embedded), "keras" (the same pixels, downloaded by Keras),
            "fashion_mnist" (downloaded by Keras), or a path; `~` is your home.
        polarity: For own pictures: "as_is", "inverted", or "auto", which inverts grey pictures if
            most of them have light borders, because the networks learn light strokes on black.
        progress: Reports how many own pictures have been read.
        shape: Shape of each picture: square, and grey for a named set.
        selection: The own pictures to leave out.

    Returns:
        The data set; its arrays are read-only.

    Raises:
        DatasetError: If the polarity is unknown, the path does not exist, fewer than 64 pictures
            are usable, all pixels have one value, or a file is damaged, encrypted or over a limit.
        DataUnavailableError: If a download failed, or the embedded file is damaged.
    """
    polarities = get_setting_schema("polarity")["enum"]
    if polarity not in polarities:
        raise DatasetError(
            f"got {polarity!r}; expected one of {', '.join(polarities)}.", setting="polarity"
        )
    if name_or_path == "mnist":
        return _load_embedded_mnist(EMBEDDED_FILE, "train", shape)
    if name_or_path in NAMED_SETS:
        return _load_keras_set(name_or_path, shape)
    pictures = read_pictures(name_or_path, polarity, progress, shape, selection)
    # A folder of own pictures may have the name of a named set.
    own_name = f"./{pictures.name}" if pictures.name in NAMED_SETS else pictures.name
    dataset = make_dataset(
        own_name,
        pictures.pixels.reshape(-1, *shape),
        pictures.labels,
        pictures.class_names,
        pictures.summary,
    )
    return replace(
        dataset,
        left_out=pictures.left_out,
        examples=pictures.examples,
        names=pictures.names,
        stored=pictures.stored,
    )


def load_mnist_test(shape: ImageShape = DIGIT_SHAPE) -> ImageDataset:
    """Load MNIST's 10,000 embedded test images, which are never trained on.

    Args:
        shape: Shape of each picture, square and grey.

    Raises:
        DataUnavailableError: If the file is missing or damaged.
    """
    return _load_embedded_mnist(EMBEDDED_FILE, "test", shape)


# Named sets.


@lru_cache(maxsize=2)  # Loading takes half a second, enlarging some seconds.
def _load_embedded_mnist(
    file: Path, part: Literal["train", "test"], shape: ImageShape
) -> ImageDataset:
    advice = "restore the file from the project or install it again."
    try:
        # Opened here, because np.load does not close a file that it cannot read.
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            loaded = {name: arrays[name] for name in (f"x_{part}", f"y_{part}")}
    except FileNotFoundError:
        raise DataUnavailableError(f"the embedded {file.name} is missing; {advice}") from None
    except (*ARCHIVE_ERRORS, MemoryError) as error:
        raise DataUnavailableError(
            f"the embedded {file.name} cannot be read ({error}); {advice}"
        ) from error
    for name, array in loaded.items():
        expected = MNIST_SHA256[name]
        if hashlib.sha256(np.ascontiguousarray(array).data).hexdigest() != expected:
            raise DataUnavailableError(
                f"{name} in the embedded {file.name} is not MNIST's (its SHA-256 "
                f"differs from {expected[:12]}…); {advice}"
            )
    images, labels = loaded.values()
    pixels = decode_array(images, file.name, shape)
    summary = f"{len(images):,} handwritten digits, built in."
    return make_dataset(
        "mnist", pixels.reshape(-1, *shape), labels, NAMED_SETS["mnist"].class_names, summary
    )


def _load_keras_set(name: str, shape: ImageShape) -> ImageDataset:
    # Imported here, because TensorFlow takes seconds and hundreds of megabytes.
    from dcgan.backend import keras

    named = NAMED_SETS[name]
    source = getattr(keras.datasets, named.keras_module)
    # Keras 3.15 raises a bare `Exception` for a failed download (get_file). A lost connection, a
    # full disk and a damaged cache raise more specific errors. Any other error is a bug.
    try:
        (images, labels), _ = source.load_data()
    except Exception as error:
        known = (*ARCHIVE_ERRORS, http.client.HTTPException)
        if type(error) is not Exception and not isinstance(error, known):
            raise
        advice = f"{named.download_advice}, or " if named.download_advice else ""
        raise DataUnavailableError(
            f"Keras could not get {name!r} ({error}); check the connection, or {advice}"
            "choose 'mnist', which is built in."
        ) from error
    height, width, _ = DIGIT_SHAPE
    if images.dtype != np.uint8 or images.shape[1:] != (height, width):
        raise DataUnavailableError(
            f"Keras's {name!r} came as {images.dtype} {images.shape}; expected uint8 "
            f"(num_images, {height}, {width}): empty its cache and download it again."
        )
    pixels = decode_array(images, name, shape)
    summary = f"{len(images):,} {named.contents}, from Keras."
    return make_dataset(name, pixels.reshape(-1, *shape), labels, named.class_names, summary)


def make_dataset(
    name: str,
    pixels: Pixels,
    labels: NDArray[Any] | None = None,
    class_names: tuple[str, ...] = (),
    summary: str = "",
) -> ImageDataset:
    """Make a read-only data set with its fingerprint; arguments as in `ImageDataset`."""
    pixels = np.ascontiguousarray(pixels)
    pixels.flags.writeable = False
    if labels is not None:
        labels = labels.copy()  # Keras's labels are a view of a read-only buffer.
        labels.flags.writeable = False
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(pixels.data)
    return ImageDataset(name, pixels, labels, digest.hexdigest(), summary, class_names=class_names)
