"""A stamp of the files of the user's pictures, to notice changes without reading the pictures."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from dcgan.arrays import picture_arrays
from dcgan.data.picture_paths import locate_pictures
from dcgan.errors import DatasetError
from dcgan.pictures import picture_limits
from dcgan.pictures.members import list_folder
from dcgan.pictures.tally import Tally
from dcgan.progress import ProgressCallback, no_progress


def hash_file_metadata(path_text: str, progress: ProgressCallback = no_progress) -> str:
    """Hash the names, sizes and times of own pictures' files, to notice changes without reading.

    The files are all files below a folder, or a single file and its label files.

    Args:
        path_text: The path of a folder or a file; `~` is your home.
        progress: Reports how many files have been looked at.

    Returns:
        64 hex digits; "" if the path does not exist or cannot be listed.
    """
    digest = hashlib.sha256()
    try:
        path, _ = locate_pictures(path_text)
        digest.update(_encode_status(path.stat()))
        if path.is_dir():
            members = list_folder(path, Tally(), picture_limits.MAX_IMAGES)
        else:
            members = picture_arrays.find_label_files(path)
    except (OSError, DatasetError):
        return ""
    for member in progress(members, "Listing the files", len(members)):
        digest.update(os.fsencode(member.name) + b"\0")
        try:
            digest.update(_encode_status(Path(member.path).stat()))
        except OSError:
            digest.update(b"gone")
    return digest.hexdigest()


def _encode_status(status: os.stat_result) -> bytes:
    # Both times, because copying and unpacking restore the old mtime, but not the ctime.
    times = (status.st_mtime_ns, status.st_ctime_ns)
    return repr((status.st_size, status.st_ino, *times)).encode()
