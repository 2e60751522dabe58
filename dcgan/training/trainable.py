"""TrainableGAN: the interface of a GAN that training and recording use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, Self

import numpy as np

from dcgan.backend import keras, tf
from dcgan.config.training_config import TrainingConfig
from dcgan.networks.class_inputs import ClassChoice
from dcgan.training_step.step_metrics import StepMetrics
from dcgan.training_step.training_images import TrainingImages


class TrainableGAN(Protocol):
    """A `DCGAN`, where the members are documented, or a `DistributedGAN` of several workers.

    Attributes:
        seconds: Training time so far; training updates it.
    """

    seconds: float

    @property
    def step(self) -> int:
        """Training steps so far."""

    @property
    def strategy(self) -> tf.distribute.Strategy:
        """TensorFlow's distribution strategy."""

    @property
    def generator(self) -> keras.Model:
        """The generator in training."""

    @property
    def discriminator(self) -> keras.Model:
        """The discriminator."""

    def train_steps(
        self, images: TrainingImages, order: tf.Tensor, position: int, num_steps: int
    ) -> StepMetrics:
        """Make several steps."""

    def change_config(self, config: TrainingConfig) -> None:
        """Replace settings that may change during training."""

    def generate(self, z: np.ndarray, classes: ClassChoice = None) -> np.ndarray:
        """Generate images with the EMA generator."""

    def get_state(self) -> dict[str, np.ndarray]:
        """Copy everything that training needs to continue."""

    def set_state(self, state: Mapping[str, np.ndarray]) -> Self:
        """Restore a state."""
