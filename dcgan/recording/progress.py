"""Progress bars on standard error, for training and for any other long loop."""

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

from dcgan.config.training_config import TrainingConfig
from dcgan.durations import describe_seconds
from dcgan.progress import Item
from dcgan.reports import AnyReport, EventReport, StepReport

_SECONDS_BETWEEN_LINES = 10.0
_PREPARING = "preparing the first step"  # TensorFlow builds its graph, which takes seconds.


def show_progress(
    reports: Iterator[AnyReport], config: TrainingConfig, last_step: int | None
) -> Generator[AnyReport]:
    """Yield reports, and show a progress bar on standard error.

    If standard error is neither a terminal nor a notebook, print lines of text instead.

    Args:
        reports: From `train` or `record`.
        config: The run's settings.
        last_step: The planned last step, or None if only a time limit ends the training.
    """
    console, can_redraw = _open_console()
    if not can_redraw:
        yield from _print_lines(reports, config, last_step, console)
        return
    # One line at any width: the text fills the line, and is cut off if it is too long.
    text_column = Column(ratio=1, no_wrap=True, overflow="ellipsis")
    columns = (
        BarColumn(16),
        TaskProgressColumn(),
        TextColumn("{task.description}", table_column=text_column),
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
    """Yield items, and show a progress bar that disappears at the end.

    If standard error is neither a terminal nor a notebook, show nothing.

    Args:
        items: The work, yielded unchanged.
        description: The text beside the bar.
        total: The number of items.
    """
    console, can_redraw = _open_console()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(16),
        TaskProgressColumn(),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=console, transient=True, disable=not can_redraw) as progress:
        yield from progress.track(items, total, description=description)


def _open_console() -> tuple[Console, bool]:
    """Return a console on standard error, and whether it can redraw a bar.

    A terminal and a notebook can.
    """
    is_kernel = in_notebook()
    console = Console(stderr=True, force_jupyter=is_kernel)
    return console, is_kernel or (console.is_terminal and not console.is_dumb_terminal)


def in_notebook() -> bool:
    """Return whether this process is the kernel of a notebook."""
    kernel = sys.modules.get("ipykernel.kernelapp")
    return kernel is not None and bool(kernel.IPKernelApp.initialized())


def _print_lines(
    reports: Iterator[AnyReport], config: TrainingConfig, last_step: int | None, console: Console
) -> Generator[AnyReport]:
    """Print a line for every 10 seconds of training time.

    A progress bar would write thousands of lines into a file or a pipe.
    """

    def print_line(text: str) -> None:
        console.print(text, soft_wrap=True, highlight=False)

    print_line(_PREPARING)
    printed = -_SECONDS_BETWEEN_LINES
    newest: StepReport | None = None  # Not yet printed.
    try:
        for report in reports:
            if isinstance(report, EventReport):
                print_line(report.text)
                # Print the next step at once: after a rollback, the training time is smaller.
                printed = -_SECONDS_BETWEEN_LINES
            elif isinstance(report, StepReport):
                newest = report
                if report.seconds - printed >= _SECONDS_BETWEEN_LINES:
                    print_line(_describe(report, config, last_step)[1])
                    printed, newest = report.seconds, None
            yield report
    finally:
        if newest:  # The last step, also if training was stopped.
            print_line(_describe(newest, config, last_step)[1])


def _describe(
    report: StepReport, config: TrainingConfig, last_step: int | None
) -> tuple[float, str]:
    """Return the share of the training that is done, in [0, 1], and a line of text."""
    seconds_left = config.estimate_seconds_left(
        last_step,
        report.step,
        report.seconds,
        (report.images_per_step or config.images_per_step) / report.images_per_second,
    )
    total = f" of {config.epochs}" if config.epochs else ""
    at_most = " at most" if config.until_converged else ""
    text = (
        f"epoch {report.epoch}{total}, {describe_seconds(seconds_left)} left{at_most}, "
        f"{report.images_per_second:,.0f} pictures/s, step {report.step:,}, "
        f"loss generator {report.generator_loss:.2f} discriminator {report.discriminator_loss:.2f}"
    )
    total_seconds = report.seconds + seconds_left
    share = report.seconds / total_seconds if total_seconds > 0 else 1.0
    return share, text
