"""Checkpoints: everything that training needs to continue, one .npz file for each step.

Owns the file format and the safe reading of untrusted files. A file has the arrays of
`DCGAN.get_state`, without pickle; `DCGAN.set_state` checks that they fit the networks.
"""

from __future__ import annotations

import contextlib
import errno
import io
import logging
import os
import tokenize
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np

from dcgan.errors import CheckpointError, RunError, UnreadableFileError
from dcgan.files.file_names import format_step_name, list_steps
from dcgan.files.whole_files import write_atomically
from dcgan.files.zip_files import ARCHIVE_ERRORS, has_usual_compression, open_zip

FORMAT = 1  # Version of the file; increased when an older version could misread a newer checkpoint.

_log = logging.getLogger(__name__)

# A checkpoint is loaded into memory whole, also an untrusted one. The widest networks of the 2015
# paper (1024, 512, 256, 128 channels and back, 5×5 kernels) take 0.6 GB. The generator's 22 million
# weights are saved four times, with EMA and Adam's two moments; the discriminator's 17 million
# three times.
MAX_BYTES = 2**30
_MAX_TABLE_BYTES = 2**20  # Size of the file's table of contents: a hundred arrays take 10 kB.

# Errors that NumPy, `zipfile` and Pillow raise for damaged files; each was seen, or found in their
# source. OSError: an offset before the start of the file. MemoryError: a header that claims a size
# larger than any file (or a good file on a small machine). Warning: under `-W error`.
DAMAGE_ERRORS = (
    *ARCHIVE_ERRORS,
    tokenize.TokenError,
    ArithmeticError,
    AttributeError,
    MemoryError,
    SyntaxError,
    TypeError,
    Warning,
)


def pack_checkpoint(state: Mapping[str, np.ndarray]) -> bytes:
    """Return the bytes of a checkpoint's file.

    Raises:
        RunError: If there are more than `MAX_BYTES`, which `Checkpoints.read` would refuse.
    """
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **{"format": np.array(FORMAT), **state})
    # Not `getbuffer`: if an error keeps the buffer and its view alive until the garbage collection,
    # Python 3.12 crashes.
    packed = buffer.getvalue()
    if len(packed) > MAX_BYTES:
        raise RunError(
            f"A checkpoint of these networks takes {len(packed) / 2**30:.2f} GiB; "
            f"{MAX_BYTES / 2**30:g} GiB is the most: lower the channels, the hidden units or the "
            "kernel size."
        )
    return packed


