"""Runs that wait for their turn: a list of settings, to be trained one after the other.

Owns how many settings are made of a few (a sweep), and the file in which they wait.
"""

from __future__ import annotations

import itertools
import json
import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, ValidationError

from dcgan.config import TrainingConfig, is_number, setting_schema
from dcgan.errors import ConfigError, RunError
from dcgan.files import write_whole, writing
from dcgan.runs.lock import editing

MAX_WAITING = 100
_FILE = ".queue.json"
_MAX_BYTES = 2**21


class Waiting(BaseModel, frozen=True):
    """A run that waits.

    Attributes:
        id: Of its own among all that ever waited.
        config: Its settings.
    """

    id: Annotated[str, Field(min_length=1, max_length=64)]
    config: TrainingConfig


class _Queue(BaseModel):
    runs: Annotated[list[Waiting], Field(max_length=MAX_WAITING)]


def sweep(
    base: TrainingConfig, choices: Mapping[str, Sequence[object]], most: int = MAX_WAITING
) -> list[TrainingConfig]:
    """Combine settings with each other, each with each.

    Args:
        base: What all have in common.
        choices: Values by the name of their setting; what `TrainingConfig.create` takes.
        most: How many they may be.

    Returns:
        The settings, those of the last name changing first.

    Raises:
        ConfigError: If a setting is unknown or has no value, a value is not allowed, or they are
            more than `most`.
    """
    for name, values in choices.items():
        if name in TrainingConfig.model_fields and not values:
            raise ConfigError(f"{name}: give a value at least.")
    total = 1
    for values in choices.values():
        total *= len(values)
    if total > most:
        raise ConfigError(f"These are {total:,} runs; at most {most:,} are allowed.")
    return [
        base.replace(**dict(zip(choices, values, strict=True)))
        for values in itertools.product(*choices.values())
    ]


def parse_choices(name: str, text: str) -> list[object]:
    """Read the values of a setting, such as "0.001, 0.002".

    Values are parted by commas; of a setting that is a list itself, such as the channels, by
    semicolons.

    Raises:
        ConfigError: If the commas are decimal ones.
    """
    is_list = isinstance(getattr(TrainingConfig(), name, None), tuple)
    if name in TrainingConfig.model_fields and is_number(name) and _has_decimal_commas(name, text):
        raise ConfigError(
            f"{name}: got {text!r}; expected values with a decimal point and commas between them, "
            "such as 0.1, 0.2."
        )
    return [part.strip() for part in text.split(";" if is_list else ",") if part.strip()]


def _has_decimal_commas(name: str, text: str) -> bool:
    """Whether commas between digits stand for points: where as separators they give no values."""
    if ";" in text:
        return "," in text
    if not re.search(r"\d,\d", text) or setting_schema(name)["type"] != "number":
        return False
    if re.search(r"\d,0\d", text):
        return True
    try:
        for part in filter(None, map(str.strip, text.split(","))):
            TrainingConfig.create(**{name: part})
    except ConfigError:
        return "." not in text
    return False


def read_queue(root: Path) -> list[Waiting]:
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
    new = [Waiting(id=uuid.uuid4().hex, config=config) for config in configs]

    def add(waiting: list[Waiting]) -> list[Waiting]:
        if len(waiting) + len(new) > MAX_WAITING:
            raise RunError(
                f"{len(waiting)} runs wait already, and {len(new)} more are beyond {MAX_WAITING}."
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


def take_from_queue(root: Path, waiting: Waiting) -> bool:
    """Take a run off the list, as it begins; return whether it was still there.

    Raises:
        RunError: If the file is damaged or cannot be written.
    """
    was_there = False

    def take(runs: list[Waiting]) -> list[Waiting]:
        nonlocal was_there
        left = [run for run in runs if run.id != waiting.id]
        was_there = len(left) < len(runs)
        return left

    _change(root, take)
    return was_there


def _change(root: Path, change: Callable[[list[Waiting]], list[Waiting]]) -> None:
    path = root / _FILE
    # Two tabs, two servers or two machines may change it at once.
    with editing(path), writing(path):
        waiting = change(read_queue(root))
        content = {"runs": [run.model_dump(mode="json") for run in waiting]}
        write_whole(path, json.dumps(content, indent=1).encode())
