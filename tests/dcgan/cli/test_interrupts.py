"""Signals and closed terminals: a checkpoint is saved, and the exit code names the signal."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import time
from pathlib import Path
from typing import Self

import pytest

from dcgan.runs.run_folder import open_run
from tests.command_line import TINY_OPTIONS, invoke, read_refusal
from tests.forked_python import start_python
from tests.skips import needs_signals

pytestmark = pytest.mark.usefixtures("no_included_run")


def interrupt(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str, str]:
    """Send a signal, and return exit code, last line of standard output and standard error."""
    process.send_signal(number)
    output, errors = process.communicate(timeout=120)
    return process.returncode, output.splitlines()[-1], errors


def wait_for_a_step(process: subprocess.Popen[str]) -> None:
    """Wait until a command prints its progress for the first time."""
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if line.startswith("epoch "):
            return
    pytest.fail(f"it ended without a step: {''.join(lines)}")


class TerminalCommand:
    """A command in the foreground of its own terminal, which can be closed."""

    def __init__(self, *arguments: object) -> None:
        """Start the command."""
        self._screen, terminal = os.openpty()
        self._process = start_python(
            *("-c", TERMINAL_SCRIPT, *arguments),
            environment=os.environ | {"COLUMNS": "200"},
            stdout=terminal,
            stderr=terminal,
        )
        os.close(terminal)

    def __enter__(self) -> Self:
        return self

    def wait_for(self, text: str) -> None:
        """Read from the screen until a text appears."""
        seen = ""
        deadline = time.monotonic() + 120
        while text not in seen:
            seconds_left = max(0.0, deadline - time.monotonic())
            assert select.select([self._screen], [], [], seconds_left)[0], seen
            seen += os.read(self._screen, 65536).decode(errors="replace")

    def close(self) -> int:
        """Close the terminal, and return the command's exit code."""
        os.close(self._screen)
        return self._process.wait(timeout=120)

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.wait()


# Only the session that controls a terminal gets SIGHUP when it is closed.
TERMINAL_SCRIPT = """
import fcntl, os, runpy, sys, termios
os.setsid()
fcntl.ioctl(1, termios.TIOCSCTTY, 0)
sys.argv[0] = "dcgan"
runpy.run_module("dcgan", run_name="__main__", alter_sys=True)
"""


@needs_signals
@pytest.mark.usefixtures("default_hangups")
def test_signals_save_a_checkpoint_and_exit_with_their_code(
    spots_file: str, tmp_path: Path
) -> None:
    folder = tmp_path / "first"
    options = ("--max-seconds=600", "--evaluate-every=0", *TINY_OPTIONS)
    arguments = ("--dataset", spots_file, "--run-dir", folder, *options)
    with start_python("-m", "dcgan", "train", *arguments) as process:
        wait_for_a_step(process)
        code, last_line, errors = interrupt(process, signal.SIGINT)
    assert (code, last_line) == (130, str(folder)), errors
    assert "Traceback" not in errors
    run = open_run(folder)
    first = run.read_status()
    assert (first.state, run.checkpoints.list_steps()[-1]) == ("stopped", first.step)
    assert first.step >= 1
    assert f"Saved at step {first.step:,}; resume continues from there." in errors

    with TerminalCommand("resume", "first", "--root", tmp_path) as terminal:
        terminal.wait_for("pictures/s, step ")
        (row,) = json.loads(invoke("runs", "--root", tmp_path, "--json").stdout)
        assert row["status"] == "running"
        assert "first is being written by process" in read_refusal("resume", folder, exit_code=1)
        assert terminal.close() == 129
    second = run.read_status()
    assert (second.state, run.checkpoints.list_steps()[-1]) == ("stopped", second.step)
    assert second.step > first.step
    assert second.seconds > first.seconds
