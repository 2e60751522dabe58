"""The two networks: their shapes and sizes by arithmetic, and the paper's rules."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
import tensorflow as tf

from dcgan.config.training_config import TrainingConfig
from dcgan.networks.architecture import build_discriminator, build_generator
from dcgan.networks.batch_norm import BatchNormalization
from dcgan.networks.plain_layers import make_plain_layers, to_plain_keras

Build = Callable[[TrainingConfig], keras.Model]

both_networks = pytest.mark.parametrize("build", [build_generator, build_discriminator])


@pytest.fixture(scope="module")
def classic() -> TrainingConfig:
    return TrainingConfig.preset("classic")


@pytest.fixture(scope="module")
def classic_generator(classic: TrainingConfig) -> keras.Model:
    return build_generator(classic)


@pytest.fixture(scope="module")
def classic_discriminator(classic: TrainingConfig) -> keras.Model:
    return build_discriminator(classic)


def list_kinds(model: keras.Model) -> list[str]:
    """Return the classes of a model's layers, from the input on, without the input."""
    return [type(layer).__name__ for layer in model.layers[1:]]


def draw_latent_batch(num: int, latent_dim: int) -> np.ndarray:
    draws = np.random.Generator(np.random.PCG64(0))
    return draws.standard_normal((num, latent_dim), dtype=np.float32)


# The classic design, layer by layer.


def test_the_classic_generator_grows_7_by_7_to_28_by_28(classic_generator: keras.Model) -> None:
    assert classic_generator.input_shape == (None, 100)
    shapes = {name: classic_generator.get_layer(name).output.shape[1:] for name in (
        "dense", "reshape", "up_1", "up_2", "image"
    )}  # fmt: skip
    assert shapes == {
        "dense": (7 * 7 * 256,),
        "reshape": (7, 7, 256),
        "up_1": (7, 7, 128),
        "up_2": (14, 14, 64),
        "image": (28, 28, 1),
    }


def test_the_classic_generator_has_as_many_parameters_as_its_shapes_give(
    classic_generator: keras.Model,
) -> None:
    dense = 100 * (7 * 7 * 256)
    up_1, up_2 = 5 * 5 * 256 * 128, 5 * 5 * 128 * 64
    image = 5 * 5 * 64 * 1 + 1  # The only bias: elsewhere BatchNorm has its own offset.
    batch_norms = 4 * (7 * 7 * 256 + 128 + 64)  # gamma, beta, moving mean and variance.
    assert classic_generator.count_params() == dense + up_1 + up_2 + image + batch_norms
    assert classic_generator.count_params() == 2_330_945


def test_the_classic_discriminator_halves_the_picture_twice(
    classic_discriminator: keras.Model,
) -> None:
    assert classic_discriminator.input_shape == (None, 28, 28, 1)
    assert classic_discriminator.get_layer("down_1").output.shape == (None, 14, 14, 64)
    assert classic_discriminator.get_layer("down_2").output.shape == (None, 7, 7, 128)
    assert classic_discriminator.output_shape == (None, 1)


def test_the_classic_discriminator_has_as_many_parameters_as_its_shapes_give(
    classic_discriminator: keras.Model,
) -> None:
    down_1 = 5 * 5 * 1 * 64 + 64
    down_2 = 5 * 5 * 64 * 128 + 4 * 128  # Without bias, with BatchNorm.
    logit = 7 * 7 * 128 + 1
    assert classic_discriminator.count_params() == down_1 + down_2 + logit == 213_249


