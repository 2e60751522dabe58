"""The Train page of a public demo: the button, the queue, and the commands that it lacks."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.access import permissions
from dashboard.access.rules import Role
from dashboard.process.demo_bounds import OFFERED_SETTINGS, DemoBounds
from dashboard.process.visitor_runs import get_visitor_folder
from dashboard.state.demo import Demo
from dcgan.config.setting_info import get_setting_label
from dcgan.config.training_config import TrainingConfig
from dcgan.runs.library import list_runs
from tests.dashboard.conftest import NewRun
from tests.dashboard.posed_trainer import PosedTrainer
from tests.dashboard.rendering import (
    find_number_field,
    list_buttons,
    prepare_page,
    read_texts,
    run_page,
)

pytestmark = pytest.mark.usefixtures("no_included_run")

ME, OTHER = "me", "somebody else"


class RecordedStarts:
    """Replaces a trainer's `start`: records the runs that it should start, and trains none."""

    def __init__(self, trainer: PosedTrainer) -> None:
        self.trainer = trainer
        self.configs: list[TrainingConfig] = []
        self.folders: list[Path | None] = []

    def start(self, config: TrainingConfig, root: Path | None = None) -> bool:
        if self.trainer.snapshot().is_active:
            return False
        self.configs.append(config)
        self.folders.append(root)
        self.trainer.live.begin(config)
        return True


@pytest.fixture
def starts(trainer: PosedTrainer, monkeypatch: pytest.MonkeyPatch) -> RecordedStarts:
    """Make the trainer serve a demo, and this person one of its visitors."""
    starts = RecordedStarts(trainer)
    monkeypatch.setattr(trainer, "start", starts.start)
    trainer.demo = Demo(trainer, DemoBounds(seconds=30))
    for visitor in (ME, OTHER):
        trainer.demo.record_session(visitor, f"tab of {visitor}")
    monkeypatch.setattr(permissions, "get_role", lambda: Role.VISITOR)
    monkeypatch.setattr(permissions, "get_visitor", lambda: ME)
    return starts


def get_demo(starts: RecordedStarts) -> Demo:
    assert starts.trainer.demo is not None
    return starts.trainer.demo


def show() -> AppTest:
    return run_page(prepare_page("train"))


def test_a_visitor_starts_a_bounded_run_with_the_offered_settings_only(
    starts: RecordedStarts,
) -> None:
    page = show()
    assert list_buttons(page) == ["Start training"]
    assert not page.get("file_uploader")
    fields = {field.label for field in (*page.number_input, *page.text_input, *page.checkbox)}
    assert fields == set(map(get_setting_label, OFFERED_SETTINGS))
    find_number_field(page, "Seed").set_value(7.0).run()
    page.button(key="start-training").click().run()
    (config,) = starts.configs
    assert (config.seed, config.max_seconds, config.epochs) == (7, 30, None)
    assert starts.folders == [get_visitor_folder(starts.trainer.root, ME)]
    assert "Start training" not in list_buttons(page)


def test_a_wrong_value_is_explained_and_nothing_starts(starts: RecordedStarts) -> None:
    page = show()
    (field,) = [
        element for element in page.text_input if element.label == get_setting_label("only_classes")
    ]
    field.set_value("no digit").run()
    page.button(key="start-training").click().run()
    assert get_setting_label("only_classes") in str(page.error[0].value)
    assert starts.configs == []


def test_the_second_visitor_sees_the_place_and_can_leave(starts: RecordedStarts) -> None:
    demo = get_demo(starts)
    demo.request(OTHER, demo.bounds.config)
    page = show()
    assert "Another visitor is training: your training would start in about 40 s." in read_texts(
        page
    )
    page.button(key="start-training").click().run()
    assert "You are **1st** in the queue: your training starts in about 40 s." in read_texts(page)
    assert list_buttons(page) == ["Leave the queue"]
    page.button(key="demo-leave").click().run()
    assert demo.find_place(ME) is None
    assert "Start training" in list_buttons(show())


@pytest.mark.parametrize("who", [ME, OTHER])
def test_only_the_visitor_whose_run_it_is_can_stop_it_and_nobody_can_do_more(
    who: str, starts: RecordedStarts, new_run: NewRun
) -> None:
    demo = get_demo(starts)
    demo.request(who, demo.bounds.config)
    run = new_run(path=get_visitor_folder(starts.trainer.root, who) / "run")
    starts.trainer.live.change(phase="running", run=run)
    labels = list_buttons(show())
    assert ("Stop training" in labels) == (who == ME)
    assert ("Start training" in labels) == (who == OTHER)
    allowed = {"Start training", "Stop training", "Can you tell?", "Play the film"}
    assert set(labels) <= allowed


def test_a_click_on_the_stop_button_of_an_earlier_run_does_not_stop_the_next_visitors(
    starts: RecordedStarts, new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = get_demo(starts)
    demo.request(ME, demo.bounds.config)
    run = new_run(path=get_visitor_folder(starts.trainer.root, ME) / "run")
    live = starts.trainer.live
    live.change(phase="running", run=run)
    page = show()
    live.change(phase="finished")
    demo.request(OTHER, demo.bounds.config)
    assert demo.is_training(OTHER)
    monkeypatch.setattr(starts.trainer, "stop", lambda run: pytest.fail("It was stopped."))
    page.button(key="stop-run").click().run()
    assert live.phase == "preparing"


def test_an_ended_run_stays_in_sight_while_the_next_visitor_trains(
    starts: RecordedStarts, new_run: NewRun
) -> None:
    demo = get_demo(starts)
    demo.request(ME, demo.bounds.config)
    run = new_run(path=get_visitor_folder(starts.trainer.root, ME) / "run")
    run.write_label("Mine", "")
    live = starts.trainer.live
    live.change(phase="running", run=run)
    page = show()
    live.change(phase="finished")
    demo.request(OTHER, demo.bounds.config)
    page.run()
    assert page.session_state["shown_run"] == "run"
    choice = page.selectbox(key="shown_run_widget")
    assert [str(option) for option in choice.options] == ["The new run (trained here)", "Mine"]
    assert "Start training" in list_buttons(page)
    # Another visitor does not find the run.
    assert list_runs(starts.trainer.root)[0] == []
