"""Train for a long time while tabs poll, reload and click; prints the cost over time.

    python tests/benchmarks/soak.py [--minutes 20] [--tabs 10]

A real server and a real Chromium, with the default settings on MNIST and no end. Most tabs watch
Train, one moves sliders on Explore, one visits all pages. Every ten seconds one tab is reloaded,
every minute the run is paused and then resumed from another tab, and sometimes changed or rolled
back. Each line of the table has the server's resident memory, threads and open files, the images/s
since the last line, and the number of errors in the server's log and the browser's console.
"""

from __future__ import annotations

import argparse
import itertools
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent))

from servers import BATCH_SIZE, launch_chromium, read_newest, run_server

WARM_UP_MINUTES = 5.0  # Until caches and thread pools have their full size.
LINE_SECONDS = 60.0
PAGES = ("Explore", "Runs", "Learn", "Train")


def main() -> None:
    """Run the soak and print its table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--tabs", type=int, default=10, help="At least 5.")
    options = parser.parse_args()
    if options.tabs < 5:
        parser.error(f"--tabs: got {options.tabs}; expected 5 or more")
    errors: list[str] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        root, log = Path(folder) / "runs", Path(folder) / "server.log"
        with log.open("wb") as output, run_server(root, output) as (url, _, process_id):
            browser = launch_chromium(playwright)
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            tabs = [open_tab(context, url, errors) for _ in range(options.tabs)]
            start_run(tabs[0])
            run = next(path for path in root.iterdir() if (path / "config.json").is_file())
            samples = watch_server(tabs, process_id, run, log, errors, options.minutes)
            tabs[0].goto(url)
            tabs[0].get_by_role("button", name="Stop training").click()
            tabs[0].get_by_role("button", name="Start training").wait_for(timeout=60_000)
            browser.close()
        for line in log.read_text(errors="replace").splitlines():
            if is_error(line):
                errors.append(line)
    print_report(samples, errors)
    sys.exit(1 if errors else 0)


def open_tab(context: BrowserContext, url: str, errors: list[str]) -> Page:
    """Open the first page, and record the errors of its console."""
    page = context.new_page()

    def record_error(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"console: {message.text[:200]}")

    page.on("console", record_error)
    page.on("pageerror", lambda error: errors.append(f"page: {error}"[:200]))
    page.goto(url)
    return page


def start_run(page: Page) -> None:
    """Start a run with 100,000 epochs."""
    page.get_by_text("Change settings").click()
    page.get_by_label("Epochs", exact=True).fill("100000")
    page.get_by_role("button", name="Start training").click()
    page.locator(".st-key-sample-grid img").wait_for(timeout=120_000)


def watch_server(
    tabs: list[Page], process_id: int, run: Path, log: Path, errors: list[str], minutes: float
) -> list[tuple[float, float]]:
    """Use the tabs until the time is over; return minutes and resident megabytes."""
    began = time.monotonic()
    samples: list[tuple[float, float]] = []
    print(f"{'min':>5}{'MB':>8}{'threads':>9}{'files':>7}{'images/s':>10}{'errors':>8}")  # noqa: T201
    last_step, last_time = read_newest(run)[0], began
    tabs[1].get_by_role("link", name="Explore", exact=True).click()
    for turn in itertools.count():
        elapsed = (time.monotonic() - began) / 60
        if elapsed >= minutes:
            return samples
        use_tabs(tabs, turn)
        if time.monotonic() - last_time >= LINE_SECONDS:
            step, now = read_newest(run)[0], time.monotonic()
            speed = (step - last_step) * BATCH_SIZE / (now - last_time)
            last_step, last_time = step, now
            megabytes, threads = read_status(process_id)
            samples.append((elapsed, megabytes))
            files = len(list(Path(f"/proc/{process_id}/fd").iterdir()))
            num_errors = len(errors) + sum(
                is_error(line)
                for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
            )
            print(  # noqa: T201
                f"{elapsed:5.1f}{megabytes:8.0f}{threads:9}{files:7}{speed:10,.0f}{num_errors:8}",
                flush=True,
            )
    return samples


def use_tabs(tabs: list[Page], turn: int) -> None:
    """Use the tabs as people do, for about two seconds."""
    slider = tabs[1].locator(".st-key-latent-sliders input[type=range]").first
    slider.wait_for(timeout=60_000)
    slider.focus()
    tabs[1].keyboard.press("ArrowRight" if turn % 20 < 10 else "ArrowLeft")
    if turn % 5 == 0:
        tab = tabs[2 + turn // 5 % (len(tabs) - 2)]
        tab.reload()
    if turn % 7 == 0:
        tabs[0].get_by_role("link", name=PAGES[turn // 7 % len(PAGES)], exact=True).click()
    if turn % 30 == 20:
        steer(tabs[3], turn)
    if turn % 30 == 10:
        tabs[3].bring_to_front()
        tabs[3].get_by_role("button", name="Pause training").click(timeout=60_000)
        tabs[4].bring_to_front()
        tabs[4].get_by_role("button", name="Resume training").click(timeout=60_000)
    tabs[turn % len(tabs)].wait_for_timeout(2000)


def steer(page: Page, turn: int) -> None:
    """Change a learning rate, or roll back to the newest checkpoint."""
    page.bring_to_front()
    panel = page.locator(".st-key-steering")
    if not panel.is_visible():
        page.get_by_text("Steer this run").click()
    if turn % 60 == 20:
        rate = "0.0015" if turn % 120 == 20 else "0.002"
        panel.get_by_label("Generator learning rate", exact=True).fill(rate)
        panel.get_by_role("button", name="Apply").click()
    else:
        panel.get_by_role("button", name=re.compile("^Return to step")).click()


def read_status(process_id: int) -> tuple[float, int]:
    """Return a process's resident megabytes and its number of threads."""
    text = Path(f"/proc/{process_id}/status").read_text(encoding="utf-8")
    fields = dict(re.findall(r"^(VmRSS|Threads):\s+(\d+)", text, re.MULTILINE))
    return int(fields["VmRSS"]) / 1024, int(fields["Threads"])


def is_error(line: str) -> bool:
    """Return whether a line of the server's log reports an error."""
    return bool(re.search(r"Traceback|\bERROR\b|Exception", line))


def print_report(samples: list[tuple[float, float]], errors: list[str]) -> None:
    """Print the growth of memory after the warm-up, and each different error."""
    late = [(at, megabytes) for at, megabytes in samples if at >= WARM_UP_MINUTES]
    if len(late) >= 2:
        minutes, megabytes = zip(*late, strict=True)
        slope = statistics.linear_regression(minutes, megabytes).slope * 60
        print(f"memory after {WARM_UP_MINUTES:g} min: {slope:+.0f} MB an hour")  # noqa: T201
    print(f"errors: {len(errors)}")  # noqa: T201
    for error in sorted(set(errors)):
        print(f"  {error}")  # noqa: T201


if __name__ == "__main__":
    main()
