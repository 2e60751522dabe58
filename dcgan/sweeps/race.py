"""A race: runs with different settings that train for the same time, and their measurements.

Its runs are ordinary runs of the library, which the queue trains one after the other. The race's
own file, `.races/<name>.json` under the root, holds the plan, the name of each run's folder and its
measurement. So a race outlives the server, and runs that are missing can be trained later.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.config.settings import MAX_SEED
from dcgan.config.stored_config import StoredConfig
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import ConfigError, RunError
from dcgan.evaluation.main_metric import find_common_metric
from dcgan.files.whole_files import (
    create_atomically,
    encode_json,
    read_model,
    translate_write_errors,
    write_json,
)
from dcgan.locking.lock import editing
from dcgan.wording import quote_title

MIN_VARIANTS, MAX_VARIANTS = 2, 4
MAX_RACE_SEEDS = 3
# Extra seconds for each run: building the networks, the first step, the measurement.
OTHER_SECONDS = 20.0
_FORMAT = 1  # Increased when an older version could misread a newer race.
_FOLDER = ".races"
_NAME = re.compile(r"\d{8}-\d{6}(-\d{1,3})?")


@dataclass(frozen=True)
class Variant:
    """Settings that take part in a race.

    Attributes:
        label: The settings that distinguish it, such as "beta_1 0.5".
        config: All of its settings. The race decides the length and the seeds.
    """

    label: str
    config: TrainingConfig


class RaceRun(BaseModel, frozen=True, populate_by_name=True, serialize_by_alias=True):
    """A run of a race.

    Attributes:
        variant_index: Index of its variant.
        config: Its settings.
        folder: Name of its folder; "" before it started.
        measurement: What was measured at its end; None before.
        problem: Why it has no measurement, as a sentence; "" otherwise.
    """

    variant_index: Annotated[int, Field(alias="variant", ge=0, lt=MAX_VARIANTS)]
    config: StoredConfig
    folder: Annotated[str, Field(pattern=r"^[^/\\]*$")] = ""
    measurement: RunMeasurement | None = None
    problem: str = ""


class _RaceFormat(BaseModel, frozen=True):
    """The part of a race's file that every format has."""

    format: int


class Race(_RaceFormat, frozen=True, populate_by_name=True, serialize_by_alias=True):
    """The plan of a race and its results so far.

    Attributes:
        format: Version of the file.
        name: Time of its start, and the name of its file; "" before it has one.
        seconds: Training time of each run after its first step, which builds the graph.
        variant_labels: Labels of the variants.
        runs: In the order of training: all variants with one seed, then with the next.
    """

    name: str = ""
    seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    variant_labels: Annotated[
        tuple[str, ...],
        Field(alias="variants", min_length=MIN_VARIANTS, max_length=MAX_VARIANTS),
    ]
    runs: tuple[RaceRun, ...]

    @model_validator(mode="after")
    def _check_runs(self) -> Self:
        """Refuse a file on which the progress or the verdict would fail."""
        if {run.variant_index for run in self.runs} != set(range(len(self.variant_labels))):
            raise ValueError("its settings and runs do not fit together")
        for run in self.runs:
            if run.measurement is not None:
                if not run.measurement.has_distance:
                    raise ValueError("a measurement has no distance")
                if run.measurement.step < 1:
                    raise ValueError("a measurement was made before the first step")
        return self

    @property
    def metric(self) -> str:
        """Name of the main metric by which the measured runs are compared."""
        return find_common_metric(
            run.measurement for run in self.runs if run.measurement is not None
        )

    @property
    def num_seeds(self) -> int:
        """Number of runs of each variant."""
        return len({run.config.seed for run in self.runs})

    def select_variants(self, variant_indices: Sequence[int]) -> Self:
        """Return a race with some of its variants, given by their indices."""
        return self.model_copy(
            update={
                "variant_labels": tuple(self.variant_labels[index] for index in variant_indices),
                "runs": tuple(
                    run.model_copy(
                        update={"variant_index": variant_indices.index(run.variant_index)}
                    )
                    for run in self.runs
                    if run.variant_index in variant_indices
                ),
            }
        )

    def describe_start(self) -> str:
        """Return the time of its start, such as "30 Nov 14:05"."""
        time = _parse_time(self.name)
        return f"{time.day} {time:%b %H:%M}"

    def label_run(self, run_index: int) -> str:
        """Return the label of a run among the others, such as "Batch size 32, seed 1"."""
        run = self.runs[run_index]
        seed = f", seed {run.config.seed}" if self.num_seeds > 1 else ""
        return f"{self.variant_labels[run.variant_index]}{seed}"

    def make_run_title(self, run_index: int) -> str:
        """Return the title of a run, such as "Race 30 Nov 14:05, seed 1: beta_1 0".

        Pages show it without its start, see `shorten_title`.
        """
        run = self.runs[run_index]
        # Before the label, because the end of a long title is cut off.
        seed = f", seed {run.config.seed}" if self.num_seeds > 1 else ""
        return f"Race {self.describe_start()}{seed}: {self.variant_labels[run.variant_index]}"


