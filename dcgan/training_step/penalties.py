"""Penalties of the discriminator: R1 and R2, WGAN-GP's slope, and the middle of the logits."""

from __future__ import annotations

import math
from collections.abc import Callable

from dcgan.backend import tf
from dcgan.config.settings import DIGIT_SHAPE, ImageShape

_SLOPE_WEIGHT = 10.0  # Weight of WGAN-GP's penalty; its paper's λ.
_MIDDLE_WEIGHT = 0.1


def scale_penalty_weight(weight: float, image_shape: ImageShape) -> float:
    """Return the weight of R1 that has the same effect on another image shape.

    A logit that depends equally on N values has a slope of 1/N in each. The sum of the squares is
    1/N, so a larger image needs a larger weight.

    Args:
        weight: The weight for grey images of 28×28, such as the setting `r1_penalty`.
        image_shape: Height, width and channels of the images.

    Source:
        The setting gamma of Karras et al., "Training Generative Adversarial Networks with Limited
        Data", 2020, arXiv:2006.06676.
    """
    return weight * math.prod(image_shape) / math.prod(DIGIT_SHAPE)


def zero_centered_penalty(
    discriminator: Callable[[tf.Tensor], tf.Tensor], images: tf.Tensor, weight: float
) -> tf.Tensor:
    """Compute R1 (at real images) or R2 (at fakes): the discriminator's squared slope there.

    Without the penalty, the discriminator's gradient moves the generator even if the fakes are as
    good as real images. With it, the discriminator becomes flat there, and training converges.

    Args:
        discriminator: Maps images to logits. With BatchNorm each logit depends on all images of the
            batch, so the slope is taken of the sum of the logits.
        images: Shape (batch, height, width, channels), float32.
        weight: γ, >= 0.

    Returns:
        γ / 2 times the mean squared length of the logit's gradient with respect to the image, a
        scalar >= 0.

    Source:
        Mescheder, Geiger and Nowozin, "Which Training Methods for GANs do actually Converge?",
        2018, arXiv:1801.04406, equation 9.
    """
    with tf.GradientTape() as tape:
        tape.watch(images)
        logits = tf.reduce_sum(discriminator(images))
    slopes = tape.gradient(logits, images)
    return weight / 2 * tf.reduce_mean(tf.reduce_sum(slopes**2, axis=(1, 2, 3)))


def wgan_gp_penalty(
    discriminator: Callable[[tf.Tensor], tf.Tensor],
    real_images: tf.Tensor,
    fake_images: tf.Tensor,
    mix_weights: tf.Tensor,
) -> tf.Tensor:
    """Compute WGAN-GP's penalty: how far the discriminator's slope is from 1 between images.

    Args:
        discriminator: Maps images to logits, each image by itself: without BatchNorm.
        real_images, fake_images: Shape (batch, height, width, channels), float32.
        mix_weights: Weight of the real image in the mixture of each pair, in [0, 1], shape
            (batch,).

    Returns:
        The mean of (slope - 1)², times the paper's weight of 10; a scalar >= 0.

    Source:
        Gulrajani et al., "Improved Training of Wasserstein GANs", 2017, arXiv:1704.00028, section
        4.
    """
    mixed = fake_images + mix_weights[:, None, None, None] * (real_images - fake_images)
    with tf.GradientTape() as tape:
        tape.watch(mixed)
        logits = tf.reduce_sum(discriminator(mixed))
    gradients = tape.gradient(logits, mixed)
    # The root of 0 has no gradient.
    slopes = tf.sqrt(tf.reduce_sum(gradients**2, axis=(1, 2, 3)) + 1e-12)
    return _SLOPE_WEIGHT * tf.reduce_mean((slopes - 1.0) ** 2)


def middle_penalty(real_logits: tf.Tensor, fake_logits: tf.Tensor) -> tf.Tensor:
    """Compute the squared mean of all logits of a batch, times a weight of 0.1.

    A loss that sees only differences of logits does not change when all are shifted. This penalty
    keeps 0 halfway between real images and fakes, so that a logit of 0 means "in doubt", as with
    the other losses.

    Args:
        real_logits, fake_logits: One replica's share of the batch, any shape, float32.

    Returns:
        A scalar >= 0, the same on all replicas.

    Source:
        Karras et al., 2017, arXiv:1710.10196, appendix A.1, keep the logits near 0 in a similar
        way.
    """
    middle = (tf.reduce_mean(real_logits) + tf.reduce_mean(fake_logits)) / 2.0
    replica = tf.distribute.get_replica_context()
    if replica.num_replicas_in_sync > 1:
        middle = replica.all_reduce(tf.distribute.ReduceOp.MEAN, middle)
    return _MIDDLE_WEIGHT * tf.square(middle)
