"""The exponential moving average (EMA) of the generator's weights."""

from __future__ import annotations

from dcgan.backend import keras, tf

# The EMA's half-life is at most this share of all steps so far. Otherwise the average of a short
# run would still contain the noise of its first steps. StyleGAN3's `ema_rampup` is 0.05 too
# (Karras et al., 2021, arXiv:2106.12423, training_loop.py).
_RAMP_SHARE = 0.05


def update_ema(
    average: keras.Model, network: keras.Model, max_decay: float, step: tf.Tensor
) -> None:
    """Move an average towards the current weights, in the graph of a step.

    Args:
        average: The network with averaged weights.
        network: The network in training.
        max_decay: The share of the old average that a step keeps at most, in [0, 1).
        step: Steps so far, at least 1; int32.
    """
    ramp = 0.5 ** (1.0 / (_RAMP_SHARE * tf.cast(step, tf.float32)))
    decay = tf.minimum(tf.constant(max_decay, tf.float32), ramp)
    # All variables, not only trainable ones: BatchNorm's statistics must fit the weights.
    for old, new in zip(average.variables, network.variables, strict=True):
        old.assign(decay * old + (1.0 - decay) * new)
