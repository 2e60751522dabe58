"""Files that hold one array each, gzipped or not: .npy, IDX and .csv; identified and read.

This module never unpickles.
"""

from __future__ import annotations

import gzip
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO, Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from dcgan.arrays import picture_tables
from dcgan.arrays.array_decoding import make_too_large_error
from dcgan.arrays.array_headers import (
    HEADER_ERRORS,
    MAX_ARRAY_BYTES,
    read_header,
    read_idx_header,
)
from dcgan.arrays.picture_tables import Table
from dcgan.config.config_text import quote_name
from dcgan.errors import DatasetError
from dcgan.pictures import file_kinds
from dcgan.pictures.decoding import MIN_SIDE, Unusable
from dcgan.pictures.file_kinds import CSV, IDX, NPY
from dcgan.pictures.members import Member

_MAX_GZIP_RATIO = 1_100  # Deflate compresses at most 1,032 to 1.


class ArrayFile(NamedTuple):
    """A file that holds an array, described by its header.

    Attributes:
        member: The file.
        title: Name of the file in errors.
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
        """Name of the file without folders and suffixes, in lower case."""
        return PurePosixPath(self.member.name.lower()).name.partition(".")[0]

    @property
    def is_stack(self) -> bool:
        """Whether it holds many pictures, (num_images, height, width[, channels])."""
        if len(self.shape) == 4:
            return self.shape[3] in (1, 3, 4)
        return self.format == CSV or (len(self.shape) == 3 and not self.is_picture)

    @property
    def is_misshapen_stack(self) -> bool:
        """Whether it seems to hold many pictures with their axes in an order that is not read.

        One such order is (num_images, 3, height, width).
        """
        return len(self.shape) > 3 and not self.is_stack

    @property
    def is_picture(self) -> bool:
        """Whether it holds one picture: (height, width), with channels last, first or absent."""
        if len(self.shape) == 3:
            return self.shape[2] in (1, 3, 4) or self.shape[0] in (1, 3, 4)
        return len(self.shape) == 2 and min(self.shape) >= MIN_SIDE


def identify_array(member: Member, title: str) -> ArrayFile:
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
            side = picture_tables.read_layout(file, quote_name(title)).side
        return ArrayFile(member, title, CSV, (-1, side, side), np.dtype(np.uint8))
    if isinstance(kind, file_kinds.UnsupportedKind):
        raise DatasetError(kind.explain_refusal(quote_name(title)))
    problem = "is not what its name says" if head else "is empty"
    raise DatasetError(
        f"{quote_name(title)} {problem}; expected a .npy, IDX or .csv file of pictures: copy "
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


def load_table(found: ArrayFile, max_images: int) -> Table:
    """Read a whole table of at most `max_images` pictures.

    Raises:
        DatasetError: If the file is damaged, over a limit or too large for the memory, or its rows
            are not square pictures.
    """
    with _translate_errors(found.title), _open_unpacked(found.member) as (file, _):
        return picture_tables.read_table(
            file, quote_name(found.title), max_images, MAX_ARRAY_BYTES // 2
        )


def load_array(found: ArrayFile) -> NDArray[Any]:
    """Read a whole array of a .npy or IDX file, whose header was checked.

    Raises:
        DatasetError: If the file is damaged, over a limit or too large for the memory.
    """
    num_bytes = math.prod(found.shape) * found.dtype.itemsize
    with _translate_errors(found.title), _open_unpacked(found.member) as (file, max_bytes):
        if num_bytes > max_bytes:
            raise EOFError("its header promises more than it holds")
        if found.format == NPY:
            return np.lib.format.read_array(file, allow_pickle=False)
        file.read(4 + 4 * len(found.shape))
        numbers = np.empty(num_bytes, np.uint8)
        _read_exactly(file, numbers)
        return numbers.view(found.dtype).reshape(found.shape)


@contextmanager
def _translate_errors(title: str) -> Iterator[None]:
    """Turn errors of reading a file into `DatasetError`."""
    try:
        yield
    except MemoryError:
        raise make_too_large_error(title) from None
    except Unusable as unusable:
        raise DatasetError(f"{quote_name(title)} is {unusable}; save it again.") from None
    except HEADER_ERRORS as error:
        raise DatasetError(
            f"the pictures in {quote_name(title)} are damaged or cut short "
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
