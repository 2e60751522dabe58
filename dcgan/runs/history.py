"""history.jsonl: the reports of a run, one on each line, oldest first.

A crash can cut the last line short, and a disk can damage any line; damaged lines are skipped.
Lines that only a newer version can read are not shown, but stay in the file.
Owns reading, appending to and rewriting this file; `history_lines` owns the content of a line.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from dcgan.errors import UnreadableFileError
from dcgan.files.whole_files import append_or_undo, staged_write, write_atomically
from dcgan.reports import EvaluationReport, EventReport, StepReport
from dcgan.runs.history_lines import MAX_LINE_BYTES, Line, LineReport, encode_report, parse_line

HISTORY_NAME = "history.jsonl"
_TAIL_BYTES = 2**16  # At least some forty lines, which usually include a step report.


class History:
    """The history file of a run; a missing file counts as empty.

    All methods that read raise `UnreadableFileError` if the file exists and cannot be read, and
    skip damaged lines. Methods that write raise `OSError` if the file system refuses.

    Attributes:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        """Name the file without reading it."""
        self.path = path
        self._evaluations: list[EvaluationReport] | None = None

    def append(self, report: LineReport) -> None:
        """Append a report as a line, without its images; whole or not at all."""
        append_or_undo(self.path, encode_report(report))
        if isinstance(report, EvaluationReport) and self._evaluations is not None:
            self._evaluations.append(report)

    def read_steps(self) -> list[StepReport]:
        """Return the step reports, oldest first."""
        return [line.to_step_report() for line in self._iterate_lines() if line.kind == "step"]

    def read_first_step(self) -> StepReport | None:
        """Return the oldest step report, reading only the file's start; None if there is none."""
        steps = (line for line in self._iterate_lines() if line.kind == "step")
        first = next(steps, None)
        return None if first is None else first.to_step_report()

    def read_last_step(self) -> StepReport | None:
        """Return the newest step report, reading only the file's end; None if there is none."""
        try:
            with self.path.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
                raw_lines = file.read(_TAIL_BYTES).splitlines(keepends=True)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _make_unreadable_error(self.path, error) from error
        for raw in reversed(raw_lines):
            line = parse_line(raw) if raw.endswith(b"\n") and _fits(raw) else None
            if line is not None and line.kind == "step":
                return line.to_step_report()
        steps = self.read_steps()  # The end is damaged, or holds no step report.
        return steps[-1] if steps else None

    def read_open_epoch(self) -> list[StepReport]:
        """Return the step reports since the last epoch report, oldest first."""
        reports: list[StepReport] = []
        for line in self._iterate_lines():
            if line.kind == "epoch":
                reports.clear()
            elif line.kind == "step":
                reports.append(line.to_step_report())
        return reports

    def read_evaluations(self) -> list[EvaluationReport]:
        """Return the evaluation reports, oldest first."""
        return [
            line.to_evaluation_report()
            for line in self._iterate_lines()
            if line.kind == "evaluation"
        ]

    def get_cached_evaluations(self) -> list[EvaluationReport]:
        """Return the evaluation reports, oldest first; the file is read at the first call only.

        For the process that writes the run: it does not see the lines of another process.
        """
        if self._evaluations is None:
            self._evaluations = self.read_evaluations()
        return self._evaluations

    def read_events(self) -> list[EventReport]:
        """Return the event reports, oldest first."""
        return [line.to_event_report() for line in self._iterate_lines() if line.kind == "event"]

    def read_rows(self) -> Iterator[dict[str, float | int | str]]:
        """Read all reports as plain values by name, oldest first.

        Yields:
            One row for each report: `kind` ("step", "epoch", "evaluation" or "event"), then the
            fields by name. The metrics of real images begin with `real_`, and each item of a list
            has its own name, such as `digit_shares_0`. Fields that a report lacks are absent.
        """
        for line in self._iterate_lines():
            if line.is_of_known_kind:
                yield line.to_row()

    @contextlib.contextmanager
    def truncating_after(self, step: int) -> Iterator[None]:
        """Drop the lines of later steps and damaged lines, once the block has succeeded.

        Raises:
            OSError: If the file system refuses. A full disk raises it before the block.
        """
        lines = (line.raw + b"\n" for line in self._iterate_lines() if line.step <= step)
        with staged_write(self.path, lines):
            yield
        self._evaluations = None

    def thin_out(self, max_steps: int) -> None:
        """Keep at most `max_steps` step reports, evenly spaced, and all other reports.

        The newest step report is kept.
        """
        lines = [(line.kind, line.raw) for line in self._iterate_lines()]
        step_indices = [index for index, (kind, _) in enumerate(lines) if kind == "step"]
        stride = -(-len(step_indices) // max_steps) or 1
        indices_to_keep = set(step_indices[::-1][::stride])
        write_atomically(
            self.path,
            (
                raw + b"\n"
                for index, (kind, raw) in enumerate(lines)
                if kind != "step" or index in indices_to_keep
            ),
        )

    def _iterate_lines(self) -> Iterator[Line]:
        try:
            with self.path.open("rb") as file:
                while raw := file.readline(MAX_LINE_BYTES):
                    if not _fits(raw):
                        _skip_line(file)
                    elif line := parse_line(raw):
                        yield line
        except FileNotFoundError:
            return
        except OSError as error:
            raise _make_unreadable_error(self.path, error) from error


class HistoryFollower:
    """The history of a run that another process writes; `read` adds the new reports.

    Attributes:
        steps, evaluations, events: The reports so far, oldest first.
    """

    def __init__(self, path: Path) -> None:
        """Name the file, which need not exist yet, without reading it."""
        self._path = path
        self._reset()

    def _reset(self) -> None:
        self.steps: list[StepReport] = []
        self.evaluations: list[EvaluationReport] = []
        self.events: list[EventReport] = []
        self._file_state = (0, 0, 0)  # The file's inode, size and time at the last reading.
        self._end = 0  # Position after the last line that was read.
        self._last_line = b""  # The last line that was read.

    def read(self) -> bool:
        """Read the lines that were added, or all lines if the file was replaced.

        A run that goes back to an earlier step replaces its history. An incomplete last line is
        left for the next call: it is being written, or a crash cut it short.

        Returns:
            Whether the reports may have changed.

        Raises:
            UnreadableFileError: If the file exists and cannot be read; earlier results stay.
        """
        try:
            stat = self._path.stat()
            file_state = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
            if file_state == self._file_state:
                return False
            with self._path.open("rb") as file:
                # If the last line is no longer in its place, the file was replaced.
                file.seek(self._end - len(self._last_line))
                if file.read(len(self._last_line)) != self._last_line:
                    self._reset()
                    file.seek(0)
                self._read_lines(file)
        except FileNotFoundError:
            had_reports = self._end > 0
            self._reset()
            return had_reports
        except OSError as error:
            raise _make_unreadable_error(self._path, error) from error
        self._file_state = file_state
        return True

    def _read_lines(self, file: BinaryIO) -> None:
        while raw := file.readline(MAX_LINE_BYTES):
            line = None
            if not _fits(raw):
                raw = _skip_line(file)
            elif raw.endswith(b"\n"):
                line = parse_line(raw)
            if not raw.endswith(b"\n"):
                return
            self._end, self._last_line = file.tell(), raw
            if line is None:
                continue
            if line.kind == "step":
                self.steps.append(line.to_step_report())
            elif line.kind == "evaluation":
                self.evaluations.append(line.to_evaluation_report())
            elif line.kind == "event":
                self.events.append(line.to_event_report())


def _fits(raw: bytes) -> bool:
    """Return whether a line, read with a limit of `MAX_LINE_BYTES`, was read to its end."""
    return raw.endswith(b"\n") or len(raw) < MAX_LINE_BYTES


def _skip_line(file: BinaryIO) -> bytes:
    """Skip the rest of a line that is too long; return the last piece of it."""
    while (piece := file.readline(MAX_LINE_BYTES)) and not piece.endswith(b"\n"):
        pass
    return piece


def _make_unreadable_error(path: Path, error: OSError) -> UnreadableFileError:
    return UnreadableFileError(
        f"{path.parent.name}: {path.name} cannot be read ({error.strerror}); check that it is "
        "a file that you may read."
    )
