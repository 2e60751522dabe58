"""train(gan, dataset, config): an iterator of reports.

It knows no screen, no thread and no disk format. The consumer pauses by not asking for the
next report, stops by closing the iterator, and holds the `gan`, whose `get_state` is a
checkpoint at any report. Time in which the consumer holds a report is not training time.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterable

import numpy as np

from dcgan import evaluation
from dcgan.backend import tf
from dcgan.config import MAX_SEED, TrainingConfig
from dcgan.datasets import ImageDataset
from dcgan.determinism import is_deterministic
from dcgan.errors import ConfigError, DivergenceError
from dcgan.gan import DCGAN
from dcgan.latent import sample_latent
from dcgan.reports import AnyReport, EpochReport, EvaluationReport, SampleReport, StepReport

# Stop and Pause wait for the chunk under way, so a chunk takes half of the second that a person
# should wait at most.
_CHUNK_SECONDS = 0.5
# How often a report has histograms: they are as long as all else in it, and a chart shows the
# newest alone.
_DETAIL_STEPS = 250
_MAX_CHUNK_STEPS = 500
# Of a deterministic process, whose reports may not depend on its speed.
_FIXED_CHUNK_STEPS = 10
# Between two sample grids at a run's start, where the pictures change fastest; then a third of the
# time so far, until that is `sample_seconds`.
_FIRST_SAMPLE_SECONDS = 0.5
# Of a light evaluation; the share of training's time that evaluations may take.
_EVALUATION_IMAGES = 1000
_EVALUATION_SHARE = 0.03


def fixed_latent(config: TrainingConfig) -> np.ndarray:
    """Return the z of a run's sample grid, shape (num_samples, latent_dim), float32."""
    return sample_latent(config.seed, config.num_samples, config.latent_dim)


def epoch_order(config: TrainingConfig, num_images: int, epoch: int) -> np.ndarray:
    """Return the order in which an epoch sees the data: a pure function of seed and epoch.

    Args:
        config: Its seed and batch size are used.
        num_images: Size of the data set.
        epoch: From 1.

    Returns:
        Indices, int32, a whole number of steps long. Every image comes once; the last step is
        filled up with the first images of the same epoch, as BatchNorm would misjudge a small
        rest.
    """
    order = np.random.default_rng((config.seed, epoch)).permutation(num_images).astype(np.int32)
    return np.resize(order, config.steps_per_epoch(num_images) * config.batch_size)


def train(
    gan: DCGAN,
    dataset: ImageDataset,
    config: TrainingConfig,
    earlier: Iterable[StepReport] = (),
    last_evaluated: int | None = None,
) -> Generator[AnyReport]:
    """Train, and report.

    Goes on from where the `gan` stands. Ends after `config.epochs` epochs or at the first step
    after `config.max_seconds`, both counted over the whole run, whichever comes first.

    Args:
        gan: What learns; built with a config that differs in length and reports at most.
        dataset: What it learns from.
        config: How long, and how often to report.
        earlier: Of a run that goes on, the steps reported since the last epoch's end was: they
            count in the means of the epoch under way, or of one whose end is still to be reported.
        last_evaluated: Of a run that goes on, the step of its last evaluation, or 0: where it
            stands at an epoch's end that was to be measured and was not, this comes first.

    Yields:
        First a SampleReport of where it stands (at step 0: noise), or what is still to be reported
        of an epoch that had ended, then a StepReport a chunk, a
        SampleReport every `sample_seconds` and an EpochReport at each epoch's end, with an
        EvaluationReport behind it where one is due. The last pictures are of the last step.

    Raises:
        ConfigError: If a batch is larger than the data set, or cannot be split evenly.
        DivergenceError: If a loss or a gradient is no longer a finite number.
    """
    check_batch(config, len(dataset), gan.strategy.num_replicas_in_sync)
    return _reports(gan, dataset, config, earlier, last_evaluated)


