"""Training steps with each kind of loss."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from dcgan.backend import keras
from dcgan.config.setting_types import Loss
from dcgan.config.training_config import TrainingConfig
from dcgan.model import gan as gan_module
from dcgan.model.gan import DCGAN
from dcgan.model.networks import build_discriminator
from dcgan.model.training_images import TrainingImages


@pytest.mark.parametrize("loss", ["hinge", "wgan_gp", "relativistic"])
def test_both_networks_learn_with_every_loss(
    tiny_config: TrainingConfig, images: TrainingImages, order: tf.Tensor, loss: Loss
) -> None:
    gan = DCGAN(tiny_config.replace(loss=loss))
    before = gan.get_state()
    gan.step = 15  # The next step is one with a lazy penalty.
    measured = gan.train_steps(images, order, position=0, num_steps=1)
    assert np.isfinite(list(measured.means.values())).all()
    after = gan.get_state()
    for network in ("generator/", "discriminator/"):
        moved = [name for name in before if name.startswith(network) and "kernel" in name]
        assert all(not np.array_equal(before[name], after[name]) for name in moved)
    num_lazy = 0 if loss == "wgan_gp" else 1
    updates = int(gan.discriminator_optimizer.iterations)
    assert updates == gan.config.discriminator_steps + num_lazy


def test_the_relativistic_loss_is_penalized_at_real_images_and_at_fakes(
    tiny_config: TrainingConfig,
    images: TrainingImages,
    order: tf.Tensor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    brightness: list[float] = []

    def penalty(judge: object, places: tf.Tensor, weight: float) -> tf.Tensor:
        brightness.append(float(tf.reduce_mean(places)))
        return tf.constant(0.0)

    monkeypatch.setattr(gan_module, "gradient_penalty", penalty)
    gan = DCGAN(tiny_config.replace(loss="relativistic", r1_penalty=0.2))
    gan._apply_penalty(images, order, tf.constant(0), tf.constant(0))
    real, _ = images.select(order[: tiny_config.batch_size], 0)
    z = gan._inputs.draw_z(tf.constant(0))
    fake = gan.generator(z, training=True)
    expected = [float(tf.reduce_mean(real)), float(tf.reduce_mean(fake))]
    assert brightness == pytest.approx(expected, abs=1e-5)


def test_wgan_gp_judges_each_image_by_itself(tiny_config: TrainingConfig) -> None:
    pixels = tf.random.stateless_uniform((4, 28, 28, 1), (0, 0), -1, 1)
    answers = []
    for loss in ("bce", "wgan_gp"):
        discriminator = build_discriminator(tiny_config.replace(loss=loss))
        alone = discriminator(pixels[:2], training=True)
        together = discriminator(pixels, training=True)[:2]
        answers.append(np.allclose(alone, together, atol=1e-5))
    assert answers == [False, True]
    norms = [layer for layer in discriminator.layers if layer.name.endswith("_norm")]
    assert norms
    assert all(isinstance(layer, keras.layers.LayerNormalization) for layer in norms)
