"""The differences of runs: length of training, and steps that a busy computer made unequal."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import pytest

from dashboard.charts.compared_runs import ComparedRun
from dashboard.compare_results.causes import describe_differences
from dashboard.compare_results.result import Result, compare_runs
from dcgan.runs import run_folder
from tests.comparisons import read_notes, with_distance
from tests.reports import evaluation_report, step_report

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_much_longer_training_is_the_first_difference(compared: list[ComparedRun]) -> None:
    def explain(steps: tuple[int, int], distances: tuple[float, float]) -> str:
        first, other = (
            with_distance(each, distance, step)
            for each, distance, step in zip(compared, distances, steps, strict=True)
        )
        return describe_differences(other, first, is_farther=True).text

    compared[1].run.config = compared[0].run.config.replace(beta_1=0.5)
    assert explain((52_528, 350), (0.9, 20.0)) == (
        "350 steps instead of 52,528: the shorter training can explain that; Momentum 0.5 "
        "instead of 0."
    )
    # Twice the steps give about half the distance, and chance makes 1.2 times as much.
    assert "can explain that" in explain((4000, 2000), (1.0, 2.3))
    assert explain((4000, 2000), (1.0, 2.5)) == (
        "Momentum 0.5 instead of 0; 2,000 steps instead of 4,000."
    )
    # A few steps are not worth a word.
    assert explain((2100, 2000), (1.0, 2.5)) == "Momentum 0.5 instead of 0."


def test_only_some_of_many_differing_settings_are_named(compared: list[ComparedRun]) -> None:
    base = compared[0].run.config
    first, other = (with_distance(each, 5.0, 30) for each in compared)
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
        assert describe_differences(other, first, is_farther=False).text.endswith(end)


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
        "The steps were unequal (168 and 350), so the busy computer may explain the difference. "
        "Close other programs, then train again."
    )
    far = compare(limited, 168, 60.0)
    assert far.best == {"one"}
    notes = read_notes(far)
    assert notes["How sure"].endswith(f" (less after 1,500 steps). {busy}")
    assert notes["“two”"] == (
        "About 12 times as far as “one”, more than the fewer steps explain. Momentum 0.5 "
        "instead of 0; 168 steps instead of 350 in the same time, because the computer was busy."
    )
    explained = compare(limited, 168, 11.0)  # Chance makes 1.7 times, the steps 2.1 times.
    assert explained.best == frozenset()
    assert explained.headline == (
        "No verdict, as the computer was busy: “one” (quick distance 5.00) and “two” (11.0)."
    )
    assert read_notes(explained)["How sure"].endswith(busy)
    assert (
        "2.2 times as far as “one”, which its fewer steps explain."
        in (read_notes(explained)["“two”"])
    )
    # A run that was stopped before its limit made fewer steps by itself.
    stopped = [limited[0], limit(compared[1], 20.0)]
    assert "busy" not in read_notes(compare(stopped, 168, 60.0))["How sure"]
    # So does a run whose settings make a step slower.
    slower = [limited[0], limit(compared[1], 45.1, batch_size=64)]
    slow = read_notes(compare(slower, 168, 60.0))
    assert "busy" not in slow["How sure"]
    assert slow["“two”"].startswith(
        "About 12 times as far as “one”, very likely more than chance. Batch size 64 instead of 16;"
    )
    assert slow["“two”"].endswith("; 168 steps instead of 350 in the same time.")
    # Repeats in the same time are repeats, however many steps they made.
    repeats = [
        limited[0],
        limit(compared[1], 45.1, beta_1=settings.beta_1, batch_size=settings.batch_size, seed=9),
    ]
    notes = read_notes(compare(repeats, 168, 60.0))
    assert notes["How sure"].endswith("1,500 steps).")
    assert notes["“two”"] == (
        "About 12 times as far as “one”, by chance and fewer steps: the settings are the same. "
        "Seed 9 instead of 0; 168 steps instead of 350 in the same time, because the computer was "
        "busy."
    )
    # A few steps less are worth a word too.
    fewer = read_notes(compare(repeats, 300, 6.0))["“two”"]
    assert fewer == (
        "1.2 times as far as “one”, by chance and fewer steps: the settings are the same. Seed 9 "
        "instead of 0; 300 steps instead of 350 in the same time."
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
        "So far, after 350 to 52,528 steps: “Pretrained” (quick distance 0.90) is nearest to real "
        "digits; the other 3 are farther. Nearest of your own: “A” (3.00)."
    )
    assert result.best == {"one"}
    # What all of them have otherwise is named once.
    assert read_notes(result)["Beside “Pretrained”"] == (
        "Your 3 runs are 3.3 to 130 times as far, very likely more than chance. 350 steps instead "
        "of 52,528: the shorter training can explain that; Batch size 32 instead of 16; Generator "
        "learning rate 0.001 instead of 0.002."
    )
    assert "“A”" not in read_notes(result)
    (explanation,) = [each for each in result.explanations if each.topic == "Your own runs"]
    assert explanation.text == (
        "“A” (quick distance 3.00) is nearest to real digits; “B” (21.0) and “C” (116.0) are "
        "farther."
    )
    assert explanation.items == (
        "“B”: 7.0 times as far as “A”, very likely more than chance. Momentum 0.5 instead of 0.",
        "“C”: About 39 times as far as “A”, very likely more than chance. The same settings.",
    )
    tied = replace(own[1], record=with_distance(own[1], 3.2, 350).record)
    result = compare_runs([included, own[0], tied, own[2]])
    assert result.headline.endswith(
        "Nearest of your own, about equally: “A” (3.00) and “B” (3.20)."
    )
    few = compare_runs([included, own[0]])
    assert "Your own runs" not in read_notes(few)


def test_unequal_speeds_in_the_same_time_are_reported_in_figures(
    compared: list[ComparedRun],
) -> None:
    compared[1].run.config = compared[0].run.config.replace(beta_1=0.5)

    def limit_at(compared: ComparedRun, speed: float, num_reports: int = 21) -> ComparedRun:
        limited = limit(compared, 45.1)
        (report,) = limited.record.history
        first = replace(report, images_per_second=8.0)  # It builds the networks.
        history = (first, *[replace(report, images_per_second=speed)] * (num_reports - 1))
        return replace(limited, record=replace(limited.record, history=history))

    runs = [limit_at(each, speed) for each, speed in zip(compared, (3900.0, 2600.0), strict=True)]
    assert read_notes(compare(runs, 350, 60.0))["Busy computer"] == (
        "“two” trained on 2,600 pictures/s and “one” on 3,900, though their steps should take "
        "equally long, so other programs kept the computer busy."
    )
    equally_fast = limit_at(compared[1], 3800.0)
    assert "Busy computer" not in read_notes(compare([runs[0], equally_fast], 350, 60.0))
    for num_reports in (1, 20):  # Too few for a speed.
        short = limit_at(compared[1], 2600.0, num_reports)
        assert "Busy computer" not in read_notes(compare([runs[0], short], 350, 60.0))


def test_settings_that_included_runs_share_are_named_once(
    compared: list[ComparedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = with_distance(compared[0], 5.0, 3000)
    included = [
        replace(with_distance(compared[1], distance, 3000), title=title, run=copy(compared[1].run))
        for title, distance in (("Pretrained", 10.0), ("Classes", 20.0))
    ]
    for each, dropout in zip(included, (0.0, 0.4), strict=True):
        each.run.path = each.run.path.with_name(each.title)
        each.run.config = own.run.config.replace(beta_1=0.5, dropout=dropout)
    paths = [each.run.path for each in included]
    assert "The included runs" not in read_notes(compare_runs([own, *included]))
    monkeypatch.setattr(run_folder, "list_included_runs", lambda: paths)
    notes = read_notes(compare_runs([own, *included]))
    assert notes["“Pretrained”"] == "2.0 times as far as “one”, likely more than chance."
    assert notes["“Classes”"].endswith("very likely more than chance. Dropout 0.4 instead of 0.")
    assert notes["The included runs"] == "Momentum 0.5 instead of 0."


def test_a_run_that_is_nearer_than_an_included_one_was_after_as_many_steps_reads_so(
    compared: list[ComparedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_folder, "list_included_runs", lambda: [compared[0].run.path])
    evaluations = tuple(
        evaluation_report(step, distance)
        for step, distance in ((900, 9.0), (1800, 7.0), (50_000, 1.0))
    )
    included = replace(compared[0], record=replace(compared[0].record, evaluations=evaluations))

    def explain(distance: float, step: int) -> str:
        own = with_distance(compared[1], distance, step)
        return read_notes(compare_runs([included, own])).get("After as many steps", "")

    assert explain(5.5, 1700) == (
        "“two” is nearer than “one” was: quick distance 5.50 after 1,700 steps, against 7.00 after "
        "1,800."
    )
    assert explain(6.5, 1700).endswith("7.00 after 1,800, which may be chance.")
    assert explain(7.5, 1700) == ""
    assert explain(8.0, 60_000) == ""  # The included run did not train as long.
