"""The background thread that trains, and the state that it shares.

One `Trainer` a server process, however many tabs and sessions: pages show its `snapshot` and
send it commands. It imports no Streamlit; no thread but a script's own ever touches a page.
"""

from __future__ import annotations

import contextlib
import math
import os
import sys
import threading
import types
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict, Unpack

from dashboard import engine
from dcgan.config import TrainingConfig
from dcgan.errors import DCGANError, DivergenceError
from dcgan.progress import seconds_left
from dcgan.reports import AnyReport, EpochReport, EvaluationReport, SampleReport, StepReport
from dcgan.runs import ROOT, Run

if TYPE_CHECKING:
    import numpy as np

    from dcgan.datasets import ImageDataset
    from dcgan.gan import DCGAN, Sampler

# Where the runs of this server are; `python -m dashboard --root` sets it.
ROOT_VARIABLE = "DCGAN_STUDIO_ROOT"

Phase = Literal[
    "idle",  # Nothing was started in this process.
    "preparing",  # Loading data, building networks, tracing the first step.
    "running",
    "pausing",  # Asked to; the chunk under way is not done yet.
    "paused",
    "stopping",
    "stopped",
    "finished",
    "failed",
]
ACTIVE: frozenset[Phase] = frozenset(("preparing", "running", "pausing", "paused", "stopping"))

# A person who stops the server waits this long at most for the last checkpoint.
_SHUTDOWN_SECONDS = 5.0

# How soon a paused run notices that the process ends.
_PAUSE_POLL_SECONDS = 1.0

_SPEED_REPORTS = 9  # Some seconds of training: steady, and soon right when the speed changes.


