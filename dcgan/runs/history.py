"""history.jsonl: a run's reports, a line each, in the order in which they came.

A death can cut the last line short and a disk can damage any: what is no whole report is passed
over. It knows one file and no run.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from dcgan.errors import UnreadableFileError
from dcgan.evaluation.metric_info import FIGURES
from dcgan.files import append_or_undo, staged_write, write_atomically
from dcgan.reports import EpochReport, EvaluationReport, Event, EventReport, StepReport
from dcgan.runs.manifest import clean_note

_KINDS = {
    StepReport: "step",
    EpochReport: "epoch",
    EvaluationReport: "evaluation",
    EventReport: "event",
}
# Lists of shares, by the kind of line; a line may lack them.
_LISTS = {
    "evaluation": ("digit_shares", "real_digit_shares"),
    "step": ("real_histogram", "fake_histogram"),
}
_MAX_LIST = 100
_NOT_NUMBERS = {"pixels", "figures", "real_figures", "event", "text", *sum(_LISTS.values(), ())}
# The fields that are one number, by the kind of line.
_NUMBERS = {
    kind: {field.name for field in dataclasses.fields(report)} - _NOT_NUMBERS
    for report, kind in _KINDS.items()
}
_WHOLE_NUMBERS = frozenset(("step", "epoch", "num_steps", "num_images", "images_per_step"))
_EVENT, _TEXT = "event", "text"  # The two that are words.
_EVENTS: tuple[Event, ...] = typing.get_args(Event)
REAL = "real_"  # Before the name of a figure: what real images get.
# What older versions did not measure: absent where it is None.
_LATER = frozenset(
    (
        *("real_spread", "fake_spread", "generator_update_ratio", "discriminator_update_ratio"),
        "images_per_step",
    )
)
# What a line must have; all data allow these figures, so a line without them is damaged.
_NEEDED = {kind: names - _LATER for kind, names in _NUMBERS.items()} | {
    "evaluation": _NUMBERS["evaluation"]
    | {
        prefix + name
        for name in ("frechet_distance", "precision", "recall")
        for prefix in ("", REAL)
    }
}
_MAX_LINE_BYTES = 4096  # Ours are below 1,500; a longer one, of anybody's, is never held whole.
_TAIL_BYTES = 2**16  # Some forty lines or more: a step's report is among them.
_MAX_TEXT = 300  # Characters of an event's.


class _Line(NamedTuple):
    """A whole line: its numbers, what is no number, and its bytes without the end."""

    kind: str
    numbers: Mapping[str, float]
    lists: Mapping[str, tuple[float, ...]]
    words: tuple[str, str]  # An event's name and text; both empty on other lines.
    raw: bytes


def append_report(
    path: Path, report: StepReport | EpochReport | EvaluationReport | EventReport
) -> None:
    """Add a report's numbers and words as a line, whole or not at all.

    Raises:
        OSError: If the disk refuses.
    """
    kind = _KINDS[type(report)]
    line: dict[str, object] = {"kind": kind}
    numbers = {name: getattr(report, name) for name in sorted(_NUMBERS[kind])}
    line |= {name: _short(value) for name, value in numbers.items() if value is not None}
    for name in _LISTS.get(kind, ()):
        if values := getattr(report, name):
            line[name] = [round(value, 4) for value in values]
    if isinstance(report, EvaluationReport):
        line |= {name: _short(value) for name, value in report.figures.items()}
        line |= {REAL + name: _short(value) for name, value in report.real_figures.items()}
    elif isinstance(report, EventReport):
        line |= {_EVENT: report.event, _TEXT: _cut(report.text)}
    append_or_undo(path, (json.dumps(line) + "\n").encode())


def read_step_reports(path: Path) -> list[StepReport]:
    """Return the step reports, oldest first; none if there is no file.

    Raises:
        UnreadableFileError: If the file is there and cannot be read.
    """
    return [_step_report(line) for line in _lines(path) if line.kind == "step"]


def read_last_step_report(path: Path) -> StepReport | None:
    """Return the newest step report; None if there is none. Quick, however long the file is.

    Raises:
        UnreadableFileError: If the file is there and cannot be read.
    """
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
            texts = file.read(_TAIL_BYTES).splitlines(keepends=True)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(path, error) from error
    for text in reversed(texts):
        line = _parse(text) if text.endswith(b"\n") and len(text) <= _MAX_LINE_BYTES else None
        if line is not None and line.kind == "step":
            return _step_report(line)
    steps = read_step_reports(path)  # Its end is damaged, or long without a step.
    return steps[-1] if steps else None


def _step_report(line: _Line) -> StepReport:
    numbers = {name: line.numbers[name] for name in _NUMBERS["step"] if name in line.numbers}
    return StepReport(**numbers, **line.lists)  # type: ignore[arg-type]


def read_open_epoch(path: Path) -> list[StepReport]:
    """Return the step reports since the last epoch report, oldest first.

    Raises:
        UnreadableFileError: If the file is there and cannot be read.
    """
    found: list[StepReport] = []
    for line in _lines(path):
        if line.kind == "epoch":
            found.clear()
        elif line.kind == "step":
            found.append(_step_report(line))
    return found


def read_evaluations(path: Path) -> list[EvaluationReport]:
    """Return the evaluation reports, oldest first; none if there is no file.

    Raises:
        UnreadableFileError: If the file is there and cannot be read.
    """
    return [_evaluation_report(line) for line in _lines(path) if line.kind == "evaluation"]


def _evaluation_report(line: _Line) -> EvaluationReport:
    numbers = line.numbers
    return EvaluationReport(
        **{name: numbers[name] for name in _NUMBERS["evaluation"]},  # type: ignore[arg-type]
        figures={name: numbers[name] for name in FIGURES if name in numbers},
        real_figures={name: numbers[REAL + name] for name in FIGURES if REAL + name in numbers},
        digit_shares=line.lists.get("digit_shares", ()),
        real_digit_shares=line.lists.get("real_digit_shares", ()),
    )


def read_events(path: Path) -> list[EventReport]:
    """Return the event reports, oldest first; none if there is no file.

    Raises:
        UnreadableFileError: If the file is there and cannot be read.
    """
    return [_event_report(line) for line in _lines(path) if line.kind == "event"]


def _event_report(line: _Line) -> EventReport:
    return EventReport(
        **{name: line.numbers[name] for name in _NUMBERS["event"]},  # type: ignore[arg-type]
        event=cast("Event", line.words[0]),  # `_parse` lets no other through.
        text=line.words[1],
    )


class GrowingHistory:
    """A history that another process writes: each `read` takes in what has come since the last.

    Attributes:
        steps, evaluations, events: The reports so far, oldest first.
    """

    def __init__(self, path: Path) -> None:
        """Make it of a file, which need not be there yet; nothing is read."""
        self._path = path
        self._forget()

    def _forget(self) -> None:
        self.steps: list[StepReport] = []
        self.evaluations: list[EvaluationReport] = []
        self.events: list[EventReport] = []
        self._seen = (0, 0, 0)  # The file's number, size and time, as of the last reading.
        self._end = 0  # Up to where lines were taken in.
        self._last = b""  # The line that ended there.

    def read(self) -> bool:
        """Take in the lines that were added; all anew where the file is another one.

        A run that goes back replaces its history. A line without an end is left for the next time:
        it is being written, or a death cut it short.

        Returns:
            Whether there may be something new.

        Raises:
            UnreadableFileError: If the file exists and cannot be read; earlier results stay.
        """
        try:
            stat = self._path.stat()
            seen = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
            if seen == self._seen:
                return False
            with self._path.open("rb") as file:
                file.seek(self._end - len(self._last))
                if file.read(len(self._last)) != self._last:
                    self._forget()
                    file.seek(0)
                self._take_in(file)
        except FileNotFoundError:
            is_new = self._end > 0
            self._forget()
            return is_new
        except OSError as error:
            raise _unreadable(self._path, error) from error
        self._seen = seen
        return True

    def _take_in(self, file: BinaryIO) -> None:
        while text := file.readline(_MAX_LINE_BYTES):
            is_whole = text.endswith(b"\n")
            if not is_whole and len(text) == _MAX_LINE_BYTES:
                text = _end_of_line(file)
            if not text.endswith(b"\n"):
                return
            self._end, self._last = file.tell(), text
            line = _parse(text) if is_whole else None
            if line is None:
                continue
            if line.kind == "step":
                self.steps.append(_step_report(line))
            elif line.kind == "evaluation":
                self.evaluations.append(_evaluation_report(line))
            elif line.kind == "event":
                self.events.append(_event_report(line))


def read_rows(path: Path) -> Iterator[dict[str, float | int | str]]:
    """Read all reports as plain values by name, oldest first; none if there is no file.

    Yields:
        A row a report: `kind` ("step", "epoch", "evaluation" or "event"), then its fields by
        their names; what real images get has `real_` before it, and of a list each place has a
        name of its own, such as `digit_shares_0`. What a report does not have is absent.

    Raises:
        UnreadableFileError: If the file is there and cannot be read.
    """
    for line in _lines(path):
        if line.kind in _NUMBERS:
            row: dict[str, float | int | str] = {"kind": line.kind, **line.numbers}
            for name, values in line.lists.items():
                row |= {f"{name}_{index}": value for index, value in enumerate(values)}
            if line.kind == "event":
                row[_EVENT], row[_TEXT] = line.words
            yield row


@contextlib.contextmanager
def forgetting_after(path: Path, step: int) -> Iterator[None]:
    """Drop the lines of later steps, and what is damaged, when the block has ended.

    Raises:
        OSError: If the disk refuses; before the block, if it has no room.
    """
    kept = (line.raw + b"\n" for line in _lines(path) if line.numbers["step"] <= step)
    with staged_write(path, kept):
        yield


def thin_out(path: Path, most: int) -> None:
    """Keep at most so many step reports, evenly spread, the newest among them, and all others.

    Raises:
        OSError: If the disk refuses.
        UnreadableFileError: If the file is there and cannot be read.
    """
    lines = [(line.kind, line.raw) for line in _lines(path)]
    steps = [index for index, (kind, _) in enumerate(lines) if kind == "step"]
    every = -(-len(steps) // most) or 1
    kept = set(steps[::-1][::every])
    write_atomically(
        path,
        (
            text + b"\n"
            for index, (kind, text) in enumerate(lines)
            if kind != "step" or index in kept
        ),
    )


def _lines(path: Path) -> Iterator[_Line]:
    """Read each whole line."""
    try:
        with path.open("rb") as file:
            while text := file.readline(_MAX_LINE_BYTES):
                is_too_long = len(text) == _MAX_LINE_BYTES and not text.endswith(b"\n")
                if is_too_long:
                    _end_of_line(file)
                elif line := _parse(text):
                    yield line
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unreadable(path, error) from error


def _end_of_line(file: BinaryIO) -> bytes:
    """Pass over the rest of a line that is too long; return the last piece of it."""
    while (rest := file.readline(_MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
        pass
    return rest


def _unreadable(path: Path, error: OSError) -> UnreadableFileError:
    return UnreadableFileError(
        f"{path.parent.name}: {path.name} cannot be read ({error.strerror}); check that it is "
        "a file that you may read."
    )


def _parse(text: bytes) -> _Line | None:
    try:
        line = json.loads(text.decode(errors="replace"))
    except (ValueError, RecursionError):  # No JSON; or nested a thousand lists deep.
        return None
    kind = line.pop("kind", None) if isinstance(line, dict) else None
    if not isinstance(kind, str) or not line.keys() >= _NEEDED.get(kind, {"step"}):
        return None
    lists = {name: line.pop(name) for name in _LISTS.get(kind, ()) if name in line}
    if not all(_is_list_of_shares(values) for values in lists.values()):
        return None
    event, words = line.pop(_EVENT, ""), line.pop(_TEXT, "")
    if not isinstance(event, str) or not isinstance(words, str) or len(words) > _MAX_TEXT:
        return None
    if kind == "event" and event not in _EVENTS:
        return None
    for name, value in line.items():
        allowed = (int,) if name in _WHOLE_NUMBERS else (int, float)
        # Compared, as `isfinite` overflows on a long integer.
        most = 2**53 if name in _WHOLE_NUMBERS else 1e300
        if type(value) not in allowed or not -most < value < most:
            return None
        if name not in _WHOLE_NUMBERS:
            line[name] = float(value)
    lists = {name: tuple(values) for name, values in lists.items()}
    words = clean_note(words)  # Half surrogates, and what turns the text around it, go nowhere.
    return _Line(kind, line, lists, (event, words), text.rstrip(b"\r\n"))


def _is_list_of_shares(values: object) -> bool:
    return (
        isinstance(values, list)
        and len(values) <= _MAX_LIST
        and all(type(value) in (int, float) and 0 <= value <= 1 for value in values)
    )


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"


def _short(value: float | int) -> float | int:
    """Six digits are more than a chart or a reader can use, and a third of the disk."""
    return float(f"{value:.6g}") if isinstance(value, float) else value
