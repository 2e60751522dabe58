"""A guided experiment, what a run of it measured, and the answer. Imports no Streamlit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dashboard.snapshots.snapshot import Snapshot
from dcgan.config.config_text import format_setting
from dcgan.config.setting_info import get_setting_label, list_settings_that_affect
from dcgan.config.training_config import TrainingConfig
from dcgan.diagnosis.window import Window
from dcgan.evaluation.main_metric import get_distance
from dcgan.evaluation.metric_info import has_meaning

# The settings with which every experiment is compared. They are without classes, as in the paper,
# because networks that know the classes forget fewer digits. The results were measured with the
# paper's beta_1 and without lookahead.
NORMAL_CONFIG = TrainingConfig(class_conditional=False, beta_1=0.5, lookahead=0)

# On a slow or busy machine a run ends after this time; the answer then says how far it came.
MAX_SECONDS = 240.0

# A remark on the page of each experiment that trains.
COMMON_SETTINGS = (
    "In all experiments the networks do not learn the classes: nothing tells them which digit "
    "a picture shows."
)


@dataclass(frozen=True)
class RunNumbers:
    """The measurements of a run at its end.

    Measurements of steps, such as the accuracies, are medians of the last 200 steps.

    Attributes:
        step: Steps trained.
        seconds: Training time.
        real_accuracy, fake_accuracy: Share of real images and of fakes that the discriminator
            gets right.
        relative_spread: Difference of two fakes, divided by the difference of two training images;
            None if it was not measured.
        real_spread: Difference of two training images, in [0, 1]; None if it was not measured.
        distances: Fréchet distance of each evaluation by its step, oldest first.
        readable: Share of readable digits in the newest evaluation: the classifier is at least 90%
            sure of them. None before the first evaluation, and while the share has no meaning.
        digit_shares: Share of each digit in the newest evaluation; empty before the first.
    """

    step: int
    seconds: float
    real_accuracy: float
    fake_accuracy: float
    relative_spread: float | None = None
    real_spread: float | None = None
    distances: Mapping[int, float] = field(default_factory=dict, hash=False)
    readable: float | None = None
    digit_shares: tuple[float, ...] = ()

    @property
    def distance(self) -> float | None:
        """The newest Fréchet distance; None before the first evaluation."""
        return self.distances[max(self.distances)] if self.distances else None

    def find_common_distances(self, other: RunNumbers) -> tuple[int, float, float] | None:
        """Return the last step at which both runs were evaluated, and both distances there.

        Distances of different steps cannot be compared: they fall while a run learns. None if no
        step is common.
        """
        common = [step for step in self.distances if step in other.distances]
        if not common:
            return None
        return common[-1], self.distances[common[-1]], other.distances[common[-1]]


def measure_run(snapshot: Snapshot, last_step: int | None = None) -> RunNumbers | None:
    """Measure a run from its reports; return None before the first report.

    Args:
        snapshot: The run.
        last_step: Measure the run as it was at this step; None for its end.
    """
    history, evaluations = snapshot.history, snapshot.evaluations
    if last_step is not None:
        history = tuple(report for report in history if report.step <= last_step)
        evaluations = tuple(report for report in evaluations if report.step <= last_step)
    if not history:
        return None
    last = history[-1]
    window = Window(history, evaluations, ())
    newest = window.current_evaluation
    return RunNumbers(
        last.step,
        last.seconds,
        window.compute_median("real_accuracy"),
        window.compute_median("fake_accuracy"),
        window.relative_spread,
        window.real_spread,
        {report.step: get_distance(report) for report in window.comparable_evaluations},
        None
        if newest is None or not has_meaning("confident", newest.metrics, newest.real_metrics)
        else newest.metrics.get("confident"),
        () if newest is None else newest.digit_shares,
    )


@dataclass(frozen=True)
class Answer:
    """The result of an experiment.

    Attributes:
        outcome: Index of the prediction that the numbers support; None if they support none.
        findings: Sentences with the run's own numbers.
    """

    outcome: int | None
    findings: tuple[str, ...]


# Finds the answer in the numbers of the experiment's run, and of a normal run after as many steps.
FindAnswer = Callable[[RunNumbers, RunNumbers], Answer]


@dataclass(frozen=True)
class Experiment:
    """A question, what to predict, what to train, what to watch, and the explanation.

    All texts are Markdown.

    Attributes:
        key: Identifier, also in the page's address.
        title: Heading in a few words.
        question: Question, with what a student needs to know for it.
        predictions: Answers to choose from.
        watch: What to look at while it trains.
        find_answer: Function that finds the answer in the run's numbers; None for the walk, which
            trains nothing.
        explanation: Reason for the usual result.
        expected: Index of the usual result in `predictions`, for the teacher.
        measured: Result of our own run, for the teacher.
        changes: Settings that differ from the defaults; the length of the run is not among them.
        epochs: Passes over the data.
        evaluate_every: Epochs between two evaluations; 0 for one at the end.
        seconds: Usual duration on two processor cores.
        chart: Key of the chart beside the pictures: "losses", "accuracy", or one of
            `run_charts.CHARTS` by its key.
        is_failure: Whether the usual result is a failed run, which remedies can mend.
        follow_up: Question to talk about in the class.
    """

    key: str
    title: str
    question: str
    predictions: tuple[str, ...]
    watch: str
    find_answer: FindAnswer | None
    explanation: str
    expected: int
    measured: str
    changes: Mapping[str, object] = field(default_factory=dict, hash=False)
    epochs: int = 2
    evaluate_every: int = 0
    seconds: int = 45
    chart: str = "accuracy"
    is_failure: bool = False
    follow_up: str = ""

    @property
    def config(self) -> TrainingConfig:
        """The settings of its run."""
        # A busy machine skips evaluations, but never the first one.
        evaluate_every = self.evaluate_every or self.epochs
        return NORMAL_CONFIG.replace(
            epochs=self.epochs,
            max_seconds=MAX_SECONDS,
            evaluate_every=evaluate_every,
            **self.changes,
        )

    @property
    def changed_settings(self) -> str:
        """The changed settings as text, such as "Seed: 0 → 4"; "" if none is."""
        config = self.config
        return ", ".join(
            f"{get_setting_label(name)}: {format_setting(NORMAL_CONFIG, name)} → "
            f"{format_setting(config, name)}"
            for name in self.changes
        )


# Images per second of the whole training, evaluations included, on the machine on which
# `Experiment.seconds` was measured.
_USUAL_SPEED = 3_430.0
_MIN_STEPS = 300  # The first steps take longer.


def estimate_seconds(experiment: Experiment, newest: Snapshot) -> float | None:
    """Estimate how long an experiment takes on this machine, from the speed of the newest run.

    Returns:
        Seconds; None if no run with networks such as the experiment's was measured here.
    """
    last, config = newest.last, newest.config
    if last is None or config is None or last.step < _MIN_STEPS:
        return None
    names = list_settings_that_affect("speed")
    if any(getattr(config, name) != getattr(NORMAL_CONFIG, name) for name in names):
        return None
    usual_seconds = last.step * config.images_per_step / _USUAL_SPEED
    return min(experiment.seconds * last.seconds / usual_seconds, MAX_SECONDS)
