"""Arrays and tables of pictures: .npy, .npz, MNIST's IDX files, and .csv with a row a picture.

This module owns how their headers are read and bounded before anything is allocated, and which of
several arrays holds the pictures. Nothing is ever unpickled.
"""

from __future__ import annotations

import gzip
import math
import re
import struct
import tokenize
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import PurePosixPath
from typing import IO, Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from dcgan import file_kinds, picture_tables
from dcgan.config import ImageShape
from dcgan.decoding import (
    DAMAGED,
    MAX_PICTURE_PIXELS,
    MIN_SIDE,
    NOT_A_PICTURE,
    TOO_LARGE,
    TOO_SMALL,
    UNKNOWN_RANGE,
    Decoded,
    Pixels,
    Unusable,
    choose_scale,
    decode_array,
    measure_array,
    stored_shape,
)
from dcgan.errors import DatasetError
from dcgan.file_kinds import CSV, IDX, NPY
from dcgan.picture_files import (
    ARCHIVE_ERRORS,
    ARRAY,
    MIN_IMAGES,
    BoundedReader,
    Member,
    Source,
    Tally,
    mebi,
    most_images,
    open_archive,
    quote,
    read_all,
    refuse_locked,
)
from dcgan.track import Track
from dcgan.value_range import FIRST_GUESS, Scale, Storage, storage_of

MAX_ARRAY_BYTES = 4 * 2**30  # An array of pictures, which is in memory whole.
MAX_ARRAYS = 1_000  # Arrays in a .npz whose headers are read to find the pictures.
_MAX_GZIP_RATIO = 1_100  # Deflate packs 1,032 bytes into one at best.

# Keras, our own `generate`, np.savez, TensorFlow's and MedMNIST's own names.
_ARRAY_NAMES = ("x_train", "images", "x", "arr_0", "train_images")
_OTHER_PARTS = re.compile(r"test|t10k|val|label|target|mask", re.IGNORECASE)

# What NumPy raises on a damaged .npy header, which it reads with Python's own parser.
_HEADER_ERRORS = (
    *ARCHIVE_ERRORS,
    AttributeError,
    MemoryError,
    SyntaxError,
    TypeError,
    tokenize.TokenError,
    Warning,
)

# Of the IDX format, http://yann.lecun.com/exdb/mnist/: numbers are stored with the high byte first.
_IDX_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


class Found(NamedTuple):
    """A file with an array whose header was read; `title` is what an error calls it."""

    member: Member
    title: str
    format: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def stem(self) -> str:
        """Its name without folders and suffixes, in small letters."""
        return PurePosixPath(self.member.name.lower()).name.partition(".")[0]

    @property
    def is_stack(self) -> bool:
        """Whether it holds many pictures, (num_images, height, width[, channels])."""
        if len(self.shape) == 4:
            return self.shape[3] in (1, 3, 4)
        return self.format == CSV or (len(self.shape) == 3 and not self.is_picture)

    @property
    def is_picture(self) -> bool:
        """Whether it is one picture: (height, width), or with channels behind or before that."""
        if len(self.shape) == 3:
            return self.shape[2] in (1, 3, 4) or self.shape[0] in (1, 3, 4)
        return len(self.shape) == 2 and min(self.shape) >= MIN_SIDE


# Files of arrays.


def read_array_file(
    member: Member, name: str, tally: Tally, track: Track, wanted: ImageShape
) -> Pixels:
    """Read the pictures of one file: .npy, IDX or .csv, gzipped or not.

    Args:
        member: The file.
        name: What an error calls it.
        tally: Takes remarks.
        track: Follows what takes long.
        wanted: As each picture is wanted, square.

    Raises:
        DatasetError: If it holds no pictures, is damaged or beyond a bound.
    """
    try:
        found = _look(member, name)
    except Unusable as unusable:
        raise DatasetError(f"dataset: {quote(name)} is {unusable}; save it again.") from None
    except ARCHIVE_ERRORS as error:
        raise DatasetError(
            f"dataset: {quote(name)} is damaged or cut short ({error}); copy or save it again."
        ) from None
    return _read_chosen([found], name, tally, track, wanted)


