"""A tuning on the Train page: its progress, its result, and what can be done with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.access import permissions
from dashboard.access.rules import Role
from dashboard.runners.tuning_runner import RunningTuning
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.trainer import Trainer
from dashboard.tuning.tuning_progress import measure_progress
from dcgan.config.training_config import TrainingConfig
from dcgan.tuning.tuning import Tuning
from dcgan.tuning.tuning_files import find_folder, list_tunings, read_tuning, write_tuning
from tests.dashboard.posed_trainer import PosedTrainer
from tests.dashboard.rendering import (
    list_buttons,
    prepare_page,
    prepare_panel,
    press,
    read_error,
    read_texts,
    run_page,
)
from tests.reports import step_report
from tests.tunings import carry_out, plan, run_next

pytestmark = pytest.mark.usefixtures("no_included_run")

BASE = TrainingConfig(dataset="/home/ada/faces")


def render_panel() -> None:
    """Render the newest tuning, as the script of a page."""
    from dashboard.state.trainer import get_trainer
    from dashboard.tuning import tuning_panel

    tuning_panel.render_newest(get_trainer())


@pytest.fixture
def page(trainer: Trainer) -> AppTest:
    """Return a page with the newest tuning, not yet rendered."""
    return prepare_panel(render_panel)


@pytest.fixture
def started(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Return what each start of a tuning was given, instead of starting it."""
    calls: list[tuple[object, ...]] = []

    def start(*given: object, replaces_finished: bool) -> bool:
        calls.append((*given, replaces_finished))
        return True

    monkeypatch.setattr(trainer.tuning_runner, "start", start)
    return calls


def prefer_penalty(config: TrainingConfig, seconds: float) -> float:
    """Return distances that are a third with an R1 penalty of 1."""
    return (0.3 if config.r1_penalty == 1 else 0.9) + 0.01 * config.seed


def save(trainer: Trainer, tuning: Tuning) -> Path:
    """Save a tuning; return its folder."""
    folder = find_folder(trainer.root, tuning.base, tuning.minutes)
    write_tuning(folder, tuning)
    return folder


def test_without_a_tuning_there_is_nothing(page: AppTest) -> None:
    assert list_buttons(run_page(page)) == []


