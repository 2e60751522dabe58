"""Arrays and tables of pictures: .npy, MNIST's IDX files, and .csv with a row for each picture.

This module chooses which of several files hold the pictures, and reads them. It never unpickles.
"""

from __future__ import annotations

import gzip
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import PurePosixPath
from typing import IO, Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from dcgan.data import file_kinds, picture_tables
from dcgan.data.array_decoding import (
    decode_array,
    decode_arrays,
    make_too_large_error,
    measure_array,
)
from dcgan.data.array_headers import (
    ARRAY_NAMES,
    HEADER_ERRORS,
    MAX_ARRAY_BYTES,
    check_array,
    read_header,
    read_idx_header,
)
from dcgan.data.decoding import (
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
from dcgan.data.file_kinds import CSV, IDX, NPY
from dcgan.data.members import Member
from dcgan.data.picture_files import PictureSource, read_all
from dcgan.data.picture_fitting import Pixels
from dcgan.data.picture_limits import MIN_IMAGES, get_max_images
from dcgan.data.tally import ARRAY, Tally, quote
from dcgan.data.value_range import FIRST_GUESS, Scale, Storage, classify_storage
from dcgan.errors import DatasetError
from dcgan.reports import ProgressCallback
from dcgan.settings import ImageShape
from dcgan.zip_files import ARCHIVE_ERRORS

_MAX_GZIP_RATIO = 1_100  # Deflate compresses at most 1,032 to 1.

_OTHER_PARTS = re.compile(r"test|t10k|val|label|target|mask", re.IGNORECASE)


class ArrayFile(NamedTuple):
    """A file that holds an array, described by its header.

    Attributes:
        member: The file.
        title: Its name in errors.
        format: NPY, IDX or CSV.
        shape: Shape of the array; of a table the number of rows is -1.
        dtype: dtype of the array.
    """

    member: Member
    title: str
    format: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def stem(self) -> str:
        """Its name without folders and suffixes, in lower case."""
        return PurePosixPath(self.member.name.lower()).name.partition(".")[0]

    @property
    def is_stack(self) -> bool:
        """Whether it holds many pictures, (num_images, height, width[, channels])."""
        if len(self.shape) == 4:
            return self.shape[3] in (1, 3, 4)
        return self.format == CSV or (len(self.shape) == 3 and not self.is_picture)

    @property
    def is_picture(self) -> bool:
        """Whether it holds one picture: (height, width), with channels last, first or absent."""
        if len(self.shape) == 3:
            return self.shape[2] in (1, 3, 4) or self.shape[0] in (1, 3, 4)
        return len(self.shape) == 2 and min(self.shape) >= MIN_SIDE


# Files of arrays.


def read_array_file(
    member: Member, name: str, tally: Tally, progress: ProgressCallback, image_shape: ImageShape
) -> Pixels:
    """Read the pictures of one file: .npy, IDX or .csv, gzipped or not.

    Args:
        member: The file.
        name: Its name in errors.
        tally: Receives remarks.
        progress: Reports how much has been read.
        image_shape: Shape of each resulting picture, square.

    Returns:
        uint8 in [0, 255], shape (num_images, height, width), or (…, 3) in colour.

    Raises:
        DatasetError: If it holds no pictures, is damaged or over a limit.
    """
    try:
        found = _identify(member, name)
    except Unusable as unusable:
        raise DatasetError(f"dataset: {quote(name)} is {unusable}; save it again.") from None
    except ARCHIVE_ERRORS as error:
        raise DatasetError(
            f"dataset: {quote(name)} is damaged or cut short ({error}); copy or save it again."
        ) from None
    return _read_files([found], name, tally, progress, image_shape)


def find_arrays(members: Sequence[Member]) -> list[ArrayFile]:
    """Find the arrays of pictures among several files, such as those of a folder.

    Returns:
        The files that could hold many pictures; if there are none, those that could hold one
        picture each or are a flat table.
    """
    found = []
    for member in _drop_gzipped_copies(members):
        with suppress(Unusable, DatasetError, *ARCHIVE_ERRORS):
            found.append(_identify(member, member.name))
    return [each for each in found if each.is_stack] or [each for each in found if each.is_picture]


def read_arrays(
    found: Sequence[ArrayFile],
    members: Sequence[Member],
    name: str,
    tally: Tally,
    progress: ProgressCallback,
    image_shape: ImageShape,
) -> Pixels:
    """Read the pictures of several files; other arguments and result as in `read_array_file`.

    Args:
        found: Result of `find_arrays`, at least one file.
        members: All files that were searched; those that are not read are counted in the tally.
        name: Name of the folder or archive in errors.
    """
    chosen = _choose_files(found, name)
    used = {each.member.name for each in chosen}
    for member in _drop_gzipped_copies(members):
        if member.name not in used:
            tally.leave_out(member.name, ARRAY)
    if len(members) > len(chosen) == 1:
        tally.remarks.append(f"from {chosen[0].title}")
    return _read_files(chosen, name, tally, progress, image_shape)


def _drop_gzipped_copies(members: Sequence[Member]) -> list[Member]:
    """Leave out gzipped copies of other files: MNIST's files often come packed and unpacked."""
    names = {member.name for member in members}
    return [each for each in members if each.name.removesuffix(".gz") not in names - {each.name}]


def _read_files(
    chosen: Sequence[ArrayFile],
    name: str,
    tally: Tally,
    progress: ProgressCallback,
    image_shape: ImageShape,
) -> Pixels:
    if chosen[0].is_picture and len(chosen) > 1:
        return read_all([_make_array_source(each) for each in chosen], tally, progress, image_shape)
    for each in chosen:
        if each.format != CSV:
            least = MIN_IMAGES if len(chosen) == 1 else 1
            check_array(each.title, each.shape, each.dtype, name, image_shape, least)
    return decode_arrays(
        [partial(_load_array, each, image_shape) for each in chosen],
        name,
        tally,
        progress,
        image_shape,
    )


def _identify(member: Member, title: str) -> ArrayFile:
    """Read the header of an array's file.

    Raises:
        Unusable, DatasetError: If the file holds no array.
        ARCHIVE_ERRORS: If the file is damaged.
    """
    with _open_unpacked(member) as (file, _):
        head = file.read(file_kinds.HEAD_BYTES)
    kind = file_kinds.find_kind_by_head(head)
    if kind == NPY:
        with _open_unpacked(member) as (file, _):
            return ArrayFile(member, title, NPY, *read_header(file, title))
    if kind == IDX:
        return ArrayFile(member, title, IDX, *read_idx_header(head))
    if kind is None and file_kinds.find_kind_by_suffix(member.name.removesuffix(".gz")) == CSV:
        with _open_unpacked(member) as (file, _):
            side = picture_tables.read_layout(file, quote(title)).side
        return ArrayFile(member, title, CSV, (-1, side, side), np.dtype(np.uint8))
    if isinstance(kind, file_kinds.UnsupportedKind):
        raise DatasetError(kind.explain_refusal(quote(title)))
    problem = "is not what its name says" if head else "is empty"
    raise DatasetError(
        f"dataset: {quote(title)} {problem}; expected a .npy, IDX or .csv file of pictures: copy "
        "or save it again."
    )


@contextmanager
def _open_unpacked(member: Member) -> Iterator[tuple[IO[bytes], int]]:
    """Open a file, and decompress it if it is gzipped.

    Yields:
        The open file, and an upper bound of its decompressed size in bytes.
    """
    with member.open() as file:
        is_packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if not is_packed:
            yield file, member.size()
            return
        with gzip.GzipFile(fileobj=file) as unpacked:
            yield cast("IO[bytes]", unpacked), member.size() * _MAX_GZIP_RATIO


def _choose_files(found: Sequence[ArrayFile], name: str) -> list[ArrayFile]:
    """Choose the files that hold the training pictures.

    Raises:
        DatasetError: If several files could, and neither names nor shapes decide.
    """
    if len(found) == 1:
        return list(found)
    if found[0].is_picture:
        widths, heights = {each.shape[1] for each in found}, {each.shape[0] for each in found}
        is_flat = len(widths) == 1 < len(heights) and math.isqrt(max(widths)) ** 2 == max(widths)
        # `check_array` refuses a flat table and explains how to reshape it.
        return list(found[:1] if is_flat else found)
    for array_name in ARRAY_NAMES:
        named = [each for each in found if each.stem == array_name]
        if len(named) == 1:
            return named
    training = [each for each in found if "train" in each.stem]
    others = [each for each in found if not _OTHER_PARTS.search(each.stem)]
    parts = training or others
    if parts and len({(each.shape[1:], each.dtype, each.format) for each in parts}) == 1:
        return parts  # One set, perhaps in several files, such as one for each class.
    shapes = "; ".join(f"{each.title}: {each.shape}" for each in found[:8])
    raise DatasetError(
        f"dataset: {quote(name)} holds {len(found)} arrays that could be pictures ({shapes}); "
        "expected one, or several of one shape and dtype: give the path of that file alone."
    )


def _load_array(found: ArrayFile, image_shape: ImageShape) -> NDArray[Any]:
    """Read a whole array, whose header was checked.

    Raises:
        DatasetError: If the file is damaged, over a limit or too large for the memory.
    """
    try:
        if found.format == CSV:
            with _open_unpacked(found.member) as (file, _):
                return picture_tables.read_table(
                    file, quote(found.title), get_max_images(image_shape), MAX_ARRAY_BYTES // 2
                )
        num_bytes = math.prod(found.shape) * found.dtype.itemsize
        with _open_unpacked(found.member) as (file, most_bytes):
            if num_bytes > most_bytes:
                raise EOFError("its header promises more than it holds")
            if found.format == NPY:
                return np.lib.format.read_array(file, allow_pickle=False)
            file.read(4 + 4 * len(found.shape))
            numbers = np.empty(num_bytes, np.uint8)
            _read_exactly(file, numbers)
            return numbers.view(found.dtype).reshape(found.shape)
    except MemoryError:
        raise make_too_large_error(found.title) from None
    except Unusable as unusable:
        raise DatasetError(f"dataset: {quote(found.title)} is {unusable}; save it again.") from None
    except HEADER_ERRORS as error:
        raise DatasetError(
            f"dataset: the pictures in {quote(found.title)} are damaged or cut short "
            f"({error}); copy or save the file again."
        ) from error


def _read_exactly(file: IO[bytes], target: NDArray[np.uint8]) -> None:
    """Fill an array with the next bytes of a file.

    Raises:
        EOFError: If the file ends before.
    """
    done = 0
    while done < len(target):
        part = file.read(min(2**20, len(target) - done))
        if not part:
            raise EOFError("its header promises more than it holds")
        target[done : done + len(part)] = np.frombuffer(part, np.uint8)
        done += len(part)


def _make_array_source(found: ArrayFile) -> PictureSource:
    """Make a source of a file whose array is one picture."""

    def decode_single(shape: ImageShape, scales: Mapping[Storage, Scale]) -> Decoded:
        if found.dtype.kind not in "buif":
            raise Unusable(NOT_A_PICTURE, f"an array of {found.dtype}")
        if math.prod(found.shape) > MAX_PICTURE_PIXELS:
            raise Unusable(TOO_LARGE)
        try:
            image = _load_array(found, shape)
        except DatasetError as error:
            raise Unusable(DAMAGED, str(error)) from None
        if image.ndim == 3 and image.shape[2] not in (1, 3, 4):
            image = np.moveaxis(image, 0, -1)  # PyTorch puts the channels first.
        if min(image.shape[:2]) < MIN_SIDE:
            raise Unusable(TOO_SMALL)
        try:
            lows, highs = measure_array(image[None], found.title)
        except DatasetError:
            raise Unusable(UNKNOWN_RANGE, "NaN or infinite") from None
        storage = classify_storage(image.dtype)
        scale = scales.get(storage, FIRST_GUESS[storage])
        pixels = decode_array(image[None], found.title, shape, scale)[0]
        return Decoded(pixels, storage, float(lows[0]), float(highs[0]), has_frames=False)

    return PictureSource(found.member.name, decode_single)
