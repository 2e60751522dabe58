"""The trainer of this server process, which trains one run at a time for all tabs.

Pages show its `snapshot` and send it commands. Imports no Streamlit.
"""

from __future__ import annotations

import functools
import os
import sys
import types
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.process import storage_limits
from dashboard.process.demo_bounds import read_demo_bounds
from dashboard.process.storage_limits import LimitError, StorageLimits
from dashboard.runners.queue_runner import QueueRunner
from dashboard.runners.queued_races import choose_training
from dashboard.snapshots.external_runs import ExternalRuns
from dashboard.snapshots.live_snapshot import LiveSnapshot
from dashboard.snapshots.snapshot import Snapshot
from dashboard.snapshots.watchers import Watchers
from dashboard.state.demo import Demo
from dashboard.state.prepared_networks import PreparedNetworks
from dashboard.state.training_thread import TrainingThread
from dcgan.config.training_config import TrainingConfig
from dcgan.diagnosis.verdict import Verdict
from dcgan.errors import RunError
from dcgan.installation import ROOT
from dcgan.remedies.study_files import is_trial_run
from dcgan.reports import EventReport
from dcgan.runs.run_folder import Run

if TYPE_CHECKING:
    from dcgan.data.datasets import ImageDataset
    from dcgan.model.gan import DCGAN
    from dcgan.sweeps.queue import QueuedRun

ROOT_VARIABLE = "DCGAN_STUDIO_ROOT"  # The folder of the runs; `--root` sets it.
_SHUTDOWN_SECONDS = 30.0  # For the last checkpoint; a step of large networks takes seconds.


