"""The Train page while a run of this dashboard trains and another one is shown or prepared."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.state.trainer import Trainer
from dcgan.config.training_config import TrainingConfig
from dcgan.runs.manifest import State
from dcgan.runs.run_folder import open_run
from tests.dashboard.conftest import NewRun
from tests.dashboard.posed_trainer import PosedTrainer
from tests.dashboard.rendering import (
    find_number_field,
    list_buttons,
    list_captions,
    list_primary_buttons,
    prepare_page,
    press,
    run_page,
)
from tests.reports import evaluation_report, step_report

pytestmark = pytest.mark.usefixtures("no_included_run")


@pytest.fixture
def page(trainer: PosedTrainer) -> AppTest:
    """Return the page, not yet rendered, while a run of this dashboard is prepared."""
    trainer.live.begin(TrainingConfig())
    return prepare_page("train")


def test_only_the_queue_is_offered_when_an_ended_run_is_shown_beside_one_in_training(
    page: AppTest, new_run: NewRun
) -> None:
    new_run("other")
    page.session_state["shown_run"] = "other"
    page.session_state["queue-another"] = True
    buttons = list_buttons(run_page(page))
    assert "Continue for 2 more epochs" in buttons  # Of the ended run.
    assert buttons.count("Add to the queue") == 1
    assert "Start training" not in buttons


def test_a_run_is_chosen_above_the_page_only_while_one_trains(
    new_run: NewRun, trainer: PosedTrainer
) -> None:
    ours, _ = new_run("ours"), new_run("other")
    live = trainer.live
    for is_training in (False, True):
        live.change(phase="stopped", run=ours, config=ours.config)
        if is_training:
            live.begin(TrainingConfig())
        page = prepare_page("train")
        page.session_state["shown_run"] = "other"
        labels = [box.label for box in run_page(page).selectbox]
        assert ("Run to watch" in labels) == is_training


def test_settings_that_fill_the_form_open_it_below_a_run_in_training(page: AppTest) -> None:
    assert "Add to the queue" not in list_buttons(run_page(page))
    page.session_state["form_config"] = TrainingConfig.create(seed=7)
    page.session_state["form_source"] = "first"
    assert "Add to the queue" in list_buttons(run_page(page))
    assert find_number_field(page, "Seed").value == 7


def prepare_page_of_collapsed_run(new_run: NewRun, state: State = "stopped") -> AppTest:
    """Return the page, not yet rendered, that shows a collapsed run which has ended."""
    run = new_run("other")
    run.acquire_lock()
    for step in range(40, 1200, 20):
        run.write(step_report(step, real_spread=0.37, fake_spread=0.05, seconds=80.0))
    run.write_status(state, step=1180, seconds=80.0)
    run.lock.release()
    page = prepare_page("train")
    page.session_state["shown_run"] = "other"
    return page


def test_after_a_collapse_the_one_primary_button_starts_again(new_run: NewRun) -> None:
    page = prepare_page_of_collapsed_run(new_run)
    run_page(page)
    (again,) = list_primary_buttons(page)
    assert again.startswith("Set up a new run with Generator learning rate")
    assert any(button.label.startswith("Continue") for button in page.button)
    press(page, again)
    # The form is filled with the new settings now, so its button comes next.
    assert list_primary_buttons(page) == ["Start training"]


@pytest.mark.parametrize("is_changed", [False, True])
def test_the_new_run_after_a_collapse_is_named_after_the_change(
    new_run: NewRun,
    trainer: Trainer,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_changed: bool,
) -> None:
    page = prepare_page_of_collapsed_run(new_run)
    open_run(trainer.root / "other").write_label("Experiment: Speed the generator up", "")
    titles: list[str] = []

    def start(config: TrainingConfig, title: str = "") -> bool:
        titles.append(title)
        return config.generator_learning_rate > 0

    monkeypatch.setattr(trainer, "start", start)
    run_page(page)
    press(page, list_primary_buttons(page)[0])
    if is_changed:  # The title would no longer be true.
        find_number_field(page, "Seed").set_value(7)
    press(page, "Start training")
    expected = "Generator learning rate 0.0005 (restart of Experiment: Speed the generator up)"
    assert titles == ["" if is_changed else expected]


def test_after_a_good_run_the_one_primary_button_continues_it(
    new_run: NewRun, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_run("other")
    page = prepare_page("train")
    page.session_state["shown_run"] = "other"
    run_page(page)
    assert list_primary_buttons(page) == ["Continue for 2 more epochs"]
    # The included run is an example: a person who opens it begins with a run of their own.
    monkeypatch.setattr("dcgan.installation.INCLUDED_RUN", trainer.root / "other")
    run_page(page)
    assert list_primary_buttons(page) == ["Start training"]


def test_the_button_that_continues_is_primary_before_and_after_the_last_measurement(
    new_run: NewRun, trainer: PosedTrainer
) -> None:
    run = new_run("other")
    live = trainer.live
    reports = tuple(step_report(step) for step in range(20, 1200, 20))
    live.change(phase="stopped", run=run, config=run.config, history=reports, is_measuring=True)
    page = prepare_page("train")
    buttons = list_buttons(run_page(page))
    assert {"Start training", "Explore these digits"} <= set(buttons)
    (primary,) = list_primary_buttons(page)
    assert primary.startswith("Continue")
    live.change(is_measuring=False)
    assert list_primary_buttons(run_page(page)) == [primary]


def test_a_run_that_hardly_improves_any_more_is_explored_first(new_run: NewRun) -> None:
    run = new_run("other")
    run.acquire_lock()
    for step in range(40, 2000, 20):
        run.write(step_report(step))
    for step in range(200, 2000, 200):
        run.write(evaluation_report(step, 0.5))
    run.write_status("finished", step=1980, seconds=198.0)
    run.lock.release()
    page = prepare_page("train")
    page.session_state["shown_run"] = "other"
    buttons = list_buttons(run_page(page))
    assert list_primary_buttons(page) == ["Explore these digits"]
    assert any(label.startswith("Continue for") for label in buttons)


def test_a_finished_run_that_went_wrong_is_not_continued_first(new_run: NewRun) -> None:
    page = prepare_page_of_collapsed_run(new_run, state="finished")
    run_page(page)
    (again,) = list_primary_buttons(page)
    assert again.startswith("Set up a new run with")


def test_after_a_collapse_one_click_brings_the_preset_back(new_run: NewRun) -> None:
    page = prepare_page_of_collapsed_run(new_run)
    broken = TrainingConfig.create(generator_learning_rate=0.04)
    page.session_state["form_config"] = broken
    assert "Back to the default settings" in list_buttons(run_page(page))
    page.button(key="back-to-preset").click()
    assert "Back to the default settings" not in list_buttons(run_page(page))
    assert page.session_state["form_config"] == TrainingConfig()
    rate = find_number_field(page, "Generator learning rate")
    assert rate.value == TrainingConfig().generator_learning_rate


def test_after_a_good_run_changed_settings_are_named_beside_the_way_back(new_run: NewRun) -> None:
    new_run("other")
    page = prepare_page("train")
    page.session_state["shown_run"] = "other"
    page.session_state["form_config"] = TrainingConfig.create(generator_learning_rate=0.04)
    assert "Back to the default settings" in list_buttons(run_page(page))
    # The line does not call them default settings.
    assert "**A new run:** generator learning rate 0.04, 10 epochs" in list_captions(page)


def test_after_a_remedy_has_helped_the_form_of_a_new_run_is_folded_below(
    new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = prepare_page_of_collapsed_run(new_run)
    monkeypatch.setattr(
        "dashboard.run_facts.verdict_state.has_helpful_remedy", lambda snapshot: True
    )
    monkeypatch.setattr("dashboard.run_facts.verdict_state.has_results", lambda snapshot: True)
    buttons = list_buttons(run_page(page))
    assert not any(label.startswith(("Start", "Continue")) for label in buttons)
    assert "Start a new run" in [expander.label for expander in page.expander]
    page.session_state["new-run"] = True
    assert "Start training" in list_buttons(run_page(page))
    assert list_primary_buttons(page) == []


def test_a_second_click_on_the_place_of_stop_does_not_train_the_run_again(new_run: NewRun) -> None:
    new_run("other")
    page = prepare_page("train")
    page.session_state["shown_run"] = "other"
    buttons = list_buttons(run_page(page))
    assert buttons.index("Continue for 2 more epochs") < buttons.index("Explore these digits")
    assert any(
        caption.value.startswith("**A new run:** Default settings") for caption in page.caption
    )


def test_the_start_page_offers_the_last_run_in_a_line(new_run: NewRun) -> None:
    new_run("first")
    page = prepare_page("train")
    # Its plan is done, so there is nothing to continue.
    buttons = list_buttons(run_page(page))
    assert "Open" in buttons
    assert "Continue" not in buttons
    assert "Last run: first" in list_captions(page)
    assert list_primary_buttons(page) == ["Start training"]
    run = new_run("second", epochs=5)
    run.write_status("stopped", step=26, seconds=70.0)
    assert "Continue" in list_buttons(run_page(page))
    assert "Last run: second" in list_captions(page)
    press(page, "Open")
    assert any(">second</h1>" in html.proto.body for html in page.get("html"))


def test_the_included_run_is_not_called_the_last_one(
    new_run: NewRun, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    included = new_run("included")
    monkeypatch.setattr("dcgan.installation.INCLUDED_RUN", trainer.root / "included")
    page = prepare_page("train")
    run_page(page)
    assert "Or look at a trained one: included" in list_captions(page)
    new_run("mine")
    included.write_status("finished", step=26, seconds=70.0)  # Newer, as after an upgrade.
    run_page(page)
    assert "Last run: mine" in list_captions(page)


def test_an_interrupted_run_comes_before_the_last_one(new_run: NewRun) -> None:
    new_run("first", epochs=5).write_status("interrupted", step=26, seconds=70.0)
    new_run("second")
    buttons = list_buttons(run_page(prepare_page("train")))
    assert "Continue this run" in buttons
    assert "Open" not in buttons


def test_a_long_title_is_one_line_with_the_whole_name_on_hover(new_run: NewRun) -> None:
    new_run("other").write_label('Set "Generator learning rate" to <b>', "")
    page = prepare_page("train")
    page.session_state["shown_run"] = "other"
    run_page(page)
    title = "Set &quot;Generator learning rate&quot; to &lt;b&gt;"
    heading = f'<h1 title="{title}">{title}</h1>'
    assert heading in [html.proto.body for html in page.get("html")]


def test_a_run_that_nobody_named_has_its_start_beside_its_title(new_run: NewRun) -> None:
    run = new_run("spots-20261128-100100")
    page = prepare_page("train")
    page.session_state["shown_run"] = run.name
    run_page(page)
    heading = f"{run.read_title()} <small>28 Nov 10:01</small></h1>"
    assert any(heading in html.proto.body for html in page.get("html"))


def test_only_a_run_that_learned_the_digits_has_a_button_to_write_a_number(new_run: NewRun) -> None:
    new_run("other")
    new_run("writer", class_names=tuple("0123456789"))
    page = prepare_page("train")
    for name, can_write in (("other", False), ("writer", True)):
        page.session_state["shown_run"] = name
        assert ("Write a number" in list_buttons(run_page(page))) == can_write


def test_what_an_ended_run_had_continued_from_is_forgotten(
    trainer: Trainer, new_run: NewRun
) -> None:
    new_run("other")
    page = prepare_page("train")
    page.session_state["shown_run"] = "other"
    page.session_state["announced_run"] = ("other", "Continues from step 5.")
    run_page(page)
    assert "announced_run" not in page.session_state
    assert not any("Continues from step" in caption.value for caption in page.caption)