@pytest.fixture
def trained(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> list[tuple[TrainingConfig, str]]:
    """Return the settings and the title of each start of a run, instead of starting it."""
    calls: list[tuple[TrainingConfig, str]] = []

    def start(config: TrainingConfig, title: str = "") -> bool:
        calls.append((config, title))
        return True

    monkeypatch.setattr(trainer, "start", start)
    return calls


def test_better_settings_are_a_sentence_and_a_button_that_trains_with_them(
    page: AppTest, trainer: Trainer, trained: list[tuple[TrainingConfig, str]]
) -> None:
    save(trainer, carry_out(plan(10, BASE), prefer_penalty))
    run_page(page)
    text = read_texts(page)
    assert "**Tuning for faces**" in text
    assert "**R1 penalty 1 gave 0.32 ± 0.01 instead of 0.92 ± 0.01 after" in text
    assert "This is more than chance" in text
    assert "/home/ada" not in text
    (table,) = page.dataframe
    assert list(table.value["settings"])[:2] == ["Starting settings", "R1 penalty 1"]
    assert "--until-converged --r1-penalty 1.0" in page.code[0].value
    press(page, "Train with these settings")
    ((config, title),) = trained
    assert title == "R1 penalty 1"
    assert config == BASE.replace(
        r1_penalty=1.0, epochs=None, max_seconds=3600.0, until_converged=True
    )


def test_without_evaluations_the_button_trains_for_the_usual_length(
    page: AppTest, trainer: Trainer, trained: list[tuple[TrainingConfig, str]]
) -> None:
    base = BASE.replace(evaluate_every=0)
    save(trainer, carry_out(plan(10, base), prefer_penalty))
    press(run_page(page), "Train with these settings")
    assert trained == [(base.replace(r1_penalty=1.0), "R1 penalty 1")]


def test_without_better_settings_the_button_trains_with_the_default(
    page: AppTest, trainer: Trainer
) -> None:
    save(trainer, carry_out(plan(10, BASE), lambda config, _: 0.5 + 0.1 * config.r1_penalty))
    run_page(page)
    assert "**No better settings were found" in read_texts(page)
    assert "Train with the starting settings" in list_buttons(page)


def test_an_interrupted_tuning_shows_its_results_and_can_be_continued_or_deleted(
    page: AppTest, trainer: Trainer, started: list[tuple[object, ...]]
) -> None:
    tuning = run_next(plan(10, BASE), prefer_penalty)
    folder = save(trainer, tuning)
    run_page(page)
    assert "Not finished: it was stopped after" in read_texts(page)
    press(page, "Continue tuning")
    assert started == [(folder, tuning.base, 10.0, None, False)]
    press(page, "Delete this tuning")
    assert list_tunings(trainer.root) == []
    assert list_buttons(page) == []


def test_a_tuning_that_was_finished_meanwhile_is_shown_instead_of_continued(
    page: AppTest, trainer: Trainer, started: list[tuple[object, ...]]
) -> None:
    tuning = run_next(plan(10, BASE), prefer_penalty)
    folder = save(trainer, tuning)
    run_page(page)
    finished = carry_out(tuning, prefer_penalty)
    save(trainer, finished)
    press(page, "Continue tuning")
    assert started == []
    assert read_tuning(folder) == finished
    assert "Train with these settings" in list_buttons(page)


def test_a_damaged_tuning_is_an_error(page: AppTest, trainer: Trainer) -> None:
    folder = save(trainer, plan(10, BASE))
    (folder / "tuning.json").write_text("{}")
    assert "tuning.json" in read_error(run_page(page))


def test_only_operators_see_tunings(
    page: AppTest, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(trainer, carry_out(plan(10, BASE), prefer_penalty))
    monkeypatch.setattr(permissions, "get_role", lambda: Role.WATCHER)
    assert list_buttons(run_page(page)) == []


def test_the_progress_names_the_run_and_counts_its_seconds() -> None:
    base = TrainingConfig()
    preparing = measure_progress(RunningTuning(Path("folder"), base, 10.0), Snapshot())
    assert preparing.share_done == 0
    tuning = plan(10, base)
    running = RunningTuning(Path("folder"), base, 10.0, tuning, 1)
    history = (step_report(1, seconds=4.0), step_report(9, seconds=9.0))
    progress = measure_progress(running, Snapshot(phase="running", history=history))
    assert progress.text == "Round 1 of 4, run 2 of 9: R1 penalty 1"
    assert progress.seconds_left == 600 - 10 - 5  # Ten seconds were spent before.
    assert progress.share_done == pytest.approx(15 / 600)


def test_the_form_starts_a_tuning_with_the_chosen_minutes(
    started: list[tuple[object, ...]],
) -> None:
    page = run_page(prepare_page("train"))
    page.selectbox(key="tuning-minutes").set_value(1)
    press(page, "Tune for these pictures")
    ((_, *given),) = started
    assert given == [TrainingConfig(), 1.0, None, True]


def test_the_train_page_shows_the_tuning_in_training(
    trainer: PosedTrainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuning = run_next(plan(10, BASE), prefer_penalty)
    monkeypatch.setattr(
        type(trainer.tuning_runner),
        "running",
        property(lambda _: RunningTuning(Path("folder"), BASE, 10.0, tuning, 1)),
    )
    monkeypatch.setattr(type(trainer.tuning_runner), "is_busy", property(lambda _: True))
    trainer.live.begin(BASE)
    page = run_page(prepare_page("train"))
    assert [heading.value for heading in page.subheader] == ["Tuning for faces"]
    assert "Stop tuning" in list_buttons(page)
    assert "Start training" not in list_buttons(page)
    assert list(page.dataframe[0].value.iloc[:2, 1]) == ["0.90", "…"]
