"""The files of a folder or an archive, and the pictures read from them one by one.

This module owns which files count as pictures, what is left out and why, and the two passes that
give a whole set one scale. How one picture gets its shape is `decoding`'s. Each file is bounded
before it is decoded, and an archive's members are read in memory: their names only order the
pictures and tell their kind; they are never used as paths, so `../` in one reaches nothing.
"""

from __future__ import annotations

import io
import math
import os
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple, Protocol, TypeVar

import numpy as np

from dcgan.data import file_kinds
from dcgan.data.decoding import (
    DAMAGED,
    NOT_A_PICTURE,
    TOO_LARGE,
    UNKNOWN_RANGE,
    Decoded,
    Pixels,
    Unusable,
    decode,
    stored_shape,
)
from dcgan.data.file_kinds import ARCHIVE, Foreign
from dcgan.data.value_range import FIRST_GUESS, Scale, Storage, UnknownRangeError, judge
from dcgan.errors import DatasetError
from dcgan.reports import ProgressCallback
from dcgan.settings import ImageShape

MIN_IMAGES = 64  # One batch of the default size; with fewer there is nothing to learn from.
MAX_IMAGES = 1_000_000
# Of all pictures, which are held in memory: a million of 28×28, 262,144 of 64×64 in colour.
MAX_PIXEL_BYTES = 3 * 2**30
MAX_FILE_BYTES = 32 * 2**20  # One picture's file, and an archive's table of contents.
MAX_UNPACKED_BYTES = 8 * 2**30  # All pictures of a .zip; they pass one by one.

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

# Why a file was left out, in the words of `ImageDataset.note`; `decoding` has more.
NOT_READABLE = "not readable"
LINKED_FOLDER = "behind a link to a folder"
ARRAY = "other arrays or tables"

_MAX_EXAMPLES = 3
# Folders and files that the system or a program made, which nobody meant to add.
# fmt: off
_SYSTEM_NAMES = frozenset((
    "__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "__pycache__", "@eadir", "lost+found",
    "$recycle.bin", "system volume information", "icon\r",
))
# fmt: on


@dataclass
class Tally:
    """The account of a reading: what was left out and why, and what else to report.

    Attributes:
        left_out: Number of files by their reason.
        examples: A few of them, each with its reason.
        ways_out: What to do about files of a foreign kind, by reason.
        remarks: What else was done, such as a stretched range.
        num_hidden: Hidden files and folders, which are passed over.
    """

    left_out: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    ways_out: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    num_hidden: int = 0

    def leave_out(self, name: str, why: str | Foreign, detail: str = "") -> None:
        """Count a file that is left out."""
        reason = why.name if isinstance(why, Foreign) else why
        if isinstance(why, Foreign) and reason != NOT_A_PICTURE:
            self.ways_out[reason] = why.way_out
        self.left_out[reason] += 1
        if len(self.examples) < _MAX_EXAMPLES:
            name = "".join(c if c.isprintable() else "�" for c in name)
            name = name if len(name) <= 80 else f"…{name[-79:]}"
            self.examples.append(f"{name} ({reason}{': ' if detail else ''}{detail[:120]})")

    def words(self) -> str:
        """Return what was left out as the end of a sentence; "" if nothing was."""
        if not self.left_out:
            return ""
        reasons = ", ".join(
            f"{count:,} {reason}" for reason, count in sorted(self.left_out.items())
        )
        return f", {self.left_out.total():,} left out ({reasons})"

    def way_out(self) -> str:
        """Return how more pictures get in, as an imperative."""
        if self.left_out[ARCHIVE.name]:
            return (
                "unpack the archives inside it and give the folder with the pictures, or the path "
                "of one .zip or .npz itself"
            )
        if self.left_out[LINKED_FOLDER]:
            return "links to folders are not followed: give the folder that they lead to"
        if self.left_out[UNKNOWN_RANGE]:
            return (
                "save the pictures with values from 0 to 255, or 0 to 65,535, one scale for all of "
                "them"
            )
        foreign = [(count, reason) for reason, count in self.left_out.items()]
        for _, reason in sorted(foreign, reverse=True):
            if reason in self.ways_out:
                return self.ways_out[reason]
        if self.num_hidden and not self.left_out:
            return (
                "hidden files and folders (with a dot before their name) are passed over: give "
                "such a folder itself, or rename what is in it"
            )
        return "add more pictures"


