"""Holder file of a lock: names the process that holds it, and shows that this process lives.

The holder renews the file's time every few seconds: a heartbeat, also while training is paused,
waits for a full disk, or traces a long first step. Owns the file's form, and the rule by which a
holder counts as gone; which folder is locked, and how, is `run_lock`'s.
"""

from __future__ import annotations

import contextlib
import functools
import os
import platform
import secrets
import sys
import threading
import time
import weakref
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ValidationError

from dcgan.files import create_atomically, write_atomically

# The heartbeat: setting a file's time needs no space, so it goes on while the disk is full.
BEAT_SECONDS = 5.0
# A heartbeat that was seen to stand still this long belongs to a dead process: twelve are missing.
SILENT_SECONDS = 60.0
# At first sight only the two machines' clocks can be compared. They may differ by minutes, so a
# heartbeat counts as recent within these bounds; the clock of this very machine differs less.
_CLOCK_SECONDS = 480.0
# Before a lock is taken from another machine, its heartbeat is watched: the clocks may differ by
# hours, or a disk may show its files late.
_WATCHED_BEATS = 3
_MAX_SEEN = 10_000  # Holders whose heartbeats this process remembers.


class Holder(BaseModel, frozen=True):
    """Content of a holder file: the process that may write.

    Attributes:
        token: Random text, another one for each time a lock is taken.
        host: Name of its machine.
        boot: Identifies the machine's start, where the system tells (Linux); otherwise empty.
        namespace: Identifies the container whose process numbers `pid` is of; otherwise empty.
        pid: Its process number.
        started: When the process started, in ticks since the machine's start; 0 if unknown. Tells
            it from a later process of the same number.
        since: ISO 8601 time at which it took the lock.
        is_released: Whether it has given the lock back since.
    """

    token: str
    host: str = ""
    boot: str = ""
    namespace: str = ""
    pid: int = 0
    started: int = 0
    since: str = ""
    is_released: bool = False

    def __str__(self) -> str:
        """Describe it for a person, such as "process 4711 on host-a since 2026-11-28 14:02"."""
        if not self.host or not self.host.isprintable():
            return "another process"
        moment = datetime.fromisoformat(self.since).astimezone()
        return f"process {self.pid} on {self.host} since {moment:%Y-%m-%d %H:%M}"

    @property
    def is_on_this_host(self) -> bool:
        """Whether it names the machine that this process runs on."""
        return self.host == platform.node()

    @property
    def is_here(self) -> bool:
        """Whether its process number means something to this process.

        Not after a restart of the machine, nor from one container to another.
        """
        same_start = self.boot == _boot() and self.namespace == _namespace()
        return self.is_on_this_host and same_start


