"""The measurement of a generator: metrics over several seeds of z, and a grid of fixed z."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dcgan.config.settings import MAX_SEED
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.data.drawn_classes import draw_classes
from dcgan.evaluation.evaluator import Evaluator
from dcgan.evaluation.metric_info import EPOCH_EVALUATION_IMAGES, MIN_EVALUATED
from dcgan.images.grids import tile
from dcgan.images.png_recipe import encode_png
from dcgan.latent.sampling import sample_latent
from dcgan.remedies.study import COLUMNS, NUM_SEEDS, ROWS, Measurement, SeedRange
from dcgan.training.trainable import TrainableGAN


def measure_generator(
    gan: TrainableGAN, config: TrainingConfig, dataset: ImageDataset
) -> tuple[Measurement, dict[str, float]]:
    """Measure a generator, with the same z and the same real images in all trials of a run.

    The measurements of two trials differ only because their networks differ.

    Args:
        gan: The networks.
        config: The settings of the run whose remedies are tried.
        dataset: The run's training images.

    Returns:
        The measurement, and the metrics of real images; no metrics if the images are too few.
    """
    z = sample_latent(config.seed, ROWS * COLUMNS, config.latent_dim)
    png = encode_png(tile(gan.generate(z), ROWS, COLUMNS))
    if len(dataset) < 2 * MIN_EVALUATED:
        return Measurement(step=gan.step, metrics={}, png=png), {}
    measurer = Evaluator(dataset, EPOCH_EVALUATION_IMAGES)
    measured_values = []
    for seed_index in range(NUM_SEEDS):
        # Other latent vectors than in the grid. The first seed is also the seed of the evaluations
        # in training.
        seed = (config.seed + 1 + seed_index) % (MAX_SEED + 1)
        z = sample_latent(seed, measurer.num_images, config.latent_dim)
        classes = draw_classes(config, dataset, measurer.num_images)
        measured = measurer.evaluate(gan.generate(z, classes), classes)
        measured_values.append(measured.select_finite_values())
    metrics = {
        name: _summarize([values[name] for values in measured_values])
        for name in measured_values[0]
        if all(name in values for values in measured_values)
    }
    real_metrics = measurer.real_evaluation.select_finite_values()
    return Measurement(step=gan.step, metrics=metrics, png=png), real_metrics


def _summarize(values: Sequence[float]) -> SeedRange:
    return SeedRange.model_construct(mean=float(np.mean(values)), low=min(values), high=max(values))
