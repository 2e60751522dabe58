"""Progress reads well in a terminal of any width, and in a pipe."""

from __future__ import annotations

import contextlib
import io
import itertools
from collections.abc import Generator
from typing import Any

import pytest
from rich.console import Console

from dcgan.config.training_config import TrainingConfig
from dcgan.recording import progress
from dcgan.recording.progress import show_progress, show_work
from dcgan.reports import AnyReport, StepReport
from tests.reports import step_report


def make_report(step: int, seconds: float) -> StepReport:
    return step_report(
        step,
        epoch=3,
        seconds=seconds,
        generator_loss=0.851,
        discriminator_loss=1.214,
        images_per_second=1639.6,
    )


def yield_reports(*seconds: float) -> Generator[AnyReport]:
    for step, second in enumerate(seconds, start=1199):
        yield make_report(step, second)


def redirect_console(monkeypatch: pytest.MonkeyPatch, file: io.StringIO, **options: Any) -> None:
    """Make `progress` write into a file, as to a terminal without colours or to a pipe."""
    monkeypatch.setenv("TERM", "xterm")
    console = Console(file=file, color_system=None, legacy_windows=False, **options)
    monkeypatch.setattr(progress, "Console", lambda **_: console)


def show_lines(
    monkeypatch: pytest.MonkeyPatch,
    *seconds: float,
    width: int = 80,
    force_terminal: bool = False,
    **settings: object,
) -> list[str]:
    """Return the lines that are printed for reports at these seconds of training."""
    file = io.StringIO()
    redirect_console(monkeypatch, file, width=width, force_terminal=force_terminal)
    more_reports = yield_reports(*seconds, *seconds)  # Twice what is read, then it is closed.
    config = TrainingConfig.create(**settings)
    with contextlib.closing(show_progress(more_reports, config, 9380)) as bar:
        passed = [item.seconds for item in itertools.islice(bar, len(seconds))]
    assert passed == list(seconds)
    return file.getvalue().splitlines()


def test_a_pipe_gets_a_line_at_the_start_every_ten_seconds_and_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = show_lines(monkeypatch, 0.5, 1.0, 9.9, 10.6, 11.0, 12.0)
    assert lines == [
        "preparing the first step",
        "epoch 3 of 10, 5 min 19 s left, 1,640 pictures/s, step 1,199, "
        "loss generator 0.85 discriminator 1.21",
        "epoch 3 of 10, 5 min 19 s left, 1,640 pictures/s, step 1,202, "
        "loss generator 0.85 discriminator 1.21",
        "epoch 3 of 10, 5 min 19 s left, 1,640 pictures/s, step 1,204, "
        "loss generator 0.85 discriminator 1.21",
    ]


def test_the_time_left_is_a_maximum_if_the_run_may_stop_improving_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = show_lines(monkeypatch, 0.5, until_converged=True)
    assert lines[1].startswith("epoch 3 of 10, 5 min 19 s left at most, 1,640 pictures/s")


@pytest.mark.parametrize("width", [40, 60, 80, 140])
def test_a_terminal_gets_one_line_at_any_width(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    lines = show_lines(monkeypatch, 30.0, width=width, force_terminal=True)
    (text,) = {line.split("\x1b[2K")[-1] for line in lines if "epoch" in line}
    assert len(text) <= width
    assert text.startswith("━")
    assert "  9% epoch 3 of 10" in text
    assert ("5 min 19 s left" in text) == (width >= 60)
    assert ("discriminator 1.21" in text) == (width == 140)


def test_long_work_has_a_bar_in_a_terminal_that_disappears(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = io.StringIO()
    redirect_console(monkeypatch, file, width=80, force_terminal=True)
    assert list(show_work(iter("abcd"), "Drawing digits", 4)) == list("abcd")
    assert "Drawing digits" in file.getvalue()
    assert "100%" in file.getvalue()
    assert file.getvalue().endswith("\x1b[2K")  # At the end its line is cleared.


def test_long_work_prints_nothing_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    redirect_console(monkeypatch, file)
    assert list(show_work(iter("abcd"), "Drawing digits", 4)) == list("abcd")
    assert file.getvalue() == ""