def plan_race(variants: Sequence[Variant], seconds: float, num_seeds: int) -> Race:
    """Plan the runs of a race, which has no name yet.

    Args:
        variants: Two to four of them.
        seconds: Training time of each run.
        num_seeds: How many runs each variant has, with the seeds from its own seed on.

    Raises:
        ConfigError: If there are too few or too many variants, or two of them are equal.
    """
    if not MIN_VARIANTS <= len(variants) <= MAX_VARIANTS:
        raise ConfigError(f"A race needs two to four settings; got {len(variants)}.")
    runs = [
        RaceRun(
            variant_index=index,
            config=variant.config.replace(
                epochs=None,
                max_seconds=seconds,
                until_converged=False,
                evaluate_every=variant.config.evaluate_every or 1,
                seed=(variant.config.seed + shift) % (MAX_SEED + 1),
                class_names=(),  # They are read from the data when the run starts.
            ),
        )
        for shift in range(num_seeds)
        for index, variant in enumerate(variants)
    ]
    for index, variant in enumerate(variants):
        for other in range(index):
            if runs[index].config == runs[other].config:
                label, other_label = quote_title(variant.label), quote_title(variants[other].label)
                if label == other_label:
                    raise ConfigError(f"{label} is there twice; change one.")
                raise ConfigError(f"{other_label} and {label} have the same settings; change one.")
    labels = tuple(variant.label for variant in variants)
    return Race(format=_FORMAT, seconds=seconds, variant_labels=labels, runs=tuple(runs))


def plan_again(race: Race) -> Race:
    """Return the plan of a race with the same runs, before their training."""
    runs = tuple(RaceRun(variant_index=run.variant_index, config=run.config) for run in race.runs)
    return race.model_copy(update={"name": "", "runs": runs})


def estimate_race_seconds(num_runs: int, seconds: float) -> float:
    """Estimate how long some runs of a race take, with the work beside their training."""
    return num_runs * (seconds + OTHER_SECONDS)


def list_races(root: Path) -> list[str]:
    """Return the names of the races under a root, the newest first."""
    try:
        names = [path.stem for path in (root / _FOLDER).glob("*.json")]
    except OSError:
        return []
    return sorted(filter(_is_race_name, names), reverse=True)


def read_race(root: Path, name: str) -> Race:
    """Read a race.

    Raises:
        RunError: If it is missing, damaged or of a newer version.
    """
    path = get_race_path(root, name)
    # A name from the queue's file could lead anywhere.
    if not _is_race_name(name) or not path.is_file():
        raise RunError("This race is no longer there; choose another one.")
    # Check the format first, as the other fields of a newer one may be different.
    version = read_model(path, _RaceFormat).format
    if version > _FORMAT:
        raise RunError(
            f"This race has format {version}; this program reads up to {_FORMAT}, so update it."
        )
    return read_model(path, Race).model_copy(update={"name": name})


def create_race(root: Path, plan: Race, time: datetime) -> Race:
    """Write a new race; of several that start in the same second, each has its own name.

    Args:
        root: The folder of the runs.
        plan: The race, from `plan_race`.
        time: The time of its start, of which its name is made.

    Returns:
        The race with its name.

    Raises:
        DiskWriteError: If the file system refuses.
    """
    stem = name = f"{time:%Y%m%d-%H%M%S}"
    number = 1
    with translate_write_errors(root / _FOLDER):
        (root / _FOLDER).mkdir(parents=True, exist_ok=True)
        while True:
            race = plan.model_copy(update={"name": name})
            try:
                create_atomically(
                    get_race_path(root, name), encode_json(race.model_dump(mode="json"))
                )
            except FileExistsError:  # Another tab has taken the name.
                number += 1
                name = f"{stem}-{number}"
            else:
                return race


def change_race(root: Path, name: str, run_index: int, **changes: object) -> None:
    """Replace attributes of one run of a race, while other processes are kept out.

    Raises:
        RunError: If the race is missing or damaged, or cannot be written.
    """
    path = get_race_path(root, name)
    with editing(path), translate_write_errors(path):
        race = read_race(root, name)
        runs = list(race.runs)
        runs[run_index] = runs[run_index].model_copy(update=changes)
        race = race.model_copy(update={"runs": tuple(runs)})
        write_json(path, race.model_dump(mode="json"))


def delete_race(root: Path, name: str) -> None:
    """Delete the file of a race; its runs stay.

    Raises:
        DiskWriteError: If the file system refuses.
    """
    path = get_race_path(root, name)
    with translate_write_errors(path):
        path.unlink(missing_ok=True)


def _is_race_name(name: str) -> bool:
    if not _NAME.fullmatch(name):
        return False
    try:
        _parse_time(name)
    except ValueError:  # Month 13.
        return False
    return True


def _parse_time(name: str) -> datetime:
    return datetime.strptime(name[:15], "%Y%m%d-%H%M%S")


def get_race_path(root: Path, name: str) -> Path:
    """Return the path of a race's file."""
    return root / _FOLDER / f"{name}.json"