def find_arrays(members: Sequence[Member]) -> list[Found]:
    """Look for arrays of pictures among several files, such as those of a folder.

    Returns:
        Those that could hold many pictures; if there are none, those that could be one picture
        each, or flat.
    """
    found = []
    for member in _without_twins(members):
        with suppress(Unusable, DatasetError, *ARCHIVE_ERRORS):
            found.append(_look(member, member.name))
    return [each for each in found if each.is_stack] or [each for each in found if each.is_picture]


def read_arrays(
    found: Sequence[Found],
    members: Sequence[Member],
    name: str,
    tally: Tally,
    track: Track,
    wanted: ImageShape,
) -> Pixels:
    """Read the pictures of several files; other arguments as in `read_array_file`.

    Args:
        found: What `find_arrays` found, at least one.
        members: Where it looked; those that are not read are counted.
        name: What an error calls the folder or archive.
    """
    chosen = _choose(found, name)
    used = {each.member.name for each in chosen}
    for member in _without_twins(members):
        if member.name not in used:
            tally.leave_out(member.name, ARRAY)
    if len(members) > len(chosen) == 1:
        tally.remarks.append(f"from {chosen[0].title}")
    return _read_chosen(chosen, name, tally, track, wanted)


def _without_twins(members: Sequence[Member]) -> list[Member]:
    """Leave out the gzipped twin of a file: MNIST's often lie there both packed and unpacked."""
    names = {member.name for member in members}
    return [each for each in members if each.name.removesuffix(".gz") not in names - {each.name}]


def _read_chosen(
    chosen: Sequence[Found], name: str, tally: Tally, track: Track, wanted: ImageShape
) -> Pixels:
    if chosen[0].is_picture and len(chosen) > 1:
        return read_all([_source_of(each) for each in chosen], tally, track, wanted)
    for each in chosen:
        if each.format != CSV:
            least = MIN_IMAGES if len(chosen) == 1 else 1
            _check_array(each.title, each.shape, each.dtype, name, wanted, least)
    return _scaled_together(
        [partial(_load, each, wanted) for each in chosen], name, tally, track, wanted
    )


def _look(member: Member, title: str) -> Found:
    """Read an array's header.

    Raises:
        Unusable, DatasetError: If it is no array.
        ARCHIVE_ERRORS: If it is damaged.
    """
    with _unpacked(member) as (file, _):
        head = file.read(file_kinds.HEAD_BYTES)
    kind = file_kinds.kind_by_head(head)
    if kind == NPY:
        with _unpacked(member) as (file, _):
            return Found(member, title, NPY, *_read_header(file, title))
    if kind == IDX:
        return Found(member, title, IDX, *_idx_header(head))
    if kind is None and file_kinds.kind_by_suffix(member.name.removesuffix(".gz")) == CSV:
        with _unpacked(member) as (file, _):
            side = picture_tables.read_layout(file, quote(title)).side
        return Found(member, title, CSV, (-1, side, side), np.dtype(np.uint8))
    if isinstance(kind, file_kinds.Foreign):
        raise DatasetError(kind.refusal(quote(title)))
    problem = "is not what its name says" if head else "is empty"
    raise DatasetError(
        f"dataset: {quote(title)} {problem}; expected a .npy, IDX or .csv file of pictures: copy "
        "or save it again."
    )


@contextmanager
def _unpacked(member: Member) -> Iterator[tuple[IO[bytes], int]]:
    """Open a file, unpacked if it is gzipped; with the most bytes that it can hold."""
    with member.open() as file:
        is_packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if not is_packed:
            yield file, member.size()
            return
        with gzip.GzipFile(fileobj=file) as unpacked:
            yield cast("IO[bytes]", unpacked), member.size() * _MAX_GZIP_RATIO


