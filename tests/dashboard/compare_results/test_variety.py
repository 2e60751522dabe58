"""The variety decides where the distances of runs to real images are too close to rank."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.charts.compared_runs import ComparedRun
from dashboard.compare_results.result import Result, compare_runs
from tests.comparisons import read_notes, with_metrics
from tests.reports import evaluation_report

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_below_the_distance_of_real_digits_the_variety_decides(compared: list[ComparedRun]) -> None:
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
        "“one” and “two” are about equally near to real digits (quick distances 0.40 and 0.70); "
        "“two” draws more of the variety of real digits than “one”: 85.0% against 70.0% (recall)."
    )
    assert result.best == frozenset()
    assert read_notes(result)["The number"] == (
        "The quick distance to real digits, measured during training with 1,000: lower is nearer. "
        "With so few digits, chance makes the number larger: even two sets of real digits are 0.80 "
        "apart. Below that, lower is not better."
    )
    assert read_notes(result)["Variety"] == (
        "“two” varies most (recall): 85.0% against 70.0% of “one”."
    )
    assert result.explanations[2].details == "Below 0.80 the distance does not rank runs."
    equal = read_notes(compare((0.7, 0.72)))
    assert equal["Variety"] == ("“two” 72.0% and “one” 70.0% vary about equally (recall).")


def test_recall_and_precision_decide_if_the_distances_are_too_close(
    compared: list[ComparedRun],
) -> None:
    first, second = compared
    long = with_metrics(first, 52_528, 0.91, recall=0.875)
    result = compare_runs([with_metrics(second, 1176, 1.27, recall=0.739), long])
    assert (
        result.headline
        == "“one” is probably nearer to real digits: quick distance 0.91 against 1.27."
    )
    assert result.best == {"one"}
    assert result.place == "probably nearest"
    assert read_notes(result)["How sure"].startswith(
        "Probably: “one” draws more of the variety of real digits than “two”: 87.5% against "
        "73.9% (recall). By distance alone it would be too close to call. Another seed alone "
        "can make a distance up to 1.5 times as large, because one trained for fewer than 1,500 "
        "steps."
    )
    assert "What differs" in read_notes(result)
    equal = compare_runs([long, with_metrics(second, 1176, 1.27, recall=0.86)])
    assert "about equally near" in equal.headline
    # Recall and precision contradict each other.
    sharper = with_metrics(second, 1176, 1.27, recall=0.739, precision=0.9)
    contrary = compare_runs([long, sharper])
    assert contrary.best == frozenset()
    assert read_notes(contrary)["Variety"] == (
        "“one” varies most (recall): 87.5% against 73.9% of “two”."
    )
    assert contrary.explanations[2].metrics == ("recall", "precision")
    assert contrary.explanations[2].details == (
        "The distances are too close to rank the runs. Fewer digits of “one” look real "
        "(precision): 80.0% against 90.0% of “two”."
    )
    other = compare_runs([long, with_metrics(second, 1176, 1.27, recall=0.95)])
    assert other.headline == (
        "“one” and “two” are about equally near to real digits (quick distances 0.91 and 1.27); "
        "“two” draws more of the variety of real digits than “one”: 95.0% against 87.5% (recall)."
    )
    third = replace(with_metrics(second, 1176, 9.0, recall=0.1), title="three")
    among = compare_runs([long, with_metrics(second, 1176, 1.27, recall=0.739), third])
    assert among.headline == (
        "“one” is probably nearest to real digits: quick distance 0.91 against 1.27 of “two” and "
        "9.00 of “three”."
    )
    # With a third run the headline names it, and the lead is in the note.
    leads = compare_runs([long, with_metrics(second, 1176, 1.27, recall=0.95), third])
    assert leads.headline == (
        "“one” and “two” are about equally near to real digits: quick distances 0.91 and 1.27, "
        "against 9.00 of “three”."
    )
    assert read_notes(leads)["How sure"].startswith(
        "“one” and “two” are too close to call, but “two” draws more of the variety of real digits "
        "than “one”: 95.0% against 87.5% (recall). Very likely “three” is worse"
    )


@pytest.fixture
def tied(compared: list[ComparedRun]) -> dict[str, ComparedRun]:
    """Return runs by title that distance does not rank; two draw more of the variety."""
    metrics = {"A": (0.91, 0.876), "B": (0.97, 0.875), "C": (1.00, 0.809), "D": (1.05, 0.736)}
    return {
        title: replace(with_metrics(compared[0], 3000, distance, recall), title=title)
        for title, (distance, recall) in metrics.items()
    }


def test_recall_decides_between_a_pair_whichever_other_runs_are_compared(
    tied: dict[str, ComparedRun],
) -> None:
    a, b, c, d = tied.values()
    assert compare_runs([a, d]).headline == (
        "“A” is probably nearer to real digits: quick distance 0.91 against 1.05."
    )
    three = compare_runs([a, b, d])
    assert three.headline == (
        "“A” and “B” are probably nearest to real digits: quick distances 0.91 and 0.97, against "
        "1.05 of “D”."
    )
    assert three.place == "probably among the nearest"
    assert compare_runs([a, b, c, d]).headline == (
        "Probably nearest to real digits by quick distance: “A” (0.91) and “B” (0.97); the other 2 "
        "are farther."
    )
    assert read_notes(compare_runs([a, b, c, d]))["How sure"] == (
        "Probably: by distance alone it would be too close to call, but “A” draws more of the "
        "variety of real digits than “C” and “D”: 87.6% against 80.9% and 73.6% (recall)."
    )


def test_about_equal_recall_is_true_of_the_largest_difference(
    tied: dict[str, ComparedRun],
) -> None:
    a, b, _, d = tied.values()
    nearer = with_metrics(d, 3000, 0.90, recall=0.736)  # Nearer, with less variety: no verdict.
    result = compare_runs([a, b, nearer])
    assert result.best == frozenset()
    assert read_notes(result)["Variety"] == (
        "“A” 87.6% and “B” 87.5% vary about equally (recall), “D” 73.6% less."
    )
