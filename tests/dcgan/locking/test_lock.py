"""Locks of runs, pins and labels hold across threads and processes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from dcgan.errors import DiskWriteError, InUseError, RunError
from dcgan.locking import heartbeat
from dcgan.locking.holder import Holder
from dcgan.locking.lock import FolderLock, editing
from dcgan.reports import EventReport
from dcgan.runs.library import delete_run, restore_run
from dcgan.runs.pins import Pin, add_pins, get_pins_path, read_pins
from dcgan.runs.run_folder import Run, open_run
from tests.dcgan.locking.machines import REPOSITORY, age_heartbeat, hold_run
from tests.disk_errors import raise_disk_full

pytestmark = pytest.mark.usefixtures("no_included_run", "quick_heartbeat")


# Processes of one machine


def test_a_process_holds_a_run_until_it_is_killed(run: Run) -> None:
    with hold_run(run, os.uname().nodename) as other:
        assert open_run(run.path).read_status().state == "running"
        with pytest.raises(InUseError, match=f"by process {other.process.pid} on "):
            run.acquire_lock()
        other.process.kill()
        os.waitid(os.P_PID, other.process.pid, os.WEXITED | os.WNOWAIT)  # Dead, but not reaped.
        assert open_run(run.path).read_status().state == "interrupted"
        run.acquire_lock()
        run.lock.release()


def test_reading_the_holder_takes_no_lock_and_writes_no_file(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.write_status("running", step=4)
    (run.path / ".lock").unlink()
    before = sorted(run.path.rglob("*"))

    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("reading the status took the lock")

    monkeypatch.setattr(FileLock, "acquire", refuse)
    assert open_run(run.path).read_status().state == "interrupted"
    assert not open_run(run.path).lock.is_held()
    assert sorted(run.path.rglob("*")) == before


@pytest.mark.parametrize("content", [b"", b"{", b"\xff" * 50, b'{"token": 1}', b"[]", b"0" * 9999])
def test_a_damaged_holder_file_keeps_the_lock_for_a_minute(
    run: Run, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    (run.path / ".holder").write_bytes(content)
    with pytest.raises(InUseError, match="first is being written by another process"):
        run.acquire_lock()
    age_heartbeat(run, 61)
    monkeypatch.setattr(heartbeat, "_observed", {})
    run.acquire_lock()
    run.lock.release()


def test_the_heartbeat_continues_while_the_disk_is_full(
    run: Run, beats: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.acquire_lock()

    monkeypatch.setattr("dcgan.files.whole_files.os.fsync", raise_disk_full)
    with pytest.raises(DiskWriteError, match="No space left"):
        run.write_status("running")
    beats.clear()
    assert beats.wait(30)
    assert open_run(run.path).lock.is_held()
    run.lock.release()


def test_a_lock_that_the_disk_refuses_leaves_no_holder(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Holder, "model_dump_json", raise_disk_full)
    with pytest.raises(DiskWriteError, match="No space left"):
        run.acquire_lock()
    assert not run.lock.is_held()
    monkeypatch.undo()
    run.acquire_lock()
    run.lock.release()


def test_the_faster_of_two_machines_that_start_at_once_gets_the_run(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete_dead = heartbeat._delete_dead

    def delete_after_another_machine(dead: heartbeat.HolderFile) -> None:
        other = dead.holder.model_copy(
            update={"token": "another", "host": "host-a", "is_released": False}
        )
        dead.path.write_text(other.model_dump_json(), encoding="utf-8")
        delete_dead(dead)

    monkeypatch.setattr(heartbeat, "_delete_dead", delete_after_another_machine)
    with pytest.raises(InUseError, match="on host-a since"):
        run.acquire_lock()
    assert run.lock.is_held()


@pytest.mark.parametrize("content", [b"", b"{"])
def test_a_holder_repairs_its_damaged_holder_file(
    run: Run, beats: threading.Event, content: bytes
) -> None:
    run.acquire_lock()
    (run.path / ".holder").write_bytes(content)
    run.write_status("running", step=4)
    beats.clear()
    assert beats.wait(30)  # A heartbeat follows the repair of the file.
    holder = run.lock.read_holder()
    assert holder is not None
    assert holder.pid == os.getpid()
    run.lock.release()


def test_a_holder_restores_its_deleted_holder_file(run: Run, beats: threading.Event) -> None:
    run.acquire_lock()
    (run.path / ".holder").unlink()
    run.write_status("running")
    beats.clear()
    assert beats.wait(30)  # A heartbeat follows the repair of the file.
    assert run.lock.is_held()
    run.lock.release()
    assert not run.lock.is_held()


def test_a_garbage_collected_lock_is_released(run: Run) -> None:
    abandoned = FolderLock(run.path / ".lock")
    abandoned.acquire()
    assert run.lock.is_held()
    del abandoned
    assert not run.lock.is_held()


def test_acquiring_the_lock_reloads_the_settings(run: Run) -> None:
    before = open_run(run.path)
    run.acquire_lock()
    run.change_config(run.config.replace(epochs=77))
    run.lock.release()
    before.acquire_lock()
    assert before.config.epochs == 77
    before.lock.release()


# Pins, names and deletion


def test_processes_that_save_pins_at_once_lose_none(run: Run) -> None:
    path = get_pins_path(run, run.path.parent)
    code = (
        "import sys; from pathlib import Path; from dcgan.runs.pins import Pin, add_pins\n"
        "for index in range(10):\n"
        "    add_pins(Path(sys.argv[1]), 2, [Pin(name=f'{sys.argv[2]} {index}', z=(0, index))])"
    )
    arguments = [sys.executable, "-c", code, str(path)]
    processes = [subprocess.Popen([*arguments, name], cwd=REPOSITORY) for name in ("a", "b")]
    assert [process.wait(timeout=120) for process in processes] == [0, 0]
    assert sorted(pin.name for pin in read_pins(path, 2)) == sorted(
        f"{name} {index}" for name in ("a", "b") for index in range(10)
    )


def test_editing_waits_for_another_process_and_names_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = get_pins_path(run, run.path.parent)
    lock = FolderLock(path.with_name(".pins.json.lock"))
    acquire = FolderLock.acquire

    def acquire_at_once(self: FolderLock, *, take_over: bool = False, wait: float = 0.0) -> None:
        acquire(self, take_over=take_over, wait=0.0)

    monkeypatch.setattr(FolderLock, "acquire", acquire_at_once)
    with lock.held(), pytest.raises(InUseError, match=r"pins.json is being written by process"):
        add_pins(path, 2, [Pin(name="a", z=(0, 1))])
    add_pins(path, 2, [Pin(name="a", z=(0, 1))])
    assert len(read_pins(path, 2)) == 1


def test_a_run_cannot_be_locked_while_it_is_deleted(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename, refusals = Path.rename, []

    def refuse_others_then_rename(path: Path, target: Path) -> Path:
        if path == run.path:
            with pytest.raises(InUseError, match="first is being written") as refusal:
                open_run(path).acquire_lock()
            refusals.append(refusal)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse_others_then_rename)
    trashed = delete_run(run)
    assert len(refusals) == 1
    monkeypatch.undo()
    restored = restore_run(trashed)
    assert not restored.lock.is_held()
    restored.acquire_lock()
    restored.lock.release()


def test_a_run_that_could_not_be_deleted_is_free_again(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if path == run.path:
            raise PermissionError(13, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(DiskWriteError, match="Permission denied"):
        delete_run(run)
    assert not run.lock.is_held()


def test_acquiring_the_lock_of_a_moved_folder_creates_no_new_folder(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    acquire = FileLock.acquire

    def move_first(self: FileLock, timeout: float) -> object:
        run.path.rename(run.path.with_name("second"))
        return acquire(self, timeout=timeout)

    monkeypatch.setattr(FileLock, "acquire", move_first)
    with pytest.raises(DiskWriteError, match="was moved or deleted"):
        run.acquire_lock()
    assert not run.path.exists()


@pytest.mark.parametrize(
    "act",
    [
        lambda run: run.write_label("name", "note"),
        lambda run: add_pins(get_pins_path(run, run.path.parent), 2, [Pin(name="a", z=(0, 1))]),
    ],
)
def test_a_deleted_run_accepts_no_title_and_no_pin(run: Run, act: Callable[[Run], None]) -> None:
    trashed = delete_run(run)
    with pytest.raises(RunError, match="first is no longer there"):
        act(run)
    assert not run.path.exists()
    assert trashed.is_dir()


def test_writing_to_a_run_that_was_not_taken_over_succeeds(run: Run) -> None:
    run.acquire_lock()
    run.write(EventReport(4, 1, 0.5, "changed", "Label smoothing 0.1 → 0."))
    assert len(run.history.read_events()) == 1
    run.lock.release()


def test_editing_creates_the_folder_of_its_file(tmp_path: Path) -> None:
    with editing(tmp_path / "new" / "list.json"):
        assert (tmp_path / "new").is_dir()
