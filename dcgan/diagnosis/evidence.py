"""The sentences of evidence that several verdicts share."""

from __future__ import annotations

from collections.abc import Sequence

from dcgan.config.training_config import TrainingConfig
from dcgan.diagnosis.thresholds import COLLAPSED_RELATIVE_SPREAD, WINNING_ACCURACY
from dcgan.diagnosis.window import Window
from dcgan.evaluation.distance_scale import describe_distance
from dcgan.evaluation.main_metric import (
    get_distance,
    get_distance_label,
    get_real_distance,
    is_at_quick_limit,
    is_quick_count,
)
from dcgan.evaluation.metric_info import format_distance
from dcgan.wording import join_with_and


def describe_accuracy(accuracy: float) -> str:
    """Describe in a sentence how often the discriminator is right.

    Args:
        accuracy: Share of real images and fakes, equally many, that it classifies correctly.
    """
    return f"The discriminator judges {accuracy:.0%} of the pictures correctly; a guess gets 50%."


def describe_balance(window: Window) -> tuple[str, ...]:
    """Describe how many real images and fakes the discriminator classifies correctly."""
    real_accuracy, fake_accuracy = _get_accuracies(window)
    return (
        f"{describe_accuracy((real_accuracy + fake_accuracy) / 2)} It recognizes "
        f"{real_accuracy:.0%} of the real pictures and {fake_accuracy:.0%} of the fakes. At "
        f"{WINNING_ACCURACY:.0%} of both it is too strong.",
    )


def describe_healthy_balance(window: Window, config: TrainingConfig) -> str:
    """Describe the same for a run in which neither network wins, and why that is normal."""
    real_accuracy, fake_accuracy = _get_accuracies(window)
    accuracy = (real_accuracy + fake_accuracy) / 2
    text = (
        f"Balance: the discriminator judges {accuracy:.0%} of the pictures correctly. A guess gets "
        f"50%, and {WINNING_ACCURACY:.0%} would be too strong."
    )
    if not config.target_smoothing or real_accuracy > 0.5:
        return text
    reason = explain_low_real_accuracy(config.target_smoothing)
    return (
        f"{text} It is normal that it recognizes {fake_accuracy:.0%} of the fakes but only "
        f"{real_accuracy:.0%} of the real pictures: {reason}."
    )


def _get_accuracies(window: Window) -> tuple[float, float]:
    """Return the shares of real images and of fakes that the discriminator recognizes."""
    return window.compute_median("real_accuracy"), window.compute_median("fake_accuracy")


def explain_low_real_accuracy(label_smoothing: float) -> str:
    """Explain, as the second half of a sentence, why label smoothing lowers the real accuracy.

    Args:
        label_smoothing: In (0, 0.5].
    """
    return (
        f"it learns to be only {1 - label_smoothing:.0%} sure of real pictures, so in doubt it "
        "says “fake” (label smoothing)"
    )


def describe_share(spread: float) -> str:
    """Return how much two fakes differ, such as "37% as much as"; from 100% on "as much as"."""
    return "as much as" if spread >= 0.995 else f"{spread:.0%} as much as"


def describe_spread(window: Window) -> tuple[str, ...]:
    """Describe how much the fakes differ from each other; empty if it was not measured."""
    if window.relative_spread is None:
        return ()
    share = describe_share(window.relative_spread)
    return (
        f"Variety: two fakes differ {share} two training pictures, pixel by pixel (below "
        f"{COLLAPSED_RELATIVE_SPREAD:.0%} means collapse).",
    )


def describe_distances(window: Window) -> tuple[str, ...]:
    """Describe the newest and the best distance to real images; empty if none was measured."""
    newest, best = window.current_evaluation, window.best_evaluation
    if newest is None or best is None:
        return ()
    has_digits = bool(newest.digit_shares)
    is_quick = is_quick_count(newest.num_images, window.dataset_size)
    label = get_distance_label(has_digits=has_digits, is_quick=is_quick)
    value = describe_distance(get_distance(best), get_real_distance(best), has_digits=has_digits)
    if is_at_quick_limit(newest, window.dataset_size):
        return (f"{label} at step {newest.step:,}: {value}.",)
    if best.step == newest.step:
        return (f"{label} at step {newest.step:,}, the best so far: {value}.",)
    return (
        f"{label} {format_distance(get_distance(newest))} at step {newest.step:,}; the best was "
        f"{value} at step {best.step:,}.",
    )


def describe_data(window: Window) -> tuple[str, ...]:
    """Name the digits of the training images if those lack some digits; otherwise empty."""
    if not 0 < len(window.real_digits) < 10:
        return ()
    return (f"The training pictures themselves contain only {format_digits(window.real_digits)}.",)


def format_digits(digits: Sequence[int]) -> str:
    """Format one or more digits, such as "the digit 1" or "the digits 1 and 7"."""
    noun = "digits" if len(digits) > 1 else "digit"
    return f"the {noun} {join_with_and([str(digit) for digit in digits])}"
