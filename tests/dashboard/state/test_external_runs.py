"""Runs of other processes, followed by what they write: what is said, and when it ends."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from dashboard.state.external_runs import ExternalRuns
from dashboard.state.snapshot import Snapshot
from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.reports import EvaluationReport, EventReport, SampleReport
from dcgan.runs import history, history_lines
from dcgan.runs.run_folder import Run, open_run
from tests.reports import step_report


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Watched(ExternalRuns):
    """Looks at the disk when a test wants it, in no thread."""

    def __init__(self, root: Path, own: Callable[[], Snapshot] = Snapshot) -> None:
        self.clock = Clock()
        super().__init__(root, own, self.clock)

    def _wake(self) -> None:
        if self._is_wanted:
            self._changed.release()
            self.refresh()
            self._changed.acquire()

    def see(self, name: str = "first") -> Snapshot:
        """Return what there is to see of a run some seconds later."""
        self.observe(name)
        self.clock.now += 4
        self.refresh()
        found = self.observe(name).snapshot
        assert found is not None
        return found

    def names(self) -> list[str]:
        self.clock.now += 4
        self.refresh()
        return [run.name for run in self.observe().runs]


@pytest.fixture
def begin(
    tiny_config: TrainingConfig, tiny_dataset: ImageDataset, tmp_path: Path
) -> Callable[..., Run]:
    """Begin a run as another process does: held, and said to be running."""

    def make(name: str = "first", **changes: object) -> Run:
        return Run.create(tiny_config.replace(**changes), tiny_dataset, path=tmp_path / name)

    return make


def sample(step: int, shade: int = 0) -> SampleReport:
    return SampleReport(step, 1, step / 10, np.full((6, 28, 28, 1), shade, np.uint8))


def test_a_run_that_grows_is_shown_as_it_grows(begin: Callable[..., Run], tmp_path: Path) -> None:
    run, elsewhere = begin(), Watched(tmp_path)
    now = elsewhere.see()
    assert (now.phase, now.step, now.images_per_second) == ("preparing", 0, None)
    assert not now.is_here
    assert now.is_active
    assert now.num_images == 200
    run.write(sample(0))
    run.write(step_report(1, seconds=3.0, images_per_second=16 / 3))  # It traced the graph.
    now = elsewhere.see()
    assert (now.phase, now.step, now.images_per_second) == ("running", 1, None)
    assert now.sample is not None
    assert now.sample.step == 0
    for step in (5, 9):
        run.write(step_report(step, seconds=3 + step / 4, num_steps=4, images_per_second=64.0))
    run.write(sample(9, shade=200))
    now = elsewhere.see()
    assert [report.step for report in now.history] == [1, 5, 9]
    assert now.images_per_second == pytest.approx(64)
    # 13 steps an epoch, two epochs, 16 images a step: 17 steps are left, four a second.
    assert now.seconds_left == pytest.approx(17 / 4)
    assert now.share_done == pytest.approx(9 / 26)
    assert now.sample is not None
    assert now.sample.step == 9
    assert now.sample.pixels.max() == 200
    run.write(EvaluationReport(13, 1, 4.0, 1000, METRICS, METRICS))
    run.write(EventReport(13, 1, 4.0, "changed", "From step 13 on: something."))
    now = elsewhere.see()
    assert [report.step for report in now.evaluations] == [13]
    assert [report.text for report in now.events] == ["From step 13 on: something."]
    run.lock.release()


METRICS = {"frechet_distance": 1.0, "precision": 0.5, "recall": 0.5}


def test_without_news_the_version_and_the_snapshot_stay(
    begin: Callable[..., Run], tmp_path: Path
) -> None:
    run, elsewhere = begin(), Watched(tmp_path)
    run.write(step_report(1))
    before, version = elsewhere.see(), elsewhere.version("first")
    assert elsewhere.see() is before
    assert elsewhere.version("first") == version
    run.write(step_report(2))
    assert elsewhere.see() is not before
    assert elsewhere.version("first") != version
    run.lock.release()


def test_of_a_long_history_the_new_lines_alone_are_read(
    begin: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, elsewhere = begin(), Watched(tmp_path)
    for step in range(1, 301):
        run.write(step_report(step))
    assert elsewhere.see().step == 300
    parsed: list[bytes] = []
    whole = history_lines.parse_line

    def note(text: bytes) -> object:
        parsed.append(text)
        return whole(text)

    monkeypatch.setattr(history, "parse_line", note)
    run.write(step_report(301))
    run.write(step_report(302))
    assert len(elsewhere.see().history) == 302
    assert len(parsed) == 2
    run.lock.release()


def test_garbage_is_passed_over_and_a_line_cut_short_waits_for_its_end(
    begin: Callable[..., Run], tmp_path: Path
) -> None:
    run, elsewhere = begin(), Watched(tmp_path)
    run.write(step_report(1))
    run.write(step_report(2))
    path = run.path / "history.jsonl"
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first)
    assert elsewhere.see().step == 1
    with path.open("ab") as file:
        file.write(b"\xff{no report}\n" + b"x" * 10_000 + b"\n" + second[:40])
    assert elsewhere.see().step == 1
    with path.open("ab") as file:
        file.write(second[40:])
    now = elsewhere.see()
    assert [report.step for report in now.history] == [1, 2]
    assert now.message == ""
    run.lock.release()


def test_a_run_that_goes_back_forgets_what_came_later(
    begin: Callable[..., Run], tmp_path: Path
) -> None:
    run, elsewhere = begin(), Watched(tmp_path)
    for step in (1, 2, 3, 4):
        run.write(step_report(step))
    run.write(sample(2))
    run.write(sample(4))
    assert elsewhere.see().step == 4
    run.rewind(2)
    # As long as it was before, so that its size does not tell.
    for step in (3, 4):
        run.write(step_report(step, generator_loss=0.85))
    now = elsewhere.see()
    assert [report.generator_loss for report in now.history] == [0.75, 0.75, 0.85, 0.85]
    assert now.sample is not None
    assert now.sample.step == 2
    run.lock.release()


def test_changed_settings_are_taken_over(begin: Callable[..., Run], tmp_path: Path) -> None:
    run, elsewhere = begin(), Watched(tmp_path)
    assert elsewhere.see().config == run.config
    run.change_config(run.config.replace(epochs=7))
    assert elsewhere.see().config == run.config
    assert run.config.epochs == 7
    run.lock.release()


@pytest.mark.parametrize("ending", ["finished", "stopped", "failed"])
def test_an_end_is_told_and_the_last_state_stays(
    begin: Callable[..., Run], tmp_path: Path, ending: str
) -> None:
    run, elsewhere = begin(), Watched(tmp_path)
    run.write(step_report(5))
    assert elsewhere.see().phase == "running"
    assert elsewhere.names() == ["first"]
    run.write_status(ending, step=5, message="why" if ending == "failed" else "")  # type: ignore[arg-type]
    run.lock.release()
    now = elsewhere.see()
    assert (now.phase, now.step) == (ending, 5)
    assert now.message == ("why" if ending == "failed" else "")
    assert now.machine == os.uname().nodename  # Where it was.
    assert elsewhere.names() == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL.")
def test_a_killed_process_leaves_an_interrupted_run(
    begin: Callable[..., Run], tmp_path: Path
) -> None:
    run, elsewhere = begin(), Watched(tmp_path)
    run.write(step_report(5))
    run.lock.release()
    code = (
        "import sys; from pathlib import Path; from dcgan.runs.run_folder import open_run\n"
        "run = open_run(Path(sys.argv[1])); run.acquire_lock()\n"
        "run.write_status('running', step=5)\n"
        "print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(run.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert elsewhere.see().phase == "running"
        process.kill()
        process.wait()
    now = elsewhere.see()
    assert (now.phase, now.step, now.is_active) == ("interrupted", 5, False)


def test_several_are_offered_the_newest_first_and_those_that_ended_are_not(
    begin: Callable[..., Run], tmp_path: Path
) -> None:
    elsewhere = Watched(tmp_path)
    assert elsewhere.names() == []
    runs = [begin(name) for name in ("a", "b", "c")]
    for run, created in zip(runs, ("2026-01-02", "2026-01-03", "2026-01-01"), strict=True):
        run.created = f"{created}T00:00:00+00:00"
        run.change_config(run.config)
    (tmp_path / "no-run").mkdir()
    assert elsewhere.names() == ["b", "a", "c"]
    runs[1].write_status("paused")
    assert elsewhere.names() == ["b", "a", "c"]
    runs[1].write_status("finished")
    assert elsewhere.names() == ["a", "c"]
    for run in runs:
        run.lock.release()
    assert elsewhere.names() == []


def test_the_run_that_trains_here_is_nobody_elses(
    begin: Callable[..., Run], tmp_path: Path
) -> None:
    run = begin()
    own = Snapshot(phase="preparing")  # Its folder is there before the trainer says which it is.
    elsewhere = Watched(tmp_path, lambda: own)
    assert elsewhere.names() == []
    own = Snapshot(phase="running", run=run)
    assert elsewhere.names() == []
    own = Snapshot(phase="stopped", run=run)  # And now another process goes on with it.
    assert elsewhere.names() == ["first"]
    run.lock.release()


def test_a_disk_that_has_gone_is_one_sentence_and_what_was_read_stays(
    begin: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, elsewhere = begin(), Watched(tmp_path)
    run.write(step_report(5))
    assert elsewhere.see().step == 5

    def refuse(*args: object, **named: object) -> NoReturn:
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))

    with monkeypatch.context() as gone:
        gone.setattr("pathlib.Path.stat", refuse)
        gone.setattr("pathlib.Path.iterdir", refuse)
        now = elsewhere.see()
        assert (now.phase, now.step) == ("running", 5)
        assert now.message == (
            "The run's folder cannot be read (Stale file handle); shown is what was read before, "
            "and it is tried again."
        )
        assert "cannot be read (Stale file handle)" in elsewhere.observe().problem
        assert elsewhere.see() is now
    run.write(step_report(6))
    now = elsewhere.see()
    assert (now.step, now.message) == (6, "")
    assert elsewhere.observe().problem == ""
    run.lock.release()


def test_what_was_read_when_the_disk_failed_on_the_way_is_shown_afterwards(
    begin: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, elsewhere = begin(), Watched(tmp_path)
    run.write(step_report(5))
    assert elsewhere.see().step == 5
    run.write(step_report(6))
    stat = Path.stat

    def refuse_samples(path: Path, **named: bool) -> os.stat_result:
        if path.name == "samples":
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return stat(path, **named)

    with monkeypatch.context() as failing:
        failing.setattr("pathlib.Path.stat", refuse_samples)
        assert "cannot be read" in elsewhere.see().message
    assert elsewhere.see().step == 6
    run.lock.release()


@pytest.mark.parametrize("name", ["../first", "..", ".", ".trash", "a/b"])
def test_a_name_leads_nowhere_but_to_a_folder_under_the_root(tmp_path: Path, name: str) -> None:
    elsewhere = Watched(tmp_path)
    assert elsewhere.observe(name).snapshot is None
    assert elsewhere._followed == {}


def test_a_deleted_run_is_told_and_its_last_state_stays(
    begin: Callable[..., Run], tmp_path: Path
) -> None:
    run, elsewhere = begin(), Watched(tmp_path)
    run.write(step_report(5))
    assert elsewhere.see().phase == "running"
    run.lock.release()
    run.path.rename(tmp_path / ".trash")
    now = elsewhere.see()
    assert (now.phase, now.step) == ("interrupted", 5)
    assert "first" in now.message
    assert elsewhere.names() == []


def test_what_was_there_and_had_ended_costs_no_reading(
    begin: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, elsewhere = begin(), Watched(tmp_path)
    run.write_status("finished")
    run.lock.release()
    assert elsewhere.names() == []

    def refuse(path: Path) -> NoReturn:
        raise AssertionError(f"{path} was read")

    monkeypatch.setattr("dashboard.state.external_runs.open_run", refuse)
    assert elsewhere.names() == []


def test_one_thread_serves_all_who_watch_and_a_page_has_its_first_look_at_once(
    begin: Callable[..., Run], tmp_path: Path
) -> None:
    run = begin()
    run.write(step_report(5))
    elsewhere = ExternalRuns(tmp_path, Snapshot)
    assert elsewhere._thread is None  # Nobody watches.
    assert [other.name for other in elsewhere.observe().runs] == ["first"]
    thread = elsewhere._thread
    first, second = elsewhere.observe("first").snapshot, elsewhere.observe("first").snapshot
    assert first is not None
    assert first.step == 5
    assert second is first
    assert elsewhere._thread is thread
    run.lock.release()


def test_the_thread_ends_when_nobody_watches(tmp_path: Path) -> None:
    clock = Clock()
    elsewhere = ExternalRuns(tmp_path, Snapshot, clock)
    elsewhere.observe()
    thread = elsewhere._thread
    assert thread is not None
    clock.now += 31
    thread.join(30)
    assert not thread.is_alive()


def test_an_unknown_name_is_no_run(tmp_path: Path) -> None:
    elsewhere = Watched(tmp_path)
    assert elsewhere.observe("../../etc").snapshot is None
    version = elsewhere.version("nothing of the kind")
    assert elsewhere.version("nothing of the kind") == version
    assert "nothing of the kind" not in elsewhere._followed


def test_a_run_of_another_machine_says_which(
    begin: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.node", lambda: "gpu-7")
    run = begin()
    monkeypatch.setattr("platform.node", lambda: "laptop")
    elsewhere = Watched(tmp_path)
    assert elsewhere.see().machine == "gpu-7"
    assert open_run(run.path).read_status().state == "running"
    run.lock.release()
