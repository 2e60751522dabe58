"""The two networks of the DCGAN, as Keras functional models.

Both follow Radford, Metz and Chintala, "Unsupervised Representation Learning with Deep
Convolutional Generative Adversarial Networks", 2015, arXiv:1511.06434: strided convolutions instead
of pooling, BatchNorm, ReLU in the generator with tanh at its end, LeakyReLU in the discriminator,
initial weights with a standard deviation of 0.02 except in the generator's last layer
(`_LAST_STDDEV`). Each network may have one hidden dense layer, as in the authors' own code for
MNIST (Newmu/dcgan_code, mnist/train_cond_dcgan.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dcgan.backend import building_layers, keras, tf
from dcgan.config.training_config import TrainingConfig
from dcgan.networks.batch_norm import make_batch_norm

_STDDEV = 0.02  # Standard deviation of the initial weights; the paper's.
# Standard deviation in the generator's last layer, if the discriminator has a hidden layer. The
# BatchNorm of the hidden layer removes what all images share, so a generator whose first images are
# alike gets no gradient. With _STDDEV and a slower discriminator (lr 5e-4, no R1 penalty), tanh was
# saturated at step 300 in 2 of 30 runs, which did not recover. With this value it was saturated in
# none of 76 such runs at step 200, and in none of 40 runs with the default settings at step 300. A
# higher generator learning rate makes saturation likelier.
_LAST_STDDEV = 0.1
_LEAKY_SLOPE = 0.2  # The 2015 paper's slope.


def build_generator(config: TrainingConfig | None = None) -> keras.Model:
    """Build the network that turns latent vectors into images.

    Dense without bias → BatchNorm → ReLU → an image of 7×7 or 8×8 → transposed convolutions with
    BatchNorm and ReLU → tanh. The last `num_doublings` convolutions double the size; any before
    them keep it. An optional hidden dense layer with BatchNorm and ReLU comes first.

    With classes, z is followed by one number for each class, as in the authors' own code.

    Args:
        config: Its `latent_dim`, `class_names`, `generator_units`, `generator_widths`,
            `kernel_size` and `image_shape` are used, and whether there are `discriminator_units`;
            None for the defaults.

    Returns:
        A model from (batch, num_generator_inputs) float32 (see `class_inputs`) to
        (batch, *image_shape) float32 in [-1, 1].
    """
    config = config or TrainingConfig()
    first, *hidden = config.generator_widths
    side = config.image_size // 2**config.num_doublings
    last_stddev = _LAST_STDDEV if config.discriminator_units > 0 else _STDDEV
    seeds = _make_layer_seeds(config.seed, network=0)
    with building_layers():
        x = inputs = keras.Input((config.num_generator_inputs,), name="z")
        if config.generator_units > 0:
            x = _make_dense(config.generator_units, seeds, "hidden")(x)
            x = make_batch_norm("hidden_norm")(x)
            x = keras.layers.ReLU(name="hidden_relu")(x)
        x = _make_dense(side * side * first, seeds, "dense")(x)
        x = make_batch_norm("dense_norm")(x)
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
                kernel_initializer=_make_initial_weights(seeds),
                name=f"up_{index}",
            )(x)
            x = make_batch_norm(f"up_{index}_norm")(x)
            x = keras.layers.ReLU(name=f"up_{index}_relu")(x)
        outputs = keras.layers.Conv2DTranspose(
            config.image_shape[2],
            config.kernel_size,
            strides=2,
            padding="same",
            activation="tanh",
            kernel_initializer=_make_initial_weights(seeds, last_stddev),
            name="image",
        )(x)
        return keras.Model(inputs, outputs, name="generator")


def build_discriminator(config: TrainingConfig | None = None) -> keras.Model:
    """Build the network that classifies images as real or fake.

    Strided convolutions with BatchNorm, LeakyReLU and Dropout → Dense(1). The first
    convolution has no BatchNorm, as in the paper, where it made training oscillate. An optional
    hidden dense layer with BatchNorm and LeakyReLU comes before the last: each convolution sees
    a part of the image, and without it their outputs are only summed.

    With classes, there is one more number for each class; see `compute_logits`.

    Args:
        config: Its `discriminator_widths`, `discriminator_units`, `kernel_size`, `dropout`,
            `image_shape` and `class_names` are used; None for the defaults.

    Returns:
        A model from (batch, *image_shape) float32 in [-1, 1] to logits (batch, 1) float32, whose
        sigmoid is the probability that the image is real; with classes to
        (batch, 1 + num_classes), from which `compute_logits` makes the logits.
    """
    config = config or TrainingConfig()
    seeds = _make_layer_seeds(config.seed, network=1)
    # This penalty is the slope at one image, which must not depend on the others of the batch.
    needs_independence = config.loss_kind.has_gradient_penalty
    make_norm = keras.layers.LayerNormalization if needs_independence else make_batch_norm
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
                kernel_initializer=_make_initial_weights(seeds),
                name=f"down_{index}",
            )(x)
            if index > 1:
                x = make_norm(name=f"down_{index}_norm")(x)
            x = keras.layers.LeakyReLU(_LEAKY_SLOPE, name=f"down_{index}_leaky_relu")(x)
            if config.dropout > 0:
                x = keras.layers.Dropout(
                    config.dropout, seed=next(seeds), name=f"down_{index}_dropout"
                )(x)
        x = keras.layers.Flatten(name="flatten")(x)
        if config.discriminator_units > 0:
            x = _make_dense(config.discriminator_units, seeds, "hidden")(x)
            x = make_norm(name="hidden_norm")(x)
            x = keras.layers.LeakyReLU(_LEAKY_SLOPE, name="hidden_leaky_relu")(x)
        outputs = keras.layers.Dense(
            1 + config.num_classes, kernel_initializer=_make_initial_weights(seeds), name="logit"
        )(x)
        return keras.Model(inputs, outputs, name="discriminator")


def find_held_variables(discriminator: keras.Model, num_layers: int) -> set[int]:
    """Return the `id` of each variable of the first convolutions, with their normalisation."""
    names = {f"down_{index}{end}" for index in range(1, num_layers + 1) for end in ("", "_norm")}
    return {
        id(variable)
        for layer in discriminator.layers
        if layer.name in names
        for variable in layer.trainable_variables
    }


def compute_logits(outputs: tf.Tensor, classes: tf.Tensor | None) -> tf.Tensor:
    """Return how real the discriminator finds images as pictures of their classes.

    The first output measures how real an image is, the others how well it fits each class. Their
    sum is the "projection discriminator" (Miyato and Koyama, 2018, arXiv:1802.05637, figure 1d): a
    column of the last layer's weights is the learned vector of a class.

    Args:
        outputs: The discriminator's outputs, shape (batch, 1 + num_classes).
        classes: The weights of the images' classes, shape (batch, num_classes), float32. None for
            the class that each image fits best, or if the networks learn no classes.

    Returns:
        Logits, shape (batch, 1).
    """
    if outputs.shape[1] == 1:
        return outputs
    fits = outputs[:, 1:]
    if classes is None:
        return outputs[:, :1] + tf.reduce_max(fits, axis=1, keepdims=True)
    return outputs[:, :1] + tf.reduce_sum(fits * classes, axis=1, keepdims=True)


def _make_layer_seeds(seed: int, *, network: int) -> Iterator[int]:
    """Yield a seed for each layer, so that no global random state is used."""
    states = np.random.SeedSequence((seed, network)).generate_state(32)
    return (int(state >> 1) for state in states)  # Keras allows seeds below 2**31.


def _make_initial_weights(
    seeds: Iterator[int], stddev: float = _STDDEV
) -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(stddev=stddev, seed=next(seeds))


def _make_dense(units: int, seeds: Iterator[int], name: str) -> keras.layers.Layer:
    # Without bias: the BatchNorm after it adds an offset.
    return keras.layers.Dense(
        units, use_bias=False, kernel_initializer=_make_initial_weights(seeds), name=name
    )
