"""A disk that refuses to write during training."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import IO, cast

import pytest

from dcgan.errors import (
    RunError,
)
from dcgan.model.gan import DCGAN
from dcgan.recording.changes import change_settings
from dcgan.recording.rollback import roll_back
from dcgan.runs.run_folder import open_run
from tests.disk_errors import raise_disk_full
from tests.fake_training import (
    Recorded,
    train_five_steps,
)

pytestmark = pytest.mark.usefixtures("no_included_run")


@pytest.mark.parametrize("way_out", ["goes on", "is closed"])
def test_a_full_disk_is_reported_and_the_last_checkpoint_stays(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch, way_out: str
) -> None:
    run, _, reports = recorded(train_five_steps)
    next(reports)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", raise_disk_full)
        with pytest.raises(RunError, match="No space left on device; free some space"):
            list(reports) if way_out == "goes on" else reports.close()
    assert not run.lock.is_held()
    assert run.read_status().state == "interrupted"  # No other status could be written.
    assert run.checkpoints.list_steps() == [0]
    assert [path.name for path in run.path.rglob("*.tmp")] == []


def test_with_retries_a_full_disk_only_delays(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals: list[str] = []
    with monkeypatch.context() as patch:

        def make_room(error: RunError) -> bool:
            refusals.append(str(error))
            if len(refusals) == 3:
                patch.undo()
                monkeypatch.setattr(os, "fsync", lambda file: None)
            return True

        run, _, reports = recorded(train_five_steps, make_room)
        next(reports)
        patch.setattr(os, "fsync", raise_disk_full)
        list(reports)
    assert len(refusals) == 3
    assert "No space left on device; free some space" in refusals[0]
    assert (run.read_status().state, run.checkpoints.list_steps()) == ("finished", [0, 5])
    assert [report.step for report in run.history.read_steps()] == [1, 2, 3, 4, 5]


def test_a_stop_while_the_disk_is_full_saves_if_there_is_room_by_then(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:

        def make_room_and_stop(error: RunError) -> bool:
            patch.undo()
            monkeypatch.setattr(os, "fsync", lambda file: None)
            return False

        run, _, reports = recorded(train_five_steps, make_room_and_stop)
        next(reports)
        patch.setattr(os, "fsync", raise_disk_full)
        list(reports)
    assert (run.read_status().state, run.checkpoints.list_steps()) == ("finished", [0, 5])


def test_a_partly_written_line_of_history_is_removed(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    class HalfWritingFile(io.FileIO):
        """Writes the first half of what it gets, as at the end of a full disk."""

        def write(self, data: bytes) -> int:  # type: ignore[override]
            return super().write(data[: len(data) // 2])

    patch, open_file = pytest.MonkeyPatch(), Path.open

    def open_on_full_disk(path: Path, mode: str, *, buffering: int = -1) -> IO[bytes]:
        return HalfWritingFile(path, "a") if mode == "ab" else open_file(path, mode, buffering)

    def make_room(error: RunError) -> bool:
        patch.undo()
        return True

    run, _, reports = recorded(train_five_steps, make_room)
    next(reports)
    next(reports)
    patch.setattr(Path, "open", open_on_full_disk)
    next(reports)
    assert [report.step for report in run.history.read_steps()] == [1, 2]
    assert len((run.path / "history.jsonl").read_bytes().splitlines()) == 2
    reports.close()


def test_a_full_disk_refuses_a_change_and_a_rollback_without_effect(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, gan, reports = recorded(train_five_steps)
    next(reports)
    next(reports)
    before = run.config
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", raise_disk_full)
        with pytest.raises(RunError, match="No space left"):
            change_settings(run, cast("DCGAN", gan), {"evaluate_every": 7})
        with pytest.raises(RunError, match="No space left"):
            roll_back(run, cast("DCGAN", gan), 0)
    assert run.config is before
    assert open_run(run.path).config == before
    assert (gan.step, run.checkpoints.list_steps()) == (1, [0])
    reports.close()


def test_a_checkpoint_that_is_too_large_is_not_retried(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dcgan.runs.checkpoints.MAX_BYTES", 10)
    retried: list[RunError] = []

    def retry(error: RunError) -> bool:
        retried.append(error)
        return True

    _, _, reports = recorded(train_five_steps, retry)
    with pytest.raises(RunError, match="lower the channels"):
        next(reports)
    assert retried == []


def test_a_last_checkpoint_is_saved_though_history_cannot_be_written(recorded: Recorded) -> None:
    run, _, reports = recorded(train_five_steps)
    next(reports)
    next(reports)
    (run.path / "history.jsonl").unlink()
    (run.path / "history.jsonl").mkdir()
    with pytest.raises(RunError, match=r"cannot write to .*: Is a directory"):
        list(reports)
    assert (run.read_status().state, run.checkpoints.list_steps()) == ("failed", [0, 2])
    assert "cannot write to" in run.read_status().message
