"""Copies of the networks for use without this package: as arrays, and as Keras's own layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dcgan.backend import building_layers, keras
from dcgan.config.training_config import TrainingConfig
from dcgan.networks.batch_norm import BatchNormalization, fold_batch_norm


class PlainLayer(NamedTuple):
    """A layer of the generator with its BatchNorm folded in, without its ReLU or tanh.

    Attributes:
        kernel: float32. Shape (inputs, outputs) for a dense layer; (inputs, height, width, outputs)
            for a transposed convolution.
        offset: float32, shape (outputs,). The outputs of the last dense layer are the pixels and
            channels of the first small image.
        stride: The factor by which the layer enlarges the image; 1 for dense layers.
    """

    kernel: np.ndarray
    offset: np.ndarray
    stride: int


def make_plain_layers(weights: Sequence[np.ndarray], config: TrainingConfig) -> list[PlainLayer]:
    """Return the layers of a generator outside training as arrays, for code without Keras.

    Args:
        weights: The weights of a model from `build_generator`, in its order.
        config: The config that it was built with.
    """
    *body, last_kernel, last_offset = weights
    layers = []
    for first in range(0, len(body), 5):
        kernel, scale, offset = fold_batch_norm(body[first : first + 5])
        if kernel.ndim == 4:  # Keras has (height, width, outputs, inputs).
            kernel = kernel.transpose(3, 0, 1, 2)
        layers.append(PlainLayer(kernel * scale, offset, 1))
    layers.append(PlainLayer(last_kernel.transpose(3, 0, 1, 2), last_offset, 1))
    num_plain = len(layers) - config.num_doublings
    return [
        layer if index < num_plain else layer._replace(stride=2)
        for index, layer in enumerate(layers)
    ]


def to_plain_keras(model: keras.Model) -> keras.Model:
    """Copy a network into Keras's own layers, so that its file can be loaded without this package.

    Args:
        model: From `build_generator` or `build_discriminator`.

    Returns:
        A model with the same outputs outside training.
    """

    def copy_layer(layer: keras.layers.Layer) -> keras.layers.Layer:
        kind = type(layer)
        if isinstance(layer, BatchNormalization):
            kind = keras.layers.BatchNormalization
        return kind.from_config(layer.get_config())

    with building_layers():
        copy = keras.models.clone_model(model, clone_function=copy_layer)
        copy.set_weights(model.get_weights())
    return copy


def take_class_ids(model: keras.Model, config: TrainingConfig) -> keras.Model:
    """Make a generator take the index of a class instead of a weight for each class.

    Args:
        model: From `build_generator`, or its copy from `to_plain_keras`.
        config: The config that it was built with; its networks know classes.

    Returns:
        A model with the inputs `z`, shape (batch, latent_dim), float32, and `class_id`, shape
        (batch,), int32, an index in `config.class_names`.
    """
    with building_layers():
        z = keras.Input((config.latent_dim,), name="z")
        class_id = keras.Input((), dtype="int32", name="class_id")
        # An embedding refuses an index out of bounds; a one-hot encoding would return zeros.
        weights = keras.layers.Embedding(
            config.num_classes,
            config.num_classes,
            embeddings_initializer="identity",
            trainable=False,
            name="class_weights",
        )(class_id)
        inputs = keras.layers.Concatenate(name="inputs")([z, weights])
        return keras.Model([z, class_id], model(inputs), name="class_generator")
