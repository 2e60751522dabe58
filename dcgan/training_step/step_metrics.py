"""Metrics of training steps: their names, and how a step's graph computes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from dcgan.backend import keras, tf

# The metrics that are one number, in the order in which the graph returns them.
STEP_METRICS = (
    "generator_loss",
    "discriminator_loss",
    "real_accuracy",
    "fake_accuracy",
    "real_probability",
    "fake_probability",
    "generator_gradient_norm",
    "discriminator_gradient_norm",
    "real_spread",
    "fake_spread",
)
HISTOGRAM_BINS = 20  # Equal parts of [0, 1], for D(x) and D(G(z)).
# The length of a step's vector: STEP_METRICS, then the histograms of real and of fake images.
NUM_VALUES = len(STEP_METRICS) + 2 * HISTOGRAM_BINS


class StepMetrics(NamedTuple):
    """Metrics over several steps.

    Attributes:
        means: Means of STEP_METRICS, by name.
        generator_update_ratio, discriminator_update_ratio: |Δw| / |w| over all trainable weights w
            of the network: the length of the last step's update, divided by the length of w.
        real_histogram, fake_histogram: Shares of the probabilities D(x) and D(G(z)), on training
            batches, in HISTOGRAM_BINS equal parts of [0, 1]; each sums to 1.
        augment_probability: The probability of each augmentation after the last step; None without
            augmentation.
    """

    means: dict[str, float]
    generator_update_ratio: float
    discriminator_update_ratio: float
    real_histogram: tuple[float, ...]
    fake_histogram: tuple[float, ...]
    augment_probability: float | None = None


def unpack_step_metrics(
    values: np.ndarray,
    generator_update_ratio: float,
    discriminator_update_ratio: float,
    augment_probability: float | None = None,
) -> StepMetrics:
    """Name the values of a step's vector.

    Args:
        values: Means over steps, shape (NUM_VALUES,).
        generator_update_ratio, discriminator_update_ratio: |Δw| / |w| of the last step.
        augment_probability: Probability of each augmentation after the last step; None without.
    """
    num = len(STEP_METRICS)
    numbers = values.tolist()
    return StepMetrics(
        dict(zip(STEP_METRICS, numbers[:num], strict=True)),
        generator_update_ratio,
        discriminator_update_ratio,
        tuple(numbers[num : num + HISTOGRAM_BINS]),
        tuple(numbers[num + HISTOGRAM_BINS :]),
        augment_probability,
    )


def pack_step_metrics(metrics: Mapping[str, tf.Tensor]) -> tf.Tensor:
    """Join the metrics of a step to its vector, shape (NUM_VALUES,), float32.

    Args:
        metrics: The scalars of STEP_METRICS, `real_histogram` and `fake_histogram`, by name.
    """
    numbers = tf.stack([metrics[name] for name in STEP_METRICS])
    return tf.concat([numbers, metrics["real_histogram"], metrics["fake_histogram"]], 0)


def compute_discriminator_metrics(
    loss: tf.Tensor, real_logits: tf.Tensor, fake_logits: tf.Tensor, gradients: list[tf.Tensor]
) -> dict[str, tf.Tensor]:
    """Compute the metrics of one update of the discriminator, by name.

    Args:
        loss: The discriminator's loss, a scalar.
        real_logits, fake_logits: Logits on one replica's share of the batch.
        gradients: Gradients of the loss, one for each trainable variable.
    """
    real_probabilities, fake_probabilities = tf.sigmoid(real_logits), tf.sigmoid(fake_logits)
    return {
        "discriminator_loss": loss,
        "real_accuracy": tf.reduce_mean(tf.cast(real_logits > 0, tf.float32)),
        "fake_accuracy": tf.reduce_mean(tf.cast(fake_logits < 0, tf.float32)),
        "real_probability": tf.reduce_mean(real_probabilities),
        "fake_probability": tf.reduce_mean(fake_probabilities),
        "discriminator_gradient_norm": compute_gradient_norm(gradients),
        "real_histogram": compute_histogram(real_probabilities),
        "fake_histogram": compute_histogram(fake_probabilities),
    }


def compute_histogram(probabilities: tf.Tensor) -> tf.Tensor:
    """Return the shares of HISTOGRAM_BINS equal parts of [0, 1], shape (HISTOGRAM_BINS,)."""
    # NaNs go into bin 0; the loss check reports them.
    numbers = tf.where(tf.math.is_finite(probabilities), probabilities, 0.0)
    # Not `tf.histogram_fixed_width`, which XLA cannot compile.
    bins = tf.cast(tf.reshape(numbers, [-1]) * HISTOGRAM_BINS, tf.int32)
    return tf.reduce_mean(tf.one_hot(tf.minimum(bins, HISTOGRAM_BINS - 1), HISTOGRAM_BINS), axis=0)


def compute_gradient_norm(gradients: list[tf.Tensor]) -> tf.Tensor:
    """Return the L2 norm of the gradient that the optimizer applies: the sum over all replicas."""
    replica = tf.distribute.get_replica_context()
    if replica.num_replicas_in_sync > 1:
        gradients = replica.all_reduce(tf.distribute.ReduceOp.SUM, gradients)
    return tf.linalg.global_norm(gradients)


def compute_spread(images: tf.Tensor) -> tf.Tensor:
    """Return how different two images of a batch are on average.

    Args:
        images: One replica's share of the batch, in [-1, 1], shape (num, height, width, channels),
            float32; all replicas have the same number.

    Returns:
        Root mean squared difference of the pixels over all pairs of the whole batch, where the
        difference of black and white is 1. A scalar in [0, 1]; 0 if all images are equal, and for a
        single image.
    """
    replica = tf.distribute.get_replica_context()
    num = tf.cast(tf.shape(images)[0] * replica.num_replicas_in_sync, tf.float32)
    # The mean over all pairs is twice the unbiased variance, so no pair has to be computed.
    mean = tf.reduce_mean(images, axis=0)
    if replica.num_replicas_in_sync > 1:
        mean = replica.all_reduce(tf.distribute.ReduceOp.MEAN, mean)
    variance = tf.reduce_mean(tf.square(images - mean))
    if replica.num_replicas_in_sync > 1:
        variance = replica.all_reduce(tf.distribute.ReduceOp.MEAN, variance)
    return tf.sqrt(2.0 * tf.math.divide_no_nan(variance * num, num - 1.0)) / 2.0


def copy_weights(network: keras.Model) -> np.ndarray:
    """Copy a network's trainable weights into one vector, shape (num_weights,)."""
    return np.concatenate([np.ravel(variable) for variable in network.trainable_variables])


def compute_update_ratio(before: np.ndarray, after: np.ndarray) -> float:
    """Return |after - before| / |before|; 0 if all weights were 0."""
    length = float(np.linalg.norm(before))
    return float(np.linalg.norm(after - before)) / length if length > 0 else 0.0
