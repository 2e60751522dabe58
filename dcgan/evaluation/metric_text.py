"""The metrics of a run as text, for its documents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dcgan.evaluation.metric_info import (
    MAIN_METRIC,
    METRIC_INFO,
    format_metric,
    looks_unlike_digits,
)
from dcgan.evaluation.metrics import find_missing_digits
from dcgan.reports import EvaluationReport


def list_metrics(
    evaluations: Sequence[EvaluationReport], names: Iterable[str] = METRIC_INFO
) -> list[tuple[str, str, str, str]]:
    """Return the rows of the newest evaluation: label, value, value of real digits, help.

    Args:
        evaluations: Oldest first.
        names: Names of the metrics, in the order of the rows; those that were not measured are
            left out.
    """
    if not evaluations:
        return []
    last = evaluations[-1]
    return [
        (
            METRIC_INFO[name].label,
            format_metric(name, last.metrics[name]),
            format_metric(name, last.real_metrics[name]) if name in last.real_metrics else "–",
            METRIC_INFO[name].help_text,
        )
        for name in names
        if name in last.metrics
    ]


def summarize_metrics(evaluations: Sequence[EvaluationReport], noun: str) -> str:
    """Describe the newest and the best evaluation in a few sentences; "" if there is none.

    Args:
        evaluations: Oldest first. The best one has as many images as the newest, because fewer
            images give larger distances.
        noun: Noun for a picture, "digit" or "picture".
    """
    if not evaluations:
        return ""
    last = evaluations[-1]
    comparable = [report for report in evaluations if report.num_images == last.num_images]
    best = min(comparable, key=lambda report: report.metrics[MAIN_METRIC])
    text = (
        f"Measured on {last.num_images:,} {noun}s at step {last.step:,}, beside the values of real "
        f"{noun}s. The Fréchet distance was best at step {best.step:,}: "
        f"{format_metric('frechet_distance', best.metrics['frechet_distance'])}."
    )
    if last.digit_shares:
        shares = ", ".join(f"{digit}: {share:.0%}" for digit, share in enumerate(last.digit_shares))
        missing = (
            ", ".join(map(str, find_missing_digits(last.digit_shares, last.real_digit_shares)))
            or "none"
        )
        text += f" How often each digit appears: {shares}."
        if looks_unlike_digits(last.metrics, last.real_metrics):
            text += " Hardly any looks like a real digit."
        else:
            text += f" Missing digits: {missing}."
    return text
