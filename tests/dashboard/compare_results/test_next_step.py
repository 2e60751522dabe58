"""The next step after a comparison: one thing to do, or the reason to do nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from dashboard.charts.compared_runs import ComparedRun
from dashboard.compare_results.measurements import MissingMeasurements
from dashboard.compare_results.next_step import NextStep, choose_next_step
from dcgan.runs import run_folder
from tests.comparisons import with_distance, with_metrics
from tests.reports import evaluation_report

pytestmark = pytest.mark.usefixtures("no_included_run")

LATE = 3000


@pytest.fixture(autouse=True)
def _checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each run a checkpoint, from which it can be continued."""
    path = "dashboard.compare_results.next_step.find_newest_checkpoint"
    monkeypatch.setattr(path, lambda run: 30)


def choose(
    compared: Sequence[ComparedRun],
    *,
    may_measure: bool = False,
    may_race: bool = True,
    raced_headline: str = "",
) -> NextStep:
    runs = tuple(each.run for each in compared) if may_measure else ()
    missing = MissingMeasurements(runs, num_images=10_000)
    step = choose_next_step(compared, missing, may_race=may_race, raced_headline=raced_headline)
    assert step is not None
    return step


def at(compared: Sequence[ComparedRun], *distances: float, step: int = LATE) -> list[ComparedRun]:
    """Return runs with precise-looking distances; that of real images is 0.8."""
    return [
        with_metrics(each, step, distance, recall=0.8)
        for each, distance in zip(compared, distances, strict=True)
    ]


def test_the_better_of_short_runs_is_continued(compared: list[ComparedRun]) -> None:
    step = choose(at(compared, 5.0, 20.0, step=300))
    assert step.kind == "continue"
    assert step.compared_run is not None
    assert step.compared_run.title == "one"
    assert step.text == (
        "“one” has only 300 steps, and with more of them the distance usually falls."
    )
    first = choose(at(compared, 5.0, 20.0, step=1))
    assert first.text.startswith("“one” has only 1 step, ")


def test_a_run_whose_distance_has_risen_is_not_continued(compared: list[ComparedRun]) -> None:
    evaluations = (evaluation_report(10, 9.0), evaluation_report(20, 4.0))
    falling = replace(compared[0], record=replace(compared[0].record, evaluations=evaluations))
    step = choose([falling, with_distance(compared[1], 40.0)])
    assert step.text == "“one” has only 20 steps, and its distance still falls."
    risen = compared[0]  # 9.0, 4.0, and 5.0 at the end.
    assert choose([risen, with_distance(compared[1], 40.0)]).kind == "nothing"


def test_a_short_run_with_a_learning_rate_far_from_the_usual_one_is_not_continued(
    compared: list[ComparedRun],
) -> None:
    compared[0].run.config = compared[0].run.config.replace(generator_learning_rate=1.0)
    assert choose(at(compared, 5.0, 20.0, step=300)).kind != "continue"


def test_runs_of_other_pictures_have_a_next_step_in_words(compared: list[ComparedRun]) -> None:
    dataset = compared[0].run.dataset
    compared[0].run.dataset = dataset.model_copy(update={"fingerprint": "0" * 64})
    step = choose(at(compared, 5.0, 20.0))
    assert (step.kind, step.text) == (
        "nothing", "Choose runs of the same pictures: only their distances can be compared."
    )  # fmt: skip


