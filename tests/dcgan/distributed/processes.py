"""Pairs of processes that train one run, for the tests of workers."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dcgan.runs.run_folder import open_run
from tests.command_line import TINY_OPTIONS
from tests.forked_python import start_python
from tests.ports import find_free_addresses

TIMEOUT_SECONDS = 240.0  # Long enough for a busy machine.
# An hour is more than a test takes, so a run ends only when a test ends it.
LONG_RUN_OPTIONS = (
    *TINY_OPTIONS,
    "--generator-units=8",
    "--discriminator-units=6",
    "--evaluate-every=0",
    "--max-seconds=3600",
)


def find_two_addresses() -> str:
    """Return two free addresses as the flag --workers takes them."""
    return ",".join(find_free_addresses(2))


class Workers:
    """Starts processes, and kills those that still run at the end of the test."""

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        process = start_python(*arguments)
        self._processes.append(process)
        return process

    def start_pair(
        self, chief: Sequence[str], worker: Sequence[str] | None = None
    ) -> list[subprocess.Popen[str]]:
        """Start the chief and one worker.

        Args:
            chief: The arguments of the chief's dcgan command.
            worker: Those of the worker's command; None for the same as the chief's.
        """
        workers = ("--workers", find_two_addresses(), "--worker-index")
        return [
            self.start("-m", "dcgan", *arguments, *workers, str(index))
            for index, arguments in enumerate((chief, chief if worker is None else worker))
        ]

    def close(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()


def wait_for_end(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for a process; return its exit code, its last line of output and its standard error."""
    out, errors = process.communicate(timeout=TIMEOUT_SECONDS)
    return process.returncode, (out.splitlines() or [""])[-1], errors


def wait_for_step(run: Path, step: int, processes: list[subprocess.Popen[str]]) -> None:
    """Wait until a run's history is past a step; fail if a process ends before."""
    path = run / "history.jsonl"
    for _ in range(int(TIMEOUT_SECONDS / 0.1)):
        reports = open_run(run).history.read_steps() if path.exists() else []
        if reports and reports[-1].step > step:
            return
        for process in processes:
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError(f"a worker has ended: {wait_for_end(process)}")
    raise AssertionError(f"step {step} was not reached in time")


def save_noise(path: Path, num: int) -> str:
    """Save `num` random images, which load faster than MNIST; return the file's path."""
    pixels = np.random.default_rng(0).integers(0, 256, (num, 28, 28), dtype=np.uint8)
    np.savez(path, images=pixels)
    return str(path)