@pytest.mark.parametrize(
    ("image_size", "generator_sides", "discriminator_sides"),
    [(28, [7, 14, 28], [14, 7]), (32, [8, 16, 32], [16, 8]), (64, [8, 16, 32, 64], [32, 16, 8])],
)
def test_the_networks_grow_by_a_block_with_the_picture(
    image_size: int, generator_sides: list[int], discriminator_sides: list[int]
) -> None:
    config = TrainingConfig.create(dataset="own.zip", color=True, image_size=image_size)
    generator, discriminator = build_generator(config), build_discriminator(config)
    grown = [layer for layer in generator.layers if layer.name[:2] in ("re", "up", "im")]
    sides = [
        layer.output.shape[1] for layer in grown if layer.name.endswith(("shape", "relu", "image"))
    ]
    assert sides == generator_sides
    assert [
        discriminator.get_layer(f"down_{number}").output.shape[1]
        for number in range(1, len(discriminator_sides) + 1)
    ] == discriminator_sides
    assert generator.output_shape[1:] == discriminator.input_shape[1:] == config.image_shape
    assert config.image_shape == (image_size, image_size, 3)


def test_the_block_that_a_large_picture_adds_is_twice_as_wide() -> None:
    small = TrainingConfig.create(generator_filters=(600, 24), discriminator_filters=(16, 32))
    assert (small.generator_widths, small.discriminator_widths) == ((600, 24), (16, 32))
    large = small.replace(image_size=64)
    assert large.generator_widths == (1024, 600, 24)  # 1,024 is the most that a setting allows.
    assert large.discriminator_widths == (16, 32, 64)


def test_the_generator_has_the_papers_layers(classic_generator: keras.Model) -> None:
    block = ["BatchNormalization", "ReLU"]
    assert list_kinds(classic_generator) == [
        *("Dense", *block, "Reshape"),
        *("Conv2DTranspose", *block),
        *("Conv2DTranspose", *block),
        "Conv2DTranspose",
    ]


def test_only_the_discriminators_first_convolution_has_no_batch_norm(
    classic_discriminator: keras.Model,
) -> None:
    assert list_kinds(classic_discriminator) == [
        *("Conv2D", "LeakyReLU", "Dropout"),
        *("Conv2D", "BatchNormalization", "LeakyReLU", "Dropout"),
        *("Flatten", "Dense"),
    ]


def test_no_layer_pools_and_every_shrinking_convolution_strides_by_2(
    classic_generator: keras.Model, classic_discriminator: keras.Model
) -> None:
    layers = classic_generator.layers + classic_discriminator.layers
    assert not [layer.name for layer in layers if "Pool" in type(layer).__name__]
    strides = [layer.strides for layer in layers if hasattr(layer, "strides")]
    assert strides == [(1, 1), (2, 2), (2, 2), (2, 2), (2, 2)]


def test_the_leaky_slope_is_0_2_and_the_dropout_is_the_settings(
    classic_discriminator: keras.Model,
) -> None:
    assert classic_discriminator.get_layer("down_1_leaky_relu").negative_slope == 0.2
    assert classic_discriminator.get_layer("down_2_dropout").rate == 0.3


# Outputs.


def test_the_picture_ends_in_tanh_and_stays_within_minus_1_and_1(
    tiny_config: TrainingConfig,
) -> None:
    generator = build_generator(tiny_config)
    assert generator.get_layer("image").activation is keras.activations.tanh
    images = generator(1e6 * draw_latent_batch(8, tiny_config.latent_dim), training=False).numpy()
    assert images.shape == (8, 28, 28, 1)
    assert images.dtype == np.float32
    assert images.min() == -1  # Saturated, so without tanh it would lie far outside.
    assert images.max() == 1


def test_the_logit_has_no_activation_and_can_exceed_1(
    tiny_config: TrainingConfig,
) -> None:
    discriminator = build_discriminator(tiny_config)
    assert discriminator.get_layer("logit").activation is keras.activations.linear
    noise = 1e4 * np.random.Generator(np.random.PCG64(0)).standard_normal((32, 28, 28, 1))
    logits = discriminator(noise.astype(np.float32), training=False).numpy()
    assert logits.shape == (32, 1)
    assert logits.min() < 0
    assert logits.max() > 1


