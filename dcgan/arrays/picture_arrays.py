"""Arrays and tables of pictures: .npy, MNIST's IDX files, and .csv with a row for each picture.

This module chooses which of several files hold the pictures and which their labels.
`array_files` reads one of them.
"""

from __future__ import annotations

import math
import os.path
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcgan.arrays.array_decoding import decode_array, decode_arrays, measure_array
from dcgan.arrays.array_files import ArrayFile, identify_array, load_array, load_table
from dcgan.arrays.array_headers import ARRAY_NAMES, check_array
from dcgan.config.config_text import quote_name
from dcgan.config.settings import ImageShape
from dcgan.errors import DatasetError
from dcgan.files.zip_files import ARCHIVE_ERRORS
from dcgan.pictures.decoding import (
    DAMAGED,
    MAX_PICTURE_PIXELS,
    MIN_SIDE,
    NOT_A_PICTURE,
    TOO_LARGE,
    TOO_SMALL,
    UNKNOWN_RANGE,
    Decoded,
    Unusable,
)
from dcgan.pictures.file_kinds import CSV
from dcgan.pictures.members import FileMember, Member
from dcgan.pictures.picture_files import PictureSource, read_all
from dcgan.pictures.picture_labels import (
    NO_LABELS,
    UNREADABLE,
    LabelledPixels,
    LabelsOrReason,
    check_label_header,
    join_labels,
    label_by_folder,
    label_by_values,
    make_stack,
    name_label_array,
)
from dcgan.pictures.picture_limits import MIN_IMAGES
from dcgan.pictures.tally import ARRAY, Tally
from dcgan.pictures.value_range import FIRST_GUESS, Scale, Storage, classify_storage
from dcgan.progress import ProgressCallback

_OTHER_PARTS = re.compile(r"test|t10k|val|label|target|mask", re.IGNORECASE)


# Files of arrays.


def read_array_file(
    member: FileMember,
    source_name: str,
    tally: Tally,
    progress: ProgressCallback,
    image_shape: ImageShape,
) -> LabelledPixels:
    """Read the pictures of one file: .npy, IDX or .csv, gzipped or not.

    Args:
        member: The file.
        source_name: Name of the file in errors.
        tally: Receives remarks.
        progress: Reports how much has been read.
        image_shape: Shape of each resulting picture, square.

    Raises:
        DatasetError: If it holds no pictures, is damaged or over a limit.
    """
    try:
        array = identify_array(member, source_name)
    except Unusable as unusable:
        raise DatasetError(f"{quote_name(source_name)} is {unusable}; save it again.") from None
    except ARCHIVE_ERRORS as error:
        raise DatasetError(
            f"{quote_name(source_name)} is damaged or cut short ({error}); copy or save it again."
        ) from None
    files = _map_by_name(find_label_files(Path(member.path)))
    return _read_files([array], files, source_name, tally, progress, image_shape)


def find_label_files(path: Path) -> list[FileMember]:
    """Find the files beside a file of pictures that have the usual name of its labels."""
    names = _list_label_names(path.name)
    files = [FileMember(str(path.with_name(name)), name) for name in names]
    return [file for file in files if os.path.isfile(file.path)]  # noqa: PTH113 - never raises.


def find_arrays(members: Sequence[Member]) -> list[ArrayFile]:
    """Find the arrays of pictures among several files, such as the files of a folder.

    Returns:
        The files that could hold many pictures. If there are none, the files that could hold one
        picture each or a flat table; or, if these are too few, the files with many pictures in an
        unread order of axes, which `read_arrays` refuses with advice on reshaping.
    """
    arrays = []
    for member in _drop_gzipped_copies(members):
        with suppress(Unusable, DatasetError, *ARCHIVE_ERRORS):
            arrays.append(identify_array(member, member.name))
    if stacks := [array for array in arrays if array.is_stack]:
        return stacks
    single = [array for array in arrays if array.is_picture]
    misshapen = [array for array in arrays if array.is_misshapen_stack]
    return misshapen if misshapen and len(single) < MIN_IMAGES else single


def read_arrays(
    arrays: Sequence[ArrayFile],
    members: Sequence[Member],
    source_name: str,
    tally: Tally,
    progress: ProgressCallback,
    image_shape: ImageShape,
) -> LabelledPixels:
    """Read the pictures of several files; other arguments and result as in `read_array_file`.

    Args:
        arrays: Result of `find_arrays`, at least one file.
        members: All files that were searched; those that are not read are counted in the tally.
        source_name: Name of the folder or archive in errors.
    """
    chosen = _choose_files(arrays, source_name)
    candidates = _drop_gzipped_copies(members)
    files = _map_by_name(candidates)
    labels = [_find_labels(array, files) for array in chosen]
    used_names = {array.member.name for array in chosen} | {
        label_file.name for label_file in labels if label_file is not None
    }
    for member in candidates:
        if member.name not in used_names:
            tally.leave_out(member.name, ARRAY)
    if len(members) > len(chosen) == 1:
        tally.remarks.append(f"from {chosen[0].title}")
    return _read_files(chosen, files, source_name, tally, progress, image_shape)


def _drop_gzipped_copies(members: Sequence[Member]) -> list[Member]:
    """Leave out gzipped copies of other files: MNIST's files often come packed and unpacked."""
    names = {member.name for member in members}
    return [
        member
        for member in members
        if not (member.name.endswith(".gz") and member.name.removesuffix(".gz") in names)
    ]


def _map_by_name(members: Sequence[Member]) -> dict[str, Member]:
    """Return files by name; of two files with the same name, the first."""
    return {member.name: member for member in reversed(members)}


