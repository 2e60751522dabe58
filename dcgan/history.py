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
from dcgan.figures import FIGURES
from dcgan.files import write_whole
from dcgan.reports import EpochReport, EvaluationReport, StepReport

_KINDS = {StepReport: "step", EpochReport: "epoch", EvaluationReport: "evaluation"}
_NOT_NUMBERS = {"pixels", "digit_shares", "figures", "real_figures"}
# The fields that are one number, by the kind of line.
_NUMBERS = {
    kind: {field.name for field in dataclasses.fields(report)} - _NOT_NUMBERS
    for report, kind in _KINDS.items()
}
_WHOLE_NUMBERS = frozenset(("step", "epoch", "num_steps", "num_images"))
_SHARES = "digit_shares"  # The one field that is a list.
_REAL = "real_"  # Before the name of a figure: what real images get.
# What a line must have; all data allow these figures, so a line without them is damaged.
_NEEDED = _NUMBERS | {
    "evaluation": _NUMBERS["evaluation"]
    | {
        prefix + name
        for name in ("frechet_distance", "precision", "recall")
        for prefix in ("", _REAL)
    }
}
_MAX_LINE_BYTES = 4096  # Ours are below 1,000; a longer one, of anybody's, is never held whole.


def append_report(path: Path, report: StepReport | EpochReport | EvaluationReport) -> None:
    """Add a report's numbers as a line.

    Raises:
        OSError: If the disk refuses.
    """
    kind = _KINDS[type(report)]
    line: dict[str, object] = {"kind": kind}
    line |= {name: _short(getattr(report, name)) for name in sorted(_NUMBERS[kind])}
    if isinstance(report, EvaluationReport):
        line |= {name: _short(value) for name, value in report.figures.items()}
        line |= {_REAL + name: _short(value) for name, value in report.real_figures.items()}
        line[_SHARES] = [_short(share) for share in report.digit_shares]
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def read_step_reports(path: Path) -> list[StepReport]:
    """Return the step reports, oldest first; none if there is no file.

    Raises:
        RunError: If the file is there and cannot be read.
    """
    return [
        StepReport(**{name: line[name] for name in _NUMBERS["step"]})  # type: ignore[arg-type]
        for kind, line, _, _ in _lines(path)
        if kind == "step"
    ]


def read_evaluations(path: Path) -> list[EvaluationReport]:
    """Return the evaluation reports, oldest first; none if there is no file.

    Raises:
        RunError: If the file is there and cannot be read.
    """
    return [
        EvaluationReport(
            **{name: line[name] for name in _NUMBERS["evaluation"]},  # type: ignore[arg-type]
            figures={name: line[name] for name in FIGURES if name in line},
            real_figures={name: line[_REAL + name] for name in FIGURES if _REAL + name in line},
            digit_shares=shares,
        )
        for kind, line, shares, _ in _lines(path)
        if kind == "evaluation"
    ]


def forget_after(path: Path, step: int) -> None:
    """Drop the lines of later steps, and what is damaged.

    Raises:
        OSError: If the disk refuses.
    """
    write_whole(path, (text + b"\n" for _, line, _, text in _lines(path) if line["step"] <= step))


def thin_out(path: Path, most: int) -> None:
    """Keep at most so many step reports, evenly spread, the newest among them, and all others.

    Raises:
        OSError: If the disk refuses.
        RunError: If the file is there and cannot be read.
    """
    lines = [(kind, text) for kind, _, _, text in _lines(path)]
    steps = [index for index, (kind, _) in enumerate(lines) if kind == "step"]
    every = -(-len(steps) // most) or 1
    kept = set(steps[::-1][::every])
    write_whole(
        path,
        (
            text + b"\n"
            for index, (kind, text) in enumerate(lines)
            if kind != "step" or index in kept
        ),
    )


def _lines(path: Path) -> Iterator[tuple[str, dict[str, float], tuple[float, ...], bytes]]:
    """Read kind, numbers, shares and bytes of each whole line."""
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


def _parse(text: bytes) -> tuple[str, dict[str, float], tuple[float, ...]] | None:
    try:
        line = json.loads(text.decode(errors="replace"))
    except (ValueError, RecursionError):  # No JSON; or nested a thousand lists deep.
        return None
    kind = line.pop("kind", None) if isinstance(line, dict) else None
    if not isinstance(kind, str) or not line.keys() >= _NEEDED.get(kind, {"step"}):
        return None
    shares = line.pop(_SHARES, [])
    if not isinstance(shares, list) or not all(_is_share(share) for share in shares):
        return None
    for name, value in line.items():
        allowed = (int,) if name in _WHOLE_NUMBERS else (int, float)
        # Compared, as `isfinite` overflows on a long integer.
        if type(value) not in allowed or not -1e300 < value < 1e300:
            return None
    return kind, line, tuple(shares)


def _is_share(value: object) -> bool:
    return type(value) in (int, float) and 0 <= value <= 1  # type: ignore[operator]


def _short(value: float | int) -> float | int:
    """Six digits are more than a chart or a reader can use, and a third of the disk."""
    return float(f"{value:.6g}") if isinstance(value, float) else value
