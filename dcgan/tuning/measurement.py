"""The measurement of a tuning's runs."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

import numpy as np

from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.data.drawn_classes import draw_classes
from dcgan.evaluation.evaluator import Evaluator
from dcgan.evaluation.main_metric import MAIN_METRICS
from dcgan.latent.sampling import sample_latent
from dcgan.model.devices import explain_memory_errors
from dcgan.training.trainable import TrainableGAN

# Pictures of a measurement. A race measures 10,000, which would take half of a short tuning.
NUM_MEASURED = 2000
_MAX_BATCHES = 3  # Each takes a second on two cores, for pictures that are not digits.
_SEED = 1  # Seed of the latent vectors, equal for all runs.


class CandidateEvaluator:
    """Measures generators against a data set; the work on the real pictures is done once."""

    def __init__(self, dataset: ImageDataset) -> None:
        """Choose the real pictures and measure them.

        Raises:
            DatasetError: If the pictures are too few.
        """
        self._dataset = dataset
        # Neighbours, for precision and recall, take twice as long as all the rest.
        self._evaluator = Evaluator(dataset, NUM_MEASURED, measures_neighbors=False)
        self._real_metrics = self._evaluator.real_evaluation.select_finite_values()
        # The distance of other pictures than digits is small for copies of the training pictures.
        self._searches_copies = "sliced_wasserstein" in self._real_metrics
        if self._searches_copies:
            self._real_metrics["copies"] = float(np.mean(self._evaluator.find_unseen_copies()))

    def measure(
        self, config: TrainingConfig, gan: TrainableGAN, speeds: Sequence[float] = ()
    ) -> RunMeasurement | None:
        """Measure a generator.

        A small set is compared several times with as many generated pictures, and the metrics are
        averaged.

        Args:
            config: The settings of the run.
            gan: The networks of the run.
            speeds: Images per second of each chunk of the training.

        Returns:
            The measurement; None if the distance is not a number.

        Raises:
            OutOfMemoryError: If the measurement does not fit into memory.
        """
        num_images = self._evaluator.num_images
        num_batches = min(_MAX_BATCHES, math.ceil(NUM_MEASURED / num_images))
        batches = []
        with explain_memory_errors("the measurement of a tuning", "lower the generator's channels"):
            for index in range(num_batches):
                z = sample_latent(_SEED + index, num_images, config.latent_dim)
                classes = draw_classes(config, self._dataset, num_images)
                pixels = gan.generate(z, classes)
                values = self._evaluator.evaluate(pixels, classes).select_finite_values()
                if self._searches_copies:
                    values["copies"] = float(np.mean(self._evaluator.find_copies(pixels)))
                batches.append(values)
        names = set.intersection(*(set(values) for values in batches))
        if names.isdisjoint(MAIN_METRICS):
            return None
        return RunMeasurement(
            step=gan.step,
            images_per_second=statistics.median(speeds) if speeds else 0.0,
            num_images=num_images,
            metrics={
                name: statistics.fmean(values[name] for values in batches) for name in sorted(names)
            },
            real_metrics=self._real_metrics,
        )
