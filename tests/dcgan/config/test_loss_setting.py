"""The setting `loss`, and the settings whose values depend on it."""

from __future__ import annotations

import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.errors import ConfigError
from dcgan.sweeps.grid import expand_grid


def test_a_loss_sets_its_own_settings_unless_they_are_given() -> None:
    assert TrainingConfig.create(loss="wgan_gp").discriminator_steps == 3
    assert TrainingConfig.preset("classic", loss="wgan_gp").discriminator_steps == 3
    assert TrainingConfig.create(loss="wgan_gp", discriminator_steps=1).discriminator_steps == 1
    assert TrainingConfig.create(loss="hinge").discriminator_steps == 1


def test_a_change_of_the_loss_resets_the_settings_of_the_old_loss() -> None:
    wgan = TrainingConfig().replace(loss="wgan_gp")
    assert wgan.discriminator_steps == 3
    assert wgan.replace(loss="bce") == TrainingConfig()
    changed = wgan.replace(discriminator_steps=4)
    assert changed.replace(loss="bce").discriminator_steps == 4
    assert wgan.replace(seed=1).discriminator_steps == 3
    assert TrainingConfig().replace(loss="wgan_gp", discriminator_steps=2).discriminator_steps == 2


@pytest.mark.parametrize("loss", ["wgan", "", ["bce"], None])
def test_an_unknown_loss_is_refused_in_a_sentence(loss: object) -> None:
    for make in (TrainingConfig.create, TrainingConfig().replace):
        with pytest.raises(ConfigError, match="expected bce, hinge, wgan_gp, relativistic"):
            make(loss=loss)


def test_only_the_cross_entropy_has_smoothed_targets() -> None:
    assert TrainingConfig(label_smoothing=0.2).target_smoothing == 0.2
    assert TrainingConfig(label_smoothing=0.2, loss="hinge").target_smoothing == 0


def test_settings_that_are_given_for_all_combinations_stay() -> None:
    base = TrainingConfig.create(loss="bce", discriminator_steps=1)
    losses: list[object] = ["bce", "wgan_gp"]
    not_given = expand_grid(base, {"loss": losses})
    assert [config.discriminator_steps for config in not_given] == [1, 3]
    given = expand_grid(base, {"loss": losses}, given={"discriminator_steps": 1})
    assert [config.discriminator_steps for config in given] == [1, 1]
