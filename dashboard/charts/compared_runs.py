"""The runs of a comparison: their reports, measurements and curves. Imports no Streamlit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dashboard.process.file_cache import cache_until_changed
from dashboard.snapshots.snapshot import Phase, Snapshot
from dcgan.comparison.kept_measurement import is_quick
from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.config.named_datasets import choose_noun, has_digits
from dcgan.evaluation.evaluations_since_change import find_last_change, select_since_change
from dcgan.evaluation.main_metric import (
    MAIN_METRICS,
    find_common_metric,
    get_distance_label,
)
from dcgan.evaluation.metric_info import METRIC_INFO
from dcgan.reports import EvaluationReport, EventReport, StepReport
from dcgan.runs.history import HISTORY_NAME
from dcgan.runs.manifest import State
from dcgan.runs.run_folder import Run

# Labels by metric of an evaluation or by field of a step report; the most informative first.
CURVES = {
    **{name: info.label for name, info in METRIC_INFO.items() if "compare" in info.places},
    "fake_accuracy": "Accuracy on fake pictures",
    "real_accuracy": "Accuracy on real pictures",
    "generator_loss": "Generator's loss",
    "discriminator_loss": "Discriminator's loss",
    "generator_gradient_norm": "Generator's gradient norm",
    "discriminator_gradient_norm": "Discriminator's gradient norm",
    "images_per_second": "Images/s",
}


@dataclass(frozen=True, eq=False)
class Record:
    """The reports of a run, for comparisons.

    Attributes:
        history, evaluations: Step reports and evaluations of the run, oldest first, including the
            reports that a branch inherited.
        events: Events of the run, oldest first.
        state: Phase of the trainer if this process trains it, otherwise the state in its folder.
    """

    history: tuple[StepReport, ...]
    evaluations: tuple[EvaluationReport, ...]
    events: tuple[EventReport, ...] = ()
    state: State | Phase = "stopped"

    @property
    def step(self) -> int:
        """The last step; 0 before the first."""
        return self.history[-1].step if self.history else 0

    @property
    def changes(self) -> tuple[str, ...]:
        """Changes of its settings during training, in sentences, oldest first."""
        return tuple(event.text for event in self.events if event.event == "changed")

    @property
    def last_change(self) -> EventReport | None:
        """The last event that changed it; None without one."""
        return find_last_change(self.events)

    @property
    def evaluations_since_change(self) -> tuple[EvaluationReport, ...]:
        """The evaluations since its last change, oldest first. Only these are compared."""
        return select_since_change(self.evaluations, self.last_change)

    @property
    def newest_evaluation(self) -> EvaluationReport:
        """The newest evaluation since its last change.

        Raises:
            IndexError: If there is none.
        """
        return self.evaluations_since_change[-1]

    @property
    def is_measured(self) -> bool:
        """Whether it has an evaluation since its last change."""
        return bool(self.evaluations_since_change)

    def has_curve(self, curve: str) -> bool:
        """Return whether the run has values of a curve since its last change.

        Args:
            curve: One of CURVES.
        """
        if curve in METRIC_INFO:
            return any(curve in report.metrics for report in self.evaluations_since_change)
        return bool(self.history)


@dataclass(frozen=True, eq=False)
class ComparedRun:
    """A run of a comparison.

    Attributes:
        run: The run.
        title: Name of the run in the comparison, as plain text.
        record: Reports of the run.
        color_index: Index of the colour of the run's line and card.
        metric: Name of the main metric that ranks it, see `select_measured`.
        measurement: Its precise measurement, such as that of a race, if the runs are compared by
            these.
        lacks_precise: Whether the runs are compared by precise measurements, and this one has only
            a quick distance, which is shown and not ranked. `use_measurements` has the rule.
        race_seconds: The training time of its race; None without one.
    """

    run: Run
    title: str
    record: Record
    color_index: int
    metric: str = MAIN_METRICS[-1]
    measurement: RunMeasurement | None = None
    lacks_precise: bool = False
    race_seconds: float | None = None

    @property
    def is_measured(self) -> bool:
        """Whether it has a result that can be ranked among the compared runs."""
        return self.measurement is not None or (self.record.is_measured and not self.lacks_precise)

    @property
    def unranked(self) -> EvaluationReport | None:
        """Its quick evaluation if that is shown and not ranked; otherwise None."""
        return self.record.newest_evaluation if self.lacks_precise else None

    @property
    def result(self) -> EvaluationReport | RunMeasurement:
        """Its measurement, otherwise the newest evaluation since its last change.

        Raises:
            IndexError: If it was not measured.
        """
        return self.measurement or self.record.newest_evaluation

    @property
    def distance(self) -> float:
        """The distance to real images in its result."""
        return self.result.metrics[self.metric]


def read_current_record(run: Run, snapshot: Snapshot) -> Record:
    """Return a run's record from its folder, or from the trainer while it trains here.

    Raises:
        RunError: If it cannot be read.
    """
    if snapshot.trains(run):
        return Record(snapshot.history, snapshot.evaluations, snapshot.events, snapshot.phase)
    return replace(read_record(run), state=run.read_status().state)


@cache_until_changed(HISTORY_NAME, max_runs=30)
def read_record(run: Run) -> Record:
    """Read a run's reports; cached for all tabs until the history changes.

    Raises:
        RunError: If it cannot be read.
    """
    return Record(
        tuple(run.history.read_steps()),
        tuple(run.history.read_evaluations()),
        tuple(run.history.read_events()),
    )


def find_metric(compared: Sequence[ComparedRun]) -> str:
    """Return the main metric by which runs are compared: one that all measured ones have."""
    return find_common_metric(
        compared_run.result for compared_run in compared if compared_run.is_measured
    )


def select_measured(compared: Sequence[ComparedRun]) -> list[ComparedRun]:
    """Return the runs that were measured, each with the metric by which they are compared."""
    metric = find_metric(compared)
    return [
        replace(compared_run, metric=metric)
        for compared_run in compared
        if compared_run.is_measured
    ]


def find_best_distance(record: Record, metric: str) -> float | None:
    """Return the lowest value of a main metric that a run has reached; None without one."""
    distances = [
        report.metrics[metric]
        for report in record.evaluations_since_change
        if metric in report.metrics
    ]
    return min(distances, default=None)


def label_curve(curve: str, compared: Sequence[ComparedRun]) -> str:
    """Return the name of a curve; the metric by which the runs are ranked is in plain language."""
    if curve != find_metric(compared):
        return CURVES[curve]
    return get_distance_label(has_digits=have_digits(compared), is_quick=are_quick(compared))


def are_quick(compared: Sequence[ComparedRun]) -> bool:
    """Return whether the results compare fewer images than a precise measurement."""
    measured = [compared_run for compared_run in compared if compared_run.is_measured]
    return bool(measured) and all(
        compared_run.measurement is None
        and is_quick(compared_run.result.num_images, compared_run.run)
        for compared_run in measured
    )


def list_curves(compared: Sequence[ComparedRun]) -> list[str]:
    """Return the curves to choose from: the distance, and those that a run has."""
    main_metric = find_metric(compared)
    return [
        curve
        for curve in CURVES
        if curve == main_metric
        or any(compared_run.record.has_curve(curve) for compared_run in compared)
    ]


def have_digits(compared: Sequence[ComparedRun]) -> bool:
    """Return whether all runs learned from digits."""
    return all(has_digits(compared_run.run.config.dataset) for compared_run in compared)


def get_common_noun(compared: Sequence[ComparedRun]) -> str:
    """Return the noun for one picture of the runs: "digit" if all learned from digits."""
    return choose_noun(are_digits=have_digits(compared))


def is_comparable(compared: Sequence[ComparedRun], curve: str) -> bool:
    """Return whether a curve can be compared.

    A metric of an evaluation can be compared if all runs were measured with the same pictures and
    the same number of them. A value of step reports can always be compared.
    """
    measured = {
        (
            compared_run.run.dataset.fingerprint,
            compared_run.record.newest_evaluation.num_images,
        )
        for compared_run in compared
        if compared_run.record.has_curve(curve) and compared_run.record.evaluations_since_change
    }
    return curve not in METRIC_INFO or len(measured) < 2
