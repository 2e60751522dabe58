"""Evaluations of a run: at the ends of its epochs, at its planned end, and after a stop."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace

from dcgan.backend import is_deterministic
from dcgan.config.settings import MAX_SEED
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.data.drawn_classes import draw_classes
from dcgan.errors import ConfigError
from dcgan.evaluation import evaluator
from dcgan.evaluation.age import MAX_EVALUATION_SHARE
from dcgan.evaluation.metric_info import EPOCH_EVALUATION_IMAGES, MIN_EVALUATED
from dcgan.latent.sampling import sample_latent
from dcgan.model.devices import explain_memory_errors
from dcgan.reports import AnyReport, EpochReport, EvaluationReport, StepReport
from dcgan.runs.run_folder import Run
from dcgan.training.loop import has_epoch_report
from dcgan.training.trainable import TrainableGAN


def add_evaluations(
    reports: Generator[AnyReport],
    gan: TrainableGAN,
    dataset: ImageDataset,
    config: TrainingConfig,
    earlier_reports: Sequence[StepReport] = (),
    last_evaluated: int = 0,
    *,
    evaluates_last_step: bool = True,
) -> Generator[AnyReport]:
    """Add EvaluationReports to a training's reports: at the ends of epochs and at the planned end.

    At the end of an epoch, an evaluation is due every `evaluate_every` epochs. It is left out if
    the last one took more than a small share (`MAX_EVALUATION_SHARE`) of the training time after
    it. The time of an evaluation counts as training time.

    The planned end is always evaluated, because the verdict on the run depends on it. The time of
    this evaluation does not count, as it may be after the run's time limit.

    Args:
        reports: From `training.train`.
        gan, dataset, config, earlier_reports: The same arguments as for `train`.
        last_evaluated: The step of a resumed run's last evaluation, or 0. If the run was stopped
            between an epoch's end and its evaluation, that evaluation comes first.
        evaluates_last_step: Whether to evaluate the last step of the plan.

    Yields:
        The reports of `reports`, and the EvaluationReports.

    Raises:
        OutOfMemoryError: If an evaluation does not fit into memory.
    """
    steps_per_epoch = config.compute_steps_per_epoch(len(dataset))
    evaluations = _TimedEvaluations(dataset, config)
    is_at_epoch_end = has_epoch_report(gan, config, len(dataset))
    # The last epoch whose end was reported.
    reported_step = gan.step
    if earlier_reports:
        reported_step = earlier_reports[0].step - earlier_reports[0].num_steps
    reported_epoch = reported_step // steps_per_epoch
    is_first = True
    with contextlib.closing(reports):
        for report in reports:
            yield report
            if isinstance(report, EpochReport):
                if evaluations.is_due(gan.seconds, report.epoch, reported_epoch):
                    yield evaluations.evaluate(gan, report.epoch)
                    last_evaluated = gan.step
                reported_epoch = report.epoch
            elif is_first and is_at_epoch_end:
                epoch_before = last_evaluated // steps_per_epoch
                if evaluations.is_due(gan.seconds, report.epoch, epoch_before):
                    yield evaluations.evaluate(gan, report.epoch)
                    last_evaluated = gan.step
            is_first = False
    if evaluates_last_step and evaluations.is_enabled and gan.step > last_evaluated:
        yield evaluations.evaluate_last_step(gan)


def check_enough_pictures(config: TrainingConfig, num_images: int) -> None:
    """Check that a run with `until_converged` has enough pictures for its evaluations.

    Args:
        config: The run's settings.
        num_images: Size of its data set.

    Raises:
        ConfigError: If it has too few.
    """
    if config.until_converged and num_images < 2 * MIN_EVALUATED:
        raise ConfigError(
            f"{num_images} pictures are too few to measure whether the run still improves; "
            f"expected {2 * MIN_EVALUATED} or more. Turn it off, or add pictures.",
            setting="until_converged",
        )


def add_last_evaluation(
    run: Run, gan: TrainableGAN, dataset: ImageDataset, is_wanted: Callable[[], bool]
) -> EvaluationReport | None:
    """Evaluate the last step of a run that was stopped, and write the report to its history.

    It is called after the stop: the run is already saved, and its lock released.

    Args:
        run: The run.
        gan: Its networks as they were saved.
        dataset: Its training images.
        is_wanted: Returns whether the report is still wanted; called before each part of the work.

    Returns:
        The report; None if it is no longer wanted, the step has one already, or the settings or the
        data do not allow it.

    Raises:
        InUseError: If another process has begun to train the run.
        OutOfMemoryError: If it does not fit into memory.
        RunError: If the run is gone, or a write fails.
    """
    evaluations = _TimedEvaluations(dataset, run.config)
    last_evaluated = max((report.step for report in run.history.read_evaluations()), default=0)
    if not evaluations.is_enabled or gan.step <= last_evaluated or not is_wanted():
        return None
    evaluations.prepare()
    if not is_wanted():
        return None
    report = evaluations.evaluate_last_step(gan)
    if not is_wanted():
        return None
    run.acquire_lock()
    try:
        if run.checkpoints.find_newest() != report.step:  # Another process has trained it on.
            return None
        run.write(report)
    finally:
        run.lock.release()
    return report


class _TimedEvaluations:
    """Evaluations with few images, limited to a small share of the training time."""

    def __init__(self, dataset: ImageDataset, config: TrainingConfig) -> None:
        self._dataset, self._config = dataset, config
        is_large_enough = len(dataset) >= 2 * MIN_EVALUATED
        self._every = config.evaluate_every if is_large_enough else 0
        self._evaluator: evaluator.Evaluator | None = None  # Made when it is first needed.
        self._last_end, self._last_cost = 0.0, 0.0  # Seconds.

    @property
    def is_enabled(self) -> bool:
        """Whether the settings and the size of the data set allow evaluations."""
        return self._every > 0

    def is_due(self, seconds: float, epoch: int, epoch_before: int) -> bool:
        """Return whether to evaluate at an epoch's end.

        Args:
            seconds: Training time so far.
            epoch: The epoch that has ended.
            epoch_before: The previous epoch whose end was reported; 0 for none.
        """
        if not self.is_enabled or epoch // self._every == epoch_before // self._every:
            return False
        is_cheap = (seconds - self._last_end) * MAX_EVALUATION_SHARE >= self._last_cost
        return is_cheap or is_deterministic()

    def evaluate(self, gan: TrainableGAN, epoch: int) -> EvaluationReport:
        """Evaluate the generator and add the time to its training time.

        Raises:
            OutOfMemoryError: If it does not fit into memory.
        """
        with _explain_memory_errors(f"the measurement in epoch {epoch}"):
            return self._evaluate(gan, epoch)

    def evaluate_last_step(self, gan: TrainableGAN) -> EvaluationReport:
        """Evaluate the last step, without adding the time to the training time.

        Raises:
            OutOfMemoryError: If it does not fit into memory.
        """
        seconds = gan.seconds
        report = self.evaluate(gan, self._config.compute_epoch(gan.step, len(self._dataset)))
        gan.seconds = seconds
        return replace(report, seconds=seconds)

    def prepare(self) -> evaluator.Evaluator:
        """Return the evaluator; the first call makes it, which measures the real images.

        Raises:
            OutOfMemoryError: If it does not fit into memory.
        """
        if self._evaluator is None:
            with _explain_memory_errors("the measurement of the real pictures"):
                self._evaluator = evaluator.Evaluator(self._dataset, EPOCH_EVALUATION_IMAGES)
        return self._evaluator

    def _evaluate(self, gan: TrainableGAN, epoch: int) -> EvaluationReport:
        started = time.perf_counter()
        prepared = self.prepare()
        gan.seconds += time.perf_counter() - started
        started = time.perf_counter()
        # Other latent vectors than the sample grid's, and the same at each evaluation.
        seed = (self._config.seed + 1) % (MAX_SEED + 1)
        z = sample_latent(seed, prepared.num_images, self._config.latent_dim)
        classes = draw_classes(self._config, self._dataset, prepared.num_images)
        # Not `evaluate_samples`, which also searches the training images: more than twice the time.
        measured = prepared.evaluate(gan.generate(z, classes), classes)
        real = prepared.real_evaluation
        self._last_cost = time.perf_counter() - started
        gan.seconds += self._last_cost
        self._last_end = gan.seconds
        return EvaluationReport(
            step=gan.step,
            epoch=epoch,
            seconds=gan.seconds,
            num_images=measured.num_images,
            metrics={name: estimate.value for name, estimate in measured.estimates.items()},
            real_metrics={name: estimate.value for name, estimate in real.estimates.items()},
            digit_shares=measured.digit_shares,
            real_digit_shares=real.digit_shares,
        )


def _explain_memory_errors(work: str) -> contextlib.AbstractContextManager[None]:
    advice = "set it to 0, or lower the generator's channels"
    return explain_memory_errors(work, advice, setting="evaluate_every")
