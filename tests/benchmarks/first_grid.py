"""Measure the time from `Start training` to the first grid and the first trained step on screen.

    python tests/benchmarks/first_grid.py [--rounds 5] [--idle-seconds 5]

Each round starts a server, opens Explore until it shows a picture, so that TensorFlow is loaded,
opens Train, waits, and starts a run with the default settings on MNIST. Prints medians and ranges
in seconds.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page
from servers import open_browser_page, print_times, run_server

_FIRST_STEP = """() => {
    const chart = document.querySelector(".st-key-loss-chart [role=img][alt]");
    return chart && /step [1-9]/.test(chart.getAttribute("alt"));
}"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--idle-seconds", type=float, default=5.0, help="What a person reads before the click."
    )
    options = parser.parse_args()
    to_grid, to_step = [], []
    with open_browser_page() as page:
        page.set_default_timeout(120_000)
        for _ in range(options.rounds):
            with tempfile.TemporaryDirectory() as root, run_server(Path(root)) as (url, _, _):
                page.goto(f"{url}explore")
                page.locator(".st-key-latent-grid img[alt*='step ']").wait_for()
                page.goto(url)
                grid, step = measure_start(page, options.idle_seconds)
            to_grid.append(grid)
            to_step.append(step)
    print_times("Start to first grid on screen", to_grid, "s")
    print_times("Start to first trained step", to_step, "s")


def measure_start(page: Page, idle_seconds: float) -> tuple[float, float]:
    """Start a run and stop it; return the seconds to its first grid and to its first step."""
    start = page.get_by_role("button", name="Start training", exact=True)
    start.wait_for()
    time.sleep(idle_seconds)
    began = time.perf_counter()
    start.click()
    page.locator(".st-key-sample-grid img").wait_for()
    to_grid = time.perf_counter() - began
    page.wait_for_function(_FIRST_STEP)
    to_step = time.perf_counter() - began
    page.get_by_role("button", name="Stop training").click()
    start.wait_for()
    return to_grid, to_step


if __name__ == "__main__":
    main()
