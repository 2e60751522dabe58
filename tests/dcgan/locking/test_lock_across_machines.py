"""Locks hold across machines, whatever their clocks show."""

from __future__ import annotations

import errno
import json
import os
import time
from pathlib import Path

import pytest

from dcgan.errors import InUseError
from dcgan.locking import heartbeat
from dcgan.locking.holder import Holder
from dcgan.locking.lock import editing
from dcgan.runs.library import delete_run, restore_run
from dcgan.runs.pins import Pin, add_pins, get_pins_path, read_pins
from dcgan.runs.run_folder import Run, open_run
from tests.dcgan.locking.machines import BEAT_SECONDS, age_heartbeat, hold_run

pytestmark = pytest.mark.usefixtures("no_included_run", "quick_heartbeat")


# Two machines, one folder


def test_a_run_of_a_live_machine_stays_locked_even_if_the_clocks_differ(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "_WATCHED_BEATS", 30 / BEAT_SECONDS)
    now = time.time
    with hold_run(run, "host-a", "paused") as other:
        assert open_run(run.path).read_status().state == "paused"
        holder = run.lock.read_holder()
        assert holder is not None
        assert (holder.host, holder.pid) == ("host-a", other.process.pid)
        message = rf"first is being written by process {holder.pid} on host-a since \d{{4}}-"
        for minutes in (0, -5, 5):  # Before this process has seen its heartbeat.
            monkeypatch.setattr(time, "time", lambda minutes=minutes: now() + 60 * minutes)
            monkeypatch.setattr(heartbeat, "_observed", {})
            assert open_run(run.path).read_status().state == "paused"
        for minutes in (0, -10, 10, -600, 600):
            monkeypatch.setattr(time, "time", lambda minutes=minutes: now() + 60 * minutes)
            with pytest.raises(InUseError, match=message):
                run.acquire_lock()
            # By now this process has seen its heartbeat.
            assert open_run(run.path).read_status().state == "paused"
        with pytest.raises(InUseError, match=message):
            delete_run(run)
        assert other.write_status("running") == "written"


