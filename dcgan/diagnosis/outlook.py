"""The outlook of a run: its distance to real digits, whether that still falls, and what more
training would bring.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dcgan.diagnosis.window import Window, distance
from dcgan.evaluation.age import explain_age, is_outdated, is_overdue
from dcgan.evaluation.metric_info import explain_unreadable, format_distance, get_page_label
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
# A distance below this multiple of that of real images cannot fall by a tenth any more.
_NEAR = 1.1
# Further training is named in one of these numbers of minutes.
_MINUTES = (1, 2, 3, 5, 10, 15, 30, 60, 120, 240)


@dataclass(frozen=True)
class Outlook:
    """The expected effect of more training.

    Attributes:
        words: One to three sentences; empty without an evaluation since the last change.
        helps: Whether more training is expected to bring the pictures clearly closer to the real
            ones; None if that is not known.
    """

    words: str = ""
    helps: bool | None = None


def find_outlook(window: Window, every: int, *, is_level: bool = False) -> Outlook:
    """Describe the newest distance to real images, the readable share, and what comes.

    The trend is a power law of the training time, fitted to the evaluations since a quarter of it:
    a straight line where both axes are logarithmic, as the distance of a healthy run falls.

    Args:
        window: The run's recent reports.
        every: The setting `evaluate_every`.
        is_level: Whether the verdict has found no more improvement, so that no trend is named.
    """
    newest = window.evaluation
    if newest is None:
        return Outlook()
    is_old = is_outdated(newest, window.epoch)
    label = get_page_label("frechet_distance", has_digits=bool(newest.digit_shares))
    words = (
        f"{label} {format_distance(distance(newest))}"
        f"{f', measured at epoch {newest.epoch}' if is_old else ''} (lower is better; real ones "
        f"among themselves {format_distance(newest.real_metrics['frechet_distance'])})"
    )
    forecast = Outlook()
    if not is_level and not is_overdue(newest, window.epoch, every):
        since = [report for report in window.evaluations if report.step > window.start_step]
        forecast = _forecast(since)
    words += f"{forecast.words}."
    is_readable = not explain_unreadable(newest.metrics, newest.real_metrics)
    if "confident" in newest.metrics and is_readable:
        words += f" {newest.metrics['confident']:.0%} {'were' if is_old else 'are'} readable."
    if is_old:
        words += f" {explain_age(newest, window.epoch, every)}"
    return Outlook(words, forecast.helps)


def fit_trend(evaluations: Sequence[EvaluationReport]) -> float | None:
    """Return the exponent of the training time in the distance.

    None with too few evaluations, or in too short a time.

    -0.5 means that four times the training time halves the distance.
    """
    if not evaluations or evaluations[-1].seconds <= 0:  # A damaged run.
        return None
    since = _MIN_SHARE * evaluations[-1].seconds
    points = [
        (report.seconds, distance(report)) for report in evaluations if report.seconds >= since
    ]
    if len(points) < _MIN_POINTS or min(found for _, found in points) <= 0:
        return None
    times, distances = np.log(points).T
    if times[-1] - times[0] < math.log(_MIN_RATIO):
        return None
    return float(np.polyfit(times, distances, 1)[0])


def _forecast(evaluations: Sequence[EvaluationReport]) -> Outlook:
    """Return the trend and what it leads to, as the end of a sentence."""
    exponent = fit_trend(evaluations)
    if exponent is None:
        return Outlook()
    if exponent > _FALLING:
        return Outlook(", no longer falling", helps=False)
    newest = evaluations[-1]
    # A quarter more time changes enough to be seen.
    minutes = next(
        (choice for choice in _MINUTES if choice * 60 >= newest.seconds / 4), _MINUTES[-1]
    )
    expected = distance(newest) * (1 + minutes * 60 / newest.seconds) ** exponent
    real = newest.real_metrics["frechet_distance"]
    if expected < real and distance(newest) < _NEAR * real:
        return Outlook(", about as low as it can get", helps=False)
    expected = max(expected, real)
    # Two digits, as it is a guess.
    about = f"{expected:,.0f}" if expected >= 10 else f"{expected:#.2g}"
    more = "1 more minute" if minutes == 1 else f"{minutes} more minutes"
    return Outlook(f", falling: about {about} after {more}", helps=True)
