"""Headers of arrays, read and checked before memory is allocated.

This module decides which shapes and dtypes an array of pictures may have. It reads no values and
never unpickles.
"""

from __future__ import annotations

import math
import struct
import tokenize
from typing import IO, Any

import numpy as np

from dcgan.config.config_text import quote_name
from dcgan.config.settings import ImageShape
from dcgan.errors import DatasetError
from dcgan.files.zip_files import ARCHIVE_ERRORS
from dcgan.pictures.decoding import MAX_PICTURE_PIXELS, MIN_SIDE
from dcgan.pictures.picture_limits import MIN_IMAGES
from dcgan.pictures.tally import format_mebibytes

MAX_ARRAY_BYTES = 4 * 2**30  # Size of one array, which is loaded into memory whole.

# Names of the array of pictures in files of Keras, of the command `generate`, of np.savez, and of
# TensorFlow and MedMNIST.
ARRAY_NAMES = ("x_train", "images", "x", "arr_0", "train_images")
# Names of the array of labels beside it, if there is none that matches the name of the pictures
# (`name_label_array`). `class_ids` is in the files that this package writes.
LABEL_NAMES = (
    *("labels", "y_train", "y", "train_labels"),
    *("label", "targets", "target", "Y", "class_ids"),
)

# Errors of NumPy on a damaged .npy header, which it reads with Python's parser.
HEADER_ERRORS = (
    *ARCHIVE_ERRORS,
    AttributeError,
    MemoryError,
    SyntaxError,
    TypeError,
    tokenize.TokenError,
    Warning,
)

# dtypes by the code in an IDX file, big-endian; http://yann.lecun.com/exdb/mnist/.
IDX_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def read_header(
    stream: IO[bytes], file_name: str, array_name: str = ""
) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return the shape and dtype in the header of a .npy file.

    Args:
        stream: The file, at its beginning.
        file_name: Name of the file in errors.
        array_name: Name of the array in a .npz; "" for a .npy.

    Raises:
        DatasetError: If the header is damaged.
    """
    try:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
        else:  # Version 3 is for named fields; `check_array` refuses those.
            shape, _, dtype = np.lib.format.read_array_header_2_0(stream)
    except HEADER_ERRORS as error:
        raise make_header_error(file_name, array_name, error) from error
    return shape, dtype


def make_header_error(file_name: str, array_name: str, error: BaseException) -> DatasetError:
    """Return the error for a header that cannot be read.

    Args:
        file_name: Name of the file in errors.
        array_name: Name of the array in a .npz; "" for a .npy.
        error: The error of NumPy.
    """
    subject = (
        f"the array {quote_name(array_name)} in {quote_name(file_name)}"
        if array_name
        else f"the array {quote_name(file_name)}"
    )
    return DatasetError(
        f"{subject} cannot be read ({error}); save it again with np.savez_compressed or np.save."
    )


def read_idx_header(head: bytes) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Return the shape and dtype in the first bytes of an IDX file.

    Raises:
        EOFError: If the file ends within its header.
    """
    num_axes = head[3]
    if len(head) < 4 + 4 * num_axes:
        raise EOFError("it ends within its header")
    return struct.unpack_from(f">{num_axes}I", head, 4), np.dtype(IDX_TYPES[head[2]])


def is_stack(shape: tuple[int, ...]) -> bool:
    """Return whether a shape is (num_images, height, width), or this and 1, 3 or 4 channels."""
    return len(shape) == 3 or (len(shape) == 4 and shape[3] in (1, 3, 4))


def check_array(
    array_name: str,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    file_name: str,
    image_shape: ImageShape,
    max_images: int,
    min_images: int = MIN_IMAGES,
) -> None:
    """Check by its header that an array holds pictures within the limits.

    Args:
        array_name: Name of the array.
        shape, dtype: Shape and dtype in the array's header.
        file_name: Name of the file that holds the array.
        image_shape: Shape of the decoded pictures.
        max_images, min_images: Largest and smallest allowed number of pictures.

    Raises:
        DatasetError: If the array holds something else, or is over a limit.
    """
    size = f"{image_shape[0]}×{image_shape[1]}"
    subject = quote_name(file_name)
    if array_name != file_name:
        subject = f"{quote_name(array_name)} in {subject}"
    finding = f"{subject} is {dtype} of shape {shape}"
    if dtype.hasobject:
        raise DatasetError(
            f"{subject} holds Python objects (pickle), which are "
            "never opened as they can run code; save it as one uint8 array."
        )
    if dtype.kind not in "buif":
        raise DatasetError(
            f"{finding}; expected uint8 in [0, 255], or other numbers or bools: save the pictures "
            "themselves as numbers."
        )
    if len(shape) == 1:
        raise DatasetError(
            f"{finding}, one number for each picture, such as their labels; expected the pictures, "
            "(num_images, height, width): give the file or array that holds them."
        )
    if not is_stack(shape) or min(shape) < 0:
        side = math.isqrt(max(0, shape[1])) if len(shape) == 2 else 0
        is_flat = side > 0 and side * side == shape[1]
        example = f" (images.reshape(-1, {side}, {side}))" if is_flat else ""
        raise DatasetError(
            f"{finding}; expected (num_images, height, width), or with 1, 3 or 4 channels as the "
            f"last axis: use reshape for flat pictures{example}, np.moveaxis(images, 1, -1) for "
            "channels that come first."
        )
    num_images, height, width = shape[:3]
    if not min_images <= num_images <= max_images:
        raise DatasetError(
            f"{finding}; expected {min_images} to {max_images:,} pictures: give "
            f"{'more' if num_images < min_images else 'fewer'}."
        )
    if min(height, width) < MIN_SIDE or height * width > MAX_PICTURE_PIXELS:
        raise DatasetError(
            f"{finding}; expected pictures at least {MIN_SIDE} pixels wide and high, of at most "
            f"{MAX_PICTURE_PIXELS // 10**6} megapixels: resize them, {size} is enough."
        )
    num_bytes = math.prod(shape) * dtype.itemsize
    if num_bytes > MAX_ARRAY_BYTES:
        raise DatasetError(
            f"{finding}, {format_mebibytes(num_bytes)}; expected at most "
            f"{format_mebibytes(MAX_ARRAY_BYTES)}: resize the pictures, "
            f"{size} is enough, or save them as uint8."
        )
