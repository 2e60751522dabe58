"""The list of waiting runs on the Train page, and its buttons."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.state.trainer import Trainer
from dcgan.config.training_config import TrainingConfig
from dcgan.sweeps.queue import add_to_queue, read_queue
from tests.dashboard.posed_trainer import PosedTrainer
from tests.dashboard.rendering import list_buttons, prepare_panel, read_texts, run_page


def render_panel() -> None:
    """Render the queue with its problems, as the script of a page."""
    from dashboard.state.trainer import get_trainer
    from dashboard.train import queue_panel

    queue_panel.render_problems(get_trainer())
    queue_panel.render(get_trainer())


@pytest.fixture
def page(trainer: Trainer) -> AppTest:
    """Return the page with the panel, not yet rendered; no run trains."""
    return prepare_panel(render_panel)


def queue_seeds(root: Path, *seeds: int) -> None:
    """Put runs into a queue that is held, as after a restart of the server."""
    add_to_queue(root, [TrainingConfig(seed=seed) for seed in seeds])


def run_and_read(page: AppTest) -> str:
    return read_texts(run_page(page))


def test_an_empty_queue_shows_nothing(page: AppTest) -> None:
    assert run_and_read(page) == ""
    assert list_buttons(page) == []


def test_the_waiting_runs_are_numbered_and_name_what_differs_from_the_preset(
    page: AppTest, trainer: Trainer
) -> None:
    queue_seeds(trainer.root, 7, 8)
    text = run_and_read(page)
    assert "**2 runs waiting**; the queue is paused." in text
    assert "1. Default settings, seed 7" in text
    assert "2. Default settings, seed 8" in text
    assert list_buttons(page) == ["Resume queue", "Clear", "Remove", "Remove"]


def test_a_long_queue_shows_eight_runs_and_counts_the_others(
    page: AppTest, trainer: Trainer
) -> None:
    queue_seeds(trainer.root, *range(1, 11))
    text = run_and_read(page)
    assert "**10 runs waiting**" in text
    assert "8. Default settings, seed 8" in text
    assert "seed 9" not in text
    assert "And 2 more." in text


def test_a_released_queue_waits_for_the_run_in_training_and_can_be_paused(
    page: AppTest, trainer: PosedTrainer
) -> None:
    trainer.live.begin(TrainingConfig())
    queue_seeds(trainer.root, 7)
    trainer.queue_runner.release()
    assert "**1 run waiting**; the next one starts when this run ends." in run_and_read(page)
    page.button(key="hold-queue").click()
    assert "the queue is paused" in run_and_read(page)
    assert not trainer.queue_runner.is_released


def test_a_resumed_queue_starts_its_next_run(
    page: AppTest, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    released: list[bool] = []
    monkeypatch.setattr(trainer.queue_runner, "start_next", lambda: released.append(True))
    queue_seeds(trainer.root, 7)
    run_page(page)
    page.button(key="go-on-queue").click()
    assert "the next one starts now" in run_and_read(page)
    assert released == [True]


def test_one_run_is_removed_and_the_others_keep_their_order(
    page: AppTest, trainer: Trainer
) -> None:
    queue_seeds(trainer.root, 7, 8, 9)
    run_page(page)
    page.button(key=f"take-back-{read_queue(trainer.root)[1].id}").click()
    text = run_and_read(page)
    assert "2. Default settings, seed 9" in text
    assert [run.config.seed for run in read_queue(trainer.root)] == [7, 9]


def test_clearing_removes_also_the_runs_that_are_not_listed(
    page: AppTest, trainer: Trainer
) -> None:
    queue_seeds(trainer.root, *range(1, 11))
    run_page(page)
    page.button(key="clear-queue").click()
    assert run_and_read(page) == ""
    assert read_queue(trainer.root) == []


def test_a_problem_of_the_queue_stays_until_it_is_dismissed(
    page: AppTest, trainer: Trainer
) -> None:
    trainer.queue_runner.hold("The disk is *nearly* full.")
    for _ in range(2):
        assert run_and_read(page) == "The disk is *nearly* full."  # Its own asterisks, escaped.
    page.button(key="dismiss-queue").click()
    assert run_and_read(page) == ""


def test_a_run_that_cannot_be_removed_gives_the_reason_once(
    page: AppTest, trainer: Trainer
) -> None:
    queue_seeds(trainer.root, 7)
    run_page(page)
    (trainer.root / ".queue.json").write_text("{")
    page.button(key="clear-queue").click()
    run_page(page)
    (error,) = page.error
    assert "is damaged" in error.value


def test_watchers_see_the_waiting_runs_and_no_buttons(
    page: AppTest, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.access.permissions.may_operate", lambda: False)
    queue_seeds(trainer.root, 7)
    trainer.queue_runner.hold("The disk is full.")
    text = run_and_read(page)
    assert "1. Default settings, seed 7" in text
    assert "The disk is full." in text
    assert list_buttons(page) == []
