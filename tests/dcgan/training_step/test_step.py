"""One training step: the variables that it updates and the metrics that it measures."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import tensorflow as tf

from dcgan.backend import keras
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import to_images
from dcgan.model.gan import DCGAN
from dcgan.training_step.losses import discriminator_loss, generator_loss
from dcgan.training_step.penalties import zero_centered_penalty
from dcgan.training_step.step_metrics import STEP_METRICS, compute_spread
from dcgan.training_step.training_images import TrainingImages
from tests.dcgan.training_step.momenta import assert_momenta
from tests.states import State, are_same_numbers


@pytest.fixture(scope="module")
def tiny_config(tiny_config: TrainingConfig) -> TrainingConfig:
    """Return settings of tiny networks with the gradient penalty."""
    return tiny_config.replace(r1_penalty=TrainingConfig().r1_penalty)


def select_real_batch(images: TrainingImages, order: tf.Tensor, first: int = 0) -> tf.Tensor:
    """Return 16 real images, float32 in [-1, 1], from a place in the epoch's order."""
    return to_images(tf.cast(images.pixels.numpy()[order.numpy()[first : first + 16]], tf.float32))


def draw_noise(config: TrainingConfig, draw: int) -> tf.Tensor:
    """Return the z of a draw, as the step draws it, shape (batch_size, latent_dim)."""
    return tf.random.stateless_normal(
        (config.batch_size, config.latent_dim), seed=(config.seed, draw)
    )


def test_a_step_moves_every_weight_of_both_networks(
    gan: DCGAN, first_state: State, images: TrainingImages, order: tf.Tensor
) -> None:
    measured = gan.train_steps(images, order, position=0, num_steps=1)
    assert gan.step == 1
    assert tuple(measured.means) == STEP_METRICS
    state = gan.get_state()
    for name, before in first_state.items():
        if name.startswith(("generator/", "discriminator/")):
            assert not np.array_equal(state[name], before), name


def test_adams_first_update_is_as_long_as_the_learning_rate(
    gan: DCGAN, first_state: State, images: TrainingImages, order: tf.Tensor
) -> None:
    # Corrected for its bias, Adam's first update is lr * gradient / |gradient|.
    gan.train_steps(images, order, position=0, num_steps=1)
    state = gan.get_state()
    for name, learning_rate in (
        ("generator/05/kernel", gan.config.generator_learning_rate),
        ("discriminator/07/kernel", gan.config.discriminator_learning_rate),
    ):
        updates = np.abs(state[name] - first_state[name])
        assert updates.max() <= learning_rate * 1.001
        assert np.median(updates) == pytest.approx(learning_rate, rel=0.02)


def test_the_optimizers_are_adam_as_configured(tiny_config: TrainingConfig) -> None:
    config = tiny_config.replace(
        generator_learning_rate=3e-4, discriminator_learning_rate=4e-4, beta_1=0.4, beta_2=0.99
    )
    gan = DCGAN(config)
    for optimizer, learning_rate in (
        (gan.generator_optimizer, 3e-4),
        (gan.discriminator_optimizer, 4e-4),
    ):
        assert isinstance(optimizer, keras.optimizers.Adam)
        assert float(optimizer.learning_rate) == pytest.approx(learning_rate)
        assert (optimizer.beta_1, optimizer.beta_2) == (0.4, 0.99)


def test_the_discriminator_learns_first_and_the_generator_from_its_new_weights(
    gan: DCGAN,
    tiny_config: TrainingConfig,
    first_state: State,
    images: TrainingImages,
    order: tf.Tensor,
) -> None:
    gan.train_steps(images, order, position=0, num_steps=1)
    state = gan.get_state()

    # The same step again, written out.
    gan.set_state(first_state)
    fake_images = gan.generator(draw_noise(tiny_config, draw=0), training=True)
    with tf.GradientTape() as tape:
        loss = discriminator_loss(
            gan.discriminator(select_real_batch(images, order), training=True),
            gan.discriminator(fake_images, training=True),
            label_smoothing=0.1,
        )
    gradients = tape.gradient(loss, gan.discriminator.trainable_variables)
    assert_momenta(state, "discriminator", gradients, 1 - tiny_config.beta_1)

    new_discriminator = {name: state[name] for name in state if name.startswith("discriminator/")}
    gan.set_state({**first_state, **new_discriminator})
    with tf.GradientTape() as tape:
        fake_images = gan.generator(draw_noise(tiny_config, draw=0), training=True)
        loss = generator_loss(gan.discriminator(fake_images, training=True))
    gradients = tape.gradient(loss, gan.generator.trainable_variables)
    assert_momenta(state, "generator", gradients, 1 - tiny_config.beta_1)


