"""train(gan, dataset, config): an iterator of reports.

The loop does not know screens, threads, file formats or evaluations. Its consumer pauses it by not
asking for the next report, and stops it by closing the iterator. At each report, `get_state` of the
`gan` gives a checkpoint. The time that the consumer spends on a report is not training time.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterable

import numpy as np

from dcgan.backend import is_deterministic
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import DivergenceError
from dcgan.latent.sample_grid import sample_fixed_latent
from dcgan.model.devices import explain_memory_errors
from dcgan.reports import AnyReport, EpochReport, SampleReport, StepReport
from dcgan.training.batches import MAX_CHUNK_STEPS, EpochOrders, check_batch, check_labels
from dcgan.training.trainable import TrainableGAN
from dcgan.training_step.step_metrics import StepMetrics
from dcgan.training_step.training_images import TrainingImages

# Stop and Pause wait for the end of the current chunk, and a person should wait a second at most.
_CHUNK_SECONDS = 0.5
# Steps between two reports with histograms. Histograms double the length of a report in the history
# file, and a chart shows only the newest.
_DETAIL_STEPS = 250
# Steps of a chunk, and steps between two EpochReports, in a deterministic process, whose reports
# must not depend on its speed.
_FIXED_CHUNK_STEPS = 10
_FIXED_EPOCH_STEPS = 500
# Seconds between two EpochReports; less near the start of a run. Each costs a grid, an evaluation
# and perhaps a checkpoint, and an epoch of a hundred images takes only milliseconds.
_EPOCH_SECONDS = 3.0
# Seconds between two sample grids at the start of a run, where the images change fastest. Later it
# is a third of the training time so far, up to `sample_seconds`.
_FIRST_SAMPLE_SECONDS = 0.5


def train(
    gan: TrainableGAN,
    dataset: ImageDataset,
    config: TrainingConfig,
    earlier_reports: Iterable[StepReport] = (),
) -> Generator[AnyReport]:
    """Train from the current step, and report.

    Ends after `config.epochs` epochs or at the first step after `config.max_seconds`, both counted
    over the whole run, whichever comes first.

    Args:
        gan: The networks to train. Their own config differs from `config` at most in the settings
            of length and reports.
        dataset: The training images.
        config: The settings of the run.
        earlier_reports: The step reports of a resumed run since its last EpochReport; they are
            included in the means of the next one.

    Yields:
        First a SampleReport of the current step (at step 0: noise), or the EpochReport of an epoch
        that had ended before the run was stopped. Then a StepReport for each chunk, a SampleReport
        every `sample_seconds` and an EpochReport at each epoch's end, or after every 2, 4, 8, …
        epochs if they take less than three seconds. Last the samples of the last step, in a
        SampleReport or an EpochReport.

    Raises:
        ConfigError: If a batch is larger than the data set, or cannot be split evenly; if the
            networks learn classes that the data set does not have; or during training, if a step
            or a grid does not fit into memory.
        DivergenceError: If a loss or a gradient is not finite.
    """
    check_batch(config, len(dataset), gan.strategy.num_replicas_in_sync)
    check_labels(config, dataset)
    return _train(gan, dataset, config, earlier_reports)


def _train(
    gan: TrainableGAN,
    dataset: ImageDataset,
    config: TrainingConfig,
    earlier_reports: Iterable[StepReport],
) -> Generator[AnyReport]:
    num_images = len(dataset)
    z = sample_fixed_latent(config)
    with explain_memory_errors(
        f"a set of {num_images:,} pictures", "use fewer or smaller pictures", setting="dataset"
    ):
        images = TrainingImages.from_dataset(dataset, config)
    steps_per_epoch = config.compute_steps_per_epoch(num_images)
    orders = EpochOrders(config, num_images)
    # The reports since the last EpochReport.
    open_reports = [report for report in earlier_reports if report.step <= gan.step]

    if open_reports and has_epoch_report(gan, config, num_images):
        yield _end_epoch(gan, config, num_images, z, open_reports)
    else:
        epoch = config.compute_epoch(gan.step, num_images)
        yield SampleReport(gan.step, epoch, gan.seconds, generate_samples(gan, z))
    sampled_step, sampled_seconds = gan.step, gan.seconds

    chunk_steps = 1  # Until the speed is known: the first step also traces the graph.
    step_seconds = 0.0
    while not config.is_done(gan.step, gan.seconds, num_images):
        started = time.perf_counter()
        num_epochs = _count_epochs_per_report(steps_per_epoch, step_seconds, gan.seconds)
        step_in_period = gan.step % (num_epochs * steps_per_epoch)
        if is_deterministic():
            # Chunks end at the same steps, regardless of where training was stopped and resumed.
            chunk_steps = _FIXED_CHUNK_STEPS - step_in_period % _FIXED_CHUNK_STEPS
        num_steps = min(chunk_steps, num_epochs * steps_per_epoch - step_in_period)
        num_steps = _limit_to_plan(num_steps, gan, config, num_images, step_seconds)

        with explain_memory_errors(
            f"got {config.batch_size}; a step of these networks",
            "lower it, the channels or the hidden units",
            setting="batch_size",
        ):
            metrics = gan.train_steps(images, *orders.select(gan.step, num_steps), num_steps)

        elapsed = time.perf_counter() - started
        is_first_chunk = step_seconds == 0
        step_seconds = elapsed / num_steps
        gan.seconds += elapsed
        if not is_first_chunk:
            chunk_steps = max(1, min(MAX_CHUNK_STEPS, int(_CHUNK_SECONDS / step_seconds)))
        if not all(math.isfinite(value) for value in metrics.means.values()):
            raise DivergenceError(
                f"training diverged by step {gan.step:,}: a loss or a gradient is not a number. "
                "Start a new run with lower learning rates."
            )
        report = _make_step_report(gan, config, num_images, metrics, num_steps, elapsed)
        open_reports.append(report)
        yield report

        if _has_epoch_report(gan, config, num_images, num_epochs):
            yield _end_epoch(gan, config, num_images, z, open_reports)
            sampled_step, sampled_seconds = gan.step, gan.seconds
        elif gan.seconds - sampled_seconds >= min(
            config.sample_seconds, max(_FIRST_SAMPLE_SECONDS, gan.seconds / 3)
        ):
            pixels = _generate_timed(gan, z)
            yield SampleReport(gan.step, report.epoch, gan.seconds, pixels)
            sampled_step, sampled_seconds = gan.step, gan.seconds
    if sampled_step != gan.step:
        epoch = config.compute_epoch(gan.step, num_images)
        yield SampleReport(gan.step, epoch, gan.seconds, generate_samples(gan, z))


def has_epoch_report(gan: TrainableGAN, config: TrainingConfig, num_images: int) -> bool:
    """Return whether the current step, from which training continues, has an EpochReport."""
    steps_per_epoch = config.compute_steps_per_epoch(num_images)
    num_epochs = _count_epochs_per_report(steps_per_epoch, 0.0, gan.seconds)
    return _has_epoch_report(gan, config, num_images, num_epochs)


def _has_epoch_report(
    gan: TrainableGAN, config: TrainingConfig, num_images: int, num_epochs: int
) -> bool:
    """Return whether the current step has an EpochReport.

    It has one if it ends the training, or every `num_epochs` epochs.
    """
    if config.is_done(gan.step, gan.seconds, num_images):
        num_epochs = 1
    return (
        gan.step > 0 and gan.step % (config.compute_steps_per_epoch(num_images) * num_epochs) == 0
    )


def _count_epochs_per_report(steps_per_epoch: int, step_seconds: float, seconds: float) -> int:
    """Return the number of epochs from one EpochReport to the next.

    The number is a power of two, so that the reported epochs include 1, 2, 4, 8, …, whose
    checkpoints are kept. Only a run with very short epochs leaves out the first of these.

    Args:
        steps_per_epoch: Steps of an epoch.
        step_seconds: Seconds of a step at the current speed; 0 if not known yet.
        seconds: Training time so far.
    """
    if is_deterministic():
        epochs = _FIXED_EPOCH_STEPS / steps_per_epoch
    elif step_seconds == 0:
        return 1
    else:
        interval = min(_EPOCH_SECONDS, max(_FIRST_SAMPLE_SECONDS, seconds / 3))
        epochs = interval / (steps_per_epoch * step_seconds)
    return 1 if epochs <= 1 else int(2 ** math.ceil(math.log2(epochs)))


def _limit_to_plan(
    num_steps: int,
    gan: TrainableGAN,
    config: TrainingConfig,
    num_images: int,
    step_seconds: float,
) -> int:
    """Limit a chunk's steps to the steps that are left; at least 1."""
    last_step = config.compute_total_steps(num_images)
    if last_step is not None:
        num_steps = min(num_steps, last_step - gan.step)
    if config.max_seconds is not None and step_seconds > 0:
        left = math.ceil((config.max_seconds - gan.seconds) / step_seconds)
        num_steps = max(1, min(num_steps, left))
    return num_steps