class Member(Protocol):
    """A file in a folder or an archive."""

    @property
    def name(self) -> str:
        """Its path below the folder or in the archive; only its order and its kind count."""

    def size(self) -> int:
        """Return its size in bytes; may raise what `open` raises."""

    def open(self) -> IO[bytes]:
        """Open it for reading.

        Raises:
            Unusable: If that is not possible.
        """


class FileMember(NamedTuple):
    """A file of a folder."""

    path: str
    name: str

    def size(self) -> int:
        """Return its size in bytes."""
        return self._stat().st_size

    def open(self) -> IO[bytes]:
        """Open it, if it is a file: opening a named pipe would wait for ever."""
        self._stat()
        try:
            return Path(self.path).open("rb")
        except OSError as error:
            raise Unusable(NOT_READABLE, error.strerror or "") from None

    def _stat(self) -> os.stat_result:
        try:
            status = Path(self.path).stat()
        except OSError as error:
            raise Unusable(NOT_READABLE, error.strerror or "") from None
        if not stat.S_ISREG(status.st_mode):
            raise Unusable(NOT_A_PICTURE)
        return status


class ZipMember(NamedTuple):
    """A file of a ZIP archive."""

    archive: zipfile.ZipFile
    info: zipfile.ZipInfo

    @property
    def name(self) -> str:
        """Its path in the archive."""
        return self.info.filename

    def size(self) -> int:
        """Return its size when it is unpacked; `zipfile` gives no more of it than that."""
        return self.info.file_size

    def open(self) -> IO[bytes]:
        """Open it."""
        try:
            return self.archive.open(self.info)
        except ARCHIVE_ERRORS as error:
            raise Unusable(DAMAGED, str(error)) from None


_AnyMember = TypeVar("_AnyMember", bound=Member)


class Source(NamedTuple):
    """A picture that can be decoded, more than once: its name, and the decoding."""

    name: str
    decode: Callable[[ImageShape, Mapping[Storage, Scale]], Decoded]


def quote(name: str) -> str:
    """Quote a name for an error, its end if it is long: that is the part that tells."""
    return repr(name if len(name) <= 120 else f"…{name[-119:]}")


def mebi(num_bytes: int) -> str:
    """Write a size in MiB."""
    return f"{num_bytes / 2**20:,.0f} MiB"


