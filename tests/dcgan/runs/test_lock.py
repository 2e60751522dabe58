"""Locks hold across threads, processes and machines, whatever their clocks say."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import DiskWriteError, InUseError, RunError
from dcgan.reports import EventReport
from dcgan.runs import heartbeat, lock
from dcgan.runs.library import delete_run, restore_run
from dcgan.runs.lock import FolderLock, editing
from dcgan.runs.manifest import State
from dcgan.runs.pins import Pin, add_pins, pins_path, read_pins
from dcgan.runs.run_folder import Run, open_run

pytestmark = pytest.mark.usefixtures("no_shipped_run")


ROOT = Path(__file__).parents[3]
BEAT_SECONDS = 0.05

# A process of a machine of its own: the file lock of a shared disk is not seen by others there.
OTHER_MACHINE = f"""
import platform, sys
from pathlib import Path
from dcgan.runs import heartbeat, lock
from dcgan.runs.run_folder import open_run

class Unseen(lock.FileLock):
    def __init__(self, path, **options):
        super().__init__(f"{{path}}-of-{{platform.node()}}", **options)

folder, host = Path(sys.argv[1]), sys.argv[2]
if host != platform.node():
    platform.node = lambda: host
    lock.FileLock = Unseen
heartbeat.BEAT_SECONDS = {BEAT_SECONDS}
run = open_run(folder)
run.acquire_lock()
run.write_status(sys.argv[3], step=4)
print("held", flush=True)
for line in sys.stdin:
    try:
        run.write_status(line.strip(), step=5)
        print("written", flush=True)
    except Exception as error:
        print(f"{{type(error).__name__}}: {{error}}", flush=True)
