"""Holder file of a lock: names the process that holds the lock, and shows that it is alive.

The holder updates the file's time every few seconds (a heartbeat), also while training is paused,
waits for a full disk, or traces a long first step. Owns the file and the rule for a dead holder;
`holder` describes the process, and `lock` owns the locking of a folder.
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
# A process is dead once its heartbeat has not changed for this long: twelve beats are missing.
SILENT_SECONDS = 60.0
# The first reading of a heartbeat shows only its time, set by the other machine's clock. The clocks
# may differ by minutes, so only a heartbeat older than this is dead at the first reading.
_MAX_CLOCK_DIFFERENCE = 480.0
# Before this process takes a lock from another machine, it watches the heartbeat for this many
# intervals: the clocks may differ by hours, or a network disk may show changes late.
_WATCHED_BEATS = 3
_MAX_OBSERVED = 10_000  # Heartbeats that this process remembers.


class Heartbeat:
    """A holder file of this process, renewed by a thread until `end`.

    It also ends when its owner is garbage-collected, and with the process.

    Attributes:
        path: The file.
        token: Token of the holder.
        end: Stops the thread and marks the file as released, unless another process has it now.
    """

    def __init__(self, path: Path, owner: object, before: Sighting | None) -> None:
        """Create the file and start the thread.

        Args:
            path: The file.
            owner: Object whose end also ends the heartbeat.
            before: The file of a dead holder, to be replaced; None if there was none.

        Raises:
            FileExistsError: If another process was faster.
            OSError: If the file system refuses.
        """
        self.path = path
        self.token = secrets.token_hex(8)
        content = describe_this_process(self.token)
        if before is not None:
            _delete_dead(before)
        create_atomically(path, _encode(content))
        ended, renewal_lock = threading.Event(), threading.RLock()
        self.end = weakref.finalize(owner, _release, path, content, ended, renewal_lock)
        thread = threading.Thread(
            target=_beat, args=(path, content, ended, renewal_lock), name="heartbeat", daemon=True
        )
        thread.start()


def _delete_dead(dead: Sighting) -> None:
    """Delete the holder file of a dead process, but no newer one.

    Raises:
        FileExistsError: If there is a newer one; it stays.
    """
    aside = dead.path.with_name(f"{dead.path.name}.{secrets.token_hex(4)}.tmp")
    try:
        dead.path.rename(aside)
    except FileNotFoundError:
        return
    sighting = read_sighting(aside)
    if sighting is not None and sighting.holder.token != dead.holder.token:
        aside.rename(dead.path)
        raise FileExistsError(dead.path)
    aside.unlink(missing_ok=True)


def _encode(holder: Holder) -> bytes:
    return holder.model_dump_json().encode()


def _beat(
    path: Path, holder: Holder, ended: threading.Event, renewal_lock: threading.RLock
) -> None:
    """Renew a holder file's time until `ended` is set or another process has taken the lock."""
    while not ended.wait(BEAT_SECONDS):
        with renewal_lock, contextlib.suppress(OSError):  # The disk is unavailable for now.
            sighting = read_sighting(path)
            if ended.is_set():
                return
            if sighting is None:  # The file was deleted.
                create_atomically(path, _encode(holder))
            elif sighting.holder.token == holder.token:
                os.utime(path)
            elif sighting.holder.token:
                return
            else:  # The file is damaged.
                write_atomically(path, _encode(holder))


def _release(
    path: Path, holder: Holder, ended: threading.Event, renewal_lock: threading.RLock
) -> None:
    """Mark a holder file as released.

    It is not deleted: a machine that wakes up from sleep must see that another one was here.
    """
    ended.set()
    if os.getpid() != holder.pid:  # A fork holds no lock.
        return
    with renewal_lock:  # Otherwise a heartbeat in progress would renew the file.
        sighting = read_sighting(path)
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
        holder: Its content; an empty holder if the file is incomplete.
        beat: Time of its last heartbeat, in nanoseconds.
    """

    path: Path
    holder: Holder
    beat: int

    @property
    def age(self) -> float:
        """Difference of the heartbeat from this machine's clock, in seconds."""
        return abs(time.time() - self.beat / 1e9)


def read_sighting(path: Path) -> Sighting | None:
    """Read a holder file; None if there is none."""
    try:
        with path.open("rb") as file:  # Opening makes a network disk show the newest time.
            data, beat = file.read(4096), os.fstat(file.fileno()).st_mtime_ns
    except FileNotFoundError:
        return None
    except OSError:  # Such as another user's file: held by an unknown process.
        return Sighting(path, Holder(token=""), time.time_ns())
    try:
        holder = Holder.model_validate_json(data)
        str(holder)
    except (ValidationError, ValueError, OverflowError, OSError):
        holder = Holder(token="")  # Still being written, or cut short by a crash.
    return Sighting(path, holder, beat)


@dataclass(frozen=True)
class _Observation:
    """A heartbeat that this process has read before.

    Attributes:
        beat: Its time, as in `Sighting`.
        changed_at: When this process first read this time, on its monotonic clock, in seconds.
        has_changed: Whether this process has read a different time before.
    """

    beat: int
    changed_at: float
    has_changed: bool


_observed: dict[tuple[str, str], _Observation] = {}


def is_alive(sighting: Sighting) -> bool:
    """Return whether a holder is alive: by its process if it is visible, else by its heartbeat."""
    holder = sighting.holder
    if holder.is_released:
        return False
    if holder.has_valid_pid and (runs := is_running(holder)) is not None:
        # A copied folder has a copied holder file, which its process does not renew.
        return runs and sighting.age < _MAX_CLOCK_DIFFERENCE
    observation = _observe(sighting)
    if time.monotonic() - observation.changed_at >= SILENT_SECONDS:
        return False
    if observation.has_changed:
        return True
    # On the same host, or in an incomplete file, the clocks are the same.
    bound = SILENT_SECONDS if holder.is_on_this_host or not holder.host else _MAX_CLOCK_DIFFERENCE
    return sighting.age < bound


def _observe(sighting: Sighting) -> _Observation:
    """Compare a heartbeat with its last observation, and remember it."""
    key = (str(sighting.path), sighting.holder.token)
    last = _observed.get(key)
    if last is not None and last.beat == sighting.beat:
        return last
    if len(_observed) >= _MAX_OBSERVED:
        _observed.clear()
    new = _Observation(sighting.beat, time.monotonic(), has_changed=last is not None)
    _observed[key] = new
    return new


def wait_for_change(before: Sighting) -> bool:
    """Watch a heartbeat for some intervals; return whether it has changed."""
    deadline = time.monotonic() + _WATCHED_BEATS * BEAT_SECONDS
    while time.monotonic() < deadline:
        time.sleep(BEAT_SECONDS / 10)
        sighting = read_sighting(before.path)
        if sighting is None:
            return False
        if sighting.beat != before.beat:
            _observe(sighting)
            return True
    return False
