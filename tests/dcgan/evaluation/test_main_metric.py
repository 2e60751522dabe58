"""The choice of the main metric, and of the evaluations that can be compared by it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dcgan.evaluation.main_metric import (
    MAIN_METRICS,
    find_best_evaluation,
    find_common_metric,
    find_main_metric,
    get_distance,
    get_page_label,
    get_real_distance,
    is_copying,
    list_metrics_at,
    select_comparable,
)
from dcgan.evaluation.metric_info import METRIC_INFO
from dcgan.reports import EvaluationReport
from tests.reports import evaluation_report

OF_DIGITS = evaluation_report(10, 3.0)
OF_PICTURES = replace(
    evaluation_report(20, 3.0),
    metrics={**OF_DIGITS.metrics, "sliced_wasserstein": 40.0, "copies": 0.01},
    real_metrics={**OF_DIGITS.metrics, "sliced_wasserstein": 10.0, "copies": 0.0},
)


def test_pictures_are_ranked_by_the_sliced_distance_and_digits_by_the_frechet_distance() -> None:
    assert find_main_metric(OF_DIGITS.metrics) == "frechet_distance"
    assert get_distance(OF_DIGITS) == 3.0
    assert find_main_metric(OF_PICTURES.metrics) == "sliced_wasserstein"
    assert (get_distance(OF_PICTURES), get_real_distance(OF_PICTURES)) == (40.0, 10.0)


def test_runs_are_compared_by_a_metric_that_all_of_them_have() -> None:
    """A run of an older version has no sliced distance."""
    assert find_common_metric([OF_PICTURES, OF_PICTURES]) == "sliced_wasserstein"
    assert find_common_metric([OF_PICTURES, OF_DIGITS]) == "frechet_distance"
    assert find_common_metric([]) == "frechet_distance"


def test_evaluations_of_an_older_version_or_of_other_numbers_are_not_compared() -> None:
    fewer = replace(OF_PICTURES, num_images=500)
    newest = replace(OF_PICTURES, step=30)
    assert select_comparable([OF_DIGITS, OF_PICTURES, fewer, newest]) == [OF_PICTURES, newest]
    assert select_comparable([]) == []


def test_an_evaluation_of_copies_is_the_best_only_if_there_is_no_other() -> None:
    def report(step: int, distance: float, copies: float) -> EvaluationReport:
        metrics = {**OF_PICTURES.metrics, "sliced_wasserstein": distance, "copies": copies}
        return replace(OF_PICTURES, step=step, metrics=metrics)

    new, better, copied = report(1, 50.0, 0.0), report(2, 40.0, 0.02), report(3, 5.0, 0.6)
    assert [is_copying(each) for each in (new, better, copied)] == [False, False, True]
    assert find_best_evaluation([new, better, copied], 200) == better
    assert find_best_evaluation([copied], 200) == copied
    assert find_best_evaluation([], 200) is None


def test_of_quick_distances_that_tell_no_more_the_newest_is_the_best() -> None:
    """1.3 times the 0.8 of real digits is 1.04: below it, chance decides."""
    real = evaluation_report(0, 0.8).metrics
    far, near, nearest, newest, worse = (
        replace(evaluation_report(step, distance), real_metrics=real)
        for step, distance in ((1, 2.0), (2, 1.03), (3, 0.79), (4, 1.0), (5, 1.1))
    )
    evaluations = [far, near, nearest, newest, worse]
    assert find_best_evaluation(evaluations, 60_000) == newest
    assert find_best_evaluation(evaluations[:3], 60_000) == nearest
    assert find_best_evaluation([far, worse], 60_000) == worse
    # Of 2,000 images, 1,000 are half: no measurement is more precise.
    assert find_best_evaluation(evaluations, 2_000) == nearest


def test_the_main_metric_has_a_plain_name_on_pages() -> None:
    label = get_page_label("sliced_wasserstein", OF_PICTURES.metrics, has_digits=False)
    assert label == "Distance to real pictures"
    label = get_page_label("frechet_distance", OF_PICTURES.metrics, has_digits=False)
    assert label == "Fréchet distance"
    assert get_page_label("frechet_distance", OF_DIGITS.metrics) == "Distance to real digits"


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (OF_DIGITS, ("frechet_distance", "precision", "recall")),
        (OF_PICTURES, ("sliced_wasserstein", "precision", "recall", "copies")),
    ],
)
def test_a_place_shows_one_distance_and_what_was_measured(
    report: EvaluationReport, expected: tuple[str, ...]
) -> None:
    assert list_metrics_at("train", report.metrics) == expected


@pytest.mark.parametrize("name", METRIC_INFO)
def test_the_help_of_a_metric_speaks_of_what_the_pictures_are(name: str) -> None:
    info = METRIC_INFO[name]
    assert "{" not in info.explain("digit")
    if "{noun}" in info.help_template:
        assert "digits" not in info.explain("picture")
    assert info.explain("digit").endswith(".")


def test_all_main_metrics_have_the_same_format() -> None:
    formats = {(METRIC_INFO[name].unit, METRIC_INFO[name].decimals) for name in MAIN_METRICS}
    assert len(formats) == 1
