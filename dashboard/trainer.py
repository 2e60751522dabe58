"""The background thread that trains, and the state that it shares.

One `Trainer` a server process, however many tabs and sessions: pages show its `snapshot` and
send it commands. It imports no Streamlit; no thread but a script's own ever touches a page.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import types
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dashboard import engine
from dcgan.config import TrainingConfig
from dcgan.errors import DCGANError
from dcgan.progress import seconds_left
from dcgan.reports import AnyReport, EpochReport, SampleReport, StepReport
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
    "paused",
    "stopping",
    "stopped",
    "finished",
    "failed",
]
_ACTIVE: frozenset[Phase] = frozenset(("preparing", "running", "paused", "stopping"))

# A person who stops the server waits this long at most for the last checkpoint.
_SHUTDOWN_SECONDS = 5.0


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
        sample: The newest pictures of its fixed z.
        message: Why it failed, in a sentence, or empty.
    """

    version: int = 0
    phase: Phase = "idle"
    run: Run | None = None
    config: TrainingConfig | None = None
    num_images: int = 0
    history: tuple[StepReport, ...] = ()
    sample: SampleReport | EpochReport | None = None
    message: str = ""

    @property
    def is_active(self) -> bool:
        """Whether a thread is at work or paused."""
        return self.phase in _ACTIVE

    @property
    def last(self) -> StepReport | None:
        """The newest step report."""
        return self.history[-1] if self.history else None

    @property
    def step(self) -> int:
        """Updates of both networks so far."""
        return self.last.step if self.last else 0

    @property
    def seconds_left(self) -> float | None:
        """Estimated training time left; None before the first measured steps."""
        if self.config is None or self.last is None:
            return None
        # The newest chunks alone: the first one traced the graph.
        newest = self.history[-10:][1:] if len(self.history) > 1 else ()
        seconds = sum(r.num_steps * self.config.images_per_step / r.images_per_second for r in newest)
        if seconds <= 0:
            return None
        step_seconds = seconds / sum(report.num_steps for report in newest)
        return seconds_left(
            self.config,
            self.config.total_steps(self.num_images),
            self.last.step,
            self.last.seconds,
            step_seconds,
        )

    @property
    def share_done(self) -> float:
        """How much of what is planned is done, in [0, 1]."""
        if self.phase == "finished":
            return 1.0
        left = self.seconds_left
        if self.last is None or left is None or self.last.seconds + left <= 0:
            return 0.0
        return self.last.seconds / (self.last.seconds + left)


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
        self._drawing = threading.Lock()
        self._sampler: Sampler | None = None
        self._sampler_step = 0

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

    def resume(self) -> None:
        """End a pause."""
        with self._lock:
            self._may_go_on.set()
            if self._snapshot.phase == "paused":
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

    def draw(self, z: np.ndarray) -> tuple[np.ndarray, int] | None:
        """Draw with the current EMA generator, also while it trains.

        Args:
            z: Latent batch, shape (num, latent_dim), float32.

        Returns:
            Pixels as of `Sampler.generate`, and the step that they show; None if there is no
            generator yet or it takes other vectors.
        """
        with self._drawing:
            sampler, step = self._sampler, self._sampler_step
            if sampler is None or sampler.config.latent_dim != z.shape[1]:
                return None
            return sampler.generate(z), step

    def _launch(
        self, prepare: Callable[[], tuple[Run, DCGAN, ImageDataset]], config: TrainingConfig
    ) -> bool:
        with self._lock:
            if self._snapshot.is_active:
                return False
            self._must_stop.clear()
            self._may_go_on.set()
            self._history = []
            self._change(
                phase="preparing",
                run=None,
                config=config,
                num_images=0,
                history=(),
                sample=None,
                message="",
            )
            # Not a daemon: the interpreter waits for the last checkpoint.
            self._thread = threading.Thread(target=self._work, args=(prepare,), name="trainer")
            self._thread.start()
        return True

    def _work(self, prepare: Callable[[], tuple[Run, DCGAN, ImageDataset]]) -> None:
        ending: Phase = "failed"
        message = "Training ended with an unexpected error; the server's log has the details."
        try:
            engine.prepare()
            engine.lower_priority()
            run, gan, dataset = prepare()
            self._train(run, gan, dataset)
            ending = "stopped" if self._must_stop.is_set() else "finished"
            message = ""
        except DCGANError as error:
            message = str(error)
        finally:
            with self._lock:
                self._change(phase=ending, message=message)

    def _train(self, run: Run, gan: DCGAN, dataset: ImageDataset) -> None:
        from dcgan.gan import Sampler, generator_weights
        from dcgan.recording import record

        with contextlib.closing(record(run, gan, dataset)) as reports:
            sampler = Sampler(run.config)
            earlier = [StepReport.from_line(line) for line in run.history()]
            with self._lock:
                self._history = earlier
                self._change(run=run, config=run.config, num_images=len(dataset))
            for report in reports:
                with self._drawing:
                    sampler.set_weights(generator_weights(gan.get_state()))
                    self._sampler, self._sampler_step = sampler, report.step
                self._fold(report)
                if not self._may_go_on.is_set():
                    self._wait(run, gan, dataset)
                if self._must_stop.is_set():
                    return

    def _fold(self, report: AnyReport) -> None:
        with self._lock:
            if isinstance(report, StepReport):
                self._history.append(report)
                phase = self._snapshot.phase
                self._change(phase="running" if phase == "preparing" else phase)
            else:
                self._change(sample=report)

    def _wait(self, run: Run, gan: DCGAN, dataset: ImageDataset) -> None:
        """Be paused until resumed or stopped, with everything on disk."""
        epoch = run.config.epoch_of(gan.step, len(dataset))
        run.save_checkpoint(gan.get_state())
        run.set_status("paused", step=gan.step, epoch=epoch, seconds=gan.seconds)
        with self._lock:
            if not self._may_go_on.is_set():
                self._change(phase="paused")
        self._may_go_on.wait()
        run.set_status("running", step=gan.step, epoch=epoch, seconds=gan.seconds)

    def _change(self, **changes: object) -> None:
        # The lock is held by the caller.
        self._snapshot = replace(
            self._snapshot, version=self._snapshot.version + 1, **changes
        )


def process_trainer() -> Trainer:
    """Return the one trainer of this server process.

    It hangs on a module of its own making, as Streamlit evicts a script's modules on a reload
    and any visitor can empty its caches.
    """
    home = sys.modules.setdefault("_dcgan_studio_trainer", types.ModuleType("_dcgan_studio"))
    root = Path(os.environ.get(ROOT_VARIABLE) or ROOT)
    trainer: Trainer = vars(home).setdefault("trainer", Trainer(root))
    return trainer
