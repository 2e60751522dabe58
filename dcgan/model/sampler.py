"""Generation of pixels in batches of limited size, also in a thread beside the training thread."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

import numpy as np

from dcgan.backend import avoid_retracing_warnings, keras, tf
from dcgan.config.training_config import TrainingConfig
from dcgan.data import datasets
from dcgan.networks.architecture import build_generator
from dcgan.networks.class_inputs import ClassChoice, make_generator_inputs

# Limits of a batch: larger batches are no faster on a CPU, and the activations of all its images
# are in memory at once.
_MAX_BATCH = 250
_MAX_BATCH_BYTES = 2**27


class Sampler:
    """A separate generator for a thread that draws images while another thread trains.

    It holds a copy of the EMA generator's weights and a graph traced once, so it never waits for
    a training step and never retraces. Safe to call from any thread.
    """

    def __init__(self, config: TrainingConfig) -> None:
        """Build the generator, with its initial weights."""
        self.config = config
        self._generator = build_generator(config)
        self._lock = threading.Lock()
        self._generate = compile_generator(self._generator, config)
        self._batch_size = choose_batch_size(self._generator)

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Replace the weights, in the order of `state.select_generator_weights`."""
        with self._lock:
            self._generator.set_weights(weights)

    def get_weights(self) -> list[np.ndarray]:
        """Return a copy of the weights, in the order of `state.select_generator_weights`."""
        with self._lock:
            weights: list[np.ndarray] = self._generator.get_weights()
        return weights

    def generate(self, z: np.ndarray, classes: ClassChoice = None) -> np.ndarray:
        """Generate images, a bounded number at once.

        Args:
            z: Latent batch, shape (num, latent_dim), float32.
            classes: The class of each image, or the weights of the classes, (num, num_classes).

        Returns:
            Pixels, uint8 [0, 255], shape (num, height, width, channels).
        """
        inputs = make_generator_inputs(z, classes, self.config)
        with self._lock:
            return generate_in_batches(self._generate, inputs, self._batch_size)


def compile_generator(
    generator: keras.Model, config: TrainingConfig
) -> tf.types.experimental.PolymorphicFunction:
    """Return a graph of a generator outside training, traced once for any number of images."""
    return tf.function(
        avoid_retracing_warnings(lambda z: generator(z, training=False)),
        input_signature=[tf.TensorSpec((None, config.num_generator_inputs), tf.float32)],
        autograph=False,  # AutoGraph would only take time: there is no Python control flow.
    )


def choose_batch_size(generator: keras.Model) -> int:
    """Return how many images a generator may make at once, at least 1."""
    largest = max(math.prod(layer.output.shape[1:]) for layer in generator.layers)
    return min(_MAX_BATCH, max(1, _MAX_BATCH_BYTES // (4 * largest)))


def generate_in_batches(
    generate: Callable[[tf.Tensor], tf.Tensor], inputs: np.ndarray, batch_size: int
) -> np.ndarray:
    """Generate pixels, uint8 [0, 255], shape (num, height, width, channels), batch by batch."""
    starts = range(0, max(1, len(inputs)), batch_size)
    batches = [inputs[start : start + batch_size] for start in starts]
    images = [generate(tf.constant(batch, tf.float32)).numpy() for batch in batches]
    return np.concatenate([datasets.to_pixels(batch) for batch in images])
