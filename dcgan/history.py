"""history.jsonl: a run's reports, a line each, in the order in which they came.

A death can cut the last line short and a disk can damage any: what is no whole report is passed
over. It knows one file and no run.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

from dcgan.errors import RunError
from dcgan.files import write_whole
from dcgan.reports import EpochReport, StepReport

# The numbers that a line must have, by its kind.
_NUMBERS = {
    kind: {field.name for field in dataclasses.fields(report)} - {"pixels"}
    for kind, report in (("step", StepReport), ("epoch", EpochReport))
}
_WHOLE_NUMBERS = frozenset(("step", "epoch", "num_steps"))
_MAX_LINE_BYTES = 4096  # Ours are below 500; a longer one, of anybody's file, is never held whole.


def append_report(path: Path, report: StepReport | EpochReport) -> None:
    """Add a report's numbers as a line.

    Raises:
        OSError: If the disk refuses.
    """
    kind = "step" if isinstance(report, StepReport) else "epoch"
    numbers = {name: _short(getattr(report, name)) for name in sorted(_NUMBERS[kind])}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"kind": kind} | numbers) + "\n")


def read_step_reports(path: Path) -> list[StepReport]:
    """Return the step reports, oldest first; none if there is no file.

    Raises:
        RunError: If the file is there and cannot be read.
    """
    return [
        StepReport(**{name: line[name] for name in _NUMBERS["step"]})  # type: ignore[arg-type]
        for kind, line, _ in _lines(path)
        if kind == "step"
    ]


def forget_after(path: Path, step: int) -> None:
    """Drop the lines of later steps, and what is damaged.

    Raises:
        OSError: If the disk refuses.
    """
    write_whole(path, (text + b"\n" for _, line, text in _lines(path) if line["step"] <= step))


def _lines(path: Path) -> Iterator[tuple[str, dict[str, float], bytes]]:
    """Read kind, numbers and bytes of each whole line."""
    try:
        with path.open("rb") as file:
            while text := file.readline(_MAX_LINE_BYTES):
                is_too_long = len(text) == _MAX_LINE_BYTES and not text.endswith(b"\n")
                if is_too_long:
                    while (rest := file.readline(_MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
                        pass
                elif parsed := _parse(text):
                    yield *parsed, text.rstrip(b"\r\n")
    except FileNotFoundError:
        return
    except OSError as error:
        raise RunError(
            f"{path.parent.name}: {path.name} cannot be read ({error.strerror}); check that it is "
            "a file that you may read."
        ) from error


def _parse(text: bytes) -> tuple[str, dict[str, float]] | None:
    try:
        line = json.loads(text.decode(errors="replace"))
    except (ValueError, RecursionError):  # No JSON; or nested a thousand lists deep.
        return None
    kind = line.pop("kind", None) if isinstance(line, dict) else None
    if not isinstance(kind, str) or not line.keys() >= _NUMBERS.get(kind, {"step"}):
        return None
    for name, value in line.items():
        allowed = (int,) if name in _WHOLE_NUMBERS else (int, float)
        # Compared, as `isfinite` overflows on a long integer.
        if type(value) not in allowed or not -1e300 < value < 1e300:
            return None
    return kind, line


def _short(value: float | int) -> float | int:
    """Six digits are more than a chart or a reader can use, and a third of the disk."""
    return float(f"{value:.6g}") if isinstance(value, float) else value
