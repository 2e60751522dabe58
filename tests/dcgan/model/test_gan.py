"""DCGAN: what one step does, what the state holds, and who may draw meanwhile.

Tracing the graph of a step takes two seconds, a step a millisecond. So most tests share one
DCGAN, which is set back to its first state before each of them.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset, scale
from dcgan.latent.sampling import sample_latent
from dcgan.model.gan import DCGAN
from dcgan.model.losses import discriminator_loss, generator_loss, gradient_penalty
from dcgan.model.networks import build_generator
from dcgan.model.sampler import Sampler, choose_batch_size
from dcgan.model.state import select_generator_weights
from dcgan.model.step_metrics import STEP_METRICS, compute_spread
from dcgan.training.batches import epoch_order

State = dict[str, np.ndarray]

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def images(tiny_dataset: ImageDataset) -> tf.Tensor:
    return tf.constant(tiny_dataset.pixels)


@pytest.fixture(scope="module")
def order(tiny_config: TrainingConfig, tiny_dataset: ImageDataset) -> tf.Tensor:
    return tf.constant(epoch_order(tiny_config, len(tiny_dataset), epoch=1))


def set_back_for_each_test(gan: DCGAN, start: State) -> Iterator[DCGAN]:
    gan.set_state(start)
    yield gan
    gan.set_state(start)


@pytest.fixture(scope="module")
def shared_gan(tiny_config: TrainingConfig) -> DCGAN:
    return DCGAN(tiny_config)


@pytest.fixture(scope="module")
def start(shared_gan: DCGAN) -> State:
    """Return the state before the first step."""
    return shared_gan.get_state()


@pytest.fixture
def gan(shared_gan: DCGAN, start: State) -> Iterator[DCGAN]:
    yield from set_back_for_each_test(shared_gan, start)


@pytest.fixture(scope="module")
def twin(tiny_config: TrainingConfig) -> DCGAN:
    """Return a second DCGAN of the same settings, with a graph of its own."""
    return DCGAN(tiny_config)


@pytest.fixture(scope="module")
def twice_gan(tiny_config: TrainingConfig) -> DCGAN:
    """Return a DCGAN whose discriminator learns twice a step."""
    return DCGAN(tiny_config.replace(discriminator_steps=2))


def assert_same_numbers(state: State, expected: State) -> None:
    # Measured: not one bit differs, in 200 repeats under load. A sum in another order may move
    # the last bits on other processors; a wrong batch or draw moves weights by about the
    # learning rates, 1e-3, a hundred times what is allowed here.
    assert state.keys() == expected.keys()
    for name, array in state.items():
        np.testing.assert_allclose(array, expected[name], rtol=1e-4, atol=1e-5, err_msg=name)


def are_same_numbers(state: State, other: State) -> bool:
    return all(np.allclose(state[name], other[name], rtol=1e-4, atol=1e-5) for name in state)


def real_batch(images: tf.Tensor, order: tf.Tensor, first: int = 0) -> tf.Tensor:
    """Return 16 real images, float32 in [-1, 1], from a place in the epoch's order."""
    return scale(tf.cast(images.numpy()[order.numpy()[first : first + 16]], tf.float32))


def noise(config: TrainingConfig, draw: int) -> tf.Tensor:
    return tf.random.stateless_normal(
        (config.batch_size, config.latent_dim), seed=(config.seed, draw)
    )


# One step.


def test_a_step_moves_every_weight_of_both_networks(
    gan: DCGAN, start: State, images: tf.Tensor, order: tf.Tensor
) -> None:
    measured = gan.train_steps(images, order, position=0, num_steps=1)
    assert gan.step == 1
    assert tuple(measured.means) == STEP_METRICS
    state = gan.get_state()
    for name, before in start.items():
        if name.startswith(("generator/", "discriminator/")):
            assert not np.array_equal(state[name], before), name


def test_adams_first_update_is_as_long_as_the_learning_rate(
    gan: DCGAN, start: State, images: tf.Tensor, order: tf.Tensor
) -> None:
    # Corrected for its bias, Adam's first update is lr * gradient / |gradient|.
    gan.train_steps(images, order, position=0, num_steps=1)
    state = gan.get_state()
    for name, learning_rate in (
        ("generator/05/kernel", gan.config.generator_learning_rate),
        ("discriminator/07/kernel", gan.config.discriminator_learning_rate),
    ):
        updates = np.abs(state[name] - start[name])
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
        assert type(optimizer).__name__ == "Adam"
        assert float(optimizer.learning_rate) == pytest.approx(learning_rate)
        assert (optimizer.beta_1, optimizer.beta_2) == (0.4, 0.99)


