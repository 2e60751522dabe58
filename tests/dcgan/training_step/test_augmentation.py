"""Augmentation: each change has the paper's formula, and its probability follows the signs."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from collections.abc import Callable
from enum import IntEnum

import numpy as np
import pytest
import tensorflow as tf

from dcgan.config.sections.few_pictures import AUGMENTED_BELOW, KINDS, AugmentationKind
from dcgan.config.training_config import TrainingConfig
from dcgan.model.devices import choose_strategy
from dcgan.model.gan import DCGAN
from dcgan.training_step.augmentation import (
    NUM_DRAWS,
    augment,
    cut_out,
    distort,
    find_fill,
    translate,
)
from dcgan.training_step.parts import build_parts
from dcgan.training_step.step import TrainingStep
from dcgan.training_step.step_inputs import StepInputs
from dcgan.training_step.step_metrics import NUM_VALUES, STEP_METRICS
from dcgan.training_step.training_images import TrainingImages
from tests.states import State, assert_same_numbers

# The columns of the random numbers; "_DRAW": whether a change is made.
Column = IntEnum(
    "Column",
    "MIRROR_DRAW MOVE_DRAW DOWN RIGHT CUT_DRAW ROW COLUMN BRIGHTNESS_DRAW BRIGHTNESS "
    "CONTRAST_DRAW CONTRAST SATURATION_DRAW SATURATION DISTORT_DRAW WIDTH HEIGHT TO_LEFT UP",
    start=0,
)


def draw_images(num: int = 2, side: int = 28, channels: int = 1) -> tf.Tensor:
    """Return random images in [-1, 1]."""
    return tf.random.stateless_uniform((num, side, side, channels), (0, 1), -1.0, 1.0)


def make_draws(num: int = 2, **columns: float) -> tf.Tensor:
    """Return the same draws for all images: 0.5, except in some columns."""
    draws = np.full((num, NUM_DRAWS), 0.5, np.float32)
    for name, value in columns.items():
        draws[:, Column[name]] = value
    return tf.constant(draws)


def change(images: tf.Tensor, draws: tf.Tensor, *kinds: AugmentationKind) -> np.ndarray:
    """Return the images with every change applied."""
    changed: np.ndarray = augment(images, draws, tf.constant(1.0), kinds).numpy()
    return changed


def test_an_image_is_moved_by_whole_pixels_and_the_rest_is_filled() -> None:
    images = draw_images()
    moved = translate(images, tf.constant([3, 0]), tf.constant([-2, 0]), -1.0).numpy()
    np.testing.assert_allclose(moved[0, 3:, :-2], images[0, :-3, 2:], atol=1e-6)
    assert np.all(moved[0, :3] == -1)
    assert np.all(moved[0, :, -2:] == -1)
    np.testing.assert_allclose(moved[1], images[1], atol=1e-6)


@pytest.mark.parametrize(("draw", "shift"), [(0.0, -4), (0.5, 0), (0.999, 4)])
def test_a_shift_is_up_to_an_eighth_of_the_side(draw: float, shift: int) -> None:
    images = draw_images()
    moved = change(images, make_draws(DOWN=draw), "translation")
    expected = translate(images, tf.fill([2], shift), tf.fill([2], 0), find_fill(1))
    np.testing.assert_allclose(moved, expected, atol=1e-6)


def test_every_shift_is_equally_likely() -> None:
    num = 9000
    spot = tf.scatter_nd([[14, 14, 0]], [2.0], (28, 28, 1)) - 1.0
    draws = tf.random.stateless_uniform((num, NUM_DRAWS), (0, 1))
    moved = change(tf.tile(spot[None], (num, 1, 1, 1)), draws, "translation")
    rows = moved.max(axis=(2, 3)).argmax(axis=1)
    counts = np.bincount(rows - 10, minlength=9)
    assert len(counts) == 9
    np.testing.assert_allclose(counts, num / 9, rtol=0.15)  # Five standard deviations.


@pytest.mark.parametrize(
    ("stretches", "slants", "places"),
    [
        ((1.0, 1.0), (0.0, 0.0), [(2, 4), (6, 4)]),
        ((1.0, 1.0), (0.5, 0.0), [(2, 5), (6, 3)]),
        ((1.0, 1.0), (0.0, 0.5), [(2, 4), (6, 4)]),
        ((1.0, 0.5), (0.0, 0.0), [(3, 4), (5, 4)]),
    ],
)
def test_a_distortion_stretches_and_slants_around_the_middle(
    stretches: tuple[float, float],
    slants: tuple[float, float],
    places: list[tuple[int, int]],
) -> None:
    dots = tf.scatter_nd([[0, 2, 4, 0], [0, 6, 4, 0]], [2.0, 2.0], (1, 9, 9, 1)) - 1.0
    changed = distort(dots, tf.constant([stretches]), tf.constant([slants]), -1.0).numpy()
    assert [tuple(place) for place in np.argwhere(changed[0, :, :, 0] > -1)] == places


def test_the_strongest_distortion_is_a_seventh_of_the_size_and_a_fifth_of_the_height() -> None:
    images = draw_images()
    drawn = dict.fromkeys(("WIDTH", "HEIGHT", "TO_LEFT", "UP"), 0.0)
    stretches, slants = tf.fill((2, 2), float(np.exp(-0.15))), tf.fill((2, 2), -0.2)
    expected = distort(images, stretches, slants, find_fill(1))
    changed = change(images, make_draws(2, **drawn), "distortion")
    np.testing.assert_allclose(changed, expected, atol=1e-6)


def test_the_gradient_of_a_distortion_goes_back_to_where_the_pixels_came_from() -> None:
    images = tf.fill((1, 9, 9, 1), -1.0)
    with tf.GradientTape() as tape:
        tape.watch(images)
        changed = distort(images, tf.ones((1, 2)), tf.constant([[0.5, 0.0]]), -1.0)
        loss = changed[0, 2, 5, 0]
    gradients = tape.gradient(loss, images).numpy()
    assert [tuple(place) for place in np.argwhere(gradients[0, :, :, 0])] == [(2, 4)]


@pytest.mark.parametrize(
    ("side", "middle", "covered"),
    [
        (28, 14, range(7, 21)),
        (28, 0, range(7)),
        (28, 28, range(21, 28)),
        (64, 32, range(16, 48)),
    ],
)
def test_a_square_of_half_the_side_is_covered(side: int, middle: int, covered: range) -> None:
    images = draw_images(1, side)
    cut = cut_out(images, tf.constant([middle]), tf.constant([middle]), -1.0).numpy()[0]
    expected = images.numpy()[0]
    expected[covered.start : covered.stop, covered.start : covered.stop] = -1
    np.testing.assert_array_equal(cut, expected)


def test_the_middle_of_the_square_is_anywhere_up_to_both_borders() -> None:
    images = draw_images(1)
    for draw, middle in ((0.0, 0), (0.9999, 28)):
        cut = change(images, make_draws(1, ROW=draw, COLUMN=draw), "cutout")
        place = tf.constant([middle])
        np.testing.assert_array_equal(cut, cut_out(images, place, place, find_fill(1)))


def test_the_colours_change_as_in_the_paper() -> None:
    images = draw_images(channels=3)
    x = images.numpy()
    drawn = {"BRIGHTNESS": 0.9, "SATURATION": 0.25, "CONTRAST": 0.1}
    x = x + (0.9 - 0.5)
    grey = x.mean(axis=3, keepdims=True)
    x = (x - grey) * (2 * 0.25) + grey
    middle = x.mean(axis=(1, 2, 3), keepdims=True)
    x = (x - middle) * (0.1 + 0.5) + middle
    np.testing.assert_allclose(change(images, make_draws(2, **drawn), "color"), x, atol=1e-5)


def test_grey_pictures_keep_their_brightness_and_contrast() -> None:
    images = draw_images()
    changed = change(images, make_draws(2, BRIGHTNESS=0.1, CONTRAST=0.1), "color")
    np.testing.assert_array_equal(changed, images)


def test_half_of_the_chosen_images_are_mirrored() -> None:
    images = draw_images(1)
    mirrored = change(images, make_draws(1, MIRROR_DRAW=0.49), "mirror")
    np.testing.assert_array_equal(mirrored, images[:, :, ::-1])
    np.testing.assert_array_equal(change(images, make_draws(1, MIRROR_DRAW=0.51), "mirror"), images)


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_applies_to_the_share_of_images_that_the_probability_says(
    kind: AugmentationKind,
) -> None:
    num = 4000
    images = draw_images(num, 8, 3)
    draws = tf.random.stateless_uniform((num, NUM_DRAWS), (5, 6))
    for probability in (0.0, 0.3):
        changed = augment(images, draws, tf.constant(probability), (kind,))
        is_changed = np.any(np.abs(changed - images) > 1e-5, axis=(1, 2, 3))
        # Of the nine shifts of the 3 in each direction one is none; three changes of colour.
        expected = {
            "translation": probability * 8 / 9,
            "distortion": probability,
            "cutout": probability,
            "color": 1 - (1 - probability) ** 3,
            "mirror": probability / 2,
        }[kind]
        assert np.mean(is_changed) == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_flow_through_each_change(kind: AugmentationKind) -> None:
    images = draw_images(2, 8, 3)
    draws = make_draws(DOWN=0.9, RIGHT=0.1, ROW=0.2, COLUMN=0.7, MIRROR_DRAW=0.1, CONTRAST=0.3)
    with tf.GradientTape() as tape:
        tape.watch(images)
        changed = augment(images, draws, tf.constant(1.0), (kind,))
        loss = tf.reduce_sum(changed**2)
    gradients = tape.gradient(loss, images).numpy()
    # The slope along a random direction equals the difference quotient of a small step.
    direction = tf.random.stateless_normal(images.shape, (1, 2))
    moved = augment(images + 1e-2 * direction, draws, tf.constant(1.0), (kind,))
    moved_back = augment(images - 1e-2 * direction, draws, tf.constant(1.0), (kind,))
    difference = float(tf.reduce_sum(moved**2) - tf.reduce_sum(moved_back**2)) / 2e-2
    assert np.sum(gradients * direction) == pytest.approx(difference, rel=1e-2, abs=1e-2)


@pytest.fixture(scope="module")
def adaptive_config(tiny_config: TrainingConfig) -> TrainingConfig:
    """Return settings with adaptive augmentation."""
    return tiny_config.replace(augment="auto")


@pytest.fixture(scope="module")
def adaptive_gan(adaptive_config: TrainingConfig) -> DCGAN:
    """Return networks with adaptive augmentation, traced once for all tests."""
    return DCGAN(adaptive_config)


def adapt(gan: DCGAN, accuracy: float, num_steps: int) -> float:
    """Adapt the augmentation to an accuracy for some steps; return the probability."""
    metrics = np.zeros(NUM_VALUES, np.float32)
    metrics[STEP_METRICS.index("real_accuracy")] = accuracy
    for _ in range(num_steps):
        gan.training_step.parts.augmentation.adapt(200, tf.constant(metrics))
    probability = gan.training_step.parts.augmentation.read_probability(200)
    assert probability is not None
    return probability


def test_the_probability_rises_while_the_discriminator_recognizes_too_many_real_images(
    adaptive_gan: DCGAN,
) -> None:
    start = {**adaptive_gan.get_state(), "augmentation/00/probability": np.array(0.5, np.float32)}
    # Sixteen batches of 16 images are averaged; then p changes by 256 of 20,000 images.
    for accuracy, moved in ((0.65, 256 / 20_000), (0.55, -256 / 20_000)):
        adaptive_gan.set_state(start)
        assert adapt(adaptive_gan, accuracy, 15) == pytest.approx(0.5)
        assert adapt(adaptive_gan, accuracy, 1) == pytest.approx(0.5 + moved)
        assert adapt(adaptive_gan, accuracy, 32) == pytest.approx(0.5 + 3 * moved)


def test_the_probability_stays_between_0_and_its_highest(adaptive_gan: DCGAN) -> None:
    start = adaptive_gan.get_state()
    for probability, accuracy in ((0.0, 0.0), (0.8, 1.0)):
        array = np.array(probability, np.float32)
        adaptive_gan.set_state({**start, "augmentation/00/probability": array})
        assert adapt(adaptive_gan, accuracy, 16) == pytest.approx(probability)


@pytest.mark.parametrize("loss", ["bce", "wgan_gp", "relativistic"])
def test_the_discriminator_sees_no_image_without_augmentation(
    tiny_config: TrainingConfig,
    images: TrainingImages,
    order: tf.Tensor,
    loss: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = tiny_config.replace(loss=loss, augment=1.0, discriminator_steps=2)
    strategy = choose_strategy(config.strategy)
    parts = build_parts(config, strategy)
    seen: list[float] = []
    discriminator = parts.discriminator

    def look(x: tf.Tensor, training: bool) -> tf.Tensor:
        seen.append(float(tf.reduce_min(x)))
        return discriminator(x, training=training)

    look.trainable_variables = discriminator.trainable_variables  # type: ignore[attr-defined]
    monkeypatch.setattr(
        parts.augmentation, "make_augment", lambda num_images, draw_index: lambda x: x + 5.0
    )
    step = TrainingStep(config, strategy, dataclasses.replace(parts, discriminator=look))
    step.update_networks(images, order, tf.constant(0), tf.constant(0))
    step.apply_penalty(images, order, tf.constant(0), tf.constant(0))
    assert len(seen) > 5
    assert min(seen) > 3


def test_each_look_at_a_batch_has_its_own_random_numbers(tiny_config: TrainingConfig) -> None:
    inputs = StepInputs(tiny_config, 1)
    draws = [
        inputs.draw_augmentation(tf.constant(draw), index, NUM_DRAWS).numpy()
        for draw, index in itertools.product((0, 1, -1), (0, 1))
    ]
    assert draws[0].shape == (16, NUM_DRAWS)
    assert len({tuple(numbers.ravel()) for numbers in draws}) == 6
    np.testing.assert_array_equal(inputs.draw_augmentation(tf.constant(0), 0, NUM_DRAWS), draws[0])


def test_a_resumed_run_augments_like_an_uninterrupted_one(
    adaptive_config: TrainingConfig,
    adaptive_gan: DCGAN,
    images: TrainingImages,
    order: tf.Tensor,
) -> None:
    start: State = {**DCGAN(adaptive_config).get_state()}
    start["augmentation/00/probability"] = np.array(0.6, np.float32)
    adaptive_gan.set_state(start).train_steps(images, order, 0, 2)
    middle = adaptive_gan.get_state()
    measured = adaptive_gan.train_steps(images, order, 2, 3)
    uninterrupted = adaptive_gan.get_state()
    assert uninterrupted["augmentation/02/num_batches"] == 5
    assert measured.augment_probability == pytest.approx(0.6)
    resumed = DCGAN(adaptive_config).set_state(middle)
    resumed.train_steps(images, order, 2, 3)
    assert_same_numbers(resumed.get_state(), uninterrupted)


def test_a_state_fits_a_run_that_turns_augmentation_on_or_off(
    gan: DCGAN, first_state: State, adaptive_gan: DCGAN
) -> None:
    array = np.array(0.7, np.float32)
    augmented = {**adaptive_gan.get_state(), "augmentation/00/probability": array}
    gan.set_state(augmented)
    assert not any(name.startswith("augmentation/") for name in gan.get_state())
    adaptive_gan.set_state(augmented)
    adaptive_gan.set_state(first_state)
    assert adaptive_gan.get_state()["augmentation/00/probability"] == 0


def test_off_and_large_sets_have_the_same_graph(
    gan: DCGAN, adaptive_gan: DCGAN, tiny_config: TrainingConfig
) -> None:
    def count_operations(gan: DCGAN, num_images: int) -> Counter[str]:
        images = TrainingImages(tf.zeros((num_images, 28, 28, 1), tf.uint8))
        zero = tf.constant(0)
        trace: Callable[..., tf.types.experimental.ConcreteFunction] = (
            gan.training_step.graph.get_concrete_function
        )
        graph = trace(images, tf.range(num_images), zero, zero, zero).graph
        nodes = graph.as_graph_def()
        return Counter(
            node.op
            for part in (nodes.node, *(function.node_def for function in nodes.library.function))
            for node in part
        )

    off = count_operations(gan, AUGMENTED_BELOW)
    assert count_operations(adaptive_gan, AUGMENTED_BELOW) == off
    assert count_operations(adaptive_gan, AUGMENTED_BELOW - 1).total() > off.total()
    assert tiny_config.replace(augment=0.2).is_augmented(AUGMENTED_BELOW)