def most_images(shape: ImageShape) -> int:
    """Return how many pictures of a shape are read at most."""
    return min(MAX_IMAGES, MAX_PIXEL_BYTES // math.prod(shape))


# Members.


def list_folder(folder: Path, tally: Tally, most: int) -> list[FileMember]:
    """List all files below a folder but hidden ones, in the order of their names.

    Raises:
        DatasetError: If they are more than `most`.
    """
    # Not os.walk: before Python 3.12 it recurses, and a deep enough tree ends it.
    files: list[FileMember] = []
    root = str(folder)
    pending = [root]
    while pending:
        place = pending.pop()
        try:
            with os.scandir(place) as entries:
                for entry in entries:
                    if _is_hidden(entry.name):
                        tally.num_hidden += 1
                    elif entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
                    elif entry.is_symlink() and Path(entry.path).is_dir():
                        tally.leave_out(
                            entry.name, LINKED_FOLDER
                        )  # Followed, a loop would not end.
                    elif len(files) < most:
                        files.append(FileMember(entry.path, entry.path[len(root) :].lstrip(os.sep)))
                    else:
                        raise DatasetError(
                            f"dataset: {quote(root)} holds more than {most:,} files; give the "
                            "folder of your pictures alone, or fewer of them."
                        )
        except OSError as error:
            tally.leave_out(place, NOT_READABLE, error.strerror or "")
    return sorted(files)


def list_zip(archive: zipfile.ZipFile, tally: Tally) -> list[ZipMember]:
    """List all files of an archive but hidden ones, in the order of their names."""
    members = []
    for info in archive.infolist():
        parts = PurePosixPath(info.filename.replace("\\", "/")).parts
        if info.filename.endswith("/"):  # is_dir() fails on an empty name.
            continue
        if any(_is_hidden(part) for part in parts if part != ".."):
            tally.num_hidden += 1
        else:
            members.append(ZipMember(archive, info))
    return sorted(members, key=lambda member: member.name)


def _is_hidden(name: str) -> bool:
    """Tell hidden files and those of the system (.DS_Store, macOS's ._ twins)."""
    return name.startswith(".") or name.lower() in _SYSTEM_NAMES


def sort_out(
    members: Iterable[_AnyMember], tally: Tally
) -> tuple[list[_AnyMember], list[_AnyMember]]:
    """Part picture files from files of arrays; count what is neither."""
    pictures: list[_AnyMember] = []
    arrays: list[_AnyMember] = []
    for member in members:
        kind = file_kinds.kind_by_suffix(member.name)
        if kind is None:
            try:
                with member.open() as file:
                    kind = file_kinds.kind_by_head(file.read(file_kinds.HEAD_BYTES), member.name)
            except Unusable as unusable:
                tally.leave_out(member.name, str(unusable), unusable.detail)
                continue
            except ARCHIVE_ERRORS:
                kind = None
        if kind == file_kinds.PICTURE:
            pictures.append(member)
        elif kind in (file_kinds.NPY, file_kinds.IDX, file_kinds.CSV, file_kinds.GZIP):
            arrays.append(member)
        elif kind in (file_kinds.ZIP, file_kinds.NPZ):
            tally.leave_out(member.name, ARCHIVE)
        else:
            tally.leave_out(member.name, kind if isinstance(kind, Foreign) else NOT_A_PICTURE)
    return pictures, arrays


# Archives.


class BoundedReader(io.BufferedReader):
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
                    f"dataset: the archive's table of contents is beyond {mebi(MAX_FILE_BYTES)}, "
                    "too many files for one archive; unpack it and give the folder."
                )
        return super().read(size)


def open_file(path: Path) -> BoundedReader:
    """Open a file that a person named.

    Raises:
        DatasetError: If it cannot be opened.
    """
    try:
        return BoundedReader(io.FileIO(path))
    except OSError as error:
        raise DatasetError(
            f"dataset: {quote(str(path))} cannot be opened ({error.strerror}); expected a file "
            "that you may read: check its permissions."
        ) from None


def open_archive(file: BoundedReader, name: str) -> zipfile.ZipFile:
    """Open a ZIP archive.

    Raises:
        DatasetError: If it is damaged.
    """
    try:
        return zipfile.ZipFile(file)
    except ARCHIVE_ERRORS as error:
        suffix = PurePosixPath(name).suffix.lower() or ".zip"
        raise DatasetError(
            f"dataset: {quote(name)} is not a complete {suffix} file "
            f"({error}); it may be cut short: copy or save it again."
        ) from error


def refuse_locked(members: Iterable[zipfile.ZipInfo], name: str) -> None:
    """Refuse what would need a password or an unusual decompressor, before any is read."""
    for member in members:
        if member.flag_bits & 0x1:
            raise DatasetError(
                f"dataset: {quote(name)} is encrypted; expected one without a password: unpack "
                "it and give the folder, or pack it again without one."
            )
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DatasetError(
                f"dataset: {quote(name)} is compressed with method {member.compress_type}; "
                "expected 'deflate' or none: unpack it and give the folder, or pack it again."
            )


