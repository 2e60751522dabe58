"""Evaluations of a run in training, at the ends of its epochs and at its planned end."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Sequence
from dataclasses import replace

from dcgan.backend import is_deterministic
from dcgan.config.settings import MAX_SEED
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.evaluation import evaluator
from dcgan.evaluation.age import MAX_SHARE
from dcgan.evaluation.metric_info import MIN_EVALUATED
from dcgan.latent.sampling import sample_latent
from dcgan.model.devices import explain_memory_errors
from dcgan.reports import AnyReport, EpochReport, EvaluationReport, StepReport
from dcgan.training.loop import starts_at_reported_end
from dcgan.training.trainable import TrainableGAN

EPOCH_EVALUATION = 1000  # A full evaluation takes too long at the end of each epoch.


def add_evaluations(
    reports: Generator[AnyReport],
    gan: TrainableGAN,
    dataset: ImageDataset,
    config: TrainingConfig,
    earlier: Sequence[StepReport] = (),
    last_evaluated: int = 0,
    *,
    evaluates_end: bool = True,
) -> Generator[AnyReport]:
    """Add an EvaluationReport to a training's reports after each epoch's end where one is due.

    One is due every `evaluate_every` epochs, unless the time of the last one exceeds a small share
    of the training time since. Its own time counts as training time. One more is added at the
    planned end, whatever it costs, if the last step has none: the verdict on the run rests on it.
    Its time does not count, as a time limit is over by then.

    Args:
        reports: From `training.train`.
        gan, dataset, config, earlier: The arguments of that `train`.
        last_evaluated: The step of a resumed run's last evaluation, or 0. If the run was stopped
            between an epoch's end and its evaluation, that evaluation comes first.
        evaluates_end: Whether to add the one at the planned end.

    Raises:
        OutOfMemoryError: If an evaluation does not fit into memory.
    """
    per_epoch = config.steps_per_epoch(len(dataset))
    evaluations = _Evaluations(dataset, config)
    is_at_end = starts_at_reported_end(gan, config, len(dataset))
    # The last epoch whose end was reported.
    begun = earlier[0].step - earlier[0].num_steps if earlier else gan.step
    reported_epoch = begun // per_epoch
    is_first = True
    with contextlib.closing(reports):
        for report in reports:
            yield report
            if isinstance(report, EpochReport):
                if evaluations.is_due(gan.seconds, report.epoch, reported_epoch):
                    yield evaluations.evaluate(gan, report.epoch)
                    last_evaluated = gan.step
                reported_epoch = report.epoch
            elif is_first and is_at_end:
                epoch_before = last_evaluated // per_epoch
                if evaluations.is_due(gan.seconds, report.epoch, epoch_before):
                    yield evaluations.evaluate(gan, report.epoch)
                    last_evaluated = gan.step
            is_first = False
    if evaluates_end and evaluations.is_on and gan.step > last_evaluated:
        seconds = gan.seconds
        report = evaluations.evaluate(gan, config.epoch_of(gan.step, len(dataset)))
        gan.seconds = seconds
        yield replace(report, seconds=seconds)


class _Evaluations:
    """Evaluations with few images, limited to a small share of training time."""

    def __init__(self, dataset: ImageDataset, config: TrainingConfig) -> None:
        self._dataset, self._config = dataset, config
        is_large_enough = len(dataset) >= 2 * MIN_EVALUATED
        self._every = config.evaluate_every if is_large_enough else 0
        self._evaluator: evaluator.Evaluator | None = None  # Made when it is first needed.
        self._last_end, self._last_cost = 0.0, 0.0  # Seconds.

    @property
    def is_on(self) -> bool:
        """Whether there are evaluations at all."""
        return self._every > 0

    def is_due(self, seconds: float, epoch: int, epoch_before: int) -> bool:
        """Return whether to evaluate at an epoch's end.

        Args:
            seconds: Training time so far.
            epoch: The epoch that has ended.
            epoch_before: The last epoch before it whose end was reported; 0 for none.
        """
        if not self.is_on or epoch // self._every == epoch_before // self._every:
            return False
        is_cheap = (seconds - self._last_end) * MAX_SHARE >= self._last_cost
        return is_cheap or is_deterministic()

    def evaluate(self, gan: TrainableGAN, epoch: int) -> EvaluationReport:
        """Evaluate the generator and add the time to its training time.

        Raises:
            OutOfMemoryError: If it does not fit into memory.
        """
        with explain_memory_errors(
            f"evaluate_every: the evaluation in epoch {epoch}",
            "set it to 0, or lower the generator's channels",
        ):
            return self._evaluate(gan, epoch)

    def _evaluate(self, gan: TrainableGAN, epoch: int) -> EvaluationReport:
        started = time.perf_counter()
        if self._evaluator is None:
            self._evaluator = evaluator.Evaluator(self._dataset, EPOCH_EVALUATION)
            gan.seconds += time.perf_counter() - started
            started = time.perf_counter()
        # Other latent vectors than the sample grid's, and the same at each evaluation.
        seed = (self._config.seed + 1) % (MAX_SEED + 1)
        z = sample_latent(seed, self._evaluator.num_images, self._config.latent_dim)
        classes = evaluator.draw_classes(self._config, self._dataset, self._evaluator.num_images)
        # Not `evaluate_samples`: its search of the training images takes longer than the rest.
        ours = self._evaluator.evaluate(gan.generate(z, classes), classes)
        real = self._evaluator.real_evaluation
        self._last_cost = time.perf_counter() - started
        gan.seconds += self._last_cost
        self._last_end = gan.seconds
        return EvaluationReport(
            step=gan.step,
            epoch=epoch,
            seconds=gan.seconds,
            num_images=ours.num_images,
            metrics={name: found.value for name, found in ours.estimates.items()},
            real_metrics={name: found.value for name, found in real.estimates.items()},
            digit_shares=ours.digit_shares,
            real_digit_shares=real.digit_shares,
        )
