"""Changes of networks that `levers.py` measures and the product does not have."""

from __future__ import annotations

from collections.abc import Callable

import keras
import tensorflow as tf

from dcgan.networks.batch_norm import BatchNormalization

Rebuild = Callable[[keras.Model], keras.Model]


def replace_layers(
    model: keras.Model, replace: Callable[[keras.layers.Layer], keras.layers.Layer | None]
) -> keras.Model:
    """Copy a model, replacing the layers for which `replace` returns another one."""

    def clone(layer: keras.layers.Layer) -> keras.layers.Layer:
        return replace(layer) or type(layer).from_config(layer.get_config())

    return keras.models.clone_model(model, clone_function=clone)


def without_norm(model: keras.Model) -> keras.Model:
    """Replace BatchNorm by its offset only."""
    return replace_layers(model, lambda layer: Offset(name=layer.name) if is_norm(layer) else None)


def is_norm(layer: keras.layers.Layer) -> bool:
    """Return whether a layer is a BatchNorm."""
    return isinstance(layer, BatchNormalization)


def with_spectral_norm(model: keras.Model) -> keras.Model:
    """Replace BatchNorm by spectral normalization (Miyato et al., 2018, arXiv:1802.05957)."""

    def replace(layer: keras.layers.Layer) -> keras.layers.Layer | None:
        if is_norm(layer):
            return Offset(name=layer.name)
        if isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
            return keras.layers.SpectralNormalization(type(layer).from_config(layer.get_config()))
        return None

    return replace_layers(model, replace)


def with_layer_norm(model: keras.Model) -> keras.Model:
    """Replace BatchNorm by LayerNorm."""
    return replace_layers(
        model, lambda layer: LayerNorm(name=layer.name) if is_norm(layer) else None
    )


def in_bfloat16(model: keras.Model) -> keras.Model:
    """Compute in bfloat16, except for BatchNorm and the last layer."""

    def replace(layer: keras.layers.Layer) -> keras.layers.Layer | None:
        kinds = (keras.layers.Conv2D, keras.layers.Conv2DTranspose, keras.layers.Dense)
        if isinstance(layer, kinds) and layer.name not in ("image", "logit"):
            return type(layer).from_config({**layer.get_config(), "dtype": "mixed_bfloat16"})
        return None

    return replace_layers(model, replace)


def with_minibatch_deviation(model: keras.Model) -> keras.Model:
    """Give the discriminator the deviation of the batch (Karras et al., 2017, arXiv:1710.10196)."""

    def replace(layer: keras.layers.Layer) -> keras.layers.Layer | None:
        return FlattenWithDeviation(name="flatten") if layer.name == "flatten" else None

    return replace_layers(model, replace)


def with_subpixels(model: keras.Model) -> keras.Model:
    """Draw each grey pixel as the mean of four, as if the image were twice as fine."""

    def replace(layer: keras.layers.Layer) -> keras.layers.Layer | None:
        if layer.name != "image":
            return None
        return SubpixelImage.from_config({**layer.get_config(), "filters": 4})

    return replace_layers(model, replace)


def with_reachable_ends(model: keras.Model) -> keras.Model:
    """Make black and white reachable: a tanh that is a little too large, clipped."""

    def replace(layer: keras.layers.Layer) -> keras.layers.Layer | None:
        return ClippedImage.from_config(layer.get_config()) if layer.name == "image" else None

    return replace_layers(model, replace)


class SubpixelImage(keras.layers.Conv2DTranspose):
    """The generator's last layer, whose pixels are means of its channels."""

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Draw the parts of each pixel, and take their mean."""
        return tf.reduce_mean(super().call(inputs), axis=-1, keepdims=True)

    def compute_output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of Keras's layer, with one channel."""
        return (*super().compute_output_shape(input_shape)[:-1], 1)


class ClippedImage(keras.layers.Conv2DTranspose):
    """The generator's last layer, whose tanh is multiplied by 1.04 and clipped to [-1, 1]."""

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Draw the image."""
        return tf.clip_by_value(1.04 * super().call(inputs), -1.0, 1.0)


class Offset(keras.layers.Layer):
    """A learned offset per channel."""

    def build(self, input_shape: tuple[int, ...]) -> None:
        """Start at 0."""
        self.offset = self.add_weight(shape=(input_shape[-1],), initializer="zeros")

    def call(self, inputs: tf.Tensor, mask: None = None) -> tf.Tensor:
        """Add the offset; the mask is the same as the replaced BatchNorm's."""
        return inputs + self.offset


class LayerNorm(keras.layers.LayerNormalization):
    """Keras's layer, with the mask argument of BatchNorm."""

    def call(self, inputs: tf.Tensor, mask: None = None) -> tf.Tensor:
        """Normalize each sample."""
        return super().call(inputs)


class FlattenWithDeviation(keras.layers.Flatten):
    """Flatten, and append the mean standard deviation over the batch."""

    def compute_output_spec(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Return the output of Flatten, with one more value."""
        length = inputs.shape[1] * inputs.shape[2] * inputs.shape[3] + 1
        return keras.KerasTensor((None, length), inputs.dtype)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Flatten and append the deviation."""
        deviation = tf.reduce_mean(tf.sqrt(tf.math.reduce_variance(inputs, axis=0) + 1e-8))
        flat = tf.reshape(inputs, (-1, inputs.shape[1] * inputs.shape[2] * inputs.shape[3]))
        return tf.concat([flat, tf.fill((tf.shape(flat)[0], 1), deviation)], axis=1)