def refuse_large_zip(members: Sequence[ZipMember], name: str, most: int) -> None:
    """Refuse an archive with too many or too large pictures, by its table of contents."""
    if len(members) > most:
        raise DatasetError(
            f"dataset: {quote(name)} holds {len(members):,} pictures; expected at most "
            f"{most:,}: give fewer."
        )
    refuse_locked((member.info for member in members), name)
    unpacked = sum(member.size() for member in members)
    if unpacked > MAX_UNPACKED_BYTES:
        raise DatasetError(
            f"dataset: the pictures in {quote(name)} would unpack to {mebi(unpacked)}; "
            f"expected at most {mebi(MAX_UNPACKED_BYTES)}: unpack it and give the folder, "
            "or fewer or smaller pictures."
        )


# Reading.


def source_of(member: Member) -> Source:
    """Return the picture of a file; of several frames the first."""

    def decode_member(shape: ImageShape, scales: Mapping[Storage, Scale]) -> Decoded:
        if member.size() > MAX_FILE_BYTES:
            raise Unusable(TOO_LARGE, mebi(member.size()))
        try:
            with member.open() as file:
                data = file.read(MAX_FILE_BYTES)
        except OSError as error:
            raise Unusable(NOT_READABLE, error.strerror or "") from None
        except ARCHIVE_ERRORS as error:
            raise Unusable(DAMAGED, str(error)) from None
        return decode(io.BytesIO(data), shape, scales)

    return Source(member.name, decode_member)


def read_all(
    sources: Sequence[Source], tally: Tally, progress: ProgressCallback, shape: ImageShape
) -> Pixels:
    """Read pictures one by one, all with one scale for each way of storing values.

    The first pass takes the usual range of each; where the values of the whole set show another,
    those pictures are read again. What cannot be used is counted.

    Returns:
        uint8 in [0, 255], shape (num_images, height, width), of colours (…, 3).
    """
    pixels = np.empty((len(sources), *stored_shape(shape)), np.uint8)
    used: list[Source] = []
    storages: list[Storage] = []
    extents: list[tuple[float, float]] = []
    num_with_frames = 0
    for source in progress(sources, "Reading the pictures", len(sources)):
        try:
            decoded = source.decode(shape, FIRST_GUESS)
        except Unusable as unusable:
            tally.leave_out(source.name, str(unusable), unusable.detail)
            continue
        pixels[len(used)] = decoded.pixels
        used.append(source)
        storages.append(decoded.storage)
        extents.append((decoded.low, decoded.high))
        num_with_frames += decoded.has_frames
    if num_with_frames:
        tally.remarks.append(f"only the first frame or page of {num_with_frames:,} of them")
    is_lost = np.zeros(len(used), bool)
    for storage in dict.fromkeys(storages):
        rows = [row for row, each in enumerate(storages) if each == storage]
        lows, highs = np.array([extents[row] for row in rows], np.float64).T
        try:
            scale, words = judge(lows, highs, storage)
        except UnknownRangeError as error:
            raise DatasetError(
                f"dataset: the values of the pictures go {error}; expected one scale for all: 0 to "
                "255, 0 to 65535, [0, 1] or [-1, 1]. Save them in one of these ranges."
            ) from None
        if words:
            tally.remarks.append(words)
        if scale == FIRST_GUESS[storage]:
            continue
        for row in progress(rows, "Scaling the pictures", len(rows)):
            try:
                pixels[row] = used[row].decode(shape, {storage: scale}).pixels
            except Unusable as unusable:  # Changed or gone since the first pass.
                tally.leave_out(used[row].name, str(unusable), unusable.detail)
                is_lost[row] = True
    return pixels[: len(used)][~is_lost] if is_lost.any() else pixels[: len(used)]
