"""The background thread that trains, and the state that it shares.

One `Trainer` a server process, however many tabs and sessions: pages show its `snapshot` and
send it commands. It imports no Streamlit; no thread but a script's own ever touches a page.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
import types
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from dashboard.state import storage_limits, tf_runtime
from dashboard.state.external_runs import ExternalRuns
from dashboard.state.queue_runner import QueueRunner
from dashboard.state.snapshot import Phase, Snapshot, read_only
from dashboard.state.storage_limits import LimitError, StorageLimits
from dashboard.state.watchers import Watchers
from dcgan.config import TrainingConfig
from dcgan.errors import DCGANError, DiskWriteError, DivergenceError
from dcgan.reports import (
    AnyReport,
    EpochReport,
    EvaluationReport,
    EventReport,
    SampleReport,
    StepReport,
)
from dcgan.runs.run_folder import ROOT, Run

if TYPE_CHECKING:
    import numpy as np

    from dcgan.data.datasets import ImageDataset
    from dcgan.model.gan import DCGAN
    from dcgan.model.sampler import Sampler
    from dcgan.sweeps.queue import QueuedRun

# Where the runs of this server are; `python -m dashboard --root` sets it.
ROOT_VARIABLE = "DCGAN_STUDIO_ROOT"

# The server waits this long at most for the last checkpoint; steps of large networks take seconds.
_SHUTDOWN_SECONDS = 30.0

# How long a page says why a command was not followed, while training goes on.
_REFUSAL_SECONDS = 20.0

# How soon a paused run notices that the process ends; commands wake it at once.
_UNEXPECTED = "Training ended with an unexpected error; the server's log has the details."
_PAUSE_POLL_SECONDS = 1.0

# How long training may say nothing before it counts as hung. A chunk is half a second of steps or
# one step, an evaluation some steps more, and a pause says something each second; but a step of the
# largest networks takes minutes, and what a supervisor ends for nothing is lost.
_SILENT_SECONDS = 600.0
_SILENT_ROUNDS = 20  # Or as often the longest silence of the run so far, its tracing included.


class _Changes(TypedDict, total=False):
    phase: Phase
    run: Run | None
    config: TrainingConfig | None
    num_images: int
    history: tuple[StepReport, ...]
    num_earlier: int
    sample: SampleReport | EpochReport | None
    evaluations: tuple[EvaluationReport, ...]
    events: tuple[EventReport, ...]
    message: str


@dataclass(frozen=True, eq=False)
class _Published:
    """The EMA generator at one moment of a run, for whoever wants to draw with it."""

    run: Run
    step: int
    weights: list[np.ndarray]
    sampler: Sampler


# What a person asks of a run in training; done by its thread, between two reports.
_Order = Callable[["Run", "DCGAN"], EventReport | None]


class Trainer:
    """Trains one run at a time in a thread of its own.

    Attributes:
        root: Folder of the runs.
        queue_runner: Of the runs that wait.
        watchers: Those who look at it.
        external_runs: What other processes train in the same folder.
        num_failures: Runs that have failed in this process.
        limits: What its runs may take.
        clock: Seconds that never go back.
    """

    clock: Callable[[], float] = staticmethod(time.monotonic)

    def __init__(self, root: Path = ROOT, limits: StorageLimits = StorageLimits()) -> None:  # noqa: B008 (frozen)
        self.root = root
        self.limits = limits
        self._lock = threading.RLock()
        self._thread: threading.Thread | None = None
        self._may_go_on = threading.Event()
        self._may_go_on.set()
        self._num_resumes = 0
        self._must_stop = threading.Event()
        self.queue_runner = QueueRunner(root, self._start_waiting, self._why_no_run)
        self.watchers = Watchers()
        self.external_runs = ExternalRuns(root, self.snapshot)
        self.num_failures = 0
        self._heard, self._longest_silence, self._has_stepped = self.clock(), 0.0, False
        self._news = threading.Event()  # Set with every command, for who waits.
        self._orders: deque[_Order] = deque()
        self._refused_at = -_REFUSAL_SECONDS
        self._disk_problem = ""  # While it waits for the disk.
        self._snapshot = Snapshot()
        self._history: list[StepReport] = []
        self._published: _Published | None = None
        self._drawing = threading.Lock()  # Holds what the sampler's weights are.
        self._drawn: _Published | None = None

    @property
    def version(self) -> str:
        """Another one whenever `snapshot` or `queue_runner` have changed."""
        return f"{self._snapshot.version}-{self.queue_runner.version}"

    def version_with(self, name: str) -> str:
        """Return `version` with that of the runs of other processes, of one of them above all.

        Args:
            name: As of `ExternalRuns.observe`.
        """
        return f"{self.version}-{self.external_runs.version(name)}"

    @property
    def is_alive(self) -> bool:
        """Whether its thread is at work."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def silent_seconds(self) -> float:
        """How long ago training last came round: a report, or a look at the commands in a pause."""
        return self.clock() - self._heard if self.snapshot().is_active else 0.0

    @property
    def is_hung(self) -> bool:
        """Whether training has come round no more for much longer than it ever took.

        Before its first steps nobody can tell: to read own pictures, to download, to trace the
        largest networks may take any time.
        """
        patience = max(_SILENT_SECONDS, _SILENT_ROUNDS * self._longest_silence)
        return self._has_stepped and self.silent_seconds > patience

    def _come_round(self) -> None:
        now = self.clock()
        self._longest_silence = max(self._longest_silence, now - self._heard)
        self._heard = now

    def snapshot(self) -> Snapshot:
        """Return the state of this moment; the same object until something changes."""
        with self._lock:
            if len(self._snapshot.history) != len(self._history):
                # Copied when somebody looks, not at each report.
                self._snapshot = replace(self._snapshot, history=tuple(self._history))
            return self._snapshot

    def start(self, config: TrainingConfig) -> bool:
        """Begin a new run; attaches to the one that is active instead of starting a second.

        Returns:
            Whether a run was started.

        Raises:
            LimitError: If there is no room for another run.
        """
        if self.snapshot().is_active:  # What attaches needs no room.
            return False
        self.limits.check_room_for_run(self.root)

        def prepare() -> tuple[Run, DCGAN, ImageDataset]:
            from dcgan.recording.start import start_run

            return start_run(config, root=self.root)

        return self._launch(prepare, config)

    def _why_no_run(self) -> str:
        """Say why none of the runs that wait may begin; "" while one is in training anyway."""
        if not self.snapshot().is_active:
            try:
                self.limits.check_room_for_run(self.root)
            except LimitError as error:
                return f"The queue is held. {error}"
        return ""

    def _start_waiting(self, waiting: QueuedRun) -> bool:
        def prepare() -> tuple[Run, DCGAN, ImageDataset]:
            from dcgan.recording.start import start_run

            try:
                self.queue_runner.take(waiting)
                return start_run(waiting.config, root=self.root)
            except DCGANError as error:
                # Noted in the queue, as the start of the next run replaces this run's message.
                self.queue_runner.skip(waiting, str(error))
                raise

        return self._launch(prepare, waiting.config)

    def resume_run(
        self,
        run: Run,
        *,
        epochs: int | None = None,
        seconds: float | None = None,
        step: int | None = None,
        changes: Mapping[str, object] | None = None,
        branch: bool = False,
    ) -> bool:
        """Go on with a saved run; arguments as in `recording.continue_run`.

        Returns:
            Whether it was started; False if another run is active.

        Raises:
            LimitError: If there is no room for a branch, or the disk is nearly full.
        """
        if self.snapshot().is_active:
            return False
        if branch or run.is_read_only or changes or step is not None:
            self.limits.check_room_for_run(self.root)
        else:  # Its old checkpoints make way for new ones.
            self.limits.check_free(self.root)

        def prepare() -> tuple[Run, DCGAN, ImageDataset]:
            from dcgan.recording.start import continue_run

            return continue_run(
                run,
                epochs=epochs,
                seconds=seconds,
                step=step,
                changes=changes,
                branch=branch,
                root=self.root,
            )

        return self._launch(prepare, run.config)

    def pause(self, run: Run | None = None) -> None:
        """Ask for a pause; it comes with the end of the chunk under way.

        Args:
            run: Which run is meant, as another may have begun since a page was drawn; None for
                whichever trains.
        """
        with self._lock:
            if self._snapshot.phase == "running" and self._is_meant(run):
                self._may_go_on.clear()
                self._change(phase="pausing")

    def resume(self, run: Run | None = None) -> None:
        """End a pause; `run` as in `pause`."""
        with self._lock:
            if not self._is_meant(run):
                return
            self._may_go_on.set()
            self._num_resumes += 1
            self._news.set()
            if self._snapshot.phase in ("pausing", "paused"):
                self._change(phase="running")

    def stop(self, run: Run | None = None) -> None:
        """Ask the run to save and end; it comes with the end of the chunk under way.

        What waits for its turn goes on waiting. `run` is as in `pause`.
        """
        with self._lock:
            if not self._is_meant(run):
                return
        self.queue_runner.hold()
        with self._lock:
            if not self._is_meant(run):
                return
            if self._snapshot.is_active:
                self._must_stop.set()
                self._may_go_on.set()
                self._news.set()
                self._change(phase="stopping")

    def _is_meant(self, run: Run | None) -> bool:
        now = self._snapshot.run
        return run is None or now is None or now.path == run.path

    def change_settings(self, run: Run, changes: Mapping[str, object]) -> bool:
        """Change settings of a run in training, as `recording.changes`, at the end of the chunk.

        Returns whether it will be tried.
        """

        def order(run: Run, gan: DCGAN) -> EventReport | None:
            from dcgan.recording.changes import change_settings

            return change_settings(run, gan, changes)

        return self._give(run, order)

    def roll_back(self, run: Run, step: int) -> None:
        """Return to a checkpoint at the end of the chunk, as `rollback.roll_back`."""

        def order(run: Run, gan: DCGAN) -> EventReport | None:
            from dcgan.recording.rollback import roll_back

            return roll_back(run, gan, step)

        self._give(run, order)

    def _give(self, run: Run, order: _Order) -> bool:
        with self._lock:
            now = self._snapshot
            # Another run may have been started since the page was drawn.
            if not now.is_active or now.run is None or now.run.path != run.path:
                return False
            if self._disk_problem:
                # Done later, it would come as a surprise.
                self._change(message=f"{self._disk_problem} Nothing can be changed before.")
                return False
            self._orders.append(order)
            self._news.set()
            return True

    def join(self, timeout: float | None = None) -> bool:
        """Wait until no thread is at work; returns whether that is so."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)
        return thread is None or not thread.is_alive()

    def shut_down(self) -> None:
        """Save and end, before the process does."""
        self.stop()
        self.join(_SHUTDOWN_SECONDS)

    def generate(self, run: Run, z: np.ndarray) -> tuple[np.ndarray, int] | None:
        """Draw with the current EMA generator, also while it trains.

        Args:
            run: Whose generator; another one may have been started since a page was drawn.
            z: Latent batch, shape (num, latent_dim), float32.

        Returns:
            Pixels as of `Sampler.generate`, and the step that they show; None if this run's
            generator is not here (yet) or takes other vectors.
        """
        with self._drawing:
            current = self._published
            if current is None or current.run.path != run.path:
                return None
            if current.sampler.config.latent_dim != z.shape[1]:
                return None
            if current is not self._drawn:
                # Here and not at each report: it costs nothing while nobody looks, and training
                # never waits for a drawing.
                current.sampler.set_weights(current.weights)
                self._drawn = current
            return tf_runtime.run_for_page(current.sampler.generate, z), current.step

    def get_weights(self, run: Run) -> tuple[list[np.ndarray], int] | None:
        """Return the current EMA generator's weights and their step; None as of `generate`.

        They are in the order of `state.select_generator_weights`, and not to be written to.
        """
        current = self._published
        if current is None or current.run.path != run.path:
            return None
        return current.weights, current.step

    def _launch(
        self, prepare: Callable[[], tuple[Run, DCGAN, ImageDataset]], config: TrainingConfig
    ) -> bool:
        with self._lock:
            if self._snapshot.is_active:
                return False
            self._must_stop.clear()
            self._may_go_on.set()
            self._orders.clear()
            # Not a daemon: the interpreter waits for the last checkpoint. Begun before anything
            # says so, as the system can refuse; what it changes waits for the lock.
            thread = threading.Thread(target=self._work, args=(prepare,), name="trainer")
            thread.start()
            self._thread = thread
            self._history = []
            self._published = None
            self._heard, self._longest_silence, self._has_stepped = self.clock(), 0.0, False
            self._change(
                phase="preparing",
                run=None,
                config=config,
                num_images=0,
                history=(),
                num_earlier=0,
                sample=None,
                evaluations=(),
                events=(),
                message="",
            )
        return True

    def _work(self, prepare: Callable[[], tuple[Run, DCGAN, ImageDataset]]) -> None:
        ending: Phase = "failed"
        message = _UNEXPECTED
        try:
            tf_runtime.prepare()
            tf_runtime.lower_priority()
            ending = "stopped" if self._must_end() else self._train(*prepare())
            message = ""
        except DCGANError as error:
            message = str(error)
        finally:
            with self._lock:
                if self._orders and not message:  # Given after its thread had looked.
                    message = "The run ended before what was asked of it last could be done."
                self.num_failures += ending == "failed"
                self._change(phase=ending, message=message)
            if message == _UNEXPECTED:
                self.queue_runner.hold(_UNEXPECTED)
        if not self._must_end():
            self.queue_runner.start_next()

    def _must_end(self) -> bool:
        # Where the main thread ended without `shut_down`, the interpreter waits for this one.
        return self._must_stop.is_set() or not threading.main_thread().is_alive()

    def _train(self, run: Run, gan: DCGAN, dataset: ImageDataset) -> Phase:
        from dcgan.model.sampler import Sampler
        from dcgan.recording.recorder import record

        ending: Phase = "finished"
        try:
            sampler = Sampler(run.config)
            self._change_to_what_is_kept(run, len(dataset))
            with contextlib.closing(record(run, gan, dataset, self._wait_for_disk)) as reports:
                self._heard = self.clock()
                for report in reports:
                    self._come_round()
                    self._has_stepped |= isinstance(report, StepReport)
                    self._publish(run, gan, sampler)
                    self._fold(run, report)
                    if isinstance(report, EpochReport):
                        tf_runtime.release_free_memory()
                    self._obey(run, gan, sampler)
                    if not self._may_go_on.is_set():
                        self._wait(run, gan, sampler)
                    if self._must_end():
                        ending = "stopped"
                        break
            if self._history and gan.step < self._history[-1].step:
                # It diverged just before the stop, which went back.
                self._change_to_what_is_kept(run, len(dataset))
        finally:
            run.lock.release()  # `record` does too, if it came to begin.
        return ending

    def _change_to_what_is_kept(self, run: Run, num_images: int) -> None:
        # Read before the lock is taken: pages must not wait for the disk.
        history, evaluations, events = (
            run.history.read_steps(),
            run.history.read_evaluations(),
            run.history.read_events(),
        )
        with self._lock:
            self._history = history
            self._change(
                run=run,
                config=run.config,
                num_images=num_images,
                history=tuple(history),
                num_earlier=len(history),
                evaluations=tuple(evaluations),
                events=tuple(events),
            )

    def _publish(self, run: Run, gan: DCGAN, sampler: Sampler) -> None:
        weights = read_only(gan.ema_generator.get_weights())
        self._published = _Published(run, gan.step, weights, sampler)

    def _fold(self, run: Run, report: AnyReport) -> None:
        with self._lock:
            now = self._snapshot
            if isinstance(report, StepReport):
                self._history.append(report)
                is_read = time.monotonic() - self._refused_at > _REFUSAL_SECONDS
                self._change(
                    phase="running" if now.phase == "preparing" else now.phase,
                    message="" if is_read else now.message,
                )
            elif isinstance(report, EvaluationReport):
                self._change(evaluations=(*now.evaluations, report))
            elif isinstance(report, EventReport):
                # Where it went back, what came later is forgotten, here as on disk.
                self._history = [it for it in self._history if it.step <= report.step]
                self._change(
                    config=run.config,
                    history=tuple(self._history),
                    num_earlier=min(now.num_earlier, len(self._history)),
                    evaluations=tuple(it for it in now.evaluations if it.step <= report.step),
                    events=(*(it for it in now.events if it.step <= report.step), report),
                )
            else:
                self._change(sample=report)

    def _obey(self, run: Run, gan: DCGAN, sampler: Sampler) -> None:
        """Do what was asked of the run since the last time."""
        blocked = []
        while self._orders:
            message = ""
            order = self._orders[0]
            try:
                report = order(run, gan)
                if report is not None:
                    self._publish(run, gan, sampler)
                    self._fold(run, report)
            except DivergenceError:  # Done when training has gone back, by itself or a person.
                blocked.append(order)
            except DCGANError as error:
                message, self._refused_at = str(error), time.monotonic()
            self._orders.popleft()
            with self._lock:
                self._change(message=message)
        self._orders.extendleft(reversed(blocked))

    def _wait(self, run: Run, gan: DCGAN, sampler: Sampler) -> None:
        """Be paused until resumed or stopped, with everything on disk."""
        from dcgan.recording.saving import save_with_status

        with self._lock:
            if self._may_go_on.is_set():
                return
            before = self._num_resumes
        # What diverged is not saved; the next chunk's losses will tell.
        with contextlib.suppress(DivergenceError):
            save_with_status(run, gan, "paused", self._wait_for_disk)
        # Counted, as a pause may follow a resume before this thread has noticed it.
        while True:
            with self._lock:
                if self._num_resumes != before or self._must_end():
                    break
                if self._snapshot.phase == "pausing":
                    self._change(phase="paused")
            self._obey(run, gan, sampler)
            self._wait_for_news()
        with contextlib.suppress(DiskWriteError):  # The next checkpoint says so again.
            run.write_status("running", step=gan.step, seconds=gan.seconds)

    def _wait_for_disk(self, error: DiskWriteError) -> bool:
        """Be paused, as the disk refuses; returns whether a person wants to try again."""
        with self._lock:
            if self._must_end():
                return False
            self._may_go_on.clear()
            before = self._num_resumes
            self._disk_problem = f"{error} Then resume; until then training waits."
            self._change(phase="paused", message=self._disk_problem)
        while self._num_resumes == before and not self._must_end():
            self._wait_for_news()
        with self._lock:
            self._disk_problem = ""
            self._change(message="")
        return not self._must_end()

    def _wait_for_news(self) -> None:
        self._come_round()
        self._news.wait(_PAUSE_POLL_SECONDS)
        self._news.clear()

    def _change(self, **changes: Unpack[_Changes]) -> None:
        # The lock is held by the caller.
        self._snapshot = replace(self._snapshot, version=self._snapshot.version + 1, **changes)


def process_trainer() -> Trainer:
    """Return the one trainer of this server process.

    It hangs on a module of its own making, as Streamlit evicts a script's modules on a reload
    and any visitor can empty its caches.
    """
    home = sys.modules.setdefault("_dcgan_studio_trainer", types.ModuleType("_dcgan_studio"))
    root = Path(os.environ.get(ROOT_VARIABLE) or ROOT)
    if "trainer" not in vars(home):
        vars(home).setdefault("trainer", Trainer(root, storage_limits.read_limits()))
    trainer: Trainer = vars(home)["trainer"]
    return trainer