def test_the_discriminator_learns_from_the_fakes_first_and_the_generator_from_its_new_verdict(
    gan: DCGAN, tiny_config: TrainingConfig, start: State, images: tf.Tensor, order: tf.Tensor
) -> None:
    gan.train_steps(images, order, position=0, num_steps=1)
    state = gan.get_state()

    # The same step again, written out. Adam's first momentum is (1 - beta_1) times the gradient.
    gan.set_state(start)
    fake_images = gan.generator(noise(tiny_config, draw=0), training=True)
    with tf.GradientTape() as tape:
        loss = discriminator_loss(
            gan.discriminator(real_batch(images, order), training=True),
            gan.discriminator(fake_images, training=True),
            label_smoothing=0.1,
        )
    gradients = tape.gradient(loss, gan.discriminator.trainable_variables)
    momenta = [state[n] for n in state if n.startswith("disc") and n.endswith("_momentum")]
    for gradient, momentum in zip(gradients, momenta, strict=True):
        np.testing.assert_allclose(momentum, 0.5 * gradient.numpy(), rtol=1e-3, atol=1e-6)

    new_judge = {name: state[name] for name in state if name.startswith("discriminator/")}
    gan.set_state({**start, **new_judge})
    with tf.GradientTape() as tape:
        fake_images = gan.generator(noise(tiny_config, draw=0), training=True)
        loss = generator_loss(gan.discriminator(fake_images, training=True))
    gradients = tape.gradient(loss, gan.generator.trainable_variables)
    momenta = [state[n] for n in state if n.startswith("generator") and n.endswith("_momentum")]
    for gradient, momentum in zip(gradients, momenta, strict=True):
        np.testing.assert_allclose(momentum, 0.5 * gradient.numpy(), rtol=1e-3, atol=1e-6)


def test_the_measurements_are_those_before_the_discriminators_update_with_smoothing_in_the_loss(
    gan: DCGAN, tiny_config: TrainingConfig, start: State, images: tf.Tensor, order: tf.Tensor
) -> None:
    draws = np.random.Generator(np.random.PCG64(0))
    kernel = draws.standard_normal((6, 1), dtype=np.float32)  # Logits of both signs.
    before = {**start, "discriminator/12/kernel": kernel}
    measured = gan.set_state(before).train_steps(images, order, position=0, num_steps=1).means

    gan.set_state(before)
    real_logits = gan.discriminator(real_batch(images, order), training=True)
    fake_images = gan.generator(noise(tiny_config, draw=0), training=True)
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
    # Without smoothing, or with it on both sides, it would be another number.
    plain = float(discriminator_loss(real_logits, fake_logits))
    assert abs(plain - measured["discriminator_loss"]) > 1e-3


def test_the_spread_is_the_distance_of_two_images_over_all_pairs_of_the_batch(
    gan: DCGAN, tiny_config: TrainingConfig, start: State, images: tf.Tensor, order: tf.Tensor
) -> None:
    measured = gan.train_steps(images, order, position=0, num_steps=1)
    gan.set_state(start)
    batches = {
        "real_spread": real_batch(images, order),
        "fake_spread": gan.generator(noise(tiny_config, draw=0), training=True),
    }
    for name, batch in batches.items():
        grey = (batch.numpy().astype(np.float64) + 1) / 2
        squares = [((a - b) ** 2).mean() for a, b in itertools.combinations(grey, 2)]
        assert measured.means[name] == pytest.approx(np.sqrt(np.mean(squares)), rel=1e-4)


def test_a_single_image_has_no_spread() -> None:
    # What one of several devices may be left with; no number would end the training.
    assert float(compute_spread(tf.random.stateless_normal((1, 4, 4, 1), (0, 0)))) == 0
    assert float(compute_spread(tf.zeros((3, 4, 4, 1)))) == 0


def test_a_chunk_reports_the_means_of_its_steps(
    gan: DCGAN, start: State, images: tf.Tensor, order: tf.Tensor
) -> None:
    singly = [gan.train_steps(images, order, position, num_steps=1) for position in range(3)]
    gan.set_state(start)
    together = gan.train_steps(images, order, position=0, num_steps=3)
    means = {name: np.mean([one.means[name] for one in singly]) for name in STEP_METRICS}
    assert together.means == pytest.approx(means, rel=1e-4)
    for histogram in ("real_histogram", "fake_histogram"):
        shares = np.mean([getattr(one, histogram) for one in singly], axis=0)
        np.testing.assert_allclose(getattr(together, histogram), shares, atol=1e-6)
    # Of the last step alone.
    last = singly[-1].generator_update_ratio
    assert together.generator_update_ratio == pytest.approx(last, rel=1e-3)


def test_a_chunk_tells_how_far_its_last_step_went(
    gan: DCGAN, start: State, images: tf.Tensor, order: tf.Tensor
) -> None:
    gan.train_steps(images, order, position=0, num_steps=2)
    middle = gan.get_state()
    gan.set_state(start)
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


def test_the_histograms_hold_the_discriminators_answers(
    gan: DCGAN, tiny_config: TrainingConfig, start: State, images: tf.Tensor, order: tf.Tensor
) -> None:
    draws = np.random.Generator(np.random.PCG64(0))
    kernel = 3 * draws.standard_normal((6, 1), dtype=np.float32)  # Answers all over [0, 1].
    before = {**start, "discriminator/12/kernel": kernel}
    measured = gan.set_state(before).train_steps(images, order, position=0, num_steps=1)
    gan.set_state(before)
    logits = gan.discriminator(real_batch(images, order), training=True).numpy()
    counts, _ = np.histogram(1 / (1 + np.exp(-logits)), bins=20, range=(0, 1))
    assert np.count_nonzero(counts) > 5
    np.testing.assert_allclose(measured.real_histogram, counts / len(logits), atol=1e-6)
    assert sum(measured.fake_histogram) == pytest.approx(1)


@pytest.mark.parametrize(("step", "num_updates"), [(14, 1), (15, 2), (16, 1)])
def test_every_sixteenth_step_has_an_update_for_the_penalty(
    gan: DCGAN, start: State, images: tf.Tensor, order: tf.Tensor, step: int, num_updates: int
) -> None:
    gan.set_state({**start, "step": np.array(step)})
    gan.train_steps(images, order, position=0, num_steps=1)
    assert int(gan.discriminator_optimizer.iterations) == num_updates
    assert int(gan.generator_optimizer.iterations) == 1


def test_the_penalty_is_sixteen_times_as_strong_and_makes_the_discriminator_flatter(
    gan: DCGAN, start: State, images: tf.Tensor, order: tf.Tensor
) -> None:
    def penalty() -> tf.Tensor:
        real_images = real_batch(images, order, first=32)
        return gradient_penalty(
            lambda x: gan.discriminator(x, training=True), real_images, gan.config.r1_penalty
        )

    with tf.GradientTape() as tape:
        before = penalty()
    variables = gan.discriminator.trainable_variables
    gradients = tape.gradient(before, variables)
    gan.set_state(start)
    gan._apply_penalty(images, order, tf.constant(2))
    state = gan.get_state()
    momenta = [state[n] for n in state if n.startswith("disc") and n.endswith("_momentum")]
    for gradient, variable, momentum in zip(gradients, variables, momenta, strict=True):
        expected = np.zeros(variable.shape) if gradient is None else 16 * 0.5 * gradient.numpy()
        np.testing.assert_allclose(momentum, expected, rtol=1e-3, atol=1e-6)
    assert max(np.abs(momentum).max() for momentum in momenta) > 1e-4
    assert float(penalty()) < float(before)


def test_the_penalty_looks_at_the_last_batch_that_the_discriminator_learned_from(
    twice_gan: DCGAN, images: tf.Tensor, order: tf.Tensor
) -> None:
    begin = twice_gan.get_state()

    def penalised(place: int) -> State:
        pixels = images.numpy()
        chosen = order.numpy()[place : place + 16]
        pixels[chosen] = 255 - pixels[chosen]
        twice_gan.set_state(begin)._apply_penalty(tf.constant(pixels), order, tf.constant(1))
        return twice_gan.get_state()

    unchanged = penalised(16 * 5)  # A batch that no part of the second step sees.
    assert are_same_numbers(penalised(16 * 7), unchanged)  # Of its first update.
    assert not are_same_numbers(penalised(16 * 1), unchanged)
    twice_gan.set_state(begin)


# Which images and which noise a step sees.


