"""Branches: the run that they start from is unchanged, and a failed branch leaves no files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dcgan import installation
from dcgan.errors import DCGANError, RunError
from dcgan.runs.copying import branch_run
from dcgan.runs.run_folder import Run, open_run
from tests.dcgan.runs.examples import read_files, sample_report
from tests.disk_errors import raise_disk_full
from tests.reports import step_report

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_the_included_run_is_continued_only_as_a_branch(
    new_run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    included = new_run("included", 2, 4, 14)
    for step in (1, 4, 6, 14):
        included.write(step_report(step))
        included.write(sample_report(step))
    monkeypatch.setattr(installation, "INCLUDED_RUN", included.path)
    before = read_files(included.path)
    attempts: tuple[Callable[[], None], ...] = (
        lambda: included.acquire_lock(),
        lambda: included.write_label("mine", ""),
    )
    for attempt in attempts:
        with pytest.raises(RunError, match="included comes with the program and stays as it is"):
            attempt()
    branch = branch_run(included, tmp_path / "mine", 4)
    assert branch.parent == "included"
    assert branch.lock.is_held()
    assert not branch.is_read_only
    assert branch.checkpoints.list_steps() == [4]
    assert [report.step for report in branch.history.read_steps()] == [1, 4]
    assert branch.samples.list_steps() == [1, 4]
    branch.lock.release()
    again = open_run(branch.path)
    assert (again.read_status().state, again.read_status().step, again.read_status().epoch) == (
        "stopped",
        4,
        1,
    )
    newest = branch_run(included, tmp_path / "mine")
    assert (
        newest.read_status().step,
        newest.read_status().epoch,
        newest.read_status().seconds,
    ) == (14, 2, 1.75)
    newest.lock.release()
    assert read_files(included.path) == before


def test_a_branch_that_cannot_be_written_leaves_nothing(
    new_run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run("first", 2, 4)
    with pytest.raises(RunError, match="no checkpoint of step 3"):
        branch_run(run, tmp_path / "mine", 3)
    assert not (tmp_path / "mine").exists()
    monkeypatch.setattr(os, "fsync", raise_disk_full)
    with pytest.raises(RunError, match="No space left on device"):
        branch_run(run, tmp_path / "mine", 4)
    assert list((tmp_path / "mine").iterdir()) == []


def test_every_error_of_a_run_is_shown_to_people() -> None:
    assert issubclass(RunError, DCGANError)
