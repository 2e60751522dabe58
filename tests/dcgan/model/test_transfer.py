"""A new run's networks with the weights of a trained run, and held layers."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from dcgan.config.training_config import TrainingConfig
from dcgan.model.gan import DCGAN
from dcgan.model.transfer import transfer_weights
from dcgan.training_step.training_images import TrainingImages
from tests.states import State

NETWORKS = ("generator/", "discriminator/", "ema_generator/")


@pytest.fixture(scope="module")
def trained(tiny_config: TrainingConfig, twin: DCGAN) -> State:
    """Return a state whose weights are all different from those of new networks."""
    state = twin.get_state()
    return {
        name: array + np.float32(0.25) if name.startswith(NETWORKS) else array
        for name, array in state.items()
    } | {"step": np.array(9)}


def test_networks_of_the_same_sizes_start_with_all_weights_and_as_new(
    tiny_config: TrainingConfig, trained: State
) -> None:
    gan = DCGAN(tiny_config)
    transfer = transfer_weights(gan, tiny_config, trained)
    assert transfer.fresh == ()
    assert "generator hidden" in transfer.copied
    state = gan.get_state()
    for name, array in state.items():
        if name.startswith(NETWORKS):
            np.testing.assert_array_equal(array, trained[name], err_msg=name)
    assert gan.step == 0
    assert not any(np.any(state[name]) for name in state if name.endswith("_momentum"))


def test_layers_of_other_sizes_stay_fresh_and_are_listed(
    tiny_config: TrainingConfig, trained: State
) -> None:
    config = tiny_config.replace(latent_dim=5, class_names=("a", "b"), kernel_size=4, seed=3)
    gan = DCGAN(config)
    before = {layer.name: layer.get_weights() for layer in gan.generator.layers}
    transfer = transfer_weights(gan, tiny_config, trained)
    assert transfer.fresh == ("generator hidden", "discriminator logit")
    hidden = gan.generator.get_layer("hidden").get_weights()
    np.testing.assert_array_equal(hidden[0], before["hidden"][0])
    image = gan.ema_generator.get_layer("image").get_weights()[0]
    np.testing.assert_array_equal(image, gan.generator.get_layer("image").get_weights()[0])
    assert not np.array_equal(image, before["image"][0])


def test_a_state_of_other_networks_is_refused(tiny_config: TrainingConfig, trained: State) -> None:
    with pytest.raises(ValueError, match="shape"):
        transfer_weights(DCGAN(tiny_config), tiny_config.replace(latent_dim=5), trained)


def test_held_layers_stay_until_their_steps_are_over(
    tiny_config: TrainingConfig, images: TrainingImages, order: tf.Tensor
) -> None:
    config = tiny_config.replace(start_from="other", held_layers=1, held_steps=16, beta_1=0.5)
    gan = DCGAN(config)
    gan.step = 14

    def read(layer: str) -> np.ndarray:
        return np.array(gan.discriminator.get_layer(layer).get_weights()[0])

    held, free = read("down_1"), read("down_2")
    gan.train_steps(images, order, 0, 2)  # The second has a gradient penalty.
    np.testing.assert_array_equal(read("down_1"), held)
    assert not np.array_equal(read("down_2"), free)
    gan.train_steps(images, order, 2, 1)
    assert not np.array_equal(read("down_1"), held)
