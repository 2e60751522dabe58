"""The images of a data set, as tensors for the graph of a training step."""

from __future__ import annotations

from typing import NamedTuple, Self

from dcgan.backend import tf
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset, to_images


class TrainingImages(NamedTuple):
    """All images that a run learns from.

    Attributes:
        pixels: uint8 [0, 255], shape (num_images, height, width, channels).
        labels: The class of each image as an index in `TrainingConfig.class_names`, int32, shape
            (num_images,); None if the networks learn no classes.
    """

    pixels: tf.Tensor
    labels: tf.Tensor | None = None

    @classmethod
    def from_dataset(cls, dataset: ImageDataset, config: TrainingConfig) -> Self:
        """Copy a data set, with its labels if the networks learn classes."""
        labels = tf.constant(dataset.labels, tf.int32) if config.num_classes > 0 else None
        return cls(tf.constant(dataset.pixels), labels)

    def select(self, indices: tf.Tensor, num_classes: int) -> tuple[tf.Tensor, tf.Tensor | None]:
        """Select a batch.

        Args:
            indices: Indices of the batch's images, int32, shape (num,).
            num_classes: Number of classes that the networks know.

        Returns:
            The images in [-1, 1], shape (num, height, width, channels), float32; and their classes
            as one-hot vectors, shape (num, num_classes), float32, or None if the networks learn no
            classes.
        """
        images = to_images(tf.cast(tf.gather(self.pixels, indices), tf.float32))
        if self.labels is None:
            return images, None
        return images, tf.one_hot(tf.gather(self.labels, indices), num_classes)
