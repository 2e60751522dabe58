"""The two networks of the DCGAN, as Keras functional models that a person can look into.

Both follow Radford, Metz and Chintala, "Unsupervised Representation Learning with Deep
Convolutional Generative Adversarial Networks", 2015, arXiv:1511.06434: convolutions that
stride instead of pooling, BatchNorm, ReLU in the generator with tanh at its end, LeakyReLU in
the discriminator, weights drawn from N(0, 0.02).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import keras
import numpy as np

from dcgan.config import IMAGE_SIZE, TrainingConfig

# Keras numbers layers through global state while a model is being built, so two threads that
# build at once can be given the same name. Every build goes through this lock.
BUILDING = threading.RLock()

_LEAKY_SLOPE = 0.2  # The 2015 paper's slope.
_BASE_SIZE = IMAGE_SIZE // 4  # Two up-samplings by 2 lead from 7×7 to 28×28.
# PyTorch's 1e-5 instead of Keras's 1e-3, which is not small beside the first layers' variances.
_BATCH_NORM_EPSILON = 1e-5
# Statistics of the last tens of steps: a small GAN moves too fast for Keras's 0.99.
_BATCH_NORM_MOMENTUM = 0.9


def build_generator(config: TrainingConfig | None = None) -> keras.Model:
    """Build the network that turns latent vectors into pictures.

    Dense without bias → BatchNorm → ReLU → 7×7 → transposed convolutions with BatchNorm and
    ReLU → tanh. The last two convolutions double the size; any before them keep 7×7.

    Args:
        config: Its `latent_dim`, `generator_filters` and `kernel_size` are used; None for the
            defaults.

    Returns:
        A model from (batch, latent_dim) float32 to (batch, 28, 28, 1) float32 in [-1, 1].
    """
    config = config or TrainingConfig()
    first, *hidden = config.generator_filters
    seeds = _layer_seeds(config.seed, network=0)
    with BUILDING:
        inputs = keras.Input((config.latent_dim,), name="z")
        x = keras.layers.Dense(
            _BASE_SIZE * _BASE_SIZE * first,
            use_bias=False,
            kernel_initializer=_initial_weights(seeds),
            name="dense",
        )(inputs)
        x = _batch_norm("dense_norm")(x)
        x = keras.layers.ReLU(name="dense_relu")(x)
        x = keras.layers.Reshape((_BASE_SIZE, _BASE_SIZE, first), name="reshape")(x)
        for index, filters in enumerate(hidden, start=1):
            x = keras.layers.Conv2DTranspose(
                filters,
                config.kernel_size,
                strides=2 if index == len(hidden) else 1,
                padding="same",
                use_bias=False,  # BatchNorm's own offset would cancel it.
                kernel_initializer=_initial_weights(seeds),
                name=f"up_{index}",
            )(x)
            x = _batch_norm(f"up_{index}_norm")(x)
            x = keras.layers.ReLU(name=f"up_{index}_relu")(x)
        outputs = keras.layers.Conv2DTranspose(
            1,
            config.kernel_size,
            strides=2,
            padding="same",
            activation="tanh",
            kernel_initializer=_initial_weights(seeds),
            name="image",
        )(x)
        return keras.Model(inputs, outputs, name="generator")


def build_discriminator(config: TrainingConfig | None = None) -> keras.Model:
    """Build the network that judges pictures.

    Strided convolutions with BatchNorm, LeakyReLU and Dropout → Dense(1). The first
    convolution has no BatchNorm, as in the paper, where it made training oscillate.

    Args:
        config: Its `discriminator_filters`, `kernel_size` and `dropout` are used; None for the
            defaults.

    Returns:
        A model from (batch, 28, 28, 1) float32 in [-1, 1] to logits (batch, 1) float32, whose
        sigmoid is the probability that the picture is real.
    """
    config = config or TrainingConfig()
    seeds = _layer_seeds(config.seed, network=1)
    with BUILDING:
        inputs = keras.Input((IMAGE_SIZE, IMAGE_SIZE, 1), name="image")
        x = inputs
        for index, filters in enumerate(config.discriminator_filters, start=1):
            x = keras.layers.Conv2D(
                filters,
                config.kernel_size,
                strides=2,
                padding="same",
                use_bias=index == 1,
                kernel_initializer=_initial_weights(seeds),
                name=f"down_{index}",
            )(x)
            if index > 1:
                x = _batch_norm(f"down_{index}_norm")(x)
            x = keras.layers.LeakyReLU(_LEAKY_SLOPE, name=f"down_{index}_leaky_relu")(x)
            if config.dropout > 0:
                x = keras.layers.Dropout(
                    config.dropout, seed=next(seeds), name=f"down_{index}_dropout"
                )(x)
        x = keras.layers.Flatten(name="flatten")(x)
        outputs = keras.layers.Dense(1, kernel_initializer=_initial_weights(seeds), name="logit")(x)
        return keras.Model(inputs, outputs, name="discriminator")


def _layer_seeds(seed: int, *, network: int) -> Iterator[int]:
    """Give each layer a seed of its own, so that no global random state is touched."""
    states = np.random.SeedSequence((seed, network)).generate_state(32)
    return (int(state >> 1) for state in states)  # Keras wants them below 2**31.


def _initial_weights(seeds: Iterator[int]) -> keras.initializers.Initializer:
    # The paper's distribution.
    return keras.initializers.RandomNormal(stddev=0.02, seed=next(seeds))


def _batch_norm(name: str) -> keras.layers.Layer:
    return keras.layers.BatchNormalization(
        momentum=_BATCH_NORM_MOMENTUM, epsilon=_BATCH_NORM_EPSILON, name=name
    )
