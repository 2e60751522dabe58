"""The answers of the experiments, for numbers whose answer is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from dashboard.experiments import answers
from dashboard.experiments.catalog import (
    EXPERIMENTS,
    REFERENCE,
    WALK,
    find_experiment,
    find_next_experiment,
)
from dashboard.experiments.experiment import (
    MAX_SECONDS,
    Answer,
    RunNumbers,
    estimate_seconds,
    measure_run,
)
from dashboard.snapshots.snapshot import Snapshot
from tests import healthy_run


def shares(ones: float, others: int = 0) -> tuple[float, ...]:
    """Return shares of the digits: a share of ones, and the rest spread over some other digits."""
    rest = [(1 - ones) / others if index < others else 0.0 for index in range(9)]
    return (rest[0], ones, *rest[1:])


@pytest.mark.parametrize(
    ("find_answer", "changes", "outcome"),
    [
        (answers.answer_normal, {"readable": None, "distances": {1876: 154.0}}, 0),
        (answers.answer_normal, {"readable": None, "distances": {1876: 40.0}}, 1),
        (answers.answer_normal, {"readable": 0.87}, 2),
        (answers.answer_collapse, {"relative_spread": 0.12}, 1),
        (answers.answer_collapse, {"relative_spread": 0.1, "step": 300}, 1),  # It stays so.
        (answers.answer_collapse, {"relative_spread": 0.12, "step": 300}, None),
        (answers.answer_collapse, {"relative_spread": 0.1, "step": 299}, None),
        (answers.answer_collapse, {"relative_spread": 0.9, "distances": {1876: 1.0}}, 0),
        (answers.answer_collapse, {"relative_spread": 0.9, "distances": {1876: 3.2}}, 2),
        (answers.answer_winner, {"real_accuracy": 0.99, "fake_accuracy": 1.0}, 1),
        (answers.answer_winner, {"real_accuracy": 0.9, "fake_accuracy": 0.4}, 0),
        (answers.answer_winner, {"real_accuracy": 0.4, "fake_accuracy": 0.8}, 2),
        (answers.answer_winner, {"real_accuracy": 0.95, "fake_accuracy": 0.96}, None),
        (answers.answer_ones, {"digit_shares": shares(0.99, 1)}, 1),
        (answers.answer_ones, {"digit_shares": shares(0.8, 2)}, 2),
        (answers.answer_ones, {"digit_shares": shares(0.1, 9)}, 0),
        (answers.answer_distance, {"distances": {1876: 1.9}}, 0),
        (answers.answer_distance, {"distances": {1876: 5.9}}, 1),
        (answers.answer_distance, {"distances": {1876: 3.5}}, 2),
    ],
)
def test_the_outcome_follows_from_the_numbers(
    find_answer: Callable[[RunNumbers, RunNumbers], Answer],
    changes: dict[str, object],
    outcome: int | None,
) -> None:
    normal = replace(REFERENCE, distances={938: 9.0, 1876: 3.0})
    run = replace(normal, **changes)  # type: ignore[arg-type]
    assert find_answer(run, normal).outcome == outcome


@pytest.mark.parametrize(
    "find_answer",
    [experiment.find_answer for experiment in EXPERIMENTS if experiment.find_answer is not None],
    ids=[experiment.key for experiment in EXPERIMENTS if experiment.find_answer is not None],
)
def test_a_run_that_ended_before_its_first_measurement_gives_no_answer(
    find_answer: Callable[[RunNumbers, RunNumbers], Answer],
) -> None:
    run = RunNumbers(step=120, seconds=3.0, real_accuracy=1.0, fake_accuracy=1.0)
    answer = find_answer(run, REFERENCE)
    assert answer.outcome is None
    assert "ended at step 120" in answer.findings[0]


def test_findings_quote_the_numbers_of_the_run() -> None:
    run = replace(REFERENCE, distances={938: 9.0, 1876: 5.9}, readable=0.81, fake_accuracy=0.66)
    text = " ".join(
        answers.answer_distance(run, replace(REFERENCE, distances={1876: 3.01})).findings
    )
    assert "is 5.90, clearly higher than the normal run's 3.01." in text
    assert "81% of its pictures are readable" in text
    assert "66% of the fakes right" in text


def test_distances_are_compared_at_the_last_step_that_both_runs_measured() -> None:
    # A run of a busy machine was measured once only, where normal runs differ by a factor of 1.7.
    run = replace(REFERENCE, distances={938: 7.4})
    answer = answers.answer_distance(run, replace(REFERENCE, distances={938: 4.4, 1876: 3.0}))
    assert answer.outcome == 2
    assert "At step 938 its quick distance to real digits is 7.4" in answer.findings[0]
    assert answers.answer_distance(run, replace(REFERENCE, distances={1876: 3.0})).outcome is None


@pytest.mark.parametrize(
    ("between", "blended", "outcome"), [(0.94, 0.6, 2), (0.62, 0.6, 1), (0.1, 0.6, 0)]
)
def test_a_walk_is_compared_with_fading(between: float, blended: float, outcome: int) -> None:
    answer = answers.answer_walk(0.96, between, blended)
    assert answer.outcome == outcome
    assert f"{between:.0%}" in answer.findings[0]


def test_a_run_is_measured_by_the_medians_of_its_last_steps_and_its_newest_evaluation() -> None:
    history = (
        *healthy_run.steps(1000, fake_accuracy=0.5),
        *healthy_run.steps(1876, 1020, real_accuracy=0.25, fake_spread=0.1835),
    )
    evaluations = (healthy_run.evaluation(938, 9.0), healthy_run.evaluation(1876, 4.0))
    measured = measure_run(Snapshot(history=history, evaluations=evaluations))
    assert measured is not None
    assert (measured.step, measured.real_accuracy, measured.fake_accuracy) == (1860, 0.25, 0.88)
    assert measured.relative_spread == pytest.approx(0.5)
    assert measured.real_spread == pytest.approx(0.367)
    assert measured.distances == {938: 9.0, 1876: 4.0}
    assert (measured.distance, measured.readable) == (4.0, None)
    assert measure_run(Snapshot()) is None


@pytest.mark.parametrize(("distance", "readable"), [(4.0, 0.9), (155.4, None)])
def test_the_readable_share_counts_only_near_to_real_digits(
    distance: float, readable: float | None
) -> None:
    newest = healthy_run.evaluation(86, distance)
    newest = replace(newest, metrics={**newest.metrics, "confident": 0.9})
    measured = measure_run(Snapshot(history=(*healthy_run.steps(86),), evaluations=(newest,)))
    assert measured is not None
    assert measured.readable == readable
    text = " ".join(answers.answer_distance(measured, measured).findings)
    assert ("readable" in text) == (readable is not None)


def test_every_experiment_changes_what_it_says_and_has_a_usual_result() -> None:
    assert len({experiment.key for experiment in EXPERIMENTS}) == len(EXPERIMENTS) >= 8
    for experiment in EXPERIMENTS:
        assert experiment.expected < len(experiment.predictions)
        assert bool(experiment.changed_settings) == bool(experiment.changes)
        assert (experiment.find_answer is None) == (experiment.key == WALK)
        assert experiment.measured
        # The last evaluation is at the end, where runs are compared.
        assert experiment.epochs % experiment.config.evaluate_every == 0
    collapse = find_experiment("collapse")
    assert collapse is not None
    assert collapse.changed_settings == "Generator learning rate: 0.002 → 0.04"
    assert collapse.config.generator_learning_rate == 0.04


def test_the_experiments_follow_each_other() -> None:
    assert [find_next_experiment(experiment) for experiment in EXPERIMENTS] == [
        *EXPERIMENTS[1:],
        None,
    ]
    assert find_experiment("nothing of that name") is None


def test_a_run_with_other_networks_says_nothing_about_the_duration() -> None:
    experiment = EXPERIMENTS[0]
    history = tuple(healthy_run.steps(938, seconds=300.0))
    slow = Snapshot(config=experiment.config, history=history)
    assert estimate_seconds(experiment, slow) == MAX_SECONDS
    assert estimate_seconds(experiment, replace(slow, history=history[:5])) is None
    changed = experiment.config.replace(batch_size=32)
    assert estimate_seconds(experiment, replace(slow, config=changed)) is None
    assert estimate_seconds(experiment, Snapshot()) is None
