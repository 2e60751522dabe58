"""The headers of arrays: read and bounded before anything is allocated.

This module owns what an array's shape and dtype must be to hold pictures. It reads no values, and
nothing is ever unpickled.
"""

from __future__ import annotations

import math
import struct
import tokenize
from typing import IO, Any

import numpy as np

from dcgan.data.decoding import MAX_PICTURE_PIXELS, MIN_SIDE
from dcgan.data.picture_limits import MIN_IMAGES, max_images
from dcgan.data.tally import format_mebibytes, quote
from dcgan.errors import DatasetError
from dcgan.settings import ImageShape
from dcgan.zip_files import ARCHIVE_ERRORS

MAX_ARRAY_BYTES = 4 * 2**30  # An array of pictures, which is in memory whole.

# Keras, our own `generate`, np.savez, TensorFlow's and MedMNIST's own names.
ARRAY_NAMES = ("x_train", "images", "x", "arr_0", "train_images")

# What NumPy raises on a damaged .npy header, which it reads with Python's own parser.
HEADER_ERRORS = (
    *ARCHIVE_ERRORS,
    AttributeError,
    MemoryError,
    SyntaxError,
    TypeError,
    tokenize.TokenError,
    Warning,
)

# Of the IDX format, http://yann.lecun.com/exdb/mnist/: numbers are stored with the high byte first.
IDX_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def read_header(
    stream: IO[bytes], name: str, array: str = ""
) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Read the header of a .npy file."""
    try:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
        else:  # Version 3 is for named fields, which pictures have not; it fails in words.
            shape, _, dtype = np.lib.format.read_array_header_2_0(stream)
    except HEADER_ERRORS as error:
        raise bad_header(name, array, error) from error
    return shape, dtype


def bad_header(name: str, array: str, error: BaseException) -> DatasetError:
    """Return the refusal of a header that cannot be read."""
    of_file = f"the array {quote(array)} in {quote(name)}" if array else f"the array {quote(name)}"
    return DatasetError(
        f"dataset: {of_file} cannot be read ({error}); save it again with np.savez_compressed or "
        "np.save."
    )


def read_idx_header(head: bytes) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Read the header of an IDX file."""
    num_axes = head[3]
    if len(head) < 4 + 4 * num_axes:
        raise EOFError("it ends within its header")
    return struct.unpack_from(f">{num_axes}I", head, 4), np.dtype(IDX_TYPES[head[2]])


def check_array(
    array: str,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    name: str,
    wanted: ImageShape,
    least: int = MIN_IMAGES,
) -> None:
    """Refuse an array by its header, before there is one."""
    size, most = f"{wanted[0]}×{wanted[1]}", max_images(wanted)
    which = quote(name) if array == name else f"{quote(array)} in {quote(name)}"
    came = f"dataset: {which} is {dtype} of shape {shape}"
    if dtype.hasobject:
        raise DatasetError(
            f"dataset: {which} holds Python objects (pickle), which are "
            "never opened as they can run code; save it as one uint8 array."
        )
    if dtype.kind not in "buif":
        raise DatasetError(
            f"{came}; expected uint8 in [0, 255], or other numbers or bools: save the pictures "
            "themselves as numbers."
        )
    is_stack = len(shape) == 3 or (len(shape) == 4 and shape[3] in (1, 3, 4))
    if len(shape) == 1:
        raise DatasetError(
            f"{came}, one number for each picture, such as their labels; expected the pictures, "
            "(num_images, height, width): give the file or array that holds them."
        )
    if not is_stack or min(shape) < 0:
        side = math.isqrt(max(0, shape[1])) if len(shape) == 2 else 0
        is_flat = side > 0 and side * side == shape[1]
        example = f" (images.reshape(-1, {side}, {side}))" if is_flat else ""
        raise DatasetError(
            f"{came}; expected (num_images, height, width), or with 1, 3 or 4 channels as the "
            f"last axis: use reshape for flat pictures{example}, np.moveaxis(images, 1, -1) for "
            "channels that come first."
        )
    num_images, height, width = shape[:3]
    if not least <= num_images <= most:
        raise DatasetError(
            f"{came}; expected {least} to {most:,} pictures: give "
            f"{'more' if num_images < least else 'fewer'}."
        )
    if min(height, width) < MIN_SIDE or height * width > MAX_PICTURE_PIXELS:
        raise DatasetError(
            f"{came}; expected pictures at least {MIN_SIDE} pixels wide and high, of at most "
            f"{MAX_PICTURE_PIXELS // 10**6} megapixels: resize them, {size} is enough."
        )
    num_bytes = math.prod(shape) * dtype.itemsize
    if num_bytes > MAX_ARRAY_BYTES:
        raise DatasetError(
            f"{came}, {format_mebibytes(num_bytes)}; expected at most "
            f"{format_mebibytes(MAX_ARRAY_BYTES)}: resize the pictures, "
            f"{size} is enough, or save them as uint8."
        )
