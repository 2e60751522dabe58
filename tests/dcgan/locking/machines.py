"""Processes that hold a run as if on another machine."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dcgan.runs.manifest import State
from dcgan.runs.run_folder import Run

REPOSITORY = Path(__file__).parents[3]
BEAT_SECONDS = 0.05

# A process as if on another machine. File locks do not reach across machines on every shared
# disk, so each host locks its own file.
OTHER_MACHINE = f"""
import platform, sys
from pathlib import Path
from dcgan.locking import heartbeat, lock
from dcgan.runs.run_folder import open_run

class HostFileLock(lock.FileLock):
    def __init__(self, path, **options):
        super().__init__(f"{{path}}-of-{{platform.node()}}", **options)

folder, host = Path(sys.argv[1]), sys.argv[2]
if host != platform.node():
    platform.node = lambda: host
    lock.FileLock = HostFileLock
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
    """A process that holds a run as if on another machine."""

    process: subprocess.Popen[str]

    def end(self) -> None:
        """Make the process release the run and end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait() == 0

    def read_answer(self) -> str:
        """Return the next line that the process prints."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def write_status(self, state: State) -> str:
        """Make the process write a status; return "written", or the error with its type."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{state}\n")
        self.process.stdin.flush()
        return self.read_answer()


@contextlib.contextmanager
def hold_run(run: Run, host: str, state: State = "running") -> Iterator[Machine]:
    """Hold a run by a process with this host name and status; kill the process at the end."""
    with subprocess.Popen(
        [sys.executable, "-c", OTHER_MACHINE, str(run.path), host, state],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            machine = Machine(process)
            assert machine.read_answer() == "held"
            yield machine
        finally:
            process.kill()


def age_heartbeat(run: Run, seconds: float) -> None:
    """Set the last heartbeat to this many seconds ago; negative ones are in the future."""
    moment = time.time() - seconds
    os.utime(run.path / ".holder", (moment, moment))
