"""A dashboard in its own process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Sequence
from email.message import Message
from pathlib import Path
from typing import NamedTuple, Self

from dcgan.installation import list_included_runs
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run, open_run
from tests.forked_python import start_python

REPOSITORY = Path(__file__).resolve().parents[2]

# Long, as the machine may be busy; every wait ends as soon as its condition holds.
TIMEOUT_SECONDS = 120
_RETRY_SECONDS = 0.1

# The module with the dashboard whose runs have small networks and whose pages poll more often.
QUICK = "tests.browser.quick_studio"

_TRACEBACK = "Traceback (most recent call last)"


def open_included_run() -> Run:
    """Open the included run that pages show first: it has learned the classes."""
    return open_run(list_included_runs()[1])


class Answer(NamedTuple):
    """The answer of a server to a request without a browser."""

    status: int
    text: str
    headers: Message


class Studio:
    """A dashboard's server process, its log and the folder of its runs."""

    def __init__(self, folder: Path, base_path: str = "") -> None:
        """Choose a free port; `serve` starts the server.

        Args:
            folder: Folder for its runs and its log.
            base_path: Path below which it answers, with a leading slash, or "".
        """
        self.root = folder / "runs"
        with socket.socket() as probe:  # The system picks a free port.
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}{base_path}"
        self._environment = {
            "DCGAN_STUDIO_ROOT": str(self.root),
            "STREAMLIT_SERVER_BASE_URL_PATH": base_path,
        }
        self._log = folder / "server.log"
        self._log.touch()

    def list_arguments(self, *options: str, module: str = "dashboard") -> list[str]:
        """Return the arguments with which `python` starts the server.

        Args:
            options: More options of the dashboard.
            module: Module to run, such as `QUICK`.
        """
        place = ("--no-browser", "--port", str(self.port), "--root", str(self.root))
        return ["-m", module, *place, *options]

    def serve(self, *options: str, module: str = "dashboard") -> Self:
        """Start the server with these options, and wait until it answers."""
        with self._log.open("wb") as log:
            self.process = start_python(
                *self.list_arguments(*options, module=module),
                environment=os.environ | self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return self._wait_for_answer()

    def serve_from(self, folder: Path, command: Sequence[str]) -> Self:
        """Start the server by a command in a working directory, and wait until it answers."""
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=os.environ | self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
            )
        return self._wait_for_answer()

    def _wait_for_answer(self) -> Self:
        for _ in range(int(TIMEOUT_SECONDS / _RETRY_SECONDS)):
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=10):
                    return self
            except OSError:  # Not listening yet, or too busy to answer in time.
                self._expect_alive()
        self.close()
        raise AssertionError(f"The server did not answer:\n{self.read_log()}")

    def _expect_alive(self) -> None:
        try:
            code = self.process.wait(_RETRY_SECONDS)
        except subprocess.TimeoutExpired:
            return
        raise AssertionError(f"The server ended with code {code}:\n{self.read_log()}")

    def read_log(self) -> str:
        """Return the server's output so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def terminate(
        self, timeout: float = TIMEOUT_SECONDS, signal_to_send: signal.Signals = signal.SIGTERM
    ) -> None:
        """Send the server a signal, by default as a supervisor does, and wait for its end."""
        self.process.send_signal(signal_to_send)
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)  # The log then shows what it waits for.
            self.process.wait()
            raise

    def close(self) -> None:
        """Stop the server if it still runs, and fail if its log has a traceback."""
        if self.process.poll() is None:
            self.terminate()
        assert _TRACEBACK not in self.read_log(), self.read_log()

    def request(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Request a path of the server without a browser, with these headers."""
        request = urllib.request.Request(f"{self.url}{path}", headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
                return Answer(answer.status, answer.read().decode(), answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read().decode(), error.headers)

    def is_training(self) -> bool:
        """Return whether a run makes steps; a paused run and one in preparation do not."""
        return self.request("/news").text.startswith("running ")

    def list_own_runs(self) -> list[Run]:
        """Return its runs without the included ones, newest first."""
        return [run for run in list_runs(self.root)[0] if not run.is_read_only]
