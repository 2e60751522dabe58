"""Progress bars on standard error: over training's reports, and over any other long loop."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Iterator

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column

from dcgan.config import TrainingConfig
from dcgan.reports import AnyReport, EventReport, Item, StepReport

_SECONDS_BETWEEN_LINES = 10.0
_PREPARING = "preparing the first step"  # TensorFlow builds its graph: seconds.


def seconds_left(
    config: TrainingConfig, last_step: int | None, step: int, seconds: float, step_seconds: float
) -> float:
    """Estimate the training time left: the sooner of the planned steps' end and the clock's.

    Args:
        config: Its `max_seconds` is used.
        last_step: The planned last step, or None.
        step: Where training stands.
        seconds: Training time so far.
        step_seconds: What a step takes now; above 0.

    Returns:
        Seconds, at least 0.
    """
    ends = []
    if last_step is not None:
        ends.append((last_step - step) * step_seconds)
    if config.max_seconds is not None:
        ends.append(config.max_seconds - seconds)
    return max(0.0, min(ends))


def describe_seconds(seconds: float) -> str:
    """Say a duration in one or two units: "42 s", "3 min 20 s", "2 h 5 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def show_progress(
    reports: Iterator[AnyReport], config: TrainingConfig, last_step: int | None
) -> Generator[AnyReport]:
    """Pass reports on and draw them as a bar on standard error, or as lines if that is no terminal.

    Args:
        reports: From `train` or `record`.
        config: The run's settings.
        last_step: The planned last step, or None where the clock alone decides.
    """
    console, can_draw = _screen()
    if not can_draw:
        yield from _print_lines(reports, config, last_step, console)
        return
    # One line whatever the width: the text takes what is left, and its end is cut off first.
    rest = Column(ratio=1, no_wrap=True, overflow="ellipsis")
    columns = (
        BarColumn(16),
        TaskProgressColumn(),
        TextColumn("{task.description}", table_column=rest),
    )
    with Progress(*columns, console=console, expand=True) as progress:
        bar = progress.add_task(_PREPARING, total=1.0)
        for report in reports:
            if isinstance(report, EventReport):
                console.print(report.text, highlight=False)
            elif isinstance(report, StepReport):
                share, text = _describe(report, config, last_step)
                progress.update(bar, completed=share, description=text)
            yield report


def show_work(items: Iterable[Item], description: str, total: int) -> Iterator[Item]:
    """Pass items on and draw a bar that is gone at the end; in a pipe or a file nothing.

    Arguments as in `reports.ProgressCallback`.
    """
    console, can_draw = _screen()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(16),
        TaskProgressColumn(),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=console, transient=True, disable=not can_draw) as progress:
        yield from progress.track(items, total, description=description)


def _screen() -> tuple[Console, bool]:
    """Return standard error, and whether a bar can be redrawn there: in a terminal or notebook."""
    is_kernel = in_notebook()
    console = Console(stderr=True, force_jupyter=is_kernel)
    return console, is_kernel or (console.is_terminal and not console.is_dumb_terminal)


def in_notebook() -> bool:
    """Whether this process is a notebook's kernel; one that only runs notebooks is none."""
    kernel = sys.modules.get("ipykernel.kernelapp")
    return kernel is not None and bool(kernel.IPKernelApp.initialized())


def _print_lines(
    reports: Iterator[AnyReport], config: TrainingConfig, last_step: int | None, console: Console
) -> Generator[AnyReport]:
    """Print a line every so often: in a file or a pipe a bar would be thousands of them."""

    def show(text: str) -> None:
        console.print(text, soft_wrap=True, highlight=False)

    show(_PREPARING)
    printed = -_SECONDS_BETWEEN_LINES
    newest: StepReport | None = None  # Not yet shown.
    try:
        for report in reports:
            if isinstance(report, EventReport):
                show(report.text)
                printed = -_SECONDS_BETWEEN_LINES  # It may have gone back in time.
            elif isinstance(report, StepReport):
                newest = report
                if report.seconds - printed >= _SECONDS_BETWEEN_LINES:
                    show(_describe(report, config, last_step)[1])
                    printed, newest = report.seconds, None
            yield report
    finally:
        if newest:  # Where it ended, also when it was stopped.
            show(_describe(newest, config, last_step)[1])


def _describe(
    report: StepReport, config: TrainingConfig, last_step: int | None
) -> tuple[float, str]:
    left = seconds_left(
        config,
        last_step,
        report.step,
        report.seconds,
        (report.images_per_step or config.images_per_step) / report.images_per_second,
    )
    of_epochs = f" of {config.epochs}" if config.epochs else ""
    text = (
        f"epoch {report.epoch}{of_epochs}, {describe_seconds(left)} left, "
        f"{report.images_per_second:,.0f} images/s, step {report.step:,}, "
        f"loss generator {report.generator_loss:.2f} discriminator {report.discriminator_loss:.2f}"
    )
    share = report.seconds / (report.seconds + left) if report.seconds + left > 0 else 1.0
    return share, text
