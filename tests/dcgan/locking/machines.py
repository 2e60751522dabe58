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

ROOT = Path(__file__).parents[3]
BEAT_SECONDS = 0.05

# A process on another machine: a shared disk hides its file lock from other machines.
OTHER_MACHINE = f"""
import platform, sys
from pathlib import Path
from dcgan.locking import heartbeat, lock
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


def age(run: Run, seconds: float) -> None:
    """Make the last heartbeat older, or newer if negative."""
    moment = time.time() - seconds
    os.utime(run.path / ".holder", (moment, moment))