def check_batch(config: TrainingConfig, num_images: int, num_replicas: int = 1) -> None:
    """Refuse a batch size that the data set or the devices cannot serve.

    Raises:
        ConfigError: With the largest batch size that would do.
    """
    if config.batch_size > num_images:
        raise ConfigError(
            f"batch_size: got {config.batch_size}; the data set has {num_images} images, "
            f"so use at most {num_images}."
        )
    if config.batch_size % num_replicas:
        below = config.batch_size // num_replicas * num_replicas
        raise ConfigError(
            f"batch_size: got {config.batch_size}; it is split over {num_replicas} devices, "
            f"so use a multiple of {num_replicas}, such as {below or num_replicas}."
        )


class _Evaluations:
    """The light evaluation at epochs' ends, held to a small share of training's time."""

    def __init__(self, dataset: ImageDataset, config: TrainingConfig) -> None:
        self._dataset, self._config = dataset, config
        is_large_enough = len(dataset) >= 2 * evaluation.MIN_IMAGES
        self._every = config.evaluate_every if is_large_enough else 0
        self._evaluator: evaluation.Evaluator | None = None  # Made when it is first needed.
        self._last, self._cost = 0.0, 0.0

    def is_due(self, seconds: float, epoch: int) -> bool:
        """Whether this epoch's end is measured: epochs of a moment are not all."""
        if self._every == 0 or epoch % self._every:
            return False
        is_cheap = (seconds - self._last) * _EVALUATION_SHARE >= self._cost
        return is_cheap or is_deterministic()

    def evaluate(self, gan: DCGAN, epoch: int) -> EvaluationReport:
        """Measure the generator; what it takes is training time."""
        started = time.perf_counter()
        if self._evaluator is None:
            self._evaluator = evaluation.Evaluator(self._dataset, _EVALUATION_IMAGES)
            gan.seconds += time.perf_counter() - started
            started = time.perf_counter()
        # Other latent vectors than the sample grid's, and the same at each evaluation.
        seed = (self._config.seed + 1) % (MAX_SEED + 1)
        z = sample_latent(seed, self._evaluator.num_images, self._config.latent_dim)
        # Not `evaluate_generator`: to look through the training images takes longer than the rest.
        ours, real = self._evaluator.evaluate(gan.generate(z)), self._evaluator.floor
        self._cost = time.perf_counter() - started
        gan.seconds += self._cost
        self._last = gan.seconds
        return EvaluationReport(
            step=gan.step,
            epoch=epoch,
            seconds=gan.seconds,
            num_images=ours.num_images,
            figures={name: figure.value for name, figure in ours.estimates.items()},
            real_figures={name: figure.value for name, figure in real.estimates.items()},
            digit_shares=ours.digit_shares,
            real_digit_shares=real.digit_shares,
        )


