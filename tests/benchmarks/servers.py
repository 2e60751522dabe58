"""The server, the browser and the progress of a run, as the benchmarks measure them."""

from __future__ import annotations

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

REPOSITORY = Path(__file__).resolve().parents[2]
BATCH_SIZE = 64  # Of the default settings.
_WARM_UP_SECONDS = 30.0  # Tracing, and the first seconds, in which the page polls most often.
_TIMEOUT_SECONDS = 120.0


@contextmanager
def run_server(
    root: Path, output: int | BinaryIO = subprocess.DEVNULL
) -> Iterator[tuple[str, float, int]]:
    """Start the dashboard; yield its address, the seconds until it answered and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/"
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard", "--no-browser", f"--port={port}", f"--root={root}"],
        cwd=REPOSITORY,
        stdout=output,
        stderr=output,
    )
    try:
        wait_for_server(url, process)
        yield url, time.perf_counter() - began, process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_for_server(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until a server answers."""
    _wait_until(lambda: _answers(url), 0.02, process)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:
        return False


@contextmanager
def open_browser_page() -> Iterator[Page]:
    """Open a page in Chromium."""
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        yield browser.new_page(viewport={"width": 1400, "height": 1000})
        browser.close()


def launch_chromium(playwright: Playwright) -> Browser:
    """Start Chromium, the one that the variable CHROMIUM names if it is set."""
    return playwright.chromium.launch(
        executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
        args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    )


def measure_throughput(
    run: Path, seconds: float, process: subprocess.Popen[bytes] | None = None
) -> float:
    """Wait for the warm-up, then return real images per second of wall time.

    Args:
        run: The folder of a run in training.
        seconds: How long to measure.
        process: The process that trains, if it is known; the benchmark ends if it does.
    """
    _wait_until(lambda: read_newest(run)[1] >= _WARM_UP_SECONDS, 0.05, process)
    first_step, first_time = wait_for_report(run, process)
    time.sleep(seconds)
    last_step, last_time = wait_for_report(run, process)
    return (last_step - first_step) * BATCH_SIZE / (last_time - first_time)


def wait_for_report(run: Path, process: subprocess.Popen[bytes] | None = None) -> tuple[int, float]:
    """Wait for the next report on disk; return its step and its time."""
    before = read_newest(run)[0]
    _wait_until(lambda: read_newest(run)[0] != before, 0.002, process)
    return read_newest(run)[0], time.perf_counter()


def _wait_until(
    is_true: Callable[[], bool], pause: float, process: subprocess.Popen[bytes] | None
) -> None:
    """Wait until a condition holds; end the benchmark if it cannot hold any more."""
    deadline = time.monotonic() + _TIMEOUT_SECONDS
    while not is_true():
        if process is not None and process.poll() is not None:
            raise SystemExit(f"the process has ended with exit code {process.returncode}")
        if time.monotonic() > deadline:
            raise SystemExit(f"gave up after {_TIMEOUT_SECONDS:.0f} seconds without progress")
        time.sleep(pause)


def read_newest(run: Path) -> tuple[int, float]:
    """Return step and training seconds of the newest whole line of a run's history."""
    try:
        lines = (run / "history.jsonl").read_bytes().split(b"\n")
    except FileNotFoundError:
        return 0, 0.0
    if len(lines) < 2:
        return 0, 0.0
    line = json.loads(lines[-2])
    return line["step"], line["seconds"]


def print_times(name: str, values: list[float], unit: str) -> None:
    """Print the median and the range of some measurements."""
    digits = 3 if not unit else 0 if unit in ("ms", "images/s") else 1
    middle, low, high = statistics.median(values), min(values), max(values)
    print(  # noqa: T201
        f"{name:34}{middle:10.{digits}f} {unit:9} "
        f"({low:.{digits}f} to {high:.{digits}f}, {len(values)} times)"
    )
