"""Measure the response times of the dashboard while a run trains; prints a table.

    python tests/benchmarks/dashboard_speed.py [--rounds 3] [--seconds 25]

A real server, a real Chromium, the default settings on the real MNIST:

- seconds from the command to a page that answers;
- seconds from `Start training` to the first grid on screen;
- images/s of (A) the train step alone, which records nothing and may use all cores for one
  operation, (B) the command line and (C) the dashboard with one tab; measured in turn (A B C A B C
  …), in steps per wall time, so that all costs of the dashboard are included;
- milliseconds from a key press on a latent slider to the new digit and to the whole grid, both
  drawn by the page, and to the picture from the server, while a run trains;
- milliseconds between two drawn frames while the slider is dragged.
"""

from __future__ import annotations

import argparse
import itertools
import math
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page
from servers import (
    BATCH_SIZE,
    REPOSITORY,
    measure_throughput,
    open_browser_page,
    print_times,
    run_server,
)

BARE_CALL_STEPS, BARE_WARM_UP_STEPS = 25, 500
SLIDER_MOVES = 40


def main() -> None:
    """Run all measurements and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="Runs of each kind.")
    parser.add_argument("--seconds", type=float, default=25.0, help="Measured time of each run.")
    parser.add_argument("--bare", action="store_true", help="Only the bare train step.")
    options = parser.parse_args()
    if options.bare:
        print(run_train_steps(options.seconds))  # noqa: T201
        return

    to_page, to_grid, bare, headless, dashboard = [], [], [], [], []
    moves: dict[str, list[float]] = {"digit": [], "grid": [], "server": []}
    frames: list[float] = []
    with tempfile.TemporaryDirectory() as folder, open_browser_page() as page:
        for index in range(options.rounds):
            bare.append(measure_bare(options.seconds))
            headless.append(measure_headless(Path(folder) / f"headless-{index}", options.seconds))
            root = Path(folder) / f"dashboard-{index}"
            with run_server(root) as (url, seconds, _):
                to_page.append(seconds)
                page.goto(url)
                start = page.get_by_role("button", name="Start training")
                start.wait_for(timeout=60_000)
                began = time.perf_counter()
                start.click()
                page.locator(".st-key-sample-grid img").wait_for(timeout=120_000)
                to_grid.append(time.perf_counter() - began)
                run = next(path for path in root.iterdir() if path.is_dir())
                dashboard.append(measure_throughput(run, options.seconds))
                for name, times in move_slider(page).items():
                    moves[name] += times
                frames += drag_slider(page)
                page.get_by_role("link", name="Train").click()
                page.get_by_role("button", name="Stop training").click()
                start.wait_for(timeout=60_000)
            print(f"round {index + 1} of {options.rounds} done", flush=True)  # noqa: T201

    print_times("command to page that answers", to_page, "s")
    print_times("Start to first grid on screen", to_grid, "s")
    print_times("bare train step", bare, "images/s")
    print_times("headless", headless, "images/s")
    print_times("dashboard, one tab", dashboard, "images/s")
    for name, others in (("headless", headless), ("bare train step", bare)):
        ratios = [ours / other for ours, other in zip(dashboard, others, strict=True)]
        print_times(f"dashboard / {name}", ratios, "")
    for name, times in (
        ("slider to new digit, training", moves["digit"]),
        ("slider to whole grid, training", moves["grid"]),
        ("slider to server's, training", moves["server"]),
        ("frame to frame, dragging", frames),
    ):
        print_times(name, times, "ms")
        percentile_95 = statistics.quantiles(times, n=20)[-1]
        print(f"{'  95th percentile':34}{percentile_95:10.0f} ms")  # noqa: T201


def measure_headless(run: Path, seconds: float) -> float:
    """Train on the command line and return images per second of wall time."""
    command = [sys.executable, "-m", "dcgan", "train", "--run-dir", str(run)]
    process = subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        return measure_throughput(run, seconds, process)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def measure_bare(seconds: float) -> float:
    """Call the train step in another process and return images per second."""
    command = [sys.executable, __file__, "--bare", f"--seconds={seconds}"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return float(done.stdout)


def run_train_steps(seconds: float) -> float:
    """Call the train step of the default settings in a loop; return images per second."""
    sys.path.insert(0, str(REPOSITORY))
    import tensorflow as tf

    from dcgan.config.training_config import TrainingConfig
    from dcgan.data.datasets import load_dataset
    from dcgan.model.gan import DCGAN
    from dcgan.training.batches import compute_epoch_order
    from dcgan.training_step.training_images import TrainingImages

    config = TrainingConfig()
    pixels = load_dataset("mnist").pixels
    gan = DCGAN(config)
    images = TrainingImages(tf.constant(pixels))
    order = tf.constant(compute_epoch_order(config, len(pixels), 1))
    num_steps = BARE_CALL_STEPS
    positions = config.compute_steps_per_epoch(len(pixels)) // num_steps  # Of a call in an epoch.
    first_step, began = 0, None
    while began is None or time.perf_counter() - began < seconds:
        gan.train_steps(images, order, gan.step // num_steps % positions * num_steps, num_steps)
        if began is None and gan.step >= BARE_WARM_UP_STEPS:
            first_step, began = gan.step, time.perf_counter()
    return (gan.step - first_step) * BATCH_SIZE / (time.perf_counter() - began)


# Records the times at which the page itself draws a digit. The alt of the server's picture ends in
# a hash of the shown z, so that changes by training do not count.
WATCH = """
() => {
  const put = CanvasRenderingContext2D.prototype.putImageData;
  window.drawn = [];
  CanvasRenderingContext2D.prototype.putImageData = function (...given) {
    if (this.canvas.className === "cover") window.drawn.push(performance.now());
    return put.apply(this, given);
  };
}
"""
PRESS = """
() => {
  window.times = {};
  window.drawn.length = 0;
  const shown = () => document.querySelector(".st-key-latent-grid img").alt.slice(-8);
  const before = shown();
  const look = (began) => {
    const since = performance.now() - began;
    if (window.drawn.length) window.times.digit ??= since;
    if (window.drawn.length >= 25) window.times.grid ??= since;
    if (shown() !== before) window.times.server = since;
    else requestAnimationFrame(() => look(began));
  };
  addEventListener("keydown", () => look(performance.now()), {once: true, capture: true});
}
"""


def move_slider(page: Page) -> dict[str, list[float]]:
    """Press a key on the first latent slider many times; return the response times."""
    page.get_by_role("link", name="Explore").click()
    page.locator(".st-key-latent-grid img").wait_for(timeout=60_000)
    page.locator("[data-generator]").wait_for(state="attached", timeout=60_000)
    page.locator(".st-key-latent-sliders input[type=range]").first.focus()
    page.evaluate(WATCH)
    times: dict[str, list[float]] = {"digit": [], "grid": [], "server": []}
    for number in range(SLIDER_MOVES):
        page.evaluate(PRESS)
        page.keyboard.press("ArrowRight" if number % 20 < 10 else "ArrowLeft")
        page.wait_for_function("window.times.server !== undefined", timeout=30_000)
        move = page.evaluate("window.times")
        for name, values in times.items():
            # If the server's picture came first, it showed the whole grid.
            values.append(float(move.get(name, move["server"])))
        page.wait_for_timeout(250)
    return times


def drag_slider(page: Page) -> list[float]:
    """Drag the first latent slider for two seconds; return milliseconds between drawn frames."""
    box = page.locator(".st-key-latent-sliders input[type=range]").first.bounding_box()
    if box is None:
        raise SystemExit("the slider is not visible")
    across, down = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(across, down)
    page.mouse.down()
    page.evaluate("window.drawn.length = 0")
    for number in range(120):
        page.mouse.move(across + 60 * math.sin(number / 8), down)
        page.wait_for_timeout(16)
    drawn = page.evaluate("window.drawn")
    page.mouse.up()
    # The digits of one frame are drawn within milliseconds.
    starts = [now for before, now in itertools.pairwise([-100.0, *drawn]) if now - before > 4]
    return [now - before for before, now in itertools.pairwise(starts)]


if __name__ == "__main__":
    main()
