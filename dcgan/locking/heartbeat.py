"""Holder file of a lock: names the process that holds the lock, and shows that it is alive.

The holder updates the file's time every few seconds (a heartbeat), also while training is paused,
waits for space on a full disk, or traces a long first step. This module owns the file and the rule
for a dead holder; `holder` describes the process, and `lock` owns the locking of a folder.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
import time
import weakref
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from dcgan.files.whole_files import create_atomically, write_atomically
from dcgan.locking.holder import Holder, describe_this_process, is_running

# Interval of the heartbeat. Setting a file's time needs no space, so it works on a full disk.
BEAT_SECONDS = 5.0
# A process counts as dead once its heartbeat has not changed for this long: twelve intervals.
SILENT_SECONDS = 60.0
# The first reading of a heartbeat shows only its time, set by the other machine's clock. The clocks
# may differ by minutes, so at the first reading only an older heartbeat counts as dead.
_MAX_CLOCK_DIFFERENCE = 480.0
# Before this process takes a lock from another machine, it watches the heartbeat for this many
# intervals: the clocks may differ by hours, or a network disk may show changes late.
_WATCHED_BEATS = 3
_MAX_OBSERVED = 10_000  # Heartbeats that this process remembers.


class Heartbeat:
    """A holder file of this process, renewed by a thread until `end` is called.

    The heartbeat also ends when its owner is garbage-collected, and with the process.

    Attributes:
        path: The file.
        token: Token of the holder.
        end: Stops the thread and marks the file as released, unless another process has the lock.
    """

    def __init__(self, path: Path, owner: object, dead: HolderFile | None) -> None:
        """Create the file and start the thread.

        Args:
            path: The file.
            owner: Object whose end also ends the heartbeat.
            dead: The file of a dead holder, which is replaced; None if there is none.

        Raises:
            FileExistsError: If another process was faster.
            OSError: If the file system refuses.
        """
        self.path = path
        self.token = secrets.token_hex(8)
        content = describe_this_process(self.token)
        if dead is not None:
            _delete_dead(dead)
        create_atomically(path, _encode(content))
        ended, renewal_lock = threading.Event(), threading.RLock()
        self.end = weakref.finalize(owner, _release, path, content, ended, renewal_lock)
        thread = threading.Thread(
            target=_beat, args=(path, content, ended, renewal_lock), name="heartbeat", daemon=True
        )
        thread.start()


def _delete_dead(dead: HolderFile) -> None:
    """Delete the holder file of a dead process, but no newer one.

    Raises:
        FileExistsError: If there is a newer one; it stays.
    """
    # Renamed before it is read, so that no other process replaces it in between.
    renamed = dead.path.with_name(f"{dead.path.name}.{secrets.token_hex(4)}.tmp")
    try:
        dead.path.rename(renamed)
    except FileNotFoundError:
        return
    holder_file = read_holder_file(renamed)
    if holder_file is not None and holder_file.holder.token != dead.holder.token:
        _put_back(renamed, dead.path)
        raise FileExistsError(dead.path)
    renamed.unlink(missing_ok=True)


def _put_back(renamed: Path, path: Path) -> None:
    """Give a live holder's file its name again, unless a third process has a new one there."""
    try:
        path.hardlink_to(renamed)  # Unlike a rename, it never replaces a file.
    except FileExistsError:
        pass
    except OSError:  # A disk without hard links, or another user's file.
        if not path.exists():
            renamed.rename(path)
            return
    renamed.unlink(missing_ok=True)


def _encode(holder: Holder) -> bytes:
    return holder.model_dump_json().encode()


def _beat(
    path: Path, holder: Holder, ended: threading.Event, renewal_lock: threading.RLock
) -> None:
    """Renew a holder file's time until `ended` is set or another process has taken the lock."""
    while not ended.wait(BEAT_SECONDS):
        with renewal_lock, contextlib.suppress(OSError):  # The disk is unavailable for now.
            holder_file = read_holder_file(path)
            if ended.is_set():
                return
            if holder_file is None:  # The file was deleted.
                create_atomically(path, _encode(holder))
            elif holder_file.holder.token == holder.token:
                os.utime(path)
            elif holder_file.holder.token:
                return
            else:  # The file is damaged.
                write_atomically(path, _encode(holder))


