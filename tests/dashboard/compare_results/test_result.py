"""The result of a comparison: which run is nearest to real images, how sure, and what differs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.charts.compared_runs import ComparedRun
from dashboard.compare_results.comparison_table import make_result_rows
from dashboard.compare_results.explanations import Explanation
from dashboard.compare_results.result import Result, compare_runs
from dcgan.comparison.seed_ratio import explain_seed_ratio
from dcgan.reports import EventReport
from tests.comparisons import read_notes, with_distance, with_metrics

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_the_better_of_two_runs_is_named_with_the_likely_causes(
    compared: list[ComparedRun],
) -> None:
    first, second = compared[0], with_distance(compared[1], 20.0, step=10)
    result = compare_runs([first, second])
    assert result.headline == (
        "So far, after 10 to 30 steps: “one” (quick distance 5.00) is nearer to real digits than "
        "“two” (20.0)."
    )
    assert (result.best, result.place) == (frozenset({"one"}), "nearest so far")
    assert result.explanations == (
        Explanation(
            "The number",
            "The quick distance to real digits, measured during training with 1,000: lower is "
            "nearer. With so few digits, chance makes the number larger: even two sets of real "
            "digits are 5.00 apart. Below that, lower is not better. With 1,000 digits, 5.00 "
            "cannot be told from real digits; measure with 10,000.",
        ),
        Explanation(
            "“two”",
            "4.0 times as far as “one”, very likely more than chance. 10 steps instead of 30: the "
            "shorter training can explain that; Batch size 32 instead of 16; Generator learning "
            "rate 0.001 instead of 0.002.",
            ("batch_size", "generator_learning_rate"),
        ),
        Explanation(
            "How sure",
            "Another seed alone can make a distance up to 1.7 times as large (less after "
            "1,500 steps).",
            ("seed",),
            details=explain_seed_ratio("frechet_distance"),
        ),
    )
    for each in compared:
        each.run.config = compared[0].run.config.replace(dataset="faces")
    of_faces = compare_runs([first, second])
    assert of_faces.headline.endswith(" is nearer to real pictures than “two” (20.0).")
    assert read_notes(of_faces)["“two”"].endswith(
        "10 steps instead of 30: the shorter training can explain that."
    )


@pytest.mark.parametrize(
    ("step", "distance", "best", "sure"),
    [
        (30, 8.4, set(), "1.7 times as far as “one”, which may be chance."),
        (30, 9.0, {"one"}, "1.8 times as far as “one”, likely more than chance."),
        (3000, 5.9, set(), "1.2 times as far as “one”, which may be chance."),
        (3000, 6.1, {"one"}, "1.2 times as far as “one”, likely more than chance."),
        (3000, 10.1, {"one"}, "2.0 times as far as “one”, very likely more than chance."),
    ],
)
def test_more_is_chance_early_in_training(
    step: int, distance: float, best: set[str], sure: str, compared: list[ComparedRun]
) -> None:
    first, second = compared
    result = compare_runs(
        [with_metrics(first, step, 5.0, 0.8), with_metrics(second, step, distance, 0.8)]
    )
    assert result.best == best
    notes = read_notes(result)
    assert notes["“two”"].startswith(sure)
    chance = "1.7 times as large (less after 1,500 steps)." if step == 30 else "1.2 times as large."
    assert f"Another seed alone can make a distance up to {chance}" in notes["How sure"]


def test_a_small_difference_is_called_chance(compared: list[ComparedRun]) -> None:
    first, second = compared
    result = compare_runs([first, with_distance(second, 5.9)])
    assert result.headline == (
        "“one” (quick distance 5.00) and “two” (5.90) are about equally near to real digits."
    )
    assert result.best == frozenset()
    assert "chance. Batch size 32 instead of 16; " in read_notes(result)["“two”"]
    second.run.config = first.run.config.replace(beta_1=0.5, seed=5)
    close = read_notes(compare_runs([first, with_distance(second, 5.9)]))["“two”"]
    # The seed is one of the causes only without a clear difference.
    assert close.endswith("chance. Momentum 0.5 instead of 0; seed 5 instead of 0.")
    far = read_notes(compare_runs([first, with_distance(second, 20.0)]))["“two”"]
    assert far.endswith("chance. Momentum 0.5 instead of 0.")
    twins = [first, replace(first, title="copy")]
    assert read_notes(compare_runs(twins))["“copy”"].endswith(" The same settings.")


def test_several_runs_are_put_in_order(compared: list[ComparedRun]) -> None:
    first, second = compared
    third = with_distance(replace(first, title="three"), 20.0)
    result = compare_runs([third, first, with_distance(second, 9.0, step=10)])
    assert result.headline == (
        "So far, after 10 to 30 steps: “one” (quick distance 5.00) is nearest to real digits; "
        "“two” (9.00) and “three” (20.0) are farther."
    )
    notes = read_notes(result)
    assert [topic for topic in notes if topic.startswith("“")] == ["“two”", "“three”"]
    assert notes["“two”"].startswith(
        "1.8 times as far as “one”, likely more than chance. 10 steps instead of 30: the "
        "shorter training can explain that; Batch size 32 instead of 16; "
    )
    assert notes["“three”"] == (
        "4.0 times as far as “one”, very likely more than chance. The same settings."
    )
    tied = compare_runs([third, first, with_distance(second, 5.5)])
    assert tied.headline == (
        "“one” (quick distance 5.00) and “two” (5.50) are nearest to real digits, about equally; "
        "“three” (20.0) is farther."
    )


def test_more_steps_are_no_reason_for_a_larger_distance(compared: list[ComparedRun]) -> None:
    first, second = with_distance(compared[0], 5.0, step=10), with_distance(compared[1], 20.0)
    second.run.config = first.run.config
    assert read_notes(compare_runs([first, second]))["“two”"].endswith(
        "chance. 30 steps instead of 10."
    )


def test_of_many_runs_the_headline_names_the_nearest(compared: list[ComparedRun]) -> None:
    def compare(*distances: float) -> Result:
        return compare_runs(
            [
                replace(with_distance(compared[0], distance, 3000), title=title)
                for title, distance in zip("ABCDEFGHI", distances, strict=False)
            ]
        )

    assert compare(5.1, 5.0, 9.0, 19.0, 20.0).headline == (
        "“B” (quick distance 5.00) and “A” (5.10) are nearest to real digits, about equally; the "
        "other 3 are farther."
    )
    assert compare(20.0, 5.0, 19.1, 19.2, 19.3).headline == (
        "“B” (quick distance 5.00) is nearest to real digits; the other 4 are farther."
    )
    assert compare(5.05, 5.1, 5.2, 5.3).headline == (
        "“A” (quick distance 5.05), “B” (5.10) and 2 more (up to 5.30) are about equally near to "
        "real digits."
    )
    notes = read_notes(compare(5.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0))
    assert list(notes) == ["The number", *(f"“{name}”" for name in "BCDEFG"), "2 more", "How sure"]
    assert notes["2 more"] == "Up to 3.2 times as far."


def test_a_run_without_an_evaluation_is_not_measured(compared: list[ComparedRun]) -> None:
    first, second = compared
    second.run.config = second.run.config.replace(evaluate_every=5)
    stopped = replace(second, record=replace(second.record, evaluations=()))
    result = compare_runs([first, stopped])
    assert result.headline == "“one”: quick distance to real digits 5.00."
    assert result.explanations[-1] == Explanation(
        "Not measured", "“two”: it was stopped in epoch 1."
    )
    alone = compare_runs([stopped])
    assert alone.headline == "There is no result to compare yet."
    assert alone.explanations == (Explanation("Not measured", "“two”: it was stopped in epoch 1."),)


def test_chance_depends_on_how_long_both_runs_have_trained(compared: list[ComparedRun]) -> None:
    first, second = compared
    long = with_distance(first, 5.0, 3000)
    close = compare_runs([long, with_distance(second, 7.4, 1000)])
    assert close.best == frozenset()
    clear = compare_runs([long, with_distance(second, 7.6, 1000)])
    assert clear.best == {"one"}
    assert "up to 1.5 times as large (less after 1,500 steps)." in read_notes(clear)["How sure"]


def test_no_run_is_farther_if_one_with_a_larger_distance_may_not_be(
    compared: list[ComparedRun],
) -> None:
    late = with_metrics(compared[0], 5000, 10.0, 0.8)
    farther = with_metrics(compared[1], 5000, 13.0, 0.8)
    assert compare_runs([farther, late]).best == {"one"}
    early = replace(with_metrics(compared[1], 1000, 14.0, 0.8), title="three")
    result = compare_runs([early, farther, late])
    assert result.best == frozenset()
    assert result.headline.endswith("and “three” (14.0) are about equally near to real digits.")


def test_a_factor_is_that_of_the_numbers_on_the_page(compared: list[ComparedRun]) -> None:
    first, second = compared
    first, second = with_metrics(first, 3000, 0.2749, 0.8), with_metrics(second, 3000, 1.495, 0.8)
    result = compare_runs([first, second])
    assert "“one” (quick distance 0.27) is nearer to real digits than “two” (1.50)" in (
        result.headline
    )
    assert read_notes(result)["“two”"].startswith("5.6 times as far")  # 1.495 / 0.2749 is 5.4.


def test_a_large_ratio_is_rounded(compared: list[ComparedRun]) -> None:
    first, second = compared
    result = compare_runs([first, with_distance(second, 5 * 1287.7)])
    assert read_notes(result)["“two”"].startswith("About 1,300 times as far as “one”")


def branch(compared: ComparedRun, step: int) -> ComparedRun:
    """Return a run as a branch at a step."""
    event = EventReport(step, 1, 4.0, "branched", "Branch of one.")
    return replace(compared, record=replace(compared.record, events=(event,)))


def test_a_branch_does_not_win_with_a_measurement_of_its_parent(
    compared: list[ComparedRun],
) -> None:
    first, second = compared
    branched = [first, branch(with_distance(second, 0.5, step=20), 20)]
    result = compare_runs(branched)
    assert result.headline == "“one”: quick distance to real digits 5.00."
    assert result.best == frozenset()
    assert result.explanations[-1] == Explanation(
        "Not measured",
        "“two”: its last measurement is from before the branch at step 20.",
    )
    rows = {row.label: row.cells for row in make_result_rows(branched)}
    assert rows["Quick distance to real digits (two sets of real digits: 5.00)"] == (
        "5.00",
        "not measured since step 20",
    )
    assert rows["Lowest quick distance so far"] == ("4.00", "–")
    assert rows["Measured at step"] == ("30", "–")
    measured = branch(with_distance(second, 0.5, step=30), 20)
    assert compare_runs([first, measured]).best == {"two"}


def test_runs_that_were_measured_with_other_pictures_are_not_compared(
    compared: list[ComparedRun],
) -> None:
    first, second = compared
    report = replace(second.record.evaluations[0], num_images=500)
    fewer = replace(second, record=replace(second.record, evaluations=(report,)))
    assert compare_runs([first, fewer]).headline == (
        "These runs were measured with different pictures, so their results cannot be compared."
    )


def test_quick_distances_near_that_of_real_digits_rank_no_runs(
    compared: list[ComparedRun],
) -> None:
    # Steps of one training; with 10,000 digits they have 0.32 and 0.23.
    runs = [
        with_metrics(compared[0], 16_884, 0.79, 0.8),
        with_metrics(compared[1], 54_404, 1.03, 0.8),
    ]
    result = compare_runs(runs)
    assert result.best == frozenset()
    assert result.headline == (
        "“one” (quick distance 0.79) and “two” (1.03) are about equally near to real digits."
    )
    assert "1.3 times as far as “one”, which may be chance." in read_notes(result)["“two”"]
    # The same distances of 1,000 digits are precise if the data have no more.
    for each in runs:
        each.run.dataset = each.run.dataset.model_copy(update={"num_images": 2000})
    assert compare_runs(runs).best == {"one"}
