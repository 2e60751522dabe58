"""The one trainer: its commands in any order, its failures, and what it lets others see.

Training is scripted here: a chunk comes when the test says so, and every wait is for a change of
the trainer's state. The last tests train real networks.
"""

from __future__ import annotations

import dataclasses
import importlib
import math
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from dashboard.state import tf_runtime
from dashboard.state import trainer as trainer_module
from dashboard.state.snapshot import Phase, Snapshot
from dashboard.state.storage_limits import LimitError, StorageLimits
from dashboard.state.trainer import Trainer, process_trainer
from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import ConfigError, DatasetError, DiskWriteError, DivergenceError, RunError
from dcgan.model import sampler as sampler_module
from dcgan.model.state import select_generator_weights
from dcgan.recording import recorder, start
from dcgan.reports import AnyReport, EpochReport, SampleReport, StepReport
from dcgan.runs import run_folder, training_data
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run, open_run
from tests.reports import step_report

pytestmark = pytest.mark.usefixtures("no_shipped_run")


ROOT = Path(__file__).parents[3]
TIMEOUT = 60.0  # Seconds; only a failure takes as long.
UNEXPECTED = "Training ended with an unexpected error; the server's log has the details."


class FakeGenerator:
    """Has one weight."""

    def __init__(self) -> None:
        self.weight = 0.0

    def get_weights(self) -> list[np.ndarray]:
        return [np.array([self.weight])]


class FakeGAN:
    """Counts steps, and how often its whole state was copied."""

    def __init__(self, config: TrainingConfig, strategy: object, line: None) -> None:
        self.step, self.seconds, self.num_copies = 0, 0.0, 0
        self.ema_generator = FakeGenerator()

    def get_state(self) -> dict[str, np.ndarray]:
        self.num_copies += 1
        return {
            "w": np.array([self.ema_generator.weight]),
            "step": np.array(self.step),
            "seconds": np.array(self.seconds),
        }

    def set_state(self, state: dict[str, np.ndarray]) -> None:
        self.step, self.seconds = int(state["step"]), float(state["seconds"])
        self.ema_generator.weight = float(state["w"][0])

    def change_config(self, config: TrainingConfig) -> None:
        self.rate = config.generator_learning_rate

    def generate(self, z: np.ndarray) -> np.ndarray:
        return np.zeros((len(z), 28, 28, 1), np.uint8)


class FakeSampler:
    """Draws its weight; waits for `may_draw` first."""

    may_draw = threading.Event()
    is_drawing = threading.Event()

    def __init__(self, config: TrainingConfig) -> None:
        self.config = config
        self.weight = math.nan

    def set_weights(self, weights: list[np.ndarray]) -> None:
        self.weight = float(weights[0][0])

    def generate(self, z: np.ndarray) -> np.ndarray:
        self.is_drawing.set()
        assert self.may_draw.wait(TIMEOUT)
        return np.full((len(z), 28, 28, 1), self.weight)


class Script:
    """Stands in for `training.train`: what it does next is what the test says next.

    Attributes:
        gan: What trains, once it does.
        priority: Of the thread that trains.
    """

    gan: FakeGAN
    priority: int

    def __init__(self) -> None:
        self._moves: queue.Queue[Exception | None] = queue.Queue()
        self._is_idle = threading.Event()

    def advance(self) -> None:
        """Let one chunk be trained."""
        self._is_idle.clear()
        self._moves.put(None)

    def wait_until_idle(self) -> None:
        """Wait until the trainer has done all that comes with its newest report."""
        assert self._is_idle.wait(TIMEOUT)

    def fail(self, error: BaseException) -> None:
        """Let training end with an error."""
        self._moves.put(error)  # type: ignore[arg-type]

    def finish(self) -> None:
        """Let training come to its planned end."""
        self._moves.put(StopIteration())

    def train(
        self, gan: FakeGAN, dataset: ImageDataset, config: TrainingConfig, *earlier: object
    ) -> Generator[AnyReport]:
        self.gan = gan
        if sys.platform == "linux":
            self.priority = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        pixels = np.zeros((config.num_samples, 28, 28, 1), np.uint8)
        yield SampleReport(gan.step, 1, gan.seconds, pixels)
        while True:
            if self._moves.empty():
                self._is_idle.set()
            move = self._moves.get(timeout=TIMEOUT)
            if isinstance(move, StopIteration):
                return
            if move is not None:
                raise move
            gan.step += 10
            gan.seconds += 1.0
            gan.ema_generator.weight = float(gan.step)
            yield step_report(gan.step, seconds=gan.seconds)


class WatchedTrainer(Trainer):
    """Tells who waits when something changes, and remembers every phase."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._changed = threading.Condition(self._lock)
        self.phases: list[Phase] = []

    def _change(self, **changes: Any) -> None:
        super()._change(**changes)
        if [self._snapshot.phase] != self.phases[-1:]:
            self.phases.append(self._snapshot.phase)
        self._changed.notify_all()

    def wait_until(self, is_so: Callable[[Snapshot], bool]) -> Snapshot:
        """Return the first snapshot that is so."""
        with self._changed:
            assert self._changed.wait_for(lambda: is_so(self.snapshot()), TIMEOUT), self.phases
            return self.snapshot()

    def wait_for(self, phase: Phase) -> Snapshot:
        """Return the first snapshot of a phase."""
        return self.wait_until(lambda snapshot: snapshot.phase == phase)

    def wait_for_step(self, step: int) -> Snapshot:
        """Return the first snapshot of a step."""
        return self.wait_until(lambda snapshot: snapshot.step >= step)


class Gate:
    """Stands before something slow: says that it was reached, and waits until it may go on."""

    def __init__(self) -> None:
        self._reached, self._open = threading.Event(), threading.Event()

    def __call__(self, *args: object) -> None:
        self._reached.set()
        assert self._open.wait(TIMEOUT)

    def wait_until_reached(self) -> None:
        assert self._reached.wait(TIMEOUT)

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def trainer(tmp_path: Path) -> Iterator[WatchedTrainer]:
    """Return a trainer of an empty shelf; at the end no thread of it may be left."""
    trainer = WatchedTrainer(tmp_path / "shelf")
    yield trainer
    trainer.stop()
    assert trainer.join(TIMEOUT)


@pytest.fixture
def script(
    monkeypatch: pytest.MonkeyPatch, tiny_dataset: ImageDataset, trainer: WatchedTrainer
) -> Iterator[Script]:
    """Let training follow a script, on the tiny pictures and without networks."""
    script = Script()
    monkeypatch.setattr(tf_runtime, "prepare", lambda: None)
    for module in (start, training_data):  # A new run's data, and a continued one's.
        monkeypatch.setattr(module, "load_configured_dataset", lambda *_: tiny_dataset)
    monkeypatch.setattr(start, "DCGAN", FakeGAN)
    monkeypatch.setattr(recorder, "train", script.train)
    monkeypatch.setattr(sampler_module, "Sampler", FakeSampler)
    FakeSampler.may_draw.set()
    FakeSampler.is_drawing.clear()
    yield script
    script.finish()


@pytest.fixture
def running(trainer: WatchedTrainer, script: Script, tiny_config: TrainingConfig) -> Run:
    """Let a run be in training, at step 10."""
    assert trainer.start(tiny_config)
    script.advance()
    run = trainer.wait_for("running").run
    assert run is not None
    return run


@pytest.fixture
def thread_errors(monkeypatch: pytest.MonkeyPatch) -> list[type[BaseException]]:
    """Collect what ends a thread; the interpreter would log it."""
    kinds: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda error: kinds.append(error.exc_type))
    return kinds


def num_trainer_threads() -> int:
    return sum(thread.name == "trainer" for thread in threading.enumerate())


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
    assert num_trainer_threads() == 0


def test_of_many_starts_at_once_one_starts(
    trainer: WatchedTrainer, script: Script, tiny_config: TrainingConfig
) -> None:
    together = threading.Barrier(24)
    answers: list[bool] = []
    num_threads: list[int] = []

    def start() -> None:
        together.wait(TIMEOUT)
        answers.append(trainer.start(tiny_config))
        num_threads.append(num_trainer_threads())

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
    assert not trainer.resume_run(running)
    assert trainer.snapshot() is before


def test_a_start_while_stopping_is_refused_and_one_after_it_is_not(
    trainer: WatchedTrainer, script: Script, running: Run, tiny_config: TrainingConfig
) -> None:
    trainer.stop()
    assert trainer.snapshot().phase == "stopping"
    assert not trainer.start(tiny_config)
    script.advance()  # The chunk under way ends.
    trainer.wait_for("stopped")
    # The moment that it says so: the thread itself may still be on its way out.
    assert trainer.start(tiny_config.replace(seed=5))
    preparing = trainer.snapshot()
    assert (preparing.history, preparing.sample, preparing.message) == ((), None, "")
    script.advance()
    again = trainer.wait_for("running")
    assert again.run is not None
    assert again.run.path != running.path
    assert again.config is not None
    assert again.config.seed == 5
    assert running.read_status().state == "stopped"


def test_a_thread_that_the_system_refuses_leaves_the_trainer_as_it_was(
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
    trainer.resume()
    trainer.stop()
    trainer.stop()
    trainer.shut_down()
    assert trainer.snapshot() is before
    assert before.phase == "idle"
    assert trainer.join(0)


# Stop


def test_a_stop_before_there_is_a_run_leaves_none(
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


def test_a_stop_while_preparing_comes_before_the_first_step(
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
    stopped = trainer.wait_for("stopped")  # No chunk was ever allowed.
    assert trainer.phases == ["preparing", "stopping", "stopped"]
    assert stopped.run is not None
    assert stopped.run.read_status().state == "stopped"
    assert stopped.run.checkpoints.list_steps() == [0]
    assert not stopped.run.lock.is_held()


def test_stopping_twice_is_stopping_once(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    trainer.stop()
    trainer.stop()
    trainer.pause()
    trainer.resume()
    assert trainer.snapshot().phase == "stopping"
    script.advance()
    stopped = trainer.wait_for("stopped")
    trainer.stop()
    assert trainer.snapshot() is stopped
    assert running.read_status().state == "stopped"
    assert running.checkpoints.list_steps() == [0, 20]


def test_a_stop_that_comes_after_the_last_chunk_finds_it_finished(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    trainer.stop()
    script.finish()  # What was planned is done before the stop is seen.
    assert trainer.join(TIMEOUT)
    assert trainer.snapshot().phase == "finished"
    assert running.read_status().state == "finished"


# Pause


def test_a_pause_comes_with_the_end_of_the_chunk_and_is_on_disk(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    trainer.pause()
    assert trainer.snapshot().phase == "pausing"
    script.advance()
    paused = trainer.wait_for("paused")
    assert paused.step == 20
    assert paused.is_active
    assert running.checkpoints.list_steps() == [0, 20]
    status = running.read_status()
    assert (status.state, status.step, status.seconds) == ("paused", 20, 2.0)
    assert running.lock.is_held()
    trainer.pause()
    assert trainer.snapshot() is paused
    script.advance()  # It would go on if it were asked to.
    trainer.resume()
    assert trainer.snapshot().phase == "running"
    trainer.wait_for_step(30)
    assert running.read_status().state == "running"
    assert trainer.phases == ["preparing", "running", "pausing", "paused", "running"]


def test_a_pause_that_is_taken_back_in_time_never_comes(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    trainer.pause()
    trainer.resume()
    assert trainer.snapshot().phase == "running"
    script.advance()
    script.advance()
    trainer.wait_for_step(30)
    assert trainer.phases == ["preparing", "running", "pausing", "running"]


def test_resuming_what_is_not_paused_changes_nothing(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    before = trainer.snapshot()
    trainer.resume()
    assert trainer.snapshot() is before


def test_pause_and_resume_can_follow_each_other_at_once(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    for step in range(20, 120, 10):
        trainer.pause()
        script.advance()
        assert trainer.wait_for("paused").step == step
        trainer.resume()
        # Once more before the thread has woken up: it may pause at once or with the next chunk.
        trainer.pause()
        trainer.resume()
    script.advance()
    trainer.wait_for_step(120)
    trainer.stop()
    script.advance()
    trainer.wait_for("stopped")


@pytest.mark.parametrize("is_there_yet", [False, True])
def test_a_stop_ends_a_pause(
    trainer: WatchedTrainer,
    script: Script,
    running: Run,
    is_there_yet: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trainer_module, "_PAUSE_POLL_SECONDS", 1e6)  # At once, not at a poll.
    trainer.pause()
    if is_there_yet:
        script.advance()
        trainer.wait_for("paused")
        trainer.stop()
    else:
        trainer.stop()
        script.advance()
    stopped = trainer.wait_for("stopped")
    assert stopped.step == 20
    assert ("paused" in trainer.phases) == is_there_yet
    assert running.read_status().state == "stopped"
    assert running.checkpoints.list_steps() == [0, 20]
    assert not running.lock.is_held()


def test_a_pause_that_comes_with_the_end_does_not_hold_it(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    trainer.pause()
    script.finish()
    trainer.wait_for("finished")
    assert trainer.phases[-2:] == ["pausing", "finished"]


def test_a_pause_never_keeps_weights_that_diverged(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    script.gan.ema_generator.get_weights = list  # type: ignore[method-assign]
    trainer.pause()
    state = {"w": np.array([np.nan]), "step": np.array(20), "seconds": np.array(2.0)}
    script.gan.get_state = lambda: state  # type: ignore[method-assign]
    script.advance()
    trainer.wait_for("paused")
    assert running.checkpoints.list_steps() == [0]
    trainer.stop()
    stopped = trainer.wait_for("stopped")
    assert (stopped.step, [event.event for event in stopped.events]) == (0, ["diverged"])
    assert (running.checkpoints.list_steps(), running.history.read_steps()) == ([0], [])
    assert running.read_status().state == "stopped"


def test_what_waits_for_healthy_weights_keeps_nothing_else_waiting(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    trainer.pause()
    healthy = script.gan.get_state

    def get_state() -> dict[str, np.ndarray]:
        return healthy() | ({"w": np.array([np.nan])} if script.gan.step else {})

    script.gan.get_state = get_state  # type: ignore[method-assign]
    script.advance()
    trainer.wait_for("paused")
    trainer.change_settings(running, {"generator_learning_rate": 0.25})
    trainer.roll_back(running, 0)
    trainer.wait_until(lambda now: [event.event for event in now.events] == ["rolled_back"])
    trainer.resume()
    script.advance()
    changed = trainer.wait_until(lambda now: len(now.events) == 2)
    assert changed.events[1].event == "changed"
    assert running.config.generator_learning_rate == 0.25


def refuse(*arguments: object) -> NoReturn:
    raise DiskWriteError("cannot write: no space left on device; free some space.")


class Disk:
    """Takes reports, while there is room."""

    is_full = False


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    found, write = Disk(), Run.write

    def write_where_there_is_room(run: Run, report: AnyReport) -> None:
        refuse() if found.is_full else write(run, report)

    monkeypatch.setattr(Run, "write", write_where_there_is_room)
    return found


def test_a_disk_that_is_full_pauses_training_until_a_person_made_room(
    trainer: WatchedTrainer, script: Script, running: Run, disk: Disk
) -> None:
    disk.is_full = True
    script.advance()
    waiting = trainer.wait_for("paused")
    assert "no space left on device; free some space. Then resume" in waiting.message
    assert running.lock.is_held()
    trainer.resume()  # Too soon.
    # Three versions later: it went on, forgot why it waited, and was refused again.
    trainer.wait_until(lambda now: now.version == waiting.version + 3)
    assert trainer.snapshot().phase == "paused"
    disk.is_full = False
    trainer.resume()
    script.advance()
    done = trainer.wait_for_step(30)
    assert (done.phase, done.message) == ("running", "")
    assert [report.step for report in running.history.read_steps()] == [10, 20, 30]


def test_what_is_asked_for_while_the_disk_is_full_is_refused_and_a_stop_saves_if_it_can(
    trainer: WatchedTrainer, script: Script, running: Run, disk: Disk
) -> None:
    disk.is_full = True
    script.advance()
    trainer.wait_for("paused")
    trainer.roll_back(running, 0)
    assert not trainer.change_settings(running, {"generator_learning_rate": 0.25})
    assert "Nothing can be changed before" in trainer.snapshot().message
    disk.is_full = False
    trainer.stop()
    stopped = trainer.wait_for("stopped")
    assert (stopped.message, stopped.events) == ("", ())
    assert running.checkpoints.list_steps() == [0, 20]
    assert running.config.generator_learning_rate != 0.25


@pytest.mark.parametrize("is_pausing", [True, False])
def test_a_stop_ends_the_wait_for_a_full_disk_and_says_why_it_failed(
    trainer: WatchedTrainer,
    script: Script,
    running: Run,
    monkeypatch: pytest.MonkeyPatch,
    is_pausing: bool,
) -> None:
    monkeypatch.setattr(Run, "save_checkpoint" if is_pausing else "write", refuse)
    if is_pausing:
        trainer.pause()
    script.advance()
    trainer.wait_until(lambda now: now.phase == "paused" and bool(now.message))
    trainer.stop()
    assert "no space left" in trainer.wait_for("failed").message
    assert not running.lock.is_held()


# Changes on the way


@pytest.mark.parametrize("is_paused", [True, False])
def test_settings_change_and_it_goes_back_whether_it_runs_or_is_paused(
    trainer: WatchedTrainer, script: Script, running: Run, is_paused: bool
) -> None:
    script.advance()
    trainer.wait_for_step(20)
    if is_paused:
        trainer.pause()
        script.advance()
        trainer.wait_for("paused")
    trainer.change_settings(running, {"generator_learning_rate": 0.25})
    if not is_paused:
        script.advance()
    changed = trainer.wait_until(lambda now: len(now.events) == 1)
    assert changed.config is not None
    assert changed.config.generator_learning_rate == script.gan.rate == 0.25
    assert changed.events[0].event == "changed"
    # While it runs, an order may still have been read with the report before; then the next one
    # follows at once.
    assert changed.events[0].step in ((30,) if is_paused else (20, 30))

    trainer.roll_back(running, 0)
    if not is_paused:
        script.advance()
    back = trainer.wait_until(lambda now: now.events[-1].event == "rolled_back")
    assert [event.step for event in back.events] == [0]
    assert back.step in ((0,) if is_paused else (0, 10))
    assert [report.step for report in back.history] == [10][: back.step // 10]
    drawn = trainer.generate(running, np.ones((1, 4), np.float32))
    assert drawn is not None
    trainer.resume()
    script.advance()
    assert trainer.wait_for_step(10).step in ((10,) if is_paused else (10, 20))
    assert running.history.read_steps()[0].step == 10


def test_what_cannot_be_done_is_told_and_training_goes_on(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    trainer.roll_back(running, 7)
    script.advance()
    assert (
        "has no checkpoint of step 7" in trainer.wait_until(lambda now: bool(now.message)).message
    )
    script.advance()
    assert trainer.wait_for_step(30).phase == "running"


def test_what_is_asked_too_late_is_told(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    script.advance()
    script.wait_until_idle()
    trainer.roll_back(running, 0)
    script.finish()
    done = trainer.wait_for("finished")
    assert done.message == "The run ended before what was asked of it last could be done."
    assert done.step == 20


def test_an_order_for_another_run_is_passed_over(
    trainer: WatchedTrainer, script: Script, running: Run, tmp_path: Path
) -> None:
    other = Run(tmp_path / "other", running.config, running.dataset, created=running.created)
    trainer.roll_back(other, 0)
    trainer.change_settings(other, {"generator_learning_rate": 0.25})
    script.advance()
    script.advance()
    assert trainer.wait_for_step(30).events == ()  # Step 20's orders were followed by then.


# What goes wrong


@pytest.mark.parametrize(
    "error",
    [
        ConfigError("batch_size: got 2; expected more."),
        RunError("cannot write to there."),
    ],
)
def test_an_error_that_a_person_can_mend_is_told_in_its_own_words(
    trainer: WatchedTrainer, script: Script, running: Run, error: Exception
) -> None:
    script.fail(error)
    failed = trainer.wait_for("failed")
    assert failed.message == str(error)
    assert failed.run is running
    assert running.read_status().state == "failed"
    assert running.read_status().message == str(error)
    assert not running.lock.is_held()


def test_training_that_diverges_goes_back_and_says_so(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    script.advance()
    script.fail(DivergenceError("training diverged by step 20."))
    back = trainer.wait_until(lambda now: bool(now.events))
    assert (back.phase, back.step, back.events[-1].event) == ("running", 0, "diverged")
    assert back.config is not None
    assert back.config.generator_learning_rate == script.gan.rate == 1e-3
    script.advance()
    assert trainer.wait_for_step(10).step == 10
    for _ in range(3):
        script.fail(DivergenceError("training diverged by step 20."))
    assert "It went back 3 times before" in trainer.wait_for("failed").message


@pytest.mark.parametrize("error", [ValueError("?"), MemoryError(), KeyboardInterrupt()])
def test_any_other_error_is_told_and_left_to_the_log(
    trainer: WatchedTrainer,
    script: Script,
    running: Run,
    error: BaseException,
    tiny_config: TrainingConfig,
    thread_errors: list[type[BaseException]],
) -> None:
    script.fail(error)
    failed = trainer.wait_for("failed")
    assert failed.message == UNEXPECTED
    assert trainer.join(TIMEOUT)
    assert thread_errors == [type(error)]
    assert not running.lock.is_held()
    assert trainer.start(tiny_config)  # It is as good as new.
    script.advance()
    assert trainer.wait_for("running").message == ""


def test_an_error_while_preparing_leaves_no_run(
    trainer: WatchedTrainer,
    script: Script,
    tiny_config: TrainingConfig,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> ImageDataset:
        raise DatasetError("dataset: there is no file 'there'; give its path.")

    with monkeypatch.context() as patch:
        patch.setattr(start, "load_configured_dataset", refuse)
        trainer.start(tiny_config)
        failed = trainer.wait_for("failed")
    assert failed.message == "dataset: there is no file 'there'; give its path."
    assert failed.run is None
    assert list_runs(trainer.root) == ([], [])
    assert trainer.start(tiny_config)


def test_an_error_between_preparing_and_training_lets_go_of_the_run(
    trainer: WatchedTrainer,
    script: Script,
    tiny_config: TrainingConfig,
    monkeypatch: pytest.MonkeyPatch,
    thread_errors: list[type[BaseException]],
) -> None:
    def refuse(config: TrainingConfig) -> FakeSampler:
        raise MemoryError

    prepared: list[Run] = []  # Kept, as a run that nobody knows any more lets go by itself.
    start_run = start.start_run

    def start_and_note(config: TrainingConfig, *, root: Path) -> tuple[Run, object, ImageDataset]:
        run, gan, dataset = start_run(config, root=root)
        prepared.append(run)
        return run, gan, dataset

    monkeypatch.setattr(start, "start_run", start_and_note)
    monkeypatch.setattr(sampler_module, "Sampler", refuse)
    trainer.start(tiny_config)
    trainer.wait_for("failed")
    assert trainer.join(TIMEOUT)
    assert thread_errors == [MemoryError]
    assert len(prepared) == 1
    assert not prepared[0].lock.is_held()


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
    assert num_trainer_threads() == 0


def test_shutting_down_does_not_wait_for_ever(
    trainer: WatchedTrainer, script: Script, running: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer_module, "_SHUTDOWN_SECONDS", 0.01)
    trainer.shut_down()  # The chunk under way does not end.
    assert trainer.snapshot().phase == "stopping"
    assert not trainer.join(0)


# A person pressed Ctrl-C twice, or a script came to its end; training would take days.
PROCESS_THAT_ENDS = """
import os, sys, threading
import numpy as np
from pathlib import Path
from dashboard.state.trainer import Trainer
from dcgan.config import TrainingConfig

folder, is_paused = Path(sys.argv[1]), sys.argv[2] == "paused"
np.savez(folder / "spots.npz", images=np.arange(64 * 28 * 28).reshape(64, 28, 28) % 251)
config = TrainingConfig.create(
    dataset=str(folder / "spots.npz"), generator_filters=(8, 4), discriminator_filters=(4, 8),
    latent_dim=4, batch_size=16, num_samples=6, epochs=100_000,
)
is_there = threading.Event()

class Watched(Trainer):
    def _change(self, **changes):
        super()._change(**changes)
        if changes.get("phase") == "running" and is_paused:
            self.pause()
        if changes.get("phase") == ("paused" if is_paused else "running"):
            is_there.set()

Watched(folder / "shelf").start(config)
assert is_there.wait(100)
"""


def test_a_process_that_ends_without_shutting_down_saves_all_the_same(tmp_path: Path) -> None:
    processes = {}
    for state in ("running", "paused"):
        (tmp_path / state).mkdir()
        processes[state] = subprocess.Popen(
            [sys.executable, "-c", PROCESS_THAT_ENDS, str(tmp_path / state), state],
            env=os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"},
            stderr=subprocess.PIPE,
            text=True,
        )
    for state, process in processes.items():
        try:
            _, errors = process.communicate(timeout=2 * TIMEOUT)
        finally:
            process.kill()
        assert process.returncode == 0, errors
        (run,) = list_runs(tmp_path / state / "shelf")[0]
        assert run.read_status().state == "stopped"
        assert run.read_status().step == max(run.checkpoints.list_steps()) > 0


# What others see


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
    # What was seen stays as it was seen.
    assert [report.step for report in first.history] == [10]
    assert [report.step for report in second.history] == [10, 20]
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.phase = "idle"  # type: ignore[misc]


def test_versions_only_grow_and_one_version_is_one_state(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    seen: list[Snapshot] = []
    is_over = threading.Event()

    def look() -> None:
        while not is_over.is_set():
            seen.append(trainer.snapshot())

    watcher = threading.Thread(target=look)
    watcher.start()
    for _ in range(30):
        script.advance()
    trainer.wait_for_step(310)
    is_over.set()
    watcher.join(TIMEOUT)
    versions = [snapshot.version for snapshot in seen]
    assert versions == sorted(versions)
    assert len({id(snapshot) for snapshot in seen}) == len(set(versions))


def test_publishing_copies_no_more_than_the_generator_that_is_shown(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    before = script.gan.num_copies
    for _ in range(5):
        script.advance()
    trainer.wait_for_step(60)
    assert script.gan.num_copies == before


def test_drawing_follows_training(trainer: WatchedTrainer, script: Script, running: Run) -> None:
    z = np.zeros((2, 4), np.float32)
    for step in (10, 20):
        drawn = trainer.generate(running, z)
        assert drawn is not None
        pixels, drawn_step = drawn
        assert drawn_step == step
        np.testing.assert_array_equal(pixels, np.full((2, 28, 28, 1), step))
        script.advance()
        trainer.wait_for_step(step + 10)


def test_the_weights_are_those_of_now(
    trainer: WatchedTrainer, script: Script, running: Run, tiny_config: TrainingConfig
) -> None:
    script.advance()
    script.wait_until_idle()
    weights = trainer.get_weights(running)
    assert weights is not None
    assert (weights[0][0].tolist(), weights[1]) == ([20.0], 20)
    other = Run(running.path.parent / "other", tiny_config, running.dataset, created="")
    assert trainer.get_weights(other) is None


def test_a_drawing_does_not_hold_up_training(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    FakeSampler.may_draw.clear()
    viewer = threading.Thread(target=trainer.generate, args=(running, np.zeros((1, 4), np.float32)))
    viewer.start()
    assert FakeSampler.is_drawing.wait(TIMEOUT)
    script.advance()
    trainer.wait_for_step(20)
    assert viewer.is_alive()
    FakeSampler.may_draw.set()
    viewer.join(TIMEOUT)


def test_nothing_is_drawn_for_another_run_or_with_other_vectors(
    trainer: WatchedTrainer, script: Script, running: Run, tiny_config: TrainingConfig
) -> None:
    z = np.zeros((2, 4), np.float32)
    assert (
        trainer.generate(open_run(running.path), z) is not None
    )  # The same one, found on the shelf.
    assert trainer.generate(running, np.zeros((2, 5), np.float32)) is None
    trainer.stop()
    script.advance()
    trainer.wait_for("stopped")
    assert trainer.generate(running, z) is not None  # It is still here.
    trainer.start(tiny_config)
    assert trainer.generate(running, z) is None
    script.advance()
    other = trainer.wait_for("running").run
    assert other is not None
    assert trainer.generate(running, z) is None
    assert trainer.generate(other, z) is not None


@pytest.mark.skipif(sys.platform != "linux", reason="threads have a priority of their own on Linux")
def test_the_thread_that_trains_lets_the_page_go_first(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    here = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert script.priority == max(10, here)


# What the server allows


FULL = StorageLimits(max_runs=1)
NEARLY_FULL_DISK = StorageLimits(min_free_bytes=10**18)


def stop(trainer: WatchedTrainer, script: Script) -> None:
    trainer.stop()
    script.advance()
    trainer.wait_for("stopped")
    assert trainer.join(TIMEOUT)


@pytest.mark.parametrize("limits", [FULL, NEARLY_FULL_DISK], ids=["runs", "disk"])
def test_a_new_run_for_which_there_is_no_room_is_refused_and_nothing_changes(
    limits: StorageLimits,
    trainer: WatchedTrainer,
    script: Script,
    running: Run,
    tiny_config: TrainingConfig,
) -> None:
    trainer.limits = limits
    assert not trainer.start(tiny_config)  # It attaches to the one in training, which goes on.
    script.advance()
    assert trainer.wait_for_step(20).phase == "running"
    stop(trainer, script)
    before = trainer.snapshot()
    with pytest.raises(LimitError):
        trainer.start(tiny_config)
    assert trainer.snapshot() is before
    assert [run.name for run in list_runs(trainer.root)[0]] == [running.name]


def test_where_the_shelf_is_full_a_run_goes_on_but_has_no_branch(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    stop(trainer, script)
    trainer.limits = FULL
    run = open_run(running.path)
    step = run.checkpoints.list_steps()[0]
    branches: list[Callable[[], bool]] = [
        lambda: trainer.resume_run(run, branch=True),
        lambda: trainer.resume_run(run, step=step),
        lambda: trainer.resume_run(run, changes={"beta_1": 0.4}),
    ]
    for branch in branches:
        with pytest.raises(LimitError, match="This server keeps 1 run at most and has 1:"):
            branch()
    assert trainer.resume_run(run)
    script.advance()
    assert trainer.wait_for_step(30).phase == "running"


def test_where_the_disk_is_nearly_full_no_run_goes_on(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    stop(trainer, script)
    trainer.limits = NEARLY_FULL_DISK
    with pytest.raises(LimitError, match="are free on the disk of the runs"):
        trainer.resume_run(open_run(running.path))


def test_runs_that_wait_are_held_where_there_is_no_room_and_begin_when_there_is(
    trainer: WatchedTrainer, script: Script, running: Run, tiny_config: TrainingConfig
) -> None:
    trainer.queue_runner.add([tiny_config.replace(seed=5)])
    trainer.limits = FULL
    script.finish()
    trainer.wait_for("finished")
    assert trainer.join(TIMEOUT)
    waiting, problems = trainer.queue_runner.list_waiting()
    assert [run.config.seed for run in waiting] == [5]
    assert problems[0].startswith("The queue is held. This server keeps 1 run at most and has 1")
    trainer.limits = StorageLimits()
    trainer.queue_runner.release()
    script.advance()
    wait_for_seed(trainer, 5)


# Whether it hangs


def hangs(trainer: Trainer) -> bool:
    return trainer.is_hung


def test_training_hangs_when_it_is_silent_for_much_longer_than_it_ever_was(
    trainer: WatchedTrainer, script: Script, tiny_config: TrainingConfig
) -> None:
    now = [0.0]
    trainer.clock = lambda: now[0]
    assert trainer.start(tiny_config)
    script.wait_until_idle()
    now[0] += 10_000  # What it takes to trace the largest networks.
    assert not hangs(trainer)
    script.advance()
    trainer.wait_for_step(10)
    script.wait_until_idle()
    assert (trainer.silent_seconds, hangs(trainer)) == (0, False)
    now[0] += 200_000
    assert not hangs(trainer)
    now[0] += 1
    assert hangs(trainer)


def test_ten_minutes_are_no_hang_however_quick_it_was(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    script.wait_until_idle()
    begun = trainer.clock()
    trainer._heard, trainer._longest_silence = begun, 0.5
    trainer.clock = lambda: begun + 600
    assert not hangs(trainer)
    trainer.clock = lambda: begun + 601
    assert hangs(trainer)
    stop(trainer, script)
    assert (trainer.silent_seconds, hangs(trainer)) == (0, False)


def test_a_pause_is_no_hang(
    trainer: WatchedTrainer, script: Script, running: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer_module, "_PAUSE_POLL_SECONDS", 0.001)
    come_round, has_looked = trainer._come_round, threading.Event()

    def look() -> None:
        come_round()
        has_looked.set()

    monkeypatch.setattr(trainer, "_come_round", look)
    trainer.pause()
    script.advance()
    trainer.wait_for("paused")
    begun = trainer.clock()
    trainer.clock = lambda: begun + 10_000
    for _ in range(2):  # The first may have read the clock before.
        has_looked.clear()
        assert has_looked.wait(TIMEOUT)
    assert (trainer.silent_seconds, hangs(trainer)) == (0, False)
    trainer.resume()
    trainer.wait_for("running")


# Going on with a saved run


def test_a_continued_run_brings_its_history_along(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    trainer.stop()
    script.advance()
    trainer.wait_for("stopped")
    assert trainer.resume_run(open_run(running.path))
    script.advance()
    again = trainer.wait_for_step(30)
    assert again.phase == "running"
    assert [report.step for report in again.history] == [10, 20, 30]
    assert again.num_earlier == 2
    assert again.seconds_left is None  # What this process has measured is its first chunk.
    script.advance()
    assert trainer.wait_for_step(40).seconds_left is not None
    assert len(list_runs(trainer.root)[0]) == 1


def test_a_run_that_cannot_go_on_says_why(
    trainer: WatchedTrainer, script: Script, running: Run
) -> None:
    trainer.stop()
    script.advance()
    trainer.wait_for("stopped")
    for path in (running.path / "checkpoints").iterdir():
        path.unlink()
    assert trainer.resume_run(running)
    assert "has no checkpoint" in trainer.wait_for("failed").message
    assert not running.lock.is_held()


# How long it will take


def snapshot_of(
    config: TrainingConfig, reports: list[StepReport], num_earlier: int = 0
) -> Snapshot:
    return Snapshot(
        phase="running",
        config=config,
        num_images=200,
        history=tuple(reports),
        num_earlier=num_earlier,
    )


def constant(num: int, first_step: int = 0, speed: float = 1600.0) -> list[StepReport]:
    """Make chunks of ten steps of 16 images; the first of them took five seconds."""
    seconds, reports = 0.0, []
    for index in range(num):
        images_per_second = 32.0 if index == 0 else speed
        seconds += 160 / images_per_second
        step = first_step + 10 * (index + 1)
        reports.append(step_report(step, seconds=seconds, images_per_second=images_per_second))
    return reports


@pytest.mark.parametrize("num", [2, 5, 10, 11, 50])
def test_at_a_constant_speed_the_time_left_is_right(tiny_config: TrainingConfig, num: int) -> None:
    config = tiny_config.replace(epochs=100)  # 1,300 steps at 0.01 s.
    now = snapshot_of(config, constant(num))
    assert now.seconds_left == pytest.approx((1300 - 10 * num) * 0.01, rel=1e-6)
    assert now.share_done == pytest.approx(10 * num / 1300)


def test_the_clock_may_end_it_sooner(tiny_config: TrainingConfig) -> None:
    config = tiny_config.replace(epochs=100, max_seconds=6.0)
    now = snapshot_of(config, constant(11))  # 5 s and ten times 0.1 s.
    assert now.seconds_left == pytest.approx(0.0, abs=1e-9)
    config = tiny_config.replace(epochs=None, max_seconds=10.0)
    now = snapshot_of(config, constant(11))
    assert now.seconds_left == pytest.approx(4.0)
    assert now.share_done == pytest.approx(0.6)


def test_a_change_of_speed_is_soon_told(tiny_config: TrainingConfig) -> None:
    config = tiny_config.replace(epochs=100)
    reports = constant(40)
    slow = [step_report(400 + 10 * n, images_per_second=160.0) for n in range(1, 10)]
    now = snapshot_of(config, reports + slow)
    assert now.seconds_left == pytest.approx((1300 - 490) * 0.1)


def test_after_a_resume_only_what_is_new_tells_the_speed(tiny_config: TrainingConfig) -> None:
    config = tiny_config.replace(epochs=100)
    earlier = constant(30, speed=16000.0)  # On a machine ten times as fast.
    for num_new in (0, 1):  # The first new one traced the graph.
        now = snapshot_of(config, earlier + constant(num_new, 300), num_earlier=30)
        assert now.seconds_left is None
        assert now.share_done == pytest.approx((300 + 10 * num_new) / 1300)
    for num_new in (2, 5, 20):
        now = snapshot_of(config, earlier + constant(num_new, 300), num_earlier=30)
        assert now.seconds_left == pytest.approx((1000 - 10 * num_new) * 0.01)


@pytest.mark.parametrize("speed", [0.0, -1.0, math.nan, math.inf])
def test_a_speed_that_is_none_is_left_out(tiny_config: TrainingConfig, speed: float) -> None:
    odd = step_report(40, images_per_second=speed, generator_loss=math.nan)
    alone = snapshot_of(tiny_config.replace(epochs=100), [step_report(30), odd])
    assert alone.seconds_left is None
    if speed != math.inf:
        among = snapshot_of(tiny_config.replace(epochs=100), [*constant(3), odd])
        assert among.seconds_left == pytest.approx((1300 - 40) * 0.01)


def test_beyond_its_planned_end_nothing_is_left(tiny_config: TrainingConfig) -> None:
    now = snapshot_of(tiny_config, constant(5))  # 50 steps, where 26 were planned.
    assert now.seconds_left == 0.0
    assert now.share_done == 1.0


def test_before_anything_is_measured_nothing_is_said(tiny_config: TrainingConfig) -> None:
    for now in (
        Snapshot(),
        snapshot_of(tiny_config, []),
        snapshot_of(tiny_config, constant(1)),
    ):
        assert now.seconds_left is None
        assert 0.0 <= now.share_done < 1.0
    assert Snapshot().step == 0
    assert Snapshot().last is None


# One for the process


@pytest.fixture
def no_process_trainer() -> Iterator[None]:
    kept = sys.modules.pop("_dcgan_studio_trainer", None)
    yield
    sys.modules.pop("_dcgan_studio_trainer", None)
    if kept is not None:
        sys.modules["_dcgan_studio_trainer"] = kept


@pytest.mark.usefixtures("no_process_trainer")
def test_there_is_one_trainer_whoever_asks_first() -> None:
    together = threading.Barrier(16)
    found: list[Trainer] = []

    def ask() -> None:
        together.wait(TIMEOUT)
        found.append(process_trainer())

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIMEOUT)
    assert len(found) == 16
    assert len({id(trainer) for trainer in found}) == 1


@pytest.mark.usefixtures("no_process_trainer")
def test_the_one_trainer_survives_what_streamlit_does_to_modules_and_caches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import streamlit as st

    first = process_trainer()
    st.cache_data.clear()
    st.cache_resource.clear()
    assert process_trainer() is first
    # A hot reload: the module is taken out and imported anew.
    monkeypatch.delitem(sys.modules, "dashboard.state.trainer")
    fresh = importlib.import_module("dashboard.state.trainer")
    assert fresh is not trainer_module
    assert fresh.process_trainer() is first
    assert importlib.reload(fresh).process_trainer() is first
    assert fresh.process_trainer().snapshot().phase == "idle"


@pytest.mark.usefixtures("no_process_trainer")
def test_the_folder_of_the_runs_can_be_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(trainer_module.ROOT_VARIABLE, str(tmp_path))
    assert process_trainer().root == tmp_path


@pytest.mark.usefixtures("no_process_trainer")
def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(trainer_module.ROOT_VARIABLE, "")
    assert process_trainer().root == run_folder.ROOT


# Real networks


def test_real_networks_train_pause_stop_and_go_on(
    trainer: WatchedTrainer,
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (start, training_data):  # A new run's data, and a continued one's.
        monkeypatch.setattr(module, "load_configured_dataset", lambda *_: tiny_dataset)
    z = np.ones((3, 4), np.float32)
    trainer.start(tiny_config.replace(epochs=10_000))
    trainer.wait_until(lambda now: now.step >= 3)
    trainer.pause()
    paused = trainer.wait_for("paused")
    assert paused.run is not None
    drawn = trainer.generate(paused.run, z)
    assert drawn is not None
    pixels, step = drawn
    assert step == paused.step == max(paused.run.checkpoints.list_steps())
    saved = sampler_module.Sampler(tiny_config)
    saved.set_weights(select_generator_weights(paused.run.checkpoints.load(step)))
    np.testing.assert_array_equal(pixels, saved.generate(z))

    trainer.resume()
    trainer.wait_until(lambda now: isinstance(now.sample, EpochReport))
    trainer.stop()
    stopped = trainer.wait_for("stopped")
    assert stopped.run is not None
    assert [report.step for report in stopped.run.history.read_steps()] == [
        report.step for report in stopped.history
    ]

    trainer.resume_run(open_run(stopped.run.path), epochs=1)
    finished = trainer.wait_for("finished")
    assert trainer.join(TIMEOUT)
    assert finished.step % 13 == 0
    assert finished.step > stopped.step
    assert finished.num_earlier == len(stopped.history)


# Runs that wait for their turn


def wait_for_seed(trainer: WatchedTrainer, seed: int) -> Run:
    """Return the run of this seed, once it trains."""

    def is_so(now: Snapshot) -> bool:
        return now.phase == "running" and now.config is not None and now.config.seed == seed

    run = trainer.wait_until(is_so).run
    assert run is not None
    return run


def test_runs_that_wait_begin_when_the_one_before_has_ended(
    trainer: WatchedTrainer, script: Script, running: Run, tiny_config: TrainingConfig
) -> None:
    trainer.queue_runner.add([tiny_config.replace(seed=seed) for seed in (5, 6)])
    script.finish()
    for seed in (5, 6):
        script.advance()
        assert wait_for_seed(trainer, seed).config.seed == seed
        script.finish()
    trainer.wait_until(lambda now: now.phase == "finished" and now.step == 10)
    assert trainer.join(TIMEOUT)
    assert [run.config.seed for run in reversed(list_runs(trainer.root)[0])] == [0, 5, 6]
    assert trainer.queue_runner.list_waiting() == ([], [])


def test_a_stop_holds_those_that_wait(
    trainer: WatchedTrainer, script: Script, running: Run, tiny_config: TrainingConfig
) -> None:
    trainer.queue_runner.add([tiny_config.replace(seed=5)])
    trainer.stop(running)
    script.advance()
    trainer.wait_for("stopped")
    assert trainer.join(TIMEOUT)
    assert not trainer.queue_runner.is_released
    assert len(trainer.queue_runner.list_waiting()[0]) == 1
    trainer.queue_runner.release()
    script.advance()
    wait_for_seed(trainer, 5)


def test_commands_for_a_run_that_has_ended_leave_the_next_one_alone(
    trainer: WatchedTrainer, script: Script, running: Run, tiny_config: TrainingConfig
) -> None:
    trainer.queue_runner.add([tiny_config.replace(seed=5)])
    script.finish()
    script.advance()
    wait_for_seed(trainer, 5)
    for command in (trainer.pause, trainer.resume, trainer.stop):
        command(running)
    assert trainer.snapshot().phase == "running"
    assert trainer.queue_runner.is_released


def test_a_run_that_cannot_begin_says_why_and_the_next_one_begins(
    trainer: WatchedTrainer, script: Script, running: Run, tiny_config: TrainingConfig
) -> None:
    too_large = tiny_config.replace(batch_size=4096)  # Of 200 pictures.
    trainer.queue_runner.add([too_large, tiny_config.replace(seed=6)])
    script.finish()
    script.advance()
    wait_for_seed(trainer, 6)
    waiting, (problem,) = trainer.queue_runner.list_waiting()
    assert waiting == []
    assert problem.startswith(
        "A run of the queue could not begin. Seed 0, mnist: batch_size: got 4096; the data set has "
        "200 images"
    )


def test_an_unexpected_error_holds_those_that_wait(
    trainer: WatchedTrainer,
    script: Script,
    running: Run,
    tiny_config: TrainingConfig,
    thread_errors: list[type[BaseException]],
) -> None:
    trainer.queue_runner.add([tiny_config.replace(seed=5)])
    script.fail(ZeroDivisionError())
    trainer.wait_for("failed")
    assert trainer.join(TIMEOUT)
    assert thread_errors == [ZeroDivisionError]
    waiting, problems = trainer.queue_runner.list_waiting()
    assert (len(waiting), problems) == (1, [UNEXPECTED])
    assert not trainer.queue_runner.is_released
