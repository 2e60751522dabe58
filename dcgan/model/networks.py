"""The two networks of the DCGAN, as Keras functional models that a person can look into.

Both follow Radford, Metz and Chintala, "Unsupervised Representation Learning with Deep
Convolutional Generative Adversarial Networks", 2015, arXiv:1511.06434: convolutions that
stride instead of pooling, BatchNorm, ReLU in the generator with tanh at its end, LeakyReLU in
the discriminator, weights drawn from N(0, 0.02) but for `_LAST_STDDEV`. Each may have one hidden
dense layer, as both have in the paper's authors' own code for MNIST (Newmu/dcgan_code,
mnist/train_cond_dcgan.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from dcgan.backend import building_layers, keras, tf
from dcgan.config import TrainingConfig

_STDDEV = 0.02  # How widely weights are drawn: the paper's.
# Of the generator's last layer, against a discriminator with a hidden layer. The BatchNorm there
# takes away what all pictures of a batch share, so a generator whose first pictures are alike gets
# no advice: of 30 starts with a slower discriminator (lr 5e-4, no R1 penalty) 2 had saturated tanh
# at step 300 (the one that was followed, at step 200, for good); with this none of 76 at step 200,
# and with the default settings none of 40 at step 300. A higher generator lr makes it likelier.
_LAST_STDDEV = 0.1
_LEAKY_SLOPE = 0.2  # The 2015 paper's slope.
# PyTorch's 1e-5 instead of Keras's 1e-3, which is not small beside the first layers' variances.
_BATCH_NORM_EPSILON = 1e-5
# Statistics of the last tens of steps: a small GAN moves too fast for Keras's 0.99.
_BATCH_NORM_MOMENTUM = 0.9


def build_generator(config: TrainingConfig | None = None) -> keras.Model:
    """Build the network that turns latent vectors into pictures.

    Dense without bias → BatchNorm → ReLU → a picture of 7×7 or 8×8 → transposed convolutions with
    BatchNorm and ReLU → tanh. The last `num_doublings` convolutions double the size; any before
    them keep it. A hidden dense layer with BatchNorm and ReLU may stand in front.

    Args:
        config: Its `latent_dim`, `generator_units`, `generator_widths`, `kernel_size` and
            `image_shape` are used, and whether there are `discriminator_units`; None for the
            defaults.

    Returns:
        A model from (batch, latent_dim) float32 to (batch, *image_shape) float32 in [-1, 1].
    """
    config = config or TrainingConfig()
    first, *hidden = config.generator_widths
    side = config.image_size // 2**config.num_doublings
    last_stddev = _LAST_STDDEV if config.discriminator_units > 0 else _STDDEV
    seeds = _layer_seeds(config.seed, network=0)
    with building_layers():
        x = inputs = keras.Input((config.latent_dim,), name="z")
        if config.generator_units > 0:
            x = _dense(config.generator_units, seeds, "hidden")(x)
            x = _batch_norm("hidden_norm")(x)
            x = keras.layers.ReLU(name="hidden_relu")(x)
        x = _dense(side * side * first, seeds, "dense")(x)
        x = _batch_norm("dense_norm")(x)
        x = keras.layers.ReLU(name="dense_relu")(x)
        x = keras.layers.Reshape((side, side, first), name="reshape")(x)
        num_plain = len(hidden) + 1 - config.num_doublings
        for index, filters in enumerate(hidden, start=1):
            x = keras.layers.Conv2DTranspose(
                filters,
                config.kernel_size,
                strides=2 if index > num_plain else 1,
                padding="same",
                use_bias=False,  # BatchNorm's own offset would cancel it.
                kernel_initializer=_initial_weights(seeds),
                name=f"up_{index}",
            )(x)
            x = _batch_norm(f"up_{index}_norm")(x)
            x = keras.layers.ReLU(name=f"up_{index}_relu")(x)
        outputs = keras.layers.Conv2DTranspose(
            config.image_shape[2],
            config.kernel_size,
            strides=2,
            padding="same",
            activation="tanh",
            kernel_initializer=_initial_weights(seeds, last_stddev),
            name="image",
        )(x)
        return keras.Model(inputs, outputs, name="generator")


def build_discriminator(config: TrainingConfig | None = None) -> keras.Model:
    """Build the network that judges pictures.

    Strided convolutions with BatchNorm, LeakyReLU and Dropout → Dense(1). The first
    convolution has no BatchNorm, as in the paper, where it made training oscillate. A hidden
    dense layer with BatchNorm and LeakyReLU may stand before the last: each convolution sees a
    part of the picture, and without it their answers are only added up.

    Args:
        config: Its `discriminator_widths`, `discriminator_units`, `kernel_size`, `dropout` and
            `image_shape` are used; None for the defaults.

    Returns:
        A model from (batch, *image_shape) float32 in [-1, 1] to logits (batch, 1) float32, whose
        sigmoid is the probability that the picture is real.
    """
    config = config or TrainingConfig()
    seeds = _layer_seeds(config.seed, network=1)
    with building_layers():
        inputs = keras.Input(config.image_shape, name="image")
        x = inputs
        for index, filters in enumerate(config.discriminator_widths, start=1):
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
        if config.discriminator_units > 0:
            x = _dense(config.discriminator_units, seeds, "hidden")(x)
            x = _batch_norm("hidden_norm")(x)
            x = keras.layers.LeakyReLU(_LEAKY_SLOPE, name="hidden_leaky_relu")(x)
        outputs = keras.layers.Dense(1, kernel_initializer=_initial_weights(seeds), name="logit")(x)
        return keras.Model(inputs, outputs, name="discriminator")


def _layer_seeds(seed: int, *, network: int) -> Iterator[int]:
    """Give each layer a seed of its own, so that no global random state is touched."""
    states = np.random.SeedSequence((seed, network)).generate_state(32)
    return (int(state >> 1) for state in states)  # Keras wants them below 2**31.


def _initial_weights(
    seeds: Iterator[int], stddev: float = _STDDEV
) -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(stddev=stddev, seed=next(seeds))


def _dense(units: int, seeds: Iterator[int], name: str) -> keras.layers.Layer:
    # Without bias: the BatchNorm behind it has an offset of its own.
    return keras.layers.Dense(
        units, use_bias=False, kernel_initializer=_initial_weights(seeds), name=name
    )


def _batch_norm(name: str) -> keras.layers.Layer:
    return BatchNormalization(momentum=_BATCH_NORM_MOMENTUM, epsilon=_BATCH_NORM_EPSILON, name=name)


class BatchNormalization(keras.layers.BatchNormalization):
    """Keras's layer, in training as one fused operation of TensorFlow: half the time on a CPU.

    Keras 3.15 adds it up from a mean, a variance and four arithmetic operations. The moving
    variance is the unbiased one here, as in PyTorch. Where a batch is split over replicas, all of
    it is normalised by the same mean and variance, as on one device. Made for what stands in these
    networks: channels last, with scale and offset, no mask. It bears Keras's name because people
    read it in summaries and drawings.
    """

    def call(
        self, inputs: tf.Tensor, training: bool | None = None, mask: tf.Tensor | None = None
    ) -> tf.Tensor:
        """Normalise (batch, channels) or (batch, height, width, channels)."""
        if not (training and self.trainable):
            return super().call(inputs, training=False, mask=mask)
        replica = tf.distribute.get_replica_context()
        if replica.num_replicas_in_sync > 1:
            normalised, mean, variance = self._normalise_together(inputs, replica)
        else:
            normalised, mean, variance = self._normalise(inputs)
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + batch * (1.0 - self.momentum))
        return normalised

    def _normalise(self, inputs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        is_flat = inputs.shape.rank == 2
        normalised, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs[:, tf.newaxis, tf.newaxis, :] if is_flat else inputs,
            scale=tf.convert_to_tensor(self.gamma),
            offset=tf.convert_to_tensor(self.beta),
            mean=[],
            variance=[],
            epsilon=self.epsilon,
            is_training=True,
        )
        return normalised[:, 0, 0, :] if is_flat else normalised, mean, variance

    def _normalise_together(
        self, inputs: tf.Tensor, replica: tf.distribute.ReplicaContext
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        axes = list(range(inputs.shape.rank - 1))
        # One message for both: what it costs is mostly the way.
        moments = tf.stack([tf.reduce_mean(inputs, axes), tf.reduce_mean(tf.square(inputs), axes)])
        mean, square = tf.unstack(replica.all_reduce(tf.distribute.ReduceOp.MEAN, moments))
        variance = tf.maximum(square - tf.square(mean), 0.0)
        normalised = tf.nn.batch_normalization(
            inputs, mean, variance, self.beta, self.gamma, self.epsilon
        )
        count = tf.size(inputs) // inputs.shape[-1] * replica.num_replicas_in_sync
        num = tf.cast(count, variance.dtype)
        return normalised, mean, variance * num / (num - 1.0)


class PlainLayer(NamedTuple):
    """One of the generator's layers with its BatchNorm folded in, before its ReLU or tanh.

    Attributes:
        kernel: float32. Of a dense layer of shape (inputs, outputs); of a transposed convolution
            of shape (inputs, height, width, outputs).
        offset: float32, shape (outputs,); of the dense layer before the convolutions one for each
            pixel and channel of the first small picture.
        stride: By how much it enlarges the picture; 1 for dense layers.
    """

    kernel: np.ndarray
    offset: np.ndarray
    stride: int


def plain_layers(weights: Sequence[np.ndarray], config: TrainingConfig) -> list[PlainLayer]:
    """Return what a generator computes outside training, for whoever computes it without Keras.

    Args:
        weights: Of `build_generator`, in the model's order.
        config: That it was built with.
    """
    *body, last_kernel, last_offset = weights
    layers = []
    for first in range(0, len(body), 5):
        kernel, scale, offset = _fold_batch_norm(body[first : first + 5])
        if kernel.ndim == 4:  # Keras has (height, width, outputs, inputs).
            kernel = kernel.transpose(3, 0, 1, 2)
        layers.append(PlainLayer(kernel * scale, offset, 1))
    layers.append(PlainLayer(last_kernel.transpose(3, 0, 1, 2), last_offset, 1))
    num_plain = len(layers) - config.num_doublings
    return [
        layer if index < num_plain else layer._replace(stride=2)
        for index, layer in enumerate(layers)
    ]


def _fold_batch_norm(weights: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a kernel, what its outputs are multiplied by and what is added to them."""
    kernel, gamma, beta, mean, variance = weights
    scale = gamma / np.sqrt(variance + _BATCH_NORM_EPSILON)
    return kernel, scale, beta - mean * scale


def to_plain_keras(model: keras.Model) -> keras.Model:
    """Copy one of these networks into Keras's own layers, so that its file needs no line of ours.

    Args:
        model: From `build_generator` or `build_discriminator`.

    Returns:
        A model that computes the same outside training.
    """

    def plain(layer: keras.layers.Layer) -> keras.layers.Layer:
        kind = type(layer)
        if isinstance(layer, BatchNormalization):
            kind = keras.layers.BatchNormalization
        return kind.from_config(layer.get_config())

    with building_layers():
        copy = keras.models.clone_model(model, clone_function=plain)
        copy.set_weights(model.get_weights())
    return copy
