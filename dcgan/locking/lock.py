"""Lock of a folder's files across threads, processes and machines.

A lock consists of two files. The lock file is locked by the operating system, which frees it when
the process dies; but some network disks hide the locks of other machines. So a holder file beside
it names the holder, and its heartbeat shows that the holder is alive (`heartbeat`). This module
does not know the content of the folder.
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
from dcgan.locking.heartbeat import Heartbeat, HolderFile
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
            subject: Name in errors of what the lock protects; None for the folder's name.
            advice: Sentence added to an error if the holder is another machine, which may be gone.
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
        """Return the process that holds the lock, possibly this one; None if the lock is free.

        Reads one small file and locks nothing. A process of this machine holds the lock while it
        runs, a process of another machine while its heartbeat continues. A heartbeat that is read
        for the first time counts as alive if it is at most a few minutes old.
        """
        holder_file = heartbeat.read_holder_file(_make_holder_path(self.path))
        if holder_file is None or not heartbeat.is_alive(holder_file):
            return None
        return holder_file.holder

    def is_held(self) -> bool:
        """Return whether some process, this one included, holds the lock; reads the disk."""
        return self.read_holder() is not None

    def acquire(self, *, take_over: bool = False, wait: float | None = None) -> None:
        """Acquire the lock.

        This takes up to 15 more seconds if the last holder was another machine and never
        released the lock.

        Args:
            take_over: Whether to take the lock from another machine whose heartbeat is only minutes
                old; for a person who knows that the other machine is gone. A live process of this
                machine keeps the lock.
            wait: Seconds to retry while the lock is held; None for two seconds.

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
            # Another inode: the folder was moved, and the lock file was created in a new one.
            if _identify(folder) != identity:
                self._file_lock.release()
                self.path.unlink(missing_ok=True)
                with contextlib.suppress(OSError):
                    folder.rmdir()
                raise FileNotFoundError(f"{folder} was moved or deleted")
            dead = self._wait_for_holder(deadline, take_over=take_over)
            try:
                self._held = Heartbeat(_make_holder_path(self.path), self, dead)
            except FileExistsError:  # Another machine was faster.
                raise InUseError(
                    self._describe_refusal(self.read_holder(), take_over=False)
                ) from None
            undo.pop_all()

    def _wait_for_holder(self, deadline: float, *, take_over: bool) -> HolderFile | None:
        """Wait until no other holder is alive.

        Returns:
            The holder file of a dead or released holder; None if there is none.

        Raises:
            InUseError: If a holder is still alive at the deadline.
        """
        path = _make_holder_path(self.path)
        while (holder_file := heartbeat.read_holder_file(path)) is not None:
            if holder_file.holder.has_valid_pid:
                # This object has the file lock, so an old heartbeat comes from a moved folder.
                is_alive = (
                    is_running(holder_file.holder) is True
                    and not holder_file.holder.is_released
                    and holder_file.age < heartbeat.SILENT_SECONDS
                )
            else:
                is_alive = not (take_over or holder_file.holder.is_released) and (
                    heartbeat.is_alive(holder_file) or heartbeat.wait_for_change(holder_file)
                )
            if not is_alive:
                return holder_file
            if time.monotonic() >= deadline:
                raise InUseError(self._describe_refusal(holder_file.holder, take_over=False))
            time.sleep(_POLL_SECONDS)
        return None

    def _describe_refusal(self, holder: Holder | None, *, take_over: bool) -> str:
        message = (
            f"{self._subject} is being written by {holder or 'another process'}; stop that first."
        )
        if take_over:
            return f"{message} It cannot be taken over: its lock is still held on the disk."
        if self._advice and holder is not None and holder.host and not holder.has_valid_pid:
            return f"{message} {self._advice}"
        return message

    def release(self) -> None:
        """Release the lock; does nothing if this object does not hold it."""
        if self._held is not None:
            self._held.end()
            self._held = None
        self._file_lock.release()

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Guard writes to the folder: check the lock before the block and translate disk errors.

        A machine that slept for an hour may have lost its lock meanwhile. If this object does not
        hold the lock, nothing is checked.

        Raises:
            InUseError: If another process has taken the lock over; names it.
            DiskWriteError: If the file system refuses.
        """
        with translate_write_errors(self.path.parent):
            if self._held is not None:
                holder_file = heartbeat.read_holder_file(self._held.path)
                # A holder file that is missing, damaged or unreadable names no other process.
                if holder_file is not None and holder_file.holder.token not in (
                    "",
                    self._held.token,
                ):
                    raise InUseError(
                        f"{self._subject} was taken over by {holder_file.holder}, so this process "
                        "stopped writing."
                    )
            yield

    def move_folder(self, target: Path) -> None:
        """Move the lock's folder while other writers are kept out, then release the lock.

        Args:
            target: The new path of the folder, which must not exist.

        Raises:
            OSError: If the file system refuses; the holder file then still keeps others out.
        """
        # Windows cannot rename a folder with an open file, so the lock file is closed first. The
        # holder file keeps others out meanwhile.
        self._file_lock.release()
        self.path.parent.rename(target)
        # Also the holder files of pins and labels, which nobody can release in the moved folder.
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