run.lock.release()
"""


@dataclass
class Machine:
    """A process that holds a run; `say` has it write a status, and returns what came of it."""

    process: subprocess.Popen[str]

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait() == 0

    def hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def say(self, state: State) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{state}\n")
        self.process.stdin.flush()
        return self.hear()


@contextlib.contextmanager
def machine(run: Run, host: str, state: State = "running") -> Iterator[Machine]:
    with subprocess.Popen(
        [sys.executable, "-c", OTHER_MACHINE, str(run.path), host, state],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            found = Machine(process)
            assert found.hear() == "held"
            yield found
        finally:
            process.kill()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", BEAT_SECONDS)
    monkeypatch.setattr(lock, "_RETRY_SECONDS", 0.2)
    monkeypatch.setattr(heartbeat, "_observed", {})


@pytest.fixture
def run(tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path) -> Run:
    """Return a stopped run that nobody holds."""
    made = Run.create(tiny_config, tiny_dataset, path=tmp_path / "shelf" / "first")
    made.write_status("stopped", step=4)
    made.lock.release()
    return made


@pytest.fixture
def beats(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> threading.Event:
    """Return an event that each heartbeat of this process sets."""
    beaten, renew = threading.Event(), os.utime

    def utime(path: Path, *arguments: tuple[float, float]) -> None:
        renew(path, *arguments)
        if path.is_relative_to(tmp_path):
            beaten.set()

    monkeypatch.setattr(os, "utime", utime)
    return beaten


def age(run: Run, seconds: float) -> None:
    """Make the last heartbeat older, or newer if negative."""
    moment = time.time() - seconds
    os.utime(run.path / ".holder", (moment, moment))


# Two machines, one folder


def test_a_run_of_a_live_machine_is_held_whatever_the_clocks_say(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "_WATCHED_BEATS", 30 / BEAT_SECONDS)
    now = time.time
    with machine(run, "host-a", "paused") as other:
        assert open_run(run.path).read_status().state == "paused"
        holder = run.lock.read_holder()
        assert holder is not None
        assert (holder.host, holder.pid) == ("host-a", other.process.pid)
        words = rf"first is being written by process {holder.pid} on host-a since \d{{4}}-"
        for minutes in (0, -5, 5):  # At first sight.
            monkeypatch.setattr(time, "time", lambda minutes=minutes: now() + 60 * minutes)
            monkeypatch.setattr(heartbeat, "_observed", {})
            assert open_run(run.path).read_status().state == "paused"
        for minutes in (0, -10, 10, -600, 600):
            monkeypatch.setattr(time, "time", lambda minutes=minutes: now() + 60 * minutes)
            with pytest.raises(InUseError, match=words):
                run.acquire_lock()
            assert (
                open_run(run.path).read_status().state == "paused"
            )  # Its heartbeat was seen by now.
        with pytest.raises(InUseError, match=words):
            delete_run(run)
        assert other.say("running") == "written"


def test_a_machine_that_died_minutes_ago_is_left_alone_unless_a_person_knows_better(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with machine(run, "host-a"):
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
    with machine(run, "host-a"):
        pass
    run.acquire_lock(take_over=True)
    holder = run.lock.read_holder()
    assert holder is not None
    assert holder.pid == os.getpid()
    run.lock.release()
    assert not run.lock.is_held()


def leave_behind(run: Run, *, seconds_ago: float, **changes: object) -> None:
    """Leave the holder file of a process that has not released the run."""
    run.acquire_lock()
    content = json.loads((run.path / ".holder").read_text())
    run.lock.release()
    (run.path / ".holder").write_text(json.dumps(content | changes))
    run.write_status("running", step=4)
    age(run, seconds_ago)


@pytest.mark.parametrize(
    ("seconds_ago", "changes", "is_held"),
    [
        (100, {"host": "host-a"}, True),
        (-100, {"host": "host-a"}, True),
        (600, {"host": "host-a"}, False),
        (-600, {"host": "host-a"}, False),
        # This machine was restarted, which takes longer than some heartbeats.
        (10, {"boot": "another start"}, True),
        (61, {"boot": "another start"}, False),
        # A container of this machine was started again.
        (10, {"namespace": "pid:[1]"}, True),
        (61, {"namespace": "pid:[1]"}, False),
        # The process is dead; another may have its number.
        (0, {"pid": 2**22 + 1}, False),
        (0, {"started": 1}, False),
        # This very process; a copy of the folder, or one that was moved, is not renewed any more.
        (100, {}, True),
        (86_400, {}, False),
    ],
)
def test_who_holds_is_judged_by_process_or_heartbeat(
    run: Run, seconds_ago: float, changes: dict[str, object], is_held: bool
) -> None:
    leave_behind(run, seconds_ago=seconds_ago, **changes)
    assert run.lock.is_held() == is_held
    assert run.read_status().state == ("running" if is_held else "interrupted")
    if is_held and changes:
        with pytest.raises(InUseError, match="first is being written by process"):
            run.acquire_lock()
    else:
        run.acquire_lock()
        run.lock.release()
        assert not run.lock.is_held()


def test_a_machine_whose_run_was_taken_over_writes_no_more(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with machine(run, "host-a") as other:
        run.acquire_lock(take_over=True)
        run.write_status("paused", step=9)
        words = other.say("failed")
        assert words.startswith(
            f"InUseError: first was taken over by process {os.getpid()} on {os.uname().nodename}"
        )
        assert (run.read_status().state, run.read_status().step) == ("paused", 9)
        # Nor does it keep alive what is no longer its own.
        monkeypatch.setattr(os, "utime", lambda path: None)
        (run.path / ".holder").write_text((run.path / ".holder").read_text())
        before = (run.path / ".holder").stat().st_mtime_ns
        assert other.say("failed").startswith("InUseError")
        other.end()
        assert (run.path / ".holder").stat().st_mtime_ns == before
    # Its end gives nothing free that is not its own.
    assert run.lock.is_held()
    run.lock.release()


def test_a_machine_that_slept_through_all_of_a_take_over_writes_no_more(run: Run) -> None:
    with machine(run, "host-a") as other:
        run.acquire_lock(take_over=True)
        run.write_status("finished", step=9)
        run.lock.release()
        assert other.say("failed").startswith("InUseError: first was taken over by process")
        assert (run.read_status().state, run.read_status().step) == ("finished", 9)


def test_a_deleted_run_takes_no_lock_of_its_pins_along(run: Run) -> None:
    path = pins_path(run, run.path.parent)
    with editing(path):
        trashed = delete_run(run)
    restored = restore_run(trashed)
    add_pins(pins_path(restored, run.path.parent), 2, [Pin(name="a", z=(0, 1))])
    assert len(read_pins(path, 2)) == 1


@pytest.mark.parametrize("name", ["", "host with spaces", "häuschen", "a" * 300, "x\ny"])
def test_any_name_of_a_machine_will_do(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("platform.node", lambda: name)
    run.acquire_lock()
    assert open_run(run.path).lock.is_held()
    with pytest.raises(InUseError, match="first is being written"):
        open_run(run.path).acquire_lock()
    run.lock.release()
    assert not run.lock.is_held()


# Processes of one machine


def test_a_process_holds_a_run_until_it_is_killed(run: Run) -> None:
    with machine(run, os.uname().nodename) as other:
        assert open_run(run.path).read_status().state == "running"
        with pytest.raises(InUseError, match=f"by process {other.process.pid} on "):
            run.acquire_lock()
        other.process.kill()
        os.waitid(os.P_PID, other.process.pid, os.WEXITED | os.WNOWAIT)  # Dead, and not yet gone.
        assert open_run(run.path).read_status().state == "interrupted"
        run.acquire_lock()
        run.lock.release()


def test_asking_takes_no_lock_and_leaves_no_file(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run.write_status("running", step=4)
    (run.path / ".lock").unlink()
    before = sorted(run.path.rglob("*"))

    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("asking locks")

    monkeypatch.setattr(FileLock, "acquire", refuse)
    assert open_run(run.path).read_status().state == "interrupted"
    assert not open_run(run.path).lock.is_held()
    assert sorted(run.path.rglob("*")) == before


@pytest.mark.parametrize("content", [b"", b"{", b"\xff" * 50, b'{"token": 1}', b"[]", b"0" * 9999])
def test_a_damaged_holder_file_holds_for_a_minute(
    run: Run, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    (run.path / ".holder").write_bytes(content)
    with pytest.raises(InUseError, match="first is being written by another process"):
        run.acquire_lock()
    age(run, 61)
    monkeypatch.setattr(heartbeat, "_observed", {})
    run.acquire_lock()
    run.lock.release()


def test_the_heartbeat_goes_on_while_the_disk_is_full(
    run: Run, beats: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.acquire_lock()

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dcgan.files.os.fsync", full)
    with pytest.raises(DiskWriteError, match="No space left"):
        run.write_status("running")
    beats.clear()
    assert beats.wait(30)
    assert open_run(run.path).lock.is_held()
    run.lock.release()


def test_a_lock_that_the_disk_refuses_leaves_no_holder(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: heartbeat.Holder) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(heartbeat.Holder, "model_dump_json", full)
    with pytest.raises(DiskWriteError, match="No space left"):
        run.acquire_lock()
    assert not run.lock.is_held()
    monkeypatch.undo()
    run.acquire_lock()
    run.lock.release()


def test_of_two_machines_that_begin_at_once_the_quicker_one_has_the_run(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop = heartbeat._delete_dead

    def come_second(judged: heartbeat.Sighting) -> None:
        other = judged.holder.model_copy(
            update={"token": "another", "host": "host-a", "is_released": False}
        )
        judged.path.write_text(other.model_dump_json(), encoding="utf-8")
        drop(judged)

    monkeypatch.setattr(heartbeat, "_delete_dead", come_second)
    with pytest.raises(InUseError, match="on host-a since"):
        run.acquire_lock()
    assert run.lock.is_held()


@pytest.mark.parametrize("content", [b"", b"{"])
def test_a_damaged_holder_file_is_mended_by_its_holder(
    run: Run, beats: threading.Event, content: bytes
) -> None:
    run.acquire_lock()
    (run.path / ".holder").write_bytes(content)
    run.write_status("running", step=4)
    beats.clear()
    assert beats.wait(30)  # Renewed, so it was whole again.
    holder = run.lock.read_holder()
    assert holder is not None
    assert holder.pid == os.getpid()
    run.lock.release()


def test_a_holder_file_that_somebody_cleaned_up_comes_back(
    run: Run, beats: threading.Event
) -> None:
    run.acquire_lock()
    (run.path / ".holder").unlink()
    run.write_status("running")
    beats.clear()
    assert beats.wait(30)  # Renewed, so it was there.
    assert run.lock.is_held()
    run.lock.release()
    assert not run.lock.is_held()


def test_a_lock_that_is_dropped_ends(run: Run) -> None:
    abandoned = FolderLock(run.path / ".lock")
    abandoned.acquire()
    assert run.lock.is_held()
    del abandoned
    assert not run.lock.is_held()


def test_a_run_reads_its_settings_again_when_it_is_locked(run: Run) -> None:
    before = open_run(run.path)
    run.acquire_lock()
    run.change_config(run.config.replace(epochs=77))
    run.lock.release()
    before.acquire_lock()
    assert before.config.epochs == 77
    before.lock.release()


# Pins, names and deletion


def test_processes_that_pin_at_once_lose_no_pin(run: Run) -> None:
    path = pins_path(run, run.path.parent)
    code = (
        "import sys; from pathlib import Path; from dcgan.runs.pins import Pin, add_pins\n"
        "for number in range(10):\n"
        "    add_pins(Path(sys.argv[1]), 2, [Pin(name=f'{sys.argv[2]} {number}', z=(0, number))])"
    )
    arguments = [sys.executable, "-c", code, str(path)]
    processes = [subprocess.Popen([*arguments, name], cwd=ROOT) for name in ("a", "b")]
    assert [process.wait() for process in processes] == [0, 0]
    assert sorted(pin.name for pin in read_pins(path, 2)) == sorted(
        f"{name} {number}" for name in ("a", "b") for number in range(10)
    )


def test_a_file_that_another_process_edits_is_waited_for_and_named(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = pins_path(run, run.path.parent)
    lock = FolderLock(path.with_name(".pins.json.lock"))
    acquire = FolderLock.acquire

    def impatient(self: FolderLock, *, take_over: bool = False, wait: float = 0.0) -> None:
        acquire(self, take_over=take_over, wait=0.0)

    monkeypatch.setattr(FolderLock, "acquire", impatient)
    with lock.held(), pytest.raises(InUseError, match=r"pins.json is being written by process"):
        add_pins(path, 2, [Pin(name="a", z=(0, 1))])
    add_pins(path, 2, [Pin(name="a", z=(0, 1))])
    assert len(read_pins(path, 2)) == 1


def test_nobody_begins_to_write_a_run_while_it_is_deleted(
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


def test_a_lock_whose_folder_was_moved_away_meanwhile_makes_no_new_folder(
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
        lambda run: add_pins(pins_path(run, run.path.parent), 2, [Pin(name="a", z=(0, 1))]),
    ],
)
def test_a_run_that_was_deleted_gets_no_name_and_no_pin(
    run: Run, act: Callable[[Run], None]
) -> None:
    trashed = delete_run(run)
    with pytest.raises(RunError, match="first is no longer there"):
        act(run)
    assert not run.path.exists()
    assert trashed.is_dir()


def test_writing_to_a_run_that_nobody_took_over_goes_on(run: Run) -> None:
    run.acquire_lock()
    run.write(EventReport(4, 1, 0.5, "changed", "words"))
    assert len(run.history.read_events()) == 1
    run.lock.release()


def test_editing_makes_the_folder_of_its_file(tmp_path: Path) -> None:
    with editing(tmp_path / "new" / "list.json"):
        assert (tmp_path / "new").is_dir()
