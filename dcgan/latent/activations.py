"""A look inside: what the generator's layers make of a z, and what the discriminator looks at.

Reads networks that were trained elsewhere; nothing here learns.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dcgan.backend import keras, tf
from dcgan.config import TrainingConfig
from dcgan.data import datasets
from dcgan.model.gan import generator_weights
from dcgan.model.networks import build_discriminator, build_generator

# What ends a stage of the generator: its ReLU, the reshaping to a picture, and the last tanh.
_ENDS = (keras.layers.ReLU, keras.layers.Reshape, keras.layers.Conv2DTranspose)
# What still belongs to the stage of the layer before.
_GOES_ON = (keras.layers.BatchNormalization, keras.layers.ReLU, keras.layers.Reshape)


@dataclass(frozen=True, eq=False)
class LayerMaps:
    """What a layer of the generator gives for one z.

    Attributes:
        name: Of the Keras layer.
        maps: float32, shape (channels, height, width): feature maps behind the ReLU, at least 0;
            of a dense layer (1, 1, units); of the last layer the picture, in [-1, 1].
    """

    name: str
    maps: np.ndarray


@dataclass(frozen=True, eq=False)
class Judgement:
    """What the discriminator makes of one picture.

    Attributes:
        probability: How real it calls the picture, in [0, 1].
        saliency: How much its logit would rise for each pixel that gets brighter, in all of its
            colours, float32, shape (height, width), per step from black to white; the gradient of
            Simonyan et al., 2013, arXiv:1312.6034, with its sign.
    """

    probability: float
    saliency: np.ndarray


class Inside:
    """Both networks of a run, opened for looking; built once for all its checkpoints.

    Safe to call from any thread; who comes second waits.
    """

    def __init__(self, config: TrainingConfig) -> None:
        self._lock = threading.Lock()
        self._generator = build_generator(config)
        self._discriminator = build_discriminator(config)
        layers = [*self._generator.layers, None]
        self._layers = [
            layer
            for layer, following in itertools.pairwise(layers)
            if isinstance(layer, _ENDS) and not isinstance(following, _GOES_ON)
        ]
        outputs = [layer.output for layer in self._layers]
        self._opened = keras.Model(self._generator.input, outputs)

    def look(self, state: Mapping[str, np.ndarray], z: np.ndarray) -> list[LayerMaps]:
        """Return what each layer of the EMA generator gives.

        Args:
            state: A checkpoint's.
            z: Latent vector, shape (latent_dim,).

        Raises:
            ValueError: If the state is of other networks.
        """
        with self._lock:
            self._generator.set_weights(generator_weights(state))
            batch = tf.constant(z[np.newaxis], tf.float32)
            found = [output.numpy()[0] for output in self._opened(batch, training=False)]
        return [
            LayerMaps(layer.name, _as_maps(values))
            for layer, values in zip(self._layers, found, strict=True)
        ]

    def judge(self, state: Mapping[str, np.ndarray], pixels: np.ndarray) -> list[Judgement]:
        """Ask the discriminator about pictures, and on which pixels its answers hang.

        As it answers outside training, with BatchNorm's running statistics: a picture's answer
        does not depend on those beside it.

        Args:
            state: A checkpoint's.
            pixels: uint8, shape (num, height, width, channels).

        Raises:
            ValueError: If the state is of other networks.
        """
        names = sorted(name for name in state if name.startswith("discriminator/"))
        images = tf.constant(datasets.scale(pixels.astype(np.float32)))
        with self._lock:
            variables = self._discriminator.variables
            if len(names) != len(variables):
                raise ValueError(f"the state has {len(names)} of {len(variables)} variables.")
            for variable, name in zip(variables, names, strict=True):
                variable.assign(state[name])
            with tf.GradientTape() as tape:
                tape.watch(images)
                logits = self._discriminator(images, training=False)
            slopes = tape.gradient(logits, images).numpy()
        chances = tf.sigmoid(logits).numpy()[:, 0]
        # From black to white is 2 in the networks' units.
        return [
            Judgement(float(chance), 2 * slope.sum(axis=2))
            for chance, slope in zip(chances, slopes, strict=True)
        ]


def _as_maps(values: np.ndarray) -> np.ndarray:
    if values.ndim == 1:
        return values[np.newaxis, np.newaxis]
    maps: np.ndarray = np.moveaxis(values, -1, 0)
    return maps
