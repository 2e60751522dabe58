"""What another process trains is read from the disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard.elsewhere import look_elsewhere
from dcgan import runs
from dcgan.config import TrainingConfig
from dcgan.datasets import ImageDataset
from dcgan.runs import Run
from tests.reports import step_report

NewRun = Callable[[str], Run]


@pytest.fixture
def begin(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> NewRun:
    """Return what begins a run, which is in training until it is given another status."""
    monkeypatch.setattr(os, "fsync", lambda file: None)
    monkeypatch.setattr(runs, "SHIPPED", tmp_path / "elsewhere" / "pretrained")

    def begin(name: str) -> Run:
        run = Run.create(tiny_config, tiny_dataset, path=tmp_path / "runs" / name)
        run.write(step_report(20))
        run.set_status("running", step=20)
        return run

    return begin


def test_a_run_is_shown_as_it_goes_on_and_stays_when_it_has_ended(
    begin: NewRun, tmp_path: Path
) -> None:
    root = tmp_path / "runs"
    assert look_elsewhere(root) is None
    run = begin("first")
    now = look_elsewhere(root)
    assert now is not None
    assert (now.phase, now.step, now.num_images) == ("running", 20, 200)
    run.write(step_report(40, seconds=5.0))
    run.set_status("paused", step=40)
    now = look_elsewhere(root, "first")
    assert now is not None
    assert (now.phase, now.step) == ("paused", 40)
    run.set_status("finished", step=40)
    run.release()
    now = look_elsewhere(root, "first")
    assert now is not None
    assert (now.phase, now.is_active) == ("finished", False)
    assert look_elsewhere(root) is None  # Who comes later sees what is trained, not what was.


def test_the_run_in_training_comes_before_the_one_that_was_shown(
    begin: NewRun, tmp_path: Path
) -> None:
    first = begin("first")
    first.set_status("finished", step=20)
    first.release()
    second = begin("second")
    now = look_elsewhere(tmp_path / "runs", "first")
    assert now is not None
    assert now.run is not None
    assert now.run.path == second.path
    second.release()


def test_a_run_whose_process_is_gone_is_not_shown(begin: NewRun, tmp_path: Path) -> None:
    begin("first").release()
    assert look_elsewhere(tmp_path / "runs", "first") is None
