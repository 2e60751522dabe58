"""The sampler, and images in bounded batches."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from dcgan.config.training_config import TrainingConfig
from dcgan.latent.sampling import sample_latent
from dcgan.model.discriminator_copy import DiscriminatorCopy
from dcgan.model.gan import DCGAN
from dcgan.model.sampler import Sampler, choose_batch_size
from dcgan.model.state import select_discriminator_weights, select_generator_weights
from dcgan.networks.architecture import build_generator
from dcgan.training_step.training_images import TrainingImages


def test_a_sampler_generates_the_same_images_as_the_gan(
    gan: DCGAN, images: TrainingImages, order: tf.Tensor
) -> None:
    gan.train_steps(images, order, position=0, num_steps=3)
    sampler = Sampler(gan.config)
    sampler.set_weights(select_generator_weights(gan.get_state()))
    z = sample_latent(0, 9, gan.config.latent_dim)
    np.testing.assert_array_equal(sampler.generate(z), gan.generate(z))
    # More than one batch; a sum in another order may round a pixel differently.
    z = sample_latent(0, 601, gan.config.latent_dim)
    difference = sampler.generate(z).astype(int) - gan.generate(z)
    assert difference.shape == (601, 28, 28, 1)
    assert np.abs(difference).max() <= 1


def test_a_sampler_serves_several_threads_while_another_trains(
    gan: DCGAN, images: TrainingImages, order: tf.Tensor
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


def test_many_networks_that_are_traced_once_each_give_no_warning(
    gan: DCGAN, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tf.get_logger(), "handlers", [caplog.handler])
    z = sample_latent(0, 1, gan.config.latent_dim)
    for _ in range(5):
        Sampler(gan.config).generate(z)
        weights = select_discriminator_weights(gan.get_state())
        DiscriminatorCopy(gan.config).compute_probabilities(
            weights, np.zeros((2, 28, 28, 1), np.uint8)
        )
    assert caplog.messages == []


def test_images_are_generated_a_bounded_number_at_once(
    gan: DCGAN, tiny_config: TrainingConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampler = Sampler(tiny_config)
    sampler.set_weights(gan.ema_generator.get_weights())
    z = sample_latent(0, 1000, tiny_config.latent_dim)
    for source in (gan, sampler):
        sizes: list[int] = []
        generate = source._generate

        def record_size(
            z: tf.Tensor, generate: Any = generate, sizes: list[int] = sizes
        ) -> tf.Tensor:
            sizes.append(len(z))
            return generate(z)

        monkeypatch.setattr(source, "_generate", record_size)
        pixels = source.generate(z)
        assert sizes == [250] * 4
        assert pixels.shape == (1000, 28, 28, 1)
        apart = pixels[600:603].astype(int) - source.generate(z[600:603])
        assert abs(apart).max() <= 1  # A sum in another order may round differently.
        assert source.generate(z[:0]).shape == (0, 28, 28, 1)


@pytest.mark.parametrize(
    ("size", "filters", "num"),
    # The last layer but one has half the image's size: 32² × 1024 floats are 4 MiB.
    [(28, (48, 24), 250), (64, (48, 24), 250), (64, (4, 1024), 32)],
)
def test_fewer_large_images_are_generated_at_once(
    size: int, filters: tuple[int, ...], num: int
) -> None:
    config = TrainingConfig.create(image_size=size, generator_filters=filters, generator_units=0)
    assert choose_batch_size(build_generator(config)) == num