def _choose(found: Sequence[Found], name: str) -> list[Found]:
    """Choose the files that hold the pictures."""
    if len(found) == 1:
        return list(found)
    if found[0].is_picture:
        widths, heights = {each.shape[1] for each in found}, {each.shape[0] for each in found}
        is_flat = len(widths) == 1 < len(heights) and math.isqrt(max(widths)) ** 2 == max(widths)
        return list(found[:1] if is_flat else found)  # Whose refusal says how to reshape it.
    for array_name in _ARRAY_NAMES:
        named = [each for each in found if each.stem == array_name]
        if len(named) == 1:
            return named
    training = [each for each in found if "train" in each.stem]
    others = [each for each in found if not _OTHER_PARTS.search(each.stem)]
    parts = training or others
    if parts and len({(each.shape[1:], each.dtype, each.format) for each in parts}) == 1:
        return parts  # One set, perhaps in several files, such as one a class.
    shapes = "; ".join(f"{each.title}: {each.shape}" for each in found[:8])
    raise DatasetError(
        f"dataset: {quote(name)} holds {len(found)} arrays that could be pictures ({shapes}); "
        "expected one, or several of one shape and dtype: give the path of that file alone."
    )


def _load(found: Found, wanted: ImageShape) -> NDArray[Any]:
    """Read an array whole, when its header is within the bounds."""
    try:
        if found.format == CSV:
            with _unpacked(found.member) as (file, _):
                return picture_tables.read_table(
                    file, quote(found.title), most_images(wanted), MAX_ARRAY_BYTES // 2
                )
        num_bytes = math.prod(found.shape) * found.dtype.itemsize
        with _unpacked(found.member) as (file, most_bytes):
            if num_bytes > most_bytes:
                raise EOFError("its header promises more than it holds")
            if found.format == NPY:
                return np.lib.format.read_array(file, allow_pickle=False)
            file.read(4 + 4 * len(found.shape))
            numbers = np.empty(num_bytes, np.uint8)
            _fill(file, numbers)
            return numbers.view(found.dtype).reshape(found.shape)
    except MemoryError:
        raise _too_large(found.title) from None
    except Unusable as unusable:
        raise DatasetError(f"dataset: {quote(found.title)} is {unusable}; save it again.") from None
    except _HEADER_ERRORS as error:
        raise DatasetError(
            f"dataset: the pictures in {quote(found.title)} are damaged or cut short "
            f"({error}); copy or save the file again."
        ) from error


def _fill(file: IO[bytes], target: NDArray[np.uint8]) -> None:
    """Read exactly as many bytes as fit."""
    done = 0
    while done < len(target):
        part = file.read(min(2**20, len(target) - done))
        if not part:
            raise EOFError("its header promises more than it holds")
        target[done : done + len(part)] = np.frombuffer(part, np.uint8)
        done += len(part)


def _too_large(name: str) -> DatasetError:
    return DatasetError(
        f"dataset: {quote(name)} is too large for this machine's free memory; give "
        "fewer or smaller pictures, or uint8 instead of floating point."
    )


def _scaled_together(
    loads: Sequence[Callable[[], NDArray[Any]]],
    name: str,
    tally: Tally,
    track: Track,
    wanted: ImageShape,
) -> Pixels:
    """Make pixels of one array or several of the same dtype, with one scale for all."""
    images = loads[0]()
    extents = [measure_array(images, quote(name))]
    for load in loads[1:]:
        images = load()
        extents.append(measure_array(images, quote(name)))
    lows, highs = (np.concatenate(each) for each in zip(*extents, strict=True))
    if len(lows) > most_images(wanted):
        raise DatasetError(
            f"dataset: {quote(name)} holds {len(lows):,} pictures; expected at most "
            f"{most_images(wanted):,}: give fewer."
        )
    if not len(lows):
        return np.empty((0, *stored_shape(wanted)), np.uint8)
    scale, words = choose_scale(lows, highs, images.dtype, quote(name))
    if words:
        tally.remarks.append(words)
    if len(loads) == 1:
        return decode_array(images, quote(name), wanted, scale)
    pixels = np.empty((len(lows), *stored_shape(wanted)), np.uint8)
    start = 0
    for load in track(loads, "Reading the pictures", len(loads)):
        part = decode_array(load(), quote(name), wanted, scale)
        pixels[start : start + len(part)] = part
        start += len(part)
    return pixels


