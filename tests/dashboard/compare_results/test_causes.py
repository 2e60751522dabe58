"""The causes of a result: length of training first, and steps that a busy computer made unequal."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import pytest

from dashboard.charts.compared_runs import ComparedRun
from dashboard.compare_results.causes import describe_causes
from dashboard.compare_results.result import Result, compare_runs
from dcgan.runs import run_folder
from tests.comparisons import read_notes, with_distance
from tests.reports import step_report

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_much_longer_training_is_the_first_cause(compared: list[ComparedRun]) -> None:
    def explain(steps: tuple[int, int], distances: tuple[float, float]) -> str:
        runs = [
            with_distance(each, distance, step)
            for each, distance, step in zip(compared, distances, steps, strict=True)
        ]
        return describe_causes(runs, is_clear=True, are_named=False).text

    compared[1].run.config = compared[0].run.config.replace(beta_1=0.5)
    assert explain((52_528, 350), (0.9, 20.0)) == (
        "“one” trained about 150 times as long as “two” (52,528 steps against 350), which is "
        "enough to explain it. Also different: Momentum (beta_1) 0 instead of 0.5."
    )
    # Twice the steps give about half the distance, and chance makes 1.2 times as much.
    assert "enough to explain it" in explain((4000, 2000), (1.0, 2.3))
    assert explain((4000, 2000), (1.0, 2.5)) == (
        "“one” trained 2.0 times as long as “two” (4,000 steps against 2,000), which explains a "
        "part of it. Also different: Momentum (beta_1) 0 instead of 0.5."
    )
    assert explain((2800, 2000), (1.0, 2.5)) == (
        "Momentum (beta_1) 0 instead of 0.5; measured after 2,800 instead of 2,000 steps. One of "
        "these is probably why."
    )


def test_only_some_of_many_differing_settings_are_named(compared: list[ComparedRun]) -> None:
    base = compared[0].run.config
    runs = [with_distance(each, 5.0, 30) for each in compared]
    many: dict[str, object] = {
        name: getattr(base, name) + 0.01
        for name in (
            "beta_1",
            "label_smoothing",
            "r1_penalty",
            "dropout",
            "generator_learning_rate",
        )
    }
    for change, end in (({}, "; 1 more setting."), ({"kernel_size": 5}, "; 2 more settings.")):
        compared[1].run.config = base.replace(**many, **change)
        assert describe_causes(runs, is_clear=False, are_named=False).text.endswith(end)


def limit(compared: ComparedRun, seconds: float, **settings: object) -> ComparedRun:
    """Return a run that ended at a time limit of 45 s, after some seconds."""
    compared.run.config = compared.run.config.replace(max_seconds=45.0, **settings)
    history = (step_report(30, seconds=seconds),)
    return replace(compared, record=replace(compared.record, history=history))


def compare(compared: list[ComparedRun], steps: int, distance: float) -> Result:
    second = with_distance(compared[1], distance, steps)
    return compare_runs([with_distance(compared[0], 5.0, 350), second])


def test_unequal_steps_in_the_same_time_are_doubted(compared: list[ComparedRun]) -> None:
    settings = compared[0].run.config
    compared[1].run.config = settings.replace(beta_1=0.5)
    limited = [limit(each, 45.1) for each in compared]
    busy = (
        "The steps were unequal (168 and 350), so the busy computer may have decided. Train again "
        "while no other program works hard."
    )
    far = compare(limited, 168, 60.0)
    assert far.best == {"one"}
    assert read_notes(far)["How sure"].startswith(f"{busy} “two” has about 12 times the distance")
    assert read_notes(far)["What differs"] == (
        "Measured after 350 instead of 168 steps in the same time (a busy computer); Momentum "
        "(beta_1) 0 instead of 0.5. It is open which of these is why."
    )
    explained = compare(limited, 168, 11.0)  # Chance makes 1.7 times, the steps 2.1 times.
    assert explained.best == frozenset()
    assert explained.headline == (
        "No verdict by quick distance, as the computer was busy: “one” (5.00) and “two” (11.0)."
    )
    assert read_notes(explained)["How sure"] == f"{busy} The additional steps explain the lead."
    # A run that was stopped before its limit made fewer steps by itself.
    stopped = [limited[0], limit(compared[1], 20.0)]
    assert "busy" not in read_notes(compare(stopped, 168, 60.0))["How sure"]
    # So does a run whose settings make a step slower.
    slower = [limited[0], limit(compared[1], 45.1, batch_size=64)]
    slow = read_notes(compare(slower, 168, 60.0))
    assert "busy" not in slow["How sure"]
    assert slow["What differs"].startswith(
        "Measured after 350 instead of 168 steps in the same time (slower settings or a busy "
        "computer); Batch size 16 instead of 64; "
    )
    # Repeats in the same time are repeats, however many steps they made.
    repeats = [
        limited[0],
        limit(compared[1], 45.1, beta_1=settings.beta_1, batch_size=settings.batch_size, seed=9),
    ]
    notes = read_notes(compare(repeats, 168, 60.0))
    assert notes["How far apart"].endswith(busy)
    assert notes["What differs"] == (
        "Measured after 350 instead of 168 steps in the same time (a busy computer); "
        "Seed 0 instead of 9."
    )


def test_behind_an_included_run_a_persons_own_runs_are_compared_too(
    compared: list[ComparedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    included = replace(with_distance(compared[0], 0.9, 52_528), title="Pretrained")
    own = [
        replace(with_distance(compared[1], distance, 350), title=title, run=copy(compared[1].run))
        for title, distance in (("A", 3.0), ("B", 21.0), ("C", 116.0))
    ]
    own[1].run.config = own[0].run.config.replace(beta_1=0.5)
    assert "Your own runs" not in read_notes(compare_runs([included, *own]))
    monkeypatch.setattr(run_folder, "list_included_runs", lambda: [included.run.path])
    result = compare_runs([included, *own])
    assert result.headline == (
        "Nearest to real digits by quick distance: “Pretrained” (0.90); the other 3 are farther. "
        "Nearest of your own: “A” (3.00)."
    )
    assert result.best == {"one"}
    assert read_notes(result)["What differs"].startswith("“Pretrained” trained about 150 times as")
    (explanation,) = [each for each in result.explanations if each.topic == "Your own runs"]
    assert explanation.text == (
        "“A” is nearest to real digits: quick distance 3.00 against 21.0 of “B” and 116.0 of “C”. "
        "Between “A” and “B”: Momentum (beta_1) 0 instead of 0.5. This is probably why."
    )
    assert explanation.details.startswith("Very likely: “B” has 7.0 times the distance of “A”.")
    few = compare_runs([included, own[0]])
    assert "Your own runs" not in read_notes(few)
