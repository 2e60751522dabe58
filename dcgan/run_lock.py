"""Lock of a folder's files that holds across threads, processes and machines.

Two files make one lock. The lock file is locked by the operating system, which frees it when the
process dies; but some shared disks hide the locks of other machines. So the holder file beside it
names the holder (machine, process, since when), and the holder renews its time every few seconds:
a heartbeat, also while training is paused, waits for a full disk, or traces a long first step.

Asking who holds a lock reads the holder file and locks nothing. Owns the rule by which a holder
counts as gone; knows nothing of what is inside the folder.
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
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError

from dcgan.errors import TakenError
from dcgan.files import writing

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
_POLL_SECONDS = 0.05
_RETRY_SECONDS = 2.0  # A process that was killed a moment ago may not be gone yet.

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
    """

    token: str
    host: str = ""
    boot: str = ""
    namespace: str = ""
    pid: int = 0
    started: int = 0
    since: str = ""

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


class FolderLock:
    """One lock; `acquire` and `release` it, or use `held`.

    Attributes:
        path: The lock file. The holder file lies beside it: `.holder` beside `.lock`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file_lock = FileLock(path, thread_local=False)
        self._held: _Held | None = None

    @property
    def is_held_here(self) -> bool:
        """Whether this very object holds it."""
        return self._held is not None

    def holder(self) -> Holder | None:
        """Return who holds the lock, or None; reads one small file and locks nothing.

        A process of this machine holds it while it lives. One of another machine holds it while its
        heartbeat goes on; at first sight a heartbeat of the last minutes will do.
        """
        marker = _read(_holder_path(self.path))
        return marker.holder if marker is not None and _is_alive(marker) else None

    def acquire(self, *, take_over: bool = False, wait: float | None = None) -> None:
        """Take the lock.

        Takes up to 15 seconds more if the last holder was another machine and never released it.

        Args:
            take_over: Take it also from another machine whose heartbeat was there minutes ago, as
                a person knows that it is gone. A live process of this machine keeps it.
            wait: For how many seconds to try again while it is held; None for two.

        Raises:
            TakenError: If it is held; names the holder.
            OSError: If the disk refuses.
        """
        wait = _RETRY_SECONDS if wait is None else wait
        folder = self.path.parent
        before = _identity(folder)
        deadline = time.monotonic() + wait
        try:
            self._file_lock.acquire(timeout=wait)
        except Timeout:
            raise TakenError(_describe(self.holder(), take_over=take_over)) from None
        with contextlib.ExitStack() as undo:
            undo.callback(self._file_lock.release)
            if _identity(folder) != before:  # It was moved away; the lock file made it again.
                self._file_lock.release()
                self.path.unlink(missing_ok=True)
                with contextlib.suppress(OSError):
                    folder.rmdir()
                raise FileNotFoundError(f"{folder} was moved or deleted")
            self._wait_for_holder(deadline, take_over=take_over)
            try:
                self._held = _Held(_holder_path(self.path), self)
            except FileExistsError:  # Another machine was quicker.
                raise TakenError(_describe(self.holder(), take_over=False)) from None
            undo.pop_all()

    def _wait_for_holder(self, deadline: float, *, take_over: bool) -> None:
        """Return when no other holder is alive.

        Raises:
            TakenError: If one still is at the deadline.
        """
        path = _holder_path(self.path)
        while (marker := _read(path)) is not None:
            if marker.holder.is_here:
                # Where processes cannot be seen, the file lock tells: this object has it now.
                is_alive = _is_running(marker.holder) is True
            else:
                is_alive = not take_over and (_is_alive(marker) or _beats(path, marker.beat))
            if not is_alive:
                return
            if time.monotonic() >= deadline:
                raise TakenError(_describe(marker.holder, take_over=False))
            time.sleep(_POLL_SECONDS)

    def release(self) -> None:
        """Let others take the lock; does nothing if this object does not hold it."""
        if self._held is not None:
            self._held.end()
            self._held = None
        self._file_lock.release()

    def confirm(self) -> None:
        """Check that nobody has taken the lock over; does nothing if this object does not hold it.

        A machine that slept for an hour does not know what happened meanwhile.

        Raises:
            TakenError: If another process holds it now; names it.
        """
        if self._held is None:
            return
        marker = _read(self._held.path)
        # A file that is missing, damaged or cannot be read now names nobody else.
        if marker is not None and marker.holder.token not in ("", self._held.token):
            raise TakenError(f"was taken over by {marker.holder}, so this process writes no more.")

    def rename_folder(self, target: Path) -> None:
        """Move the lock's folder, keeping other writers out until it is done; then release.

        Raises:
            OSError: If the disk refuses; the lock is still held then.
        """
        # Windows renames no folder with an open file in it. The holder file keeps the lock.
        self._file_lock.release()
        self.path.parent.rename(target)
        (target / _holder_path(self.path).name).unlink(missing_ok=True)
        self.release()

    @contextlib.contextmanager
    def held(self, *, wait: float | None = None) -> Iterator[None]:
        """Hold the lock for a block; arguments and errors as of `acquire`."""
        self.acquire(wait=wait)
        try:
            yield
        finally:
            self.release()


@contextlib.contextmanager
def editing(path: Path) -> Iterator[None]:
    """Hold a file while it is read, changed and written again, against all other writers of it.

    Args:
        path: The file; its lock lies beside it. Its folder is made if it is not there.

    Raises:
        TakenError: If another process has held it for seconds.
        DiskError: If the disk refuses.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        hidden = path.name if path.name.startswith(".") else f".{path.name}"
        lock = FolderLock(path.with_name(f"{hidden}.lock"))
        try:
            lock.acquire(wait=5.0)
        except TakenError as error:
            raise TakenError(f"{path.name} {error}") from None
    try:
        yield
    finally:
        lock.release()


