"""The snapshots, weights and pictures that the trainer shares while it trains."""

from __future__ import annotations

import dataclasses
import os
import sys
import threading

import numpy as np
import pytest

from dashboard.snapshots.snapshot import Snapshot
from dcgan.config.training_config import TrainingConfig
from dcgan.runs.run_folder import Run, open_run
from tests.dashboard.state.scripted_training import (
    TIMEOUT,
    FakeSampler,
    Script,
    WatchedTrainer,
)

pytestmark = pytest.mark.usefixtures("no_included_run")


# Snapshots


def test_a_snapshot_is_the_same_until_something_changes(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    first = trainer.snapshot()
    assert trainer.snapshot() is first
    script.advance()
    second = trainer.wait_for_step(20)
    assert second is not first
    assert second.version > first.version
    assert trainer.snapshot() is second
    # The first snapshot has not changed.
    assert [report.step for report in first.history] == [10]
    assert [report.step for report in second.history] == [10, 20]
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.phase = "idle"  # type: ignore[misc]


def test_versions_grow_and_identify_one_state(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    snapshots: list[Snapshot] = []
    is_over = threading.Event()

    def collect_snapshots() -> None:
        while not is_over.is_set():
            snapshots.append(trainer.snapshot())

    watcher = threading.Thread(target=collect_snapshots, daemon=True)
    watcher.start()
    for _ in range(30):
        script.advance()
    trainer.wait_for_step(310)
    is_over.set()
    watcher.join(TIMEOUT)
    assert not watcher.is_alive()
    versions = [snapshot.version for snapshot in snapshots]
    assert versions == sorted(versions)
    assert len({id(snapshot) for snapshot in snapshots}) == len(set(versions))


def test_publishing_copies_only_the_ema_generator(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    before = script.gan.num_state_copies
    for _ in range(5):
        script.advance()
    trainer.wait_for_step(60)
    assert script.gan.num_state_copies == before


def test_images_follow_training(trainer: WatchedTrainer, script: Script, running: Run) -> None:
    z = np.zeros((2, 4), np.float32)
    for step in (10, 20):
        drawn = trainer.networks.generate(running, z)
        assert drawn is not None
        pixels, drawn_step = drawn
        assert drawn_step == step
        np.testing.assert_array_equal(pixels, np.full((2, 28, 28, 1), step))
        script.advance()
        trainer.wait_for_step(step + 10)


def test_the_weights_are_the_present_ones(
    trainer: WatchedTrainer, script: Script, running: Run, tiny_config: TrainingConfig
) -> None:
    script.advance()
    script.wait_until_idle()
    weights = trainer.networks.get_generator_weights(running)
    assert weights is not None
    assert (weights[0][0].tolist(), weights[1]) == ([20.0], 20)
    other = Run(running.path.parent / "other", tiny_config, running.dataset, created="")
    assert trainer.networks.get_generator_weights(other) is None


def test_generating_images_does_not_block_training(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    FakeSampler.may_draw.clear()
    z = np.zeros((1, 4), np.float32)
    viewer = threading.Thread(target=trainer.networks.generate, args=(running, z), daemon=True)
    viewer.start()
    assert FakeSampler.is_drawing.wait(TIMEOUT)
    script.advance()
    trainer.wait_for_step(20)
    assert viewer.is_alive()
    FakeSampler.may_draw.set()
    viewer.join(TIMEOUT)
    assert not viewer.is_alive()


def test_another_run_or_another_latent_dim_gives_no_images(
    trainer: WatchedTrainer, script: Script, running: Run, tiny_config: TrainingConfig
) -> None:
    z = np.zeros((2, 4), np.float32)
    # The same run, opened from its folder.
    assert trainer.networks.generate(open_run(running.path), z) is not None
    assert trainer.networks.generate(running, np.zeros((2, 5), np.float32)) is None
    trainer.stop()
    script.advance()
    trainer.wait_for("stopped")
    assert trainer.networks.generate(running, z) is not None  # The trainer still has the weights.
    trainer.start(tiny_config)
    assert trainer.networks.generate(running, z) is None
    script.advance()
    other = trainer.wait_for("running").run
    assert other is not None
    assert trainer.networks.generate(running, z) is None
    assert trainer.networks.generate(other, z) is not None


@pytest.mark.skipif(sys.platform != "linux", reason="each thread has its own priority on Linux")
def test_the_training_thread_has_a_lower_priority(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    priority = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert script.priority == max(10, priority)
