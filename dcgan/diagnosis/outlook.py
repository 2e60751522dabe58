"""The outlook of a run: its distance to real digits, whether that still falls, and what more
training would bring.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dcgan.diagnosis.window import Window, distance
from dcgan.evaluation.metric_info import explain_unreadable, format_distance
from dcgan.reports import EvaluationReport

# The trend is fitted to the evaluations since this share of the training time. With the last eight
# alone, noise made the exponent of the included run vary from -1.6 to 1.8 between its epochs 20
# and 58; with these from -0.1 to 0.1.
_MIN_SHARE = 0.25
_MIN_POINTS = 3
# Least ratio of the training times of the last and the first of them: about as far as it is
# extrapolated.
_MIN_RATIO = 1.25
# The exponent of the training time from which the distance counts as falling: at -0.15 twice the
# time brings a tenth, which is what runs with other seeds differ by (docs/levers.md).
_FALLING = -0.15
# Further training is named in one of these numbers of minutes.
_MINUTES = (1, 2, 3, 5, 10, 15, 30, 60, 120, 240)


def describe_outlook(window: Window, *, has_ended: bool = False) -> str:
    """Describe the newest distance to real images, its trend and the readable share.

    The trend is a power law of the training time, fitted to the evaluations since a quarter of it:
    a straight line where both axes are logarithmic, as the distance of a healthy run falls.

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
        f"Distance to real {kind} {format_distance(distance(newest))} (lower is better; real ones "
        f"among themselves {format_distance(newest.real_metrics['frechet_distance'])})"
    )
    since = [report for report in window.evaluations if report.step > window.start_step]
    words += _describe_trend(since, has_ended=has_ended)
    is_readable = not explain_unreadable(newest.metrics, newest.real_metrics)
    if "confident" in newest.metrics and is_readable:
        words += f" {newest.metrics['confident']:.0%} are readable."
    return words


def fit_trend(evaluations: Sequence[EvaluationReport]) -> float | None:
    """Return the exponent of the training time in the distance.

    None with too few evaluations, or in too short a time.

    -0.5 means that four times the training time halves the distance.
    """
    if not evaluations or evaluations[-1].seconds <= 0:  # A damaged run.
        return None
    since = _MIN_SHARE * evaluations[-1].seconds
    points = [(it.seconds, distance(it)) for it in evaluations if it.seconds >= since]
    if len(points) < _MIN_POINTS or min(found for _, found in points) <= 0:
        return None
    times, distances = np.log(points).T
    if times[-1] - times[0] < math.log(_MIN_RATIO):
        return None
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
    # Two digits, as it is a guess.
    about = f"{expected:,.0f}" if expected >= 10 else f"{expected:#.2g}"
    more = "1 more minute" if minutes == 1 else f"{minutes} more minutes"
    if has_ended:
        return f", was still falling: {more} would bring about {about}."
    verb = "brings" if minutes == 1 else "bring"
    return f", still falling: {more} {verb} about {about}."