def test_a_machine_silent_for_minutes_keeps_its_lock_unless_a_person_takes_over(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hold_run(run, "host-a"):
        pass  # Killed.
    with pytest.raises(InUseError, match=r"host-a since .*If that machine is gone for good"):
        run.acquire_lock()
    assert open_run(run.path).read_status().state == "running"
    with monkeypatch.context() as later:  # The heartbeat has stood still since it was first seen.
        later.setattr(heartbeat, "SILENT_SECONDS", 0.0)
        assert open_run(run.path).read_status().state == "interrupted"
        run.acquire_lock()
        run.write_status("running", step=4)
        run.lock.release()
    with hold_run(run, "host-a"):
        pass
    run.acquire_lock(take_over=True)
    holder = run.lock.read_holder()
    assert holder is not None
    assert holder.pid == os.getpid()
    run.lock.release()
    assert not run.lock.is_held()


def leave_holder_file(run: Run, *, seconds_ago: float, **changes: object) -> None:
    """Leave the holder file of a process that has not released the run."""
    run.acquire_lock()
    content = json.loads((run.path / ".holder").read_text())
    run.lock.release()
    (run.path / ".holder").write_text(json.dumps(content | changes))
    run.write_status("running", step=4)
    age_heartbeat(run, seconds_ago)


@pytest.mark.parametrize(
    ("seconds_ago", "changes", "is_held"),
    [
        (100, {"host": "host-a"}, True),
        (-100, {"host": "host-a"}, True),
        (600, {"host": "host-a"}, False),
        (-600, {"host": "host-a"}, False),
        # After a restart of this machine the lock is free after 60 silent seconds.
        (10, {"boot": "another start"}, True),
        (61, {"boot": "another start"}, False),
        # A container of this machine was started again.
        (10, {"namespace": "pid:[1]"}, True),
        (61, {"namespace": "pid:[1]"}, False),
        # The process is dead; another may have its number.
        (0, {"pid": 2**22 + 1}, False),
        (0, {"started": 1}, False),
        # The same process: recent, so held. A copied or moved folder gets no heartbeats.
        (100, {}, True),
        (86_400, {}, False),
    ],
)
def test_a_holder_is_alive_by_its_process_or_its_heartbeat(
    run: Run, seconds_ago: float, changes: dict[str, object], is_held: bool
) -> None:
    leave_holder_file(run, seconds_ago=seconds_ago, **changes)
    assert run.lock.is_held() == is_held
    assert run.read_status().state == ("running" if is_held else "interrupted")
    if is_held and changes:
        with pytest.raises(InUseError, match="first is being written by process"):
            run.acquire_lock()
    else:
        run.acquire_lock()
        run.lock.release()
        assert not run.lock.is_held()


def test_a_machine_whose_run_was_taken_over_stops_writing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hold_run(run, "host-a") as other:
        run.acquire_lock(take_over=True)
        run.write_status("paused", step=9)
        answer = other.write_status("failed")
        assert answer.startswith(
            f"InUseError: first was taken over by process {os.getpid()} on {os.uname().nodename}"
        )
        assert (run.read_status().state, run.read_status().step) == ("paused", 9)
        # It no longer renews the heartbeat either.
        monkeypatch.setattr(os, "utime", lambda path: None)
        (run.path / ".holder").write_text((run.path / ".holder").read_text())
        before = (run.path / ".holder").stat().st_mtime_ns
        assert other.write_status("failed").startswith("InUseError")
        other.end()
        assert (run.path / ".holder").stat().st_mtime_ns == before
    # Its exit does not release the new holder's lock.
    assert run.lock.is_held()
    run.lock.release()


def test_a_machine_that_slept_during_a_take_over_stops_writing(run: Run) -> None:
    with hold_run(run, "host-a") as other:
        run.acquire_lock(take_over=True)
        run.write_status("finished", step=9)
        run.lock.release()
        assert other.write_status("failed").startswith(
            "InUseError: first was taken over by process"
        )
        assert (run.read_status().state, run.read_status().step) == ("finished", 9)


@pytest.mark.parametrize("has_hard_links", [True, False])
@pytest.mark.parametrize("has_third", [True, False])
def test_a_newer_holder_file_than_the_dead_one_stays_and_so_does_a_third_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_hard_links: bool, has_third: bool
) -> None:
    path, second, third = tmp_path / ".holder", '{"token": "second"}', '{"token": "third"}'
    path.write_text(second)
    read = heartbeat.read_holder_file

    def read_late(renamed: Path) -> heartbeat.HolderFile | None:
        if has_third:
            path.write_text(third)
        return read(renamed)

    def refuse_link(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(heartbeat, "read_holder_file", read_late)
    if not has_hard_links:
        monkeypatch.setattr(Path, "hardlink_to", refuse_link)
    dead = heartbeat.HolderFile(path, Holder(token="dead"), beat_ns=0)
    with pytest.raises(FileExistsError):
        heartbeat.Heartbeat(path, owner=read_late, dead=dead)
    assert path.read_text() == (third if has_third else second)
    assert list(tmp_path.iterdir()) == [path]


def test_deleting_a_run_removes_the_locks_of_its_pins(run: Run) -> None:
    path = get_pins_path(run, run.path.parent)
    with editing(path):
        trashed = delete_run(run)
    restored = restore_run(trashed)
    add_pins(get_pins_path(restored, run.path.parent), 2, [Pin(name="a", z=(0, 1))])
    assert len(read_pins(path, 2)) == 1


@pytest.mark.parametrize("name", ["", "host with spaces", "häuschen", "a" * 300, "x\ny"])
def test_a_machine_may_have_any_name(run: Run, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr("platform.node", lambda: name)
    run.acquire_lock()
    assert open_run(run.path).lock.is_held()
    with pytest.raises(InUseError, match="first is being written"):
        open_run(run.path).acquire_lock()
    run.lock.release()
    assert not run.lock.is_held()
