"""The trainer from the start of a run to its end, and the one trainer of a process."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from dashboard import state
from dashboard.process import tf_runtime
from dashboard.state import trainer as trainer_module
from dashboard.state.trainer import Trainer, get_trainer
from dcgan import installation
from dcgan.config.training_config import TrainingConfig
from dcgan.data import held_out
from dcgan.data.datasets import ImageDataset
from dcgan.model import sampler as sampler_module
from dcgan.model.state import select_generator_weights
from dcgan.recording import start
from dcgan.reports import EpochReport, SampleReport
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run, open_run
from tests.dashboard.state.scripted_training import (
    TIMEOUT,
    Gate,
    Script,
    WatchedTrainer,
    count_trainer_threads,
)

pytestmark = pytest.mark.usefixtures("no_included_run")

ROOT = Path(__file__).parents[3]


# From the start to the end


def test_a_run_trains_to_its_end_and_everything_is_on_disk(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    script.advance()
    script.finish()
    last = trainer.wait_for("finished")
    assert trainer.join(TIMEOUT)
    assert trainer.phases == ["preparing", "running", "finished"]
    assert [report.step for report in last.history] == [10, 20]
    assert last.run is running
    assert last.num_images == 200
    assert isinstance(last.sample, SampleReport)
    assert last.message == ""
    assert last.share_done == 1.0
    assert not last.is_active
    assert running.path.parent == trainer.root
    assert running.read_status().state == "finished"
    assert running.checkpoints.list_steps() == [0, 20]
    assert not running.lock.is_held()
    assert count_trainer_threads() == 0


def test_one_of_many_simultaneous_starts_wins(
    trainer: WatchedTrainer, script: Script, tiny_config: TrainingConfig
) -> None:
    together = threading.Barrier(24)
    answers: list[bool] = []
    num_threads: list[int] = []

    def start() -> None:
        together.wait(TIMEOUT)
        answers.append(trainer.start(tiny_config))
        num_threads.append(count_trainer_threads())

    threads = [threading.Thread(target=start) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIMEOUT)
    assert sorted(answers) == [False] * 23 + [True]
    assert set(num_threads) == {1}
    script.advance()
    trainer.wait_for("running")
    assert len(list_runs(trainer.root)[0]) == 1


def test_a_second_start_attaches_to_the_running_one(
    trainer: WatchedTrainer, script: Script, running: Run, tiny_config: TrainingConfig
) -> None:
    before = trainer.snapshot()
    assert not trainer.start(tiny_config.replace(seed=5))
    assert not trainer.continue_run(running)
    assert trainer.snapshot() is before


def test_a_start_while_stopping_is_refused_and_one_after_it_is_not(
    trainer: WatchedTrainer, script: Script, running: Run, tiny_config: TrainingConfig
) -> None:
    trainer.stop()
    assert trainer.snapshot().phase == "stopping"
    assert not trainer.start(tiny_config)
    script.advance()  # The chunk under way ends.
    trainer.wait_for("stopped")
    # At once: the thread may not have ended yet.
    assert trainer.start(tiny_config.replace(seed=5), title="Another seed")
    preparing = trainer.snapshot()
    assert (preparing.history, preparing.sample, preparing.message) == ((), None, "")
    script.advance()
    again = trainer.wait_for("running")
    assert again.run is not None
    assert again.run.path != running.path
    assert again.run.read_label().title == "Another seed"
    assert again.config is not None
    assert again.config.seed == 5
    assert running.read_status().state == "stopped"


def test_a_refused_thread_leaves_the_trainer_unchanged(
    trainer: WatchedTrainer,
    script: Script,
    tiny_config: TrainingConfig,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="can't start"):
            trainer.start(tiny_config)
    assert trainer.snapshot().phase == "idle"
    assert trainer.join(0)
    assert trainer.start(tiny_config)


def test_commands_without_a_run_change_nothing(trainer: WatchedTrainer) -> None:
    before = trainer.snapshot()
    trainer.pause()
    trainer.end_pause()
    trainer.stop()
    trainer.stop()
    trainer.shut_down()
    assert trainer.snapshot() is before
    assert before.phase == "idle"
    assert trainer.join(0)


# Stop


def test_a_stop_before_the_run_has_a_folder_leaves_no_run(
    trainer: WatchedTrainer,
    script: Script,
    tiny_config: TrainingConfig,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = Gate()
    monkeypatch.setattr(tf_runtime, "prepare", gate)  # TensorFlow's import takes seconds.
    trainer.start(tiny_config)
    gate.wait_until_reached()
    trainer.stop()
    gate.open()
    assert trainer.wait_for("stopped").run is None
    assert list_runs(trainer.root) == ([], [])


def test_a_stop_during_preparation_ends_the_run_before_the_first_step(
    trainer: WatchedTrainer,
    script: Script,
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = Gate()

    def load(*_: object) -> ImageDataset:
        gate()
        return tiny_dataset

    monkeypatch.setattr(start, "load_configured_dataset", load)
    trainer.start(tiny_config)
    gate.wait_until_reached()
    trainer.pause()  # There is nothing to pause yet.
    assert trainer.snapshot().phase == "preparing"
    trainer.stop()
    gate.open()
    stopped = trainer.wait_for("stopped")  # The script has trained no chunk.
    assert trainer.phases == ["preparing", "stopping", "stopped"]
    assert stopped.run is not None
    assert stopped.run.read_status().state == "stopped"
    assert stopped.run.checkpoints.list_steps() == [0]
    assert not stopped.run.lock.is_held()


def test_a_second_stop_changes_nothing(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    trainer.stop()
    trainer.stop()
    trainer.pause()
    trainer.end_pause()
    assert trainer.snapshot().phase == "stopping"
    script.advance()
    stopped = trainer.wait_for("stopped")
    trainer.stop()
    assert trainer.snapshot() is stopped
    assert running.read_status().state == "stopped"
    assert running.checkpoints.list_steps() == [0, 20]


def test_a_stop_after_the_last_chunk_leaves_a_finished_run(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    trainer.stop()
    script.finish()  # All planned steps are done before the thread notices the stop.
    assert trainer.join(TIMEOUT)
    assert trainer.snapshot().phase == "finished"
    assert running.read_status().state == "finished"


@pytest.fixture
def no_process_trainer() -> Iterator[None]:
    """Hide the trainer of this process, and restore it after the test."""
    trainer_of_process = sys.modules.pop("_dcgan_studio_trainer", None)
    yield
    sys.modules.pop("_dcgan_studio_trainer", None)
    if trainer_of_process is not None:
        sys.modules["_dcgan_studio_trainer"] = trainer_of_process


@pytest.mark.usefixtures("no_process_trainer")
def test_a_process_has_one_trainer_even_if_many_threads_ask_first() -> None:
    together = threading.Barrier(16)
    trainers: list[Trainer] = []

    def get() -> None:
        together.wait(TIMEOUT)
        trainers.append(get_trainer())

    threads = [threading.Thread(target=get) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIMEOUT)
    assert len(trainers) == 16
    assert len({id(trainer) for trainer in trainers}) == 1


@pytest.mark.usefixtures("no_process_trainer")
def test_the_trainer_survives_reloaded_modules_and_cleared_caches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import streamlit as st

    first = get_trainer()
    st.cache_data.clear()
    st.cache_resource.clear()
    assert get_trainer() is first
    # A hot reload: the module is removed and imported again. The package's attribute is set too, so
    # that it is restored after the test.
    monkeypatch.setattr(state, "trainer", trainer_module)
    monkeypatch.delitem(sys.modules, "dashboard.state.trainer")
    fresh = importlib.import_module("dashboard.state.trainer")
    assert fresh is not trainer_module
    assert fresh.get_trainer() is first
    assert importlib.reload(fresh).get_trainer() is first
    assert fresh.get_trainer().snapshot().phase == "idle"


@pytest.mark.usefixtures("no_process_trainer")
def test_the_folder_of_the_runs_can_be_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(trainer_module.ROOT_VARIABLE, str(tmp_path))
    assert get_trainer().root == tmp_path


@pytest.mark.usefixtures("no_process_trainer")
def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(trainer_module.ROOT_VARIABLE, "")
    assert get_trainer().root == installation.ROOT


# Real networks


def test_real_networks_train_pause_stop_and_resume(
    trainer: WatchedTrainer,
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (start, held_out):  # A new run's data, and a continued one's.
        monkeypatch.setattr(module, "load_configured_dataset", lambda *_: tiny_dataset)
    z = np.ones((3, 4), np.float32)
    trainer.start(tiny_config.replace(epochs=10_000))
    trainer.wait_until(lambda snapshot: snapshot.step >= 3)
    trainer.pause()
    paused = trainer.wait_for("paused")
    assert paused.run is not None
    assert paused.sample is not None  # A pause shows the pictures of its own step.
    assert paused.sample.step == paused.step == paused.run.samples.list_steps()[-1]
    drawn = trainer.networks.generate(paused.run, z)
    assert drawn is not None
    pixels, step = drawn
    assert step == paused.step == max(paused.run.checkpoints.list_steps())
    saved = sampler_module.Sampler(tiny_config)
    saved.set_weights(select_generator_weights(paused.run.checkpoints.load(step)))
    np.testing.assert_array_equal(pixels, saved.generate(z))

    trainer.end_pause()
    trainer.wait_until(lambda snapshot: isinstance(snapshot.sample, EpochReport))
    trainer.stop()
    stopped = trainer.wait_for("stopped")
    assert stopped.run is not None
    assert [report.step for report in stopped.run.history.read_steps()] == [
        report.step for report in stopped.history
    ]

    trainer.continue_run(open_run(stopped.run.path), epochs=1)
    finished = trainer.wait_for("finished")
    assert trainer.join(TIMEOUT)
    assert finished.step % 13 == 0
    assert finished.step > stopped.step
    assert finished.num_earlier == len(stopped.history)