def changed_by(gan: DCGAN, start: State, images: tf.Tensor, place: int, *, position: int) -> bool:
    """Tell whether a step at a position learns from the images at a place in the order."""
    in_order = tf.range(13 * 16) % len(images)  # As long as any epoch: nothing is traced anew.
    gan.set_state(start).train_steps(images, in_order, position, num_steps=1)
    as_they_are = gan.get_state()
    pixels = images.numpy()
    pixels[place : place + 16] = 255 - pixels[place : place + 16]
    gan.set_state(start).train_steps(tf.constant(pixels), in_order, position, num_steps=1)
    return not are_same_numbers(gan.get_state(), as_they_are)


@pytest.mark.parametrize(("position", "batches"), [(0, {0}), (3, {3})])
def test_a_step_learns_from_the_batch_at_its_position(
    gan: DCGAN, start: State, images: tf.Tensor, position: int, batches: set[int]
) -> None:
    used = {n for n in range(6) if changed_by(gan, start, images, 16 * n, position=position)}
    assert used == batches


# Of 13 batches in an epoch; the further update begins in its middle.
@pytest.mark.parametrize(("position", "batches"), [(0, {0, 6}), (2, {2, 8}), (9, {9, 2})])
def test_two_discriminator_steps_take_two_batches_and_one_generator_update(
    twice_gan: DCGAN, images: tf.Tensor, position: int, batches: set[int]
) -> None:
    begin = DCGAN(twice_gan.config).get_state()
    used = {n for n in range(12) if changed_by(twice_gan, begin, images, 16 * n, position=position)}
    assert used == batches
    assert twice_gan.step == 1
    assert int(twice_gan.discriminator_optimizer.iterations) == 2
    assert int(twice_gan.generator_optimizer.iterations) == 1


def test_a_chunk_over_the_ends_of_epochs_makes_the_steps_of_each(
    twice_gan: DCGAN, images: tf.Tensor, tiny_config: TrainingConfig
) -> None:
    begin = twice_gan.get_state()
    one, two = (epoch_order(tiny_config, 200, epoch) for epoch in (1, 2))
    twice_gan.train_steps(images, tf.constant(np.tile(one, 2)), position=11, num_steps=2)
    twice_gan.train_steps(images, tf.constant(np.tile(two, 2)), position=0, num_steps=2)
    expected = twice_gan.get_state()
    both = tf.constant(np.concatenate([one, two]))
    twice_gan.set_state(begin).train_steps(images, both, position=11, num_steps=4)
    assert_same_numbers(twice_gan.get_state(), expected)
    twice_gan.set_state(begin)


def test_the_number_of_discriminator_steps_may_change_while_it_trains(
    twice_gan: DCGAN, tiny_config: TrainingConfig, images: tf.Tensor, order: tf.Tensor
) -> None:
    changing = DCGAN(tiny_config)
    changing.train_steps(images, order, position=0, num_steps=1)
    twice_gan.set_state(changing.get_state())
    changing.change_config(twice_gan.config)
    for gan in (changing, twice_gan):
        gan.train_steps(images, order, position=1, num_steps=2)
    assert int(changing.discriminator_optimizer.iterations) == 1 + 2 * 2
    assert_same_numbers(changing.get_state(), twice_gan.get_state())


def test_every_step_draws_new_noise(
    gan: DCGAN, start: State, images: tf.Tensor, order: tf.Tensor
) -> None:
    gan.train_steps(images, order, position=0, num_steps=1)
    first = gan.get_state()
    gan.set_state({**start, "step": np.array(1)})
    gan.train_steps(images, order, position=0, num_steps=1)
    other = gan.get_state()
    assert not np.allclose(first["generator/00/kernel"], other["generator/00/kernel"], atol=1e-5)


def test_noise_follows_the_seed(
    gan: DCGAN, tiny_config: TrainingConfig, start: State, images: tf.Tensor, order: tf.Tensor
) -> None:
    other = DCGAN(tiny_config.replace(seed=1))
    assert not np.array_equal(
        other.get_state()["generator/00/kernel"], start["generator/00/kernel"]
    )
    # From the same weights and with the same pictures, only the noise can make a difference.
    other.set_state(start).train_steps(images, order, position=0, num_steps=1)
    gan.train_steps(images, order, position=0, num_steps=1)
    assert not are_same_numbers(other.get_state(), gan.get_state())


# The same numbers again.


