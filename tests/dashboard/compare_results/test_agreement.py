"""The headline, the badges, the cards, the dots, the table and the lines of a result agree."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import NamedTuple

import pytest

from dashboard.charts.compared_runs import ComparedRun
from dashboard.charts.distance_dots import describe_dots
from dashboard.compare.result_cards import sort_by_result
from dashboard.compare_results.comparison_table import make_result_rows
from dashboard.compare_results.result import compare_runs
from dashboard.snapshots.snapshot import Phase
from dcgan.evaluation.metric_info import format_distance
from dcgan.runs import run_folder
from dcgan.runs.manifest import State
from tests.comparisons import read_notes, with_metrics

LATE = 2000


class Case(NamedTuple):
    """Runs of which each has a distance, a dropout and a seed, and the nearest of them.

    Attributes:
        runs: Distance, dropout, seed and step of each run.
        best: The indices of the runs with a badge.
        so_far: Whether the result is that of an unfinished comparison.
        in_training, included, unranked: Indices of such runs.
    """

    runs: tuple[tuple[float, float, int, int], ...]
    best: set[int]
    so_far: bool = False
    in_training: frozenset[int] = frozenset()
    included: frozenset[int] = frozenset()
    unranked: frozenset[int] = frozenset()


A, A_AGAIN = (1.0, 0.0, 0, LATE), (1.3, 0.0, 1, LATE)
B, C, D = (2.0, 0.1, 0, LATE), (3.0, 0.2, 0, LATE), (4.0, 0.3, 0, LATE)
CASES = {
    "two": Case((B, A), {1}),
    "two that chance explains": Case((A, (1.1, 0.1, 0, LATE)), set()),
    "two repeats": Case((A_AGAIN, A), set()),
    "a repeat and a third run": Case((B, A, A_AGAIN), {1, 2}),
    "four with a repeat": Case((C, A_AGAIN, B, A), {1, 3}),
    "a repeat farther than another run": Case((A, (1.5, 0.1, 0, LATE), (1.6, 0.0, 1, LATE)), set()),
    "a repeat of the second run": Case((A, (1.1, 0.1, 0, LATE), (1.5, 0.1, 1, LATE), D), {0, 1, 2}),
    "recall does not rank": Case(((0.9, 0.1, 0, LATE), (1.0, 0.2, 0, LATE), D), {0, 1}),
    "six": Case((D, C, B, A, (1.1, 0.4, 0, LATE), (5.0, 0.5, 0, LATE)), {3, 4}),
    "one in training": Case((A, B), {0}, so_far=True, in_training=frozenset({1})),
    "a tie in training": Case(
        (A, (1.1, 0.1, 0, LATE)), set(), so_far=True, in_training=frozenset({0})
    ),
    "one is young": Case((A, (9.0, 0.1, 0, 300)), {0}, so_far=True),
    "an included run": Case((A, B, C, D), {0}, included=frozenset({0})),
    "an unranked run in training": Case(
        (A, B, C), {0}, so_far=True, unranked=frozenset({2}), in_training=frozenset({2})
    ),
    "an unranked run": Case((A, B, C), {0}, unranked=frozenset({2})),
}


@pytest.mark.usefixtures("no_included_run")
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_all_parts_of_a_result_agree(
    case: Case, compared: list[ComparedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [make_run(compared[0], case, index) for index in range(len(case.runs))]
    included = [runs[index].run.path for index in case.included]
    monkeypatch.setattr(run_folder, "list_included_runs", lambda: included)
    result = compare_runs(runs)
    best = {runs[index].run.name for index in case.best}
    assert result.best == best
    ranked = sorted((each for each in runs if each.is_measured), key=lambda each: each.distance)
    nearest, farther = ranked[: len(best)], ranked[len(best) :]
    # The badges are those of the smallest numbers.
    assert {each.run.name for each in nearest} == best
    # The headline.
    assert ("nearest" in result.headline or "nearer" in result.headline) == bool(best)
    assert ("about equally near" in result.headline or "No real" in result.headline) != bool(best)
    assert result.headline.startswith("So far, after") == case.so_far
    places = {0: "", 1: "nearest"}
    place = places.get(len(best), "among the nearest")
    assert result.place == (f"{place} so far" if best and case.so_far else place)
    named = [each.title for each in ranked if f"“{each.title}”" in result.headline]
    assert named == sorted(named, key=result.headline.index)
    for each in ranked:
        number = format_distance(each.distance)
        assert each.title not in named or number in result.headline
    # The heading says the same in one short sentence.
    assert result.answer.endswith(".")
    assert len(result.answer) <= 100
    assert ("nearest" in result.answer or "nearer" in result.answer) == bool(best)
    assert result.answer.startswith("So far, ") == case.so_far
    assert not any(f"“{each.title}”" in result.answer for each in farther if best)
    # Cards and dots have the order of the numbers.
    cards = [each.title for each in sort_by_result(runs, result)]
    assert cards[: len(ranked)] == [each.title for each in ranked]
    if not case.unranked:
        dots = describe_dots(sort_by_result(runs, result))
        assert sorted(cards, key=dots.index) == cards
    (marked,) = [row for row in make_result_rows(runs) if row.marks_best_run]
    cells = dict(zip([each.title for each in runs], marked.cells, strict=True))
    # The table has the same numbers, and each run but the first has a line that agrees.
    notes = read_notes(result)
    assert f"“{ranked[0].title}”" not in notes
    for each in ranked:
        assert cells[each.title] == format_distance(each.distance)
    # A person's runs behind an included one have a list of their own.
    for each in [] if case.included else ranked[1:]:
        is_farther = bool(best) and each in farther
        assert ("more than chance" in notes[f"“{each.title}”"]) == is_farther


def make_run(compared: ComparedRun, case: Case, index: int) -> ComparedRun:
    """Return a run of a case; the farther it is, the more of the variety it draws."""
    distance, dropout, seed, step = case.runs[index]
    run = copy(compared.run)
    run.path = run.path.with_name(f"run-{index}")
    run.config = run.config.replace(dropout=dropout, seed=seed)
    measured = with_metrics(compared, step, distance, recall=min(0.9, 0.5 + distance / 10))
    state: State | Phase = "running" if index in case.in_training else "stopped"
    record = replace(measured.record, state=state)
    is_unranked = index in case.unranked
    return replace(
        measured, run=run, title=f"title {index}", record=record, lacks_precise=is_unranked
    )
