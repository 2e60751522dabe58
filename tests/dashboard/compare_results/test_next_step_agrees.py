"""The next step of a comparison and the lines above it never contradict each other."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from copy import copy
from dataclasses import replace

import pytest

from dashboard.charts.compared_runs import ComparedRun
from dashboard.compare_results.measurements import MissingMeasurements
from dashboard.compare_results.next_step import NextStep, choose_next_step
from dashboard.compare_results.result import compare_runs
from dcgan.comparison.unequal_steps import are_much_longer
from tests.comparisons import read_notes, with_metrics
from tests.reports import step_report

pytestmark = pytest.mark.usefixtures("no_included_run")

STEPS = (1000, 2000, 9000)
DISTANCES = (1.1, 1.3, 1.7, 2.3, 9.0)  # The nearest run has 1.0, and real images have 0.8.


@pytest.fixture(autouse=True)
def _checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove all checkpoints, so that no short run is continued."""
    path = "dashboard.compare_results.next_step.find_newest_checkpoint"
    monkeypatch.setattr(path, lambda run: None)


def make_runs(
    compared: ComparedRun, measured: Sequence[tuple[float, int]], seconds: Sequence[float] = ()
) -> list[ComparedRun]:
    """Return runs with distances, steps and training times, and a dropout of their own each."""
    runs = []
    for index, (distance, step) in enumerate(measured):
        run = copy(compared.run)
        run.path = run.path.with_name(f"run-{index}")
        run.config = run.config.replace(dropout=index / 10)
        each = with_metrics(compared, step, distance, recall=0.8)
        if seconds:
            history = (step_report(step, seconds=seconds[index]),)
            each = replace(each, record=replace(each.record, history=history))
        runs.append(replace(each, run=run, title="ABC"[index]))
    return runs


def choose(runs: Sequence[ComparedRun], *, may_race: bool = True) -> NextStep:
    step = choose_next_step(runs, MissingMeasurements(), may_race=may_race)
    assert step is not None
    return step


@pytest.mark.parametrize("num_others", [1, 2])
def test_the_lines_and_the_next_step_give_luck_the_same_part(
    num_others: int, compared: list[ComparedRun]
) -> None:
    kinds = set()
    for distances in itertools.combinations(DISTANCES, num_others):
        for steps in itertools.product(STEPS, repeat=num_others + 1):
            measured = list(zip((1.0, *distances), steps, strict=True))
            runs = make_runs(compared[0], measured)
            notes = read_notes(compare_runs(runs))
            lines = [notes[f"“{each.title}”"] for each in runs[1:]]
            step = choose(runs)
            case = measured, lines, step
            by_chance = ["may be chance" in line for line in lines]
            kinds.add((step.kind, any(by_chance)))
            assert "Chance can explain" not in step.text or any(by_chance), case
            assert "more than chance" not in step.text or not any(by_chance), case
            if "Chance can explain" in step.text and num_others > 1:
                assert f"“{runs[1 + by_chance.index(True)].title}”" in step.text, case
            if "Nothing to do" in step.text:
                assert all("very likely more than chance" in line for line in lines), case
            if any("the shorter training can explain that" in line for line in lines):
                assert step.kind == "race", case
                assert "this doesn't tell which setting is better" in step.text, case
            if step.kind == "nothing":
                longer = [step for step in steps[1:] if are_much_longer([steps[0], step])]
                assert all(each > steps[0] for each in longer), case
    assert kinds == {("race", True), ("race", False), ("nothing", False)}


def test_a_race_is_next_for_unequal_training_whatever_luck_says(
    compared: list[ComparedRun],
) -> None:
    for distance in (2.3, 9.0):  # Likely more than chance, and very likely.
        runs = make_runs(compared[0], [(1.0, 8314), (distance, 1164)], (720.0, 60.0))
        step = choose(runs)
        assert (step.kind, step.text) == (
            "race",
            "One trained 12 min, the other 1 min, so this doesn't tell which setting is better. "
            "Race them for equal time.",
        )
    runs = make_runs(compared[0], [(1.0, 8314), (1.1, 8000), (2.3, 1164)], (720.0, 700.0, 60.0))
    named = "“A” trained 12 min, “C” 1 min, so this doesn't tell"
    assert choose(runs).text.startswith(named)
    # Also if the third run has no place in the order.
    assert choose([runs[0], replace(runs[1], lacks_precise=True), runs[2]]).text.startswith(named)


def test_without_a_race_unequal_training_is_no_result(compared: list[ComparedRun]) -> None:
    step = choose(make_runs(compared[0], [(1.0, 8314), (9.0, 1164)]), may_race=False)
    assert (step.kind, step.text) == (
        "nothing",
        "One trained for 8,314 steps, the other for 1,164, so this doesn't tell which setting is "
        "better.",
    )


def test_a_run_that_is_nearer_after_less_training_needs_no_race(
    compared: list[ComparedRun],
) -> None:
    assert choose(make_runs(compared[0], [(1.0, 2000), (9.0, 9000)])).kind == "nothing"


def test_a_gap_that_is_likely_more_than_chance_is_not_called_luck(
    compared: list[ComparedRun],
) -> None:
    text = choose(make_runs(compared[0], [(1.0, 3000), (1.4, 3000)])).text
    assert text == (
        "The gap is likely more than chance, but not yet sure. A race trains these settings for "
        "equal time."
    )
