"""Own pictures in: files and folders of strangers become pixels of one shape.

This module owns where the pictures of a folder or an archive are, which are left out, and
whether all are inverted; how one gets its shape is `decoding`'s. It knows no network, no
run and no screen, and not what a data set is: `datasets.load_dataset` wraps what it reads.

Each file is bounded before it is decoded, nothing is unpickled, and an archive's members are
read in memory: their names only order the pictures and tell their kind; they are never used as
paths, so `../` in one reaches nothing.
"""

from __future__ import annotations

import io
import math
import os
import stat
import struct
import tokenize
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcgan.config import DIGIT_SHAPE, ImageShape
from dcgan.decoding import (
    DAMAGED,
    MAX_PICTURE_PIXELS,
    MIN_SIDE,
    NOT_A_PICTURE,
    TOO_LARGE,
    Pixels,
    Unusable,
    decode_array,
    decode_picture,
    have_light_border,
    stored_shape,
)
from dcgan.errors import DatasetError
from dcgan.track import Track, untracked

MIN_IMAGES = 64  # One batch of the default size; with fewer there is nothing to learn from.
MAX_IMAGES = 1_000_000
# Of all pictures, which are held in memory: a million of 28×28, 262,144 of 64×64 in colour.
MAX_PIXEL_BYTES = 3 * 2**30
MAX_FILE_BYTES = 32 * 2**20  # One picture's file, and an archive's table of contents.
MAX_UNPACKED_BYTES = 8 * 2**30  # All pictures of a .zip; they pass one by one.
MAX_ARRAY_BYTES = 4 * 2**30  # The array of a .npz, which is in memory whole.
MAX_ARRAYS = 1_000  # Arrays in a .npz whose headers are read to find the pictures.

# fmt: off
_PICTURE_SUFFIXES = (
    ".png", ".jpg", ".jpeg", ".jfif", ".gif", ".bmp", ".pbm", ".pgm", ".ppm", ".pnm", ".webp",
    ".tif", ".tiff",
)
# fmt: on
_ARCHIVE_SUFFIXES = (".zip", ".npz", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".7z", ".rar")
_ARRAY_NAMES = ("x_train", "images", "x", "arr_0")  # Keras, our own `generate`, np.savez.

# What `zipfile` raises on a damaged archive (NotImplementedError is a RuntimeError).
ARCHIVE_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    LookupError,
    RuntimeError,
    ValueError,
)
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

# Why a file was left out, in the words of `ImageDataset.note`; `decoding` has more.
_NOT_READABLE = "not readable"
_LINKED_FOLDER = "behind a link to a folder"
_ARCHIVE = "still packed in an archive"


def read_pictures(
    name: str, polarity: str, track: Track = untracked, shape: ImageShape = DIGIT_SHAPE
) -> tuple[str, Pixels, str]:
    """Find and read own pictures, and settle their polarity; `load_dataset` says how.

    Args:
        name: The path of a folder, a .zip or a .npz; `~` is your home.
        polarity: "as_is", "inverted", or "auto", which inverts all of them when most have light
            borders and they are grey.
        track: Follows the pictures of a folder or a .zip as they are read.
        shape: As each is wanted, square.

    Returns:
        The file's or folder's own name; uint8 in [0, 255], shape (num_images, height, width), of
        colours (…, 3); and one sentence for people: what was read, left out and inverted.

    Raises:
        DatasetError: If nothing is there, fewer than 64 pictures are usable, or a file is
            damaged, encrypted or beyond a bound.
    """
    path, mode = _locate(name)
    left_out: Counter[str] = Counter()
    if stat.S_ISDIR(mode):
        pixels = _read_folder(path, left_out, track, shape)
    elif not stat.S_ISREG(mode) or path.suffix.lower() not in (".npz", ".zip"):
        raise DatasetError(
            f"dataset: {_quote(name)} is neither a folder nor a .npz or .zip file; put your "
            f"pictures into a folder (at least {MIN_IMAGES} of them) and give its path."
        )
    else:
        with _open_bounded(path) as file:
            if path.suffix.lower() == ".npz":
                pixels = _read_npz(file, name, shape)
            else:
                pixels = _read_zip(file, name, left_out, track, shape)
    if len(pixels) < MIN_IMAGES:
        mend = "add more pictures."
        if left_out[_ARCHIVE]:
            mend = "unpack the archives inside it and give the folder with the pictures."
        elif left_out[_LINKED_FOLDER]:
            mend = "links to folders are not followed: give the folder that they lead to."
        raise DatasetError(
            f"dataset: {_quote(name)} holds {len(pixels) or 'no'} usable picture"
            f"{'' if len(pixels) == 1 else 's'}{_left_out_words(left_out)}; expected at least "
            f"{MIN_IMAGES}: {mend}"
        )
    note = f"{len(pixels):,} pictures read{_left_out_words(left_out)}"
    if polarity == "inverted":
        note += ", inverted"
    elif (
        polarity == "auto"
        and shape[2] == 1  # Colours turned round are other colours.
        and 2 * np.count_nonzero(have_light_border(pixels)) > len(pixels)
    ):
        polarity = "inverted"
        note += ", inverted: light borders"
    if polarity == "inverted":
        np.subtract(255, pixels, out=pixels)
    return path.name or path.resolve().name or str(path), pixels, f"{note}."