def test_metrics_are_from_before_the_discriminators_update_and_the_loss_has_smoothing(
    gan: DCGAN,
    tiny_config: TrainingConfig,
    first_state: State,
    images: TrainingImages,
    order: tf.Tensor,
) -> None:
    draws = np.random.Generator(np.random.PCG64(0))
    kernel = draws.standard_normal((6, 1), dtype=np.float32)  # Logits of both signs.
    before = {**first_state, "discriminator/12/kernel": kernel}
    measured = gan.set_state(before).train_steps(images, order, position=0, num_steps=1).means

    gan.set_state(before)
    real_logits = gan.discriminator(select_real_batch(images, order), training=True)
    fake_images = gan.generator(draw_noise(tiny_config, draw=0), training=True)
    fake_logits = gan.discriminator(fake_images, training=True)
    real, fake = real_logits.numpy(), fake_logits.numpy()
    expected = {
        "discriminator_loss": float(discriminator_loss(real_logits, fake_logits, 0.1)),
        "real_accuracy": np.mean(real > 0),
        "fake_accuracy": np.mean(fake < 0),
        "real_probability": np.mean(1 / (1 + np.exp(-real))),
        "fake_probability": np.mean(1 / (1 + np.exp(-fake))),
    }
    assert {name: measured[name] for name in expected} == pytest.approx(expected, rel=1e-4)
    assert all(0 < expected[name] < 1 for name in ("real_accuracy", "fake_accuracy"))
    # Without smoothing, or with it on both sides, the loss would differ.
    plain = float(discriminator_loss(real_logits, fake_logits))
    assert abs(plain - measured["discriminator_loss"]) > 1e-3


def test_the_spread_is_the_mean_distance_of_all_pairs_of_the_batch(
    gan: DCGAN,
    tiny_config: TrainingConfig,
    first_state: State,
    images: TrainingImages,
    order: tf.Tensor,
) -> None:
    measured = gan.train_steps(images, order, position=0, num_steps=1)
    gan.set_state(first_state)
    batches = {
        "real_spread": select_real_batch(images, order),
        "fake_spread": gan.generator(draw_noise(tiny_config, draw=0), training=True),
    }
    for name, batch in batches.items():
        grey = (batch.numpy().astype(np.float64) + 1) / 2
        squares = [((a - b) ** 2).mean() for a, b in itertools.combinations(grey, 2)]
        assert measured.means[name] == pytest.approx(np.sqrt(np.mean(squares)), rel=1e-4)


def test_a_single_image_has_no_spread() -> None:
    # One of several devices may have a single image; NaN would end the training.
    assert float(compute_spread(tf.random.stateless_normal((1, 4, 4, 1), (0, 0)))) == 0
    assert float(compute_spread(tf.zeros((3, 4, 4, 1)))) == 0


def test_a_chunk_reports_the_means_of_its_steps(
    gan: DCGAN, first_state: State, images: TrainingImages, order: tf.Tensor
) -> None:
    single_steps = [gan.train_steps(images, order, position, num_steps=1) for position in range(3)]
    gan.set_state(first_state)
    together = gan.train_steps(images, order, position=0, num_steps=3)
    means = {
        name: np.mean([measured.means[name] for measured in single_steps]) for name in STEP_METRICS
    }
    assert together.means == pytest.approx(means, rel=1e-4)
    for histogram in ("real_histogram", "fake_histogram"):
        shares = np.mean([getattr(measured, histogram) for measured in single_steps], axis=0)
        np.testing.assert_allclose(getattr(together, histogram), shares, atol=1e-6)
    # The update ratio comes from the last step.
    last = single_steps[-1].generator_update_ratio
    assert together.generator_update_ratio == pytest.approx(last, rel=1e-3)


