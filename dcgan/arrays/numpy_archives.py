"""NumPy's .npz archives: finding and reading the arrays of the pictures and of their labels.

`np.load` would allocate the memory that a header claims, so headers are read and checked first.
"""

from __future__ import annotations

import math
import zipfile
from pathlib import PurePosixPath
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcgan.arrays.array_decoding import decode_arrays, make_too_large_error
from dcgan.arrays.array_headers import (
    ARRAY_NAMES,
    HEADER_ERRORS,
    LABEL_NAMES,
    check_array,
    is_stack,
    make_header_error,
    read_header,
)
from dcgan.config.config_text import quote_name
from dcgan.config.settings import ImageShape
from dcgan.errors import DatasetError
from dcgan.files.zip_files import ARCHIVE_ERRORS
from dcgan.pictures.decoding import MIN_SIDE
from dcgan.pictures.members import open_archive, refuse_unreadable_members
from dcgan.pictures.picture_labels import (
    NO_LABELS,
    UNREADABLE,
    LabelledPixels,
    LabelsOrReason,
    check_label_header,
    label_by_values,
    make_stack,
    name_label_array,
)
from dcgan.pictures.picture_limits import MIN_IMAGES
from dcgan.pictures.tally import Tally
from dcgan.progress import ProgressCallback

_UNKNOWN_NAME = f"{NO_LABELS} by a name such as labels or y"

MAX_ARRAYS = 1_000  # Arrays in a .npz whose headers are read to find the pictures.


class _Array(NamedTuple):
    """An array of an archive, with the shape and dtype in its header.

    Attributes:
        name: Name of the array in the archive, without .npy.
        member: The entry of the archive with its bytes.
        shape, dtype: According to the header; the data may differ.
    """

    name: str
    member: zipfile.ZipInfo
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def is_complete(self) -> bool:
        """Whether the file is large enough for the shape and dtype in its header."""
        return math.prod(self.shape) * self.dtype.itemsize <= self.member.file_size

    @property
    def has_axes_of_pictures(self) -> bool:
        """Whether it has the axes (num_images, height, width), or these and channels."""
        return len(self.shape) in (3, 4)


def read_npz(
    file: BinaryIO,
    source_name: str,
    tally: Tally,
    progress: ProgressCallback,
    image_shape: ImageShape,
) -> LabelledPixels:
    """Read the pictures of a .npz, and their labels.

    Args:
        file: The archive, seekable.
        source_name: Name of the archive in errors.
        tally: Receives remarks.
        progress: Reports how much has been read.
        image_shape: Shape of each resulting picture, square.

    Raises:
        DatasetError: If it holds no pictures, is damaged, encrypted or over a limit.
    """
    with open_archive(file, source_name) as archive:
        array, has_alternatives = _find_array(archive, source_name)
        array_name = PurePosixPath(array.name).name
        max_images = tally.get_max_images(image_shape)
        check_array(array_name, array.shape, array.dtype, source_name, image_shape, max_images)
        if has_alternatives:
            tally.remarks.append(f"from its array {array_name}")

        def load() -> NDArray[Any]:
            try:
                if not array.is_complete:
                    raise EOFError("its header promises more than it holds")
                with archive.open(array.member) as stream:
                    return np.lib.format.read_array(stream, allow_pickle=False)
            except MemoryError:
                raise make_too_large_error(source_name) from None
            except HEADER_ERRORS as error:
                raise DatasetError(
                    f"the pictures in {quote_name(source_name)} are damaged or cut short "
                    f"({error}); save it again with np.savez_compressed."
                ) from error

        pixels = decode_arrays([load], source_name, tally, progress, image_shape)
        return make_stack(pixels, _read_labels(archive, array.member, len(pixels)))


