"""The head of the Train page: a run's badge, commands, numbers and messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.snapshots.snapshot import Phase, Snapshot
from dashboard.state.trainer import Trainer
from dashboard.train.status_panel import format_tab_title
from dcgan.config.training_config import TrainingConfig
from dcgan.reports import EvaluationReport, EventReport
from dcgan.runs.run_folder import Run
from dcgan.sweeps.queue import QueuedRun
from tests.dashboard.conftest import NewRun
from tests.dashboard.rendering import list_captions, prepare_panel, press, run_page
from tests.reports import step_report

pytestmark = pytest.mark.usefixtures("no_included_run")

Show = Callable[[Snapshot], AppTest]


def render_panel() -> None:
    """Render the panel for the session's snapshot, as the script of a page."""
    import streamlit as st

    from dashboard.state.trainer import get_trainer
    from dashboard.train import status_panel

    status_panel.render(get_trainer(), st.session_state["snapshot"])


@pytest.fixture
def show(trainer: Trainer) -> Show:
    """Return a function that renders the status of a snapshot."""
    page = prepare_panel(render_panel)

    def show(snapshot: Snapshot) -> AppTest:
        page.session_state["snapshot"] = snapshot
        return run_page(page)

    return show


@pytest.fixture
def run(new_run: NewRun) -> Run:
    return new_run(epochs=200)


def make_snapshot(run: Run, phase: Phase = "running", **changes: object) -> Snapshot:
    """Return a run in the middle of its training: step 1,240 of 2,480, after 31 seconds."""
    # 200 pictures in batches of 16 are 12.5 steps, so 13; a step trains 16 images in 25 ms.
    reports = [
        step_report(
            step, epoch=step // 13, seconds=step / 40, num_steps=20, images_per_second=640.0
        )
        for step in range(20, 1241, 20)
    ]
    snapshot = Snapshot(
        phase=phase,
        run=run,
        config=run.config.replace(epochs=None, max_seconds=62.0),
        num_images=200,
        history=tuple(reports),
    )
    return replace(snapshot, **changes)  # type: ignore[arg-type]


def list_commands(page: AppTest) -> list[str]:
    return [f"{button.label}{' (off)' if button.disabled else ''}" for button in page.button]


def read_numbers(page: AppTest) -> dict[str, str]:
    return {metric.label: str(metric.value) for metric in page.metric}


@pytest.mark.parametrize(
    ("phase", "buttons"),
    [
        ("preparing", ["Pause training (off)", "Stop training"]),
        ("running", ["Pause training", "Stop training"]),
        ("pausing", ["Pause training (off)", "Stop training"]),
        ("paused", ["Resume training", "Stop training"]),
        ("stopping", ["Pause training (off)", "Stop training (off)"]),
        ("stopped", ["Continue this run", "Explore these digits"]),
        ("failed", ["Continue this run", "Explore these digits"]),
    ],
)
def test_each_phase_offers_the_commands_that_it_can_follow(
    show: Show, run: Run, phase: Phase, buttons: list[str]
) -> None:
    assert list_commands(show(make_snapshot(run, phase))) == buttons


@pytest.mark.parametrize(
    ("phase", "label", "command"),
    [
        ("running", "Pause training", "pause"),
        ("paused", "Resume training", "end_pause"),
        ("running", "Stop training", "stop"),
    ],
)
def test_a_command_is_sent_for_the_run_that_the_page_shows(
    show: Show,
    run: Run,
    trainer: Trainer,
    monkeypatch: pytest.MonkeyPatch,
    phase: Phase,
    label: str,
    command: str,
) -> None:
    meant: list[Run] = []
    monkeypatch.setattr(trainer, command, meant.append)
    page = show(make_snapshot(run, phase))
    press(page, label)
    assert meant == [run]


