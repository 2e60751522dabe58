"""Training steps with each kind of loss."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from dcgan.backend import keras
from dcgan.config.setting_types import Loss
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.model.gan import DCGAN
from dcgan.networks.architecture import build_discriminator
from dcgan.recording.start import MakeGAN
from dcgan.training_step.step_inputs import StepInputs
from dcgan.training_step.training_images import TrainingImages
from tests.dcgan.training_step.momenta import assert_momenta


@pytest.fixture(scope="module")
def tiny_config(tiny_config: TrainingConfig) -> TrainingConfig:
    """Return settings of tiny networks with the gradient penalty."""
    return tiny_config.replace(r1_penalty=TrainingConfig().r1_penalty)


def compute_losses(
    gan: DCGAN, real_images: tf.Tensor, fake_images: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Return both losses by their papers' formulas, and the penalties of every step."""
    real = gan.discriminator(real_images, training=True)
    fake = gan.discriminator(fake_images, training=True)
    mean = tf.reduce_mean
    middle = 0.1 * (mean(real) / 2 + mean(fake) / 2) ** 2
    if gan.config.loss == "hinge":
        return -mean(fake), mean(tf.maximum(0, 1 - real)) + mean(tf.maximum(0, 1 + fake)), 0.0
    if gan.config.loss == "relativistic":
        difference = real - fake
        return (
            -mean(tf.math.log_sigmoid(-difference)),
            -mean(tf.math.log_sigmoid(difference)),
            middle,
        )
    # The product draws how much of each real image is in a mixture.
    mix_weights = StepInputs(gan.config, 1).draw_mix_weights(tf.constant(0))[:, None, None, None]
    mixed = mix_weights * real_images + (1 - mix_weights) * fake_images
    with tf.GradientTape() as tape:
        tape.watch(mixed)
        logits = gan.discriminator(mixed, training=True)
    slopes = tf.norm(tf.reshape(tape.gradient(logits, mixed), (len(mixed), -1)), axis=1)
    return -mean(fake), mean(fake) - mean(real), middle + 10 * mean((slopes - 1) ** 2)


# The tests share the networks and steps of hinge and wgan_gp. The relativistic loss has R1 at the
# fakes too, and a test of its own below; without them its step is traced in half of the time.
@pytest.mark.parametrize(
    ("loss", "changes"), [("hinge", {}), ("wgan_gp", {}), ("relativistic", {"r1_penalty": 0.0})]
)
def test_a_step_follows_the_formulas_of_its_loss(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    make_gan: MakeGAN,
    images: TrainingImages,
    order: tf.Tensor,
    loss: Loss,
    changes: dict[str, float],
) -> None:
    config = tiny_config.replace(loss=loss, discriminator_steps=1, **changes)
    gan = make_gan(config, tiny_dataset)
    before = gan.get_state()
    measured = gan.train_steps(images, order, position=0, num_steps=1)
    after = gan.get_state()

    # The same step again, written out.
    gan.set_state(before)
    real_images, _ = images.select(order[: config.batch_size], 0)
    z = StepInputs(config, 1).draw_z(tf.constant(0))
    fake_images = gan.generator(z, training=True)
    with tf.GradientTape() as tape:
        _, of_discriminator, penalties = compute_losses(gan, real_images, fake_images)
        total = of_discriminator + penalties
    expected = tape.gradient(total, gan.discriminator.trainable_variables)
    assert_momenta(after, "discriminator", expected, 1 - config.beta_1)
    assert measured.means["discriminator_loss"] == pytest.approx(float(of_discriminator), rel=1e-3)

    updated = {name: after[name] for name in after if name.startswith("discriminator/")}
    gan.set_state({**before, **updated})
    with tf.GradientTape() as tape:
        fake_images = gan.generator(z, training=True)
        of_generator, _, _ = compute_losses(gan, real_images, fake_images)
    expected = tape.gradient(of_generator, gan.generator.trainable_variables)
    assert_momenta(after, "generator", expected, 1 - config.beta_1)
    assert measured.means["generator_loss"] == pytest.approx(float(of_generator), rel=1e-3)


@pytest.mark.parametrize(("loss", "num_penalties"), [("hinge", 1), ("wgan_gp", 0)])
def test_a_loss_with_its_own_penalty_has_no_r1_at_the_sixteenth_step(
    tiny_config: TrainingConfig,
    tiny_dataset: ImageDataset,
    make_gan: MakeGAN,
    images: TrainingImages,
    order: tf.Tensor,
    loss: Loss,
    num_penalties: int,
) -> None:
    gan = make_gan(tiny_config.replace(loss=loss, discriminator_steps=1), tiny_dataset)
    gan.step = 15
    gan.train_steps(images, order, position=0, num_steps=1)
    assert int(gan.discriminator_optimizer.iterations) == 1 + num_penalties


def compute_mean_squared_slope(gan: DCGAN, images: tf.Tensor) -> tf.Tensor:
    """Return the mean squared length of the logit's gradient with respect to the images."""
    with tf.GradientTape() as tape:
        tape.watch(images)
        logits = gan.discriminator(images, training=True)
    return tf.reduce_mean(tf.reduce_sum(tape.gradient(logits, images) ** 2, axis=(1, 2, 3)))


@pytest.mark.parametrize("loss", ["bce", "relativistic"])
def test_only_the_relativistic_loss_has_r2_at_fakes_beside_r1_at_real_images(
    tiny_config: TrainingConfig, images: TrainingImages, order: tf.Tensor, loss: Loss
) -> None:
    config = tiny_config.replace(loss=loss, r1_penalty=0.2)
    gan = DCGAN(config)
    before = gan.get_state()
    gan.training_step.apply_penalty(images, order, tf.constant(0), tf.constant(0))
    after = gan.get_state()

    gan.set_state(before)
    real_images, _ = images.select(order[: config.batch_size], 0)
    z = StepInputs(config, 1).draw_z(tf.constant(0))
    fake_images = gan.generator(z, training=True)
    with tf.GradientTape() as tape:
        r1 = 0.2 / 2 * compute_mean_squared_slope(gan, real_images)
        r2 = 0.2 / 2 * compute_mean_squared_slope(gan, fake_images)
        penalty = r1 + r2 if loss == "relativistic" else r1
    gradients = tape.gradient(penalty, gan.discriminator.trainable_variables)
    assert_momenta(after, "discriminator", gradients, 16 * (1 - config.beta_1))


def test_only_the_logits_of_wgan_gp_do_not_depend_on_the_other_images(
    tiny_config: TrainingConfig,
) -> None:
    pixels = tf.random.stateless_uniform((4, 28, 28, 1), (0, 0), -1, 1)
    is_independent = []
    for loss in ("bce", "wgan_gp"):
        discriminator = build_discriminator(tiny_config.replace(loss=loss))
        alone = discriminator(pixels[:2], training=True)
        together = discriminator(pixels, training=True)[:2]
        is_independent.append(np.allclose(alone, together, atol=1e-5))
    assert is_independent == [False, True]
    norms = [layer for layer in discriminator.layers if layer.name.endswith("_norm")]
    assert norms
    assert all(isinstance(layer, keras.layers.LayerNormalization) for layer in norms)
