"""Checkpoints: everything that training needs to go on, one .npz a step.

Owns what is in such a file, how one from anybody is read without harm, and which are kept. It
takes and gives the arrays of `DCGAN.get_state` as they are: whether they fit the networks is not
known here, nor what else a run holds. There is no pickle: arrays are read with
`allow_pickle=False`.
"""

from __future__ import annotations

import errno
import io
import lzma
import os
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from dcgan.config import TrainingConfig
from dcgan.errors import CheckpointError, RunError, UnreadableFileError
from dcgan.files import format_step_name, list_steps, write_atomically
from dcgan.reports import EvaluationReport

FORMAT = 1  # Of the file; raised when an older version could misread a newer checkpoint.

# A checkpoint of anybody's is loaded whole. The 2015 paper's widest networks (1024, 512, 256, 128
# channels and back, 5×5 kernels) have 22 million weights in the generator, kept four times (EMA
# and Adam's two moments), and 17 million in the discriminator, kept three times: 0.6 GB.
MAX_BYTES = 2**30

# What NumPy, `zipfile` and Pillow raise on damaged files; each was seen or is in their source.
# OSError is a place before a file's beginning, MemoryError a header that promises more than any
# file holds (or a good file on a small machine), `Warning` is for `-W error`.
DAMAGE = (
    zipfile.BadZipFile,
    lzma.LZMAError,
    zlib.error,
    struct.error,
    tokenize.TokenError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    Warning,
)


def checkpoint_path(folder: Path, step: int) -> Path:
    """Return where a step's checkpoint is, or would be, in a run's folder of them."""
    return folder / format_step_name(step, ".npz")


def write_checkpoint(folder: Path, state: Mapping[str, np.ndarray]) -> None:
    """Write a checkpoint whole or not at all.

    Args:
        folder: The run's folder of checkpoints.
        state: `DCGAN.get_state()`; its `step` names the file.

    Raises:
        OSError: If the disk refuses.
        RunError: If it would be too large to be read again.
    """
    write_atomically(checkpoint_path(folder, int(state["step"])), pack_checkpoint(state))


def pack_checkpoint(state: Mapping[str, np.ndarray]) -> memoryview:
    """Return the bytes of a checkpoint's file.

    Raises:
        RunError: If there are more than `MAX_BYTES`.
    """
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **{"format": np.array(FORMAT), **state})
    packed = buffer.getbuffer()
    if len(packed) > MAX_BYTES:
        raise RunError(
            f"A checkpoint of these networks takes {len(packed) / 2**30:.2f} GiB; "
            f"{MAX_BYTES / 2**30:g} GiB is the most: lower the channels, the hidden units or the "
            "kernel size."
        )
    return packed


def read_checkpoint(folder: Path, step: int) -> dict[str, np.ndarray]:
    """Read a checkpoint that may be damaged, or come from anybody.

    Args:
        folder: The run's folder of checkpoints, in the run's own.
        step: Which one.

    Returns:
        Arrays of numbers by name; `step` and `seconds` are among them, finite and without a
        dimension.

    Raises:
        CheckpointError: If it is gone or damaged; names the run and those of its checkpoints that
            may be used instead.
        RunError: If it may be good, but is from a newer format.
        UnreadableFileError: If it may be good, but the disk or the memory does not let it be read.
    """
    run = folder.parent.name
    others = ", ".join(str(other) for other in list_steps(folder, ".npz") if other != step)
    mend = f"use another one ({others})" if others else "start a new run"
    damaged = f"{run}: the checkpoint of step {step} is damaged; {mend}."
    try:
        with checkpoint_path(folder, step).open("rb") as file:
            _check_npz(file)
            with np.load(file, allow_pickle=False) as arrays:
                state = {name: arrays[name] for name in arrays.files}
    except FileNotFoundError as error:
        raise CheckpointError(
            f"{run}: the checkpoint of step {step} is gone; use a newer one."
        ) from error
    except DAMAGE as error:
        if isinstance(error, MemoryError) or _is_of_disk(error):
            why = getattr(error, "strerror", None) or str(error) or "out of memory"
            raise UnreadableFileError(
                f"{run}: cannot read the checkpoint of step {step}: {why}. It may be good; "
                "try again."
            ) from error
        raise CheckpointError(damaged) from error
    if not _is_number(state.get("format")):
        raise CheckpointError(damaged)
    found = int(state.pop("format"))
    if found > FORMAT:
        raise RunError(
            f"{run}: the checkpoint has format {found}; this program reads up to {FORMAT}, so "
            "update it."
        )
    are_arrays = all(
        isinstance(array, np.ndarray) and array.dtype.kind in "fiu" for array in state.values()
    )
    if not are_arrays or not (_is_number(state.get("step")) and _is_number(state.get("seconds"))):
        raise CheckpointError(damaged)
    if int(state["step"]) != step or state["seconds"] < 0:
        raise CheckpointError(damaged)
    return state


def _is_of_disk(error: Exception) -> bool:
    """Whether the disk refused; not that `zipfile` looked before a damaged file's beginning."""
    of_the_file = (None, errno.EINVAL, errno.EISDIR)
    return isinstance(error, OSError) and error.errno not in of_the_file


def _check_npz(file: BinaryIO) -> None:
    """Refuse an archive that is damaged, or would unpack to more than the file or `MAX_BYTES`.

    NumPy stores arrays uncompressed and stops reading where an array's header says, so it
    checks no checksum if the header was damaged into a shorter array.
    """
    with zipfile.ZipFile(file) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > min(file.seek(0, os.SEEK_END), MAX_BYTES) or archive.testzip() is not None:
            raise zipfile.BadZipFile("compressed, overlapping or damaged members")
    file.seek(0)


def _is_number(array: np.ndarray | None) -> bool:
    """Whether an array is one finite number; what is no array at all may come in, too."""
    if not isinstance(array, np.ndarray) or array.shape != () or array.dtype.kind not in "fiu":
        return False
    return bool(np.isfinite(array))


def checkpoints_to_drop(
    steps: Iterable[int], config: TrainingConfig, num_images: int, best: int | None = None
) -> list[int]:
    """Return the checkpoints that the rule lets go.

    Kept are the newest `keep_checkpoints`, the ends of epochs 1, 2, 4, 8, … and the best, so that
    the disk is bounded, the run's first steps can still be revisited, and its best digits are
    never lost.

    Args:
        steps: Those that are there.
        config: The run's settings.
        num_images: Size of its data set.
        best: The step with the smallest Fréchet distance; None where none was measured.
    """
    steps = sorted(steps)
    per_epoch = config.steps_per_epoch(num_images)
    return [
        step
        for step in steps[: -config.keep_checkpoints]
        if step != best and not is_milestone(step, per_epoch)
    ]


def best_checkpoint(evaluations: Sequence[EvaluationReport], steps: Iterable[int]) -> int | None:
    """Return the step with the smallest Fréchet distance; None where none was measured.

    Args:
        evaluations: Of the run, oldest first; only those of as many images as the newest one's
            are compared.
        steps: The checkpoints that are there.
    """
    kept = set(steps)
    comparable = [
        report
        for report in evaluations
        if report.step in kept and report.num_images == evaluations[-1].num_images
    ]
    best = min(comparable, key=lambda report: report.figures["frechet_distance"], default=None)
    return None if best is None else best.step


def is_milestone(step: int, per_epoch: int) -> bool:
    """Whether a step ends epoch 1, 2, 4, 8, …"""
    epoch, rest = divmod(step, per_epoch)
    return rest == 0 and epoch > 0 and epoch & (epoch - 1) == 0
