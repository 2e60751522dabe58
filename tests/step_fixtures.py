"""Fixtures: tiny networks with the gradient penalty, and their images."""

from __future__ import annotations

import pytest
import tensorflow as tf

from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.model.gan import DCGAN
from dcgan.training.batches import compute_epoch_order
from dcgan.training_step.training_images import TrainingImages


@pytest.fixture(scope="session")
def tiny_config(tiny_config: TrainingConfig) -> TrainingConfig:
    """Return settings of tiny networks with the gradient penalty."""
    return tiny_config.replace(r1_penalty=TrainingConfig().r1_penalty)


@pytest.fixture(scope="module")
def images(tiny_dataset: ImageDataset) -> TrainingImages:
    """Return the training images without labels."""
    return TrainingImages(tf.constant(tiny_dataset.pixels))


@pytest.fixture(scope="module")
def order(tiny_config: TrainingConfig, tiny_dataset: ImageDataset) -> tf.Tensor:
    """Return the order of the first epoch."""
    return tf.constant(compute_epoch_order(tiny_config, len(tiny_dataset), epoch=1))


@pytest.fixture(scope="module")
def twin(tiny_config: TrainingConfig) -> DCGAN:
    """Return a second DCGAN of the same settings, with its own graph."""
    return DCGAN(tiny_config)