def test_behind_an_included_run_a_persons_nearest_run_is_continued(
    compared: list[ComparedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_folder, "list_included_runs", lambda: [compared[0].run.path])
    included, own = at(compared, 0.9, 20.0)
    own = with_distance(own, 20.0, 2000)  # Late enough, but it trained for much less.
    included = with_distance(included, 0.9, 50_000)
    assert choose([included, own]).kind == "race"
    step = choose([included, own], may_race=False)
    assert step.kind == "continue"
    assert step.text == "One trained 6 s, the other 2 s. Continued, “two” may come as near."
    assert step.compared_run is not None
    assert step.compared_run.title == "two"


def test_runs_of_which_only_the_seed_differs_need_nothing(compared: list[ComparedRun]) -> None:
    compared[1].run.config = compared[0].run.config.replace(seed=5)
    step = choose(at(compared, 1.0, 1.9, step=300), may_measure=True)
    assert step.kind == "nothing"
    assert step.text == "Nothing to do: the gap shows how much the seed alone changes."


def test_quick_distances_near_those_of_real_digits_are_measured_precisely(
    compared: list[ComparedRun],
) -> None:
    # Few digits add about 0.8 to both: without that they are 0.1 and 0.4.
    assert choose(at(compared, 0.9, 1.05), may_measure=True).kind == "measure"
    # So near, a run of much longer training is not ranked by a quick distance either.
    short, long = with_distance(compared[0], 0.85, 2000), with_distance(compared[1], 0.86, 50_000)
    assert choose([short, long], may_measure=True).kind == "measure"
    assert choose([short, long]).kind == "race"
    # Also where the ratio alone would be more than chance.
    assert choose(at(compared, 0.79, 1.03), may_measure=True).kind == "measure"
    # Far above it, precise distances would be as close to each other as the quick ones.
    assert choose(at(compared, 10.0, 11.0), may_measure=True).kind == "race"


@pytest.mark.parametrize(
    ("may_race", "headline", "kind"),
    [(True, "", "race"), (False, "“one” is nearer.", "show race"), (False, "", "repeat")],
)
def test_luck_asks_for_a_race_or_for_another_seed(
    may_race: bool, headline: str, kind: str, compared: list[ComparedRun]
) -> None:
    tied = at(compared, 5.0, 5.5)
    assert choose(tied, may_race=may_race, raced_headline=headline).kind == kind
    unsure = at(compared, 5.0, 7.0)  # 1.4 times: more than chance, but not much more.
    assert choose(unsure, may_race=may_race, raced_headline=headline).kind == kind


def test_an_included_run_gets_no_other_seed(
    compared: list[ComparedRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_folder, "list_included_runs", lambda: [compared[0].run.path])
    step = choose(at(compared, 5.0, 7.0), may_race=False)
    assert step.kind == "repeat"
    assert step.compared_run is not None
    assert step.compared_run.title == "two"


def test_a_clear_order_of_long_runs_needs_nothing(compared: list[ComparedRun]) -> None:
    step = choose(at(compared, 5.0, 50.0), may_measure=True)
    assert step.kind == "nothing"
    assert step.text == "Nothing to do: the gap is very likely more than chance."


def test_a_run_in_training_is_waited_for(compared: list[ComparedRun]) -> None:
    first, second = at(compared, 5.0, 50.0)
    trains = replace(second, record=replace(second.record, state="running"))
    step = choose([first, trains])
    assert (step.kind, step.text) == ("wait", "“two” still trains, and the order may change.")
    paused = replace(second, record=replace(second.record, state="paused"))
    assert choose([first, paused]).text == "“two” is paused, and the order may change."


def test_without_two_distances_there_is_a_step_only_if_runs_can_be_measured(
    compared: list[ComparedRun],
) -> None:
    bare = replace(compared[1], record=replace(compared[1].record, evaluations=()))
    assert choose([compared[0], bare], may_measure=True).kind == "measure"
    assert choose_next_step([compared[0], bare], MissingMeasurements(), may_race=True) is None


def test_a_quick_distance_too_close_to_precise_ones_is_measured(
    compared: list[ComparedRun],
) -> None:
    runs = [*at(compared, 5.0, 50.0), replace(compared[1], title="new")]
    runs[2] = replace(at([runs[2]], 6.0)[0], lacks_precise=True)
    assert choose(runs, may_measure=True).kind == "measure"
    runs[2] = replace(at([runs[2]], 200.0)[0], lacks_precise=True)
    assert choose(runs, may_measure=True).kind == "nothing"
