"""Lock of a folder's files across threads, processes and machines.

Two files make one lock. The lock file is locked by the operating system, which frees it when the
process dies; but some network disks hide the locks of other machines. So a holder file beside it
names the holder and shows by its heartbeat that the holder is alive (`heartbeat`). Knows nothing
of the content of the folder.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from dcgan.errors import InUseError
from dcgan.files.whole_files import translate_write_errors
from dcgan.locking import heartbeat
from dcgan.locking.heartbeat import Heartbeat, Sighting
from dcgan.locking.holder import Holder, is_running

_POLL_SECONDS = 0.05
_RETRY_SECONDS = 2.0  # A process that was just killed may take a moment to end.


class FolderLock:
    """A lock of a folder; `acquire` and `release` it, or use `held`.

    Attributes:
        path: The lock file. The holder file lies beside it: `.holder` beside `.lock`.
    """

    def __init__(self, path: Path, subject: str | None = None, advice: str = "") -> None:
        """Prepare a lock without acquiring it.

        Args:
            path: The lock file.
            subject: What the lock protects, named in errors; None for the folder's name.
            advice: Added to an error if the holder is another machine, which may be gone.
        """
        self.path = path
        self._subject = path.parent.name if subject is None else subject
        self._advice = advice
        self._file_lock = FileLock(path, thread_local=False)
        self._held: Heartbeat | None = None

    @property
    def is_held_here(self) -> bool:
        """Whether this very object holds the lock."""
        return self._held is not None

    def read_holder(self) -> Holder | None:
        """Return the process that holds the lock, this one included; None if it is free.

        Reads one small file and locks nothing. A process of this machine holds the lock while it
        lives; one of another machine while its heartbeat continues. The first time that a
        heartbeat is read, a time in the last minutes counts as alive.
        """
        sighting = heartbeat.read_sighting(_make_holder_path(self.path))
        if sighting is None or not heartbeat.is_alive(sighting):
            return None
        return sighting.holder

    def is_held(self) -> bool:
        """Return whether some process, this one included, holds the lock; reads the disk."""
        return self.read_holder() is not None

    def acquire(self, *, take_over: bool = False, wait: float | None = None) -> None:
        """Acquire the lock.

        This takes up to 15 more seconds if the last holder was another machine and never
        released the lock.

        Args:
            take_over: Acquire the lock even if another machine renewed its heartbeat minutes ago;
                only for a person who knows that this machine is gone. A live process of this
                machine keeps the lock.
            wait: Seconds to retry while the lock is held; None for two.

        Raises:
            InUseError: If another process or this object holds the lock; names the holder.
            OSError: If the file system refuses.
        """
        if self.is_held_here:
            raise InUseError(f"{self._subject} is being written by this very process.")
        wait = _RETRY_SECONDS if wait is None else wait
        folder = self.path.parent
        identity = _identify(folder)
        deadline = time.monotonic() + wait
        try:
            self._file_lock.acquire(timeout=wait)
        except Timeout:
            raise InUseError(
                self._describe_refusal(self.read_holder(), take_over=take_over)
            ) from None
        with contextlib.ExitStack() as undo:
            undo.callback(self._file_lock.release)
            if _identify(folder) != identity:  # It was moved; the lock file created a new folder.
                self._file_lock.release()
                self.path.unlink(missing_ok=True)
                with contextlib.suppress(OSError):
                    folder.rmdir()
                raise FileNotFoundError(f"{folder} was moved or deleted")
            before = self._wait_for_holder(deadline, take_over=take_over)
            try:
                self._held = Heartbeat(_make_holder_path(self.path), self, before)
            except FileExistsError:  # Another machine was faster.
                raise InUseError(
                    self._describe_refusal(self.read_holder(), take_over=False)
                ) from None
            undo.pop_all()

    def _wait_for_holder(self, deadline: float, *, take_over: bool) -> Sighting | None:
        """Wait until no other holder is alive; return its holder file, or None if there is none.

        Raises:
            InUseError: If a holder is still alive at the deadline.
        """
        path = _make_holder_path(self.path)
        while (sighting := heartbeat.read_sighting(path)) is not None:
            if sighting.holder.has_valid_pid:
                # This object has the file lock, so a silent holder belongs to a moved folder.
                is_alive = (
                    is_running(sighting.holder) is True
                    and not sighting.holder.is_released
                    and sighting.age < heartbeat.SILENT_SECONDS
                )
            else:
                is_alive = not (take_over or sighting.holder.is_released) and (
                    heartbeat.is_alive(sighting) or heartbeat.wait_for_change(sighting)
                )
            if not is_alive:
                return sighting
            if time.monotonic() >= deadline:
                raise InUseError(self._describe_refusal(sighting.holder, take_over=False))
            time.sleep(_POLL_SECONDS)
        return None

    def _describe_refusal(self, holder: Holder | None, *, take_over: bool) -> str:
        words = (
            f"{self._subject} is being written by {holder or 'another process'}; stop that first."
        )
        if take_over:
            return f"{words} It cannot be taken over: its lock is still held on the disk."
        if self._advice and holder is not None and holder.host and not holder.has_valid_pid:
            return f"{words} {self._advice}"
        return words

    def release(self) -> None:
        """Release the lock; does nothing if this object does not hold it."""
        if self._held is not None:
            self._held.end()
            self._held = None
        self._file_lock.release()

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Guard writes to the folder: check the lock before them and translate disk errors.

        A machine that slept for an hour may have lost its lock meanwhile. An object that does not
        hold the lock is not checked.

        Raises:
            InUseError: If another process has taken the lock over; names it.
            DiskWriteError: If the file system refuses.
        """
        with translate_write_errors(self.path.parent):
            if self._held is not None:
                sighting = heartbeat.read_sighting(self._held.path)
                # A holder file that is missing, damaged or unreadable names no other process.
                if sighting is not None and sighting.holder.token not in ("", self._held.token):
                    raise InUseError(
                        f"{self._subject} was taken over by {sighting.holder}, so this process "
                        "stopped writing."
                    )
            yield

    def move_folder(self, target: Path) -> None:
        """Move the lock's folder while other writers are kept out, then release the lock.

        Raises:
            OSError: If the file system refuses; the holder file still keeps others out then.
        """
        # Windows cannot rename a folder that has an open file. The holder file keeps the lock.
        self._file_lock.release()
        self.path.parent.rename(target)
        # Include the holder files of pins and labels, whose editors cannot find the folder now.
        for path in (target / _make_holder_path(self.path).name, *target.glob(".*.holder")):
            path.unlink(missing_ok=True)
        self.release()

    @contextlib.contextmanager
    def held(self, *, wait: float | None = None) -> Iterator[None]:
        """Hold the lock during a block; arguments and errors as in `acquire`."""
        self.acquire(wait=wait)
        try:
            yield
        finally:
            self.release()


@contextlib.contextmanager
def editing(path: Path) -> Iterator[None]:
    """Keep other writers of a file out while it is read, changed and written again.

    Args:
        path: The file; its lock is beside it. Its folder is created if it does not exist.

    Raises:
        InUseError: If another process has held the lock for seconds.
        DiskWriteError: If the file system refuses.
    """
    with translate_write_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        hidden = path.name if path.name.startswith(".") else f".{path.name}"
        lock = FolderLock(path.with_name(f"{hidden}.lock"), subject=path.name)
        lock.acquire(wait=5.0)
    try:
        yield
    finally:
        lock.release()


def is_in_training(folder: Path) -> bool:
    """Return whether a process, this one included, holds the lock of a run's folder."""
    return FolderLock(folder / ".lock").is_held()


def _make_holder_path(lock_path: Path) -> Path:
    return lock_path.with_name(f"{lock_path.name.removesuffix('.lock')}.holder")


def _identify(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino
