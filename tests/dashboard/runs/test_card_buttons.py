"""The actions of the Runs page."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import pytest

from dashboard.run_facts.labels import make_file_stem
from dashboard.run_facts.run_summary import RunSummary, read_summary
from dashboard.runs import card
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.trainer import Trainer
from dcgan import installation
from dcgan.export.archive import export_run
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run, open_run
from tests.dashboard.conftest import NewRun, PretendToTrain
from tests.dashboard.rendering import list_buttons, prepare_page, press, read_texts, run_page
from tests.dashboard.runs.runs_page import list_titles, show_runs_page
from tests.reports import step_report

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_open_in_explore_opens_the_run(new_run: NewRun, visited_pages: list[str]) -> None:
    new_run()
    page = show_runs_page()
    page.button(key="explore-first").click().run()
    assert page.session_state["explore_run"] == "first"
    assert visited_pages == ["app_pages/explore.py"]


def test_charts_opens_the_run_at_its_title(new_run: NewRun, visited_pages: list[str]) -> None:
    new_run()
    page = show_runs_page()
    page.button(key="watch-first").click().run()
    assert page.session_state["focus_request"]["target"] == "status"
    assert visited_pages == ["app_pages/train.py"]


def test_a_click_arrives_when_another_run_ends_at_that_moment(
    new_run: NewRun, visited_pages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    new_run()
    ending = new_run("newer")
    page = show_runs_page()
    has_ended = itertools.chain((False,), itertools.repeat(True))  # Its card reads it twice.

    def read(run: Run, snapshot: Snapshot) -> RunSummary:
        summary = read_summary(run, snapshot)
        if run.name != ending.name or next(has_ended):
            return summary
        return dataclasses.replace(summary, status="running")

    monkeypatch.setattr(card, "read_summary", read)
    page.button(key="watch-first").click().run()
    assert visited_pages == ["app_pages/train.py"]


def test_compare_shows_the_run_beside_the_included_one(
    new_run: NewRun, visited_pages: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    included = new_run(path=tmp_path / "elsewhere" / "included")
    monkeypatch.setattr(installation, "INCLUDED_RUN", included.path)
    new_run()
    new_run("newer")
    page = show_runs_page()
    page.button(key="compare-first").click().run()
    assert visited_pages == ["app_pages/compare.py"]
    compare_page = prepare_page("compare")
    compare_page.session_state["compare_requested_runs"] = page.session_state[
        "compare_requested_runs"
    ]
    compare_page.session_state["compare_runs"] = ["newer"]
    run_page(compare_page)
    assert compare_page.multiselect(key="compare_runs").value == ["first", "included"]


def test_start_again_fills_the_form_with_the_settings(
    new_run: NewRun, visited_pages: list[str]
) -> None:
    run = new_run(seed=7)
    page = show_runs_page()
    page.button(key="restart-first").click().run()
    assert page.session_state["form_config"] == run.config
    assert page.session_state["form_source"] == "first"
    assert visited_pages == ["app_pages/train.py"]


def test_each_menu_of_a_card_names_its_run(new_run: NewRun) -> None:
    new_run().write_label("Slow *start*", "")
    captions = [caption.value for caption in show_runs_page().caption]
    assert captions.count(r"Run: Slow \*start\*") == 3  # Name and note, Continue and More.


def test_a_finished_run_continues_for_the_chosen_epochs(
    new_run: NewRun, trainer: Trainer, monkeypatch: pytest.MonkeyPatch, visited_pages: list[str]
) -> None:
    new_run()
    requests: list[tuple[str, int | None]] = []

    def continue_run(run: Run, *, epochs: int | None, **_: object) -> bool:
        requests.append((run.name, epochs))
        return True

    monkeypatch.setattr(trainer, "continue_run", continue_run)
    page = show_runs_page()
    assert page.number_input(key="epochs-first").value == 2  # As many as were planned at first.
    page.number_input(key="epochs-first").set_value(3).run()
    page.button(key="continue-first").click().run()
    assert requests == [("first", 3)]
    assert visited_pages == ["app_pages/train.py"]


def test_a_run_with_a_time_limit_continues_for_the_chosen_minutes(
    new_run: NewRun, trainer: Trainer, monkeypatch: pytest.MonkeyPatch, visited_pages: list[str]
) -> None:
    new_run(epochs=None, max_seconds=60)
    requests: list[tuple[int | None, float | None]] = []

    def continue_run(run: Run, *, epochs: int | None, seconds: float | None, **_: object) -> bool:
        requests.append((epochs, seconds))
        return True

    monkeypatch.setattr(trainer, "continue_run", continue_run)
    page = show_runs_page()
    assert page.number_input(key="minutes-first").value == 1  # As long as was planned at first.
    page.number_input(key="minutes-first").set_value(2.5).run()
    page.button(key="continue-first").click().run()
    assert requests == [(None, 150)]


def test_a_run_is_offered_no_more_minutes_than_its_time_limit_may_have(
    new_run: NewRun, visited_pages: list[str]
) -> None:
    most = 10_000_000
    run = new_run(epochs=None, max_seconds=most - 300)
    run.acquire_lock()
    run.write(step_report(39, epoch=3, seconds=most - 300.0))
    run.lock.release()
    minutes = show_runs_page().number_input(key="minutes-first")
    assert (minutes.value, minutes.max) == (5, 5)


def test_an_unfinished_run_continues_with_its_plan(
    new_run: NewRun, trainer: Trainer, monkeypatch: pytest.MonkeyPatch, visited_pages: list[str]
) -> None:
    new_run(epochs=10)
    requests: list[int | None] = []

    def continue_run(run: Run, *, epochs: int | None, **_: object) -> bool:
        requests.append(epochs)
        return True

    monkeypatch.setattr(trainer, "continue_run", continue_run)
    page = show_runs_page()
    assert not page.number_input
    page.button(key="continue-first").click().run()
    assert requests == [None]
    assert visited_pages == ["app_pages/train.py"]


@pytest.mark.parametrize("epochs", [2, 10], ids=["done", "not done"])
def test_continuing_is_refused_with_a_reason_while_another_run_trains(
    epochs: int,
    new_run: NewRun,
    trainer: Trainer,
    monkeypatch: pytest.MonkeyPatch,
    visited_pages: list[str],
) -> None:
    new_run(epochs=epochs)
    monkeypatch.setattr(trainer, "continue_run", lambda run, **_: False)
    page = show_runs_page()
    page.button(key="continue-first").click().run()
    assert page.error[0].value.startswith("Another run is training")
    assert visited_pages == []


def test_the_help_of_a_refused_button_has_the_title_of_the_run_in_training_as_it_was_typed(
    new_run: NewRun, pretend_to_train: PretendToTrain
) -> None:
    new_run(epochs=10)
    other = new_run("other")
    other.write_label("My *best* run", "")
    pretend_to_train(other)
    button = show_runs_page().button(key="continue-first")
    assert button.help.startswith(r"“My \*best\* run” is training")


def test_a_name_and_a_note_are_changed_in_a_menu_that_then_closes(new_run: NewRun) -> None:
    run = new_run()
    page = show_runs_page()
    assert page.text_input(key="title-first-0").value == "first"
    page.text_input(key="title-first-0").set_value("Best so far")
    page.text_area(key="note-first-0").set_value("Seed 0.")
    press(page, "Save")
    assert (run.read_label().title, run.read_label().note) == ("Best so far", "Seed 0.")
    assert list_titles(page) == ["Best so far"]
    assert page.session_state["focus_request"]["target"] == "card-first"
    # A new form; its menu is closed.
    assert page.text_input(key="title-first-1").value == "Best so far"
    assert page.text_area(key="note-first-1").value == "Seed 0."


def test_a_name_that_is_too_long_is_kept_in_the_form_and_refused(new_run: NewRun) -> None:
    run = new_run()
    page = show_runs_page()
    page.text_input(key="title-first-0").set_value("a" * 81)
    press(page, "Save")
    assert "This name has 81 characters; shorten it to 80 or fewer." in read_texts(page)
    assert page.text_input(key="title-first-0").value == "a" * 81
    assert run.read_label().title == "first"
    page.text_input(key="title-first-0").set_value("a" * 80)
    press(page, "Save")
    assert not page.error
    assert run.read_label().title == "a" * 80


def test_the_dialog_of_a_branch_stays_when_the_page_is_rendered_again(new_run: NewRun) -> None:
    run = new_run()
    page = show_runs_page()
    press(page, "Branch with other settings")
    run.save_checkpoint({"step": np.array(27), "seconds": np.array(71.0)})
    run_page(page)  # As after the measurement of another run.
    assert page.selectbox(key="branch-step-first_1").options == ["Step 26"]  # As at its opening.
    assert "Start the branch" in list_buttons(page)


def test_a_deletion_can_be_undone_until_the_next_action(new_run: NewRun, trainer: Trainer) -> None:
    new_run("first")
    new_run("second")
    page = show_runs_page()
    page.button(key="delete-first").click().run()
    assert list_titles(page) == ["second"]
    assert "Deleted “first”." in read_texts(page)
    page.button(key="undo").click().run()
    assert sorted(list_titles(page)) == ["first", "second"]
    assert "Deleted" not in read_texts(page)

    page.button(key="delete-first").click().run()
    page.button(key="delete-second").click().run()
    assert "Deleted “second”." in read_texts(page)
    assert "Deleted “first”." not in read_texts(page)
    assert "No runs left. The trash has 2." in read_texts(page).replace("**", "")
    assert list_runs(trainer.root)[0] == []


def test_a_run_that_another_process_writes_is_not_deleted(new_run: NewRun) -> None:
    run = new_run()
    page = show_runs_page()
    held = open_run(run.path)
    held.acquire_lock()
    try:
        page.button(key="delete-first").click().run()
    finally:
        held.lock.release()
    assert "first is being written" in read_texts(page)
    assert list_titles(page) == ["first"]


def test_downloads_are_made_only_on_request(
    new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(run: Run) -> bytes:
        raise AssertionError("packed before anyone asked")

    names = ("export_run", "make_page", "make_html_report", "make_history_csv")
    for name in (*names, "make_history_parquet"):
        monkeypatch.setattr(f"dashboard.runs.downloads.{name}", refuse)
    new_run()
    assert [button.label for button in show_runs_page().download_button] == [
        "Download ZIP",
        "Download generator page",
        "Download report",
        "Download losses and metrics (CSV)",
        "Download losses and metrics (Parquet)",
    ]


def test_downloads_are_named_by_the_title_and_the_time_of_the_run(new_run: NewRun) -> None:
    run = new_run("mnist-20261129-033359")
    assert make_file_stem(run) == "mnist-20261129-033359"
    run.write_label("My first run", "")
    assert make_file_stem(run) == "my-first-run-20261129-033359"
    assert "Files of this run" in read_texts(show_runs_page())
    other = new_run("other")
    other.write_label("A", "")
    assert make_file_stem(other) == "a"


def test_a_zip_of_a_run_is_imported_and_other_files_are_refused(
    new_run: NewRun, trainer: Trainer
) -> None:
    run = new_run()
    packed = export_run(run)
    page = show_runs_page()
    page.file_uploader(key="import-0").set_value(("a.zip", packed, "application/zip")).run()
    assert not page.exception
    assert "a.zip could not be imported: This run is here already: first." in read_texts(page)
    # After more training the run differs from its ZIP, so the import makes another run.
    run.save_checkpoint({"step": np.array(27), "seconds": np.array(71.0)})
    page.file_uploader(key="import-1").set_value(("a.zip", packed, "application/zip")).run()
    assert "Imported first-2." in read_texts(page)
    assert sorted(run.name for run in list_runs(trainer.root)[0]) == ["first", "first-2"]
    page.file_uploader(key="import-2").set_value(("[b].zip", b"PK", "application/zip")).run()
    assert "[b].zip could not be imported: This is not a readable ZIP file" in read_texts(page)
    assert len(page.error) == 1
    assert len(list_runs(trainer.root)[0]) == 2
