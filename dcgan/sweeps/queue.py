"""The queue: settings of runs that are trained one after the other, in a file of the library."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, Field, ValidationError

from dcgan.config.stored_config import StoredConfig
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import RunError
from dcgan.files.whole_files import translate_write_errors, write_atomically
from dcgan.locking.lock import editing

MAX_QUEUED = 100
_FILE = ".queue.json"
_MAX_BYTES = 2**21


class QueuedRun(BaseModel, frozen=True, populate_by_name=True, serialize_by_alias=True):
    """A run in the queue.

    Attributes:
        id: Unique among all runs that were ever queued.
        config: The settings of the run.
        race: Name of the race; "" for a run without one.
        run_index: Index of this run in its race; 0 without a race.
    """

    id: Annotated[str, Field(min_length=1, max_length=64)]
    config: StoredConfig
    race: Annotated[str, Field(max_length=64)] = ""
    run_index: Annotated[int, Field(alias="number", ge=0, lt=MAX_QUEUED)] = 0

    @classmethod
    def create(cls, config: TrainingConfig, race: str = "", run_index: int = 0) -> Self:
        """Make an entry with a new id; arguments as the attributes."""
        return cls(id=uuid.uuid4().hex, config=config, race=race, run_index=run_index)


class _Queue(BaseModel):
    runs: Annotated[list[QueuedRun], Field(max_length=MAX_QUEUED)]


def read_queue(root: Path) -> list[QueuedRun]:
    """Return the queued runs, the next one first.

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
            f"{path}, the queue of runs, is damaged; delete it to start a new queue."
        ) from None


def read_queue_version(root: Path) -> int:
    """Return a number that changes with the queue: the time of the last write, in nanoseconds."""
    try:
        return (root / _FILE).stat().st_mtime_ns
    except OSError:
        return 0


def add_to_queue(root: Path, configs: Iterable[TrainingConfig]) -> None:
    """Append runs with some settings to the queue; errors as in `append_to_queue`."""
    append_to_queue(root, [QueuedRun.create(config) for config in configs])


def append_to_queue(root: Path, new_runs: Sequence[QueuedRun]) -> None:
    """Append runs to the queue.

    Raises:
        RunError: If the queue would be too long, or its file too large, or its file is damaged or
            cannot be written.
    """

    def add(waiting: list[QueuedRun]) -> list[QueuedRun]:
        if len(waiting) + len(new_runs) > MAX_QUEUED:
            raise RunError(
                f"{len(new_runs)} runs cannot be queued: {len(waiting)} are waiting already, and "
                f"{MAX_QUEUED} is the most."
            )
        return [*waiting, *new_runs]

    _change(root, add)


def remove_from_queue(root: Path, ids: Iterable[str]) -> None:
    """Remove runs from the queue; ids that are not in it are ignored.

    Raises:
        RunError: If the file is damaged or cannot be written.
    """
    removed_ids = set(ids)
    _change(root, lambda waiting: [run for run in waiting if run.id not in removed_ids])


def take_from_queue(root: Path, queued: QueuedRun) -> bool:
    """Remove a run from the queue as it starts; return whether it was still there.

    Raises:
        RunError: If the file is damaged or cannot be written.
    """
    was_queued = False

    def take(runs: list[QueuedRun]) -> list[QueuedRun]:
        nonlocal was_queued
        remaining = [run for run in runs if run.id != queued.id]
        was_queued = len(remaining) < len(runs)
        return remaining

    _change(root, take)
    return was_queued


def _change(root: Path, change: Callable[[list[QueuedRun]], list[QueuedRun]]) -> None:
    path = root / _FILE
    # Several tabs, servers or machines may change the queue at the same time.
    with editing(path), translate_write_errors(path):
        waiting = change(read_queue(root))
        content = {"runs": [run.model_dump(mode="json") for run in waiting]}
        data = json.dumps(content, indent=1).encode()
        if len(data) > _MAX_BYTES:  # `read_queue` would call it damaged.
            raise RunError(
                f"The queue's file would have {len(data) / 1e6:.1f} MB, and "
                f"{_MAX_BYTES / 1e6:.1f} MB is the most: queue fewer runs that exclude many "
                "pictures."
            )
        write_atomically(path, data)