class Heartbeat:
    """A holder file of this process, renewed by a thread until `end`.

    It ends by itself when its owner is dropped, and with the process.

    Attributes:
        path: The file.
        token: The holder's, which no other heartbeat has.
        end: Stops the thread and marks the file as released, unless another process has it now.
    """

    def __init__(self, path: Path, owner: object, before: Sighting | None) -> None:
        """Make the file.

        Args:
            path: The file.
            owner: Its end is the heartbeat's.
            before: The file as it was judged to be of nobody alive; None if there was none.

        Raises:
            FileExistsError: If another process was quicker.
            OSError: If the disk refuses.
        """
        self.path = path
        self.token = secrets.token_hex(8)
        content = Holder(
            token=self.token,
            host=platform.node(),
            boot=_boot(),
            namespace=_namespace(),
            pid=os.getpid(),
            started=_process_start(os.getpid()) or 0,
            since=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        if before is not None:
            _drop(before)
        create_atomically(path, _encode(content))
        over, renewing = threading.Event(), threading.RLock()
        self.end = weakref.finalize(owner, _release, path, content, over, renewing)
        thread = threading.Thread(
            target=_beat, args=(path, content, over, renewing), name="heartbeat", daemon=True
        )
        thread.start()


def _drop(judged: Sighting) -> None:
    """Remove the holder file that was judged, and no newer one.

    Raises:
        FileExistsError: If there is a newer one; it stays.
    """
    aside = judged.path.with_name(f"{judged.path.name}.{secrets.token_hex(4)}.tmp")
    try:
        judged.path.rename(aside)
    except FileNotFoundError:
        return
    found = read(aside)
    if found is not None and found.holder.token != judged.holder.token:
        aside.rename(judged.path)
        raise FileExistsError(judged.path)
    aside.unlink(missing_ok=True)


def _encode(holder: Holder) -> bytes:
    return holder.model_dump_json().encode()


def _beat(path: Path, holder: Holder, over: threading.Event, renewing: threading.RLock) -> None:
    """Renew a holder file's time until an event is set or another process has taken the lock."""
    while not over.wait(BEAT_SECONDS):
        with renewing, contextlib.suppress(OSError):  # The disk is away for now.
            sighting = read(path)
            if over.is_set():
                return
            if sighting is None:  # Somebody cleaned up.
                create_atomically(path, _encode(holder))
            elif sighting.holder.token == holder.token:
                os.utime(path)
            elif sighting.holder.token:
                return
            else:  # Somebody damaged it.
                write_atomically(path, _encode(holder))


def _release(path: Path, holder: Holder, over: threading.Event, renewing: threading.RLock) -> None:
    """Mark a holder file as released.

    It stays there: a machine that sleeps must see, when it wakes up, that another one was here.
    """
    over.set()
    if os.getpid() != holder.pid:  # A fork, which holds nothing.
        return
    with renewing:  # Or a heartbeat under way would renew it.
        sighting = read(path)
        if sighting is None or sighting.holder.token != holder.token:
            return
        try:
            write_atomically(path, _encode(holder.model_copy(update={"is_released": True})))
        except OSError:  # A full disk.
            with contextlib.suppress(OSError):
                path.unlink()


@dataclass(frozen=True)
class Sighting:
    """A holder file as it was read.

    Attributes:
        path: The file.
        holder: Its content; with an empty host where that is not whole.
        beat: Its time, in nanoseconds.
    """

    path: Path
    holder: Holder
    beat: int

    @property
    def age(self) -> float:
        """How far its time is from this machine's clock, in seconds."""
        return abs(time.time() - self.beat / 1e9)


def read(path: Path) -> Sighting | None:
    """Read a holder file; None if there is none."""
    try:
        with path.open("rb") as file:  # Opening asks a network disk for the newest.
            data, beat = file.read(4096), os.fstat(file.fileno()).st_mtime_ns
    except FileNotFoundError:
        return None
    except OSError:  # Another user's, say: somebody holds it, and no more can be known.
        return Sighting(path, Holder(token=""), time.time_ns())
    try:
        holder = Holder.model_validate_json(data)
        str(holder)
    except (ValidationError, ValueError, OverflowError, OSError):
        holder = Holder(token="")  # Still being written, or cut by a crash.
    return Sighting(path, holder, beat)


@dataclass(frozen=True)
class _Seen:
    """A heartbeat that this process has looked at before.

    Attributes:
        beat: The holder file's time.
        at: When that was new, on this process's own clock.
        goes_on: Whether it was seen to change.
    """

    beat: int
    at: float
    goes_on: bool


_seen: dict[tuple[str, str], _Seen] = {}


def is_alive(sighting: Sighting) -> bool:
    """Whether a holder lives: by its process where that can be seen, else by its heartbeat."""
    holder = sighting.holder
    if holder.is_released:
        return False
    if holder.is_here and (lives := is_running(holder)) is not None:
        # A copy of a run's folder names a process that lives, and beats no more.
        return lives and sighting.age < _CLOCK_SECONDS
    seen = _look(sighting)
    if time.monotonic() - seen.at >= SILENT_SECONDS:
        return False
    if seen.goes_on:
        return True
    # Clocks of one machine agree: it was started again, or the file is only half there.
    bound = SILENT_SECONDS if holder.is_on_this_host or not holder.host else _CLOCK_SECONDS
    return sighting.age < bound


def _look(sighting: Sighting) -> _Seen:
    """Compare a heartbeat with what was seen of it before, and remember it."""
    key = (str(sighting.path), sighting.holder.token)
    seen = _seen.get(key)
    if seen is None or seen.beat != sighting.beat:
        if len(_seen) >= _MAX_SEEN:
            _seen.clear()
        seen = _seen[key] = _Seen(sighting.beat, time.monotonic(), goes_on=seen is not None)
    return seen


def goes_on(before: Sighting) -> bool:
    """Watch a heartbeat for some beats; return whether it goes on."""
    deadline = time.monotonic() + _WATCHED_BEATS * BEAT_SECONDS
    while time.monotonic() < deadline:
        time.sleep(BEAT_SECONDS / 10)
        sighting = read(before.path)
        if sighting is None:
            return False
        if sighting.beat != before.beat:
            _look(sighting)
            return True
    return False


def is_running(holder: Holder) -> bool | None:
    """Whether a process of this machine still runs; None where that cannot be known."""
    if sys.platform == "win32":  # os.kill would end it.
        return None
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # Another user's; no process number.
        pass
    started = _process_start(holder.pid)
    if started is None or holder.started == 0:
        return None
    return started == holder.started


def _process_start(pid: int) -> int | None:
    """Return when a process started, in ticks since the machine's start.

    Returns:
        0 for a process that has ended and waits for its parent; None where it cannot be read.
    """
    try:
        # Linux, proc(5): the name in brackets may hold anything; state and start are the 3rd and
        # 22nd fields.
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return 0 if fields[0] in (b"Z", b"X") else int(fields[19])
    except (OSError, ValueError, IndexError):
        return None


@functools.cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""
