"""A dashboard in its own process, and what tests read and click on its pages."""

from __future__ import annotations

import base64
import io
import os
import re
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from PIL import Image
from playwright.sync_api import Locator, Page, expect

from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run
from tests.forked_python import start_python

REPOSITORY = Path(__file__).resolve().parents[2]

# Long, as the machine may be busy; every wait ends as soon as its condition holds.
TIMEOUT_SECONDS = 120
_RETRY_SECONDS = 0.1

QUICK = "tests.browser.quick_studio"

_TRACEBACK = "Traceback (most recent call last)"


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

    def words(self, *options: str, module: str = "dashboard") -> list[str]:
        """Return what follows `python` on its command line.

        Args:
            options: More options.
            module: Module to run; `QUICK` has small networks and polls more often.
        """
        place = ("--no-browser", "--port", str(self.port), "--root", str(self.root))
        return ["-m", module, *place, *options]

    def serve(self, *options: str, module: str = "dashboard") -> Self:
        """Start the server with these options, and wait until it answers."""
        with self._log.open("wb") as log:
            self.process = start_python(
                *self.words(*options, module=module),
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
        raise AssertionError(f"The server did not answer:\n{self.log()}")

    def _expect_alive(self) -> None:
        try:
            code = self.process.wait(_RETRY_SECONDS)
        except subprocess.TimeoutExpired:
            return
        raise AssertionError(f"The server ended with code {code}:\n{self.log()}")

    def log(self) -> str:
        """Return the server's output so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def terminate(
        self, timeout: float = TIMEOUT_SECONDS, number: signal.Signals = signal.SIGTERM
    ) -> None:
        """Send the server a signal, by default that of a supervisor, and wait for its end."""
        self.process.send_signal(number)
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
        assert _TRACEBACK not in self.log(), self.log()

    def is_training(self) -> bool:
        """Return whether a run trains; one that is paused or begins does not."""
        with urllib.request.urlopen(f"{self.url}/news", timeout=TIMEOUT_SECONDS) as answer:
            return bool(answer.read().startswith(b"running "))

    def own_runs(self) -> list[Run]:
        """Return its runs without the included one, newest first."""
        return [run for run in list_runs(self.root)[0] if not run.is_read_only]


# Every page


def button(page: Page | Locator, name: str) -> Locator:
    """Return the button with exactly this accessible name."""
    return page.get_by_role("button", name=name, exact=True)


def picture_in(page: Page, key: str) -> Locator:
    """Return the first picture in the container with this key."""
    return page.locator(f".st-key-{key} img[alt*='step ']").first


def pixels_of(picture: Locator) -> Image.Image:
    """Return the image that a picture on the page shows, at its own size."""
    encoded = (picture.get_attribute("src") or "").partition(";base64,")[2]
    return Image.open(io.BytesIO(base64.b64decode(encoded)))


def alt_of(shown: Locator) -> str:
    """Return the `alt` of a picture or chart."""
    alt = shown.get_attribute("alt")
    assert alt, f"{shown} has no alt"
    return alt


def step_of(shown: Locator) -> int:
    """Return the step in the `alt` of a picture or chart."""
    found = re.search(r"step (\d+)", alt_of(shown))
    assert found, f"no step in {alt_of(shown)!r}"
    return int(found[1])


def wait_for_step_after(shown: Locator, step: int) -> int:
    """Wait until a picture or chart shows a later step; return that step.

    One that the page takes away meanwhile is of the run before: its step doesn't count.
    """
    later = None
    while later is None:
        found = shown.page.wait_for_function(
            """([node, step]) => {
                if (!node.isConnected) return { step: null };
                const found = /step (\\d+)/.exec(node.getAttribute("alt"));
                return found && Number(found[1]) > step ? { step: Number(found[1]) } : null;
            }""",
            arg=[shown.element_handle(), step],
        )
        later = found.json_value()["step"]
    return int(later)


def wait_for_polls(page: Page) -> None:
    """Wait until the server has answered a poll that the page sends from now on."""
    for _ in range(2):  # The first answer may be to an earlier poll.
        with page.expect_response(re.compile("/news\\?")):
            pass


def download(page: Page, place: Locator, name: str) -> tuple[str, bytes]:
    """Click a download button in a place; return the file's name and bytes."""
    with page.expect_download() as waiting:
        button(place, name).click()
    file = waiting.value
    return file.suggested_filename, Path(file.path()).read_bytes()


def choose(page: Page, label: str, option: str | re.Pattern[str]) -> None:
    """Choose an option in a select box."""
    page.get_by_role("combobox", name=label, exact=True).click()
    is_whole = isinstance(option, str)
    page.get_by_role("option", name=option, exact=is_whole).click()


# The Train page


def loss_chart(page: Page) -> Locator:
    """Return the chart of the losses."""
    return page.locator(".st-key-loss-chart [role='img'][alt]")


def open_training(page: Page, studio: Studio) -> None:
    """Open the Train page with a run in training; start one with default settings if necessary."""
    page.goto(studio.url)
    start, stop = button(page, "Start training"), button(page, "Stop training")
    expect(start.or_(stop)).to_be_visible()
    if start.is_visible():
        start.click()
        expect(stop).to_be_visible()
    resume = button(page, "Resume training")
    if resume.is_visible():
        resume.click()
    wait_for_step_after(loss_chart(page), 0)


def stop_training(page: Page) -> None:
    """Stop the run on the Train page and wait until it is saved."""
    button(page, "Stop training").click()
    expect(button(page, "Start training")).to_be_visible()
