"""The outlook of a run: its distance to real digits, whether that still falls, and what more
training would bring.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dcgan.diagnosis.window import Window, distance
from dcgan.reports import EvaluationReport

# The trend is fitted to this many of the newest evaluations, from as many on as the minimum.
_MAX_POINTS, _MIN_POINTS = 8, 3
# The exponent of the training time from which the distance counts as falling: at -0.15 twice the
# time brings a tenth, which is what runs with other seeds differ by (docs/levers.md).
_FALLING = -0.15
# Further training is named in one of these numbers of minutes.
_MINUTES = (1, 2, 3, 5, 10, 15, 30, 60, 120, 240)


def describe_outlook(window: Window, *, has_ended: bool = False) -> str:
    """Describe the newest distance to real images, its trend and the readable share.

    The trend is a power law of the training time, fitted to the newest evaluations: a straight
    line where both axes are logarithmic, as the distance of a healthy run falls.

    Args:
        window: The run's recent reports.
        has_ended: Whether the run is no longer in training.

    Returns:
        One or two sentences; empty without an evaluation since the last change.
    """
    newest = window.evaluation
    if newest is None:
        return ""
    kind = "digits" if newest.digit_shares else "pictures"
    words = (
        f"Distance to real {kind} {distance(newest):.3g} (real ones among themselves "
        f"{newest.real_metrics['frechet_distance']:.3g})"
    )
    since = [report for report in window.evaluations if report.step > window.since]
    words += _describe_trend(since, has_ended=has_ended)
    if "confident" in newest.metrics:
        words += f" {newest.metrics['confident']:.0%} are readable."
    return words


def fit_trend(evaluations: Sequence[EvaluationReport]) -> float | None:
    """Return the exponent of the training time in the distance; None with too few evaluations.

    -0.5 means that four times the training time halves the distance.
    """
    newest = evaluations[-_MAX_POINTS:]
    points = [
        (math.log(it.seconds), math.log(distance(it)))
        for it in newest
        if it.seconds > 0 and distance(it) > 0
    ]
    if len(points) < _MIN_POINTS or points[0][0] >= points[-1][0]:
        return None
    times, distances = np.array(points).T
    return float(np.polyfit(times, distances, 1)[0])


def _describe_trend(evaluations: Sequence[EvaluationReport], *, has_ended: bool) -> str:
    exponent = fit_trend(evaluations)
    if exponent is None:
        return "."
    if exponent > _FALLING:
        return ", no longer falling." if has_ended else ", no longer falling: more brings little."
    newest = evaluations[-1]
    # A quarter more time changes enough to be seen.
    minutes = next((it for it in _MINUTES if it * 60 >= newest.seconds / 4), _MINUTES[-1])
    expected = distance(newest) * (1 + minutes * 60 / newest.seconds) ** exponent
    expected = max(expected, newest.real_metrics["frechet_distance"])
    more = "1 more minute" if minutes == 1 else f"{minutes} more minutes"
    if has_ended:
        return f", was still falling: {more} would bring about {expected:.2g}."
    verb = "brings" if minutes == 1 else "bring"
    return f", still falling: {more} {verb} about {expected:.2g}."
