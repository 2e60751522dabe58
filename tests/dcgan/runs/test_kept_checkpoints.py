"""A run keeps the right checkpoints and loads the newest good one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from dcgan.errors import RunError
from dcgan.runs.run_folder import Run
from tests.dcgan.runs.examples import make_state
from tests.reports import evaluation_report
from tests.tiny_sizes import STEPS_PER_EPOCH

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_the_newest_checkpoints_and_the_ends_of_epochs_1_2_4_8_are_kept(
    new_run: Callable[..., Run],
) -> None:
    run = new_run("first", keep_checkpoints=2)
    for step in range(0, 9 * STEPS_PER_EPOCH + 1):
        run.save_checkpoint(make_state(step))
    assert run.checkpoints.list_steps() == [13, 26, 52, 104, 116, 117]


def test_the_best_checkpoint_by_the_metric_of_an_older_version_is_kept(
    new_run: Callable[..., Run],
) -> None:
    run = new_run("first", keep_checkpoints=1)
    for step, distance in ((2, 9.0), (3, 5.0), (4, 7.0)):
        run.write(evaluation_report(step, distance))
        run.save_checkpoint(make_state(step))
    for step, distance in ((5, 300.0), (6, 400.0), (7, 500.0)):
        report = evaluation_report(step, distance)
        sliced = {**report.metrics, "sliced_wasserstein": distance}
        run.write(replace(report, metrics=sliced))
        run.save_checkpoint(make_state(step))
    assert run.checkpoints.list_steps() == [3, 5, 7]


def test_a_step_without_a_checkpoint_is_refused_with_the_steps_that_have_one(
    new_run: Callable[..., Run],
) -> None:
    with pytest.raises(RunError, match="first has no checkpoint yet"):
        new_run().checkpoints.load()
    run = new_run("second", 2, 4)
    with pytest.raises(RunError, match="second has no checkpoint of step 3; it has 2, 4"):
        run.checkpoints.load(3)


def test_the_newest_readable_checkpoint_is_used_and_logged(
    new_run: Callable[..., Run], caplog: pytest.LogCaptureFixture
) -> None:
    run = new_run("first", 2, 4, 6)
    damaged = run.path / "checkpoints" / "step-00000006.npz"
    damaged.write_bytes(damaged.read_bytes()[:-40])
    assert int(run.checkpoints.load()["step"]) == 4
    assert caplog.messages == [
        "first: the checkpoint of step 6 is damaged; using the one of step 4."
    ]
    with pytest.raises(RunError, match=r"step 6 is damaged; use another one \(2, 4\)"):
        run.checkpoints.load(6)
    for step in (2, 4):
        (run.path / "checkpoints" / f"step-{step:08}.npz").write_bytes(b"")
    with pytest.raises(RunError, match="first: all its checkpoints are damaged; start a new run"):
        run.checkpoints.load()


def test_a_newest_checkpoint_that_may_be_good_is_not_skipped(
    new_run: Callable[..., Run],
) -> None:
    run = new_run("first", 2, 4)
    newest = run.path / "checkpoints" / "step-00000004.npz"
    with newest.open("wb") as file:
        np.savez(file, format=np.array(2))  # As a newer program may write it.
    with pytest.raises(RunError, match="this program reads up to 1, so update it"):
        run.checkpoints.load()


def test_loading_retries_when_a_save_deletes_the_checkpoint(
    new_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run("first", 2, keep_checkpoints=1)

    read = run.checkpoints.read

    def save_first(step: int) -> dict[str, np.ndarray]:
        monkeypatch.setattr(run.checkpoints, "read", read)
        run.save_checkpoint(make_state(4))
        return read(step)

    monkeypatch.setattr(run.checkpoints, "read", save_first)
    assert int(run.checkpoints.load()["step"]) == 4
    assert run.checkpoints.list_steps() == [4]
