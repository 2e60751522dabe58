"""train(gan, dataset, config): an iterator of reports.

It knows no screen, no thread and no disk format. The consumer pauses by not asking for the
next report, stops by closing the iterator, and holds the `gan`, whose `get_state` is a
checkpoint at any report. Time in which the consumer holds a report is not training time.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator

import numpy as np
import tensorflow as tf

from dcgan import evaluation
from dcgan.config import MAX_SEED, TrainingConfig
from dcgan.datasets import ImageDataset
from dcgan.errors import ConfigError, DivergenceError
from dcgan.gan import DCGAN
from dcgan.latent import sample_latent
from dcgan.reports import AnyReport, EpochReport, EvaluationReport, SampleReport, StepReport

# Stop and Pause wait for the chunk under way, so a chunk takes half of the second that a person
# should wait at most.
_CHUNK_SECONDS = 0.5
_MAX_CHUNK_STEPS = 500
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
        config: Its seed, batch size and discriminator steps are used.
        num_images: Size of the data set.
        epoch: From 1.

    Returns:
        Indices, int32, a whole number of steps long. Every image comes once; the last step is
        filled up with the first images of the same epoch, as BatchNorm would misjudge a small
        rest.
    """
    order = np.random.default_rng((config.seed, epoch)).permutation(num_images).astype(np.int32)
    length = config.steps_per_epoch(num_images) * config.images_per_step
    return np.resize(order, length)


def train(gan: DCGAN, dataset: ImageDataset, config: TrainingConfig) -> Generator[AnyReport]:
    """Train, and report.

    Goes on from where the `gan` stands. Ends after `config.epochs` epochs or at the first step
    after `config.max_seconds`, both counted over the whole run, whichever comes first.

    Args:
        gan: What learns; built with a config that differs in length and reports at most.
        dataset: What it learns from.
        config: How long, and how often to report.

    Yields:
        First a SampleReport of where it stands (at step 0: noise), then a StepReport a chunk, a
        SampleReport every `sample_seconds` and an EpochReport at each epoch's end, with an
        EvaluationReport behind it where one is due. The last pictures are of the last step.

    Raises:
        ConfigError: If a batch is larger than the data set, or cannot be split evenly.
        DivergenceError: If a loss or a gradient is no longer a finite number.
    """
    check_batch(config, len(dataset), gan.strategy.num_replicas_in_sync)
    return _reports(gan, dataset, config)


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
        return (seconds - self._last) * _EVALUATION_SHARE >= self._cost

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
        )


def _reports(gan: DCGAN, dataset: ImageDataset, config: TrainingConfig) -> Generator[AnyReport]:
    z = fixed_latent(config)
    images = tf.constant(dataset.pixels)
    per_epoch = config.steps_per_epoch(len(dataset))

    yield SampleReport(
        gan.step, config.epoch_of(gan.step, len(dataset)), gan.seconds, gan.generate(z)
    )
    shown_step, shown_seconds = gan.step, gan.seconds

    order_epoch, order = 0, tf.constant([], tf.int32)
    evaluations = _Evaluations(dataset, config)
    losses: list[tuple[int, float, float]] = []  # Of this epoch: steps, generator's, the other's.
    chunk_steps = 1  # The first step traces the graph and tells nothing of the speed.
    step_seconds = 0.0
    while not config.is_done(gan.step, gan.seconds, len(dataset)):
        started = time.perf_counter()
        epoch, position = gan.step // per_epoch + 1, gan.step % per_epoch
        if epoch != order_epoch:
            order_epoch, order = epoch, tf.constant(epoch_order(config, len(dataset), epoch))
        num_steps = min(chunk_steps, per_epoch - position)
        if config.max_seconds is not None and step_seconds > 0:
            left = math.ceil((config.max_seconds - gan.seconds) / step_seconds)
            num_steps = max(1, min(num_steps, left))

        means = gan.train_steps(images, order, position, num_steps)

        elapsed = time.perf_counter() - started
        is_traced = step_seconds > 0
        step_seconds = elapsed / num_steps
        gan.seconds += elapsed
        if is_traced:
            chunk_steps = max(1, min(_MAX_CHUNK_STEPS, int(_CHUNK_SECONDS / step_seconds)))
        if not all(math.isfinite(value) for value in means.values()):
            raise DivergenceError(
                f"training diverged by step {gan.step}: a loss or a gradient is not a number. "
                "Start a new run with lower learning rates."
            )
        losses.append((num_steps, means["generator_loss"], means["discriminator_loss"]))
        yield StepReport(
            step=gan.step,
            epoch=epoch,
            seconds=gan.seconds,
            num_steps=num_steps,
            images_per_second=num_steps * config.images_per_step / elapsed,
            **means,
        )

        if gan.step % per_epoch == 0:
            started = time.perf_counter()
            pixels = gan.generate(z)
            gan.seconds += time.perf_counter() - started
            weights = [steps for steps, _, _ in losses]
            yield EpochReport(
                step=gan.step,
                epoch=epoch,
                seconds=gan.seconds,
                generator_loss=float(np.average([g for _, g, _ in losses], weights=weights)),
                discriminator_loss=float(np.average([d for _, _, d in losses], weights=weights)),
                pixels=pixels,
            )
            losses.clear()
            shown_step, shown_seconds = gan.step, gan.seconds
            if evaluations.is_due(gan.seconds, epoch):
                yield evaluations.evaluate(gan, epoch)
        elif gan.seconds - shown_seconds >= min(
            config.sample_seconds, max(_FIRST_SAMPLE_SECONDS, gan.seconds / 3)
        ):
            started = time.perf_counter()
            pixels = gan.generate(z)
            gan.seconds += time.perf_counter() - started
            yield SampleReport(gan.step, epoch, gan.seconds, pixels)
            shown_step, shown_seconds = gan.step, gan.seconds
    if shown_step != gan.step:
        yield SampleReport(
            gan.step, config.epoch_of(gan.step, len(dataset)), gan.seconds, gan.generate(z)
        )
