"""The work of a tuning: preparation, training and measurement of one run after the other.

`opening` makes the tuner.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Iterator
from pathlib import Path

from dcgan.comparison.equal_time import limit_time_from_first_step
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import DCGANError, DiskWriteError, InUseError
from dcgan.files.file_names import list_steps
from dcgan.model.gan import DCGAN
from dcgan.recording.disk_retry import DiskRetryPolicy, give_up_at_once, retry_write
from dcgan.recording.recorder import record
from dcgan.recording.saving import load_state
from dcgan.recording.start_from import start_from_run
from dcgan.reports import AnyReport, EventReport
from dcgan.runs.library import find_run
from dcgan.runs.run_folder import Run, open_run
from dcgan.tuning.measurement import CandidateEvaluator
from dcgan.tuning.networks import NetworkCache
from dcgan.tuning.rounds import plan_next_round
from dcgan.tuning.tuning import Tuning
from dcgan.tuning.tuning_files import delete_run, delete_runs, get_run_path, write_tuning

# Errors of the machine, not of the settings; the run stays pending.
MACHINE_ERRORS = (DiskWriteError, InUseError)
# Weight of the newest run in the estimate of what a run costs beside its training.
_COST_SHARE = 0.5


class Tuner:
    """A tuning in this process, with the pictures and the networks that its runs share.

    Attributes:
        folder: The folder of the tuning; the caller holds the folder's lock.
        dataset: The pictures.
        tuning: The plan and the results so far.
    """

    def __init__(
        self,
        folder: Path,
        tuning: Tuning,
        dataset: ImageDataset,
        networks: NetworkCache,
        evaluator: CandidateEvaluator,
        *,
        started: float,
    ) -> None:
        """Use what `open_tuner` has read or planned.

        Args:
            folder, tuning, dataset: See the attributes.
            networks: The networks that the runs share.
            evaluator: Measures the runs.
            started: Start of the work, on the clock of `time.monotonic`, minus the seconds that
                the tuning has taken before.
        """
        self.folder, self.tuning, self.dataset = folder, tuning, dataset
        self._networks, self._evaluator = networks, evaluator
        self._started = self._run_started = started

    def prepare_run(self, index: int) -> tuple[Run, DCGAN, ImageDataset]:
        """Start a run of the tuning, or continue it from its last checkpoint.

        Args:
            index: The index of a run that is pending.

        Returns:
            The run, which is locked, its networks and the pictures: arguments of `train_run`.

        Raises:
            DCGANError: If the run cannot be started or continued. The message becomes the run's
                `problem`, unless the machine is the reason.
        """
        self._run_started = time.monotonic()
        with self._recording_problems(index):
            return *self._open_run(index), self.dataset

    def train_run(
        self,
        index: int,
        run: Run,
        gan: DCGAN,
        dataset: ImageDataset,
        retry: DiskRetryPolicy = give_up_at_once,
    ) -> Generator[AnyReport]:
        """Train a run with `record` to the end of its round, and measure it.

        After the last run of a round, the next round is planned. If the iterator is closed early,
        the run stays pending.

        Args:
            index: The index of the run.
            run, gan, dataset: From `prepare_run`.
            retry: Decides whether to try a failed write again.

        Yields:
            The reports of `record`.

        Raises:
            DCGANError: If the training fails. The message becomes the run's `problem`, unless the
                machine is the reason.
        """
        is_new = gan.step == 0
        seconds_left = self._count_seconds_left(index, run, gan)
        with self._recording_problems(index):
            problem = ""
            recording = record(run, gan, dataset, retry, evaluates_last_step=False)
            with contextlib.closing(recording) as reports:
                for report in limit_time_from_first_step(reports, run, seconds_left, retry):
                    try:
                        yield report
                    except GeneratorExit:
                        self._save_time()
                        raise
                    if isinstance(report, EventReport) and report.event == "diverged":
                        # After a rollback, the run has other settings than the candidate.
                        problem = report.text
                        break
            if problem:  # The recording has ended, because this may delete the run's folder.
                retry_write(retry, self._change_run, index, problem=problem)
                return
            speeds = [report.images_per_second for report in run.history.read_steps()]
            measured = self._evaluator.measure(run.config, gan, speeds)
        if measured is None:
            problem = (
                "Its distance to real pictures is not a number, because training diverged; try "
                "lower learning rates."
            )
            retry_write(retry, self._change_run, index, problem=problem)
            return
        self._update_costs(seconds_left, is_new=is_new)
        measurements = (*self.tuning.runs[index].measurements, measured)
        retry_write(retry, self._change_run, index, measurements=measurements)

    @contextlib.contextmanager
    def _recording_problems(self, index: int) -> Iterator[None]:
        """Save an error of the block as the problem of a run, unless the machine is the reason."""
        try:
            yield
        except MACHINE_ERRORS:
            raise
        except DCGANError as error:
            self._change_run(index, problem=str(error))
            raise

    def _open_run(self, index: int) -> tuple[Run, DCGAN]:
        path = get_run_path(self.folder, index)
        if not list_steps(path / "checkpoints", ".npz"):
            delete_run(self.folder, index)  # Left by a process that died at its start.
            config = self._make_run_config(index)
            gan = self._networks.make_gan(config)
            if config.start_from:
                start_from_run(find_run(config.start_from, self.folder.parents[1]), gan)
            run = Run.create(config, self.dataset, path=path)
            with contextlib.ExitStack() as undo:
                undo.callback(run.lock.release)
                label = self.tuning.candidates[self.tuning.runs[index].candidate].label
                run.write_label(f"Tuning: {label}", "")
                undo.pop_all()
            return run, gan
        run = open_run(path)
        run.acquire_lock()
        with contextlib.ExitStack() as undo:
            undo.callback(run.lock.release)
            gan = self._networks.make_gan(run.config)
            load_state(run, gan, run.checkpoints.load())
            run.rewind(gan.step)
            # From the end of the first step on, `train_run` counts these seconds again.
            end = gan.seconds + self._count_seconds_left(index, run, gan)
            run.change_config(run.config.replace(max_seconds=max(end, 0.01)))
            undo.pop_all()
        return run, gan

    def _make_run_config(self, index: int) -> TrainingConfig:
        run = self.tuning.runs[index]
        return self.tuning.candidates[run.candidate].config.replace(
            seed=run.seed,
            epochs=None,
            max_seconds=self.tuning.rounds[-1].seconds,
            until_converged=False,
            evaluate_every=0,  # The tuning measures it.
            keep_checkpoints=1,
            tensorboard=False,
        )

    def _count_seconds_left(self, index: int, run: Run, gan: DCGAN) -> float:
        """Return the seconds that a run still has to train in the current round."""
        measurements = self.tuning.runs[index].measurements
        before = [each.seconds for each in self.tuning.rounds[:-1] if index in each.runs]
        last_step = measurements[-1].step if measurements else 0
        if gan.step > last_step:  # The run was interrupted in this round, which had set its end.
            assert run.config.max_seconds is not None, "Runs of a tuning end by time."
            return max(0.0, run.config.max_seconds - gan.seconds)
        if gan.step < last_step:  # The run's folder was deleted, or its checkpoint is damaged.
            before = []
        return self.tuning.rounds[-1].seconds - max(before, default=0.0)

    def _update_costs(self, trained_seconds: float, *, is_new: bool) -> None:
        """Correct the estimated costs of a run by the costs of the last run."""
        name = "new" if is_new else "continued"
        cost = max(0.0, time.monotonic() - self._run_started - trained_seconds)
        estimate = getattr(self.tuning.costs, name)
        estimate += _COST_SHARE * (cost - estimate)
        costs = self.tuning.costs.model_copy(update={name: round(estimate, 3)})
        self.tuning = self.tuning.model_copy(update={"costs": costs})

    def _save_time(self) -> None:
        """Save the time that the tuning has taken; if this fails, this run does not count."""
        with contextlib.suppress(DiskWriteError):
            write_tuning(self.folder, self._count_time(self.tuning))

    def _change_run(self, index: int, **changes: object) -> None:
        """Write changes of a run; after the last run of a round, plan the next round."""
        tuning = self._count_time(self.tuning.change_run(index, **changes))
        if tuning.find_pending_run() is None:
            tuning = plan_next_round(tuning)
        write_tuning(self.folder, tuning)
        self.tuning = tuning
        if tuning.is_finished:
            delete_runs(self.folder)

    def _count_time(self, tuning: Tuning) -> Tuning:
        spent = round(time.monotonic() - self._started, 1)
        return tuning.model_copy(update={"spent_seconds": spent})