class Trainer:
    """Trains one run at a time in a thread, for all tabs.

    Attributes:
        root: The folder of the runs.
        limits: The limits on runs and disk space.
        queue_runner: The queue of runs that wait.
        trial_runner, tuning_runner: The trials of a run's remedies, and the tuning.
        networks: The networks of the run in training, with which pages draw and judge pictures.
        watchers: The tabs that follow training.
        external_runs: The runs that other processes train in the same folder.
        prepared_networks: Networks with the default settings, ready for the next run.
        demo: The visitors of a public demo; None on any other server.
    """

    def __init__(
        self,
        root: Path = ROOT,
        limits: StorageLimits = StorageLimits(),  # noqa: B008 (frozen)
        live: LiveSnapshot | None = None,
    ) -> None:
        """Start nothing yet; `live` is the snapshot to update, None for a new one."""
        self.root = root
        self.limits = limits
        self.queue_runner = QueueRunner(root, self._start_queued, self._find_obstacle)
        self.watchers = Watchers()
        self.external_runs = ExternalRuns(root, self.snapshot)
        self.prepared_networks = PreparedNetworks(is_training=lambda: self.snapshot().is_active)
        live = LiveSnapshot() if live is None else live
        thread = self._thread = TrainingThread(live, self.queue_runner, self.prepared_networks)
        self.trial_runner, self.tuning_runner = thread.trial_runner, thread.tuning_runner
        self.networks = thread.networks
        self.demo: Demo | None = None

    @property
    def version(self) -> str:
        """A text that changes whenever `snapshot` or the queue changes.

        Its first word is the phase. A page is redrawn at once when the phase changes, and less
        often for other changes.
        """
        return f"{self._thread.live.phase} {self._thread.live.version}-{self.queue_runner.version}"

    def get_combined_version(self, run_name: str) -> str:
        """Return `version` combined with the version of other processes' runs.

        Args:
            run_name: Name of another process's run; "" for only the list of such runs.
        """
        return f"{self.version}-{self.external_runs.get_version(run_name)}"

    def snapshot(self) -> Snapshot:
        """Return the current state; the same object until something changes."""
        return self._thread.live.get()

    @property
    def num_failures(self) -> int:
        """Runs that have failed in this process."""
        return self._thread.num_failures

    @property
    def is_alive(self) -> bool:
        """Whether the training thread runs."""
        return self._thread.is_alive

    @property
    def silent_seconds(self) -> float:
        """Seconds since the training thread gave a sign of life; 0 while no run is active."""
        return self._thread.watchdog.silent_seconds if self.snapshot().is_active else 0.0

    @property
    def is_hung(self) -> bool:
        """Whether the training thread is silent for far longer than it was at any time before."""
        return self.snapshot().is_active and self._thread.watchdog.is_hung

    def start(self, config: TrainingConfig, root: Path | None = None, title: str = "") -> bool:
        """Start a new run; does nothing while another is active.

        Args:
            config: Its settings.
            root: The folder in which the run's folder is made; None for `self.root`.
            title: The run's title; "" for its folder's name.

        Returns:
            Whether a run was started.

        Raises:
            LimitError: If there is no room for another run.
        """
        if self.snapshot().is_active:
            return False  # Before the check of the disk: no run starts, so none needs room.
        self.limits.check_room_for_run(self.root)

        def prepare() -> tuple[Run, DCGAN, ImageDataset]:
            from dcgan.recording.start import start_run

            return start_run(
                config,
                root=root or self.root,
                title=title,
                make_gan=self.prepared_networks.make_gan,
            )

        return self._thread.start(prepare, config)

    def _find_obstacle(self) -> str:
        """Return the reason why no queued run may begin; "" if one may, or a run is active."""
        if not self.snapshot().is_active:
            try:
                self.limits.check_room_for_run(self.root)
            except LimitError as error:
                return f"The queue is paused. {error}"
        return ""

    def _start_queued(self, queued: QueuedRun) -> bool:
        prepare = functools.partial(self.queue_runner.make_queued_run, queued)
        train = choose_training(self.root, queued)
        return self._thread.start(prepare, queued.config, train, queued)

    def continue_run(
        self,
        run: Run,
        *,
        epochs: int | None = None,
        seconds: float | None = None,
        step: int | None = None,
        changes: Mapping[str, object] | None = None,
        branch: bool = False,
    ) -> bool:
        """Continue a saved run, or branch from it.

        Args:
            run: The run.
            epochs, seconds, step, changes, branch: As for `dcgan.recording.start.continue_run`.

        Returns:
            Whether it was started; False if another run is active.

        Raises:
            RunError: If it belongs to a trial, whose folder is deleted with the study.
            LimitError: If there is no room for a branch, or the disk is nearly full.
        """
        if is_trial_run(run):
            raise RunError(f"{run.name} is a trial of a remedy: adopt it, or continue its run.")
        if self.snapshot().is_active:
            return False
        if branch or run.is_read_only or changes or step is not None:
            self.limits.check_room_for_run(self.root)
        else:  # New checkpoints replace old ones.
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
                make_gan=self.prepared_networks.make_gan,
            )

        return self._thread.start(prepare, run.config)

    def pause(self, run: Run | None = None) -> None:
        """Ask for a pause after the current chunk, if this run (None: any) is in training."""
        self._thread.commands.pause(run)

    def end_pause(self, run: Run | None = None) -> None:
        """End a pause, if this run (None: any) is in training."""
        self._thread.commands.end_pause(run)

    def stop(self, run: Run | None = None) -> None:
        """Ask a run to save and end after the current chunk, and hold the queue.

        Does nothing if the run (None: any) is not in training.
        """
        if self._thread.live.is_about(run):
            self.queue_runner.hold()
            self.trial_runner.cancel_request()
            self._thread.commands.stop(run)

    def skip_measuring(self) -> None:
        """Skip the measurement of the run that stops now, because another run starts at once."""
        self._thread.end_measuring()

    def try_remedies(self, run: Run, verdict: Verdict) -> bool:
        """Try the remedies of a verdict on a run, which is saved and stopped first if it trains.

        Holds the queue, because a person chooses how to continue after the trials.

        Returns:
            Whether they will be tried; False if another run is active, or trials or a tuning run.

        Raises:
            LimitError: If there is no room for another run.
        """
        self.limits.check_room_for_run(self.root)
        with self._thread.live.lock:  # Another tab may start or end a run.
            snapshot = self.snapshot()
            if self.tuning_runner.is_busy or (snapshot.is_active and not snapshot.trains(run)):
                return False
            if not self.trial_runner.request(run, verdict.headline, verdict.actions):
                return False
            if snapshot.is_active:
                self._thread.commands.stop(run)  # The thread starts the trials after the save.
            else:
                self.trial_runner.start_requested()
        self.queue_runner.hold()
        return True

    def try_pending_remedies(self, run: Run, step: int) -> bool:
        """Train the pending trials of the study at a step, and hold the queue.

        Returns:
            Whether a trial was started; False if a run is active or no trial is pending.

        Raises:
            RunError: If there is no room for another run, or the study cannot be read.
        """
        self.limits.check_room_for_run(self.root)
        with self._thread.live.lock:  # Another tab may start a run.
            if self.snapshot().is_active or not self.trial_runner.request_pending(run, step):
                return False
            has_started = self.trial_runner.start_requested()
        self.queue_runner.hold()
        return has_started

    def change_settings(self, run: Run, changes: Mapping[str, object]) -> bool:
        """Change settings of a run in training after the current chunk of steps.

        Returns:
            Whether the change will be tried; False if the run no longer trains.
        """

        def command(run: Run, gan: DCGAN) -> EventReport | None:
            from dcgan.recording.changes import change_settings

            return change_settings(run, gan, changes)

        return self._thread.commands.send(run, command)

    def roll_back(self, run: Run, step: int) -> None:
        """Roll a run in training back to a checkpoint after the current chunk."""

        def command(run: Run, gan: DCGAN) -> EventReport | None:
            from dcgan.recording.rollback import roll_back

            return roll_back(run, gan, step)

        self._thread.commands.send(run, command)

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end of the thread; returns whether it has ended."""
        return self._thread.join(timeout)

    def shut_down(self) -> None:
        """Save and end the run, before the process ends."""
        if self.demo is not None:
            self.demo.close()
        self.prepared_networks.close()
        self._thread.prepare_shutdown()
        self.stop()
        self.join(_SHUTDOWN_SECONDS)


def get_trainer() -> Trainer:
    """Return the one trainer of this server process.

    It is kept in a module without a file: Streamlit removes a script's modules on a reload, and any
    visitor can empty Streamlit's caches.
    """
    holder = sys.modules.setdefault("_dcgan_studio_trainer", types.ModuleType("_dcgan_studio"))
    root = Path(os.environ.get(ROOT_VARIABLE) or ROOT)
    if "trainer" not in vars(holder):
        new_trainer = Trainer(root, storage_limits.read_limits())
        if (bounds := read_demo_bounds()) is not None:
            new_trainer.demo = Demo(new_trainer, bounds)
        vars(holder).setdefault("trainer", new_trainer)
    trainer: Trainer = vars(holder)["trainer"]
    return trainer
