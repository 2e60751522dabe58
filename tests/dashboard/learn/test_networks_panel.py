"""Learn draws the run's own networks, for its picture size, its colours and its classes."""

from __future__ import annotations

import pytest

from dashboard.learn.networks_panel import describe_networks
from dcgan.config.training_config import TrainingConfig
from dcgan.networks.architecture import build_discriminator, build_generator

_SMALL = TrainingConfig(
    latent_dim=4,
    generator_filters=(4, 2),
    discriminator_filters=(2, 4),
    generator_units=3,
    discriminator_units=1,
)


@pytest.mark.parametrize(
    "config",
    [
        _SMALL,
        _SMALL.replace(image_size=64),
        _SMALL.replace(color=True, dataset="pictures"),
        _SMALL.replace(class_conditional=True, class_names=("cat", "dog")),
    ],
    ids=["digits", "64 × 64", "colour", "classes"],
)
def test_the_drawn_networks_have_the_layers_of_the_trained_ones(config: TrainingConfig) -> None:
    models = build_generator(config), build_discriminator(config)
    for network, model in zip(describe_networks(config), models, strict=True):
        assert [layer.shape for layer in network.layers] == [
            tuple(layer.output.shape[1:]) for layer in model.layers
        ]


def test_the_numbers_of_a_class_are_not_called_random() -> None:
    config = _SMALL.replace(class_conditional=True, class_names=("cat", "dog"))
    generator, discriminator = describe_networks(config)
    assert generator.layers[0].shape == (6,)
    assert generator.layers[0].detail == "4 random numbers, and a weight for each of 2 classes"
    assert discriminator.layers[-1].shape == (3,)
    assert discriminator.layers[-1].detail == (
        "how real it looks, and how well it fits each of 2 classes"
    )


def test_a_hidden_layer_of_one_number_is_not_the_logit() -> None:
    _, discriminator = describe_networks(_SMALL)
    details = [layer.detail for layer in discriminator.layers if layer.kind == "Dense"]
    assert details == ["every input to every output", "one number, the logit"]
