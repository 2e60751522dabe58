"""The window of recent reports that a diagnosis reads, summarized in a few robust numbers.

It reads the newest reports only, so a run of any length takes the same time.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from itertools import islice

from dcgan.diagnosis.thresholds import IMPROVEMENT, MIN_COVERAGE
from dcgan.evaluation.evaluations_since_change import (
    find_convergence_event,
    find_last_change,
    select_since_change,
)
from dcgan.evaluation.main_metric import (
    find_best_evaluation,
    get_distance,
    is_at_quick_limit,
    is_copying,
    select_comparable,
)
from dcgan.evaluation.metric_info import UNLIKE_PRECISION
from dcgan.evaluation.metrics import MISSING_SHARE
from dcgan.reports import EvaluationReport, EventReport, StepReport

# Medians are over the reports of this many steps. A median passes a threshold only if half of the
# reports do, so an outlier has no effect. A report covers 1 to 500 steps, depending on the speed of
# the machine.
WINDOW_STEPS = 200
MIN_REPORTS = 3
_MAX_REPORTS = 64
# This many of the newest evaluations decide whether a quick distance can tell more, because single
# ones differ by a tenth.
_NUM_AT_LIMIT = 6
# A fall of the spread is looked for in this many steps: two epochs of MNIST.
_LONG_WINDOW_STEPS = 2000
_MAX_LONG_WINDOW_REPORTS = 256


class Window:
    """The reports since the last change of a run, with their medians.

    Step reports and `current_evaluation` are from after the last change, such as a changed setting
    or a rollback. `comparable_evaluations` may be older.

    Attributes:
        dataset_size: Number of images of the data set; 0 if that is not known.
        step: The run's newest step.
        last_change: The last event that changed the run; None without one.
        start_step: The step of that event; 0 without one.
        convergence_event: The event that ended the run at its newest step because it stopped
            improving; None without one.
        step_reports: The newest step reports since the last change, newest first.
        current_evaluation: The newest evaluation since the last change; None without one.
        comparable_evaluations: All evaluations that can be compared with the newest one, oldest
            first.
    """

    def __init__(
        self,
        steps: Sequence[StepReport],
        evaluations: Sequence[EvaluationReport],
        events: Sequence[EventReport],
        dataset_size: int = 0,
    ) -> None:
        self.dataset_size = dataset_size
        self.last_change = find_last_change(events)
        self.start_step = self.last_change.step if self.last_change else 0
        self.step = steps[-1].step if steps else self.start_step
        self.convergence_event = find_convergence_event(events, self.step)
        self.step_reports = self._select_newest(steps, WINDOW_STEPS, _MAX_REPORTS)
        long_window = self._select_newest(steps, _LONG_WINDOW_STEPS, _MAX_LONG_WINDOW_REPORTS)
        self._earlier_reports = long_window[len(long_window) // 2 :]
        self.current_evaluation = next(
            reversed(select_since_change(evaluations, self.last_change)), None
        )
        self.comparable_evaluations = select_comparable(evaluations)

    def _select_newest(
        self, steps: Sequence[StepReport], num_steps: int, max_reports: int
    ) -> list[StepReport]:
        """Return the reports of the last `num_steps` steps, newest first, at most `max_reports`.

        Older ones are added until there are `MIN_REPORTS`; none is from before the last change.
        """
        newest: list[StepReport] = []
        for report in islice(reversed(steps), max_reports):
            is_enough = len(newest) >= MIN_REPORTS
            if report.step <= self.start_step or (
                is_enough and report.step <= self.step - num_steps
            ):
                break
            newest.append(report)
        return newest

    @property
    def epoch(self) -> int:
        """The epoch of the newest report or of the last change; 1 without either."""
        if self.step_reports:
            return self.step_reports[0].epoch
        return self.last_change.epoch if self.last_change else 1

    def compute_median(self, field: str) -> float:
        """Return the median of a field over `step_reports`."""
        return statistics.median(getattr(report, field) for report in self.step_reports)

    @property
    def real_spread(self) -> float | None:
        """The difference of two training images, in [0, 1]; None if it was not measured."""
        values = [
            report.real_spread for report in self.step_reports if report.real_spread is not None
        ]
        return statistics.median(values) if values else None

    @property
    def relative_spread(self) -> float | None:
        """The difference of two fakes, as a share of `real_spread`; None if it was not measured."""
        return _compute_relative_spread(self.step_reports)

    @property
    def newest_relative_spread(self) -> float | None:
        """`relative_spread` of the last few reports only, for a run that has just begun."""
        return _compute_relative_spread(self.step_reports[:MIN_REPORTS])

    @property
    def earlier_relative_spread(self) -> float | None:
        """`relative_spread` in the older half of the last 2,000 steps."""
        return _compute_relative_spread(self._earlier_reports)

    @property
    def evaluations_since_change(self) -> list[EvaluationReport]:
        """Those of `comparable_evaluations` from after the last change, oldest first."""
        return [report for report in self.comparable_evaluations if report.step > self.start_step]

    @property
    def is_at_quick_limit(self) -> bool:
        """Whether the newest distances are too near to that of real images to tell more.

        The middle one of the newest six since the last change decides, as a level distance varies
        around the limit: a single distance changes no verdict.
        """
        recent = sorted(self.evaluations_since_change[-_NUM_AT_LIMIT:], key=get_distance)
        if not recent:
            return False
        return is_at_quick_limit(recent[(len(recent) - 1) // 2], self.dataset_size)

    @property
    def best_evaluation(self) -> EvaluationReport | None:
        """The evaluation with the smallest distance to real images, see `find_best_evaluation`."""
        return find_best_evaluation(self.comparable_evaluations, self.dataset_size)

    @property
    def rollback_step(self) -> int | None:
        """The step of the best evaluation, if a rollback to its checkpoint would help.

        It must be clearly better than the newest, whose distance must be large enough to tell, and
        its pictures must not themselves be collapsed or unlike the data.
        """
        best = self.best_evaluation
        if best is None:
            return None
        newest = self.comparable_evaluations[-1]
        if get_distance(best) >= IMPROVEMENT * get_distance(newest):
            return None
        if is_at_quick_limit(newest, self.dataset_size):
            return None
        return best.step if _is_healthy(best) else None

    @property
    def step_before_copying(self) -> int | None:
        """The step of the best evaluation whose pictures were no copies; None without one."""
        best = self.best_evaluation
        return None if best is None or is_copying(best) or not _is_healthy(best) else best.step

    @property
    def drawn_digits(self) -> tuple[int, ...]:
        """The digits that the generator draws, ascending; empty if not known."""
        return _list_digits(self.current_evaluation.digit_shares) if self.current_evaluation else ()

    @property
    def real_digits(self) -> tuple[int, ...]:
        """The digits in the training images, ascending; empty if not known."""
        return (
            _list_digits(self.current_evaluation.real_digit_shares)
            if self.current_evaluation
            else ()
        )

    @property
    def missing_digits(self) -> tuple[int, ...]:
        """The digits in the training images that the generator does not draw, ascending."""
        return tuple(digit for digit in self.real_digits if digit not in self.drawn_digits)


def _is_healthy(report: EvaluationReport) -> bool:
    def divide_by_real(name: str) -> float:
        real = report.real_metrics.get(name, 0.0)
        return report.metrics.get(name, 0.0) / real if real else 1.0

    drawn, real = map(_list_digits, (report.digit_shares, report.real_digit_shares))
    missing = set(real) - set(drawn)
    is_like_data = divide_by_real("precision") > UNLIKE_PRECISION
    has_most_digits = not missing or len(missing) < len(drawn)
    return is_like_data and has_most_digits and divide_by_real("coverage") >= MIN_COVERAGE


def _compute_relative_spread(reports: Iterable[StepReport]) -> float | None:
    ratios = [
        report.fake_spread / report.real_spread
        for report in reports
        if report.fake_spread is not None and report.real_spread
    ]
    return statistics.median(ratios) if ratios else None


def _list_digits(shares: Sequence[float]) -> tuple[int, ...]:
    return tuple(digit for digit, share in enumerate(shares) if share >= MISSING_SHARE)
