"""The measurement of a tuning's runs."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.evaluation.evaluator import Evaluator, draw_classes
from dcgan.evaluation.main_metric import MAIN_METRICS
from dcgan.latent.sampling import sample_latent
from dcgan.model.devices import explain_memory_errors
from dcgan.sweeps.race import RaceMeasurement
from dcgan.training.trainable import TrainableGAN

# Pictures of a measurement. A race measures 10,000, which would take half of a short tuning.
NUM_MEASURED = 2000
_MAX_BATCHES = 8
_SEED = 1  # Seed of the latent vectors, equal for all runs.


def measure_run(
    config: TrainingConfig,
    gan: TrainableGAN,
    dataset: ImageDataset,
    evaluator: Evaluator,
    speeds: Sequence[float] = (),
) -> RaceMeasurement | None:
    """Measure a generator.

    A small set is compared several times with as many generated pictures, and the metrics are
    averaged.

    Args:
        config: The settings of the run.
        gan: The networks of the run.
        dataset: The training pictures.
        evaluator: Evaluator of the training pictures.
        speeds: Images per second of each chunk of the training.

    Returns:
        The measurement; None if the distance is not a number.

    Raises:
        OutOfMemoryError: If the measurement does not fit into memory.
    """
    num_images = evaluator.num_images
    num_batches = min(_MAX_BATCHES, math.ceil(NUM_MEASURED / num_images))
    measured = []
    with explain_memory_errors("the measurement of a tuning", "lower the generator's channels"):
        for index in range(num_batches):
            z = sample_latent(_SEED + index, num_images, config.latent_dim)
            classes = draw_classes(config, dataset, num_images)
            values = evaluator.evaluate(gan.generate(z, classes), classes).select_finite_values()
            measured.append(values)
    names = set.intersection(*(set(values) for values in measured))
    if names.isdisjoint(MAIN_METRICS):
        return None
    return RaceMeasurement(
        step=gan.step,
        images_per_second=statistics.median(speeds) if speeds else 0.0,
        num_images=num_images,
        metrics={
            name: statistics.fmean(values[name] for values in measured) for name in sorted(names)
        },
        real_metrics=evaluator.real_evaluation.select_finite_values(),
    )
