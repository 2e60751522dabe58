"""Reports as the lines of history.jsonl: encoding, parsing and validation.

A line is a JSON object with the kind of its report and the report's numbers by name. The file may
be damaged or untrusted, so `parse_line` checks the fields, their types, and that numbers are
finite. It also accepts the lines of older versions, and keeps the bytes of newer ones, so that a
run that a newer version wrote loses nothing here. This module does not know files or runs.
"""

from __future__ import annotations

import dataclasses
import json
import typing
from collections.abc import Mapping
from typing import NamedTuple, cast

from dcgan.evaluation.main_metric import MAIN_METRICS
from dcgan.evaluation.metric_info import METRIC_INFO
from dcgan.reports import EpochReport, EvaluationReport, Event, EventReport, StepReport
from dcgan.runs.manifest import clean_text

LineReport = StepReport | EpochReport | EvaluationReport | EventReport

REAL_PREFIX = "real_"  # Before a metric's name, it means the same metric of real images.
# A longer line is damaged. The longest written one, an event with a text of 300 emoji as escapes,
# has about 3,700 bytes.
MAX_LINE_BYTES = 4096

_KINDS: Mapping[type[LineReport], str] = {
    StepReport: "step",
    EpochReport: "epoch",
    EvaluationReport: "evaluation",
    EventReport: "event",
}
# Lists of shares, by the kind of line; optional.
_LISTS = {
    "evaluation": ("digit_shares", "real_digit_shares"),
    "step": ("real_histogram", "fake_histogram"),
}
_MAX_LIST_ITEMS = 100
_FIELDS_NOT_NUMBERS = {
    "pixels",
    "metrics",
    "real_metrics",
    "event",
    "text",
    *sum(_LISTS.values(), ()),
}
# The fields that are one number, by the kind of line.
_NUMBERS = {
    kind: {field.name for field in dataclasses.fields(report)} - _FIELDS_NOT_NUMBERS
    for report, kind in _KINDS.items()
}
_WHOLE_NUMBERS = frozenset(("step", "epoch", "num_steps", "num_images", "images_per_step"))
_EVENTS: tuple[Event, ...] = typing.get_args(Event)
# Fields that older versions or runs without augmentation do not have; absent where None.
_OPTIONAL = frozenset(
    (
        *("real_spread", "fake_spread", "generator_update_ratio", "discriminator_update_ratio"),
        *("images_per_step", "augment_probability"),
    )
)
# A line without one of these is damaged; every data set allows these metrics.
_REQUIRED = {kind: names - _OPTIONAL for kind, names in _NUMBERS.items()} | {
    "evaluation": _NUMBERS["evaluation"]
    | {
        prefix + name
        for name in ("frechet_distance", "precision", "recall")
        for prefix in ("", REAL_PREFIX)
    }
}
_METRICS = {prefix + name for name in METRIC_INFO for prefix in ("", REAL_PREFIX)}
_MAX_TEXT = 300  # Characters of an event's text.
_UNKNOWN = "unknown"  # The kind of a line that only a newer version can read.


class Line(NamedTuple):
    """A valid line.

    Attributes:
        kind: "step", "epoch", "evaluation" or "event"; "unknown" for a kind of report or of event
            that only a newer version knows.
        numbers: The fields that are one number, by name; only the step in a line of unknown kind.
        lists: The fields that are a list of shares, by name.
        event: The kind of an event, such as "changed"; "" in lines of other kinds.
        text: The sentence about the event; "" in lines of other kinds.
        raw: The line's bytes without its end.
    """

    kind: str
    numbers: Mapping[str, float]
    lists: Mapping[str, tuple[float, ...]]
    event: str
    text: str
    raw: bytes

    @property
    def step(self) -> int:
        """The step that the report belongs to."""
        return int(self.numbers["step"])

    def to_step_report(self) -> StepReport:
        """Return the report of a line of kind "step"."""
        numbers = {name: self.numbers[name] for name in _NUMBERS["step"] if name in self.numbers}
        return StepReport(**numbers, **self.lists)  # type: ignore[arg-type]

    def to_evaluation_report(self) -> EvaluationReport:
        """Return the report of a line of kind "evaluation"."""
        numbers = self.numbers
        return EvaluationReport(
            **{name: numbers[name] for name in _NUMBERS["evaluation"]},  # type: ignore[arg-type]
            metrics={name: numbers[name] for name in METRIC_INFO if name in numbers},
            real_metrics={
                name: numbers[REAL_PREFIX + name]
                for name in METRIC_INFO
                if REAL_PREFIX + name in numbers
            },
            digit_shares=self.lists.get("digit_shares", ()),
            real_digit_shares=self.lists.get("real_digit_shares", ()),
        )

    def to_event_report(self) -> EventReport:
        """Return the report of a line of kind "event"."""
        return EventReport(
            **{name: self.numbers[name] for name in _NUMBERS["event"]},  # type: ignore[arg-type]
            event=cast("Event", self.event),  # `parse_line` accepts no other.
            text=self.text,
        )

    def to_row(self) -> dict[str, float | int | str]:
        """Return the fields as plain values by name; each item of a list has its own name."""
        row: dict[str, float | int | str] = {"kind": self.kind, **self.numbers}
        for name, values in self.lists.items():
            row |= {f"{name}_{index}": value for index, value in enumerate(values)}
        if self.kind == "event":
            row |= {"event": self.event, "text": self.text}
        return row

    @property
    def is_of_known_kind(self) -> bool:
        """Whether this version of the program knows the kind of report."""
        return self.kind != _UNKNOWN


