"""Classes for pictures that a generator is to draw."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset


def draw_classes(
    config: TrainingConfig, dataset: ImageDataset, num_samples: int
) -> NDArray[np.integer] | None:
    """Draw a class for each sample with the data's own frequencies, always the same.

    Args:
        config: The config of the generator.
        dataset: Data that it learned from.
        num_samples: The number of samples.

    Returns:
        Indices in `config.class_names`, shape (num_samples,); None if the generator knows no
        classes.
    """
    if config.num_classes == 0:
        return None
    assert dataset.labels is not None, "Only data with labels give classes."
    return np.random.default_rng(1).choice(dataset.labels, num_samples)