def _make_step_report(
    gan: TrainableGAN,
    config: TrainingConfig,
    num_images: int,
    metrics: StepMetrics,
    num_steps: int,
    elapsed: float,
) -> StepReport:
    # Steps and not the time decide, so that a resumed run reports like an uninterrupted one.
    num_passed = gan.step // _DETAIL_STEPS - (gan.step - num_steps) // _DETAIL_STEPS
    is_detailed = num_passed > 0 or gan.step <= _DETAIL_STEPS
    return StepReport(
        step=gan.step,
        epoch=config.compute_epoch(gan.step, num_images),
        seconds=gan.seconds,
        num_steps=num_steps,
        images_per_second=num_steps * config.images_per_step / elapsed,
        images_per_step=config.images_per_step,
        generator_update_ratio=metrics.generator_update_ratio,
        discriminator_update_ratio=metrics.discriminator_update_ratio,
        augment_probability=metrics.augment_probability,
        real_histogram=metrics.real_histogram if is_detailed else (),
        fake_histogram=metrics.fake_histogram if is_detailed else (),
        **metrics.means,
    )


def _end_epoch(
    gan: TrainableGAN,
    config: TrainingConfig,
    num_images: int,
    z: np.ndarray,
    open_reports: list[StepReport],
) -> EpochReport:
    """Make an EpochReport of the step reports since the last EpochReport, and clear their list."""
    pixels = _generate_timed(gan, z)
    report = EpochReport(
        step=gan.step,
        epoch=config.compute_epoch(gan.step, num_images),
        seconds=gan.seconds,
        generator_loss=_average([report.generator_loss for report in open_reports], open_reports),
        discriminator_loss=_average(
            [report.discriminator_loss for report in open_reports], open_reports
        ),
        pixels=pixels,
    )
    open_reports.clear()
    return report


def _average(values: list[float], reports: list[StepReport]) -> float:
    """Return the mean of the chunks' values, weighted by their numbers of steps."""
    # Rounded to six digits as in a run's history, so that the mean is the same after a resume.
    rounded = [float(f"{value:.6g}") for value in values]
    return float(np.average(rounded, weights=[report.num_steps for report in reports]))


def generate_samples(gan: TrainableGAN, z: np.ndarray) -> np.ndarray:
    """Generate the images of a sample grid.

    Args:
        gan: The networks.
        z: From `sample_fixed_latent`.

    Returns:
        Pixels, uint8 [0, 255], shape (num_samples, height, width, channels).

    Raises:
        OutOfMemoryError: If they do not fit into memory.
    """
    with explain_memory_errors(
        f"a grid of {len(z)} pictures of these networks",
        "lower the generator's channels",
        setting="num_samples",
    ):
        return gan.generate(z)


def _generate_timed(gan: TrainableGAN, z: np.ndarray) -> np.ndarray:
    """Generate samples and add the time to the training time."""
    started = time.perf_counter()
    pixels = generate_samples(gan, z)
    gan.seconds += time.perf_counter() - started
    return pixels
