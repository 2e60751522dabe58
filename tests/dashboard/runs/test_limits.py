"""The Runs page under the limits of the server, and the trash."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NoReturn

import pytest

from dashboard.process.storage_limits import StorageLimits, measure_usage
from dashboard.state.trainer import Trainer
from dcgan.export.archive import export_run
from dcgan.runs.library import list_deleted_runs, list_runs
from tests.dashboard.conftest import NewRun
from tests.dashboard.rendering import read_texts
from tests.dashboard.runs.runs_page import show_runs_page

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_a_zip_is_refused_above_the_number_of_runs(new_run: NewRun, trainer: Trainer) -> None:
    packed = export_run(new_run())
    trainer.limits = StorageLimits(max_runs=1)
    page = show_runs_page()
    page.file_uploader(key="import-0").set_value(("a.zip", packed, "application/zip")).run()
    assert "a.zip could not be imported: This server keeps 1 run" in read_texts(page)
    assert [run.name for run in list_runs(trainer.root)[0]] == ["first"]


def test_a_zip_is_refused_above_the_disk_limit(new_run: NewRun, trainer: Trainer) -> None:
    packed = export_run(new_run())
    used = measure_usage(trainer.root).num_bytes
    trainer.limits = StorageLimits(max_disk_gb=(used + 100) / 10**9)
    page = show_runs_page()
    page.file_uploader(key="import-0").set_value(("a.zip", packed, "application/zip")).run()
    assert "a.zip could not be imported: This run takes 0 MB, but only " in read_texts(page)
    assert [run.name for run in list_runs(trainer.root)[0]] == ["first"]


def test_continuing_is_refused_while_the_disk_is_nearly_full(
    new_run: NewRun, trainer: Trainer, visited_pages: list[str]
) -> None:
    new_run(epochs=10)
    trainer.limits = StorageLimits(min_free_bytes=10**18)
    page = show_runs_page()
    page.button(key="continue-first").click().run()
    assert re.search(r"Only [\d,.]+ [MG]B are free on the disk of the runs", read_texts(page))
    assert visited_pages == []


def test_rendering_does_not_measure_the_folder(
    new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_run()

    def refuse(root: Path) -> NoReturn:
        raise AssertionError("measured before anyone asked")

    monkeypatch.setattr("dashboard.process.storage_limits.measure_usage", refuse)
    show_runs_page()


def test_the_trash_can_be_emptied_and_is_shown_only_with_deleted_runs(
    new_run: NewRun, trainer: Trainer
) -> None:
    new_run()
    page = show_runs_page()
    assert "clear-trash" not in {button.key for button in page.button}
    page.button(key="delete-first").click().run()
    assert (
        "The deleted run takes room on the disk. Deleted runs are removed after a week."
        in read_texts(page)
    )
    page.button(key="clear-trash").click().run()
    assert list_deleted_runs(trainer.root) == []
    assert "The trash is empty, which frees 0 MB." in read_texts(page)
    assert measure_usage(trainer.root).num_bytes == 0
    assert {"clear-trash", "undo"}.isdisjoint(button.key for button in page.button)
