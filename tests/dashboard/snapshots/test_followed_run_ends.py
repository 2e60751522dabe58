"""The snapshot of another process's run after the run has ended, or while it is unreadable."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from dcgan.runs.run_folder import Run
from tests.dashboard.snapshots.manual_external_runs import ManualExternalRuns
from tests.reports import step_report


@pytest.mark.parametrize("ending", ["finished", "stopped", "failed"])
def test_an_ended_run_leaves_the_list_and_keeps_its_last_step(
    begin_run: Callable[..., Run], tmp_path: Path, ending: str
) -> None:
    run, external = begin_run(), ManualExternalRuns(tmp_path)
    run.write(step_report(5))
    assert external.read().phase == "running"
    assert external.list_names() == ["first"]
    run.write_status(ending, step=5, message="why" if ending == "failed" else "")  # type: ignore[arg-type]
    run.lock.release()
    snapshot = external.read()
    assert (snapshot.phase, snapshot.step) == (ending, 5)
    assert snapshot.message == ("why" if ending == "failed" else "")
    assert snapshot.machine == os.uname().nodename  # It trained the run.
    assert external.list_names() == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL.")
def test_the_run_of_a_killed_process_is_interrupted(
    begin_run: Callable[..., Run], tmp_path: Path
) -> None:
    run, external = begin_run(), ManualExternalRuns(tmp_path)
    run.write(step_report(5))
    run.lock.release()
    code = (
        "import sys; from pathlib import Path; from dcgan.runs.run_folder import open_run\n"
        "run = open_run(Path(sys.argv[1])); run.acquire_lock()\n"
        "run.write_status('running', step=5)\n"
        "print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(run.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert external.read().phase == "running"
        process.kill()
        process.wait()
    snapshot = external.read()
    assert (snapshot.phase, snapshot.step, snapshot.is_active) == ("interrupted", 5, False)


def test_a_deleted_run_is_interrupted_with_a_message_and_keeps_its_last_step(
    begin_run: Callable[..., Run], tmp_path: Path
) -> None:
    run, external = begin_run(), ManualExternalRuns(tmp_path)
    run.write(step_report(5))
    assert external.read().phase == "running"
    run.lock.release()
    run.path.rename(tmp_path / ".trash")
    snapshot = external.read()
    assert (snapshot.phase, snapshot.step) == ("interrupted", 5)
    assert "first" in snapshot.message
    assert external.list_names() == []


def test_an_unreadable_disk_gives_a_message_and_keeps_what_was_read(
    begin_run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, external = begin_run(), ManualExternalRuns(tmp_path)
    run.write(step_report(5))
    assert external.read().step == 5

    def refuse(*args: object, **named: object) -> NoReturn:
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))

    with monkeypatch.context() as gone:
        gone.setattr("pathlib.Path.stat", refuse)
        gone.setattr("pathlib.Path.iterdir", refuse)
        snapshot = external.read()
        assert (snapshot.phase, snapshot.step) == ("running", 5)
        assert snapshot.message == (
            "The run's folder cannot be read (Stale file handle). The page shows what was read "
            "before; the server tries again."
        )
        assert "cannot be read (Stale file handle)" in external.observe().problem
        assert external.read() is snapshot
    run.write(step_report(6))
    snapshot = external.read()
    assert (snapshot.step, snapshot.message) == (6, "")
    assert external.observe().problem == ""


def test_a_read_that_fails_midway_is_repeated_in_full(
    begin_run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, external = begin_run(), ManualExternalRuns(tmp_path)
    run.write(step_report(5))
    assert external.read().step == 5
    run.write(step_report(6))
    stat = Path.stat

    def refuse_samples(path: Path, **named: bool) -> os.stat_result:
        if path.name == "samples":
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return stat(path, **named)

    with monkeypatch.context() as failing:
        failing.setattr("pathlib.Path.stat", refuse_samples)
        assert "cannot be read" in external.read().message
    assert external.read().step == 6