def test_the_same_seed_gives_the_same_numbers(
    gan: DCGAN, twin: DCGAN, start: State, images: tf.Tensor, order: tf.Tensor
) -> None:
    assert_same_numbers(DCGAN(gan.config).get_state(), start)
    gan.train_steps(images, order, position=0, num_steps=6)
    twin.set_state(start).train_steps(images, order, position=0, num_steps=6)
    assert_same_numbers(twin.get_state(), gan.get_state())


def test_the_length_of_the_chunks_changes_nothing_and_the_graph_is_traced_once(
    gan: DCGAN, start: State, images: tf.Tensor, order: tf.Tensor
) -> None:
    late = {**start, "step": np.array(12)}  # The penalty of the 16th step is among the six.
    gan.set_state(late).train_steps(images, order, position=0, num_steps=6)
    in_one = gan.get_state()
    for chunks in ((1, 1, 1, 1, 1, 1), (2, 4), (5, 1)):
        gan.set_state(late)
        for num_steps in chunks:
            gan.train_steps(images, order, gan.step - 12, num_steps)
        assert_same_numbers(gan.get_state(), in_one)
    assert gan._chunk.experimental_get_tracing_count() == 1


def test_a_state_taken_in_the_middle_goes_on_as_if_nothing_had_happened(
    gan: DCGAN, twin: DCGAN, images: tf.Tensor, order: tf.Tensor
) -> None:
    gan.train_steps(images, order, position=0, num_steps=4)
    gan.seconds = 1.5
    middle = gan.get_state()
    gan.train_steps(images, order, position=4, num_steps=4)

    twin.set_state(middle)
    assert (twin.step, twin.seconds) == (4, 1.5)
    twin.train_steps(images, order, position=4, num_steps=4)
    assert_same_numbers(twin.get_state(), gan.get_state())


def test_a_state_holds_the_place_in_dropouts_random_numbers(
    tiny_config: TrainingConfig, images: tf.Tensor, order: tf.Tensor
) -> None:
    config = tiny_config.replace(dropout=0.3)
    gan = DCGAN(config)
    gan.train_steps(images, order, position=0, num_steps=2)
    middle = gan.get_state()
    gan.train_steps(images, order, position=2, num_steps=2)
    uninterrupted = gan.get_state()
    gan.set_state(middle).train_steps(images, order, position=2, num_steps=2)
    assert_same_numbers(gan.get_state(), uninterrupted)


def test_a_state_is_a_copy_that_later_training_does_not_touch(
    gan: DCGAN, start: State, images: tf.Tensor, order: tf.Tensor
) -> None:
    state = gan.get_state()
    gan.train_steps(images, order, position=0, num_steps=1)
    for name, array in state.items():
        np.testing.assert_array_equal(array, start[name])


def lacking(state: State) -> State:
    return {name: array for name, array in state.items() if name != "generator/00/kernel"}


def with_another(state: State) -> State:
    return {**state, "generator/99/kernel": np.zeros(3, np.float32)}


def misshapen(state: State) -> State:
    return {**state, "generator/00/kernel": np.zeros((4, 7), np.float32)}


def without_its_step(state: State) -> State:
    return {name: array for name, array in state.items() if name != "step"}


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lacking, "the state lacks 'generator/00/kernel'."),
        (without_its_step, "the state lacks 'step'."),
        (with_another, "the state holds 'generator/99/kernel', which these networks do not have."),
        (misshapen, "'generator/00/kernel' has shape (4, 7); expected (4, 8)."),
    ],
)
def test_a_state_that_does_not_fit_is_refused_and_changes_nothing(
    gan: DCGAN,
    start: State,
    images: tf.Tensor,
    order: tf.Tensor,
    damage: Callable[[State], State],
    message: str,
) -> None:
    gan.train_steps(images, order, position=0, num_steps=1)
    before = gan.get_state()
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the whole message is compared
        gan.set_state(damage(start))
    assert str(error.value) == message
    for name, array in gan.get_state().items():
        np.testing.assert_array_equal(array, before[name])


# The EMA generator.