def test_a_chunk_reports_the_update_ratio_of_its_last_step(
    gan: DCGAN, first_state: State, images: TrainingImages, order: tf.Tensor
) -> None:
    gan.train_steps(images, order, position=0, num_steps=2)
    middle = gan.get_state()
    gan.set_state(first_state)
    measured = gan.train_steps(images, order, position=0, num_steps=3)
    after = gan.get_state()
    for network in ("generator", "discriminator"):
        names = [
            name
            for name in after
            if name.startswith(f"{network}/") and not name.endswith(("mean", "variance", "state"))
        ]
        moved = np.concatenate([(after[name] - middle[name]).ravel() for name in names])
        weights = np.concatenate([middle[name].ravel() for name in names])
        expected = np.linalg.norm(moved) / np.linalg.norm(weights)
        ratio = getattr(measured, f"{network}_update_ratio")
        assert 0 < ratio == pytest.approx(expected, rel=1e-3)


def test_the_histograms_count_the_discriminators_probabilities(
    gan: DCGAN,
    tiny_config: TrainingConfig,
    first_state: State,
    images: TrainingImages,
    order: tf.Tensor,
) -> None:
    draws = np.random.Generator(np.random.PCG64(0))
    kernel = 3 * draws.standard_normal((6, 1), dtype=np.float32)  # Probabilities all over [0, 1].
    before = {**first_state, "discriminator/12/kernel": kernel}
    measured = gan.set_state(before).train_steps(images, order, position=0, num_steps=1)
    gan.set_state(before)
    logits = gan.discriminator(select_real_batch(images, order), training=True).numpy()
    counts, _ = np.histogram(1 / (1 + np.exp(-logits)), bins=20, range=(0, 1))
    assert np.count_nonzero(counts) > 5
    np.testing.assert_allclose(measured.real_histogram, counts / len(logits), atol=1e-6)
    assert sum(measured.fake_histogram) == pytest.approx(1)


@pytest.mark.parametrize(("step", "num_updates"), [(14, 1), (15, 2), (16, 1)])
def test_every_sixteenth_step_has_an_update_for_the_penalty(
    gan: DCGAN,
    first_state: State,
    images: TrainingImages,
    order: tf.Tensor,
    step: int,
    num_updates: int,
) -> None:
    gan.set_state({**first_state, "step": np.array(step)})
    gan.train_steps(images, order, position=0, num_steps=1)
    assert int(gan.discriminator_optimizer.iterations) == num_updates
    assert int(gan.generator_optimizer.iterations) == 1


def test_the_penalty_is_sixteen_times_as_strong_and_makes_the_discriminator_flatter(
    gan: DCGAN, first_state: State, images: TrainingImages, order: tf.Tensor
) -> None:
    def penalty() -> tf.Tensor:
        real_images = select_real_batch(images, order, first=32)
        return zero_centered_penalty(
            lambda x: gan.discriminator(x, training=True), real_images, gan.config.r1_penalty
        )

    with tf.GradientTape() as tape:
        before = penalty()
    gradients = tape.gradient(before, gan.discriminator.trainable_variables)
    gan.set_state(first_state)
    gan.training_step.apply_penalty(images, order, tf.constant(2), tf.constant(0))
    assert_momenta(gan.get_state(), "discriminator", gradients, 16 * (1 - gan.config.beta_1))
    assert float(penalty()) < float(before)


def test_the_penalty_uses_the_last_batch_of_the_discriminator(
    two_update_gan: DCGAN, images: TrainingImages, order: tf.Tensor
) -> None:
    before = two_update_gan.get_state()

    def train_on_changed_batch(first: int) -> State:
        pixels = images.pixels.numpy()
        chosen = order.numpy()[first : first + 16]
        pixels[chosen] = 255 - pixels[chosen]
        two_update_gan.set_state(before).training_step.apply_penalty(
            TrainingImages(tf.constant(pixels)), order, tf.constant(1), tf.constant(0)
        )
        return two_update_gan.get_state()

    unused, first_update, second_update = 16 * 5, 16 * 7, 16 * 1  # Places of the second step.
    unchanged = train_on_changed_batch(unused)
    assert are_same_numbers(train_on_changed_batch(first_update), unchanged)
    assert not are_same_numbers(train_on_changed_batch(second_update), unchanged)