def _source_of(found: Found) -> Source:
    """Return the picture of an array that holds one."""

    def decode_single(shape: ImageShape, scales: Mapping[Storage, Scale]) -> Decoded:
        if found.dtype.kind not in "buif":
            raise Unusable(NOT_A_PICTURE, f"an array of {found.dtype}")
        if math.prod(found.shape) > MAX_PICTURE_PIXELS:
            raise Unusable(TOO_LARGE)
        try:
            image = _load(found, shape)
        except DatasetError as error:
            raise Unusable(DAMAGED, str(error)) from None
        if image.ndim == 3 and image.shape[2] not in (1, 3, 4):
            image = np.moveaxis(image, 0, -1)  # PyTorch has the channels first.
        if min(image.shape[:2]) < MIN_SIDE:
            raise Unusable(TOO_SMALL)
        try:
            lows, highs = measure_array(image[None], found.title)
        except DatasetError:
            raise Unusable(UNKNOWN_RANGE, "NaN or infinite") from None
        storage = storage_of(image.dtype)
        scale = scales.get(storage, FIRST_GUESS[storage])
        pixels = decode_array(image[None], found.title, shape, scale)[0]
        return Decoded(pixels, storage, float(lows[0]), float(highs[0]), has_frames=False)

    return Source(found.member.name, decode_single)


# NumPy's archives.


def read_npz(
    file: BoundedReader, name: str, tally: Tally, track: Track, wanted: ImageShape
) -> Pixels:
    """Read the pictures of a .npz as (num_images, height, width[, 3]).

    `np.load` would allocate whatever a header claims; here the header is read and bounded
    first, and `read_array`, which `np.load` uses too, never unpickles.
    """
    with open_archive(file, name) as archive:
        member, shape, dtype, is_one_of_several = _find_array(archive, name)
        array_name = PurePosixPath(member.filename).stem
        _check_array(array_name, shape, dtype, name, wanted)
        if is_one_of_several:
            tally.remarks.append(f"from its array {array_name}")

        def load() -> NDArray[Any]:
            try:
                if math.prod(shape) * dtype.itemsize > member.file_size:
                    raise EOFError("its header promises more than it holds")
                with archive.open(member) as stream:
                    return np.lib.format.read_array(stream, allow_pickle=False)
            except MemoryError:
                raise _too_large(name) from None
            except _HEADER_ERRORS as error:
                raise DatasetError(
                    f"dataset: the pictures in {quote(name)} are damaged or cut short ({error}); "
                    "save it again with np.savez_compressed."
                ) from error

        return _scaled_together([load], name, tally, track, wanted)