def test_the_ema_follows_the_ramp_for_weights_and_batch_norms_statistics(
    gan: DCGAN, images: tf.Tensor, order: tf.Tensor
) -> None:
    names = [variable.name for variable in gan.generator.variables]
    assert "moving_variance" in names
    average = [np.array(weights, np.float64) for weights in gan.ema_generator.get_weights()]
    for step in range(1, 13):
        gan.train_steps(images, order, position=step - 1, num_steps=1)
        decay = 0.5 ** (1 / (0.05 * step))  # At step 12: 0.31, far below ema_decay.
        average = [
            decay * old + (1 - decay) * new
            for old, new in zip(average, gan.generator.get_weights(), strict=True)
        ]
    for name, found, expected, newest in zip(
        names, gan.ema_generator.get_weights(), average, gan.generator.get_weights(), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7, err_msg=name)
        assert not np.allclose(found, newest, rtol=1e-5, atol=1e-7), name


def test_late_in_training_the_ema_keeps_ema_decay_of_the_old(
    gan: DCGAN, start: State, images: tf.Tensor, order: tf.Tensor
) -> None:
    zeros = {n: np.zeros_like(start[n]) for n in start if n.startswith("ema_generator/")}
    # The ramp is 0.999999 by then. It is also far beyond 2**24, where float32 drops whole numbers.
    gan.set_state({**start, **zeros, "step": np.array(20_000_001)})
    gan.train_steps(images, order, position=0, num_steps=1)
    for average, newest in zip(
        gan.ema_generator.get_weights(), gan.generator.get_weights(), strict=True
    ):
        np.testing.assert_allclose(average, 0.001 * newest, rtol=1e-3)


