"""Batches of an epoch: the order of the images, and which batch sizes are possible."""

from __future__ import annotations

import math

import numpy as np

from dcgan.backend import tf
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import ConfigError

MAX_CHUNK_STEPS = 500  # Steps in one call of `DCGAN.train_steps`.


def check_batch(config: TrainingConfig, num_images: int, num_replicas: int = 1) -> None:
    """Check that the data set and the devices allow a config's batch size.

    Raises:
        ConfigError: With the largest batch size that is possible.
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


def compute_epoch_order(config: TrainingConfig, num_images: int, epoch: int) -> np.ndarray:
    """Return the order of the images in an epoch, a pure function of seed and epoch.

    Args:
        config: Its seed and batch size are used.
        num_images: Size of the data set.
        epoch: From 1.

    Returns:
        Indices, int32, for a whole number of steps. Every image comes once; the last step is
        filled with the first images of the same epoch, because BatchNorm's statistics of a small
        rest would be wrong.
    """
    order = np.random.default_rng((config.seed, epoch)).permutation(num_images).astype(np.int32)
    return np.resize(order, config.steps_per_epoch(num_images) * config.batch_size)


class EpochOrders:
    """The orders of several epochs in a row, as one tensor for `DCGAN.train_steps`.

    The tensor always has the same length, so that the graph of a step is traced once.
    """

    def __init__(self, config: TrainingConfig, num_images: int) -> None:
        """Prepare for a data set; arguments as in `compute_epoch_order`."""
        self._config, self._num_images = config, num_images
        self._per_epoch = config.steps_per_epoch(num_images)
        # Enough for the longest chunk from any step of an epoch.
        self._num_epochs = 1 + math.ceil(MAX_CHUNK_STEPS / self._per_epoch)
        self._first = -self._num_epochs  # The first epoch in the tensor, from 0.
        self._order = tf.constant([], tf.int32)

    def select(self, step: int, num_steps: int) -> tuple[tf.Tensor, int]:
        """Return an order that holds the batches of some steps, and the first one's position.

        Args:
            step: The number of steps before them.
            num_steps: Their number; at most `MAX_CHUNK_STEPS`.

        Returns:
            `order` and `position` as in `DCGAN.train_steps`.
        """
        first, last = step // self._per_epoch, (step + num_steps - 1) // self._per_epoch
        if not self._first <= first <= last < self._first + self._num_epochs:
            self._first = first
            epochs = range(first + 1, first + 1 + self._num_epochs)
            orders = [
                compute_epoch_order(self._config, self._num_images, epoch) for epoch in epochs
            ]
            self._order = tf.constant(np.concatenate(orders))
        return self._order, step - self._first * self._per_epoch
