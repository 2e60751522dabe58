"""Batches of an epoch: the order of the images, and checks that the data allow them."""

from __future__ import annotations

import math

import numpy as np

from dcgan.backend import tf
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import ConfigError

MAX_CHUNK_STEPS = 500  # Steps in one call of `DCGAN.train_steps`.


def check_batch(config: TrainingConfig, num_images: int, num_replicas: int = 1) -> None:
    """Check that the data set and the devices allow a config's batch size.

    Raises:
        ConfigError: With the largest batch size that is possible.
    """
    if config.batch_size > num_images:
        raise ConfigError(
            f"got {config.batch_size}; the data set has {num_images:,} pictures, so use at most "
            f"{num_images:,}.",
            setting="batch_size",
        )
    if config.batch_size % num_replicas:
        below = config.batch_size // num_replicas * num_replicas
        raise ConfigError(
            f"got {config.batch_size}; it is split over {num_replicas} devices, so use a multiple "
            f"of {num_replicas}, such as {below or num_replicas}.",
            setting="batch_size",
        )


def check_labels(config: TrainingConfig, dataset: ImageDataset) -> None:
    """Check that all pictures have a label if the networks learn classes.

    Raises:
        ConfigError: If the pictures have no labels, or labels that are not among the classes.
    """
    if config.num_classes == 0:
        return
    last_label = None if dataset.labels is None else int(dataset.labels.max())
    if last_label is None or last_label >= config.num_classes:
        found = "no labels" if last_label is None else f"labels up to {last_label}"
        raise ConfigError(
            f"got {config.num_classes} names, but the pictures have {found}; give the names of the "
            "data set's classes, or none if the networks should not learn them.",
            setting="class_names",
        )


def compute_epoch_order(config: TrainingConfig, num_images: int, epoch: int) -> np.ndarray:
    """Return the order of the images in an epoch, a pure function of seed and epoch.

    Args:
        config: Its seed and batch size are used.
        num_images: Size of the data set.
        epoch: From 1.

    Returns:
        Indices, int32, for a whole number of batches. Every image comes once. The last batch is
        filled with the first images of the same epoch, because BatchNorm's statistics of a small
        batch would be inaccurate.
    """
    order = np.random.default_rng((config.seed, epoch)).permutation(num_images).astype(np.int32)
    return np.resize(order, config.compute_steps_per_epoch(num_images) * config.batch_size)


class EpochOrders:
    """The orders of several epochs in a row, as one tensor for `DCGAN.train_steps`.

    The tensor always has the same length, so that the graph of a step is traced once.
    """

    def __init__(self, config: TrainingConfig, num_images: int) -> None:
        """Prepare for a data set; arguments as in `compute_epoch_order`."""
        self._config, self._num_images = config, num_images
        self._steps_per_epoch = config.compute_steps_per_epoch(num_images)
        # Enough for the longest chunk from any step of an epoch.
        self._num_epochs = 1 + math.ceil(MAX_CHUNK_STEPS / self._steps_per_epoch)
        # Index of the first epoch in the tensor; negative while the tensor is empty.
        self._first_epoch_index = -self._num_epochs
        self._order = tf.constant([], tf.int32)

    def select(self, step: int, num_steps: int) -> tuple[tf.Tensor, int]:
        """Return indices that cover the next steps, and where the first batch starts.

        Args:
            step: The number of steps made so far.
            num_steps: The number of the next steps; at most `MAX_CHUNK_STEPS`.

        Returns:
            `order` and `position` as in `DCGAN.train_steps`.
        """
        first = step // self._steps_per_epoch
        last = (step + num_steps - 1) // self._steps_per_epoch
        loaded = range(self._first_epoch_index, self._first_epoch_index + self._num_epochs)
        if first not in loaded or last not in loaded:
            self._first_epoch_index = first
            epochs = range(first + 1, first + 1 + self._num_epochs)
            orders = [
                compute_epoch_order(self._config, self._num_images, epoch) for epoch in epochs
            ]
            self._order = tf.constant(np.concatenate(orders))
        return self._order, step - self._first_epoch_index * self._steps_per_epoch