def test_a_decay_of_0_makes_the_ema_generator_the_generator(
    tiny_config: TrainingConfig, images: tf.Tensor, order: tf.Tensor
) -> None:
    gan = DCGAN(tiny_config.replace(ema_decay=0))
    gan.train_steps(images, order, position=0, num_steps=3)
    for average, newest in zip(
        gan.ema_generator.get_weights(), gan.generator.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(average, newest)


def test_the_pictures_come_from_the_ema_generator_as_pixels(gan: DCGAN, start: State) -> None:
    zeros = {n: np.zeros_like(start[n]) for n in start if n.startswith("ema_generator/")}
    z = sample_latent(0, 5, gan.config.latent_dim)
    pixels = gan.set_state({**start, **zeros}).generate(z)
    assert pixels.dtype == np.uint8
    assert pixels.shape == (5, 28, 28, 1)
    np.testing.assert_array_equal(pixels, 128)  # tanh(0), which is 127.5, rounded to even.


# The sampler.


def test_a_sampler_draws_what_the_gan_draws(
    gan: DCGAN, images: tf.Tensor, order: tf.Tensor
) -> None:
    gan.train_steps(images, order, position=0, num_steps=3)
    sampler = Sampler(gan.config)
    sampler.set_weights(select_generator_weights(gan.get_state()))
    z = sample_latent(0, 9, gan.config.latent_dim)
    np.testing.assert_array_equal(sampler.generate(z), gan.generate(z))
    # More than it draws at once; a sum in another order may round a pixel to its neighbour.
    z = sample_latent(0, 601, gan.config.latent_dim)
    difference = sampler.generate(z).astype(int) - gan.generate(z)
    assert difference.shape == (601, 28, 28, 1)
    assert np.abs(difference).max() <= 1


def test_a_sampler_serves_several_threads_while_another_trains(
    gan: DCGAN, images: tf.Tensor, order: tf.Tensor
) -> None:
    gan.train_steps(images, order, position=0, num_steps=3)
    sampler = Sampler(gan.config)
    sampler.set_weights(select_generator_weights(gan.get_state()))
    batches = [sample_latent(seed, 4, gan.config.latent_dim) for seed in range(40)]
    expected = [sampler.generate(z) for z in batches]
    with ThreadPoolExecutor(4) as threads:
        drawn = [threads.submit(sampler.generate, z) for z in batches]
        for _ in range(20):
            gan.train_steps(images, order, position=0, num_steps=5)
        for future, pixels in zip(drawn, expected, strict=True):
            np.testing.assert_array_equal(future.result(timeout=60), pixels)
    assert gan.step == 103
    assert sampler._generate.experimental_get_tracing_count() == 1


def test_pictures_are_drawn_a_bounded_number_at_once(
    gan: DCGAN, tiny_config: TrainingConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampler = Sampler(tiny_config)
    sampler.set_weights(gan.ema_generator.get_weights())
    z = sample_latent(0, 1000, tiny_config.latent_dim)
    for drawer in (gan, sampler):
        sizes: list[int] = []
        generate = drawer._generate

        def note(z: tf.Tensor, generate: Any = generate, sizes: list[int] = sizes) -> tf.Tensor:
            sizes.append(len(z))
            return generate(z)

        monkeypatch.setattr(drawer, "_generate", note)
        pixels = drawer.generate(z)
        assert sizes == [250] * 4
        assert pixels.shape == (1000, 28, 28, 1)
        apart = pixels[600:603].astype(int) - drawer.generate(z[600:603])
        assert abs(apart).max() <= 1  # A sum in another order may round the other way.
        assert drawer.generate(z[:0]).shape == (0, 28, 28, 1)


@pytest.mark.parametrize(
    ("size", "filters", "num"),
    # The last layer but one is half as large as the picture: 32² × 1024 floats are 4 MiB.
    [(28, (48, 24), 250), (64, (48, 24), 250), (64, (4, 1024), 32)],
)
def test_of_large_pictures_fewer_are_drawn_at_once(
    size: int, filters: tuple[int, ...], num: int
) -> None:
    config = TrainingConfig.create(image_size=size, generator_filters=filters, generator_units=0)
    assert choose_batch_size(build_generator(config)) == num


# Devices.


TWO_REPLICAS = textwrap.dedent(
    """
    import json

    import numpy as np
    import tensorflow as tf

    # Before TensorFlow starts its devices, which is why this is a process of its own.
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)

    from dcgan.config import TrainingConfig
    from dcgan.model.gan import DCGAN

    config = TrainingConfig.create(
        generator_filters=(8, 4),
        discriminator_filters=(4, 8),
        generator_units=8,
        discriminator_units=6,
        latent_dim=4,
        batch_size=16,
    )
    pixels = np.random.default_rng(0).integers(0, 256, (64, 28, 28, 1), dtype=np.uint8)
    images, order = tf.constant(pixels), tf.range(64)
    # Two replicas, with half of the batch each, make the very update that one device makes.
    states, noises, replicas, means = [], [], [], []
    for strategy in ("one_device", "mirrored"):
        gan = DCGAN(config.replace(strategy=strategy))
        replicas.append(gan.strategy.num_replicas_in_sync)
        shares = gan.strategy.run(gan._draw_noise, args=(tf.constant(3),))
        shares = gan.strategy.experimental_local_results(shares)
        noises.append(np.concatenate([share.numpy() for share in shares]))
        before = gan.get_state()
        gan.step = 14  # So that the gradient penalty, due at every 16th step, is among the three.
        means.append(gan.train_steps(images, order, 0, 3).means)
        states.append(gan.get_state())
    moved = max(np.abs(states[1][n] - before[n]).max() for n in before if "kernel" in n)
    apart = max(np.abs(states[1][name] - states[0][name]).max() for name in states[0])

    # A second run in the same process, with Dropout and other widths; then a resume.
    config = config.replace(strategy="mirrored", discriminator_filters=(4, 12), dropout=0.2)
    gan = DCGAN(config)
    gan.step = 14
    gan.train_steps(images, order, 0, 2)
    state = gan.get_state()
    gan.set_state(state)
    measured = gan.train_steps(images, order, 2, 1)
    in_sync = []
    for model, layer in ((gan.generator, "dense"), (gan.discriminator, "down_2")):
        kernel = model.get_layer(layer).kernel.value
        copies = gan.strategy.experimental_local_results(kernel)
        in_sync.append(bool(np.array_equal(*[copy.numpy() for copy in copies])))
    print(json.dumps({
        "replicas": replicas,
        "same_noise": bool(np.array_equal(*noises)),
        "moved": float(moved),
        "apart": float(apart),
        "means": means,
        "is_finite": all(np.isfinite(value) for value in measured.means.values()),
        "in_sync": all(in_sync),
        "pixels": gan.generate(np.zeros((2, 4), np.float32)).shape,
    }))
    """
)


def test_two_replicas_learn_what_one_device_learns() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TWO_REPLICAS], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["replicas"] == [1, 2]
    assert found["same_noise"]
    assert found["moved"] > 1e-3
    assert found["apart"] < 1e-5  # Measured: 1e-8.
    # Of the whole batch, whoever sees which part of it: the norms and the spreads, too.
    one, two = found["means"]
    assert two == pytest.approx(one, rel=1e-4)
    assert found["is_finite"]
    assert found["in_sync"]
    assert found["pixels"] == [2, 28, 28, 1]
