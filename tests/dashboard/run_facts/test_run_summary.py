"""Summaries of runs: read again only after a change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.run_facts import run_summary, verdict_state
from dashboard.snapshots.snapshot import Phase, Snapshot
from dcgan.reports import EvaluationReport, EventReport, StepReport
from dcgan.runs.history import History
from dcgan.runs.manifest import State
from dcgan.runs.run_folder import open_run
from dcgan.sweeps.race import change_race, create_race
from tests.dashboard.conftest import NewRun
from tests.races import NAME, TIME, make_race
from tests.reports import step_report

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_history_and_pictures_are_read_again_only_after_a_change(
    new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run()
    first = run_summary.read_thumbnail(run)
    assert first is not None
    assert (first.size, first.step) == ((4 * 30 - 2, 2 * 30 - 2), 26)  # 6 digits in rows of 4.
    assert run_summary.read_thumbnail(open_run(run.path)) is first

    reads: list[str] = []
    read_last_step = History.read_last_step

    def count_and_read(self: History) -> StepReport | None:
        reads.append(self.path.parent.name)
        return read_last_step(self)

    monkeypatch.setattr(History, "read_last_step", count_and_read)
    metrics = {"frechet_distance": 4.0, "precision": 0.8, "recall": 0.7}
    run.write(EvaluationReport(26, 2, 70.0, 1000, metrics, metrics))
    for _ in range(3):
        summary = run_summary.read_summary(open_run(run.path), Snapshot())
    assert summary.evaluation is not None
    assert summary.evaluation.metrics["frechet_distance"] == 4.0
    assert reads == ["first"]


def test_the_time_trained_is_that_of_the_newest_report_as_on_the_train_page(
    new_run: NewRun,
) -> None:
    run = new_run()
    # Its process was killed after the last checkpoint.
    run.write(step_report(39, epoch=3, seconds=95.0))
    summary = run_summary.read_summary(open_run(run.path), Snapshot())
    assert (summary.step, summary.seconds) == (39, 95.0)
    # A status written at the end counts the time of saving too.
    run.acquire_lock()
    run.write_status("stopped", step=39, seconds=96.0)
    run.lock.release()
    assert run_summary.read_summary(open_run(run.path), Snapshot()).seconds == 95.0


@pytest.mark.parametrize(
    ("limit", "seconds", "text"),
    [
        (68.1, 68.2, "1 min trained"),  # Its networks took long to build.
        (68.1, 66.1, "58 s trained"),
        (188.1, 188.2, "3 min trained"),  # It was continued.
    ],
)
def test_a_run_of_a_race_has_the_time_that_the_race_counts(
    limit: float, seconds: float, text: str, new_run: NewRun
) -> None:
    run = new_run(max_seconds=limit, epochs=None)
    create_race(run.path.parent, make_race(), TIME)
    change_race(run.path.parent, NAME, 0, folder=run.name)
    run.history.path.unlink()
    run.write(step_report(1, seconds=8.1))  # The first step builds the networks.
    run.write(step_report(39, seconds=seconds))
    summary = run_summary.read_summary(open_run(run.path), Snapshot())
    assert text in summary.describe_length().replace("\N{NO-BREAK SPACE}", " ")


def test_a_run_whose_time_is_over_is_measured_and_has_no_time_left(new_run: NewRun) -> None:
    run = new_run(max_seconds=38.1, epochs=None)
    reports = tuple(step_report(step, seconds=8.1 + step / 10) for step in (0, 100, 200, 301))
    running = Snapshot(
        phase="running", run=run, config=run.config, num_images=60_000, history=reports[:3]
    )
    assert not running.measures_end
    assert "left" in run_summary.read_summary(run, running).describe_length()
    assert "first verdict" in verdict_state.format_headline(running)
    over = replace(running, history=reports)
    assert over.measures_end
    summary = run_summary.read_summary(run, over)
    assert summary.is_measuring
    assert "left" not in summary.describe_length()
    assert verdict_state.format_headline(over) == ""


@pytest.mark.parametrize(("phase", "is_known"), [("running", True), ("paused", False)])
def test_a_paused_run_has_no_time_left(
    new_run: NewRun, phase: Phase, is_known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run()
    monkeypatch.setattr(Snapshot, "seconds_left", 90.0)
    snapshot = Snapshot(phase=phase, run=run, config=run.config)
    summary = run_summary.read_summary(run, snapshot)
    assert ("left" in summary.describe_length()) == is_known


@pytest.mark.parametrize(("state", "is_shown"), [("finished", True), ("stopped", False)])
def test_a_card_says_how_a_run_stopped_improving(
    new_run: NewRun, state: State, is_shown: bool
) -> None:
    run = new_run(until_converged=True, evaluate_every=1)
    run.acquire_lock()
    run.write(EventReport(26, 2, 70.0, "converged", "Stopped improving: hardly any gain."))
    run.write_status(state, step=26, seconds=70.0)
    run.lock.release()
    summary = run_summary.read_summary(open_run(run.path), Snapshot())
    assert summary.convergence_text == ("Stopped improving: hardly any gain." if is_shown else "")
    assert summary.is_done
    assert summary.describe_length().startswith("Epoch 2 of 2," if not is_shown else "Epoch 2,")