def _reports(
    gan: DCGAN,
    dataset: ImageDataset,
    config: TrainingConfig,
    earlier: Iterable[StepReport],
    last_evaluated: int | None,
) -> Generator[AnyReport]:
    z = fixed_latent(config)
    images = tf.constant(dataset.pixels)
    per_epoch = config.steps_per_epoch(len(dataset))
    evaluations = _Evaluations(dataset, config)
    of_epoch = [report for report in earlier if report.step <= gan.step]

    def end_epoch() -> Generator[AnyReport]:
        epoch = config.epoch_of(gan.step, len(dataset))
        pixels = _draw(gan, z)
        yield EpochReport(
            step=gan.step,
            epoch=epoch,
            seconds=gan.seconds,
            generator_loss=_mean([report.generator_loss for report in of_epoch], of_epoch),
            discriminator_loss=_mean([report.discriminator_loss for report in of_epoch], of_epoch),
            pixels=pixels,
        )
        of_epoch.clear()
        if evaluations.is_due(gan.seconds, epoch):
            yield evaluations.evaluate(gan, epoch)

    is_at_end = gan.step > 0 and gan.step % per_epoch == 0
    if of_epoch and is_at_end:  # It ended before this could be said.
        yield from end_epoch()
    else:
        epoch = config.epoch_of(gan.step, len(dataset))
        yield SampleReport(gan.step, epoch, gan.seconds, gan.generate(z))
        is_unmeasured = last_evaluated is not None and last_evaluated != gan.step
        if is_at_end and is_unmeasured and evaluations.is_due(gan.seconds, epoch):
            yield evaluations.evaluate(gan, epoch)
    shown_step, shown_seconds = gan.step, gan.seconds

    order_epoch, order = 0, tf.constant([], tf.int32)
    chunk_steps = 1  # The first step traces the graph and tells nothing of the speed.
    step_seconds = 0.0
    while not config.is_done(gan.step, gan.seconds, len(dataset)):
        started = time.perf_counter()
        epoch, position = gan.step // per_epoch + 1, gan.step % per_epoch
        if epoch != order_epoch:
            order_epoch, order = epoch, tf.constant(epoch_order(config, len(dataset), epoch))
        if is_deterministic():
            # The same ends of chunks wherever training was stopped.
            chunk_steps = _FIXED_CHUNK_STEPS - position % _FIXED_CHUNK_STEPS
        num_steps = min(chunk_steps, per_epoch - position)
        if config.max_seconds is not None and step_seconds > 0:
            left = math.ceil((config.max_seconds - gan.seconds) / step_seconds)
            num_steps = max(1, min(num_steps, left))

        measured = gan.train_steps(images, order, position, num_steps)

        elapsed = time.perf_counter() - started
        is_traced = step_seconds > 0
        step_seconds = elapsed / num_steps
        gan.seconds += elapsed
        if is_traced:
            chunk_steps = max(1, min(_MAX_CHUNK_STEPS, int(_CHUNK_SECONDS / step_seconds)))
        if not all(math.isfinite(value) for value in measured.means.values()):
            raise DivergenceError(
                f"training diverged by step {gan.step}: a loss or a gradient is not a number. "
                "Start a new run with lower learning rates."
            )
        # By steps and not by the clock: a resumed run reports as one that was never stopped.
        passed = gan.step // _DETAIL_STEPS - (gan.step - num_steps) // _DETAIL_STEPS
        is_detailed = passed > 0 or gan.step <= _DETAIL_STEPS
        report = StepReport(
            step=gan.step,
            epoch=epoch,
            seconds=gan.seconds,
            num_steps=num_steps,
            images_per_second=num_steps * config.images_per_step / elapsed,
            generator_update_ratio=measured.generator_update_ratio,
            discriminator_update_ratio=measured.discriminator_update_ratio,
            real_histogram=measured.real_histogram if is_detailed else (),
            fake_histogram=measured.fake_histogram if is_detailed else (),
            **measured.means,
        )
        of_epoch.append(report)
        yield report

        if gan.step % per_epoch == 0:
            yield from end_epoch()
            shown_step, shown_seconds = gan.step, gan.seconds
        elif gan.seconds - shown_seconds >= min(
            config.sample_seconds, max(_FIRST_SAMPLE_SECONDS, gan.seconds / 3)
        ):
            pixels = _draw(gan, z)
            yield SampleReport(gan.step, epoch, gan.seconds, pixels)
            shown_step, shown_seconds = gan.step, gan.seconds
    if shown_step != gan.step:
        epoch = config.epoch_of(gan.step, len(dataset))
        yield SampleReport(gan.step, epoch, gan.seconds, gan.generate(z))


def _draw(gan: DCGAN, z: np.ndarray) -> np.ndarray:
    """Draw pictures; what that takes is training time."""
    started = time.perf_counter()
    pixels = gan.generate(z)
    gan.seconds += time.perf_counter() - started
    return pixels


def _mean(values: list[float], reports: list[StepReport]) -> float:
    """Return the mean over steps of what chunks of them had."""
    # In six digits, as a run's history has them: the same whether it was resumed in between.
    rounded = [float(f"{value:.6g}") for value in values]
    return float(np.average(rounded, weights=[report.num_steps for report in reports]))
