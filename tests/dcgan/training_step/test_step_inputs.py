"""The images and the noise of a training step."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from dcgan.config.training_config import TrainingConfig
from dcgan.model.gan import DCGAN
from dcgan.training.batches import compute_epoch_order
from dcgan.training_step.step_inputs import StepInputs, compute_z_factor
from dcgan.training_step.training_images import TrainingImages
from tests.states import State, are_same_numbers, assert_same_numbers


def find_used_batches(
    gan: DCGAN, first_state: State, images: TrainingImages, position: int, num_batches: int
) -> set[int]:
    """Return the batches, of the first `num_batches`, that a step at a position learns from."""
    # As long as the order of an epoch, so that the graph is not traced again.
    in_order = tf.range(13 * 16) % len(images.pixels)
    gan.set_state(first_state).train_steps(images, in_order, position, num_steps=1)
    unchanged = gan.get_state()
    used = set()
    for batch in range(num_batches):
        pixels = images.pixels.numpy()
        pixels[16 * batch : 16 * (batch + 1)] = 255 - pixels[16 * batch : 16 * (batch + 1)]
        gan.set_state(first_state).train_steps(
            TrainingImages(tf.constant(pixels)), in_order, position, num_steps=1
        )
        if not are_same_numbers(gan.get_state(), unchanged):
            used.add(batch)
    return used


@pytest.mark.parametrize(("position", "batches"), [(0, {0}), (3, {3})])
def test_a_step_learns_from_the_batch_at_its_position(
    gan: DCGAN, first_state: State, images: TrainingImages, position: int, batches: set[int]
) -> None:
    assert find_used_batches(gan, first_state, images, position, num_batches=6) == batches


# An epoch has 13 batches; the extra update takes the batch half an epoch (6 batches) later.
@pytest.mark.parametrize(("position", "batches"), [(0, {0, 6}), (2, {2, 8}), (9, {9, 2})])
def test_two_discriminator_steps_take_two_batches_for_one_generator_update(
    two_update_gan: DCGAN,
    first_state: State,
    images: TrainingImages,
    position: int,
    batches: set[int],
) -> None:
    used = find_used_batches(two_update_gan, first_state, images, position, num_batches=12)
    assert used == batches
    assert two_update_gan.step == 1
    assert int(two_update_gan.discriminator_optimizer.iterations) == 2
    assert int(two_update_gan.generator_optimizer.iterations) == 1


def test_a_chunk_that_crosses_the_end_of_an_epoch_equals_one_chunk_for_each_epoch(
    two_update_gan: DCGAN, images: TrainingImages, tiny_config: TrainingConfig
) -> None:
    before = two_update_gan.get_state()
    one, two = (compute_epoch_order(tiny_config, 200, epoch) for epoch in (1, 2))
    two_update_gan.train_steps(images, tf.constant(np.tile(one, 2)), position=11, num_steps=2)
    two_update_gan.train_steps(images, tf.constant(np.tile(two, 2)), position=0, num_steps=2)
    expected = two_update_gan.get_state()
    both = tf.constant(np.concatenate([one, two]))
    two_update_gan.set_state(before).train_steps(images, both, position=11, num_steps=4)
    assert_same_numbers(two_update_gan.get_state(), expected)


def test_the_number_of_discriminator_steps_may_change_during_training(
    two_update_gan: DCGAN, tiny_config: TrainingConfig, images: TrainingImages, order: tf.Tensor
) -> None:
    changing = DCGAN(tiny_config)
    changing.train_steps(images, order, position=0, num_steps=1)
    two_update_gan.set_state(changing.get_state())
    changing.change_config(two_update_gan.config)
    for gan in (changing, two_update_gan):
        gan.train_steps(images, order, position=1, num_steps=2)
    assert int(changing.discriminator_optimizer.iterations) == 1 + 2 * 2
    assert_same_numbers(changing.get_state(), two_update_gan.get_state())


def test_every_step_draws_new_noise(
    gan: DCGAN, first_state: State, images: TrainingImages, order: tf.Tensor
) -> None:
    gan.train_steps(images, order, position=0, num_steps=1)
    first = gan.get_state()
    gan.set_state({**first_state, "step": np.array(1)})
    gan.train_steps(images, order, position=0, num_steps=1)
    other = gan.get_state()
    assert not np.allclose(first["generator/00/kernel"], other["generator/00/kernel"], atol=1e-5)


def test_noise_follows_the_seed(gan: DCGAN, tiny_config: TrainingConfig) -> None:
    other = DCGAN(tiny_config.replace(seed=1))
    draws = [
        networks.training_step.parts.inputs.draw_z(tf.constant(0)).numpy()
        for networks in (gan, other)
    ]
    assert np.abs(draws[0] - draws[1]).max() > 0.1
    first, second = (networks.get_state()["generator/00/kernel"] for networks in (gan, other))
    assert not np.array_equal(first, second)


@pytest.fixture(scope="module")
def config_of_classes(tiny_config: TrainingConfig) -> TrainingConfig:
    """Return settings of networks that learn three classes."""
    return tiny_config.replace(class_conditional=True, class_names=("0", "1", "2"))


@pytest.fixture(scope="module")
def images_of_classes(images: TrainingImages) -> TrainingImages:
    """Return the training images, with three classes in turn."""
    return TrainingImages(images.pixels, tf.range(len(images.pixels), dtype=tf.int32) % 3)


def test_fakes_have_the_classes_of_the_real_images_of_their_batch(
    images_of_classes: TrainingImages, config_of_classes: TrainingConfig
) -> None:
    config = config_of_classes
    step_inputs = StepInputs(config, 1)
    order = tf.constant(np.arange(200, dtype=np.int32)[::-1].copy())
    _, classes = step_inputs.select_batch(images_of_classes, order, tf.constant(1))
    assert classes is not None
    expected = (np.arange(200)[::-1] % 3)[config.batch_size : 2 * config.batch_size]
    assert np.asarray(classes).argmax(axis=1).tolist() == expected.tolist()
    draw = at_step = tf.constant(0)
    inputs = np.asarray(step_inputs.draw_generator_inputs(draw, at_step, classes))
    assert inputs.shape == (config.batch_size, config.latent_dim + 3)
    assert inputs[:, config.latent_dim :].argmax(axis=1).tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("step", "factor"),
    [
        (0, 0.9),
        (2_000, 0.9),
        (3_000, 0.875),
        (7_000, 0.85),
        (20_000, 0.875),
        (45_000, 0.915),
        (100_000, 0.93),
    ],
)
def test_the_factor_of_z_in_training_with_classes_falls_and_rises_with_the_steps(
    images_of_classes: TrainingImages, config_of_classes: TrainingConfig, step: int, factor: float
) -> None:
    step_inputs = StepInputs(config_of_classes, 1)
    _, classes = step_inputs.select_batch(images_of_classes, tf.range(200), tf.constant(0))
    draw, at_step = tf.constant(5), tf.constant(step)
    inputs = np.asarray(step_inputs.draw_generator_inputs(draw, at_step, classes))
    z = inputs[:, : config_of_classes.latent_dim]
    without_classes = step_inputs.draw_generator_inputs(draw, at_step, None)
    np.testing.assert_allclose(z, factor * np.asarray(without_classes), rtol=1e-6)


@pytest.mark.parametrize(("step", "factor"), [(0, 0.9), (3_000, 0.875), (100_000, 0.85)])
def test_a_run_of_an_older_version_keeps_its_factor_of_z(step: int, factor: float) -> None:
    assert float(compute_z_factor(tf.constant(step), "falling")) == pytest.approx(factor)
