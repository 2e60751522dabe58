"""The snapshot of a run that another process trains, while the run grows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dcgan.reports import EvaluationReport, EventReport, SampleReport
from dcgan.runs import history, history_lines
from dcgan.runs.run_folder import Run, open_run
from tests.dashboard.snapshots.manual_external_runs import ManualExternalRuns
from tests.reports import step_report

METRICS = {"frechet_distance": 1.0, "precision": 0.5, "recall": 0.5}


def make_sample(step: int, shade: int = 0) -> SampleReport:
    return SampleReport(step, 1, step / 10, np.full((6, 28, 28, 1), shade, np.uint8))


def test_the_snapshot_grows_with_the_run(begin_run: Callable[..., Run], tmp_path: Path) -> None:
    run, external = begin_run(), ManualExternalRuns(tmp_path)
    snapshot = external.read()
    assert (snapshot.phase, snapshot.step, snapshot.images_per_second) == ("preparing", 0, None)
    assert not snapshot.is_of_this_process
    assert snapshot.is_active
    assert snapshot.num_images == 200
    run.write(make_sample(0))
    run.write(step_report(1, seconds=3.0, images_per_second=16 / 3))  # This chunk traced the graph.
    snapshot = external.read()
    assert (snapshot.phase, snapshot.step, snapshot.images_per_second) == ("running", 1, None)
    assert snapshot.sample is not None
    assert snapshot.sample.step == 0
    for step in (5, 9, 13, 17, 21):
        run.write(step_report(step, seconds=3 + step / 4, num_steps=4, images_per_second=64.0))
    run.write(make_sample(9, shade=200))
    snapshot = external.read()
    assert [report.step for report in snapshot.history] == [1, 5, 9, 13, 17, 21]
    assert snapshot.images_per_second == pytest.approx(64)
    # 13 steps an epoch, two epochs, 16 images a step: 5 steps are left, four a second.
    assert snapshot.seconds_left == pytest.approx(5 / 4)
    assert snapshot.share_done == pytest.approx(21 / 26)
    assert snapshot.sample is not None
    assert snapshot.sample.step == 9
    assert snapshot.sample.pixels.max() == 200
    run.write(EvaluationReport(13, 1, 4.0, 1000, METRICS, METRICS))
    run.write(EventReport(13, 1, 4.0, "changed", "From step 13 on: something."))
    snapshot = external.read()
    assert [report.step for report in snapshot.evaluations] == [13]
    assert [report.text for report in snapshot.events] == ["From step 13 on: something."]


def test_without_changes_the_version_and_the_snapshot_stay(
    begin_run: Callable[..., Run], tmp_path: Path
) -> None:
    run, external = begin_run(), ManualExternalRuns(tmp_path)
    run.write(step_report(1))
    before, version = external.read(), external.get_version("first")
    assert external.read() is before
    assert external.get_version("first") == version
    run.write(step_report(2))
    assert external.read() is not before
    assert external.get_version("first") != version


def test_only_new_lines_of_a_long_history_are_parsed(
    begin_run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, external = begin_run(), ManualExternalRuns(tmp_path)
    for step in range(1, 301):
        run.write(step_report(step))
    assert external.read().step == 300
    parsed: list[bytes] = []
    parse_line = history_lines.parse_line

    def parse_and_record(text: bytes) -> object:
        parsed.append(text)
        return parse_line(text)

    monkeypatch.setattr(history, "parse_line", parse_and_record)
    run.write(step_report(301))
    run.write(step_report(302))
    assert len(external.read().history) == 302
    assert len(parsed) == 2


def test_damaged_lines_are_skipped_and_an_incomplete_line_waits_for_its_end(
    begin_run: Callable[..., Run], tmp_path: Path
) -> None:
    run, external = begin_run(), ManualExternalRuns(tmp_path)
    run.write(step_report(1))
    run.write(step_report(2))
    path = run.path / "history.jsonl"
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first)
    assert external.read().step == 1
    with path.open("ab") as file:
        file.write(b"\xff{no report}\n" + b"x" * 10_000 + b"\n" + second[:40])
    assert external.read().step == 1
    with path.open("ab") as file:
        file.write(second[40:])
    snapshot = external.read()
    assert [report.step for report in snapshot.history] == [1, 2]
    assert snapshot.message == ""


def test_a_rollback_removes_later_reports_and_pictures(
    begin_run: Callable[..., Run], tmp_path: Path
) -> None:
    run, external = begin_run(), ManualExternalRuns(tmp_path)
    for step in (1, 2, 3, 4):
        run.write(step_report(step))
    run.write(make_sample(2))
    run.write(make_sample(4))
    assert external.read().step == 4
    run.rewind(2)
    # The file has the same length as before the rollback, so its size shows no change.
    for step in (3, 4):
        run.write(step_report(step, generator_loss=0.85))
    snapshot = external.read()
    assert [report.generator_loss for report in snapshot.history] == [0.75, 0.75, 0.85, 0.85]
    assert snapshot.sample is not None
    assert snapshot.sample.step == 2


def test_changed_settings_are_read(begin_run: Callable[..., Run], tmp_path: Path) -> None:
    run, external = begin_run(), ManualExternalRuns(tmp_path)
    assert external.read().config == run.config
    run.change_config(run.config.replace(epochs=7))
    assert external.read().config == run.config
    assert run.config.epochs == 7


def test_the_snapshot_names_the_machine_that_trains(
    begin_run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.node", lambda: "gpu-7")
    run = begin_run()
    monkeypatch.setattr("platform.node", lambda: "laptop")
    external = ManualExternalRuns(tmp_path)
    assert external.read().machine == "gpu-7"
    assert open_run(run.path).read_status().state == "running"
