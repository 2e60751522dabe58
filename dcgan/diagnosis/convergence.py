"""The rule of the setting `until_converged`.

The rule looks at the last third of the training time, at least two minutes: the wait. A power law
of the training time is fitted to the distances to real images in the last two waits. The run has
stopped improving if, by this law, the distance fell by less than a tenth in the last wait, or by
less than that if it is near the distance of real images. Single evaluations differ by a tenth by
chance, so the law's exponent is first lowered by two standard errors.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dcgan.diagnosis.thresholds import IMPROVEMENT
from dcgan.durations import describe_seconds
from dcgan.evaluation.main_metric import get_distance, get_real_distance, select_comparable
from dcgan.reports import EvaluationReport
from dcgan.wording import format_number

# The wait is a share of the training time, because the distance falls with a power of the time. The
# help text of the setting names both numbers.
WAIT_SHARE = 1 / 3
MIN_WAIT_SECONDS = 120.0
_MIN_EVALUATIONS = 8
_MARGIN = 2.0  # Standard errors.
# Near the distance of real images, a tenth of the distance is more than what is left to gain. There
# a fall counts if it is larger than the sum of this share of what is left and this share of the
# distance of real images. The second share is chance: the default preset is at 1.06 times that
# distance from step 1,900 on, where its evaluations differ by 3 to 5%.
_SHARE_OF_REST = 0.2
_CHANCE_SHARE = 0.03
_FORECAST_SECONDS = 600.0


@dataclass(frozen=True)
class Convergence:
    """The measurements of a training that has stopped improving.

    Attributes:
        wait_seconds: Training time that brought hardly any gain.
        distance: The distance to real images now, without the noise of a single evaluation.
        expected_distance: The distance expected after ten more minutes, at most `distance`.
    """

    wait_seconds: float
    distance: float
    expected_distance: float

    def describe(self) -> str:
        """Return two sentences: how long there was hardly any gain, and what to expect."""
        minutes = 60 * round(self.wait_seconds / 60)
        now, later = map(format_number, (self.distance, self.expected_distance))
        change = f"leave the distance at about {now}"
        if later != now:
            change = f"bring the distance from {now} to about {later}"
        return (
            f"Stopped improving: hardly any gain in the last {describe_seconds(minutes)}. "
            f"Another 10 minutes would likely {change}."
        )


def find_convergence(evaluations: Sequence[EvaluationReport]) -> Convergence | None:
    """Return the measurements if a training has stopped improving; None if it may still improve.

    Args:
        evaluations: The evaluations since the run's last change or convergence, oldest first. Only
            those that can be compared with the newest one are used.
    """
    if not evaluations:
        return None
    newest = evaluations[-1]
    wait_seconds = max(MIN_WAIT_SECONDS, WAIT_SHARE * newest.seconds)
    used = [
        report
        for report in select_comparable(evaluations)
        if report.seconds > newest.seconds - 2 * wait_seconds
    ]
    if len(used) < _MIN_EVALUATIONS or newest.seconds - used[0].seconds < wait_seconds:
        return None
    points = [(report.seconds, get_distance(report)) for report in used]
    if min(map(min, points)) <= 0:  # A damaged run.
        return None
    log_times, log_distances = np.log(points).T
    (exponent, constant), covariance = np.polyfit(log_times, log_distances, 1, cov=True)
    lowest = exponent - _MARGIN * math.sqrt(covariance[0, 0])
    now = math.exp(constant) * newest.seconds**exponent
    before = now * (newest.seconds / (newest.seconds - wait_seconds)) ** -lowest
    if now < before - _find_chance_fall(before, get_real_distance(newest)):
        return None
    later = now * (1 + _FORECAST_SECONDS / newest.seconds) ** exponent
    expected = min(now, max(later, get_real_distance(newest)))
    return Convergence(wait_seconds, now, expected)


def _find_chance_fall(distance: float, real_distance: float) -> float:
    """Return the largest fall from a distance that counts as no improvement."""
    rest = max(0.0, distance - real_distance)
    near = _CHANCE_SHARE * real_distance + _SHARE_OF_REST * rest
    return min((1 - IMPROVEMENT) * distance, near)
