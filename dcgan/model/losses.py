"""The two losses of a GAN, on logits, with real = 1 and fake = 0, and the R1 gradient penalty.

Binary cross-entropy is computed from logits, so the discriminator ends without a sigmoid. Each
term of the losses is ln 2 if the discriminator cannot tell real from fake (logits of 0).
"""

from __future__ import annotations

import math
from collections.abc import Callable

from dcgan.backend import tf
from dcgan.config.settings import DIGIT_SHAPE, ImageShape


def generator_loss(fake_logits: tf.Tensor) -> tf.Tensor:
    """Compute the non-saturating generator loss: cross-entropy of the fakes against "real".

    It maximises log D(G(z)) instead of minimising log(1 - D(G(z))), whose gradient vanishes
    when the discriminator is winning.

    Args:
        fake_logits: The discriminator's logits on generated images, any shape, float32.

    Returns:
        Mean cross-entropy against the target 1, a scalar >= 0; ln 2 at logits of 0.

    Source:
        Goodfellow et al., "Generative Adversarial Nets", 2014, arXiv:1406.2661, section 3.
    """
    return tf.reduce_mean(_cross_entropy(fake_logits, 1.0))


def discriminator_loss(
    real_logits: tf.Tensor, fake_logits: tf.Tensor, label_smoothing: float = 0.0
) -> tf.Tensor:
    """Compute the discriminator loss: the sum of the mean errors on real and on fake images.

    Args:
        real_logits: Logits on real images, any shape, float32.
        fake_logits: Logits on generated images, any shape, float32.
        label_smoothing: Real images get the target 1 minus this, in [0, 0.5]. One-sided: the
            fakes' target stays 0, because a higher one would reward the generator's current fakes.

    Returns:
        A scalar >= 0; 2 ln 2 at logits of 0 without smoothing.

    Source:
        Salimans et al., "Improved Techniques for Training GANs", 2016, arXiv:1606.03498,
        section 3.4, for the smoothing.
    """
    real_errors = _cross_entropy(real_logits, 1.0 - label_smoothing)
    fake_errors = _cross_entropy(fake_logits, 0.0)
    return tf.reduce_mean(real_errors) + tf.reduce_mean(fake_errors)


def _cross_entropy(logits: tf.Tensor, target: float) -> tf.Tensor:
    """Compute the binary cross-entropy of each logit against a target in [0, 1].

    In `tf.nn.sigmoid_cross_entropy_with_logits` the gradient is a sum of four terms, and
    TensorFlow 2.21 adds more than two in an order that varies from run to run.
    """
    # Not softplus(x) - target * x, whose terms cancel where the discriminator is certain.
    return target * tf.nn.softplus(-logits) + (1.0 - target) * tf.nn.softplus(logits)


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


def gradient_penalty(
    discriminator: Callable[[tf.Tensor], tf.Tensor], real_images: tf.Tensor, weight: float
) -> tf.Tensor:
    """Compute R1: the squared slope of the discriminator at the real images.

    Without the penalty, the discriminator's gradient moves the generator even if the fakes are as
    good as real images. With it, the discriminator becomes flat there, and training converges.

    Args:
        discriminator: Maps images to logits. With BatchNorm the logits of a batch depend on all its
            images; the slope is that of their sum.
        real_images: Shape (batch, height, width, channels), float32.
        weight: γ, >= 0.

    Returns:
        γ / 2 times the mean squared length of the logit's gradient with respect to the image, a
        scalar >= 0.

    Source:
        Mescheder, Geiger and Nowozin, "Which Training Methods for GANs do actually Converge?",
        2018, arXiv:1801.04406, equation 9.
    """
    with tf.GradientTape() as tape:
        tape.watch(real_images)
        logits = tf.reduce_sum(discriminator(real_images))
    slopes = tape.gradient(logits, real_images)
    return weight / 2 * tf.reduce_mean(tf.reduce_sum(slopes**2, axis=(1, 2, 3)))
