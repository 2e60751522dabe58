"""A saved tuning: its candidates, their runs, the rounds and the measurements.

A candidate is the starting settings with some changes; candidate 0, the control, has no change.
Each candidate has a run. The two candidates that are compared at the end have another run for each
other seed. A round has the indices of the runs that train in it, and their training time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.config.stored_config import StoredConfig
from dcgan.evaluation.main_metric import find_common_metric, is_copying
from dcgan.tuning.schedule import Costs
from dcgan.tuning.search_space import describe_candidate

FORMAT = 1  # Increased when an older version could misread a newer tuning.
CONTROL = 0  # Index of the candidate with the starting settings.
CONTROL_RUN = 0  # Index of its run with the seed of the starting settings.

_Index = Annotated[int, Field(ge=0, le=10_000)]
_Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Candidate(BaseModel, frozen=True):
    """Settings that are tried.

    Attributes:
        config: All settings, with the length and the seed of the starting settings.
        changed: Names of the settings that differ from the starting settings.
    """

    config: StoredConfig
    changed: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The changed settings, such as "Learning rates 0.001 and R1 penalty 1"."""
        return describe_candidate(self.config, self.changed)


class CandidateRun(BaseModel, frozen=True):
    """A run of a candidate.

    Attributes:
        candidate: Index of the candidate.
        seed: Seed of the run.
        measurements: Measurements at the ends of the rounds of the run.
        problem: Reason why the run cannot continue, as a sentence; "" if it can.
    """

    candidate: _Index
    seed: Annotated[int, Field(ge=0)]
    measurements: tuple[RunMeasurement, ...] = ()
    problem: str = ""


class Round(BaseModel, frozen=True):
    """A round, in which some runs train for the same time and are measured.

    Attributes:
        seconds: Training time of each run after its first step, earlier rounds included.
        runs: Indices of the runs, in the order of training.
        is_final: Whether the runs compare the best candidate with the control, with other seeds.
    """

    seconds: _Seconds
    runs: tuple[_Index, ...]
    is_final: bool = False


class TuningFormat(BaseModel, frozen=True):
    """The part of a tuning's file that every format has."""

    format: int


class Tuning(TuningFormat, frozen=True):
    """The plan of a tuning and its results so far.

    Attributes:
        format: Version of the file.
        created: ISO 8601 time of the start.
        minutes: Time for the whole tuning.
        base: The starting settings.
        fingerprint: Fingerprint of the pictures.
        num_changes: Number of single changes that are tried in the first round.
        costs: Newest estimate of the seconds of a run beside its training.
        spent_seconds: Time spent so far.
        candidates: The settings that are tried; the control first.
        runs: All runs.
        rounds: The rounds so far; the last one may not be complete.
        is_finished: Whether no round follows.
    """

    created: str
    minutes: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    base: StoredConfig
    fingerprint: str
    num_changes: Annotated[int, Field(ge=1, le=100)]
    costs: Costs
    spent_seconds: _Seconds = 0.0
    candidates: tuple[Candidate, ...] = ()
    runs: tuple[CandidateRun, ...] = ()
    rounds: tuple[Round, ...] = ()
    is_finished: bool = False

    @model_validator(mode="after")
    def _check_indices(self) -> Self:
        """Refuse a file whose parts do not fit together."""
        if any(run.candidate >= len(self.candidates) for run in self.runs):
            raise ValueError("a run has no candidate")
        if any(index >= len(self.runs) for each in self.rounds for index in each.runs):
            raise ValueError("a round has an unknown run")
        if not all(measured.has_distance for run in self.runs for measured in run.measurements):
            raise ValueError("a measurement has no distance")
        return self

    @property
    def metric(self) -> str:
        """Name of the main metric by which the candidates are compared."""
        return find_common_metric(measured for run in self.runs for measured in run.measurements)

    @property
    def seconds_left(self) -> float:
        """Time that is left."""
        return max(0.0, 60 * self.minutes - self.spent_seconds)

    def count_rounds(self, run_index: int) -> int:
        """Return the number of rounds of a run."""
        return sum(run_index in each.runs for each in self.rounds)

    def is_pending(self, run_index: int) -> bool:
        """Return whether a run has to be trained or measured in the current round."""
        run = self.runs[run_index]
        return not run.problem and len(run.measurements) < self.count_rounds(run_index)

    def find_pending_run(self) -> int | None:
        """Return the index of the round's next run; None if the round is complete."""
        indices = self.rounds[-1].runs if self.rounds else ()
        return next((index for index in indices if self.is_pending(index)), None)

    def find_distance(self, run_index: int) -> float | None:
        """Return the newest distance of a run; None without one, or if the run has a problem."""
        run = self.runs[run_index]
        if run.problem or not run.measurements:
            return None
        return run.measurements[-1].distance

    def list_ranked_runs(self, run_indices: Sequence[int]) -> list[int]:
        """Return the indices of the measured runs, the nearest to real images first.

        Runs that copy the training pictures come last: their pictures are near, but not new.
        """
        distances = {index: self.find_distance(index) for index in run_indices}
        measured = [
            (self.is_copying(index), distance, index)
            for index, distance in distances.items()
            if distance is not None
        ]
        return [index for *_, index in sorted(measured)]

    def is_copying(self, run_index: int) -> bool:
        """Return whether the pictures of a measured run are copies of training pictures."""
        return is_copying(self.runs[run_index].measurements[-1])

    def change_run(self, run_index: int, **changes: object) -> Self:
        """Return a copy in which attributes of a run are replaced."""
        runs = list(self.runs)
        runs[run_index] = runs[run_index].model_copy(update=changes)
        return self.model_copy(update={"runs": tuple(runs)})
