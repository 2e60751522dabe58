"""train(gan, dataset, config): an iterator of reports.

It knows no screen, no thread and no disk format. The consumer pauses by not asking for the
next report, stops by closing the iterator, and holds the `gan`, whose `get_state` is a
checkpoint at any report. Time in which the consumer holds a report is not training time.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Generator, Iterable, Iterator

import numpy as np

from dcgan.backend import is_deterministic, tf
from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import ConfigError, DivergenceError, OutOfMemoryError
from dcgan.evaluation import evaluator
from dcgan.latent.sampling import sample_latent
from dcgan.model.gan import DCGAN
from dcgan.reports import AnyReport, EpochReport, EvaluationReport, SampleReport, StepReport
from dcgan.settings import MAX_SEED

# Stop and Pause wait for the chunk under way, so a chunk takes half of the second that a person
# should wait at most.
_CHUNK_SECONDS = 0.5
# How often a report has histograms: they are as long as all else in it, and a chart shows the
# newest alone.
_DETAIL_STEPS = 250
_MAX_CHUNK_STEPS = 500
# Of a deterministic process, whose reports may not depend on its speed.
_FIXED_CHUNK_STEPS = 10
_FIXED_EPOCH_STEPS = 500
# Between two reported ends of epochs, sooner at a run's start, as sample grids are: each costs a
# grid, an evaluation and perhaps a checkpoint, and epochs of a hundred pictures take a moment.
_EPOCH_SECONDS = 3.0
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


class EpochOrders:
    """The orders of several epochs in a row, as one tensor for `DCGAN.train_steps`.

    The tensor always has the same length, so that the graph of a step is traced once.
    """

    def __init__(self, config: TrainingConfig, num_images: int) -> None:
        """Prepare for a data set; arguments as in `epoch_order`."""
        self._config, self._num_images = config, num_images
        self._per_epoch = config.steps_per_epoch(num_images)
        # The longest chunk, from any step of an epoch on.
        self._num_epochs = 1 + math.ceil(_MAX_CHUNK_STEPS / self._per_epoch)
        self._first = -self._num_epochs  # The first epoch in the tensor, from 0.
        self._order = tf.constant([], tf.int32)

    def of_steps(self, step: int, num_steps: int) -> tuple[tf.Tensor, int]:
        """Return the order that holds the batches of some steps, and where they begin.

        Args:
            step: Steps made before them.
            num_steps: How many; at most `_MAX_CHUNK_STEPS`.

        Returns:
            `order` and `position` as of `DCGAN.train_steps`.
        """
        first, last = step // self._per_epoch, (step + num_steps - 1) // self._per_epoch
        if not self._first <= first <= last < self._first + self._num_epochs:
            self._first = first
            epochs = range(first + 1, first + 1 + self._num_epochs)
            orders = [epoch_order(self._config, self._num_images, epoch) for epoch in epochs]
            self._order = tf.constant(np.concatenate(orders))
        return self._order, step - self._first * self._per_epoch


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
        earlier: Of a run that goes on, the steps reported since the last EpochReport: they count
            in the means of the next one.
        last_evaluated: Of a run that goes on, the step of its last evaluation, or 0: where it
            stands at an epoch's end that was to be measured and was not, this comes first.

    Yields:
        First a SampleReport of where it stands (at step 0: noise), or what is still to be reported
        of an epoch that had ended, then a StepReport a chunk, a
        SampleReport every `sample_seconds` and an EpochReport at each epoch's end, with an
        EvaluationReport behind it where one is due. Where epochs take less than some seconds, an
        EpochReport stands for 2, 4, 8, … of them. The last pictures are of the last step.

    Raises:
        ConfigError: If a batch is larger than the data set, or cannot be split evenly; or while it
            trains, if a step, a grid or an evaluation does not fit into memory.
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
        is_large_enough = len(dataset) >= 2 * evaluator.MIN_IMAGES
        self._every = config.evaluate_every if is_large_enough else 0
        self._evaluator: evaluator.Evaluator | None = None  # Made when it is first needed.
        self._last, self._cost = 0.0, 0.0

    def is_due(self, seconds: float, epoch: int, epoch_before: int) -> bool:
        """Whether this epoch's end is measured: epochs of a moment are not all.

        Args:
            seconds: Training time so far.
            epoch: The one that has ended.
            epoch_before: The last one whose end was reported before; 0 for none.
        """
        if self._every == 0 or epoch // self._every == epoch_before // self._every:
            return False
        is_cheap = (seconds - self._last) * _EVALUATION_SHARE >= self._cost
        return is_cheap or is_deterministic()

    def evaluate(self, gan: DCGAN, epoch: int) -> EvaluationReport:
        """Measure the generator; what it takes is training time."""
        with _fits_into_memory(
            f"evaluate_every: the evaluation at the end of epoch {epoch}",
            "set it to 0, or lower the generator's channels",
        ):
            return self._evaluate(gan, epoch)

    def _evaluate(self, gan: DCGAN, epoch: int) -> EvaluationReport:
        started = time.perf_counter()
        if self._evaluator is None:
            self._evaluator = evaluator.Evaluator(self._dataset, _EVALUATION_IMAGES)
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
            metrics={name: found.value for name, found in ours.estimates.items()},
            real_metrics={name: found.value for name, found in real.estimates.items()},
            digit_shares=ours.digit_shares,
            real_digit_shares=real.digit_shares,
        )


@contextlib.contextmanager
def _fits_into_memory(what: str, mend: str) -> Iterator[None]:
    """Turn memory errors into an OutOfMemoryError with advice."""
    try:
        yield
    except (MemoryError, tf.errors.ResourceExhaustedError) as error:
        raise OutOfMemoryError(f"{what} does not fit into memory: {mend}.") from error


def _epochs_per_report(per_epoch: int, step_seconds: float, seconds: float) -> int:
    """Return how many epochs one EpochReport stands for.

    A power of two, so that the ends of epochs 1, 2, 4, 8, …, whose checkpoints are kept, are among
    those that are reported as soon as they are some time apart.

    Args:
        per_epoch: Steps of an epoch.
        step_seconds: What a step takes now; 0 where that is not known yet.
        seconds: Training time so far.
    """
    if is_deterministic():
        epochs = _FIXED_EPOCH_STEPS / per_epoch
    elif step_seconds == 0:
        return 1
    else:
        least = min(_EPOCH_SECONDS, max(_FIRST_SAMPLE_SECONDS, seconds / 3))
        epochs = least / (per_epoch * step_seconds)
    return 1 if epochs <= 1 else int(2 ** math.ceil(math.log2(epochs)))


def _reports(
    gan: DCGAN,
    dataset: ImageDataset,
    config: TrainingConfig,
    earlier: Iterable[StepReport],
    last_evaluated: int | None,
) -> Generator[AnyReport]:
    z = fixed_latent(config)
    with _fits_into_memory(
        f"dataset: this one of {len(dataset):,} pictures", "use fewer or smaller pictures"
    ):
        images = tf.constant(dataset.pixels)
    per_epoch = config.steps_per_epoch(len(dataset))
    evaluations = _Evaluations(dataset, config)
    orders = EpochOrders(config, len(dataset))
    # The steps since the last EpochReport.
    of_epoch = [report for report in earlier if report.step <= gan.step]

    def is_reported_end(num_epochs: int) -> bool:
        """Whether an epoch's end that is to be reported is here; the last step's always is."""
        is_last = config.is_done(gan.step, gan.seconds, len(dataset))
        return gan.step > 0 and gan.step % (per_epoch * (1 if is_last else num_epochs)) == 0

    def end_epoch() -> Generator[AnyReport]:
        epoch = config.epoch_of(gan.step, len(dataset))
        epoch_before = (of_epoch[0].step - of_epoch[0].num_steps) // per_epoch
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
        if evaluations.is_due(gan.seconds, epoch, epoch_before):
            yield evaluations.evaluate(gan, epoch)

    is_at_end = is_reported_end(_epochs_per_report(per_epoch, 0.0, gan.seconds))
    if of_epoch and is_at_end:  # The run stopped before this epoch was reported.
        yield from end_epoch()
    else:
        epoch = config.epoch_of(gan.step, len(dataset))
        yield SampleReport(gan.step, epoch, gan.seconds, draw_samples(gan, z))
        if is_at_end and last_evaluated is not None:
            epoch_before = last_evaluated // per_epoch
            if evaluations.is_due(gan.seconds, epoch, epoch_before):
                yield evaluations.evaluate(gan, epoch)
    shown_step, shown_seconds = gan.step, gan.seconds

    chunk_steps = 1  # The first step traces the graph and tells nothing of the speed.
    step_seconds = 0.0
    last_step = config.total_steps(len(dataset))
    while not config.is_done(gan.step, gan.seconds, len(dataset)):
        started = time.perf_counter()
        num_epochs = _epochs_per_report(per_epoch, step_seconds, gan.seconds)
        position = gan.step % (num_epochs * per_epoch)
        if is_deterministic():
            # The same ends of chunks wherever training was stopped.
            chunk_steps = _FIXED_CHUNK_STEPS - position % _FIXED_CHUNK_STEPS
        num_steps = min(chunk_steps, num_epochs * per_epoch - position)
        if last_step is not None:
            num_steps = min(num_steps, last_step - gan.step)
        if config.max_seconds is not None and step_seconds > 0:
            left = math.ceil((config.max_seconds - gan.seconds) / step_seconds)
            num_steps = max(1, min(num_steps, left))

        order, position = orders.of_steps(gan.step, num_steps)
        with _fits_into_memory(
            f"batch_size: got {config.batch_size}; a step of these networks",
            "lower it, the channels or the hidden units",
        ):
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
        epoch = config.epoch_of(gan.step, len(dataset))
        report = StepReport(
            step=gan.step,
            epoch=epoch,
            seconds=gan.seconds,
            num_steps=num_steps,
            images_per_second=num_steps * config.images_per_step / elapsed,
            images_per_step=config.images_per_step,
            generator_update_ratio=measured.generator_update_ratio,
            discriminator_update_ratio=measured.discriminator_update_ratio,
            real_histogram=measured.real_histogram if is_detailed else (),
            fake_histogram=measured.fake_histogram if is_detailed else (),
            **measured.means,
        )
        of_epoch.append(report)
        yield report

        if is_reported_end(num_epochs):
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
        yield SampleReport(gan.step, epoch, gan.seconds, draw_samples(gan, z))


def _draw(gan: DCGAN, z: np.ndarray) -> np.ndarray:
    """Draw pictures; what that takes is training time."""
    started = time.perf_counter()
    pixels = draw_samples(gan, z)
    gan.seconds += time.perf_counter() - started
    return pixels


def draw_samples(gan: DCGAN, z: np.ndarray) -> np.ndarray:
    """Draw the pictures of a sample grid.

    Args:
        gan: What learns.
        z: As of `fixed_latent`.

    Returns:
        Pixels, uint8 [0, 255], shape (num_samples, height, width, channels).

    Raises:
        ConfigError: If they do not fit into memory.
    """
    with _fits_into_memory(
        f"num_samples: a grid of {len(z)} pictures of these networks",
        "lower the generator's channels",
    ):
        return gan.generate(z)


def _mean(values: list[float], reports: list[StepReport]) -> float:
    """Return the mean over steps of what chunks of them had."""
    # In six digits, as a run's history has them: the same whether it was resumed in between.
    rounded = [float(f"{value:.6g}") for value in values]
    return float(np.average(rounded, weights=[report.num_steps for report in reports]))