class Checkpoints:
    """The checkpoints in a run's folder.

    Attributes:
        folder: Their folder, in the run's folder.
    """

    def __init__(self, folder: Path) -> None:
        """Name the folder without reading it."""
        self.folder = folder
        self._run_name = folder.parent.name

    def get_path(self, step: int) -> Path:
        """Return the path of a step's checkpoint, whether or not it exists."""
        return self.folder / format_step_name(step, ".npz")

    def list_steps(self) -> list[int]:
        """Return the steps that have a checkpoint, ascending.

        Raises:
            OSError: If the disk cannot be read.
        """
        return list_steps(self.folder, ".npz")

    def find_newest(self) -> int | None:
        """Return the newest step that has a checkpoint; None if there is no checkpoint.

        Raises:
            OSError: If the disk cannot be read.
        """
        return max(self.list_steps(), default=None)

    def read_time(self, step: int) -> int:
        """Return the time at which a checkpoint was written, in ns; 0 if it does not exist.

        It shows whether the weights are still the same: after a rollback, training reaches a step
        again with other weights.
        """
        try:
            return self.get_path(step).stat().st_mtime_ns
        except OSError:
            return 0

    def write(self, state: Mapping[str, np.ndarray]) -> None:
        """Write a checkpoint, whole or not at all.

        Args:
            state: Arrays of `DCGAN.get_state()`; `step` names the file.

        Raises:
            OSError: If the file system refuses.
            RunError: If the file would be too large to be read again.
        """
        write_atomically(self.get_path(int(state["step"])), pack_checkpoint(state))

    def delete(self, step: int) -> None:
        """Delete a checkpoint, if it exists.

        Raises:
            OSError: If the file system refuses.
        """
        self.get_path(step).unlink(missing_ok=True)

    def load(self, step: int | None = None) -> dict[str, np.ndarray]:
        """Read a checkpoint; without a step, the newest that is not damaged.

        Args:
            step: One of `list_steps()`; None for the newest that can be read.

        Returns:
            Arrays as in `read`.

        Raises:
            RunError: If there is no such checkpoint, or it is damaged. With `step` None, also if
                the newest one has a newer format or cannot be read now, as it may be undamaged.
        """
        steps = self._list_steps_or_refuse()
        if not steps:
            raise RunError(f"{self._run_name} has no checkpoint yet.")
        if step is not None:
            if step not in steps:
                known = ", ".join(map(str, steps))
                raise RunError(
                    f"{self._run_name} has no checkpoint of step {step}; it has {known}."
                )
            return self.read(step)
        newest, *older = reversed(steps)
        try:
            return self.read(newest)
        except CheckpointError:
            # Another process may have saved one and deleted this one.
            if self._list_steps_or_refuse() != steps:
                return self.load()
            for candidate in older:
                with contextlib.suppress(CheckpointError):
                    state = self.read(candidate)
                    _log.warning(
                        "%s: the checkpoint of step %d is damaged; using the one of step %d.",
                        self._run_name,
                        newest,
                        candidate,
                    )
                    return state
            if not older:
                raise
        raise CheckpointError(
            f"{self._run_name}: all its checkpoints are damaged; start a new run."
        )

    def _list_steps_or_refuse(self) -> list[int]:
        """Return `list_steps()`; raise an `UnreadableFileError` if the disk cannot be read."""
        try:
            return self.list_steps()
        except OSError as error:
            raise UnreadableFileError(
                f"{self._run_name}: cannot list its checkpoints: {error.strerror}. They may be "
                "undamaged; try again."
            ) from error

    def read(self, step: int) -> dict[str, np.ndarray]:
        """Read a checkpoint, which may be damaged or untrusted.

        Returns:
            Arrays of numbers by name. `step` and `seconds` are among them: finite, of shape ().
            `DCGAN.set_state` checks whether the others fit the networks.

        Raises:
            CheckpointError: If the file is gone or damaged; names the checkpoints to use instead.
            RunError: If the file has a newer format.
            UnreadableFileError: If disk or memory prevent reading it; it may be undamaged.
        """
        run_name = self._run_name
        others = ", ".join(str(other) for other in self._list_steps_or_refuse() if other != step)
        advice = f"use another one ({others})" if others else "start a new run"
        damage_message = f"{run_name}: the checkpoint of step {step} is damaged; {advice}."
        try:
            with self.get_path(step).open("rb") as file:
                _check_npz(file)
                with np.load(file, allow_pickle=False) as arrays:
                    state = {name: arrays[name] for name in arrays.files}
        except FileNotFoundError as error:
            raise CheckpointError(
                f"{run_name}: the checkpoint of step {step} is gone; use a newer one."
            ) from error
        except DAMAGE_ERRORS as error:
            if isinstance(error, MemoryError) or _is_disk_error(error):
                reason = getattr(error, "strerror", None) or str(error) or "out of memory"
                raise UnreadableFileError(
                    f"{run_name}: cannot read the checkpoint of step {step}: {reason}. It may be "
                    "undamaged; try again."
                ) from error
            raise CheckpointError(damage_message) from error
        if not _is_number(state.get("format")):
            raise CheckpointError(damage_message)
        version = int(state.pop("format"))
        if version > FORMAT:
            raise RunError(
                f"{run_name}: the checkpoint has format {version}; this program reads up to "
                f"{FORMAT}, so update it."
            )
        are_arrays = all(
            isinstance(array, np.ndarray) and array.dtype.kind in "fiu" for array in state.values()
        )
        if not are_arrays or not (
            _is_number(state.get("step")) and _is_number(state.get("seconds"))
        ):
            raise CheckpointError(damage_message)
        if int(state["step"]) != step or state["seconds"] < 0:
            raise CheckpointError(damage_message)
        return state


def _is_disk_error(error: Exception) -> bool:
    """Return whether the disk caused an error; damaged files cause some OSErrors too."""
    codes_of_damage = (None, errno.EINVAL, errno.EISDIR)
    return isinstance(error, OSError) and error.errno not in codes_of_damage


def _check_npz(file: BinaryIO) -> None:
    """Check that an archive is undamaged and unpacks to no more than its file and `MAX_BYTES`.

    NumPy reads only as many numbers as an array's header names. It would not notice a damaged
    header that names fewer, so all checksums are checked. NumPy stores arrays uncompressed.

    Raises:
        DAMAGE_ERRORS: If it is damaged, compressed, too large or not an archive.
    """
    with open_zip(file, _MAX_TABLE_BYTES) as archive:
        members = archive.infolist()
        max_bytes = min(file.seek(0, os.SEEK_END), MAX_BYTES)
        if (
            not all(map(has_usual_compression, members))
            or sum(member.file_size for member in members) > max_bytes
            or archive.testzip() is not None
        ):
            raise zipfile.BadZipFile("compressed, overlapping or damaged members")
    file.seek(0)


def _is_number(array: np.ndarray | None) -> bool:
    """Return whether a value is an array of shape () with a finite number."""
    if not isinstance(array, np.ndarray) or array.shape != () or array.dtype.kind not in "fiu":
        return False
    return bool(np.isfinite(array))
