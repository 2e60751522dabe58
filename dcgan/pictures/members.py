"""Files of a folder or a ZIP archive: listed, sorted by kind and opened within limits.

The names of an archive's members only decide the order and the kind of the pictures. They are never
used as paths, so a name with `../` is harmless.
"""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, NamedTuple, Protocol, TypeVar

from dcgan.config.config_text import quote_name
from dcgan.errors import DatasetError
from dcgan.files.zip_files import (
    ARCHIVE_ERRORS,
    TooManyFilesError,
    has_usual_compression,
    is_encrypted,
    open_zip,
)
from dcgan.pictures import file_kinds, picture_limits
from dcgan.pictures.decoding import DAMAGED, NOT_A_PICTURE, Unusable
from dcgan.pictures.file_kinds import ARCHIVE, UnsupportedKind
from dcgan.pictures.tally import LINKED_FOLDER, NOT_READABLE, Tally, format_mebibytes

# Folders and files made by the system or a program, not by the person.
# fmt: off
_SYSTEM_NAMES = frozenset((
    "__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "__pycache__", "@eadir", "lost+found",
    "$recycle.bin", "system volume information", "icon\r",
))
# fmt: on


class Member(Protocol):
    """A file in a folder or an archive."""

    @property
    def name(self) -> str:
        """Path of the file below the folder or in the archive."""

    def size(self) -> int:
        """Return its size in bytes.

        Raises:
            Unusable: If it cannot be read.
        """

    def open(self) -> IO[bytes]:
        """Open it for reading.

        Raises:
            Unusable: If it cannot be opened.
        """


class FileMember(NamedTuple):
    """A file of a folder."""

    path: str
    name: str

    def size(self) -> int:
        """Return its size in bytes."""
        return self._stat().st_size

    def open(self) -> IO[bytes]:
        """Open it if it is a regular file; a named pipe would block for ever."""
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
        """Path of the file in the archive."""
        return self.info.filename

    def size(self) -> int:
        """Return its unpacked size; `zipfile` never returns more."""
        return self.info.file_size

    def open(self) -> IO[bytes]:
        """Open it."""
        try:
            return self.archive.open(self.info)
        except ARCHIVE_ERRORS as error:
            raise Unusable(DAMAGED, str(error)) from None


_AnyMember = TypeVar("_AnyMember", bound=Member)


def list_folder(folder: Path, tally: Tally, max_files: int) -> list[FileMember]:
    """List all files below a folder except hidden ones, sorted by name.

    Raises:
        DatasetError: If the folder itself cannot be read, or there are more than `max_files`.
    """
    # Not os.walk: before Python 3.12 it recurses, and fails on a deep tree.
    files: list[FileMember] = []
    root = str(folder)
    pending = [root]
    while pending:
        current = pending.pop()
        try:
            with os.scandir(current) as entries:
                for entry in entries:
                    if _is_hidden(entry.name):
                        tally.num_hidden += 1
                    elif entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
                    elif entry.is_symlink() and Path(entry.path).is_dir():
                        tally.leave_out(entry.name, LINKED_FOLDER)  # Links may form a loop.
                    elif len(files) < max_files:
                        files.append(FileMember(entry.path, entry.path[len(root) :].lstrip(os.sep)))
                    else:
                        raise DatasetError(
                            f"{quote_name(root)} holds more than {max_files:,} files; give the "
                            "folder of your pictures alone, or fewer of them."
                        )
        except OSError as error:
            if current == root:
                raise DatasetError(
                    f"{quote_name(root)} cannot be opened ({error.strerror}); expected a folder "
                    "that you may read: check its permissions."
                ) from None
            tally.leave_out(current, NOT_READABLE, error.strerror or "")
    return sorted(files)


def list_zip(archive: zipfile.ZipFile, tally: Tally) -> list[ZipMember]:
    """List all files of an archive except hidden ones, sorted by name."""
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
    """Return whether a file is hidden or belongs to the system, such as .DS_Store."""
    return name.startswith(".") or name.lower() in _SYSTEM_NAMES


def separate_by_kind(
    members: Iterable[_AnyMember], tally: Tally
) -> tuple[list[_AnyMember], list[_AnyMember]]:
    """Return the picture files and the files of arrays; count all other files as left out."""
    pictures: list[_AnyMember] = []
    arrays: list[_AnyMember] = []
    for member in members:
        kind = file_kinds.find_kind_by_suffix(member.name)
        if kind is None:
            try:
                with member.open() as file:
                    kind = file_kinds.find_kind_by_head(
                        file.read(file_kinds.HEAD_BYTES), member.name
                    )
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
            tally.leave_out(
                member.name, kind if isinstance(kind, UnsupportedKind) else NOT_A_PICTURE
            )
    return pictures, arrays


# Archives.


def open_file(path: Path) -> BinaryIO:
    """Open a file whose path a person gave.

    Raises:
        DatasetError: If it cannot be opened.
    """
    try:
        return path.open("rb")
    except OSError as error:
        raise DatasetError(
            f"{quote_name(str(path))} cannot be opened ({error.strerror}); expected a file "
            "that you may read: check its permissions."
        ) from None


def open_archive(file: BinaryIO, source_name: str) -> zipfile.ZipFile:
    """Open a ZIP archive after checking the size of its table of contents.

    Args:
        file: The archive, seekable.
        source_name: Name of the archive in errors.

    Raises:
        DatasetError: If it is damaged, or holds too many files.
    """
    limit = picture_limits.MAX_FILE_BYTES
    try:
        return open_zip(file, limit)
    except TooManyFilesError:
        raise DatasetError(
            f"the archive's table of contents is beyond {format_mebibytes(limit)}, too "
            "many files for one archive; unpack it and give the folder."
        ) from None
    except ARCHIVE_ERRORS as error:
        suffix = PurePosixPath(source_name).suffix.lower() or ".zip"
        raise DatasetError(
            f"{quote_name(source_name)} is not a complete {suffix} file "
            f"({error}); it may be cut short: copy or save it again."
        ) from error


def refuse_unreadable_members(members: Iterable[zipfile.ZipInfo], source_name: str) -> None:
    """Refuse encrypted files and rare compression methods before reading any file of an archive.

    Raises:
        DatasetError: If a file is encrypted, or not stored or deflated.
    """
    for member in members:
        if is_encrypted(member):
            raise DatasetError(
                f"{quote_name(source_name)} is encrypted; expected one without a password: unpack "
                "it and give the folder, or pack it again without one."
            )
        if not has_usual_compression(member):
            raise DatasetError(
                f"{quote_name(source_name)} is compressed with method {member.compress_type}; "
                "expected 'deflate' or none: unpack it and give the folder, or pack it again."
            )


def check_zip_limits(members: Sequence[ZipMember], source_name: str, max_pictures: int) -> None:
    """Check the number and sizes of an archive's pictures by its table of contents.

    Raises:
        DatasetError: If they are over a limit, encrypted or compressed by a rare method.
    """
    if len(members) > max_pictures:
        raise DatasetError(
            f"{quote_name(source_name)} holds {len(members):,} pictures; expected at most "
            f"{max_pictures:,}: give fewer."
        )
    refuse_unreadable_members((member.info for member in members), source_name)
    unpacked, limit = sum(member.size() for member in members), picture_limits.MAX_UNPACKED_BYTES
    if unpacked > limit:
        raise DatasetError(
            f"the pictures in {quote_name(source_name)} would unpack to "
            f"{format_mebibytes(unpacked)}; expected at most {format_mebibytes(limit)}: unpack it "
            "and give the folder, or fewer or smaller pictures."
        )