def _locate(name: str) -> tuple[Path, int]:
    """Find what a path leads to: the path with `~` filled in, and its kind (`st_mode`)."""
    problem = "there is no such file or folder"
    if name.strip():  # The empty path would be the current folder.
        try:
            path = Path(name).expanduser()
            return path, path.stat().st_mode
        except FileNotFoundError:
            pass
        except (OSError, RuntimeError, ValueError) as error:  # Denied, too long, no home, NUL.
            problem = getattr(error, "strerror", None) or str(error).rstrip(".")
    raise DatasetError(
        f"dataset: got {_quote(name)}, but {problem}; expected mnist, keras, fashion_mnist, or "
        "the path of a .npz, .zip or folder that is there."
    )


def _quote(name: str) -> str:
    """Quote a name for an error, its end if it is long: that is the part that tells."""
    return repr(name if len(name) <= 120 else f"…{name[-119:]}")


def _left_out_words(left_out: Counter[str]) -> str:
    if not left_out:
        return ""
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(left_out.items()))
    return f", {left_out.total():,} left out ({reasons})"


def _is_picture(name: str, left_out: Counter[str]) -> bool:
    """Tell by its suffix whether a file is worth opening, and count it if not."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in _PICTURE_SUFFIXES:
        return True
    left_out[_ARCHIVE if suffix in _ARCHIVE_SUFFIXES else NOT_A_PICTURE] += 1
    return False


def _is_hidden(name: str) -> bool:
    """Tell the system's own files (.DS_Store, macOS's ._ twins), which nobody meant to add."""
    return name.startswith(".") or name in ("__MACOSX", "Thumbs.db", "desktop.ini")


def _most_images(shape: ImageShape) -> int:
    """Return how many pictures of a shape are read at most."""
    return min(MAX_IMAGES, MAX_PIXEL_BYTES // math.prod(shape))


def _read_all(
    reads: Iterable[Callable[[], bytes]],
    num_reads: int,
    left_out: Counter[str],
    track: Track,
    shape: ImageShape,
) -> Pixels:
    """Read pictures one by one into (num_images, height, width[, 3]); count those left out."""
    pixels = np.empty((num_reads, *stored_shape(shape)), np.uint8)
    num_images = 0
    for read in track(reads, "Reading the pictures", num_reads):
        try:
            pixels[num_images] = decode_picture(read(), shape)
        except Unusable as reason:
            left_out[str(reason)] += 1
        else:
            num_images += 1
    return pixels[:num_images]


# Folders.


def _read_folder(folder: Path, left_out: Counter[str], track: Track, shape: ImageShape) -> Pixels:
    # Not os.walk: before Python 3.12 it recurses, and a deep enough tree ends it.
    files: list[str] = []
    num_seen, most = 0, _most_images(shape)
    pending = [str(folder)]
    while pending:
        try:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    if _is_hidden(entry.name):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
                    elif entry.is_symlink() and Path(entry.path).is_dir():
                        left_out[_LINKED_FOLDER] += 1  # Followed, a loop would not end.
                    else:
                        num_seen += 1
                        if num_seen > most:
                            raise DatasetError(
                                f"dataset: {_quote(str(folder))} holds more than {most:,} "
                                "files; give the folder of your pictures alone, or fewer of them."
                            )
                        if _is_picture(entry.name, left_out):
                            files.append(entry.path)
        except OSError:
            left_out[_NOT_READABLE] += 1
    files.sort()
    reads = (partial(_read_file, file) for file in files)
    return _read_all(reads, len(files), left_out, track, shape)


def _read_file(name: str) -> bytes:
    path = Path(name)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # Opening a named pipe would wait for ever.
            raise Unusable(NOT_A_PICTURE)
        if status.st_size > MAX_FILE_BYTES:
            raise Unusable(TOO_LARGE)
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES)
    except OSError:
        raise Unusable(_NOT_READABLE) from None


# Archives: both kinds are zip files.


class _BoundedReader(io.BufferedReader):
    """A file whose single reads are bounded.

    `zipfile` reads an archive's table of contents in one go and makes an object of each entry,
    whatever its size; its number of entries is only a claim. Here it ends in words instead.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        """Read up to `size` bytes, or refuse if that is beyond the bound."""
        if size is None or size < 0 or size > MAX_FILE_BYTES:
            rest = os.fstat(self.fileno()).st_size - self.tell()
            if (rest if size is None or size < 0 else min(size, rest)) > MAX_FILE_BYTES:
                raise DatasetError(
                    f"dataset: the archive's table of contents is beyond {_mebi(MAX_FILE_BYTES)}, "
                    "too many files for one archive; unpack it and give the folder."
                )
        return super().read(size)