def test_the_defaults_build_the_fast_preset() -> None:
    fast = TrainingConfig()
    assert build_generator().count_params() == build_generator(fast).count_params()
    assert build_discriminator().count_params() == build_discriminator(fast).count_params()


def test_dropout_acts_in_training_only_and_is_not_built_at_0(tiny_config: TrainingConfig) -> None:
    assert "Dropout" not in list_kinds(build_discriminator(tiny_config))
    discriminator = build_discriminator(tiny_config.replace(dropout=0.5))
    images = np.ones((4, 28, 28, 1), np.float32)
    logits = discriminator(images, training=False).numpy()
    np.testing.assert_array_equal(logits, discriminator(images, training=False).numpy())
    # Equal images get unequal logits only through Dropout.
    assert np.ptp(logits) == pytest.approx(0, abs=1e-6)
    assert np.ptp(discriminator(images, training=True).numpy()) > 1e-4


@pytest.mark.parametrize("generator_filters", [(4, 2), (8, 4, 4), (8, 8, 4, 4, 2, 2)])
@pytest.mark.parametrize("kernel_size", [2, 9])
def test_any_allowed_generator_makes_28_by_28(
    tiny_config: TrainingConfig, generator_filters: tuple[int, ...], kernel_size: int
) -> None:
    config = tiny_config.replace(generator_filters=generator_filters, kernel_size=kernel_size)
    assert build_generator(config).output_shape == (None, 28, 28, 1)


@pytest.mark.parametrize("discriminator_filters", [(4,), (4, 4, 4, 4)])
def test_any_allowed_discriminator_gives_one_logit(
    tiny_config: TrainingConfig, discriminator_filters: tuple[int, ...]
) -> None:
    config = tiny_config.replace(discriminator_filters=discriminator_filters)
    assert build_discriminator(config).output_shape == (None, 1)


# Where the weights come from.


def test_initial_weights_are_the_papers(
    classic_generator: keras.Model, classic_discriminator: keras.Model
) -> None:
    kernels = [
        weight.numpy()
        for model in (classic_generator, classic_discriminator)
        for weight in model.trainable_variables
        if weight.name == "kernel"
    ]
    assert len(kernels) == 7
    for kernel in kernels:
        # Five standard errors of a sample of this size.
        assert np.std(kernel) == pytest.approx(0.02, abs=5 * 0.02 / np.sqrt(2 * kernel.size))
        assert np.mean(kernel) == pytest.approx(0, abs=5 * 0.02 / np.sqrt(kernel.size))


@both_networks
def test_initial_weights_depend_only_on_the_seed(tiny_config: TrainingConfig, build: Build) -> None:
    keras.utils.set_random_seed(1)
    weights = build(tiny_config).get_weights()
    keras.utils.set_random_seed(2)
    again = build(tiny_config).get_weights()
    other = build(tiny_config.replace(seed=1)).get_weights()
    for first, second in zip(weights, again, strict=True):
        np.testing.assert_array_equal(first, second)
    assert not np.array_equal(weights[0], other[0])


def test_layers_of_the_same_shape_have_different_initial_weights(
    tiny_config: TrainingConfig,
) -> None:
    generator = build_generator(tiny_config.replace(generator_filters=(4, 4, 4)))
    first, second = (generator.get_layer(name).kernel.numpy() for name in ("up_1", "up_2"))
    assert first.shape == second.shape
    assert not np.array_equal(first, second)


@both_networks
def test_models_can_be_built_in_several_threads_at_once(
    tiny_config: TrainingConfig, build: Build
) -> None:
    with ThreadPoolExecutor(4) as threads:
        models = list(threads.map(build, [tiny_config] * 12))
    assert len({tuple(layer.name for layer in model.layers) for model in models}) == 1


# The hidden layers, and the fused BatchNorm.