def encode_report(report: LineReport) -> bytes:
    """Encode a report, without its images, as a line that ends in a line feed."""
    kind = _KINDS[type(report)]
    line: dict[str, object] = {"kind": kind}
    numbers = {name: getattr(report, name) for name in sorted(_NUMBERS[kind])}
    line |= {name: _round(value) for name, value in numbers.items() if value is not None}
    for name in _LISTS.get(kind, ()):
        if values := getattr(report, name):
            line[name] = [round(value, 4) for value in values]
    if isinstance(report, EvaluationReport):
        line |= {name: _round(value) for name, value in report.metrics.items()}
        line |= {REAL_PREFIX + name: _round(value) for name, value in report.real_metrics.items()}
    elif isinstance(report, EventReport):
        line |= {"event": report.event, "text": _shorten(report.text)}
    return (json.dumps(line) + "\n").encode()


def _round(value: float | int) -> float | int:
    """Round to six digits: more than a chart needs, and a third of the disk space."""
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _shorten(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"


def parse_line(data: bytes) -> Line | None:
    """Parse and validate a line; None if it is damaged."""
    try:
        line = json.loads(data.decode(errors="replace"))
    except (ValueError, RecursionError):  # Not JSON; or lists nested a thousand deep.
        return None
    kind = line.pop("kind", None) if isinstance(line, dict) else None
    if not isinstance(kind, str) or not line.keys() >= _REQUIRED.get(kind, {"step"}):
        return None
    # A distance is shown with its value for real images.
    if any(name in line and REAL_PREFIX + name not in line for name in MAIN_METRICS):
        return None
    raw = data.rstrip(b"\r\n")
    event, text = line.pop("event", ""), line.pop("text", "")
    if not isinstance(event, str):
        return None
    if kind not in _NUMBERS or (kind == "event" and event and event not in _EVENTS):
        step = line["step"]
        return Line(_UNKNOWN, {"step": step}, {}, "", "", raw) if _is_number("step", step) else None
    if not isinstance(text, str) or len(text) > _MAX_TEXT or (kind == "event" and not event):
        return None
    lists = {name: line.pop(name) for name in _LISTS.get(kind, ()) if name in line}
    if not all(_is_list_of_shares(values) for values in lists.values()):
        return None
    numbers: dict[str, float] = {}
    for name, value in line.items():
        if _is_number(name, value):
            numbers[name] = value if name in _WHOLE_NUMBERS else float(value)
        elif name in _NUMBERS[kind] | _METRICS:  # A newer version's own fields may have any value.
            return None
    lists = {name: tuple(values) for name, values in lists.items()}
    return Line(kind, numbers, lists, event, clean_text(text), raw)


def _is_number(name: str, value: object) -> bool:
    """Return whether a value may be that of a field that is one number."""
    if name in _WHOLE_NUMBERS:
        return type(value) is int and -(2**53) < value < 2**53
    # Compared with bounds, as `isfinite` overflows on a long integer.
    return type(value) in (int, float) and -1e300 < value < 1e300  # type: ignore[operator]


def _is_list_of_shares(values: object) -> bool:
    return (
        isinstance(values, list)
        and len(values) <= _MAX_LIST_ITEMS
        and all(type(value) in (int, float) and 0 <= value <= 1 for value in values)
    )
