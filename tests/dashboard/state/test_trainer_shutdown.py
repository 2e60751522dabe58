"""A server or script that ends saves the run in training."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.state import trainer as trainer_module
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run
from tests.dashboard.state.scripted_training import (
    TIMEOUT,
    Script,
    WatchedTrainer,
    count_trainer_threads,
)
from tests.forked_python import start_python

pytestmark = pytest.mark.usefixtures("no_included_run")


# Shutting down


def test_shutting_down_saves_and_leaves_no_thread(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    trainer.pause()
    script.advance()
    trainer.wait_for("paused")
    trainer.shut_down()
    assert trainer.snapshot().phase == "stopped"
    assert running.checkpoints.list_steps() == [0, 20]
    assert count_trainer_threads() == 0


def test_shutting_down_waits_for_a_limited_time(
    trainer: WatchedTrainer, script: Script, running: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer_module, "_SHUTDOWN_SECONDS", 0.01)
    trainer.shut_down()  # The script never ends the current chunk.
    assert trainer.snapshot().phase == "stopping"
    assert not trainer.join(0)


# Ends without shutting the trainer down, as after Ctrl-C twice; training would take days.
PROCESS_THAT_ENDS = """
import os, sys, threading
import numpy as np
from pathlib import Path
from dashboard.snapshots.live_snapshot import LiveSnapshot
from dashboard.state.trainer import Trainer
from dcgan.config.training_config import TrainingConfig

folder, is_paused = Path(sys.argv[1]), sys.argv[2] == "paused"
np.savez(folder / "spots.npz", images=np.arange(64 * 28 * 28).reshape(64, 28, 28) % 251)
config = TrainingConfig.create(
    dataset=str(folder / "spots.npz"), generator_filters=(8, 4), discriminator_filters=(4, 8),
    generator_units=8, discriminator_units=6, latent_dim=4, batch_size=16, num_samples=6,
    r1_penalty=0, augment="off", evaluate_every=0, epochs=100_000,
)
is_there = threading.Event()

live = LiveSnapshot()
trainer = Trainer(folder / "library", live=live)
change = live.change

def watch(**changes):
    change(**changes)
    if changes.get("phase") == "running" and is_paused:
        trainer.pause()
    if changes.get("phase") == ("paused" if is_paused else "running"):
        is_there.set()

live.change = watch
trainer.start(config)
assert is_there.wait(100)
"""


def test_a_process_that_ends_without_shutting_down_saves_the_run(tmp_path: Path) -> None:
    processes = {}
    for state in ("running", "paused"):
        (tmp_path / state).mkdir()
        processes[state] = start_python("-c", PROCESS_THAT_ENDS, tmp_path / state, state)
    for state, process in processes.items():
        try:
            _, errors = process.communicate(timeout=2 * TIMEOUT)
        finally:
            process.kill()
        assert process.returncode == 0, errors
        (run,) = list_runs(tmp_path / state / "library")[0]
        assert run.read_status().state == "stopped"
        assert run.read_status().step == max(run.checkpoints.list_steps()) > 0