@pytest.mark.parametrize(("units", "stddev"), [(0, 0.02), (12, 0.1)])
def test_a_generator_against_a_hidden_layer_starts_with_larger_weights(
    units: int, stddev: float
) -> None:
    config = TrainingConfig.create(
        generator_filters=(8, 256), generator_units=0, discriminator_units=units
    )
    kernel = build_generator(config).get_layer("image").kernel.numpy()
    assert np.std(kernel) == pytest.approx(stddev, rel=5 / np.sqrt(2 * kernel.size))


def test_a_hidden_layer_comes_after_z_and_before_the_logit() -> None:
    config = TrainingConfig.create(
        latent_dim=16, generator_units=24, discriminator_units=12,
        generator_filters=(8, 4), discriminator_filters=(4, 8), kernel_size=4,
    )  # fmt: skip
    generator, discriminator = build_generator(config), build_discriminator(config)
    assert list_kinds(generator)[:6] == ["Dense", "BatchNormalization", "ReLU"] * 2
    assert list_kinds(discriminator)[-4:] == ["Dense", "BatchNormalization", "LeakyReLU", "Dense"]
    assert generator.get_layer("hidden").count_params() == 16 * 24
    assert discriminator.get_layer("hidden").count_params() == 7 * 7 * 8 * 12
    assert discriminator.get_layer("logit").count_params() == 12 + 1


@pytest.mark.parametrize("shape", [(16, 6), (16, 5, 4, 6)])
def test_the_fused_batch_norm_equals_kerass_except_for_the_unbiased_variance(
    shape: tuple[int, ...],
) -> None:
    draws = np.random.default_rng(0)
    inputs = draws.normal(3.0, 2.0, shape).astype(np.float32)
    upstream = draws.normal(size=shape).astype(np.float32)
    fused = BatchNormalization(momentum=0.9, epsilon=1e-5)
    plain = keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5)
    seen = []
    for layer in (fused, plain):
        layer.build(shape)
        x = tf.constant(inputs)
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = layer(x, training=True)
            total = tf.reduce_sum(outputs * upstream)
        gradients = tape.gradient(total, [x, layer.gamma.value, layer.beta.value])
        seen.append([outputs.numpy(), *(gradient.numpy() for gradient in gradients)])
    for ours, theirs in zip(*seen, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-4, atol=2e-5)
    np.testing.assert_allclose(fused.moving_mean, plain.moving_mean, rtol=1e-5)
    num = inputs.size // shape[-1]
    variance = inputs.reshape(num, -1).var(axis=0)
    expected = 0.9 + 0.1 * variance * num / (num - 1)
    np.testing.assert_allclose(fused.moving_variance, expected, rtol=1e-4)


def test_a_copy_in_kerass_own_layers_draws_the_same_images() -> None:
    config = TrainingConfig.create(latent_dim=5, generator_units=7, generator_filters=(4, 4))
    generator = build_generator(config)
    generator.set_weights([array + 0.1 for array in generator.get_weights()])
    plain = to_plain_keras(generator)
    assert all(type(layer).__module__.startswith("keras.") for layer in plain.layers)
    z = draw_latent_batch(3, 5)
    np.testing.assert_array_equal(plain(z, training=False), generator(z, training=False))


@pytest.mark.parametrize("units", [0, 8])
def test_the_first_plain_layer_computes_the_models_first_layer_before_its_relu(
    tiny_config: TrainingConfig, units: int
) -> None:
    generator = build_generator(tiny_config.replace(generator_units=units))
    draws = np.random.Generator(np.random.PCG64(1))
    generator.set_weights([draws.uniform(0.5, 2, array.shape) for array in generator.get_weights()])
    z = draw_latent_batch(5, 4)
    name = "hidden_norm" if units else "dense_norm"
    inner = keras.Model(generator.input, generator.get_layer(name).output)
    layer = make_plain_layers(generator.get_weights(), tiny_config)[0]
    np.testing.assert_allclose(z @ layer.kernel + layer.offset, inner(z), rtol=1e-3, atol=1e-3)
