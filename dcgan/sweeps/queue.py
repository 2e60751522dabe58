"""Runs that wait for their turn: a list of settings, to be trained one after the other.

Owns how many settings are made of a few (a sweep), and the file in which they wait.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, ValidationError

from dcgan.config import TrainingConfig
from dcgan.errors import RunError
from dcgan.files import translate_write_errors, write_atomically
from dcgan.runs.lock import editing

MAX_QUEUED = 100
_FILE = ".queue.json"
_MAX_BYTES = 2**21


class QueuedRun(BaseModel, frozen=True):
    """A run that waits.

    Attributes:
        id: Of its own among all that ever waited.
        config: Its settings.
    """

    id: Annotated[str, Field(min_length=1, max_length=64)]
    config: TrainingConfig


class _Queue(BaseModel):
    runs: Annotated[list[QueuedRun], Field(max_length=MAX_QUEUED)]


def read_queue(root: Path) -> list[QueuedRun]:
    """Return what waits, the next one first.

    Raises:
        RunError: If the file is damaged or cannot be read.
    """
    path = root / _FILE
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RunError(f"{path} cannot be read ({error.strerror}).") from None
    try:
        if len(data) > _MAX_BYTES:
            raise ValueError("it is too large")
        runs = _Queue.model_validate_json(data).runs
        if len({run.id for run in runs}) < len(runs):
            raise ValueError("two runs have one id")
        return runs
    except (ValidationError, ValueError):
        raise RunError(
            f"{path}, where runs wait for their turn, is damaged; delete it to begin a new list."
        ) from None


def queue_version(root: Path) -> int:
    """Return another number whenever what waits has been changed; quick, as nothing is read."""
    try:
        return (root / _FILE).stat().st_mtime_ns
    except OSError:
        return 0


def add_to_queue(root: Path, configs: Iterable[TrainingConfig]) -> None:
    """Let runs wait behind those that do.

    Raises:
        RunError: If they are too many, or the file is damaged or cannot be written.
    """
    new = [QueuedRun(id=uuid.uuid4().hex, config=config) for config in configs]

    def add(waiting: list[QueuedRun]) -> list[QueuedRun]:
        if len(waiting) + len(new) > MAX_QUEUED:
            raise RunError(
                f"{len(waiting)} runs wait already, and {len(new)} more are beyond {MAX_QUEUED}."
            )
        return waiting + new

    _change(root, add)


def remove_from_queue(root: Path, ids: Iterable[str]) -> None:
    """Let runs wait no longer; those that are gone already are no error.

    Raises:
        RunError: If the file is damaged or cannot be written.
    """
    gone = set(ids)
    _change(root, lambda waiting: [run for run in waiting if run.id not in gone])


def take_from_queue(root: Path, waiting: QueuedRun) -> bool:
    """Take a run off the list, as it begins; return whether it was still there.

    Raises:
        RunError: If the file is damaged or cannot be written.
    """
    was_there = False

    def take(runs: list[QueuedRun]) -> list[QueuedRun]:
        nonlocal was_there
        left = [run for run in runs if run.id != waiting.id]
        was_there = len(left) < len(runs)
        return left

    _change(root, take)
    return was_there


def _change(root: Path, change: Callable[[list[QueuedRun]], list[QueuedRun]]) -> None:
    path = root / _FILE
    # Two tabs, two servers or two machines may change it at once.
    with editing(path), translate_write_errors(path):
        waiting = change(read_queue(root))
        content = {"runs": [run.model_dump(mode="json") for run in waiting]}
        write_atomically(path, json.dumps(content, indent=1).encode())
