"""The main metric: the distance to real images that ranks runs and checkpoints.

Digits are ranked by the Fréchet distance, which uses a classifier of digits. Other pictures are
ranked by the sliced Wasserstein distance, except in runs of older versions, which did not measure
it. Lower is better for both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from dcgan.config.named_datasets import choose_noun
from dcgan.evaluation.copies import MAX_SEARCHED
from dcgan.evaluation.metric_info import FULL_EVALUATION, METRIC_INFO, Place
from dcgan.evaluation.metrics import is_clearly_above
from dcgan.reports import EvaluationReport

# The main metric is the first of these that was measured.
MAIN_METRICS = ("sliced_wasserstein", "frechet_distance")
# A measurement with fewer times as many images as another one is hardly more precise. For 2,700 own
# pictures the distances with 1,000 and with 1,350 were 107.5 and 110.1; of real ones 19.3 and 18.1.
_MIN_FACTOR = 2
# A quick distance below this multiple of that of real images does not show which of two generators
# is nearer. The steps 16,884 and 54,404 of one training had 0.79 and 1.03 with 1,000 digits, real
# ones 0.80; but 0.32 and 0.23 with 10,000.
_LIMIT_FACTOR = 1.3
# Smallest share of copies with which a generator counts as copying, unless chance explains it.
COPYING_SHARE = 0.05


class HasMetrics(Protocol):
    """An evaluation, or another measurement."""

    @property
    def metrics(self) -> Mapping[str, float]:
        """Values by the names of `METRIC_INFO`."""
        ...


class HasRealMetrics(HasMetrics, Protocol):
    """A measurement that was also made of real images."""

    @property
    def num_images(self) -> int:
        """Number of generated images, compared with as many real ones."""
        ...

    @property
    def real_metrics(self) -> Mapping[str, float]:
        """Values of other real images by the names of `METRIC_INFO`."""
        ...


def find_main_metric(metrics: Collection[str]) -> str:
    """Return the name of the main metric among the names of the measured metrics."""
    return next((name for name in MAIN_METRICS if name in metrics), MAIN_METRICS[-1])


def find_common_metric(measured: Iterable[HasMetrics]) -> str:
    """Return the main metric by which several measurements can be compared: all of them have it."""
    names = [set(each.metrics) for each in measured]
    return find_main_metric(set.intersection(*names) if names else ())


def get_distance(report: HasMetrics) -> float:
    """Return the value of an evaluation's main metric."""
    return report.metrics[find_main_metric(report.metrics)]


def get_real_distance(report: HasRealMetrics) -> float:
    """Return the value of an evaluation's main metric for real images."""
    return report.real_metrics[find_main_metric(report.metrics)]


def select_comparable(evaluations: Sequence[EvaluationReport]) -> list[EvaluationReport]:
    """Return the evaluations that can be compared with the newest one.

    They have the main metric and the number of images of the newest evaluation.

    Args:
        evaluations: Oldest first.
    """
    if not evaluations:
        return []
    newest = evaluations[-1]
    metric = find_main_metric(newest.metrics)
    return [
        report
        for report in evaluations
        if report.num_images == newest.num_images and find_main_metric(report.metrics) == metric
    ]


def find_best_evaluation(
    evaluations: Sequence[EvaluationReport], dataset_size: int
) -> EvaluationReport | None:
    """Return the evaluation with the smallest distance; None without any.

    Copies of training pictures are near to real pictures, but they are not new. So an evaluation
    of a generator that copied comes after all others. Of quick distances that tell no more (see
    `is_at_quick_limit`) the newest is the best, because training goes on to help.

    Args:
        evaluations: Comparable ones, such as `select_comparable` returns, oldest first.
        dataset_size: Number of images of the data set; 0 if that is not known.
    """

    def rank(report: EvaluationReport) -> tuple[bool, float]:
        distance = max(get_distance(report), find_quick_limit(report, dataset_size))
        return is_copying(report), distance

    return min(reversed(evaluations), key=rank, default=None)


def is_copying(report: HasRealMetrics) -> bool:
    """Return whether many of the pictures were copies of training pictures, beyond chance."""
    share, chance = report.metrics.get("copies", 0.0), report.real_metrics.get("copies", 0.0)
    num = min(report.num_images, MAX_SEARCHED)
    return share >= COPYING_SHARE and is_clearly_above(share, chance, num)


def is_quick_count(num_images: int, dataset_size: int) -> bool:
    """Return whether a measurement has so few images that more are much more precise.

    Args:
        num_images: Number of generated images, compared with as many real ones.
        dataset_size: Number of images of the data set; 0 if that is not known.
    """
    return _MIN_FACTOR * num_images <= min(FULL_EVALUATION, dataset_size // 2)


def is_at_quick_limit(report: EvaluationReport, dataset_size: int) -> bool:
    """Return whether a quick distance is so near to that of real images that it tells no more.

    Args:
        report: The evaluation.
        dataset_size: Number of images of the data set; 0 if that is not known.
    """
    return get_distance(report) < find_quick_limit(report, dataset_size)


def find_quick_limit(report: EvaluationReport, dataset_size: int) -> float:
    """Return `compute_quick_limit` for a quick evaluation; 0 for a precise one.

    Args:
        report: An evaluation.
        dataset_size: Number of images of the data set; 0 if that is not known.
    """
    if not is_quick_count(report.num_images, dataset_size):
        return 0.0
    return compute_quick_limit(get_real_distance(report))


def compute_quick_limit(real_distance: float) -> float:
    """Return the distance below which quick distances do not rank generators.

    Args:
        real_distance: The quick distance of real images.
    """
    return _LIMIT_FACTOR * real_distance


def get_distance_label(*, has_digits: bool = True, is_quick: bool = False) -> str:
    """Return the name of the main metric, in plain language.

    Args:
        has_digits: Whether the pictures are digits.
        is_quick: Whether it was measured with few pictures, see `is_quick_count`. Such a distance
            is larger, so it has another name than a precise one.
    """
    noun = choose_noun(are_digits=has_digits)
    return f"Quick distance to real {noun}s" if is_quick else f"Distance to real {noun}s"


def get_page_label(
    name: str, metrics: Collection[str], *, has_digits: bool = True, is_quick: bool = False
) -> str:
    """Return the name of a metric, where the main metric is a "distance to real pictures".

    Args:
        name: One of `METRIC_INFO`.
        metrics: The names of the measured metrics.
        has_digits: Whether the pictures are digits.
        is_quick: Whether the main metric was measured with few pictures.
    """
    if name == find_main_metric(metrics):
        return get_distance_label(has_digits=has_digits, is_quick=is_quick)
    return METRIC_INFO[name].label


def list_metrics_at(place: Place, metrics: Collection[str]) -> tuple[str, ...]:
    """Return the metrics that a place shows, in the order of `METRIC_INFO`.

    Args:
        place: The place. It shows only one of the main metrics.
        metrics: The names of the measured metrics; other metrics are left out.
    """
    main = find_main_metric(metrics)
    return tuple(
        name
        for name, info in METRIC_INFO.items()
        if place in info.places and name in metrics and (name not in MAIN_METRICS or name == main)
    )
