"""The race on the Compare page: its form, its progress and its verdict."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.access import permissions
from dashboard.access.rules import Role
from dashboard.state.trainer import Trainer
from dcgan.runs.run_folder import open_run
from dcgan.sweeps.queue import QueuedRun, append_to_queue, read_queue
from dcgan.sweeps.race import Race, change_race, create_race, list_races, read_race
from tests.dashboard.conftest import NewRun, PretendToTrain
from tests.dashboard.rendering import (
    list_buttons,
    list_primary_buttons,
    prepare_page,
    press,
    read_error,
    read_texts,
    remove_escapes,
    run_page,
)
from tests.races import NAME, TIME, make_race, measure
from tests.reports import evaluation_report, step_report

pytestmark = pytest.mark.usefixtures("no_included_run")


def run_and_read(page: AppTest) -> str:
    """Run the page; return its headline and its texts."""
    run_page(page)
    headlines = [remove_escapes(heading.value) for heading in page.subheader]
    return "\n".join([*headlines, read_texts(page)])


def measure_all(trainer: Trainer, race: Race, *distances: float) -> None:
    """Write a race whose runs have these distances."""
    create_race(trainer.root, race, TIME)
    for index, distance in enumerate(distances):
        change_race(trainer.root, NAME, index, measurement=measure(distance))


def test_a_race_that_has_ended_shows_the_verdict_and_leads_to_a_run_with_the_winner(
    page: AppTest, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure_all(trainer, make_race(), 0.36, 0.24, 0.34, 0.26)
    text = run_and_read(page)
    assert "“beta_1 0” is nearer to real digits after 1 min: 0.25 instead of 0.35." in text
    assert "Mean distance to real digits **0.25** :green-badge" in text
    assert "The headline has the mean of each setting's 2 runs." in text
    assert "Seed 0: 0.24, seed 1: 0.26" in text
    assert "pictures/s" not in text
    helps = [caption.proto.help for caption in page.caption if "readable" in caption.value]
    assert all("Clearly readable: Share of the digits" in text for text in helps)
    assert all("Each share is the mean of the 2 runs." in text for text in helps)
    assert len(helps) == 2
    assert list_primary_buttons(page) == [r"Train with “beta\_1 0”"]
    filled: list[tuple[float, int | None, str]] = []
    monkeypatch.setattr(
        "dashboard.forms.settings_form.fill_form",
        lambda config, source: filled.append((config.beta_1, config.epochs, source)),
    )
    monkeypatch.setattr("streamlit.switch_page", lambda page: None)
    press(page, r"Train with “beta\_1 0”")
    assert filled == [(0.0, 10, "beta_1 0, of the race")]


def test_the_scale_of_the_distances_is_below_the_cards(page: AppTest, trainer: Trainer) -> None:
    measure_all(trainer, make_race(), 0.36, 0.24)
    text = run_and_read(page)
    assert (
        "Lower is nearer. Measured with 10,000 digits of each run, so smaller than on Train; two "
        "sets of real digits are 0.07 apart." in text
    )
    assert "Its run was deleted" in text
    assert "No digits yet" not in text


def test_the_points_of_the_chart_are_called_quick_measurements(
    page: AppTest, trainer: Trainer, new_run: NewRun
) -> None:
    quick = "Lines are the quick distance, measured during training with 1,000 digits."
    measure_all(trainer, make_race(1), 5.2, 25.0)
    for index, name in enumerate(("first", "second")):
        run = new_run(name)
        with run.lock.held():
            for step in (10, 20):
                run.write(step_report(step))
                run.write(evaluation_report(step, 6.24))
        change_race(trainer.root, NAME, index, folder=name, measurement=measure(5.2, step=30))
    text = run_and_read(page)
    assert "**5.20**" in text
    assert "30 steps, 95.0% clearly readable, 99.0% read as the digit asked for" in text
    assert quick not in text  # Two points are no course.
    for run in (open_run(trainer.root / name) for name in ("first", "second")):
        with run.lock.held():
            run.write(step_report(30))
            run.write(evaluation_report(30, 6.24))
    assert quick in run_and_read(page)


def test_the_runs_of_a_race_are_compared_in_the_first_tab(
    compare: AppTest, new_run: NewRun
) -> None:
    new_run("third")
    run_page(compare)
    assert not compare.multiselect
    press(compare, "Compare in detail")
    choice = run_page(compare).multiselect(key="compare_runs")
    assert choice.value == ["first", "second"]
    assert compare.session_state["compare_colors"] == {"first": 0, "second": 1}


def test_after_unequal_steps_the_first_offer_is_to_race_again(
    page: AppTest, trainer: Trainer
) -> None:
    measure_all(trainer, make_race(1), 25.0, 5.2)
    change_race(trainer.root, NAME, 1, folder="other", measurement=measure(5.2, step=4000))
    text = run_and_read(page)
    assert "The steps were unequal (3,000 and 4,000), so the busy computer may" in text
    assert ": 5.20 instead of 25.0" in text
    assert text.count("busy") == 1
    assert "Very likely" not in text
    assert list_primary_buttons(page) == ["Race again"]
    assert r"Train with “beta\_1 0”" in list_buttons(page)
    press(page, "Race again")
    (name,) = set(list_races(trainer.root)) - {NAME}
    again = read_race(trainer.root, name)
    assert again.variant_labels == make_race(1).variant_labels
    assert [(run.config.beta_1, run.folder, run.measurement) for run in again.runs] == [
        (0.5, "", None), (0.0, "", None),
    ]  # fmt: skip
    assert [queued.race for queued in read_queue(trainer.root)] == [name] * 2


def test_another_race_starts_from_the_one_that_is_shown(page: AppTest, trainer: Trainer) -> None:
    race = make_race()
    measure_all(trainer, race.model_copy(update={"seconds": 30.0}), 0.36, 0.24, 0.34, 0.26)
    run_page(page)
    press(page, "Another race")
    assert page.selectbox(key="race_setting_0").value == "beta_1"
    assert page.text_input(key="race_values_beta_1").value == "0.5, 0"
    assert page.segmented_control(key="race_seconds").value == 30.0
    assert page.segmented_control(key="race_seeds").value == 2
    assert list_primary_buttons(page) == ["Start the race"]
    # The form is in the place of the result, and leads back to it.
    assert not page.subheader
    assert "beta_1 0.5" not in remove_escapes(read_texts(page))
    assert page.session_state["focus_request"]["target"] == "race"
    press(page, "Back to the result")
    assert "“beta_1 0” is nearer" in remove_escapes(page.subheader[0].value)
    assert not page.segmented_control


def test_a_race_of_another_window_and_a_link_are_shown_in_place_of_the_form(
    page: AppTest, trainer: Trainer
) -> None:
    measure_all(trainer, make_race(), 0.36, 0.24, 0.34)
    press(run_page(page), "Another race")
    page.session_state["compare_linked_race"] = NAME
    assert "“beta_1 0” is nearer" in run_and_read(page)
    press(page, "Another race")
    append_to_queue(trainer.root, [QueuedRun.create(make_race().runs[3].config, NAME, 3)])
    assert list_buttons(run_page(page)) == ["Resume queue", "Stop the race"]


def test_after_a_restart_one_click_trains_what_waits_and_what_was_interrupted(
    page: AppTest, trainer: Trainer, new_run: NewRun
) -> None:
    race = make_race()
    measure_all(trainer, race, 0.36, 0.24)
    run = new_run("third", max_seconds=60.0)
    run.write_status("running")  # No process trains it: it was interrupted.
    change_race(trainer.root, NAME, 2, folder=run.name)
    append_to_queue(trainer.root, [QueuedRun.create(race.runs[3].config, NAME, 3)])
    text = run_and_read(page)
    assert "**The race was interrupted: 2 of 4 runs are left**" in text
    assert ":material/bolt: interrupted] seed 1" in text
    assert "So far: “beta_1 0” is nearer to real digits after 1 min: 0.24 instead of" in text
    press(page, "Continue the race")
    assert trainer.queue_runner.is_released
    assert [queued.run_index for queued in read_queue(trainer.root)] == [3, 2]


def test_a_run_of_a_race_that_a_person_continues_leaves_the_choice_and_the_form(
    page: AppTest, trainer: Trainer, new_run: NewRun, pretend_to_train: PretendToTrain
) -> None:
    create_race(trainer.root, make_race(), TIME)
    run = new_run("first")
    change_race(trainer.root, NAME, 0, folder=run.name)
    pretend_to_train(run)
    assert "The race was stopped before its first result." in run_and_read(page)
    assert list_buttons(page) == ["Train the missing runs", "Another race"]


def test_a_race_of_which_all_runs_failed_names_the_reason_once_and_has_no_empty_cards(
    page: AppTest, trainer: Trainer
) -> None:
    create_race(trainer.root, make_race(), TIME)
    for index in range(4):
        change_race(trainer.root, NAME, index, problem="The disk is full.")
    text = run_and_read(page)
    assert "All 4 runs failed." in text
    assert text.count("The disk is full.") == 1
    assert "No digits yet" not in text
    assert list_primary_buttons(page) == ["Train the missing runs"]
    change_race(trainer.root, NAME, 0, measurement=measure(0.3), problem="")
    change_race(trainer.root, NAME, 1, problem="It diverged.")
    text = run_and_read(page)
    assert (text.count("The disk is full."), text.count("It diverged.")) == (2, 1)


def test_watchers_see_the_verdict_and_start_nothing(
    page: AppTest, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "get_role", lambda: Role.WATCHER)
    assert run_and_read(page) == ""
    measure_all(trainer, make_race(), 0.36, 0.24)
    assert "“beta_1 0” is nearer" in run_and_read(page)
    assert list_buttons(page) == []


def test_an_earlier_race_can_be_shown_again(page: AppTest, trainer: Trainer) -> None:
    measure_all(trainer, make_race(), 0.36, 0.24)
    create_race(trainer.root, make_race(), datetime(2026, 12, 1, 9))
    assert "The race was stopped before its first result." in run_and_read(page)
    (choice,) = page.selectbox
    assert choice.options == [
        "1 Dec 09:00: beta_1 0.5 or 0", "30 Nov 14:05: beta_1 0.5 or 0",
    ]  # fmt: skip
    choice.select(NAME)
    assert "“beta_1 0” is nearer" in run_and_read(page)


def test_an_earlier_race_that_still_waits_is_shown_before_a_newer_one_that_has_ended(
    page: AppTest, trainer: Trainer
) -> None:
    race = make_race()
    create_race(trainer.root, race, TIME)
    append_to_queue(trainer.root, [QueuedRun.create(race.runs[0].config, NAME, 0)])
    create_race(trainer.root, race, datetime(2026, 12, 1, 9))
    assert "**1 of 4 runs wait" in run_and_read(page)
    press(page, "Stop the race")
    assert read_queue(trainer.root) == []


def test_an_earlier_race_of_which_the_missing_runs_are_trained_has_progress_and_a_stop(
    page: AppTest, trainer: Trainer
) -> None:
    measure_all(trainer, make_race(), 0.36, 0.24, 0.34)
    create_race(trainer.root, make_race(), datetime(2026, 12, 1, 9))
    run_page(page)
    page.selectbox[0].select(NAME)
    press(run_page(page), "Train the missing runs")
    text = run_and_read(page)
    assert "**1 of 4 runs wait; the next one starts**" in text
    assert "So far: “beta_1 0” is nearer" in text
    press(page, "Stop the race")
    assert read_queue(trainer.root) == []


def test_a_damaged_race_is_an_error_and_another_can_start(page: AppTest, trainer: Trainer) -> None:
    damaged = create_race(trainer.root, make_race(), datetime(2020, 1, 1))
    (trainer.root / ".races" / f"{damaged.name}.json").write_text("[]")
    assert "is damaged" in read_error(run_page(page))
    press(page, "Another race")
    press(run_page(page), "Start the race")
    assert "**4 of 4 runs wait; the next one starts**" in read_texts(page)
    assert len(list_races(trainer.root)) == 2


def test_a_newer_damaged_race_does_not_hide_the_one_in_the_queue(
    page: AppTest, trainer: Trainer
) -> None:
    race = create_race(trainer.root, make_race(), TIME)
    append_to_queue(trainer.root, [QueuedRun.create(race.runs[0].config, NAME, 0)])
    damaged = create_race(trainer.root, make_race(), datetime(2026, 12, 1))
    path = trainer.root / ".races" / f"{damaged.name}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"runs": []}))
    assert "1 of 4 runs wait" in run_and_read(page)


def test_compare_opens_with_the_race_while_it_runs_unless_a_run_was_requested(
    page: AppTest, trainer: Trainer, new_run: NewRun
) -> None:
    def list_choices() -> list[str | None]:
        compare = run_page(prepare_page("compare"))
        return [choice.key for choice in compare.multiselect]

    run = new_run("first")
    opened = run_page(prepare_page("compare"))
    assert list_choices() == ["compare_runs"]
    race = make_race()
    create_race(trainer.root, race, TIME)
    append_to_queue(trainer.root, [QueuedRun.create(race.runs[0].config, NAME, 0)])
    assert list_choices() == []
    # A page that was open before the race keeps its tab.
    assert opened.session_state["compare-tabs"] == "Runs"
    assert [choice.key for choice in run_page(opened).multiselect] == ["compare_runs"]
    compare = prepare_page("compare")
    compare.session_state["compare_requested_runs"] = [run.name]
    assert run_page(compare).multiselect(key="compare_runs").value == [run.name]
