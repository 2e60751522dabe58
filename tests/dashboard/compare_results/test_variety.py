"""The variety is reported where the distances of runs to real images are too close to rank."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.charts.compared_runs import ComparedRun
from dashboard.compare_results.result import Result, compare_runs
from tests.comparisons import read_notes, with_metrics
from tests.races import measure
from tests.reports import evaluation_report

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_below_the_distance_of_real_digits_the_variety_is_reported(
    compared: list[ComparedRun],
) -> None:
    def compare(recalls: tuple[float, float]) -> Result:
        found = []
        for each, distance, recall in zip(compared, (0.4, 0.7), recalls, strict=True):
            report = evaluation_report(30, distance)
            measured = replace(
                report,
                metrics={**report.metrics, "recall": recall},
                real_metrics={**report.real_metrics, "frechet_distance": 0.8},
            )
            found.append(replace(each, record=replace(each.record, evaluations=(measured,))))
        return compare_runs(found)

    result = compare((0.7, 0.85))
    assert result.headline == (
        "“one” (quick distance 0.40) and “two” (0.70) are about equally near to real digits; “two” "
        "draws more of the variety of real digits than “one”: 85.0% against 70.0% (recall)."
    )
    assert result.best == frozenset()
    notes = read_notes(result)
    assert notes["The number"] == (
        "The quick distance to real digits, measured during training with 1,000: lower is nearer. "
        "With so few digits, chance makes the number larger: even two sets of real digits are 0.80 "
        "apart. Below that, lower is not better. With 1,000 digits, 0.40 cannot be told from real "
        "digits; measure with 10,000."
    )
    assert notes["“two”"].startswith(
        "1.7 times as far as “one”, but two sets of real digits are as far apart."
    )
    assert "How sure" not in notes
    assert notes["Variety"] == "“two” varies most (recall): 85.0% against 70.0% of “one”."
    details = [each.details for each in result.explanations if each.topic == "Variety"]
    assert details == ["Below 0.80 the distance does not rank runs."]
    equal = read_notes(compare((0.7, 0.72)))
    assert equal["Variety"] == (
        "“two” 72.0% and “one” 70.0% vary about equally (recall). Another seed alone can change it "
        "by up to 12 points."
    )


def test_recall_and_precision_are_reported_if_the_distances_are_too_close(
    compared: list[ComparedRun],
) -> None:
    first, second = compared
    long = with_metrics(first, 52_528, 0.91, recall=0.875)

    def end(recall: float, precision: float = 0.8) -> str:
        other = with_metrics(second, 1176, 1.27, recall=recall, precision=precision)
        result = compare_runs([other, long])
        assert result.best == frozenset()  # They rank no runs.
        start = "So far, after 1,176 to 52,528 steps: “one” (quick distance 0.91) and “two” (1.27) "
        assert result.headline.startswith(f"{start}are about equally near to real digits")
        return result.headline.removeprefix(f"{start}are about equally near to real digits")

    assert end(0.739) == (
        "; “one” draws more of the variety of real digits than “two”: 87.5% against 73.9% (recall)."
    )
    assert end(0.78) == "."  # Within chance.
    assert end(0.739, precision=0.95) == "."  # They contradict each other.
    sharper = with_metrics(second, 1176, 1.27, recall=0.739, precision=0.95)
    contrary = compare_runs([long, sharper])
    (variety,) = [each for each in contrary.explanations if each.topic == "Variety"]
    assert variety.text == "“one” varies most (recall): 87.5% against 73.9% of “two”."
    assert variety.metrics == ("recall", "precision")
    assert variety.details == (
        "The distances are too close to rank the runs. Fewer digits of “one” look real "
        "(precision): 80.0% against 95.0% of “two”."
    )


@pytest.fixture
def tied(compared: list[ComparedRun]) -> dict[str, ComparedRun]:
    """Return runs by title that distance does not rank; two draw more of the variety."""
    metrics = {"A": (0.91, 0.876), "B": (0.97, 0.875), "C": (1.00, 0.809), "D": (1.05, 0.736)}
    return {
        title: replace(with_metrics(compared[0], 3000, distance, recall), title=title)
        for title, (distance, recall) in metrics.items()
    }


def test_recall_that_changes_from_the_quick_to_the_precise_measurement_has_a_reason(
    compared: list[ComparedRun],
) -> None:
    quick = [with_metrics(each, 30, 5.0, recall=0.3) for each in compared]
    metrics = {"frechet_distance": 5.0, "recall": 0.1, "precision": 0.8}
    measurement = measure(5.0, step=30).model_copy(update={"metrics": metrics})
    precise = [replace(each, measurement=measurement) for each in quick]
    reason = "Measured with 10,000 digits now. Quick values, of 1,000, cannot be compared with that"
    assert reason in read_notes(compare_runs(precise))["Variety"]
    assert reason not in read_notes(compare_runs(quick))["Variety"]


def test_pictures_without_any_variety_are_not_compared_by_it(compared: list[ComparedRun]) -> None:
    noise = [with_metrics(each, 60, 200.0, recall=0.0) for each in compared]
    assert "Variety" not in read_notes(compare_runs(noise))


def test_late_in_training_a_smaller_difference_of_recall_is_beyond_chance(
    tied: dict[str, ComparedRun],
) -> None:
    a, _, c, d = tied.values()
    assert read_notes(compare_runs([a, c]))["Variety"].startswith("“A” varies most (recall): 87.6%")
    near = with_metrics(a, 3000, 1.0, recall=0.84)
    assert "vary about equally" in read_notes(compare_runs([a, near]))["Variety"]
    assert compare_runs([a, c, d]).best == frozenset()


def test_about_equal_recall_is_true_of_the_largest_difference(
    tied: dict[str, ComparedRun],
) -> None:
    a, b, _, d = tied.values()
    nearer = with_metrics(d, 3000, 0.90, recall=0.736)
    result = compare_runs([a, b, nearer])
    assert result.best == frozenset()
    assert read_notes(result)["Variety"] == (
        "“A” 87.6% and “B” 87.5% vary about equally (recall), “D” 73.6% less. Another seed alone "
        "can change it by up to 5 points."
    )
