"""The metrics of a run as text, for its documents."""

from __future__ import annotations

from collections.abc import Sequence

from dcgan.evaluation.main_metric import (
    find_best_evaluation,
    find_main_metric,
    get_distance,
    get_page_label,
    is_at_quick_limit,
    is_quick_count,
    list_metrics_at,
    select_comparable,
)
from dcgan.evaluation.metric_info import (
    METRIC_INFO,
    Place,
    format_distance,
    format_measured,
    format_metric,
    looks_unlike_digits,
)
from dcgan.evaluation.metrics import find_missing_digits
from dcgan.reports import EvaluationReport


def list_metrics(
    evaluations: Sequence[EvaluationReport],
    noun: str,
    dataset_size: int,
    place: Place | None = None,
) -> list[tuple[str, str, str, str]]:
    """Return the rows of the newest evaluation: label, value, value of real images, help.

    Args:
        evaluations: Oldest first.
        noun: Noun for a picture, "digit" or "picture".
        dataset_size: Number of images of the data set; 0 if that is not known.
        place: The place that shows them; None for all metrics.
    """
    if not evaluations:
        return []
    last = evaluations[-1]
    names = METRIC_INFO if place is None else list_metrics_at(place, last.metrics)
    return [
        (
            label_metric(name, last, dataset_size),
            format_measured(name, last.metrics, last.real_metrics),
            format_metric(name, last.real_metrics[name]) if name in last.real_metrics else "–",
            METRIC_INFO[name].explain(noun),
        )
        for name in names
        if name in last.metrics
    ]


def summarize_metrics(
    evaluations: Sequence[EvaluationReport], noun: str, dataset_size: int = 0
) -> str:
    """Describe the newest and the best evaluation in a few sentences; "" if there is none.

    Args:
        evaluations: Oldest first. The best one is chosen among those that can be compared with the
            newest.
        noun: Noun for a picture, "digit" or "picture".
        dataset_size: Number of images of the data set; 0 if that is not known.
    """
    if not evaluations:
        return ""
    last = evaluations[-1]
    best = find_best_evaluation(select_comparable(evaluations), dataset_size) or last
    label = label_metric(find_main_metric(last.metrics), last, dataset_size)
    label = f"{label[0].lower()}{label[1:]}"
    text = (
        f"Measured on {last.num_images:,} {noun}s at step {last.step:,}, beside the values of real "
        f"{noun}s. Best so far: {label} {format_distance(get_distance(best))} at step "
        f"{best.step:,}"
    )
    if is_at_quick_limit(best, dataset_size):
        text += f", about as low as {best.num_images:,} {noun}s can show"
    text += "."
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


def label_metric(name: str, last: EvaluationReport, dataset_size: int) -> str:
    """Return the name of a metric of an evaluation, as pages call it.

    Args:
        name: One of `METRIC_INFO`.
        last: The evaluation.
        dataset_size: Number of images of the data set; 0 if that is not known.
    """
    return get_page_label(
        name,
        last.metrics,
        has_digits=bool(last.digit_shares),
        is_quick=is_quick_count(last.num_images, dataset_size),
    )
