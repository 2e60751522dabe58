"""A live picture of a training below a notebook's cell.

It needs IPython, which a notebook has; nothing else of the library does.
"""

from __future__ import annotations

import importlib.util
import io
import time
from collections.abc import Generator, Iterable, Mapping
from typing import Protocol

from dcgan.errors import DCGANError
from dcgan.evaluation.metric_info import format_metric
from dcgan.images.grids import plot_images
from dcgan.recording.progress import describe_seconds
from dcgan.reports import AnyReport, EpochReport, EvaluationReport, SampleReport, StepReport

_SECONDS_BETWEEN = 0.5


def watch(reports: Iterable[AnyReport]) -> Generator[AnyReport]:
    """Pass reports on, and show where training stands: the sample grid above a line of numbers.

    Both are drawn in place, at most twice a second, so a saved notebook keeps the last ones alone::

        for report in watch(train(gan, load_dataset("mnist"), config)):
            pass

    Args:
        reports: From `training.train` or `recording.record`.

    Yields:
        The same reports.

    Raises:
        DCGANError: If IPython is not installed.
    """
    if importlib.util.find_spec("IPython") is None:
        raise DCGANError(
            "watch draws in a notebook, which needs IPython: install requirements-notebook.txt."
        )
    return _watched(reports)


def _watched(reports: Iterable[AnyReport]) -> Generator[AnyReport]:
    picture, words = _Place(), _Place()
    told = _Told()
    try:
        for report in reports:
            if isinstance(report, SampleReport | EpochReport):
                step = f"Digits of step {report.step}"
                picture.show({"image/png": _png(report), "text/plain": step})
            told.add(report)
            words.show({"text/plain": told.line})
            yield report
    finally:  # Also where the loop is left, or the stop button was pressed.
        picture.finish()
        words.finish()


def _png(report: SampleReport | EpochReport) -> bytes:
    file = io.BytesIO()
    plot_images(report.pixels).save(file, "PNG")
    return file.getvalue()


class _Told:
    """The line of numbers: the newest of each kind."""

    def __init__(self) -> None:
        self._loss = self._distance = ""
        self.line = ""

    def add(self, report: AnyReport) -> None:
        if isinstance(report, StepReport):
            self._loss = (
                f", loss generator {report.generator_loss:.2f} discriminator "
                f"{report.discriminator_loss:.2f}, {report.images_per_second:,.0f} images/s"
            )
        elif isinstance(report, EvaluationReport):
            name = "frechet_distance"
            self._distance = (
                f", Fréchet distance {format_metric(name, report.metrics[name])} "
                f"(real digits {format_metric(name, report.real_metrics[name])})"
            )
        self.line = (
            f"step {report.step:,}, epoch {report.epoch}, {describe_seconds(report.seconds)}"
            f"{self._loss}{self._distance}"
        )


class _Handle(Protocol):
    """What IPython gives for a place."""

    def update(self, data: Mapping[str, object], *, raw: bool) -> None:
        """Show other data there."""
        ...


class _Place:
    """A place below the cell where one thing is shown after another."""

    def __init__(self) -> None:
        self._handle: _Handle | None = None
        self._waiting: Mapping[str, object] | None = None
        self._next = 0.0

    def show(self, data: Mapping[str, object]) -> None:
        """Show a thing in all its forms, by media type, now or when it is time."""
        self._waiting = data
        if time.monotonic() >= self._next:
            self.finish()
            self._next = time.monotonic() + _SECONDS_BETWEEN

    def finish(self) -> None:
        """Show what still waits."""
        from IPython.display import display

        if self._waiting is not None:
            if self._handle is None:
                self._handle = display(self._waiting, raw=True, display_id=True)
            else:
                self._handle.update(self._waiting, raw=True)
            self._waiting = None
