"""Holder of a lock: a description of a process, and the check whether it still runs."""

from __future__ import annotations

import functools
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel


class Holder(BaseModel, frozen=True):
    """Content of a holder file: the process that holds the lock.

    Attributes:
        token: Random text, new for each acquisition of the lock.
        host: Name of the machine.
        boot: ID of the machine's current boot (Linux); otherwise empty.
        namespace: ID of the container's process namespace (Linux); otherwise empty.
        pid: Process ID.
        started: Start of the process in ticks since the boot, which distinguishes it from a later
            process with the same ID; 0 if unknown.
        since: ISO 8601 time of the acquisition.
        is_released: Whether the process has released the lock since.
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
        """Describe the process, such as "process 4711 on host-a since 2026-11-28 14:02"."""
        if not self.host or not self.host.isprintable():
            return "another process"
        moment = datetime.fromisoformat(self.since).astimezone()
        return f"process {self.pid} on {self.host} since {moment:%Y-%m-%d %H:%M}"

    @property
    def is_on_this_host(self) -> bool:
        """Whether the process runs on this machine."""
        return self.host == platform.node()

    @property
    def has_valid_pid(self) -> bool:
        """Whether this process can look up the holder by its process ID.

        A process ID loses its meaning after a reboot of the machine and in another container.
        """
        is_same_boot = self.boot == _read_boot_id() and self.namespace == _read_namespace_id()
        return self.is_on_this_host and is_same_boot


def describe_this_process(token: str) -> Holder:
    """Return this process as the holder of a lock that it acquires now."""
    return Holder(
        token=token,
        host=platform.node(),
        boot=_read_boot_id(),
        namespace=_read_namespace_id(),
        pid=os.getpid(),
        started=_read_process_start(os.getpid()) or 0,
        since=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def is_running(holder: Holder) -> bool | None:
    """Return whether a holder with a valid process ID still runs; None if this is unknown."""
    if sys.platform == "win32":  # There, os.kill would end the process.
        return None
    try:
        os.kill(holder.pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # Another user's process; an invalid ID.
        pass
    started = _read_process_start(holder.pid)
    if started is None or holder.started == 0:
        return None
    return started == holder.started


def _read_process_start(pid: int) -> int | None:
    """Return the start of a process in ticks since the boot.

    Returns:
        0 for a zombie process; None if it cannot be read.
    """
    try:
        # Linux, proc(5): the name in brackets may hold anything; state and start are the 3rd and
        # 22nd fields.
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return 0 if fields[0] in (b"Z", b"X") else int(fields[19])
    except (OSError, ValueError, IndexError):
        return None


@functools.cache
def _read_boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _read_namespace_id() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""
