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
    second.run.config = first.run.config.replace(seed=5)
    result = compare_runs([first, second])
    assert result.headline == (
        "No real difference: only the seed differs between “one” and its repeat with seed 5. Quick "
        "distances to real digits: 5.00 and 20.0."
    )
    assert (result.best, result.place) == (frozenset(), "")
    assert read_notes(result)["“two”"] == (
        "4.0 times as far as “one”, by chance: the settings are the same. Seed 5 instead of 0."
    )
    assert "To be sure" not in read_notes(result)["How sure"]
    shorter = read_notes(compare_runs([first, with_distance(second, 20.0, step=24)]))["“two”"]
    assert shorter == (
        "4.0 times as far as “one”, by chance and fewer steps: the settings are the same. Seed 5 "
        "instead of 0; 24 steps instead of 30."
    )
    four = [replace(each, title=f"{index}") for index, each in enumerate([first, second] * 2)]
    four[2] = replace(four[2], run=copy(second.run))
    four[2].run.config = first.run.config.replace(seed=6)
    four[3] = replace(four[3], run=copy(second.run))
    four[3].run.config = first.run.config.replace(seed=7)
    assert compare_runs(four).headline == (
        "No real difference: only the seed differs between “0” and its 3 repeats. Quick distances "
        "to real digits: 5.00 to 20.0."
    )
    # Much longer training is no repeat.
    long = with_distance(first, 5.0, step=300)
    assert compare_runs([long, second]).best == {"one"}


def test_a_run_never_wins_against_its_repeat(compared: list[ComparedRun]) -> None:
    first = with_distance(compared[0], 0.27, 2074)
    repeat = replace(with_distance(compared[1], 0.33, 1678), title="two")
    repeat.run.config = first.run.config.replace(seed=1)
    other = replace(with_distance(first, 1.5, 1503), title="Dropout 0.4", run=copy(compared[1].run))
    other.run.path = first.run.path.with_name("three")
    other.run.config = first.run.config.replace(dropout=0.4)
    three = compare_runs([first, other, repeat])
    assert three.headline == (
        "“one” and its repeat with seed 1 (quick distances 0.27 and 0.33: chance) are nearest to "
        "real digits; “Dropout 0.4” (1.50) is farther."
    )
    assert (three.best, three.place) == (frozenset({"one", "two"}), "among the nearest")
    notes = read_notes(three)
    assert notes["“Dropout 0.4”"] == (
        "5.6 times as far as “one”, very likely more than chance. Dropout 0.4 instead of 0; 1,503 "
        "steps instead of 2,074."
    )
    # Nor against the repeat of a run that chance put behind it, and all runs before that one.
    third = replace(with_distance(first, 0.26, 2074), title="three", run=copy(other.run))
    third.run.config = first.run.config.replace(batch_size=64)
    far = with_distance(repeat, 2.0, 2074)
    assert compare_runs([third, first, far, other]).best == frozenset()
