"""The list of the runs that other processes train, and the thread that reads them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import pytest

from dashboard.snapshots.external_runs import ExternalRuns
from dashboard.snapshots.snapshot import Snapshot
from dcgan.installation import list_included_runs
from dcgan.runs.run_folder import Run
from tests.dashboard.snapshots.manual_external_runs import ManualClock, ManualExternalRuns
from tests.reports import step_report

UNWATCHED_SECONDS = 31.0  # A run that no tab asks for in 30 s has no watcher.


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[threading.Thread]:
    """Return the reading threads that start during a test."""
    started: list[threading.Thread] = []

    class RecordedThread(threading.Thread):
        def start(self) -> None:
            if self.name == "external-runs":
                started.append(self)
            super().start()

    monkeypatch.setattr(threading, "Thread", RecordedThread)
    return started


@pytest.fixture
def nothing_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse to read the folder of any run."""

    def refuse(folder: Path) -> NoReturn:
        raise AssertionError(f"{folder} would be read")

    monkeypatch.setattr("dashboard.snapshots.external_runs.FollowedRun", refuse)


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


@pytest.mark.usefixtures("nothing_is_followed")
@pytest.mark.parametrize("name", ["../first", "../../etc", "..", ".", ".trash", "a/b"])
def test_a_name_that_is_no_folder_under_the_root_is_not_followed(tmp_path: Path, name: str) -> None:
    assert ManualExternalRuns(tmp_path).observe(name).snapshot is None


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
    begin_run: Callable[..., Run], tmp_path: Path, threads: list[threading.Thread]
) -> None:
    run, clock = begin_run(), ManualClock()
    run.write(step_report(5))
    external = ExternalRuns(tmp_path, Snapshot, clock)
    assert threads == []  # Nobody watches.
    assert [other.name for other in external.observe().runs] == ["first"]
    first, second = external.observe("first").snapshot, external.observe("first").snapshot
    assert first is not None
    assert first.step == 5
    assert second is first
    [thread] = threads
    clock.now += UNWATCHED_SECONDS
    thread.join(30)


def test_the_thread_ends_when_nobody_watches(
    tmp_path: Path, threads: list[threading.Thread]
) -> None:
    clock = ManualClock()
    external = ExternalRuns(tmp_path, Snapshot, clock)
    external.observe()
    [thread] = threads
    clock.now += UNWATCHED_SECONDS
    thread.join(30)
    assert not thread.is_alive()


@pytest.mark.usefixtures("nothing_is_followed")
def test_asking_for_the_version_of_a_name_does_not_follow_it(tmp_path: Path) -> None:
    external = ManualExternalRuns(tmp_path)
    assert external.get_version("unknown") == external.get_version("unknown")


def test_an_included_run_is_found_in_its_own_folder(
    begin_run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    included = begin_run("included")
    monkeypatch.setattr("dcgan.installation.INCLUDED_RUN", included.path)
    snapshot = ManualExternalRuns(tmp_path / "elsewhere").observe("included").snapshot
    assert snapshot is not None
    assert snapshot.run is not None
    assert snapshot.run.path == included.path


def test_the_version_does_not_wait_while_a_folder_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: list[threading.Thread]
) -> None:
    is_looking, is_disk_back = threading.Event(), threading.Event()

    def hang() -> tuple[Path, ...]:
        is_looking.set()
        is_disk_back.wait(60)
        return list_included_runs()

    monkeypatch.setattr("dashboard.snapshots.external_runs.list_included_runs", hang)
    clock = ManualClock()
    external = ExternalRuns(tmp_path, Snapshot, clock)
    with ThreadPoolExecutor() as pool:
        try:
            observed = pool.submit(external.observe, "elsewhere")
            assert is_looking.wait(30)
            assert pool.submit(external.get_version, "elsewhere").result(10) == "0.0"
        finally:
            is_disk_back.set()
        assert observed.result(30).snapshot is None
    clock.now += UNWATCHED_SECONDS
    for thread in threads:
        thread.join(30)


def test_a_folder_that_cannot_be_looked_for_is_looked_for_again(
    begin_run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_run()

    def fail() -> NoReturn:
        raise OSError("Input/output error")

    external = ManualExternalRuns(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr("dashboard.snapshots.external_runs.list_included_runs", fail)
        assert external.observe("first").snapshot is None
    assert external.read("first").step == 0


def test_a_run_that_replaces_another_in_its_folder_changes_the_list(
    begin_run: Callable[..., Run], tmp_path: Path
) -> None:
    run, external = begin_run(), ManualExternalRuns(tmp_path)
    assert external.list_names() == ["first"]
    version = external.get_version("")
    run.created = "2026-01-02T00:00:00+00:00"
    run.change_config(run.config)
    run.write_status("paused")
    assert external.list_names() == ["first"]
    assert external.get_version("") != version
    assert [listed.created for listed in external.observe().runs] == [run.created]
