"""Activations: the generator's feature maps for a z, and the discriminator's saliency."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dcgan.backend import keras, tf
from dcgan.config.training_config import TrainingConfig
from dcgan.data import datasets
from dcgan.model.state import select_generator_weights
from dcgan.networks.architecture import build_discriminator, build_generator, compute_logits
from dcgan.networks.class_inputs import make_generator_inputs

# Layers that end a stage of the generator, unless one of `_SAME_STAGE` follows.
_STAGE_ENDS = (keras.layers.ReLU, keras.layers.Reshape, keras.layers.Conv2DTranspose)
# Layers that belong to the stage of the layer before.
_SAME_STAGE = (keras.layers.BatchNormalization, keras.layers.ReLU, keras.layers.Reshape)


@dataclass(frozen=True, eq=False)
class LayerMaps:
    """The output of one layer of the generator for one z.

    Attributes:
        name: Name of the Keras layer.
        maps: Feature maps after the ReLU, float32, ≥ 0, shape (channels, height, width), or (1, 1,
            units) for a dense layer. For the last layer, the image, in [-1, 1].
    """

    name: str
    maps: np.ndarray


@dataclass(frozen=True, eq=False)
class DiscriminatorAnswer:
    """The discriminator's output for one image, and its saliency.

    Attributes:
        probability: Probability that the image is real, in [0, 1].
        saliency: Gradient of the logit with respect to each pixel, for a change from black to
            white, summed over the pixel's colours; float32, shape (height, width). After Simonyan
            et al., 2013, arXiv:1312.6034, but with its sign.
    """

    probability: float
    saliency: np.ndarray


class NetworkProbe:
    """Both networks of a run, with access to their layers; built once for all checkpoints.

    Safe to call from any thread; calls wait for each other.
    """

    def __init__(self, config: TrainingConfig) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._generator = build_generator(config)
        self._discriminator = build_discriminator(config)
        layers = [*self._generator.layers, None]
        self._layers = [
            layer
            for layer, following in itertools.pairwise(layers)
            if isinstance(layer, _STAGE_ENDS) and not isinstance(following, _SAME_STAGE)
        ]
        outputs = [layer.output for layer in self._layers]
        self._layer_outputs = keras.Model(self._generator.input, outputs)

    def read_layers(
        self, state: Mapping[str, np.ndarray], z: np.ndarray, class_id: int | None = None
    ) -> list[LayerMaps]:
        """Return the output of each stage of the EMA generator.

        Args:
            state: Arrays of a checkpoint.
            z: Latent vector, shape (latent_dim,).
            class_id: The class to draw, an index in `config.class_names`; None without classes.

        Raises:
            ValueError: If the state belongs to other networks.
        """
        with self._lock:
            self._generator.set_weights(select_generator_weights(state))
            classes = None if class_id is None else [class_id]
            inputs = make_generator_inputs(z[np.newaxis], classes, self._config)
            batch = tf.constant(inputs, tf.float32)
            outputs = [output.numpy()[0] for output in self._layer_outputs(batch, training=False)]
        return [
            LayerMaps(layer.name, _arrange_as_maps(values))
            for layer, values in zip(self._layers, outputs, strict=True)
        ]

    def ask_discriminator(
        self, state: Mapping[str, np.ndarray], pixels: np.ndarray
    ) -> list[DiscriminatorAnswer]:
        """Return the discriminator's answer and saliency for each image.

        BatchNorm uses its moving statistics, as outside training, so an answer does not depend on
        the other images. If the networks learn classes, each image is classified as a picture of
        the class that it fits best.

        Args:
            state: Arrays of a checkpoint.
            pixels: uint8 [0, 255], shape (num, height, width, channels).

        Raises:
            ValueError: If the state belongs to other networks.
        """
        names = sorted(name for name in state if name.startswith("discriminator/"))
        images = tf.constant(datasets.to_images(pixels.astype(np.float32)))
        with self._lock:
            variables = self._discriminator.variables
            if len(names) != len(variables):
                raise ValueError(f"the state has {len(names)} of {len(variables)} variables.")
            for variable, name in zip(variables, names, strict=True):
                variable.assign(state[name])
            with tf.GradientTape() as tape:
                tape.watch(images)
                logits = compute_logits(self._discriminator(images, training=False), None)
            gradients = tape.gradient(logits, images).numpy()
        probabilities = tf.sigmoid(logits).numpy()[:, 0]
        # Factor 2: from black (-1) to white (1) is a change of 2.
        return [
            DiscriminatorAnswer(float(probability), 2 * gradient.sum(axis=2))
            for probability, gradient in zip(probabilities, gradients, strict=True)
        ]


def _arrange_as_maps(values: np.ndarray) -> np.ndarray:
    if values.ndim == 1:
        return values[np.newaxis, np.newaxis]
    maps: np.ndarray = np.moveaxis(values, -1, 0)
    return maps
