"""The thread that trains, and the commands that it carries out between two reports.

Imports no Streamlit; only a script's own thread ever touches a page.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from dashboard.process import tf_runtime
from dashboard.snapshots.live_snapshot import LiveSnapshot
from dashboard.snapshots.snapshot import Phase
from dashboard.state.live_networks import LiveNetworks
from dashboard.state.prepared_networks import PreparedNetworks
from dashboard.state.queue_runner import QueueRunner
from dashboard.state.training_types import PrepareRun, RunChange, TrainRun
from dashboard.state.trial_runner import TrialRunner
from dashboard.state.watchdog import Watchdog
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import DCGANError, DiskWriteError, DivergenceError, RunError
from dcgan.reports import AnyReport, EpochReport, EvaluationReport, StepReport
from dcgan.runs.run_folder import Run

if TYPE_CHECKING:
    from dcgan.data.datasets import ImageDataset
    from dcgan.model.gan import DCGAN
    from dcgan.model.sampler import Sampler

_REFUSAL_SECONDS = 20.0  # How long the page shows why a command was refused during training.
_PAUSE_POLL_SECONDS = 1.0  # How soon a paused run notices that the process ends.
_UNEXPECTED = "Training ended with an unexpected error; the server's log has the details."


class TrainingThread:
    """Trains one run at a time.

    Attributes:
        live: The snapshot that it updates.
        networks: The networks that it publishes.
        watchdog: Measures how long the thread has been silent.
        trial_runner: Starts the trials of remedies in this thread, one after the other.
        num_failures: Runs that have failed in this process.
    """

    def __init__(self, queue: QueueRunner, prepared_networks: PreparedNetworks) -> None:
        """Start without a run.

        Args:
            queue: Starts the next run when the current one has ended.
            prepared_networks: Networks for the next run, prepared again when nothing trains.
        """
        self.live = LiveSnapshot()
        self.trial_runner = TrialRunner(self.live.lock, self.start, self._show)
        self.networks = LiveNetworks()
        self.watchdog = Watchdog()
        self.num_failures = 0
        self._queue = queue
        self._prepared_networks = prepared_networks
        self._thread: threading.Thread | None = None
        self._may_continue = threading.Event()
        self._may_continue.set()
        self._must_stop = threading.Event()
        self._num_ended_pauses = 0
        self._has_command = threading.Event()  # Wakes the thread in a pause.
        self._commands: deque[RunChange] = deque()
        self._measurement_is_cancelled = threading.Event()
        self._refused_at = -_REFUSAL_SECONDS
        self._disk_problem = ""  # A sentence while it waits for the disk.

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(
        self, prepare: PrepareRun, config: TrainingConfig, train: TrainRun | None = None
    ) -> bool:
        """Start a run in a new thread.

        Args:
            prepare: Opens or makes the run.
            config: Its settings, as far as they are known before.
            train: Trains it; `recorder.record` by default.

        Returns:
            Whether it was started; False if another run is active.
        """
        with self.live.lock:
            if self.live.get().is_active:
                return False
            self._must_stop.clear()
            self._may_continue.set()
            self._commands.clear()
            # Not a daemon: the interpreter waits for the last checkpoint. Started before the
            # snapshot changes, as the system can refuse; the thread's changes wait for the lock.
            self._measurement_is_cancelled.set()
            cancelled = threading.Event()
            arguments = (prepare, train, cancelled)
            thread = threading.Thread(target=self._run, args=arguments, name="trainer")
            thread.start()
            self._thread, self._measurement_is_cancelled = thread, cancelled
            self.networks.clear()
            self.watchdog.restart()
            self.live.begin(config)
        return True

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end of the thread; returns whether it has ended."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)
        return thread is None or not thread.is_alive()

    # Commands, from any thread.

    def pause(self, run: Run | None) -> None:
        """Ask for a pause after the current chunk; None stands for any run."""
        with self.live.lock:
            if self.live.get().phase == "running" and self.live.is_about(run):
                self._may_continue.clear()
                self.live.change(phase="pausing")

    def end_pause(self, run: Run | None) -> None:
        """End a pause."""
        with self.live.lock:
            if not self.live.is_about(run):
                return
            self._may_continue.set()
            self._num_ended_pauses += 1
            self._has_command.set()
            if self.live.get().phase in ("pausing", "paused"):
                self.live.change(phase="running")

    def stop(self, run: Run | None) -> None:
        """Ask the run to save and end after the current chunk."""
        with self.live.lock:
            if self.live.is_about(run) and self.live.get().is_active:
                self._must_stop.set()
                self._may_continue.set()
                self._has_command.set()
                self.live.change(phase="stopping")

    def end_measuring(self) -> None:
        """End the measurement of a stopped run, or prevent it if the run is still in training."""
        self._measurement_is_cancelled.set()

    def send(self, run: Run, command: RunChange) -> bool:
        """Send a command, which the thread carries out after the current chunk.

        Returns:
            Whether it will be tried; False if the run is no longer active or waits for the disk.
        """
        with self.live.lock:
            snapshot = self.live.get()
            if not snapshot.trains(run):  # Another run may have begun since the page was drawn.
                return False
            if self._disk_problem:
                # A command that took effect only after the wait would surprise the person.
                self.live.change(message=f"{self._disk_problem} Nothing can be changed before.")
                return False
            self._commands.append(command)
            self._has_command.set()
            return True

    # The thread itself.

    def _run(self, prepare: PrepareRun, train: TrainRun | None, cancelled: threading.Event) -> None:
        ending: Phase = "failed"
        message = problem = _UNEXPECTED
        trained: tuple[Run, DCGAN, ImageDataset] | None = None
        try:
            tf_runtime.prepare()
            tf_runtime.lower_priority()
            if self._must_end():
                ending = "stopped"
            else:
                trained = prepare()
                ending = self._train(*trained, train)
            message = problem = ""
        except DCGANError as error:
            message = str(error)
            # "Not started. Keras could not get it." The other settings' names are needed.
            problem = error.problem if error.setting == "dataset" else message
        finally:
            with self.live.lock:
                must_stop = self._must_end()  # Another run may start when the phase has changed.
                if message == _UNEXPECTED:
                    self.trial_runner.forget_request()
                if self._commands and not message:  # Sent after the thread had looked.
                    message = "The run ended before the last command could be carried out."
                self.num_failures += ending == "failed"
                is_trial = self.trial_runner.running is not None
                measures = ending == "stopped" and trained is not None and not is_trial
                measures = measures and not cancelled.is_set()
                has_begun = self.live.get().run is not None
                reason = f"Not started. {problem}"
                if ending != "failed" or has_begun or not self.live.return_to_previous(reason):
                    # With the phase: the measurement may change the verdict on the ended run.
                    self.live.change(phase=ending, message=message, is_measuring=measures)
            if message == _UNEXPECTED:
                self._queue.hold(_UNEXPECTED)
        if not threading.main_thread().is_alive():
            self.trial_runner.forget_request()
            return  # The interpreter is ending and waits for this thread.
        is_started = self.trial_runner.start_next(ending, is_trial=is_trial, must_stop=must_stop)
        if not is_started and not must_stop:
            self._queue.start_next()
        if measures and trained is not None:
            self._measure(*trained, cancelled)
        if not self.live.get().is_active:
            self._prepared_networks.prepare_again()

    def _measure(
        self, run: Run, gan: DCGAN, dataset: ImageDataset, cancelled: threading.Event
    ) -> None:
        """Measure the last step of a stopped run, unless another run begins or the process ends."""
        from dcgan.recording.evaluations import add_last_evaluation

        def is_wanted() -> bool:
            return not cancelled.is_set() and threading.main_thread().is_alive()

        report: EvaluationReport | None = None
        try:
            # The run is saved; without this measurement it lacks only a number.
            with contextlib.suppress(DCGANError):
                report = add_last_evaluation(run, gan, dataset, is_wanted)
        finally:
            with self.live.lock:
                if is_wanted():  # The snapshot is still that of this run.
                    if report is not None:
                        self.live.add(run, report, keeps_message=True)
                    self.live.change(is_measuring=False)

    def _show(self, run: Run, message: str) -> None:
        """Show a run that does not train, unless another one has begun."""
        try:
            self.live.show_ended(run, message)
        except RunError as error:  # Deleted or damaged meanwhile.
            with self.live.lock:
                if not self.live.get().is_active:
                    self.live.change(phase="failed", message=str(error))

    def _must_end(self) -> bool:
        # If the main thread ended without `Trainer.shut_down`, the interpreter waits for this one.
        return self._must_stop.is_set() or not threading.main_thread().is_alive()

    def _train(self, run: Run, gan: DCGAN, dataset: ImageDataset, train: TrainRun | None) -> Phase:
        from dcgan.model.sampler import Sampler
        from dcgan.recording import recorder

        train = train or recorder.record
        ending: Phase = "finished"
        try:
            sampler = Sampler(run.config)
            self.networks.publish_real_pictures(run, dataset.pixels)
            self.live.load(run, len(dataset))
            with contextlib.closing(train(run, gan, dataset, self._wait_for_disk)) as reports:
                self.watchdog.record_start()
                for report in reports:
                    self.watchdog.record_heartbeat(is_step=isinstance(report, StepReport))
                    self.networks.publish(run, gan, sampler)
                    self._add_report(run, report)
                    if isinstance(report, EpochReport):
                        tf_runtime.release_free_memory()
                    self._carry_out_commands(run, gan, sampler)
                    if not self._may_continue.is_set():
                        self._wait_in_pause(run, gan, sampler)
                    if self._must_end():
                        ending = "stopped"
                        break
            if gan.step < self.live.get().step:
                # Training diverged just before the stop and was rolled back.
                self.live.load(run, len(dataset))
        finally:
            run.lock.release()  # For failures before `record`, which releases it too.
        return ending

    def _add_report(self, run: Run, report: AnyReport) -> None:
        is_new_message = time.monotonic() - self._refused_at <= _REFUSAL_SECONDS
        self.live.add(run, report, keeps_message=is_new_message)

    def _carry_out_commands(self, run: Run, gan: DCGAN, sampler: Sampler) -> None:
        blocked = []
        refusals: list[str] = []
        while self._commands:
            command = self._commands[0]
            try:
                report = command(run, gan)
                if report is not None:
                    self.networks.publish(run, gan, sampler)
                    self._add_report(run, report)
            except DivergenceError:  # Tried again after the rollback.
                blocked.append(command)
            except DCGANError as error:
                refusals.append(str(error))
                self._refused_at = time.monotonic()
            self._commands.popleft()
            self.live.change(message=" ".join(dict.fromkeys(refusals)))
        self._commands.extendleft(reversed(blocked))

    def _wait_in_pause(self, run: Run, gan: DCGAN, sampler: Sampler) -> None:
        """Save, then wait until the pause or the run is ended."""
        from dcgan.recording.saving import save_with_status

        with self.live.lock:
            if self._may_continue.is_set():
                return
            num_ended_pauses = self._num_ended_pauses
        # Diverged weights are not saved; the next chunk's losses will report them.
        with contextlib.suppress(DivergenceError):
            save_with_status(run, gan, "paused", self._wait_for_disk)
        # Ended pauses are counted, as another pause may begin before this thread notices the end.
        while True:
            with self.live.lock:
                if self._num_ended_pauses != num_ended_pauses or self._must_end():
                    break
                if self.live.get().phase == "pausing":
                    self.live.change(phase="paused")
            self._carry_out_commands(run, gan, sampler)
            self._wait_for_command()
        with contextlib.suppress(DiskWriteError):  # The next checkpoint reports it.
            run.write_status("running", step=gan.step, seconds=gan.seconds)

    def _wait_for_disk(self, error: DiskWriteError) -> bool:
        """Pause after a failed write; returns whether a person wants to try again."""
        with self.live.lock:
            if self._must_end():
                return False
            self._may_continue.clear()
            num_ended_pauses = self._num_ended_pauses
            self._disk_problem = f"{error} Then resume; until then training waits."
            self.live.change(phase="paused", message=self._disk_problem)
        while self._num_ended_pauses == num_ended_pauses and not self._must_end():
            self._wait_for_command()
        with self.live.lock:
            self._disk_problem = ""
            self.live.change(message="")
        return not self._must_end()

    def _wait_for_command(self) -> None:
        self.watchdog.record_heartbeat()
        self._has_command.wait(_PAUSE_POLL_SECONDS)
        self._has_command.clear()