def _find_array(
    archive: zipfile.ZipFile, name: str
) -> tuple[zipfile.ZipInfo, tuple[int, ...], np.dtype[Any], bool]:
    """Choose the array of pictures, by name or as the only one that could be.

    Returns:
        Its member, shape and dtype, and whether others could be pictures too.
    """
    arrays = {
        member.filename.removesuffix(".npy"): member
        for member in archive.infolist()
        if member.filename.endswith(".npy")
    }
    if len(arrays) > MAX_ARRAYS:
        raise DatasetError(
            f"dataset: {quote(name)} holds {len(arrays):,} arrays; expected one array with all "
            "pictures: save it with np.savez_compressed(file, images=np.stack(pictures))."
        )
    refuse_locked(arrays.values(), name)
    named = [array_name for array_name in _ARRAY_NAMES if array_name in arrays]
    headers: dict[str, tuple[tuple[int, ...], np.dtype[Any]]] = {}
    for array_name in named or arrays:
        headers[array_name] = _member_header(archive, arrays[array_name], name)
    # A known name decides, unless something else bears it and one array could be pictures.
    for array_name in named:
        if len(headers[array_name][0]) in (3, 4):
            return (arrays[array_name], *headers[array_name], False)
    for array_name in arrays:
        if array_name not in headers:
            headers[array_name] = _member_header(archive, arrays[array_name], name)
    stacks = [each for each, (shape, _) in headers.items() if len(shape) in (3, 4)]
    large = [each for each in stacks if _could_be_pictures(*headers[each])]
    training = [each for each in large if "train" in each.lower()]
    for candidates in (stacks, large, training):
        if len(candidates) == 1:
            chosen = candidates[0]
            return (arrays[chosen], *headers[chosen], len(stacks) > 1)
    if named:
        return (arrays[named[0]], *headers[named[0]], False)
    flat = [each for each, (shape, _) in headers.items() if len(shape) == 2]
    if not stacks and len(flat) == 1:  # Its refusal says how to reshape it.
        side = math.isqrt(headers[flat[0]][0][1])
        if side >= MIN_SIDE and side * side == headers[flat[0]][0][1] and side != 8:
            return (arrays[flat[0]], *headers[flat[0]], False)
    shapes = ", ".join(f"{each} {shape}" for each, (shape, _) in list(headers.items())[:8])
    raise DatasetError(
        f"dataset: {quote(name)} holds {len(stacks) or 'no'} arrays that could be pictures"
        f"{f' ({shapes})' if shapes else ''}; "
        f"expected one called {', '.join(_ARRAY_NAMES)}, or a single one of shape (num_images, "
        "height, width): save it with np.savez_compressed(file, images=pictures)."
    )


def _could_be_pictures(shape: tuple[int, ...], dtype: np.dtype[Any]) -> bool:
    is_stack = len(shape) == 3 or (len(shape) == 4 and shape[3] in (1, 3, 4))
    is_large = is_stack and shape[0] >= MIN_IMAGES and min(shape[1:3]) >= MIN_SIDE
    return is_large and dtype.kind in "buif"


def _member_header(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str
) -> tuple[tuple[int, ...], np.dtype[Any]]:
    try:
        with archive.open(member) as stream:
            return _read_header(stream, name, member.filename)
    except ARCHIVE_ERRORS as error:
        raise _bad_header(name, member.filename, error) from error


# Headers.


def _read_header(
    stream: IO[bytes], name: str, array: str = ""
) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Read the header of a .npy file."""
    try:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
        else:  # Version 3 is for named fields, which pictures have not; it fails in words.
            shape, _, dtype = np.lib.format.read_array_header_2_0(stream)
    except _HEADER_ERRORS as error:
        raise _bad_header(name, array, error) from error
    return shape, dtype


def _bad_header(name: str, array: str, error: BaseException) -> DatasetError:
    of_file = f"the array {quote(array)} in {quote(name)}" if array else f"the array {quote(name)}"
    return DatasetError(
        f"dataset: {of_file} cannot be read ({error}); save it again with np.savez_compressed or "
        "np.save."
    )


def _idx_header(head: bytes) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Read the header of an IDX file."""
    num_axes = head[3]
    if len(head) < 4 + 4 * num_axes:
        raise EOFError("it ends within its header")
    return struct.unpack_from(f">{num_axes}I", head, 4), np.dtype(_IDX_TYPES[head[2]])


def _check_array(
    array: str,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    name: str,
    wanted: ImageShape,
    least: int = MIN_IMAGES,
) -> None:
    """Refuse an array by its header, before there is one."""
    size, most = f"{wanted[0]}×{wanted[1]}", most_images(wanted)
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
            f"{came}, {mebi(num_bytes)}; expected at most {mebi(MAX_ARRAY_BYTES)}: resize the "
            f"pictures, {size} is enough, or save them as uint8."
        )
