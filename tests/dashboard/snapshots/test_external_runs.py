"""The list of the runs that other processes train, and the thread that reads them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from dashboard.snapshots.external_runs import ExternalRuns
from dashboard.snapshots.snapshot import Snapshot
from dcgan.runs.run_folder import Run
from tests.dashboard.snapshots.manual_external_runs import ManualClock, ManualExternalRuns
from tests.reports import step_report


def test_active_runs_are_listed_newest_first(begin_run: Callable[..., Run], tmp_path: Path) -> None:
    external = ManualExternalRuns(tmp_path)
    assert external.list_names() == []
    runs = [begin_run(name) for name in ("a", "b", "c")]
    for run, created in zip(runs, ("2026-01-02", "2026-01-03", "2026-01-01"), strict=True):
        run.created = f"{created}T00:00:00+00:00"
        run.change_config(run.config)
    (tmp_path / "no-run").mkdir()
    assert external.list_names() == ["b", "a", "c"]
    runs[1].write_status("paused")
    assert external.list_names() == ["b", "a", "c"]
    runs[1].write_status("finished")
    assert external.list_names() == ["a", "c"]
    for run in runs:
        run.lock.release()
    assert external.list_names() == []


def test_the_run_of_this_process_is_not_listed(
    begin_run: Callable[..., Run], tmp_path: Path
) -> None:
    run = begin_run()
    own = Snapshot(phase="preparing")  # Its folder exists before the trainer's snapshot names it.
    external = ManualExternalRuns(tmp_path, lambda: own)
    assert external.list_names() == []
    own = Snapshot(phase="running", run=run)
    assert external.list_names() == []
    own = Snapshot(phase="stopped", run=run)  # Another process continues it.
    assert external.list_names() == ["first"]


@pytest.mark.parametrize("name", ["../first", "..", ".", ".trash", "a/b"])
def test_a_name_that_is_no_folder_under_the_root_is_not_followed(tmp_path: Path, name: str) -> None:
    external = ManualExternalRuns(tmp_path)
    assert external.observe(name).snapshot is None
    assert external._followed == {}


def test_a_run_that_had_ended_is_not_opened_again(
    begin_run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, external = begin_run(), ManualExternalRuns(tmp_path)
    run.write_status("finished")
    run.lock.release()
    assert external.list_names() == []

    def refuse(path: Path) -> NoReturn:
        raise AssertionError(f"{path} was read")

    monkeypatch.setattr("dashboard.snapshots.active_runs.open_run", refuse)
    assert external.list_names() == []


def test_one_thread_serves_all_tabs_and_the_first_observation_is_complete(
    begin_run: Callable[..., Run], tmp_path: Path
) -> None:
    run = begin_run()
    run.write(step_report(5))
    external = ExternalRuns(tmp_path, Snapshot)
    assert external._thread is None  # Nobody watches.
    assert [other.name for other in external.observe().runs] == ["first"]
    thread = external._thread
    first, second = external.observe("first").snapshot, external.observe("first").snapshot
    assert first is not None
    assert first.step == 5
    assert second is first
    assert external._thread is thread


def test_the_thread_ends_when_nobody_watches(tmp_path: Path) -> None:
    clock = ManualClock()
    external = ExternalRuns(tmp_path, Snapshot, clock)
    external.observe()
    thread = external._thread
    assert thread is not None
    clock.now += 31
    thread.join(30)
    assert not thread.is_alive()


def test_an_unknown_name_has_no_snapshot(tmp_path: Path) -> None:
    external = ManualExternalRuns(tmp_path)
    assert external.observe("../../etc").snapshot is None
    version = external.get_version("nothing of the kind")
    assert external.get_version("nothing of the kind") == version
    assert "nothing of the kind" not in external._followed


def test_an_included_run_is_found_in_its_own_folder(
    begin_run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    included = begin_run("included")
    monkeypatch.setattr("dcgan.runs.run_folder.INCLUDED_RUN", included.path)
    snapshot = ManualExternalRuns(tmp_path / "elsewhere").observe("included").snapshot
    assert snapshot is not None
    assert snapshot.run is not None
    assert snapshot.run.path == included.path
