"""The Runs page: what it says of each run, and what its buttons do."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.components.plain_text import escape_markdown
from dashboard.shared import run_summary
from dashboard.shared.closest_preset import find_closest_preset
from dashboard.state import trainer as trainer_module
from dashboard.state.snapshot import Snapshot
from dashboard.state.storage_limits import StorageLimits, measure
from dashboard.state.trainer import Trainer
from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.export.archive import export_run
from dcgan.reports import SampleReport, StepReport
from dcgan.runs import run_folder
from dcgan.runs.history import History
from dcgan.runs.library import list_deleted_runs, list_runs
from dcgan.runs.run_folder import Run, open_run
from tests.reports import step_report

pytestmark = pytest.mark.usefixtures("no_shipped_run")


PAGE = Path(trainer_module.__file__).parents[1] / "app_pages" / "runs.py"

NewRun = Callable[..., Run]


@pytest.fixture
def trainer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trainer:
    """Return an idle trainer of an empty shelf, which the page takes for the process's own."""
    trainer = Trainer(tmp_path / "shelf")
    monkeypatch.setattr(trainer_module, "process_trainer", lambda: trainer)
    return trainer


@pytest.fixture
def new_run(tiny_config: TrainingConfig, tiny_dataset: ImageDataset, trainer: Trainer) -> NewRun:
    """Put a run of 26 steps, which are 2 epochs, on the shelf."""

    def make(name: str = "first", *, path: Path | None = None, **changes: object) -> Run:
        config = tiny_config.replace(**changes)
        run = Run.create(config, tiny_dataset, path=path or trainer.root / name)
        run.write(
            step_report(26, epoch=2, seconds=70.0, generator_loss=1.25, discriminator_loss=0.75)
        )
        pixels = np.full((config.num_samples, 28, 28, 1), 200, np.uint8)
        run.write(SampleReport(step=26, epoch=2, seconds=70.0, pixels=pixels))
        run.save_checkpoint({"step": np.array(26), "seconds": np.array(70.0)})
        run.write_status("finished", step=26, seconds=70.0)
        run.lock.release()
        return run

    return make


