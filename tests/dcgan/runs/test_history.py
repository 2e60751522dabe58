"""The history of a run restores its reports and skips damaged lines."""

from __future__ import annotations

import dataclasses
import json
import tracemalloc
from collections.abc import Callable

import pytest

from dcgan.reports import EpochReport, EvaluationReport, EventReport
from dcgan.runs.history import History
from dcgan.runs.run_folder import Run
from tests.dcgan.runs.examples import make_state, sample_report
from tests.reports import step_report

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_history_restores_step_reports_to_six_digits(new_run: Callable[..., Run]) -> None:
    run = new_run()
    run.write(step_report(1, generator_loss=0.123456789))
    run.write(EpochReport(1, 1, 0.1, 0.5, 0.25, sample_report(1).pixels))
    run.write(step_report(2, generator_loss=123456.789))
    reports = run.history.read_steps()
    assert [report.step for report in reports] == [1, 2]
    assert [report.generator_loss for report in reports] == [0.123457, 123457.0]
    assert isinstance(reports[0].step, int)


def test_a_line_from_before_the_spread_was_measured_is_read(new_run: Callable[..., Run]) -> None:
    run = new_run()
    reports = [
        step_report(1),
        dataclasses.replace(step_report(2), real_spread=0.375, fake_spread=0.25),
    ]
    for report in reports:
        run.write(report)
    assert "spread" not in (run.path / "history.jsonl").read_text().splitlines()[0]
    assert run.history.read_steps() == reports


def test_the_newest_step_is_read_without_the_rest(
    new_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run()
    assert run.history.read_last_step() is None
    for step in range(1, 400):  # More lines than are read at the end of the file.
        run.write(step_report(step))
    run.write(EventReport(step=399, epoch=1, seconds=1.0, event="changed", text="a" * 200))
    with (run.path / "history.jsonl").open("ab") as file:
        file.write(b'garbage\n{"kind": "step", "step": 400')  # Cut short.
    with monkeypatch.context() as without:
        without.delattr(History, "read_steps")
        last = run.history.read_last_step()
    assert last is not None
    assert last.step == 399


def test_the_newest_step_is_found_before_a_long_damaged_end(new_run: Callable[..., Run]) -> None:
    run = new_run()
    run.write(step_report(7))
    with (run.path / "history.jsonl").open("ab") as file:
        file.write(b"x" * 200_000 + b"\n")
    last = run.history.read_last_step()
    assert last is not None
    assert last.step == 7


@pytest.mark.parametrize(
    "damage",
    [
        b'{"kind": "step", "step": 2, "gener',  # Cut short by a crash.
        b"",
        b"\0\0\0\xff\xfe",
        json.dumps({"kind": "step"} | vars(step_report(2)) | {"num_steps": 2.5}).encode(),
        b"[1, 2]",
        b"null",
        b"7",
        b"[" * 100_000,
        b'{"kind": "step", "step": ' + b"9" * 400 + b"}",
        b'{"kind": "step", "step": 2}',  # Lacks numbers that a chart draws.
        b'{"kind": ["step"], "step": 2}',
        b'{"step": 2}',
    ],
)
def test_a_damaged_line_of_history_is_skipped(new_run: Callable[..., Run], damage: bytes) -> None:
    run = new_run()
    run.write(step_report(1))
    with (run.path / "history.jsonl").open("ab") as file:
        file.write(damage + b"\n")
    run.write(step_report(3))
    assert [report.step for report in run.history.read_steps()] == [1, 3]
    run.rewind(3)
    assert len((run.path / "history.jsonl").read_text().splitlines()) == 2


def test_a_very_long_line_of_history_is_skipped_with_little_memory(
    new_run: Callable[..., Run],
) -> None:
    run = new_run()
    run.write(step_report(1))
    with (run.path / "history.jsonl").open("ab") as file:
        for length in (4095, 4096, 4097, 20_000_000):
            file.write(b" " * length + b"\n")
    run.write(step_report(3))
    tracemalloc.start()
    try:
        assert [report.step for report in run.history.read_steps()] == [1, 3]
        run.rewind(3)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert [report.step for report in run.history.read_steps()] == [1, 3]
    assert (run.path / "history.jsonl").stat().st_size < 1000
    with (run.path / "history.jsonl").open("ab") as file:
        file.write(b"x" * 5000)  # Without an end of line.
    assert [report.step for report in run.history.read_steps()] == [1, 3]


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "1" + "0" * 400, '"0.5"', "true", "null", "[]"]
)
def test_a_line_with_a_value_that_is_not_finite_is_skipped(
    new_run: Callable[..., Run], value: str
) -> None:
    run = new_run()
    run.write(step_report(1))
    line = (run.path / "history.jsonl").read_text()
    with (run.path / "history.jsonl").open("a") as file:
        file.write(line.replace('"generator_loss": 0.75', f'"generator_loss": {value}'))
    assert len(run.history.read_steps()) == 1