def _read_labels(
    archive: zipfile.ZipFile, pictures: zipfile.ZipInfo, num_images: int
) -> LabelsOrReason:
    """Read the labels of an array of pictures."""
    members = {member.filename: member for member in archive.infolist()}
    path = PurePosixPath(pictures.filename)
    label_files = [name_label_array(path.name), *(f"{array}.npy" for array in LABEL_NAMES)]
    if path.name == "arr_0.npy":
        label_files.append("arr_1.npy")  # np.savez(file, pictures, labels)
    candidates = [str(path.with_name(file)) for file in label_files if file != path.name]
    member = next((members[file] for file in candidates if file in members), None)
    if member is None:
        return NO_LABELS if len(members) == 1 else _UNKNOWN_NAME
    try:
        labels = _read_array_header(archive, member, "labels")
        if problem := check_label_header(labels.shape, labels.dtype, num_images):
            return problem
        if labels.is_complete:
            with archive.open(member) as stream:
                return label_by_values(np.lib.format.read_array(stream, allow_pickle=False))
    except (DatasetError, *HEADER_ERRORS):
        pass
    return UNREADABLE


def _find_array(archive: zipfile.ZipFile, source_name: str) -> tuple[_Array, bool]:
    """Choose the array of pictures by a known name, or as the only one of a suitable shape.

    Returns:
        The array, and whether other arrays could be pictures too.
    """
    members = {
        member.filename.removesuffix(".npy"): member
        for member in archive.infolist()
        if member.filename.endswith(".npy")
    }
    if len(members) > MAX_ARRAYS:
        raise DatasetError(
            f"{quote_name(source_name)} holds {len(members):,} arrays; expected one array with all "
            "pictures: save it with np.savez_compressed(file, images=np.stack(pictures))."
        )
    refuse_unreadable_members(members.values(), source_name)
    # An array with a known name is chosen, provided that it has the axes of pictures.
    known = [
        _read_array_header(archive, members[array_name], source_name)
        for array_name in ARRAY_NAMES
        if array_name in members
    ]
    for array in known:
        if array.has_axes_of_pictures:
            return array, False
    others = [
        _read_array_header(archive, member, source_name)
        for array_name, member in members.items()
        if array_name not in ARRAY_NAMES
    ]
    stacks = [array for array in others if array.has_axes_of_pictures]
    large = [array for array in stacks if _could_be_pictures(array)]
    training = [array for array in large if "train" in array.name.lower()]
    for candidates in (stacks, large, training):
        if len(candidates) == 1:
            return candidates[0], len(stacks) > 1
    if known:
        return known[0], False
    flat = [array for array in others if len(array.shape) == 2]
    if not stacks and len(flat) == 1:  # `check_array` refuses it and explains how to reshape it.
        num_columns = max(0, flat[0].shape[1])  # A damaged header may have a negative one.
        side = math.isqrt(num_columns)
        # 64 numbers are more often a latent vector than a picture of 8×8.
        if side >= MIN_SIDE and side * side == num_columns and side != 8:
            return flat[0], False
    shapes = ", ".join(
        f"{quote_name(array.name)} {array.shape}" for array in (stacks or others)[:8]
    )
    raise DatasetError(
        f"{quote_name(source_name)} holds {len(stacks) or 'no'} arrays that could be pictures"
        f"{f' ({shapes})' if shapes else ''}; "
        f"expected one called {', '.join(ARRAY_NAMES)}, or a single one of shape (num_images, "
        "height, width): save it with np.savez_compressed(file, images=pictures)."
    )


def _could_be_pictures(array: _Array) -> bool:
    shape = array.shape
    is_large = is_stack(shape) and shape[0] >= MIN_IMAGES and min(shape[1:3]) >= MIN_SIDE
    return is_large and array.dtype.kind in "buif"


def _read_array_header(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, source_name: str
) -> _Array:
    array_name = member.filename.removesuffix(".npy")
    try:
        with archive.open(member) as stream:
            return _Array(array_name, member, *read_header(stream, source_name, member.filename))
    except ARCHIVE_ERRORS as error:
        raise make_header_error(source_name, member.filename, error) from error
