"""A live view of a training below a notebook's cell.

Only this module needs IPython, which every notebook has.
"""

from __future__ import annotations

import importlib.util
import io
import time
from collections.abc import Generator, Iterable, Mapping
from typing import Protocol

from dcgan.config.named_datasets import choose_noun
from dcgan.durations import describe_seconds
from dcgan.errors import DCGANError
from dcgan.evaluation.main_metric import (
    get_distance,
    get_real_distance,
)
from dcgan.evaluation.metric_info import format_distance
from dcgan.images.grids import plot_images
from dcgan.installation import describe_install_command
from dcgan.reports import AnyReport, EpochReport, EvaluationReport, SampleReport, StepReport

_UPDATE_SECONDS = 0.5


def watch(reports: Iterable[AnyReport]) -> Generator[AnyReport]:
    """Yield the reports, and show the training's progress: the sample grid above a line of numbers.

    Both are updated in place, at most twice a second, so a saved notebook has only the last state::

        for report in watch(train(gan, load_dataset("mnist"), config)):
            pass

    Args:
        reports: From `train` or `record`.

    Yields:
        The same reports.

    Raises:
        DCGANError: If IPython is not installed.
    """
    if importlib.util.find_spec("IPython") is None:
        raise DCGANError(
            "watch shows pictures in a notebook, which needs IPython; "
            f"{describe_install_command('notebook')}."
        )
    return _show_reports(reports)


def _show_reports(reports: Iterable[AnyReport]) -> Generator[AnyReport]:
    grid, numbers = _Output(), _Output()
    line = _ProgressLine()
    try:
        for report in reports:
            if isinstance(report, SampleReport | EpochReport):
                step = f"Samples of step {report.step:,}"
                grid.show({"image/png": _encode_grid(report), "text/plain": step})
            line.add(report)
            numbers.show({"text/plain": line.text})
            yield report
    finally:  # Also after a break or an interrupt.
        grid.finish()
        numbers.finish()


def _encode_grid(report: SampleReport | EpochReport) -> bytes:
    file = io.BytesIO()
    plot_images(report.pixels).save(file, "PNG")
    return file.getvalue()


class _ProgressLine:
    """A line with the newest losses, speed and distance to real images."""

    def __init__(self) -> None:
        self._loss = self._distance = ""
        self.text = ""

    def add(self, report: AnyReport) -> None:
        if isinstance(report, StepReport):
            self._loss = (
                f", loss generator {report.generator_loss:.2f} discriminator "
                f"{report.discriminator_loss:.2f}, {report.images_per_second:,.0f} pictures/s"
            )
        elif isinstance(report, EvaluationReport):
            noun = choose_noun(are_digits=bool(report.digit_shares))
            self._distance = (
                f", distance {format_distance(get_distance(report))} "
                f"(real {noun}s {format_distance(get_real_distance(report))})"
            )
        self.text = (
            f"step {report.step:,}, epoch {report.epoch}, {describe_seconds(report.seconds)}"
            f"{self._loss}{self._distance}"
        )


class _Handle(Protocol):
    """The part of IPython's `DisplayHandle` that is used here."""

    def update(self, data: Mapping[str, object], *, raw: bool) -> None:
        """Replace the output."""
        ...


class _Output:
    """An output below the cell that is replaced at most twice a second."""

    def __init__(self) -> None:
        self._handle: _Handle | None = None
        self._pending: Mapping[str, object] | None = None
        self._next_update = 0.0  # On the monotonic clock, in seconds.

    def show(self, data: Mapping[str, object]) -> None:
        """Show data by media type, now or with a later call."""
        self._pending = data
        if time.monotonic() >= self._next_update:
            self.finish()
            self._next_update = time.monotonic() + _UPDATE_SECONDS

    def finish(self) -> None:
        """Show the last data now, if they are not shown yet."""
        from IPython.display import display

        if self._pending is not None:
            if self._handle is None:
                self._handle = display(self._pending, raw=True, display_id=True)
            else:
                self._handle.update(self._pending, raw=True)
            self._pending = None