def _read_files(
    chosen: Sequence[ArrayFile],
    files: Mapping[str, Member],
    source_name: str,
    tally: Tally,
    progress: ProgressCallback,
    image_shape: ImageShape,
) -> LabelledPixels:
    """Read the pictures of the chosen files, and their labels.

    The labels are in the same file if that is a table, otherwise in one of `files`, by name.
    """
    if chosen[0].is_picture and len(chosen) > 1:
        sources = [_make_array_source(array) for array in chosen]
        pixels, names = read_all(sources, tally, progress, image_shape)
        return LabelledPixels(pixels, label_by_folder(names), names)
    max_images = tally.get_max_images(image_shape)
    for array in chosen:
        if array.format != CSV:
            min_images = MIN_IMAGES if len(chosen) == 1 else 1
            check_array(
                array.title,
                array.shape,
                array.dtype,
                source_name,
                image_shape,
                max_images,
                min_images,
            )
    labels: dict[int, LabelsOrReason] = {}  # By index, as two files may have one name.

    def load(index: int, array: ArrayFile) -> NDArray[Any]:
        if array.format != CSV:
            return load_array(array)
        images, labels[index] = load_table(array, max_images)
        return images

    loaders = [partial(load, index, array) for index, array in enumerate(chosen)]
    pixels = decode_arrays(loaders, source_name, tally, progress, image_shape)
    for index, array in enumerate(chosen):
        if array.format != CSV:
            labels[index] = _read_labels(array, files)
    return make_stack(pixels, join_labels([labels[index] for index in range(len(chosen))]))


def _list_label_names(name: str) -> list[str]:
    """Return the names, gzipped or not, that the labels of a file of pictures may have.

    Returns:
        An empty list if the name is not a usual one of pictures, such as `x_train.npy`.
    """
    label_name = name_label_array(name).removesuffix(".gz")
    return [] if label_name == name.removesuffix(".gz") else [label_name, f"{label_name}.gz"]


def _find_labels(array: ArrayFile, files: Mapping[str, Member]) -> Member | None:
    """Find the file with the labels of a file of pictures."""
    path = PurePosixPath(array.member.name)
    names = [str(path.with_name(name)) for name in _list_label_names(path.name)]
    return next((files[label_name] for label_name in names if label_name in files), None)


def _read_labels(array: ArrayFile, files: Mapping[str, Member]) -> LabelsOrReason:
    """Read the labels of a file of pictures."""
    member = _find_labels(array, files)
    if member is None:
        return NO_LABELS
    try:
        labels = identify_array(member, member.name)
        problem = check_label_header(labels.shape, labels.dtype, array.shape[0])
        return problem or label_by_values(load_array(labels))
    except (Unusable, DatasetError, *ARCHIVE_ERRORS):
        return UNREADABLE


def _choose_files(arrays: Sequence[ArrayFile], source_name: str) -> list[ArrayFile]:
    """Choose the files that hold the training pictures.

    Raises:
        DatasetError: If several files could, and neither names nor shapes decide.
    """
    if len(arrays) == 1:
        return list(arrays)
    if arrays[0].is_picture:
        widths, heights = {array.shape[1] for array in arrays}, {array.shape[0] for array in arrays}
        is_flat = len(widths) == 1 < len(heights) and math.isqrt(max(widths)) ** 2 == max(widths)
        # `check_array` refuses a flat table and explains how to reshape it.
        return list(arrays[:1] if is_flat else arrays)
    for array_name in ARRAY_NAMES:
        named = [array for array in arrays if array.stem == array_name]
        if len(named) == 1:
            return named
    training = [array for array in arrays if "train" in array.stem]
    others = [array for array in arrays if not _OTHER_PARTS.search(array.stem)]
    parts = training or others
    if parts and len({(array.shape[1:], array.dtype, array.format) for array in parts}) == 1:
        return parts  # One set, perhaps in several files, such as one for each class.
    shapes = "; ".join(f"{array.title}: {array.shape}" for array in arrays[:8])
    raise DatasetError(
        f"{quote_name(source_name)} holds {len(arrays)} arrays that could be pictures ({shapes}); "
        "expected one, or several of one shape and dtype: give the path of that file alone."
    )


def _make_array_source(array: ArrayFile) -> PictureSource:
    """Make a source of a file whose array is one picture."""

    def decode_single(shape: ImageShape, scales: Mapping[Storage, Scale]) -> Decoded:
        if array.dtype.kind not in "buif":
            raise Unusable(NOT_A_PICTURE, f"an array of {array.dtype}")
        if math.prod(array.shape) > MAX_PICTURE_PIXELS:
            raise Unusable(TOO_LARGE)
        try:
            image = load_array(array)
        except DatasetError as error:
            raise Unusable(DAMAGED, error.problem) from None
        if image.ndim == 3 and image.shape[2] not in (1, 3, 4):
            image = np.moveaxis(image, 0, -1)  # PyTorch puts the channels first.
        if min(image.shape[:2]) < MIN_SIDE:
            raise Unusable(TOO_SMALL)
        try:
            lows, highs = measure_array(image[None], array.title)
        except DatasetError:
            raise Unusable(UNKNOWN_RANGE, "NaN or infinite") from None
        storage = classify_storage(image.dtype)
        scale = scales.get(storage, FIRST_GUESS[storage])
        pixels = decode_array(image[None], array.title, shape, scale)[0]
        height, width = image.shape[:2]
        return Decoded(
            pixels, storage, float(lows[0]), float(highs[0]), has_frames=False, size=(width, height)
        )

    return PictureSource(array.member.name, decode_single)
