"""A study: the trials of a verdict's remedies from one checkpoint, and their results.

An action is a suggestion of a verdict. A remedy is an action that can be tried. A trial is one
short training, with a remedy or without one (a baseline).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from dcgan.config.named_datasets import choose_noun
from dcgan.errors import DiskWriteError, InUseError, OutOfMemoryError
from dcgan.evaluation.main_metric import MAIN_METRICS, find_main_metric, list_metrics_at
from dcgan.evaluation.metric_info import METRIC_INFO, Place, explain_uncounted

FORMAT = 1  # Increased when an older version could misread a newer study.

# Shape of the grid of digits in a measurement; five such grids fit into a row of a laptop's window.
ROWS, COLUMNS = 5, 6
NUM_SEEDS = 3  # Each metric is measured with this number of batches of z.

# Errors of the machine, not of the remedy; the trial stays pending.
MACHINE_ERRORS = (DiskWriteError, InUseError, OutOfMemoryError)

TrialKind = Literal[
    "baseline", "changed_settings", "rolled_back", "new_run", "baseline_other_noise"
]

_Count = Annotated[int, Field(ge=0, le=2**63 - 1)]
_Number = Annotated[float, Field(allow_inf_nan=False)]
# A value of a setting that is a word, such as "auto".
_Word = Annotated[str, Field(max_length=20)]
_PICTURES_AS_TEXT = ConfigDict(frozen=True, ser_json_bytes="base64", val_json_bytes="base64")


class SeedRange(BaseModel, frozen=True):
    """A metric of one generator over several seeds of z.

    Attributes:
        mean: The mean.
        low, high: The minimum and the maximum.
    """

    mean: _Number
    low: _Number
    high: _Number


class Measurement(BaseModel):
    """The state of a generator at one step.

    Attributes:
        step: The step.
        metrics: Metrics by their names in `metric_info.METRIC_INFO`; empty if the data set has too
            few images.
        png: A grid of its digits. All trials of a study use the same z.
    """

    model_config = _PICTURES_AS_TEXT

    step: _Count
    metrics: Mapping[str, SeedRange]
    png: bytes


class Trial(BaseModel):
    """A short training with one remedy, or a baseline, which changes nothing.

    Attributes:
        kind: "changed_settings" continues with other settings, "rolled_back" continues from an
            earlier checkpoint, "new_run" starts from random weights, and "baseline" continues
            without a change. "baseline_other_noise" is a baseline with other noise; the two
            baselines differ by chance only.
        changes: The new values of settings, by name.
        step: For "rolled_back", the step of the checkpoint; otherwise None.
        result: Measurement after its last step; None before.
        num_steps: Number of steps that it trained.
        problem: Error message if it failed, otherwise "".
        folder: Name of the folder of the run that it trains; "" if there is none.
    """

    model_config = _PICTURES_AS_TEXT

    kind: TrialKind
    changes: Mapping[str, _Number | _Word] = Field(default_factory=dict)
    step: _Count | None = None
    result: Measurement | None = None
    num_steps: _Count = 0
    problem: str = ""
    folder: str = ""

    @property
    def is_baseline(self) -> bool:
        """Whether it changes nothing."""
        return self.kind in ("baseline", "baseline_other_noise")

    @property
    def is_pending(self) -> bool:
        """Whether it has neither a result nor an error yet."""
        return self.result is None and not self.problem

    @property
    def is_adoptable(self) -> bool:
        """Whether its run can become one of the library."""
        return bool(self.folder) and self.result is not None

    @property
    def distance(self) -> SeedRange | None:
        """The main metric of its result; None without a result, or with too few images."""
        if self.result is None:
            return None
        metrics = self.result.metrics
        return metrics.get(find_main_metric(metrics))


class StudyFormat(BaseModel):
    """The part of a study's file that every format has."""

    format: int


class Study(StudyFormat):
    """The trials of the remedies that a verdict suggests, at one step of a run.

    Attributes:
        step: The step of the checkpoint from which they start.
        seconds: Training time of each.
        headline: Headline of the verdict.
        real_metrics: Metrics of real images, for comparison.
        before: Measurement at the checkpoint; None before the first trial.
        trials: In the order of their training.
        adopted: Name of the run made from the adopted trial, or "".
    """

    model_config = _PICTURES_AS_TEXT

    step: _Count
    seconds: _Number
    headline: str
    real_metrics: Mapping[str, _Number] = Field(default_factory=dict)
    before: Measurement | None = None
    trials: tuple[Trial, ...]
    adopted: str = ""

    @property
    def pending_indices(self) -> tuple[int, ...]:
        """Indices of the trials that have neither a result nor an error yet."""
        return tuple(index for index, trial in enumerate(self.trials) if trial.is_pending)

    @property
    def num_measured(self) -> int:
        """Number of trials with a result; those that failed have none."""
        return sum(trial.result is not None for trial in self.trials)

    def get_start_step(self, trial: Trial) -> int:
        """Return the step from which a trial trains."""
        if trial.kind == "new_run":
            return 0
        return self.step if trial.step is None else trial.step

    def explain_uncounted(self, measured: Measurement) -> str:
        """Explain why the share of readable digits has no meaning; "" if it has one.

        Args:
            measured: The measurement that has this share.
        """
        means = {name: metric.mean for name, metric in measured.metrics.items()}
        return explain_uncounted(means, self.real_metrics)

    @property
    def has_digits(self) -> bool:
        """Whether the data are digits."""
        return "confident" in self.real_metrics

    @property
    def noun(self) -> str:
        """The noun for one picture of the data: "digit" or "picture"."""
        return choose_noun(are_digits=self.has_digits)

    @property
    def shown_metrics(self) -> tuple[str, ...]:
        """Names of the metrics to show to people; they differ for digits and for other data."""
        place: Place = "remedies" if self.has_digits else "remedies_of_pictures"
        main_metric = find_main_metric(self.real_metrics)
        return list_metrics_at(place, METRIC_INFO.keys() - MAIN_METRICS | {main_metric})