def test_a_run_of_a_race_says_so_and_leads_to_the_race(
    show: Show, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("streamlit.switch_page", opened.append)
    queued = QueuedRun.create(run.config, "20261130-140512", 1)
    page = show(make_snapshot(run, queued=queued))
    assert "This is run 2 of a race." in list_captions(page)
    press(page, "Show the race")
    assert opened == ["app_pages/compare.py"]
    assert page.session_state["compare-tabs"] == "Race"
    assert "Show the race" not in list_commands(show(make_snapshot(run)))
    assert "Show the race" not in list_commands(show(make_snapshot(run, "stopped", queued=queued)))


def test_watchers_have_no_commands(show: Show, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.access.permissions.may_operate", lambda: False)
    assert list_commands(show(make_snapshot(run))) == []
    assert list_commands(show(make_snapshot(run, "stopped"))) == ["Explore these digits"]


def test_in_training_the_numbers_are_the_newest_ones_with_speed_and_time_left(
    show: Show, run: Run
) -> None:
    assert read_numbers(show(make_snapshot(run))) == {
        "Epoch": "95",
        "Step": "1,240",
        "Speed": "640 pictures/s",
        "Time left": "about 30 s",  # 31 of 62 seconds are over.
    }


def test_the_epochs_are_counted_against_the_plan(show: Show, run: Run) -> None:
    planned = make_snapshot(run, config=run.config)
    assert read_numbers(show(planned))["Epoch"] == "95 of 200"


def test_before_the_first_step_the_numbers_are_dashes(show: Show, run: Run) -> None:
    page = show(make_snapshot(run, "preparing", history=()))
    assert set(read_numbers(page).values()) == {"–"}


def test_a_paused_run_has_neither_a_speed_nor_a_time_left(show: Show, run: Run) -> None:
    numbers = read_numbers(show(make_snapshot(run, "paused")))
    assert numbers == {"Epoch": "95", "Step": "1,240", "Time trained": "31 s"}


def test_a_run_that_its_time_limit_has_ended_says_so(show: Show, run: Run) -> None:
    config = run.config.replace(max_seconds=31.0)
    page = show(make_snapshot(run, "finished", config=config))
    assert read_numbers(page)["Epoch"] == "95"  # Not "of 200": the plan was cut short.
    assert page.metric[-1].label == "Time trained (its limit)"
    assert list_captions(page) == []  # The numbers show it already.


def make_ended_snapshot(run: Run, phase: Phase = "finished") -> Snapshot:
    """Return a run that stopped improving at step 1,240."""
    end = EventReport(1240, 95, 31.0, "converged", "Stopped improving: hardly any gain.")
    config = run.config.replace(until_converged=True, evaluate_every=1)
    return make_snapshot(run, phase, config=config, events=(end,))


def test_a_run_that_stopped_improving_says_so(show: Show, run: Run) -> None:
    page = show(make_ended_snapshot(run))
    assert list_captions(page) == ["Stopped improving: hardly any gain."]
    assert read_numbers(page)["Epoch"] == "95"  # Not "of 200": the plan was cut short.
    assert list_captions(show(make_ended_snapshot(run, "stopped"))) == []


def test_a_run_that_stopped_improving_names_its_best_step(show: Show, run: Run) -> None:
    metrics = {"frechet_distance": 4.0, "precision": 0.8, "recall": 0.7}
    run.write(EvaluationReport(26, 2, 0.6, 100, metrics, metrics))
    (caption,) = list_captions(show(make_ended_snapshot(run)))
    assert "Step 26 has the best digits so far. To go back to it, choose it" in caption


def test_the_time_left_of_a_run_that_may_stop_improving_is_a_maximum(show: Show, run: Run) -> None:
    snapshot = make_ended_snapshot(run, "running")
    config = run.config.replace(until_converged=True, evaluate_every=1, max_seconds=62.0)
    assert "Time left at most" in read_numbers(show(replace(snapshot, config=config)))


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({"epochs": 200}, "Continue this run"),
        ({"epochs": 1}, "Continue for 1 more epoch"),
        ({"epochs": 95}, "Continue for 95 more epochs"),
        ({"epochs": None, "max_seconds": 31.0}, "Continue for 31 s more"),
    ],
)
def test_the_button_of_an_ended_run_names_how_much_longer_it_trains(
    show: Show, new_run: NewRun, changes: dict[str, object], label: str
) -> None:
    page = show(make_snapshot(new_run(**changes), "stopped"))
    assert page.button[0].label == label


def test_a_refusal_to_continue_is_a_toast(
    show: Show, run: Run, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = show(make_snapshot(run, "stopped"))
    monkeypatch.setattr(trainer, "continue_run", lambda run, **_: False)
    page.button(key="continue-ended").click().run()
    assert page.toast[0].value.startswith("Another run is training")


def test_a_run_of_another_process_names_its_machine_and_has_no_commands(
    show: Show, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = make_snapshot(run, machine="host-b")
    page = show(elsewhere)
    assert list_commands(page) == []
    words = "Trained by another process on host-b"
    assert list_captions(page) == [f"{words}; only that process can pause or stop it."]
    monkeypatch.setattr("dashboard.access.permissions.may_operate", lambda: False)
    assert list_captions(show(elsewhere)) == [f"{words}."]


def test_an_interrupted_run_names_the_step_up_to_which_it_is_saved(show: Show, run: Run) -> None:
    page = show(make_snapshot(run, "interrupted", machine=""))
    assert list_captions(page) == [
        "It was trained by another process, which ended without saving. It is saved up to step 26."
    ]


def test_a_run_that_went_back_after_diverging_explains_why_while_it_trains(
    show: Show, run: Run
) -> None:
    back = EventReport(20, 1, 0.5, "diverged", "Back to step 20")
    page = show(make_snapshot(run, events=(back,)))
    assert [warning.value for warning in page.warning] == [back.text]
    assert not show(make_snapshot(run, "stopped", events=(back,))).warning


def test_the_reason_of_a_failure_is_shown_as_plain_text(show: Show, run: Run) -> None:
    page = show(make_snapshot(run, "failed", message="No *space* is left"))
    assert [error.value for error in page.error] == [r"No \*space\* is left"]


@pytest.mark.parametrize(
    ("phase", "title"),
    [
        ("idle", "DCGAN Studio"),
        ("preparing", "Preparing · DCGAN Studio"),
        ("running", "50% · DCGAN Studio"),
        ("pausing", "Paused · DCGAN Studio"),
        ("finished", "Done · DCGAN Studio"),
        ("interrupted", "Interrupted · DCGAN Studio"),
    ],
)
def test_the_title_of_the_tab_begins_with_the_state_of_the_run(
    run: Run, phase: Phase, title: str
) -> None:
    assert format_tab_title(make_snapshot(run, phase)) == title


def test_the_title_rounds_down_so_that_only_a_finished_run_is_at_100_percent(run: Run) -> None:
    config: TrainingConfig = run.config.replace(epochs=None, max_seconds=31.1)
    assert format_tab_title(make_snapshot(run, config=config)).startswith("99%")
