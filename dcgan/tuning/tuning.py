"""A tuning as it is saved: its candidates, their runs, the rounds, and what was measured.

A candidate is the starting settings with some changes; candidate 0, the control, has none. Each
candidate has a run, and the two that are compared at the end have one more for each other seed. A
round names the runs that train in it, and for how long.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from dcgan.config.training_config import TrainingConfig
from dcgan.evaluation.main_metric import find_common_metric
from dcgan.sweeps.race import RaceMeasurement
from dcgan.tuning.schedule import Costs
from dcgan.tuning.search_space import describe_candidate

FORMAT = 1  # Increased when an older version could misread a newer tuning.
CONTROL = 0  # Index of the candidate with the starting settings.

_Index = Annotated[int, Field(ge=0, le=10_000)]
_Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Candidate(BaseModel, frozen=True):
    """Settings that are tried.

    Attributes:
        config: All settings, with the length and the seed of the starting settings.
        changed: Names of those that differ from the starting settings.
    """

    config: TrainingConfig
    changed: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Its changed settings, such as "Learning rates 0.001 and R1 penalty 1"."""
        return describe_candidate(self.config, self.changed)


class CandidateRun(BaseModel, frozen=True):
    """A run of a candidate.

    Attributes:
        candidate: Index of the candidate.
        seed: Its seed.
        measurements: What was measured at the ends of its rounds.
        problem: Why it cannot go on, as a sentence; "" otherwise.
    """

    candidate: _Index
    seed: Annotated[int, Field(ge=0)]
    measurements: tuple[RaceMeasurement, ...] = ()
    problem: str = ""


class Round(BaseModel, frozen=True):
    """A round, in which some runs train for equally long and are measured.

    Attributes:
        seconds: Training time of each run after its first step, earlier rounds included.
        runs: Indices of the runs, in the order of training.
        is_final: Whether its runs compare the best candidate with the control, with other seeds.
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
        created: ISO 8601 time of its start.
        minutes: Time for all of it.
        base: The starting settings.
        fingerprint: Fingerprint of the pictures.
        num_changes: Number of single changes that are tried in the first round.
        costs: Seconds of a run beside its training, as measured last.
        spent_seconds: Time spent so far.
        candidates: The settings that are tried; the control first.
        runs: All runs.
        rounds: The rounds so far; the last one may not be complete.
        is_finished: Whether no round follows.
    """

    created: str
    minutes: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    base: TrainingConfig
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

    def count_rounds(self, run: int) -> int:
        """Return in how many rounds a run takes part."""
        return sum(run in each.runs for each in self.rounds)

    def is_pending(self, run: int) -> bool:
        """Return whether a run has to be trained or measured in the current round."""
        each = self.runs[run]
        return not each.problem and len(each.measurements) < self.count_rounds(run)

    def find_pending_run(self) -> int | None:
        """Return the next run of the current round; None if the round is complete."""
        runs = self.rounds[-1].runs if self.rounds else ()
        return next((run for run in runs if self.is_pending(run)), None)

    def get_distance(self, run: int) -> float | None:
        """Return the newest distance of a run; None without one, or if the run has a problem."""
        each = self.runs[run]
        if each.problem or not each.measurements:
            return None
        return each.measurements[-1].distance

    def list_ranked_runs(self, runs: Sequence[int]) -> list[int]:
        """Return those of some runs that were measured, the nearest to real images first."""
        measured = [(self.get_distance(run), run) for run in runs]
        return [run for distance, run in sorted((d, run) for d, run in measured if d is not None)]

    def change_run(self, run: int, **changes: object) -> Self:
        """Return a copy in which attributes of a run are replaced."""
        runs = list(self.runs)
        runs[run] = runs[run].model_copy(update=changes)
        return self.model_copy(update={"runs": tuple(runs)})