def _open_bounded(path: Path) -> _BoundedReader:
    try:
        return _BoundedReader(io.FileIO(path))
    except OSError as error:
        raise DatasetError(
            f"dataset: {_quote(str(path))} cannot be opened ({error.strerror}); expected a file "
            "that you may read: check its permissions."
        ) from None


def _open_archive(file: _BoundedReader, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except ARCHIVE_ERRORS as error:
        raise DatasetError(
            f"dataset: {_quote(name)} is not a complete {PurePosixPath(name).suffix.lower()} file "
            f"({error}); it may be cut short: copy or save it again."
        ) from error


def _refuse_locked(members: Iterable[zipfile.ZipInfo], name: str) -> None:
    """Refuse what would need a password or an unusual decompressor, before any is read."""
    for member in members:
        if member.flag_bits & 0x1:
            raise DatasetError(
                f"dataset: {_quote(name)} is encrypted; expected one without a password: unpack "
                "it and give the folder, or pack it again without one."
            )
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DatasetError(
                f"dataset: {_quote(name)} is compressed with method {member.compress_type}; "
                "expected 'deflate' or none: unpack it and give the folder, or pack it again."
            )


def _read_zip(
    file: _BoundedReader, name: str, left_out: Counter[str], track: Track, shape: ImageShape
) -> Pixels:
    most = _most_images(shape)
    with _open_archive(file, name) as archive:
        members = [
            member
            for member in archive.infolist()
            if not member.filename.endswith("/")  # is_dir() fails on an empty name.
            and not any(
                _is_hidden(part) for part in PurePosixPath(member.filename).parts if part != ".."
            )
            and _is_picture(member.filename, left_out)
        ]
        if len(members) > most:
            raise DatasetError(
                f"dataset: {_quote(name)} holds {len(members):,} pictures; expected at most "
                f"{most:,}: give fewer."
            )
        _refuse_locked(members, name)
        # `zipfile` gives no more of a member than its declared size, so this bounds what is
        # read as well as what is claimed.
        unpacked = sum(member.file_size for member in members)
        if unpacked > MAX_UNPACKED_BYTES:
            raise DatasetError(
                f"dataset: the pictures in {_quote(name)} would unpack to {_mebi(unpacked)}; "
                f"expected at most {_mebi(MAX_UNPACKED_BYTES)}: unpack it and give the folder, "
                "or fewer or smaller pictures."
            )
        members.sort(key=lambda member: member.filename)
        reads = (partial(_read_member, archive, member) for member in members)
        return _read_all(reads, len(members), left_out, track, shape)


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if member.file_size > MAX_FILE_BYTES:
        raise Unusable(TOO_LARGE)
    try:
        with archive.open(member) as file:
            return file.read(member.file_size)
    except ARCHIVE_ERRORS:
        raise Unusable(DAMAGED) from None


def _mebi(num_bytes: int) -> str:
    return f"{num_bytes / 2**20:,.0f} MiB"


# Arrays.


def _read_npz(file: _BoundedReader, name: str, wanted: ImageShape) -> Pixels:
    """Read the pictures of a .npz as (num_images, height, width[, 3]).

    `np.load` would allocate whatever a header claims; here the header is read and bounded
    first, and `read_array`, which `np.load` uses too, never unpickles.
    """
    with _open_archive(file, name) as archive:
        member, shape, dtype = _find_array(archive, name)
        _check_array(PurePosixPath(member.filename).stem, shape, dtype, name, wanted)
        try:
            if math.prod(shape) * dtype.itemsize > member.file_size:
                raise EOFError("its header promises more than it holds")
            with archive.open(member) as stream:
                images: NDArray[Any] = np.lib.format.read_array(stream, allow_pickle=False)
        except MemoryError:
            raise DatasetError(
                f"dataset: {_quote(name)} is too large for this machine's free memory; give "
                "fewer or smaller pictures, or uint8 instead of floating point."
            ) from None
        except _HEADER_ERRORS as error:
            raise DatasetError(
                f"dataset: the pictures in {_quote(name)} are damaged or cut short ({error}); "
                "save it again with np.savez_compressed."
            ) from error
    return decode_array(images, _quote(name), wanted)


def _find_array(
    archive: zipfile.ZipFile, name: str
) -> tuple[zipfile.ZipInfo, tuple[int, ...], np.dtype[Any]]:
    """Choose the array of pictures, by name or as the only one with 3 or 4 dimensions."""
    arrays = {
        member.filename.removesuffix(".npy"): member
        for member in archive.infolist()
        if member.filename.endswith(".npy")
    }
    if len(arrays) > MAX_ARRAYS:
        raise DatasetError(
            f"dataset: {_quote(name)} holds {len(arrays):,} arrays; expected one array with all "
            "pictures: save it with np.savez_compressed(file, images=np.stack(pictures))."
        )
    _refuse_locked(arrays.values(), name)
    for array_name in _ARRAY_NAMES:
        if array_name in arrays:
            return (arrays[array_name], *_read_header(archive, arrays[array_name], name))
    headers = [(member, *_read_header(archive, member, name)) for member in arrays.values()]
    found = [header for header in headers if len(header[1]) in (3, 4)]
    if len(found) == 1:
        return found[0]
    raise DatasetError(
        f"dataset: {_quote(name)} holds {len(found) or 'no'} arrays that could be pictures; "
        f"expected one called {', '.join(_ARRAY_NAMES)}, or a single one of shape (num_images, "
        "height, width): save it with np.savez_compressed(file, images=pictures)."
    )


def _read_header(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str
) -> tuple[tuple[int, ...], np.dtype[Any]]:
    try:
        with archive.open(member) as stream:
            version = np.lib.format.read_magic(stream)
            if version == (1, 0):
                shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
            else:  # Version 3 is for named fields, which pictures have not; it fails in words.
                shape, _, dtype = np.lib.format.read_array_header_2_0(stream)
    except _HEADER_ERRORS as error:
        raise DatasetError(
            f"dataset: the array {_quote(member.filename)} in {_quote(name)} cannot be read "
            f"({error}); save it again with np.savez_compressed."
        ) from error
    return shape, dtype


def _check_array(
    array: str, shape: tuple[int, ...], dtype: np.dtype[Any], name: str, wanted: ImageShape
) -> None:
    """Refuse an array by its header, before there is one."""
    size, most = f"{wanted[0]}×{wanted[1]}", _most_images(wanted)
    came = f"dataset: {_quote(array)} in {_quote(name)} is {dtype} of shape {shape}"
    if dtype.hasobject:
        raise DatasetError(
            f"dataset: {_quote(array)} in {_quote(name)} holds Python objects (pickle), which are "
            "never opened as they can run code; save it as one uint8 array."
        )
    if dtype != np.uint8 and dtype.kind != "f":
        raise DatasetError(
            f"{came}; expected uint8 in [0, 255], or floating point in [0, 1] or [-1, 1]: "
            "convert it, for example with images.astype('uint8')."
        )
    is_stack = len(shape) == 3 or (len(shape) == 4 and shape[3] in (1, 3, 4))
    if not is_stack or min(shape) < 0:
        raise DatasetError(
            f"{came}; expected (num_images, height, width), or with 1, 3 or 4 channels as the "
            "last axis: use reshape for flat pictures, np.moveaxis(images, 1, -1) for channels "
            "that come first."
        )
    num_images, height, width = shape[:3]
    if not MIN_IMAGES <= num_images <= most:
        raise DatasetError(
            f"{came}; expected {MIN_IMAGES} to {most:,} pictures: give "
            f"{'more' if num_images < MIN_IMAGES else 'fewer'}."
        )
    if min(height, width) < MIN_SIDE or height * width > MAX_PICTURE_PIXELS:
        raise DatasetError(
            f"{came}; expected pictures at least {MIN_SIDE} pixels wide and high, of at most "
            f"{MAX_PICTURE_PIXELS // 10**6} megapixels: resize them, {size} is enough."
        )
    num_bytes = math.prod(shape) * dtype.itemsize
    if num_bytes > MAX_ARRAY_BYTES:
        raise DatasetError(
            f"{came}, {_mebi(num_bytes)}; expected at most {_mebi(MAX_ARRAY_BYTES)}: resize the "
            f"pictures, {size} is enough, or save them as uint8."
        )