@pytest.fixture
def turned_to(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of pages that the page turned to; none is shown."""
    pages: list[str] = []

    def switch_page(page: str) -> None:
        pages.append(page)
        st.stop()

    monkeypatch.setattr(st, "switch_page", switch_page)
    return pages


def show() -> AppTest:
    """Run the page once."""
    page = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert not page.exception
    return page


def texts(page: AppTest) -> str:
    """Return everything that the page says, Markdown's escapes taken out."""
    parts = [*page.markdown, *page.caption, *page.text, *page.error]
    return "\n".join(str(part.value) for part in parts).replace("\\", "").replace("\u2060", "")


def titles(page: AppTest) -> list[str]:
    """Return the cards' titles from first to last."""
    found = [str(part.value) for part in page.markdown]
    return [text.strip("*").replace("\\", "") for text in found if text.startswith("**")]


# What it says.


@pytest.mark.usefixtures("trainer")
def test_an_empty_shelf_says_what_to_do_next(turned_to: list[str]) -> None:
    page = show()
    assert "No runs of your own yet" in texts(page)
    page.button(key="first").click().run()
    assert turned_to == ["app_pages/train.py"]


def test_a_card_tells_state_length_losses_data_and_changed_settings(new_run: NewRun) -> None:
    new_run().write_label("My spots", "Learned overnight.")
    said = texts(show())
    assert "Finished" in said
    assert "My spots" in said
    assert "Learned overnight." in said
    assert "Epoch 2 of 2, step 26, 1 min 10 s trained" in said
    assert "generator] 1.25" in said
    assert "discriminator] 0.75" in said
    assert "spots, 200 images" not in said  # It was made with the name of MNIST in its settings.
    assert "MNIST (built in), 200 images. Fast preset, but batch size 16, latent size 4" in said


def test_a_failed_run_shows_why(new_run: NewRun) -> None:
    run = new_run()
    run.acquire_lock()
    run.write_status("failed", step=26, message="the disk is full.")
    run.lock.release()
    said = texts(show())
    assert "Failed" in said
    assert "the disk is full." in said


def test_the_shipped_run_comes_last_and_can_neither_be_deleted_nor_renamed(
    new_run: NewRun, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shipped = new_run(path=tmp_path / "elsewhere" / "shipped")
    monkeypatch.setattr(run_folder, "SHIPPED", shipped.path)
    new_run("mine")
    page = show()
    assert titles(page) == ["mine", shipped.name]
    assert "Included" in texts(page)
    keys = [button.key for button in page.button]
    assert "delete-mine" in keys
    assert f"delete-{shipped.name}" not in keys
    assert "A copy of it is trained on" in texts(page)


@pytest.mark.usefixtures("new_run")
def test_a_broken_folder_gets_one_quiet_line(trainer: Trainer) -> None:
    (trainer.root / "half" / "checkpoints").mkdir(parents=True)
    page = show()
    assert "half is not a whole run: config.json is missing" in texts(page)
    assert not page.error


def test_names_and_notes_of_strangers_are_only_text(new_run: NewRun) -> None:
    evil = "<b>x</b> ![x](http://a.b/c.png) :smile: $y$"
    new_run().write_label(evil, evil)
    page = show()
    assert all("![" not in str(part.value) for part in page.markdown)
    assert [part.value for part in page.text] == [evil]  # st.text shows it as it is.
    assert evil in titles(page)[0].replace("\u2060", "")


def test_text_made_literal_has_no_mark_left() -> None:
    assert escape_markdown("a*b_c[d](e)\n# f") == r"a\*b\_c\[d\]\(e\) \# f"
    assert escape_markdown(":red[x]") == "\\:\u2060red\\[x\\]"
    assert escape_markdown("www.a.b, c@d") == "www\u2060\\.a\\.b\\, c\\@\u2060d"


def test_a_long_shelf_has_pages_of_twelve(new_run: NewRun) -> None:
    for number in range(13):
        new_run(f"run-{number:02}")
    page = show()
    assert titles(page) == [f"run-{number:02}" for number in range(12, 0, -1)]
    page.pagination(key="runs_page").set_value(2).run()
    assert titles(page) == ["run-00"]
    page.button(key="delete-run-00").click().run()
    assert not page.exception
    assert len(titles(page)) == 12


def test_a_run_that_trains_here_shows_the_trainers_numbers(
    new_run: NewRun, trainer: Trainer, monkeypatch: pytest.MonkeyPatch, turned_to: list[str]
) -> None:
    run = new_run()
    now = Snapshot(
        phase="running",
        run=open_run(run.path),
        config=run.config,
        num_images=200,
        history=(
            step_report(20),
            step_report(21, epoch=2, seconds=70.0, generator_loss=9.5, discriminator_loss=0.75),
        ),
    )
    monkeypatch.setattr(trainer, "snapshot", lambda: now)
    page = show()
    assert "Training" in texts(page)
    # 5 steps of 16 images at 1,000 a second are left.
    assert "Epoch 2 of 2, step 21, 1 min 10 s trained, 0 s left" in texts(page)
    assert "generator] 9.50" in texts(page)
    assert page.button(key="delete-first").disabled
    assert "continue-first" not in [button.key for button in page.button]
    page.button(key="watch-first").click().run()
    assert turned_to == ["app_pages/train.py"]


# What it does.


def test_open_in_explore_hands_the_name_over(new_run: NewRun, turned_to: list[str]) -> None:
    new_run()
    page = show()
    page.button(key="explore-first").click().run()
    assert page.session_state["explore_run"] == "first"
    assert turned_to == ["app_pages/explore.py"]


def test_start_anew_hands_the_settings_over(new_run: NewRun, turned_to: list[str]) -> None:
    run = new_run(seed=7)
    page = show()
    page.button(key="anew-first").click().run()
    assert page.session_state["form_config"] == run.config
    assert page.session_state["form_source"] == "first"
    assert turned_to == ["app_pages/train.py"]


def test_a_finished_run_continues_for_the_epochs_asked_for(
    new_run: NewRun, trainer: Trainer, monkeypatch: pytest.MonkeyPatch, turned_to: list[str]
) -> None:
    new_run()
    asked: list[tuple[str, int | None]] = []

    def resume_run(run: Run, *, epochs: int | None, **_: object) -> bool:
        asked.append((run.name, epochs))
        return True

    monkeypatch.setattr(trainer, "resume_run", resume_run)
    page = show()
    page.number_input(key="epochs-first").set_value(3).run()
    page.button(key="continue-first").click().run()
    assert asked == [("first", 3)]
    assert turned_to == ["app_pages/train.py"]


def test_an_unfinished_run_continues_with_what_was_planned(
    new_run: NewRun, trainer: Trainer, monkeypatch: pytest.MonkeyPatch, turned_to: list[str]
) -> None:
    new_run(epochs=10)
    asked: list[int | None] = []

    def resume_run(run: Run, *, epochs: int | None, **_: object) -> bool:
        asked.append(epochs)
        return True

    monkeypatch.setattr(trainer, "resume_run", resume_run)
    page = show()
    assert not page.number_input
    page.button(key="continue-first").click().run()
    assert asked == [None]
    assert turned_to == ["app_pages/train.py"]


@pytest.mark.parametrize("epochs", [2, 10], ids=["done", "not done"])
def test_continuing_is_refused_in_words_while_another_run_trains(
    epochs: int,
    new_run: NewRun,
    trainer: Trainer,
    monkeypatch: pytest.MonkeyPatch,
    turned_to: list[str],
) -> None:
    new_run(epochs=epochs)
    monkeypatch.setattr(trainer, "resume_run", lambda run, **_: False)
    page = show()
    page.button(key="continue-first").click().run()
    assert page.error[0].value.startswith("A run is training already.")
    assert turned_to == []


def test_a_name_and_a_note_are_kept(new_run: NewRun) -> None:
    run = new_run()
    page = show()
    page.text_input(key="title-first").set_value("Best so far")
    page.text_area(key="note-first").set_value("Seed 0.")
    next(button for button in page.button if button.label == "Save name and note").click().run()
    assert (run.read_label().title, run.read_label().note) == ("Best so far", "Seed 0.")
    assert titles(page) == ["Best so far"]


def test_a_deleted_run_can_be_taken_back_until_the_next_action(
    new_run: NewRun, trainer: Trainer
) -> None:
    new_run("first")
    new_run("second")
    page = show()
    page.button(key="delete-first").click().run()
    assert titles(page) == ["second"]
    assert "Deleted first." in texts(page)
    page.button(key="undo").click().run()
    assert sorted(titles(page)) == ["first", "second"]
    assert "Deleted" not in texts(page)

    page.button(key="delete-first").click().run()
    page.button(key="delete-second").click().run()
    assert "Deleted second." in texts(page)
    assert "Deleted first." not in texts(page)
    assert list_runs(trainer.root)[0] == []


def test_a_run_that_another_process_writes_is_not_deleted(new_run: NewRun) -> None:
    run = new_run()
    page = show()
    held = open_run(run.path)
    held.acquire_lock()
    try:
        page.button(key="delete-first").click().run()
    finally:
        held.lock.release()
    assert "first is being written" in texts(page)
    assert titles(page) == ["first"]


def test_downloads_are_made_only_when_they_are_asked_for(
    new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(run: Run) -> bytes:
        raise AssertionError("packed before anyone asked")

    for name in ("export_run", "html_report", "history_csv", "history_parquet"):
        monkeypatch.setattr(f"dashboard.runs.downloads.{name}", refuse)
    new_run()
    assert [button.label for button in show().download_button] == [
        "Download ZIP",
        "Download report",
        "Download CSV",
        "Download Parquet",
    ]


def test_a_runs_zip_comes_in_and_anything_else_is_refused_in_words(
    new_run: NewRun, trainer: Trainer
) -> None:
    packed = export_run(new_run())
    page = show()
    page.file_uploader(key="import-0").set_value(("a.zip", packed, "application/zip")).run()
    assert not page.exception
    assert "Imported first-2." in texts(page)
    assert sorted(run.name for run in list_runs(trainer.root)[0]) == ["first", "first-2"]
    page.file_uploader(key="import-1").set_value(("[b].zip", b"PK", "application/zip")).run()
    assert "[b].zip could not be imported: This is not a readable ZIP file" in texts(page)
    assert len(page.error) == 1
    assert len(list_runs(trainer.root)[0]) == 2


# What the server allows.


def test_a_zip_is_refused_where_the_shelf_is_full(new_run: NewRun, trainer: Trainer) -> None:
    packed = export_run(new_run())
    trainer.limits = StorageLimits(max_runs=1)
    page = show()
    page.file_uploader(key="import-0").set_value(("a.zip", packed, "application/zip")).run()
    assert "a.zip could not be imported: This server keeps 1 run at most" in texts(page)
    assert [run.name for run in list_runs(trainer.root)[0]] == ["first"]


def test_a_zip_is_refused_where_it_does_not_fit(new_run: NewRun, trainer: Trainer) -> None:
    packed = export_run(new_run())
    used = measure(trainer.root).num_bytes
    trainer.limits = StorageLimits(max_disk_gb=(used + 100) / 10**9)
    page = show()
    page.file_uploader(key="import-0").set_value(("a.zip", packed, "application/zip")).run()
    assert "a.zip could not be imported: This run takes 0 MB, and there is room for" in texts(page)
    assert [run.name for run in list_runs(trainer.root)[0]] == ["first"]


def test_continuing_is_refused_in_words_where_the_disk_is_nearly_full(
    new_run: NewRun, trainer: Trainer, turned_to: list[str]
) -> None:
    new_run(epochs=10)
    trainer.limits = StorageLimits(min_free_bytes=10**18)
    page = show()
    page.button(key="continue-first").click().run()
    assert re.search(r"Only [\d,.]+ [MG]B are free on the disk of the runs", texts(page))
    assert turned_to == []


def test_a_page_does_not_measure_the_folder(
    new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_run()

    def refuse(root: Path) -> NoReturn:
        raise AssertionError("measured before anyone asked")

    monkeypatch.setattr("dashboard.state.storage_limits.measure", refuse)
    show()


def test_the_trash_can_be_emptied_and_is_offered_only_when_there_is_something_in_it(
    new_run: NewRun, trainer: Trainer
) -> None:
    new_run()
    page = show()
    assert "clear-trash" not in {button.key for button in page.button}
    page.button(key="delete-first").click().run()
    assert "The deleted run takes room on the disk until a week has passed." in texts(page)
    page.button(key="clear-trash").click().run()
    assert list_deleted_runs(trainer.root) == []
    assert "The trash is empty, which frees 0 MB." in texts(page)
    assert measure(trainer.root).num_bytes == 0
    assert {"clear-trash", "undo"}.isdisjoint(button.key for button in page.button)


# What is read only once.


def test_history_and_pictures_are_read_again_only_when_they_changed(
    new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run()
    first = run_summary.read_thumbnail(run)
    assert first is not None
    assert (first.size, first.step) == ((4 * 30 - 2, 2 * 30 - 2), 26)  # 6 digits in rows of 4.
    assert run_summary.read_thumbnail(open_run(run.path)) is first

    reads: list[str] = []
    read_last_step = History.read_last_step

    def counted(self: History) -> StepReport | None:
        reads.append(self.path.parent.name)
        return read_last_step(self)

    monkeypatch.setattr(History, "read_last_step", counted)
    run.write(step_report(27, generator_loss=4.0, epoch=2, seconds=70.0))
    for _ in range(3):
        entry = run_summary.read_summary(open_run(run.path), Snapshot())
    assert entry.last is not None
    assert entry.last.generator_loss == 4.0
    assert reads == ["first"]


def test_the_closest_preset_is_the_one_with_fewest_changes() -> None:
    assert find_closest_preset(TrainingConfig()) == ("fast", {})
    assert find_closest_preset(TrainingConfig.preset("classic", seed=3)) == (
        "classic",
        {"seed": "3"},
    )
    changed = TrainingConfig.create(generator_filters=(8, 4), beta_1=0.25)
    assert find_closest_preset(changed) == (
        "fast",
        {"beta_1": "0.25", "generator channels": "8/4"},
    )
