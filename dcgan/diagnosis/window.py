"""Where a run stands: its last reports in a few robust numbers.

`health` judges by them. It looks at the newest reports only, so a run of any length takes the
same time.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from itertools import islice

from dcgan.diagnosis.thresholds import FEW_COVERAGE, UNLIKE_PRECISION
from dcgan.evaluation.metrics import MISSING_SHARE
from dcgan.reports import EvaluationReport, EventReport, StepReport

# The median over so many steps is past a threshold only where half of them are, so an odd batch
# says nothing. A report is of 1 to 500 steps, by the speed of the machine.
WINDOW_STEPS = 200
MIN_REPORTS = 3
_MAX_REPORTS = 64
# The diversity of now is held against that of up to so many steps before: two epochs of MNIST.
MEMORY_STEPS = 2000
_MAX_MEMORY_REPORTS = 256
# What is no clear improvement of a Fréchet distance: seeds differ by a tenth (docs/levers.md).
IMPROVEMENT = 0.9


class Window:
    """Medians over the last steps, and the evaluations that count.

    What was measured before the last event, such as a changed setting or a rollback, tells
    nothing of the run as it is now, so it is left out.

    Attributes:
        step: Where the run stands.
        since: The step of the last event, 0 where there was none.
        event: The last event that made another run of it.
        window: The newest step reports, the newest first.
        evaluation: The newest one since then.
        evaluations: All that compare with the newest one, also from before, oldest first.
    """

    def __init__(
        self,
        steps: Sequence[StepReport],
        evaluations: Sequence[EvaluationReport],
        events: Sequence[EventReport],
    ) -> None:
        self.event = next((it for it in reversed(events) if it.event != "continued"), None)
        self.since = self.event.step if self.event else 0
        self.step = steps[-1].step if steps else self.since
        self.window = self._newest(steps, WINDOW_STEPS, _MAX_REPORTS)
        memory = self._newest(steps, MEMORY_STEPS, _MAX_MEMORY_REPORTS)
        self._earlier = memory[len(memory) // 2 :]
        newest = evaluations[-1] if evaluations else None
        self.evaluation = newest if newest and newest.step > self.since else None
        self.evaluations = [
            report for report in evaluations if newest and report.num_images == newest.num_images
        ]

    def _newest(self, steps: Sequence[StepReport], num_steps: int, most: int) -> list[StepReport]:
        """Return the reports of the last steps, the newest first; `MIN_REPORTS` in any case."""
        found: list[StepReport] = []
        for report in islice(reversed(steps), most):
            is_enough = len(found) >= MIN_REPORTS
            if report.step <= self.since or (is_enough and report.step <= self.step - num_steps):
                break
            found.append(report)
        return found

    def median(self, name: str) -> float:
        """Return the median of a step report's number over the last steps."""
        return statistics.median(getattr(report, name) for report in self.window)

    @property
    def real_spread(self) -> float | None:
        """How far apart two training images are, in [0, 1]; None where it was not measured."""
        values = [report.real_spread for report in self.window if report.real_spread is not None]
        return statistics.median(values) if values else None

    @property
    def spread(self) -> float | None:
        """How far apart two fakes are, over what two real images are; None if not known."""
        return _relative_spread(self.window)

    @property
    def earlier_spread(self) -> float | None:
        """The same in the older half of the last `MEMORY_STEPS`."""
        return _relative_spread(self._earlier)

    @property
    def best(self) -> EvaluationReport | None:
        """The evaluation with the smallest Fréchet distance."""
        return min(self.evaluations, key=distance, default=None)

    @property
    def better_step(self) -> int | None:
        """The step of the best evaluation, whose checkpoint a run keeps, if worth going back to.

        It has to be clearly better than the newest, and of pictures that are neither like nothing
        in the data nor of few kinds: the best of a bad lot is no way out.
        """
        best = self.best
        if best is None or distance(best) >= IMPROVEMENT * distance(self.evaluations[-1]):
            return None
        return best.step if _is_sound(best) else None

    @property
    def drawn_digits(self) -> tuple[int, ...]:
        """The digits that the generator draws, ascending; none where that is not known."""
        return _present(self.evaluation.digit_shares) if self.evaluation else ()

    @property
    def real_digits(self) -> tuple[int, ...]:
        """The digits that the training images hold, ascending; none where that is not known."""
        return _present(self.evaluation.real_digit_shares) if self.evaluation else ()

    @property
    def missing_digits(self) -> tuple[int, ...]:
        """The digits that the training images hold and the generator does not draw, ascending."""
        return tuple(digit for digit in self.real_digits if digit not in self.drawn_digits)


def distance(report: EvaluationReport) -> float:
    """Return the Fréchet distance of an evaluation, which every evaluation has."""
    return report.figures["frechet_distance"]


def _is_sound(report: EvaluationReport) -> bool:
    def relative(name: str) -> float:
        real = report.real_figures.get(name, 0.0)
        return report.figures.get(name, 0.0) / real if real else 1.0

    drawn, real = map(_present, (report.digit_shares, report.real_digit_shares))
    missing = set(real) - set(drawn)
    is_like_digits = relative("precision") > UNLIKE_PRECISION
    are_many = not missing or len(missing) < len(drawn)
    return is_like_digits and are_many and relative("coverage") >= FEW_COVERAGE


def _relative_spread(reports: Iterable[StepReport]) -> float | None:
    ratios = [
        report.fake_spread / report.real_spread
        for report in reports
        if report.fake_spread is not None and report.real_spread
    ]
    return statistics.median(ratios) if ratios else None


def _present(shares: Sequence[float]) -> tuple[int, ...]:
    return tuple(digit for digit, share in enumerate(shares) if share >= MISSING_SHARE)