class _Changes(TypedDict, total=False):
    phase: Phase
    run: Run | None
    config: TrainingConfig | None
    num_images: int
    history: tuple[StepReport, ...]
    num_earlier: int
    sample: SampleReport | EpochReport | None
    evaluations: tuple[EvaluationReport, ...]
    message: str


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What the trainer is doing at one moment; immutable, shared by all who look.

    Attributes:
        version: Grows with every change, so that nothing is drawn twice.
        phase: See `Phase`.
        run: The run that is or was trained here; None before it has a folder.
        config: Its settings; None while idle.
        num_images: Size of its data set; 0 until loaded.
        history: Its step reports so far, oldest first, those from before a resume included.
        num_earlier: How many of these are from before the resume.
        sample: The newest pictures of its fixed z.
        evaluations: Its evaluation reports so far, oldest first.
        message: Why it failed, in a sentence, or empty.
    """

    version: int = 0
    phase: Phase = "idle"
    run: Run | None = None
    config: TrainingConfig | None = None
    num_images: int = 0
    history: tuple[StepReport, ...] = ()
    num_earlier: int = 0
    sample: SampleReport | EpochReport | None = None
    evaluations: tuple[EvaluationReport, ...] = ()
    message: str = ""

    @property
    def is_active(self) -> bool:
        """Whether a thread is at work or paused."""
        return self.phase in ACTIVE

    @property
    def last(self) -> StepReport | None:
        """The newest step report."""
        return self.history[-1] if self.history else None

    @property
    def step(self) -> int:
        """Updates of both networks so far."""
        return self.last.step if self.last else 0

    @property
    def images_per_second(self) -> float | None:
        """Real images seen for each second, over the last seconds; None before any was measured."""
        if self.config is None:
            return None
        # The newest chunks of this process alone, without its first, which traced the graph.
        start = max(self.num_earlier + 1, len(self.history) - _SPEED_REPORTS)
        newest = [report for report in self.history[start:] if report.images_per_second > 0]
        seconds = sum(
            r.num_steps * self.config.images_per_step / r.images_per_second for r in newest
        )
        if not 0 < seconds < math.inf:
            return None
        return sum(r.num_steps for r in newest) * self.config.images_per_step / seconds

    @property
    def seconds_left(self) -> float | None:
        """Training time left at the present speed; None before the first measured steps."""
        speed = self.images_per_second
        if self.config is None or self.last is None or speed is None:
            return None
        return seconds_left(
            self.config,
            self.config.total_steps(self.num_images),
            self.last.step,
            self.last.seconds,
            self.config.images_per_step / speed,
        )

    @property
    def share_done(self) -> float:
        """How much of what is planned is done, in [0, 1]."""
        if self.phase == "finished":
            return 1.0
        if self.config is None or self.last is None:
            return 0.0
        # Unlike the time left, no estimate.
        return self.config.share_done(self.last.step, self.last.seconds, self.num_images)


@dataclass(frozen=True, eq=False)
class _Published:
    """The EMA generator at one moment of a run, for whoever wants to draw with it."""

    run: Run
    step: int
    weights: list[np.ndarray]
    sampler: Sampler


class Trainer:
    """Trains one run at a time in a thread of its own."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self._lock = threading.RLock()
        self._thread: threading.Thread | None = None
        self._may_go_on = threading.Event()
        self._may_go_on.set()
        self._must_stop = threading.Event()
        self._snapshot = Snapshot()
        self._history: list[StepReport] = []
        self._published: _Published | None = None
        self._drawing = threading.Lock()  # Holds what the sampler's weights are.
        self._drawn: _Published | None = None

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
        """

        def prepare() -> tuple[Run, DCGAN, ImageDataset]:
            from dcgan.recording import start_run

            return start_run(config, root=self.root)

        return self._launch(prepare, config)

    def resume_run(
        self,
        run: Run,
        *,
        epochs: int | None = None,
        seconds: float | None = None,
        step: int | None = None,
    ) -> bool:
        """Go on with a saved run; arguments as in `recording.continue_run`.

        Returns:
            Whether it was started; False if another run is active.
        """

        def prepare() -> tuple[Run, DCGAN, ImageDataset]:
            from dcgan.recording import continue_run

            return continue_run(run, epochs=epochs, seconds=seconds, step=step, root=self.root)

        return self._launch(prepare, run.config)

    def pause(self) -> None:
        """Ask for a pause; it comes with the end of the chunk under way."""
        with self._lock:
            if self._snapshot.phase == "running":
                self._may_go_on.clear()
                self._change(phase="pausing")

    def resume(self) -> None:
        """End a pause."""
        with self._lock:
            self._may_go_on.set()
            if self._snapshot.phase in ("pausing", "paused"):
                self._change(phase="running")

    def stop(self) -> None:
        """Ask the run to save and end; it comes with the end of the chunk under way."""
        with self._lock:
            if self._snapshot.is_active:
                self._must_stop.set()
                self._may_go_on.set()
                self._change(phase="stopping")

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

    def draw(self, run: Run, z: np.ndarray) -> tuple[np.ndarray, int] | None:
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
            return current.sampler.generate(z), current.step

    def _launch(
        self, prepare: Callable[[], tuple[Run, DCGAN, ImageDataset]], config: TrainingConfig
    ) -> bool:
        with self._lock:
            if self._snapshot.is_active:
                return False
            self._must_stop.clear()
            self._may_go_on.set()
            # Not a daemon: the interpreter waits for the last checkpoint. Begun before anything
            # says so, as the system can refuse; what it changes waits for the lock.
            thread = threading.Thread(target=self._work, args=(prepare,), name="trainer")
            thread.start()
            self._thread = thread
            self._history = []
            self._published = None
            self._change(
                phase="preparing",
                run=None,
                config=config,
                num_images=0,
                history=(),
                num_earlier=0,
                sample=None,
                evaluations=(),
                message="",
            )
        return True

    def _work(self, prepare: Callable[[], tuple[Run, DCGAN, ImageDataset]]) -> None:
        ending: Phase = "failed"
        message = "Training ended with an unexpected error; the server's log has the details."
        try:
            engine.prepare()
            engine.lower_priority()
            ending = "stopped" if self._must_end() else self._train(*prepare())
            message = ""
        except DCGANError as error:
            message = str(error)
        finally:
            with self._lock:
                self._change(phase=ending, message=message)

    def _must_end(self) -> bool:
        # Where the main thread ended without `shut_down`, the interpreter waits for this one.
        return self._must_stop.is_set() or not threading.main_thread().is_alive()

    def _train(self, run: Run, gan: DCGAN, dataset: ImageDataset) -> Phase:
        from dcgan.gan import Sampler
        from dcgan.recording import record

        try:
            sampler = Sampler(run.config)
            earlier = run.history()
            with self._lock:
                self._history = earlier
                self._change(
                    run=run,
                    config=run.config,
                    num_images=len(dataset),
                    num_earlier=len(earlier),
                    evaluations=tuple(run.evaluations()),
                )
            with contextlib.closing(record(run, gan, dataset)) as reports:
                for report in reports:
                    weights = gan.ema_generator.get_weights()
                    self._published = _Published(run, report.step, weights, sampler)
                    self._fold(report)
                    if not self._may_go_on.is_set():
                        self._wait(run, gan, dataset)
                    if self._must_end():
                        return "stopped"
        finally:
            run.release()  # `record` does too, if it came to begin.
        return "finished"

    def _fold(self, report: AnyReport) -> None:
        with self._lock:
            if isinstance(report, StepReport):
                self._history.append(report)
                phase = self._snapshot.phase
                self._change(phase="running" if phase == "preparing" else phase)
            elif isinstance(report, EvaluationReport):
                self._change(evaluations=(*self._snapshot.evaluations, report))
            else:
                self._change(sample=report)

    def _wait(self, run: Run, gan: DCGAN, dataset: ImageDataset) -> None:
        """Be paused until resumed or stopped, with everything on disk."""
        from dcgan.recording import save

        epoch = run.config.epoch_of(gan.step, len(dataset))
        # What diverged is not saved; the next chunk's losses will tell.
        with contextlib.suppress(DivergenceError):
            save(run, gan)
        run.set_status("paused", step=gan.step, epoch=epoch, seconds=gan.seconds)
        is_waiting = True
        while is_waiting:
            with self._lock:
                if self._snapshot.phase == "pausing":
                    self._change(phase="paused")
            is_waiting = not self._may_go_on.wait(_PAUSE_POLL_SECONDS) and not self._must_end()
        run.set_status("running", step=gan.step, epoch=epoch, seconds=gan.seconds)

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
    trainer: Trainer = vars(home).setdefault("trainer", Trainer(root))
    return trainer
