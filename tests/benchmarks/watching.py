"""Measure the cost of watching a long run; prints a table.

    python tests/benchmarks/watching.py [--rounds 3] [--seconds 20] [--tabs 10]

It starts a real server and a real Chromium. The server continues a copy of the included run, 59
epochs long, and the Train page shows its whole history. The table has:

- the server's time for one refresh of the Train page, with one tab and with many: 50th and 95th
  percentile in wall time and in CPU time of its thread; and the wall time of all refreshes as a
  share of the time of all cores (with --more, "Training in detail" is open in the first tab);
- images/s with no tab, one tab and many, measured in turn (A B C A B C …).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent))

from servers import (
    BATCH_SIZE,
    REPOSITORY,
    launch_chromium,
    print_times,
    read_newest,
    wait_for_report,
    wait_for_server,
)

WARM_UP_SECONDS = 30.0

# A server that logs the time of each script run, and resumes the run when it has started.
TIMED_SERVER = """
import json, runpy, sys, threading, time
from pathlib import Path
from streamlit.runtime.scriptrunner import script_runner

log, run, port, root = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
run_script = script_runner.ScriptRunner._run_script

def timed(self, data):
    began, worked = time.perf_counter(), time.thread_time()
    try:
        return run_script(self, data)
    finally:
        took, worked = time.perf_counter() - began, time.thread_time() - worked
        line = {
            "at": time.time(), "took": took, "worked": worked,
            "is_refresh": bool(data.fragment_id_queue),
        }
        with log.open("a") as file:
            file.write(json.dumps(line) + chr(10))

script_runner.ScriptRunner._run_script = timed

def continue_soon():
    time.sleep(3)
    from dashboard.state.trainer import get_trainer
    from dcgan.runs.run_folder import open_run
    get_trainer().continue_run(open_run(run), epochs=500)

threading.Thread(target=continue_soon, daemon=True).start()
sys.argv = ["dashboard", "--no-browser", "--port", port, "--root", root]
runpy.run_module("dashboard", run_name="__main__")
"""


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20.0, help="Duration of each measurement.")
    parser.add_argument("--tabs", type=int, default=10)
    parser.add_argument("--more", action="store_true", help="Open Training in detail in one tab.")
    options = parser.parse_args()
    speeds: dict[int, list[float]] = {0: [], 1: [], options.tabs: []}
    refreshes: dict[int, list[float]] = {1: [], options.tabs: []}
    cpu_times: dict[int, list[float]] = {1: [], options.tabs: []}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        run, log = Path(folder) / "runs" / "long", Path(folder) / "log"
        shutil.copytree(REPOSITORY / "checkpoints" / "pretrained", run)
        with timed_server(log, run) as (url, _):
            wait_for_report(run)
            time.sleep(WARM_UP_SECONDS)
            browser = launch_chromium(playwright)
            for number in range(1, options.rounds + 1):
                for num_tabs in speeds:
                    with open_tabs(browser, url, num_tabs, has_more=options.more):
                        began, (step, _) = time.time(), read_newest(run)
                        time.sleep(options.seconds)
                        took, steps = time.time() - began, read_newest(run)[0] - step
                    speeds[num_tabs].append(steps * BATCH_SIZE / took)
                    if num_tabs:
                        refreshes[num_tabs] += read_refresh_times(log, began, "took")
                        cpu_times[num_tabs] += read_refresh_times(log, began, "worked")
                print(f"round {number} of {options.rounds} done", flush=True)  # noqa: T201
            browser.close()
    for num_tabs, values in speeds.items():
        print_times(f"{num_tabs} tabs", values, "images/s")
    for num_tabs in refreshes:
        ratios = [ours / free for ours, free in zip(speeds[num_tabs], speeds[0], strict=True)]
        print_times(f"{num_tabs} tabs / none", ratios, "")
    for num_tabs, times in refreshes.items():
        print_times(f"a refresh, {num_tabs} tabs", times, "ms")
        percentile_95 = statistics.quantiles(times, n=20)[-1]
        print(f"{'  95th percentile':34}{percentile_95:10.0f} ms")  # noqa: T201
        percentile_95 = statistics.quantiles(cpu_times[num_tabs], n=20)[-1]
        print(f"{'  CPU time, 95th percentile':34}{percentile_95:10.0f} ms")  # noqa: T201
        share = (
            sum(times) / 1000 / (options.rounds * options.seconds) / len(os.sched_getaffinity(0))
        )
        print(f"{'  share of all cores':34}{share:10.1%}")  # noqa: T201


def read_refresh_times(log: Path, began: float, clock: str) -> list[float]:
    """Return the milliseconds of each refresh since a time.

    Args:
        log: The log of the timed server.
        began: Seconds since the epoch.
        clock: "took" for wall time, "worked" for the CPU time of the refresh's thread.
    """
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return [1000 * line[clock] for line in lines if line["is_refresh"] and line["at"] >= began]


@contextmanager
def open_tabs(browser: Browser, url: str, num: int, *, has_more: bool) -> Iterator[None]:
    """Open tabs on the Train page; close them at the end."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    for index in range(num):
        page = context.new_page()
        page.goto(url)
        page.locator(".st-key-loss-chart .chart").wait_for(timeout=120_000)
        if index == 0 and has_more:
            page.get_by_text("Training in detail").click()
    yield
    context.close()


@contextmanager
def timed_server(log: Path, run: Path) -> Iterator[tuple[str, int]]:
    """Start the server that logs its times; yield its address and its process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = [str(log), str(run), str(port), str(run.parent)]
    process = subprocess.Popen(
        [sys.executable, "-c", TIMED_SERVER, *arguments],
        cwd=REPOSITORY,
        env=os.environ | {"DCGAN_STUDIO_ROOT": str(run.parent)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}/"
    try:
        wait_for_server(url, process)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(timeout=60)


if __name__ == "__main__":
    main()
