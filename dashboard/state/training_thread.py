"""The thread that trains one run at a time, then measures it or starts the next one.

Imports no Streamlit, because only the thread of a page's script may write to the page.
"""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

from dashboard.process import tf_runtime
from dashboard.runners.queue_runner import QueueRunner
from dashboard.runners.training_types import PrepareRun, RunChange, TrainRun
from dashboard.runners.trial_runner import TrialRunner
from dashboard.runners.tuning_runner import TuningRunner
from dashboard.snapshots.live_snapshot import LiveSnapshot
from dashboard.snapshots.snapshot import Phase
from dashboard.state.live_networks import LiveNetworks
from dashboard.state.prepared_networks import PreparedNetworks
from dashboard.state.training_commands import TrainingCommands
from dashboard.state.watchdog import Watchdog
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import DCGANError, DiskWriteError, DivergenceError, RunError
from dcgan.reports import AnyReport, EpochReport, EvaluationReport, StepReport
from dcgan.runs.run_folder import Run
from dcgan.sweeps.queue import QueuedRun

if TYPE_CHECKING:
    from dcgan.data.datasets import ImageDataset
    from dcgan.model.gan import DCGAN

_UNEXPECTED = "Training ended with an unexpected error; the server's log has the details."


class TrainingThread:
    """Trains one run at a time.

    Attributes:
        live: The snapshot of the run, which the thread updates.
        networks: Copies of the networks, which the thread publishes for pages.
        watchdog: Measures how long the thread has been silent.
        commands: The commands that pages send.
        trial_runner: Starts the trials of remedies, one after the other.
        tuning_runner: Starts the runs of a tuning, one after the other.
        num_failures: Number of runs that have failed in this process.
    """

    def __init__(
        self, live: LiveSnapshot, queue: QueueRunner, prepared_networks: PreparedNetworks
    ) -> None:
        """Start without a run.

        Args:
            live: The snapshot to update.
            queue: Starts the next queued run when a run has ended.
            prepared_networks: Networks for the next run; new ones are prepared when nothing trains.
        """
        self.live = live
        self.trial_runner = TrialRunner(self.live.lock, self.start, self._show)
        self.tuning_runner = TuningRunner(self.live.lock, self.start, self._show_previous)
        self._series_runners = (self.trial_runner, self.tuning_runner)
        self.networks = LiveNetworks()
        self.watchdog = Watchdog()
        self.commands = TrainingCommands(self.live, self.watchdog)
        self.num_failures = 0
        self._queue = queue
        self._prepared_networks = prepared_networks
        self._thread: threading.Thread | None = None
        self._measurement_is_cancelled = threading.Event()
        self._is_shutting_down = False

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(
        self,
        prepare: PrepareRun,
        config: TrainingConfig,
        train: TrainRun | None = None,
        queued: QueuedRun | None = None,
    ) -> bool:
        """Start a run in a new thread.

        Args:
            prepare: Opens or makes the run.
            config: The settings that the page shows until the run is prepared.
            train: Trains the run; None for `recorder.record`.
            queued: The run's entry of the queue; None if it has none.

        Returns:
            Whether it was started; False if another run is active.
        """
        with self.live.lock:
            if self.live.get().is_active:
                return False
            self.commands.clear()
            cancelled = threading.Event()
            arguments = (prepare, train, queued, cancelled)
            # Not a daemon thread: Python waits for its last checkpoint.
            thread = threading.Thread(target=self._run, args=arguments, name="trainer")
            # The system may refuse another thread, so nothing is changed before. The new thread's
            # own changes of the snapshot wait for the lock.
            thread.start()
            self._measurement_is_cancelled.set()  # Of the previous run.
            self._thread, self._measurement_is_cancelled = thread, cancelled
            self.networks.forget_run()
            self.watchdog.restart()
            self.live.begin(config, queued)
        return True

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end of the thread; returns whether it has ended."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)
        return thread is None or not thread.is_alive()

    def end_measuring(self) -> None:
        """End the measurement of a stopped run, or prevent it if the run is still in training."""
        with self.live.lock:
            self._measurement_is_cancelled.set()
            if self.live.get().is_measuring:
                self.live.change(is_measuring=False)

    def prepare_shutdown(self) -> None:
        """End the measurement; a queued run that has no folder yet stays in the queue."""
        self._is_shutting_down = True
        self.end_measuring()

    # All methods below run in the training thread.

    def _run(
        self,
        prepare: PrepareRun,
        train: TrainRun | None,
        queued: QueuedRun | None,
        cancelled: threading.Event,
    ) -> None:
        ending: Phase = "failed"
        message = problem = _UNEXPECTED
        trained: tuple[Run, DCGAN, ImageDataset] | None = None
        try:
            tf_runtime.prepare()
            tf_runtime.lower_priority()
            if self.commands.must_end():
                ending = "stopped"
                ends_process = self._is_shutting_down or not threading.main_thread().is_alive()
                if queued is not None and not ends_process:
                    self._queue.remove([queued.id])  # A stopped run does not train later.
            else:
                trained = prepare()
                ending = self._train(*trained, train)
            message = problem = ""
        except DCGANError as error:
            message = str(error)
            # "Not started. dataset: Keras could not get it." reads better without the name of the
            # setting. The names of other settings are needed.
            problem = error.problem if error.setting == "dataset" else message
        finally:
            with self.live.lock:
                # Read before the phase changes: after that, another run may start.
                must_stop = self.commands.must_end()
                if message == _UNEXPECTED:
                    self._forget_series()
                if self.commands.has_changes and not message:
                    message = "The run ended before the last command could be carried out."
                self.num_failures += ending == "failed"
                # The series to which the run belongs, if any.
                own_series = [runner for runner in self._series_runners if runner.has_started]
                measures = (
                    ending == "stopped"
                    and trained is not None
                    and not own_series
                    and not cancelled.is_set()
                )
                shows_previous = False
                if ending == "failed" and self.live.get().run is None:
                    shows_previous = self.live.return_to_previous(f"Not started. {problem}")
                if not shows_previous:
                    # In one change, so that no page shows a verdict that the measurement changes.
                    self.live.change(phase=ending, message=message, is_measuring=measures)
            if message == _UNEXPECTED:
                self._queue.hold(_UNEXPECTED)
        if not threading.main_thread().is_alive():  # Python ends and waits for this thread.
            self._forget_series()
            return
        is_started = any(
            runner.start_next(ending, is_own=runner in own_series, must_stop=must_stop)
            for runner in self._series_runners
        )
        if not is_started and not must_stop:
            self._queue.start_next()
        if measures and trained is not None:
            self._measure(*trained, cancelled)
        if not self.live.get().is_active:
            self._prepared_networks.prepare_again()

    def _forget_series(self) -> None:
        for runner in self._series_runners:
            runner.forget()

    def _measure(
        self, run: Run, gan: DCGAN, dataset: ImageDataset, cancelled: threading.Event
    ) -> None:
        """Measure the last step of a stopped run, unless another run begins or the process ends."""
        from dcgan.recording.evaluations import add_last_evaluation

        def is_wanted() -> bool:
            return not cancelled.is_set() and threading.main_thread().is_alive()

        report: EvaluationReport | None = None
        try:
            # An error costs only the number: the run itself is saved.
            with contextlib.suppress(DCGANError):
                report = add_last_evaluation(run, gan, dataset, is_wanted)
        finally:
            with self.live.lock:
                if is_wanted():  # Otherwise the snapshot may show another run.
                    if report is not None:
                        self.live.add(run, report, keeps_message=True)
                    self.live.change(is_measuring=False)

    def _show_previous(self, run: Run | None, problem: str) -> None:
        """Show the run from before a tuning, whose own panel shows the problem."""
        if run is None or not run.exists():
            self.live.show_nothing()
        else:
            self._show(run, "")

    def _show(self, run: Run | None, message: str) -> None:
        """Show a run that does not train, unless another one has begun."""
        assert run is not None, "A study belongs to a run."
        try:
            self.live.show_ended(run, message)
        except RunError as error:  # The run was deleted or damaged during the trials.
            with self.live.lock:
                if not self.live.get().is_active:
                    self.live.change(phase="failed", message=str(error))

    def _train(self, run: Run, gan: DCGAN, dataset: ImageDataset, train: TrainRun | None) -> Phase:
        from dcgan.model.sampler import Sampler
        from dcgan.recording import recorder
        from dcgan.recording.saving import save_last_samples, save_with_status

        train = train or recorder.record
        ending: Phase = "finished"

        def apply(change: RunChange) -> None:
            report = change(run, gan)
            if report is not None:
                self.networks.publish(run, gan, sampler)
                self._add_report(run, report)

        def save_paused() -> None:
            # Diverged weights are not saved; the losses of the next chunk report the divergence.
            with contextlib.suppress(DivergenceError):
                save_with_status(run, gan, "paused", self.commands.wait_for_disk)
                samples = save_last_samples(run, gan)
                if samples is not None:
                    self._add_report(run, samples)

        try:
            sampler = Sampler(run.config)
            self.networks.publish_real_pictures(run, dataset)
            self.live.load(run, len(dataset))
            training = train(run, gan, dataset, self.commands.wait_for_disk)
            with contextlib.closing(training) as reports:
                self.watchdog.record_start()
                for report in reports:
                    self.watchdog.record_heartbeat(is_step=isinstance(report, StepReport))
                    self.networks.publish(run, gan, sampler)
                    self._add_report(run, report)
                    if isinstance(report, EpochReport):
                        tf_runtime.release_free_memory()
                    self.commands.carry_out(apply)
                    if self.commands.wait_in_pause(save_paused, apply):
                        with contextlib.suppress(DiskWriteError):  # The next checkpoint reports it.
                            run.write_status("running", step=gan.step, seconds=gan.seconds)
                    if self.commands.must_end():
                        ending = "stopped"
                        break
            if gan.step < self.live.get().step:
                # Training diverged just before the stop and was rolled back.
                self.live.load(run, len(dataset))
        finally:
            # `train` releases the lock too, but not if an error comes before its first report.
            run.lock.release()
        return ending

    def _add_report(self, run: Run, report: AnyReport) -> None:
        self.live.add(run, report, keeps_message=self.commands.shows_refusal)
