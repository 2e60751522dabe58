"""An evaluation in words, as the command line prints it."""

from __future__ import annotations

import math

from dcgan.config.named_datasets import choose_noun
from dcgan.evaluation.copies import MAX_SEARCHED
from dcgan.evaluation.main_metric import get_page_label, is_quick_count
from dcgan.evaluation.metric_info import (
    METRIC_INFO,
    Evaluation,
    explain_uncounted,
    format_metric,
    format_range,
)


def describe_evaluation(measured: Evaluation, real: Evaluation, dataset_size: int = 0) -> list[str]:
    """Describe each metric in a line; the last lines are about the digits, if there are any.

    Args:
        measured: The evaluation of the samples.
        real: The evaluation of real images.
        dataset_size: Number of images of the data set; 0 if that is not known.
    """
    is_quick = is_quick_count(measured.num_images, dataset_size)
    lines = [
        _describe_metric(name, measured, real, is_quick=is_quick)
        for name in METRIC_INFO
        if name in measured.estimates
    ]
    if measured.digit_shares:
        shares = enumerate(measured.digit_shares)
        missing = ", ".join(map(str, measured.find_missing_digits(real))) or "none"
        lines += [
            f"Digits {', '.join(f'{digit}: {share:.1%}' for digit, share in shares)}",
            f"Missing digits {missing}",
        ]
    else:
        lines.append(
            "The data are not digits, so the metrics that name digits are left out; compare the "
            "others only between runs on the same data."
        )
    return lines


def _describe_metric(name: str, measured: Evaluation, real: Evaluation, *, is_quick: bool) -> str:
    """Return a line such as "Precision 91.2% (90.6% to 91.8%; real digits 96.1%)"."""
    are_digits = bool(measured.digit_shares)
    estimate, real_estimate = measured.estimates[name], real.estimates.get(name)
    values, real_values = measured.select_finite_values(), real.select_finite_values()
    uncounted = explain_uncounted(values, real_values) if name == "confident" else ""
    remarks = [uncounted] if uncounted else []
    if not uncounted and not math.isnan(estimate.low):
        remarks.append(format_range(name, estimate.low, estimate.high))
    if real_estimate is not None:
        remarks.append(
            f"real {choose_noun(are_digits=are_digits)}s {format_metric(name, real_estimate.value)}"
        )
    value = "–" if uncounted else format_metric(name, estimate.value)
    label = get_page_label(name, measured.estimates, has_digits=are_digits, is_quick=is_quick)
    text = f"{label} {value}"
    if name == "copies":
        num = min(measured.num_images, MAX_SEARCHED)
        text += f", {round(estimate.value * num):,} of {num:,} pictures"
    return f"{text} ({'; '.join(remarks)})" if remarks else text