def _release(
    path: Path, holder: Holder, ended: threading.Event, renewal_lock: threading.RLock
) -> None:
    """Mark a holder file as released.

    It is not deleted, so that a machine that wakes up from sleep sees that another process has held
    the lock meanwhile.
    """
    ended.set()
    if os.getpid() != holder.pid:  # A fork holds no lock.
        return
    with renewal_lock:  # Otherwise a heartbeat in progress would renew the file.
        holder_file = read_holder_file(path)
        if holder_file is None or holder_file.holder.token != holder.token:
            return
        try:
            write_atomically(path, _encode(holder.model_copy(update={"is_released": True})))
        except OSError:  # A full disk.
            with contextlib.suppress(OSError):
                path.unlink()


@dataclass(frozen=True)
class HolderFile:
    """The content and the time of a holder file when it was read.

    Attributes:
        path: The file.
        holder: The content; a holder without a token if the file is incomplete.
        beat_ns: Time of the last heartbeat, in nanoseconds.
    """

    path: Path
    holder: Holder
    beat_ns: int

    @property
    def age(self) -> float:
        """Difference of the heartbeat's time from this machine's clock, in seconds, at least 0."""
        return abs(time.time() - self.beat_ns / 1e9)


def read_holder_file(path: Path) -> HolderFile | None:
    """Read a holder file; None if there is none."""
    try:
        with path.open("rb") as file:  # Opening makes a network disk show the newest time.
            data, beat_ns = file.read(4096), os.fstat(file.fileno()).st_mtime_ns
    except FileNotFoundError:
        return None
    except OSError:  # Such as another user's file: held by an unknown process.
        return HolderFile(path, Holder(token=""), time.time_ns())
    try:
        holder = Holder.model_validate_json(data)
        str(holder)
    except (ValidationError, ValueError, OverflowError, OSError):
        holder = Holder(token="")  # Still being written, or cut short by a crash.
    return HolderFile(path, holder, beat_ns)


@dataclass(frozen=True)
class _Observation:
    """A heartbeat that this process has read before.

    Attributes:
        beat_ns: Time of the heartbeat, in nanoseconds.
        changed_at: Time on this process's monotonic clock when it first read `beat_ns`, in seconds.
        has_changed: Whether this process has read a different `beat_ns` before.
    """

    beat_ns: int
    changed_at: float
    has_changed: bool


_observed: dict[tuple[str, str], _Observation] = {}


def is_alive(holder_file: HolderFile) -> bool:
    """Return whether a holder is alive: by its process if that is visible, or by its heartbeat."""
    holder = holder_file.holder
    if holder.is_released:
        return False
    if holder.has_valid_pid and (process_runs := is_running(holder)) is not None:
        # The age counts too: a copied folder has a copied holder file, which no process renews.
        return process_runs and holder_file.age < _MAX_CLOCK_DIFFERENCE
    observation = _observe(holder_file)
    if time.monotonic() - observation.changed_at >= SILENT_SECONDS:
        return False
    if observation.has_changed:
        return True
    # On the same host the clocks are the same; an incomplete file names no host.
    bound = SILENT_SECONDS if holder.is_on_this_host or not holder.host else _MAX_CLOCK_DIFFERENCE
    return holder_file.age < bound


def _observe(holder_file: HolderFile) -> _Observation:
    """Compare a heartbeat with its last observation, and remember it."""
    key = (str(holder_file.path), holder_file.holder.token)
    last = _observed.get(key)
    if last is not None and last.beat_ns == holder_file.beat_ns:
        return last
    if len(_observed) >= _MAX_OBSERVED:
        _observed.clear()
    new = _Observation(holder_file.beat_ns, time.monotonic(), has_changed=last is not None)
    _observed[key] = new
    return new


def wait_for_change(before: HolderFile) -> bool:
    """Watch a heartbeat for some intervals; return whether it has changed."""
    deadline = time.monotonic() + _WATCHED_BEATS * BEAT_SECONDS
    while time.monotonic() < deadline:
        time.sleep(BEAT_SECONDS / 10)
        holder_file = read_holder_file(before.path)
        if holder_file is None:
            return False
        if holder_file.beat_ns != before.beat_ns:
            _observe(holder_file)
            return True
    return False
