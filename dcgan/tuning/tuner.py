"""The work of a tuning: preparation, training and measurement of one run after the other."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Iterator
from pathlib import Path

from dcgan.config.named_datasets import NAMED_SETS
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset, load_configured_dataset
from dcgan.data.held_out import choose_num_held_out, hold_out
from dcgan.data.picture_paths import make_absolute
from dcgan.errors import DCGANError, DiskWriteError, InUseError
from dcgan.files.file_names import list_steps
from dcgan.model.gan import DCGAN
from dcgan.progress import ProgressCallback, no_progress
from dcgan.recording.disk_retry import DiskRetryPolicy, retry_once, retry_write
from dcgan.recording.equal_time import limit_time_from_first_step
from dcgan.recording.recorder import record
from dcgan.recording.saving import load_state
from dcgan.recording.start_from import start_from_run
from dcgan.reports import AnyReport, EventReport
from dcgan.runs.library import find_run
from dcgan.runs.run_folder import Run, open_run
from dcgan.training.batches import check_batch
from dcgan.training.tracing import trace_step
from dcgan.tuning.measurement import CandidateEvaluator
from dcgan.tuning.networks import NetworkCache
from dcgan.tuning.rounds import plan_next_round, plan_tuning
from dcgan.tuning.schedule import Costs
from dcgan.tuning.tuning import Tuning
from dcgan.tuning.tuning_files import (
    delete_run,
    delete_runs,
    get_run_path,
    read_tuning,
    write_tuning,
)

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
        base: TrainingConfig,
        minutes: float,
        progress: ProgressCallback = no_progress,
        *,
        replaces_finished: bool = False,
    ) -> None:
        """Load the pictures, and read the tuning or plan a new one.

        An interrupted tuning continues, unless the pictures have changed.

        Args:
            folder: From `find_folder`.
            base: The starting settings.
            minutes: Time for the whole tuning.
            progress: Reports how many own pictures have been read.
            replaces_finished: Whether a new tuning replaces a finished one, once it is planned.

        Raises:
            ConfigError: If the time is too short.
            DatasetError: If the pictures cannot be read, or are too few to be compared.
            RunError: If the file is damaged or cannot be written.
        """
        self._started = time.monotonic()  # Minus the seconds that were spent before.
        self._run_started = self._started
        self._networks = NetworkCache()
        self.folder = folder
        tuning = read_tuning(folder)
        pictures = load_configured_dataset(base, progress)
        base = base.replace(num_held_out=choose_num_held_out(pictures))
        self.dataset = hold_out(pictures, base.num_held_out)
        self._evaluator = CandidateEvaluator(self.dataset)
        if (
            tuning is None
            or tuning.fingerprint != self.dataset.fingerprint
            or (replaces_finished and tuning.is_finished)
        ):
            delete_runs(folder)
            tuning = self._plan(base, minutes)
            write_tuning(folder, tuning)
        self._started -= tuning.spent_seconds
        self.tuning = tuning

    def _plan(self, base: TrainingConfig, minutes: float) -> Tuning:
        """Plan a tuning, after measuring how long the work beside training takes."""
        if base.dataset not in NAMED_SETS:
            base = base.replace(dataset=make_absolute(base.dataset))
        base = base.with_learned_classes(self.dataset.class_names)
        before = time.monotonic()
        gan = self._make_gan(base)
        trace_step(gan, self.dataset)
        traced = time.monotonic()
        self._evaluator.measure(base, gan)
        measured = time.monotonic()
        costs = Costs(new=measured - before, continued=measured - traced)
        spent = measured - self._started
        self._started += spent  # It is counted with the seconds of the tuning.
        return plan_tuning(base, minutes, self.dataset, costs, spent)

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
        retry: DiskRetryPolicy = retry_once,
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
            problem = "Its distance to real images is not a number."
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
            gan = self._make_gan(config)
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
            gan = self._make_gan(run.config)
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

    def _make_gan(self, config: TrainingConfig) -> DCGAN:
        gan = self._networks.make_gan(config)
        check_batch(config, len(self.dataset), gan.strategy.num_replicas_in_sync)
        return gan

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