class _Held:
    """A holder file of this process, renewed by a thread until `end`.

    It ends by itself when the lock that made it is dropped, and with the process.
    """

    def __init__(self, path: Path, owner: FolderLock) -> None:
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
        path.unlink(missing_ok=True)  # Of a holder that is gone.
        _make(path, content)
        over, renewing = threading.Event(), threading.RLock()
        self.end = weakref.finalize(owner, _remove, path, self.token, os.getpid(), over, renewing)
        thread = threading.Thread(
            target=_beat, args=(path, content, over, renewing), name="heartbeat", daemon=True
        )
        thread.start()


def _make(path: Path, holder: Holder) -> None:
    """Make a holder file, whole or not at all.

    Raises:
        FileExistsError: If there is one.
        OSError: If the disk refuses.
    """
    with path.open("xb") as file:
        try:
            file.write(holder.model_dump_json().encode())
            file.flush()
        except OSError:
            path.unlink(missing_ok=True)
            raise


def _beat(path: Path, holder: Holder, over: threading.Event, renewing: threading.RLock) -> None:
    """Renew a holder file's time until an event is set or another process has taken the lock."""
    while not over.wait(BEAT_SECONDS):
        with renewing, contextlib.suppress(OSError):  # The disk is away for now.
            marker = _read(path)
            if over.is_set():
                return
            if marker is None:  # Somebody cleaned up.
                _make(path, holder)
            elif marker.holder.token == holder.token:
                os.utime(path)
            elif marker.holder.token:
                return


def _remove(
    path: Path, token: str, pid: int, over: threading.Event, renewing: threading.RLock
) -> None:
    over.set()
    if os.getpid() != pid:  # A fork, which holds nothing.
        return
    with renewing:  # Or a heartbeat under way would make the file again.
        marker = _read(path)
        if marker is not None and marker.holder.token == token:
            with contextlib.suppress(OSError):
                path.unlink()


# Who is alive.


@dataclass(frozen=True)
class _Marker:
    """A holder file as it was read.

    Attributes:
        path: The file.
        holder: Its content; with an empty host where that is not whole.
        beat: Its time, in nanoseconds.
    """

    path: Path
    holder: Holder
    beat: int


def _read(path: Path) -> _Marker | None:
    try:
        with path.open("rb") as file:  # Opening asks a network disk for the newest.
            data, beat = file.read(4096), os.fstat(file.fileno()).st_mtime_ns
    except FileNotFoundError:
        return None
    except OSError:  # Another user's, say: somebody holds it, and no more can be known.
        return _Marker(path, Holder(token=""), time.time_ns())
    try:
        holder = Holder.model_validate_json(data)
        str(holder)
    except (
        ValidationError,
        ValueError,
        OverflowError,
        OSError,
    ):  # Still being written, or cut by a crash.
        holder = Holder(token="")
    return _Marker(path, holder, beat)


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


def _is_alive(marker: _Marker) -> bool:
    """Whether a holder lives: by its process where that can be seen, else by its heartbeat."""
    holder = marker.holder
    if holder.is_here and (is_running := _is_running(holder)) is not None:
        return is_running
    seen = _look(marker)
    if time.monotonic() - seen.at >= SILENT_SECONDS:
        return False
    if seen.goes_on:
        return True
    # Clocks of one machine agree: it was started again, or the file is only half there.
    bound = SILENT_SECONDS if holder.is_on_this_host or not holder.host else _CLOCK_SECONDS
    return abs(time.time() - marker.beat / 1e9) < bound


def _look(marker: _Marker) -> _Seen:
    """Compare a heartbeat with what was seen of it before, and remember it."""
    key = (str(marker.path), marker.holder.token)
    seen = _seen.get(key)
    if seen is None or seen.beat != marker.beat:
        if len(_seen) >= _MAX_SEEN:
            _seen.clear()
        seen = _seen[key] = _Seen(marker.beat, time.monotonic(), goes_on=seen is not None)
    return seen


def _beats(path: Path, beat: int) -> bool:
    """Watch a heartbeat for some beats; return whether it goes on."""
    deadline = time.monotonic() + _WATCHED_BEATS * BEAT_SECONDS
    while time.monotonic() < deadline:
        time.sleep(BEAT_SECONDS / 10)
        marker = _read(path)
        if marker is None:
            return False
        if marker.beat != beat:
            _look(marker)
            return True
    return False


def _is_running(holder: Holder) -> bool | None:
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


def _describe(holder: Holder | None, *, take_over: bool) -> str:
    words = f"is being written by {holder or 'another process'}; stop that first."
    if take_over:
        words += " It cannot be taken over: the disk says that its lock is still held."
    elif holder is not None and holder.host and not holder.is_here:
        words += f" If {holder.host} is gone for good, `resume --take-over` continues the run here."
    return words


def _holder_path(lock_path: Path) -> Path:
    return lock_path.with_name(f"{lock_path.name.removesuffix('.lock')}.holder")


def _identity(folder: Path) -> tuple[int, int]:
    found = folder.stat()
    return found.st_dev, found.st_ino
