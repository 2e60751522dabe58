"""Repeats in a comparison: runs with the same settings and other seeds, of which none wins."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import pytest

from dashboard.charts.compared_runs import ComparedRun
from dashboard.compare_results.result import compare_runs
from tests.comparisons import read_notes, with_distance

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_runs_of_which_only_the_seed_differs_are_repeats_without_a_winner(
    compared: list[ComparedRun],
) -> None:
    first, second = compared[0], with_distance(compared[1], 20.0)
    batch = second.run.config
    second.run.config = first.run.config.replace(seed=5)
    result = compare_runs([first, second])
    assert result.headline == (
        "“one” and “two” have the same settings, with other seeds: quick distances to real digits "
        "5.00 and 20.0."
    )
    assert (result.best, result.place) == (frozenset(), "")
    notes = read_notes(result)
    assert "How sure" not in notes
    assert notes["How far apart"] == (
        "“two” has 4.0 times the distance of “one”. No setting explains it; it is chance. Another "
        "seed alone can make a distance up to 1.7 times as large, because both trained for fewer "
        "than 1,500 steps."
    )
    assert notes["What differs"] == "Seed 0 instead of 5."
    shorter = read_notes(compare_runs([first, with_distance(second, 20.0, step=24)]))
    assert shorter["What differs"] == "Seed 0 instead of 5; measured after 30 instead of 24 steps."
    four = [replace(each, title=f"{index}") for index, each in enumerate([first, second] * 2)]
    assert compare_runs(four).headline == (
        "The same settings with 4 seeds: quick distances to real digits from 5.00 to 20.0."
    )
    # Much longer training is no repeat.
    long = with_distance(first, 5.0, step=300)
    assert compare_runs([long, second]).best == {"one"}
    # With a third run of other settings, the advice is not to repeat the repeats.
    second.run.config = first.run.config.replace(seed=5)
    near = with_distance(second, 9.0)
    other = replace(with_distance(first, 9.5), title="three", run=copy(first.run))
    other.run.config = batch
    notes = read_notes(compare_runs([first, near, other]))
    assert notes["How sure"].startswith("Likely: “two” has 1.8 times the distance of “one”.")
    assert "To be sure" not in notes["How sure"]
    assert notes["What differs"] == "Between “one” and “two”: Seed 0 instead of 5, so it is chance."