def test_history_restores_events_of_known_kinds_only(new_run: Callable[..., Run]) -> None:
    run = new_run()
    events = [
        EventReport(3, 1, 1.5, "changed", "Generator learning rate 0.002 → 0.001."),
        EventReport(5, 1, 2.5, "rolled_back", "Back to step 5 from step 9."),
    ]
    for event in events:
        run.write(event)
    with (run.path / "history.jsonl").open("a") as file:
        for line in (
            {"kind": "event", "step": 6, "epoch": 1, "seconds": 3.0, "event": "x", "text": "y"},
            {"kind": "event", "step": 6, "epoch": 1, "seconds": 3.0, "event": "changed", "text": 7},
            {"kind": "event", "step": 6, "epoch": 1, "seconds": 3.0},
            {"kind": "event", "event": "changed", "text": "y"},
        ):
            file.write(json.dumps(line) + "\n")
    assert run.history.read_events() == events
    run.rewind(4)
    assert run.history.read_events() == events[:1]
    run.write(EventReport(4, 1, 1.6, "changed", "𝛽" * 1000))  # Four bytes each, twelve in JSON.
    assert run.history.read_events()[-1].text == "𝛽" * 299 + "…"


def test_lines_of_a_newer_version_stay_in_the_file_and_are_not_shown(
    new_run: Callable[..., Run],
) -> None:
    run = new_run("first", 2)
    for step in (1, 2, 3):
        run.write(step_report(step))
    known = json.loads((run.path / "history.jsonl").read_text().splitlines()[1])
    newer: list[dict[str, object]] = [
        {"kind": "pruned", "step": 2, "layers": ["dense", 3], "note": {"why": None}},
        {"kind": "event", "step": 2, "epoch": 1, "seconds": 0.2, "event": "merged", "text": [7]},
        {**known, "temperature": 0.5, "widths": [64, 32]},
        {"kind": "pruned", "step": 3},
    ]
    lines = [json.dumps(line) for line in newer]
    with (run.path / "history.jsonl").open("a") as file:
        file.writelines(f"{line}\n" for line in [*lines, '{"kind": "pruned", "step": "2"}'])
    assert [report.step for report in run.history.read_steps()] == [1, 2, 3, 2]
    assert run.history.read_events() == []
    assert {row["kind"] for row in run.history.read_rows()} == {"step"}
    run.rewind(2)
    run.history.thin_out(1000)
    assert (run.path / "history.jsonl").read_text().splitlines()[2:] == lines[:3]


def test_rewinding_deletes_history_pictures_and_checkpoints_after_a_step(
    new_run: Callable[..., Run],
) -> None:
    run = new_run("first", 2, 4, 6)
    for step in (0, 3, 5):
        run.write(sample_report(step))
    for step in range(1, 7):
        run.write(step_report(step))
    run.rewind(4)
    assert [report.step for report in run.history.read_steps()] == [1, 2, 3, 4]
    assert run.samples.list_steps() == [0, 3]
    assert run.checkpoints.list_steps() == [2, 4]


def test_history_restores_evaluations_and_deletes_them_with_their_steps(
    new_run: Callable[..., Run],
) -> None:
    run = new_run("first")
    shares = (0.2, 0.8, *[0.0] * 8)
    metrics = {"frechet_distance": 31.5, "precision": 0.75, "recall": 0.5, "diversity": 6.5}
    real_metrics = {"frechet_distance": 3.25, "precision": 0.875, "recall": 0.875}
    reports = [
        EvaluationReport(step, 1, step / 8, 1000, metrics, real_metrics, shares, real_shares)
        for step, real_shares in ((13, (0.1,) * 10), (26, ()))  # Older runs did not keep them.
    ]
    for report in reports:
        run.write(report)
    assert run.history.read_evaluations() == reports
    assert run.history.read_steps() == []
    with (run.path / "history.jsonl").open("a") as file:
        line = json.loads((run.path / "history.jsonl").read_text().splitlines()[0])
        file.write(json.dumps(line | {"digit_shares": [0.5, "much"]}) + "\n")
        file.write(json.dumps(line | {"digit_shares": [2.0]}) + "\n")
        file.write(json.dumps(line | {"real_digit_shares": 0.5}) + "\n")
        file.write(json.dumps({**line, "recall": None}) + "\n")
    assert run.history.read_evaluations() == reports
    run.acquire_lock()
    run.save_checkpoint(make_state(13))
    run.rewind(13)
    run.lock.release()
    assert run.history.read_evaluations() == reports[:1]
