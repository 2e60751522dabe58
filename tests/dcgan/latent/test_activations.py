"""Activation maps are the outputs of the layers; saliency is the gradient of the logit."""

from __future__ import annotations

import numpy as np
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.latent.activations import NetworkProbe
from dcgan.latent.sampling import sample_latent
from dcgan.model.gan import DCGAN


@pytest.fixture(scope="module")
def gan(tiny_config: TrainingConfig) -> DCGAN:
    gan = DCGAN(tiny_config)
    draws = np.random.default_rng(0)
    for network in (gan.ema_generator, gan.discriminator):
        network.set_weights(
            [
                array + np.abs(draws.normal(0, 0.2, array.shape)).astype(array.dtype)
                if array.dtype == np.float32
                else array
                for array in network.get_weights()
            ]
        )
    return gan


@pytest.fixture(scope="module")
def probe(tiny_config: TrainingConfig) -> NetworkProbe:
    return NetworkProbe(tiny_config)


def test_each_layer_shows_its_maps_and_the_last_the_picture(
    probe: NetworkProbe, gan: DCGAN
) -> None:
    z = sample_latent(1, 1, 4)
    layers = probe.read_layers(gan.get_state(), z[0])
    assert [(layer.name, layer.maps.shape) for layer in layers] == [
        ("hidden_relu", (1, 1, 8)),
        ("reshape", (8, 7, 7)),
        ("up_1_relu", (4, 14, 14)),
        ("image", (1, 28, 28)),
    ]
    assert all((layer.maps >= 0).all() for layer in layers[:-1])
    drawn = np.asarray(gan.ema_generator(z, training=False))[0, :, :, 0]
    np.testing.assert_allclose(layers[-1].maps[0], drawn, atol=1e-6)


def test_the_saliency_is_the_slope_of_the_answer(probe: NetworkProbe, gan: DCGAN) -> None:
    pixels = np.random.default_rng(1).integers(50, 200, (3, 28, 28, 1), dtype=np.uint8)
    state = gan.get_state()
    answers = probe.ask_discriminator(state, pixels)
    images = pixels.astype(np.float32) / 127.5 - 1

    def logit(image: np.ndarray) -> float:
        return float(np.asarray(gan.discriminator(image[np.newaxis], training=False))[0, 0])

    for answer, image in zip(answers, images, strict=True):
        assert answer.probability == pytest.approx(1 / (1 + np.exp(-logit(image))), rel=1e-4)
        place = np.unravel_index(np.abs(answer.saliency).argmax(), (28, 28))
        step = np.zeros_like(image)
        step[place] = 0.02
        slope = (logit(image + step) - logit(image - step)) / 0.04
        # From black to white is 2.
        assert answer.saliency[place] == pytest.approx(2 * slope, rel=0.05)


def test_a_state_of_other_networks_is_refused(probe: NetworkProbe, gan: DCGAN) -> None:
    state = gan.get_state()
    name = max(name for name in state if name.startswith("discriminator/"))
    without = {key: value for key, value in state.items() if key != name}
    with pytest.raises(ValueError, match="variables"):
        probe.ask_discriminator(without, np.zeros((1, 28, 28, 1), np.uint8))
