"""Networks that learn classes: their outputs, what a step teaches, and what is generated."""

from __future__ import annotations

import numpy as np
import pytest

from dcgan.backend import tf
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.model.gan import DCGAN
from dcgan.networks.architecture import build_discriminator, build_generator, compute_logits
from dcgan.networks.class_inputs import fix_class, make_generator_inputs
from dcgan.training_step.training_images import TrainingImages


@pytest.fixture(scope="module")
def config(tiny_config: TrainingConfig) -> TrainingConfig:
    """Return settings of tiny networks that learn three classes."""
    return tiny_config.replace(class_conditional=True, class_names=("0", "1", "2"))


@pytest.fixture(scope="module")
def gan(config: TrainingConfig) -> DCGAN:
    """Return tiny networks with their initial weights."""
    return DCGAN(config)


@pytest.fixture(scope="module")
def images(tiny_dataset: ImageDataset) -> TrainingImages:
    """Return the training images, with three classes in turn."""
    return TrainingImages(
        tf.constant(tiny_dataset.pixels), tf.range(len(tiny_dataset), dtype=tf.int32) % 3
    )


def test_the_logit_adds_how_well_an_image_fits_its_class() -> None:
    outputs = tf.constant([[1.0, 0.0, 5.0, -2.0], [0.5, 3.0, -4.0, 0.0]])
    classes = tf.constant([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    assert np.asarray(compute_logits(outputs, classes)).tolist() == [[-1.0], [3.5]]
    best = np.asarray(compute_logits(outputs, None))
    assert best.tolist() == [[6.0], [3.5]]


def test_networks_without_classes_have_no_inputs_or_outputs_for_them(
    tiny_config: TrainingConfig,
) -> None:
    assert build_generator(tiny_config).input_shape == (None, tiny_config.latent_dim)
    assert build_discriminator(tiny_config).output_shape == (None, 1)


def test_a_step_teaches_the_vectors_of_the_classes(gan: DCGAN, images: TrainingImages) -> None:
    layer = gan.discriminator.get_layer("logit")
    before, _ = layer.get_weights()
    gan.train_steps(images, tf.range(200), position=0, num_steps=1)
    after, _ = layer.get_weights()
    assert (before != after).any(axis=0).tolist() == [True] * 4


def test_the_class_changes_the_image_of_a_z(gan: DCGAN, config: TrainingConfig) -> None:
    z = np.ones((3, config.latent_dim), np.float32)
    zero, one, again = np.asarray(gan.generator(make_generator_inputs(z, [0, 1, 0], config)))
    np.testing.assert_array_equal(zero, again)
    assert (zero != one).any()


@pytest.mark.parametrize("units", [0, 8])
def test_a_generator_of_one_class_draws_the_same_as_the_full_generator_asked_for_it(
    config: TrainingConfig, units: int
) -> None:
    config = config.replace(generator_units=units)
    generator = build_generator(config)
    random = np.random.default_rng(0)
    generator.set_weights(
        [random.uniform(0.1, 1, array.shape) for array in generator.get_weights()]
    )
    fixed = build_generator(config.replace(class_names=()))
    fixed.set_weights(fix_class(generator.get_weights(), config, 1)[0])
    z = random.normal(size=(5, config.latent_dim)).astype(np.float32)
    expected = generator(make_generator_inputs(z, [1] * 5, config))
    np.testing.assert_allclose(fixed(z), expected, rtol=1e-4, atol=1e-4)
    weights = generator.get_weights()
    assert fix_class(weights, config, None) == (weights, config)
