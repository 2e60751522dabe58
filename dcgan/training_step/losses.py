"""The losses of a GAN, computed from the discriminator's logits.

A higher logit means "more like a real image"; the discriminator ends without a sigmoid. With
logits of 0 it cannot tell real from fake, and each term of the cross-entropy is ln 2.
"""

from __future__ import annotations

from typing import assert_never

from dcgan.backend import tf
from dcgan.config.setting_types import Loss


def generator_loss(
    fake_logits: tf.Tensor, real_logits: tf.Tensor | None = None, *, loss: Loss = "bce"
) -> tf.Tensor:
    """Compute the generator's loss.

    bce is the cross-entropy of the fakes against "real". It maximises log D(G(z)) instead of
    minimising log(1 - D(G(z))), whose gradient vanishes when the discriminator is winning.

    Args:
        fake_logits: The discriminator's logits on generated images, any shape, float32.
        real_logits: The logits on as many real images; only the relativistic loss needs them.
        loss: The value of the setting `loss`.

    Returns:
        A scalar, the mean over the images. For bce >= 0, and ln 2 at logits of 0.

    Source:
        bce: Goodfellow et al., "Generative Adversarial Nets", 2014, arXiv:1406.2661, section 3.
        `discriminator_loss` names the sources of the others.
    """
    match loss:
        case "bce":
            return tf.reduce_mean(_cross_entropy(fake_logits, 1.0))
        case "relativistic":
            return tf.reduce_mean(_cross_entropy(fake_logits - real_logits, 1.0))
        case "hinge" | "wgan_gp":
            return -tf.reduce_mean(fake_logits)
        case _:
            assert_never(loss)


def discriminator_loss(
    real_logits: tf.Tensor,
    fake_logits: tf.Tensor,
    label_smoothing: float = 0.0,
    *,
    loss: Loss = "bce",
) -> tf.Tensor:
    """Compute the discriminator's loss, without its penalties.

    Args:
        real_logits: Logits on real images, any shape, float32.
        fake_logits: Logits on generated images, any shape, float32. For the relativistic loss there
            is one for each real image, and the two form a pair.
        label_smoothing: Only for bce: real images get the target 1 minus this, in [0, 0.5].
            One-sided: the fakes' target stays 0, because a higher one would reward the generator's
            current fakes.
        loss: The value of the setting `loss`.

    Returns:
        A scalar, the mean over the images. For bce >= 0, and 2 ln 2 at logits of 0 without
        smoothing.

    Source:
        bce: Goodfellow et al., 2014, arXiv:1406.2661; its smoothing: Salimans et al., 2016,
        arXiv:1606.03498, section 3.4. hinge: Lim and Ye, 2017, arXiv:1705.02894. wgan_gp: Gulrajani
        et al., 2017, arXiv:1704.00028. relativistic: Jolicoeur-Martineau, 2018, arXiv:1807.00734,
        in pairs and with the two penalties of Huang et al., 2024, arXiv:2501.05441.
    """
    match loss:
        case "bce":
            real_errors = _cross_entropy(real_logits, 1.0 - label_smoothing)
            fake_errors = _cross_entropy(fake_logits, 0.0)
            return tf.reduce_mean(real_errors) + tf.reduce_mean(fake_errors)
        case "hinge":
            real_errors, fake_errors = tf.nn.relu(1.0 - real_logits), tf.nn.relu(1.0 + fake_logits)
            return tf.reduce_mean(real_errors) + tf.reduce_mean(fake_errors)
        case "relativistic":
            return tf.reduce_mean(_cross_entropy(real_logits - fake_logits, 1.0))
        case "wgan_gp":
            return tf.reduce_mean(fake_logits) - tf.reduce_mean(real_logits)
        case _:
            assert_never(loss)


def _cross_entropy(logits: tf.Tensor, target: float) -> tf.Tensor:
    """Compute the binary cross-entropy of each logit against a target in [0, 1].

    In `tf.nn.sigmoid_cross_entropy_with_logits` the gradient is a sum of four terms, and
    TensorFlow 2.21 adds more than two in an order that varies from run to run.
    """
    # Not softplus(x) - target * x, whose terms cancel where the discriminator is certain.
    return target * tf.nn.softplus(-logits) + (1.0 - target) * tf.nn.softplus(logits)
