"""A separate copy of the discriminator, for threads that use it while another thread trains."""

from __future__ import annotations

import threading

import numpy as np

from dcgan.backend import avoid_retracing_warnings, keras, tf
from dcgan.config.training_config import TrainingConfig
from dcgan.data import datasets
from dcgan.networks.architecture import build_discriminator, compute_logits


class DiscriminatorCopy:
    """A discriminator outside training; safe to call from any thread."""

    def __init__(self, config: TrainingConfig) -> None:
        """Build the discriminator, with its initial weights."""
        self._num_classes = config.num_classes
        self._discriminator = build_discriminator(config)
        self._lock = threading.Lock()
        self._classify_graph = tf.function(
            avoid_retracing_warnings(self._classify),
            input_signature=[
                tf.TensorSpec((None, *config.image_shape), tf.float32),
                tf.TensorSpec((None, config.num_classes), tf.float32),
            ],
            autograph=False,
        )

    def _classify(self, images: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
        """Classify images as in training, but without Dropout, whose results are random."""
        outputs = images
        for layer in self._discriminator.layers[1:]:  # One after the other; the first is the input.
            is_norm = isinstance(layer, keras.layers.BatchNormalization)
            outputs = layer(outputs, training=is_norm)
        return tf.sigmoid(compute_logits(outputs, classes))

    def compute_probabilities(
        self, weights: list[np.ndarray], pixels: np.ndarray, classes: np.ndarray | None = None
    ) -> np.ndarray:
        """Compute the probability that each image is real.

        BatchNorm uses the statistics of these images, as in training, so pass real images and fakes
        in separate calls, about a batch of each. The moving statistics mix real images with fakes:
        with them, even a discriminator that recognizes all images would seem to guess.

        Args:
            weights: The values of the discriminator's variables, in the order of
                `state.select_discriminator_weights`.
            pixels: uint8 [0, 255], shape (num, height, width, channels).
            classes: The class of each image, as in training: a label, or the class that the
                generator was asked for; integers, shape (num,). None if the networks learn none.

        Returns:
            Probabilities in [0, 1], shape (num,), float32; 0 for NaN, so that a diverged run can
            still be shown.

        Raises:
            ValueError: If the weights belong to another network.
        """
        class_weights = np.zeros((len(pixels), self._num_classes), np.float32)
        if classes is not None:
            class_weights[np.arange(len(pixels)), classes] = 1.0
        images = tf.constant(datasets.to_images(pixels.astype(np.float32)))
        with self._lock:
            # Not `set_weights`, which leaves out the random state of Dropout.
            for variable, value in zip(self._discriminator.variables, weights, strict=True):
                variable.assign(value)
            probabilities = self._classify_graph(images, tf.constant(class_weights)).numpy()
        return np.nan_to_num(probabilities[:, 0])
