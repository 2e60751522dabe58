"""The Train page of a public demo: the button, the queue, and the commands that are not there."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.process.demo_bounds import OFFERED_SETTINGS, DemoBounds
from dashboard.process.visitor_runs import get_visitor_folder
from dashboard.server import access
from dashboard.server.access_rules import Role
from dashboard.state.demo import Demo
from dashboard.state.trainer import Trainer
from dcgan.config.setting_info import get_setting_label
from dcgan.config.training_config import TrainingConfig
from dcgan.runs.library import list_runs
from tests.dashboard.conftest import NewRun

pytestmark = pytest.mark.usefixtures("no_included_run")

ME, OTHER = "me", "somebody else"


class Started:
    """The runs that a trainer was asked to start; none of them trains."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer
        self.configs: list[TrainingConfig] = []
        self.folders: list[Path | None] = []

    def start(self, config: TrainingConfig, root: Path | None = None) -> bool:
        if self.trainer.snapshot().is_active:
            return False
        self.configs.append(config)
        self.folders.append(root)
        self.trainer._thread.live.begin(config)
        return True


@pytest.fixture
def started(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> Started:
    """Make the trainer that of a demo, and the person one of its visitors."""
    started = Started(trainer)
    monkeypatch.setattr(trainer, "start", started.start)
    trainer.demo = Demo(trainer, DemoBounds(seconds=30))
    for visitor in (ME, OTHER):
        trainer.demo.note_session(visitor, f"tab of {visitor}")
    monkeypatch.setattr(access, "get_role", lambda: Role.VISITOR)
    monkeypatch.setattr(access, "get_visitor", lambda: ME)
    return started


def get_demo(started: Started) -> Demo:
    assert started.trainer.demo is not None
    return started.trainer.demo


def show() -> AppTest:
    script = Path(dashboard.__path__[0]) / "app_pages" / "train.py"
    page = AppTest.from_file(str(script), default_timeout=60).run()
    assert not page.exception
    return page


def list_buttons(page: AppTest) -> set[str]:
    return {button.label for button in page.button}


def read_texts(page: AppTest) -> str:
    parts = [*page.markdown, *page.caption, *page.error]
    return "\n".join(str(part.value) for part in parts)


def test_a_visitor_starts_a_bounded_run_with_the_offered_settings_only(started: Started) -> None:
    page = show()
    assert list_buttons(page) == {"Start training"}
    assert not page.get("file_uploader")
    fields = {field.label for field in (*page.number_input, *page.text_input, *page.checkbox)}
    assert fields == set(map(get_setting_label, OFFERED_SETTINGS))
    (seed,) = [field for field in page.number_input if field.label == "Seed"]
    seed.set_value(7.0).run()
    page.button(key="start-training").click().run()
    (config,) = started.configs
    assert (config.seed, config.max_seconds, config.epochs) == (7, 30, None)
    assert started.folders == [get_visitor_folder(started.trainer.root, ME)]
    assert "Start training" not in list_buttons(page)


def test_a_wrong_value_is_explained_and_nothing_starts(started: Started) -> None:
    page = show()
    (field,) = [it for it in page.text_input if it.label == get_setting_label("only_classes")]
    field.set_value("no digit").run()
    page.button(key="start-training").click().run()
    assert get_setting_label("only_classes") in str(page.error[0].value)
    assert started.configs == []


def test_the_second_visitor_sees_the_place_and_can_leave(started: Started) -> None:
    demo = get_demo(started)
    demo.request(OTHER, demo.bounds.config)
    page = show()
    assert "Another visitor is training: yours would start in about 40 s." in read_texts(page)
    page.button(key="start-training").click().run()
    assert "You are **1st** in the queue: your training starts in about 40 s." in read_texts(page)
    assert list_buttons(page) == {"Leave the queue"}
    page.button(key="demo-leave").click().run()
    assert demo.find_place(ME) is None
    assert "Start training" in list_buttons(show())


@pytest.mark.parametrize("who", [ME, OTHER])
def test_only_the_visitor_whose_run_it_is_can_stop_it_and_nobody_can_do_more(
    who: str, started: Started, new_run: NewRun
) -> None:
    demo = get_demo(started)
    demo.request(who, demo.bounds.config)
    run = new_run(path=get_visitor_folder(started.trainer.root, who) / "run")
    started.trainer._thread.live.change(phase="running", run=run)
    found = list_buttons(show())
    assert ("Stop training" in found) == (who == ME)
    assert ("Start training" in found) == (who == OTHER)
    allowed = {"Start training", "Stop training", "Can you tell?", "Play the film"}
    assert found <= allowed


def test_a_click_on_the_stop_button_of_an_earlier_run_does_not_stop_the_next_visitors(
    started: Started, new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo = get_demo(started)
    demo.request(ME, demo.bounds.config)
    run = new_run(path=get_visitor_folder(started.trainer.root, ME) / "run")
    live = started.trainer._thread.live
    live.change(phase="running", run=run)
    page = show()
    live.change(phase="finished")
    demo.request(OTHER, demo.bounds.config)
    assert demo.is_training(OTHER)
    monkeypatch.setattr(started.trainer, "stop", lambda run: pytest.fail("It was stopped."))
    page.button(key="stop-run").click().run()
    assert live.phase == "preparing"


def test_an_ended_run_stays_in_sight_while_the_next_visitor_trains(
    started: Started, new_run: NewRun
) -> None:
    demo = get_demo(started)
    demo.request(ME, demo.bounds.config)
    run = new_run(path=get_visitor_folder(started.trainer.root, ME) / "run")
    run.write_label("Mine", "")
    live = started.trainer._thread.live
    live.change(phase="running", run=run)
    page = show()
    live.change(phase="finished")
    demo.request(OTHER, demo.bounds.config)
    page.run()
    assert page.session_state["shown_run"] == "run"
    choice = page.selectbox(key="shown_run_widget")
    assert [str(it) for it in choice.options] == ["The new run (trained here)", "Mine"]
    assert "Start training" in list_buttons(page)
    # Nobody else finds it.
    assert list_runs(started.trainer.root)[0] == []
