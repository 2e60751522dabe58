"""The outlook of a run: its distance to real images, its trend, and the effect of more training."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dcgan.config.named_datasets import choose_noun
from dcgan.diagnosis.convergence import find_convergence
from dcgan.diagnosis.window import Window
from dcgan.evaluation.age import explain_age, is_outdated, is_overdue
from dcgan.evaluation.distance_scale import rate_distance
from dcgan.evaluation.main_metric import get_distance, get_real_distance, is_quick_count
from dcgan.evaluation.metric_info import format_distance, has_meaning
from dcgan.reports import EvaluationReport
from dcgan.wording import capitalize, format_number

# The trend is fitted to the evaluations after this share of the training time. From epoch 20 to 58
# of the included run, the exponent was between -0.1 and 0.1. Fitted to the last eight evaluations
# alone, it was between -1.6 and 1.8, because of noise.
_MIN_SHARE = 0.25
_MIN_POINTS = 3
# Fewer evaluations can seem level by chance: single ones differ by a tenth.
_MIN_LEVEL_POINTS = 6
# Smallest ratio of the training times of the last and the first point. The trend is extrapolated by
# about the same ratio.
_MIN_TIME_RATIO = 1.25
# The distance counts as falling up to this exponent of the training time. At -0.15, twice the time
# lowers the distance by a tenth, by which runs with other seeds differ (docs/levers.md).
_FALLING_EXPONENT = -0.15
# A distance below this multiple of the real images' distance cannot fall by a tenth any more.
_NEAR_FACTOR = 1.1
# The forecast is for one of these numbers of minutes.
_MINUTES = (1, 2, 3, 5, 10, 15, 30, 60, 120, 240)


@dataclass(frozen=True)
class Outlook:
    """The expected effect of more training.

    Attributes:
        text: One to three sentences; empty without an evaluation since the last change.
        more_training_helps: Whether more training is expected to bring the pictures clearly closer
            to the real ones; None if that is not known.
        is_at_limit: Whether the pictures are as near to real ones as so few of them can tell.
    """

    text: str = ""
    more_training_helps: bool | None = None
    is_at_limit: bool = False


def find_outlook(window: Window, evaluate_every: int, *, is_level: bool = False) -> Outlook:
    """Describe the newest distance to real images, the forecast, and the readable share.

    The trend is a power law of the training time, like the distance of a healthy run: a straight
    line if both axes are logarithmic. It is fitted to the last three quarters of the training.

    Args:
        window: The run's recent reports.
        evaluate_every: The setting `evaluate_every`.
        is_level: Whether the verdict is that the run no longer improves, which excludes a forecast.
    """
    newest = window.current_evaluation
    if newest is None:
        return Outlook()
    is_old = is_outdated(newest, window.epoch)
    has_digits = bool(newest.digit_shares)
    distance, real = get_distance(newest), get_real_distance(newest)
    is_quick = is_quick_count(newest.num_images, window.dataset_size)
    words = f"{capitalize(rate_distance(distance, real))}. " if has_digits else ""
    text = (
        f"{words}{'Quick distance' if is_quick else 'Distance'} {format_distance(distance)}"
        f"{f', measured at epoch {newest.epoch:,}' if is_old else ''} ("
        f"{'' if has_digits else 'lower is better; '}"
        f"real {choose_noun(are_digits=has_digits)}s {format_distance(real)})"
    )
    forecast = Outlook()
    if not is_level and not is_overdue(newest, window.epoch, evaluate_every):
        forecast = _forecast(window)
    text += f"{forecast.text}."
    has_share = has_meaning("confident", newest.metrics, newest.real_metrics)
    if "confident" in newest.metrics and has_share:
        text += f" {newest.metrics['confident']:.0%} {'were' if is_old else 'are'} readable."
    if is_old:
        text += f" {explain_age(newest, window.epoch, evaluate_every)}"
    return replace(forecast, text=text)


def fit_trend(evaluations: Sequence[EvaluationReport]) -> float | None:
    """Fit a power law of the training time to the distances, and return its exponent.

    An exponent of -0.5 means that four times the training time halves the distance.

    Returns:
        None if there are too few evaluations, or they cover too short a time.
    """
    if not evaluations or evaluations[-1].seconds <= 0:  # A damaged run.
        return None
    first_seconds = _MIN_SHARE * evaluations[-1].seconds
    points = [
        (report.seconds, get_distance(report))
        for report in evaluations
        if report.seconds >= first_seconds
    ]
    if len(points) < _MIN_POINTS or min(value for _, value in points) <= 0:
        return None
    log_times, log_distances = np.log(points).T
    if log_times[-1] - log_times[0] < math.log(_MIN_TIME_RATIO):
        return None
    return float(np.polyfit(log_times, log_distances, 1)[0])


def _forecast(window: Window) -> Outlook:
    """Extrapolate the trend since the last change; the result's text is the end of a sentence."""
    evaluations = window.evaluations_since_change
    exponent = fit_trend(evaluations)
    if exponent is None:
        return Outlook()
    newest = evaluations[-1]
    if exponent > _FALLING_EXPONENT:
        if window.is_at_quick_limit:
            return _describe_limit(evaluations)
        if len(evaluations) < _MIN_LEVEL_POINTS:
            return Outlook()
        return Outlook(", no longer falling", more_training_helps=False)
    # A quarter more time changes enough to be seen.
    minutes = next(
        (choice for choice in _MINUTES if choice * 60 >= newest.seconds / 4), _MINUTES[-1]
    )
    expected = get_distance(newest) * (1 + minutes * 60 / newest.seconds) ** exponent
    real = get_real_distance(newest)
    if expected < real and get_distance(newest) < _NEAR_FACTOR * real:
        if is_quick_count(newest.num_images, window.dataset_size):
            return _describe_limit(evaluations)
        return Outlook(", about as low as it can get", more_training_helps=False)
    expected = max(expected, real)
    duration = "1 more minute" if minutes == 1 else f"{minutes} more minutes"
    text = f", falling: about {format_number(expected)} after {duration}"
    return Outlook(text, more_training_helps=True)


def _describe_limit(evaluations: Sequence[EvaluationReport]) -> Outlook:
    """Return the outlook at the limit of quick distances, where more pictures may show a gain."""
    newest = evaluations[-1]
    noun = choose_noun(are_digits=bool(newest.digit_shares))
    text = f", about as low as {newest.num_images:,} {noun}s can show"
    has_converged = find_convergence(evaluations) is not None
    return Outlook(text, False if has_converged else None, is_at_limit=True)
