"""Health of the server, and its metrics in Prometheus' format."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest

from dashboard.process.demo_bounds import DemoBounds
from dashboard.server import monitoring
from dashboard.snapshots.snapshot import Phase, Snapshot
from dashboard.state.demo import Demo
from dashboard.state.trainer import Trainer
from dcgan.config.training_config import TrainingConfig
from dcgan.sweeps.queue import add_to_queue
from tests.reports import step_report

LINE = re.compile(r'(?P<name>[a-z_]+)(\{phase="(?P<phase>[a-z]+)"\})? (?P<value>\S+)')


class FixedTrainer(Trainer):
    """A trainer with the state that a test gives it."""

    def __init__(
        self, root: Path, snapshot: Snapshot, *, is_alive: bool = True, is_hung: bool = False
    ) -> None:
        super().__init__(root)
        self._given, self._is_alive, self._is_hung = snapshot, is_alive, is_hung

    def snapshot(self) -> Snapshot:
        return self._given

    @property
    def is_alive(self) -> bool:
        return self._is_alive

    @property
    def is_hung(self) -> bool:
        return self._is_hung

    @property
    def silent_seconds(self) -> float:
        return 720.0


def read_metrics(trainer: Trainer) -> dict[str, float]:
    """Read the text as Prometheus does: each line is a comment, or a name and a number."""
    metrics = {}
    for line in monitoring.format_metrics(trainer).splitlines():
        if not line.startswith("#"):
            match = LINE.fullmatch(line)
            assert match, line
            metrics[match["phase"] or match["name"]] = float(match["value"])
    return metrics


@pytest.mark.parametrize(
    ("phase", "is_alive", "is_hung", "problem"),
    [
        ("idle", False, False, ""),
        ("idle", False, True, ""),
        ("running", True, False, ""),
        ("running", False, False, "the trainer's thread is gone"),
        ("running", True, True, "training hangs: no report for 12 minutes"),
        ("paused", False, False, "the trainer's thread is gone"),
        ("failed", False, False, ""),
    ],
)
def test_a_dead_or_hanging_training_thread_is_a_problem(
    tmp_path: Path, phase: Phase, is_alive: bool, is_hung: bool, problem: str
) -> None:
    trainer = FixedTrainer(tmp_path, Snapshot(phase=phase), is_alive=is_alive, is_hung=is_hung)
    assert monitoring.describe_problem(trainer) == problem


def test_a_demo_whose_queue_has_stopped_is_a_problem(tmp_path: Path) -> None:
    trainer = FixedTrainer(tmp_path, Snapshot())
    trainer.demo = Demo(trainer, DemoBounds())
    assert monitoring.describe_problem(trainer) == ""
    trainer.demo.start_thread(lambda session: True)
    assert monitoring.describe_problem(trainer) == ""
    trainer.demo.close()
    for thread in threading.enumerate():
        if thread.name == "demo":
            thread.join(60)
    assert monitoring.describe_problem(trainer) == "the thread of the demo's queue is gone"


def test_the_metrics_are_those_of_the_trainer(tmp_path: Path) -> None:
    reports = tuple(step_report(step) for step in (10, 11, 12))
    config = TrainingConfig(batch_size=64)
    trainer = FixedTrainer(tmp_path, Snapshot(phase="running", config=config, history=reports))
    add_to_queue(tmp_path, [config, config])
    trainer.watchers.record_redraw("a tab", trainer.snapshot())
    metrics = read_metrics(trainer)
    assert [phase for phase in ("idle", "running", "failed") if metrics[phase]] == ["running"]
    assert metrics["dcgan_step"] == 12
    assert metrics["dcgan_training_seconds"] == pytest.approx(1.2)
    assert metrics["dcgan_images_per_second"] == pytest.approx(1600)
    assert (metrics["dcgan_waiting_runs"], metrics["dcgan_watchers"]) == (2, 1)
    assert metrics["dcgan_failures_total"] == 0
    assert metrics["dcgan_silent_seconds"] == 720


def test_each_metric_is_explained_once(tmp_path: Path) -> None:
    lines = monitoring.format_metrics(FixedTrainer(tmp_path, Snapshot())).splitlines()
    for word in ("HELP", "TYPE"):
        names = [line.split()[2] for line in lines if line.startswith(f"# {word} ")]
        assert len(names) == len(set(names)) == 9
