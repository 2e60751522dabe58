"""The result of a comparison: which run is nearest to real images, how sure, and what differs."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import pytest

from dashboard.charts.compared_runs import ComparedRun
from dashboard.compare_results.comparison_table import make_result_rows
from dashboard.compare_results.explanations import Explanation
from dashboard.compare_results.result import compare_runs
from dcgan.comparison.seed_ratio import explain_seed_ratio
from dcgan.reports import EventReport
from tests.comparisons import read_notes, with_distance, with_metrics

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_the_better_of_two_runs_is_named_with_the_likely_causes(
    compared: list[ComparedRun],
) -> None:
    first, second = compared[0], with_distance(compared[1], 20.0, step=10)
    result = compare_runs([first, second])
    assert result.headline == "“one” is nearer to real digits: quick distance 5.00 against 20.0."
    assert result.best == {"one"}
    assert result.explanations == (
        Explanation(
            "The number",
            "The quick distance to real digits, measured during training with 1,000: lower is "
            "nearer. With so few digits, chance makes the number larger: even two sets of real "
            "digits are 5.00 apart. Below that, lower is not better.",
        ),
        Explanation(
            "How sure",
            "Very likely: “two” has 4.0 times the distance of “one”. Another seed alone can "
            "make a distance up to 1.7 times as large, because both trained for fewer than 1,500 "
            "steps.",
            ("seed",),
            details=explain_seed_ratio("frechet_distance"),
        ),
        Explanation(
            "What differs",
            "“one” trained 3.0 times as long as “two” (30 steps against 10), which is enough to "
            "explain it. Also different: Batch size 16 instead of 32; Generator learning rate "
            "0.002 instead of 0.001.",
            ("batch_size", "generator_learning_rate"),
            race_helps=True,
        ),
    )
    for each in compared:
        each.run.config = compared[0].run.config.replace(dataset="faces")
    of_faces = compare_runs([first, second])
    assert (
        of_faces.headline == "“one” is nearer to real pictures: quick distance 5.00 against 20.0."
    )
    assert read_notes(of_faces)["What differs"] == (
        "“one” trained 3.0 times as long as “two” (30 steps against 10), which is enough to "
        "explain it."
    )


@pytest.mark.parametrize(
    ("step", "distance", "best", "sure"),
    [
        (
            30,
            8.4,
            set(),
            "Too close to call: one distance is 1.7 times the other. Another seed "
            "alone can make a distance up to 1.7 times as large, because both trained for fewer "
            "than 1,500 steps.",
        ),
        (30, 9.0, {"one"}, "Likely: “two” has 1.8 times the distance of “one”"),
        (
            3000,
            5.9,
            set(),
            "Too close to call: one distance is 1.2 times the other. Another seed "
            "alone can make a distance up to 1.2 times as large.",
        ),
        (3000, 6.1, {"one"}, "Likely: “two” has 1.2 times the distance of “one”"),
        (3000, 10.1, {"one"}, "Very likely: “two” has 2.0 times the distance of “one”"),
    ],
)
def test_more_is_chance_early_in_training(
    step: int, distance: float, best: set[str], sure: str, compared: list[ComparedRun]
) -> None:
    first, second = compared
    result = compare_runs([with_distance(first, 5.0, step), with_distance(second, distance, step)])
    assert result.best == best
    assert read_notes(result)["How sure"].startswith(sure)


def test_the_order_of_equally_near_runs_is_doubted_before_a_third_is_called_worse(
    compared: list[ComparedRun],
) -> None:
    first, second = compared
    third = replace(with_distance(second, 20.0, 3000), title="three")
    runs = [with_distance(first, 5.0, 3000), with_distance(second, 5.5, 3000), third]
    assert read_notes(compare_runs(runs))["How sure"] == (
        "“one” and “two” are too close to call. Very likely “three” is worse: its distance is "
        "4.0 times the distance of “one”. Another seed alone can make a distance "
        "up to 1.2 times as large."
    )


def test_a_small_difference_is_called_chance(compared: list[ComparedRun]) -> None:
    first, second = compared
    result = compare_runs([first, with_distance(second, 5.9)])
    assert result.headline == (
        "“one” and “two” are about equally near to real digits (quick distances 5.00 and 5.90)."
    )
    assert result.best == frozenset()
    assert read_notes(result)["What differs"].startswith("Batch size 16 instead of 32; ")
    config = second.run.config
    second.run.config = first.run.config.replace(beta_1=0.5)
    close = compare_runs([first, with_distance(second, 5.9)])
    assert read_notes(close)["What differs"].startswith("Momentum (beta_1) 0 instead of 0.5")
    second.run.config = config
    twins = [first, replace(first, title="copy")]
    assert read_notes(compare_runs(twins))["What differs"] == "Their settings are the same."


def test_the_seed_is_a_cause_only_without_a_clear_difference(compared: list[ComparedRun]) -> None:
    first, second = compared[0], with_distance(compared[1], 20.0)
    batch = second.run.config
    # With another difference the seed is not the likely cause.
    second.run.config = batch.replace(seed=5)
    assert "eed" not in read_notes(compare_runs([first, second]))["What differs"]
    close = compare_runs([first, with_distance(second, 5.5)])
    assert read_notes(close)["What differs"].endswith("; seed.")


def test_several_runs_are_put_in_order(compared: list[ComparedRun]) -> None:
    first, second = compared
    third = with_distance(replace(first, title="three"), 20.0)
    result = compare_runs([third, first, with_distance(second, 9.0, step=10)])
    assert (
        result.headline
        == "“one” is nearest to real digits: quick distance 5.00 against 9.00 of “two” and "
        "20.0 of “three”."
    )
    assert read_notes(result)["What differs"] == (
        "“one” trained 3.0 times as long as “two” (30 steps against 10), which is enough to "
        "explain it. Also different: Batch size 16 instead of 32; Generator learning rate 0.002 "
        "instead of 0.001."
    )
    tied = compare_runs([third, first, with_distance(second, 5.5)])
    assert tied.headline == (
        "“one” and “two” are about equally near to real digits: quick distances 5.00 and 5.50, "
        "against 20.0 of "
        "“three”."
    )


def test_a_cause_differs_between_the_runs_that_are_compared(compared: list[ComparedRun]) -> None:
    first, second = compared
    second.run.config = first.run.config.replace(batch_size=32)
    third = replace(with_distance(second, 20.0), title="three")
    third = replace(third, run=copy(second.run))
    third.run.config = first.run.config.replace(generator_learning_rate=0.02)
    result = compare_runs([first, with_distance(second, 9.0), third])
    assert read_notes(result)["What differs"] == (
        "Between “one” and “two”: Batch size 16 instead of 32. This is probably why."
    )


def test_fewer_steps_are_a_cause_of_a_better_result_only_without_another(
    compared: list[ComparedRun],
) -> None:
    first, second = with_distance(compared[0], 5.0, step=10), with_distance(compared[1], 20.0)
    assert read_notes(compare_runs([first, second]))["What differs"] == (
        "Batch size 16 instead of 32; Generator learning rate 0.002 instead of 0.001. One of these "
        "is probably why."
    )
    second.run.config = first.run.config
    assert read_notes(compare_runs([first, second]))["What differs"] == (
        "Measured after 10 instead of 30 steps. This is probably why."
    )


def test_many_runs_have_a_short_headline_and_one_sentence_on_certainty(
    compared: list[ComparedRun],
) -> None:
    def compare(*distances: float) -> tuple[str, str]:
        result = compare_runs(
            [
                replace(with_distance(compared[0], distance, 3000), title=title)
                for title, distance in zip("ABCDEF", distances, strict=False)
            ]
        )
        return result.headline, read_notes(result)["How sure"]

    assert compare(5.1, 5.0, 9.0, 20.0) == (
        "About equally near to real digits by quick distance: “B” (5.00) and “A” (5.10); the other "
        "2 are farther.",
        "Likely: “C” has 1.8 times the distance of “B”, and another seed alone can make a "
        "distance up to 1.2 times as large.",
    )
    assert compare(20.0, 5.0, 19.1, 19.2, 19.3) == (
        "Nearest to real digits by quick distance: “B” (5.00); the other 4 are farther.",
        "Very likely: “C” has 3.8 times the distance of “B”, and another seed alone can make "
        "a distance up to 1.2 times as large.",
    )
    assert compare(5.2, 5.1, 5.3, 9.0)[0] == (
        "About equally near to real digits by quick distance: “B” (5.10), “A” (5.20) and “C” "
        "(5.30); “D” is farther."
    )
    assert compare(5.05, 5.1, 5.2, 5.3) == (
        "About equally near to real digits by quick distance: “A” (5.05), “B” (5.10) and 2 more "
        "(up to 5.30).",
        "Too close to call: “D” has 1.0 times the distance of “A”, and another seed alone can make "
        "a distance up to 1.2 times as large.",
    )
    below = [with_metrics(compared[0], 3000, 0.4 + 0.1 * index, 0.8) for index in range(4)]
    assert read_notes(compare_runs(below))["How sure"] == (
        "Too close to call: all are nearer than two sets of real digits are to each other."
    )


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
    assert (
        "up to 1.5 times as large, because one trained for fewer than 1,500 steps"
        in read_notes(clear)["How sure"]
    )


def test_a_run_measured_too_early_is_not_ranked_behind_a_farther_one(
    compared: list[ComparedRun],
) -> None:
    first, second = compared
    late = with_metrics(first, 5000, 1.0, recall=0.8)
    farther = with_metrics(second, 5000, 1.3, recall=0.8)
    early = replace(with_metrics(second, 1000, 1.4, recall=0.8), title="three")
    result = compare_runs([early, farther, late])
    assert result.headline == (
        "“one” is nearer to real digits: quick distance 1.00 against 1.30 of “two”; “three” (1.40) "
        "is too early in training to rank."
    )
    assert result.best == {"one"}
    assert result.place == "among the nearest"
    assert read_notes(result)["How sure"].startswith(
        "Likely: “two” has 1.3 times the distance of “one”. Another seed alone can make "
        "a distance up to 1.2 times as large."
    )
    assert read_notes(result)["What differs"] == (  # Without the settings of the unranked run.
        "Between “one” and “two”: Batch size 16 instead of 32; Generator learning rate 0.002 "
        "instead of 0.001. One of these is probably why."
    )


def test_a_large_ratio_is_rounded(compared: list[ComparedRun]) -> None:
    first, second = compared
    result = compare_runs([first, with_distance(second, 5 * 1287.7)])
    assert "“two” has about 1,300 times the distance of “one”" in (read_notes(result)["How sure"])


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
