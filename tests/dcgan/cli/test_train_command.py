"""The printed command `train`: it stands for exactly the settings that it was made of."""

from __future__ import annotations

import shlex

import pytest

from dcgan.config.train_command import make_train_command
from dcgan.config.training_config import PRESETS, TrainingConfig
from dcgan.errors import ConfigError
from tests.command_line import invoke

CONFIGS = [
    *map(TrainingConfig.preset, PRESETS),
    TrainingConfig.create(loss="wgan_gp"),
    TrainingConfig.create(loss="wgan_gp", discriminator_steps=1),
    TrainingConfig.create(loss="hinge", discriminator_steps=3),
    TrainingConfig.create(epochs=None, max_seconds=90.5),
    TrainingConfig.create(max_seconds=90),
    TrainingConfig.create(until_converged=True),
    TrainingConfig.create(until_converged=True, epochs=None, max_seconds=3600),
    TrainingConfig.create(until_converged=True, epochs=None, max_seconds=60),
    TrainingConfig.create(until_converged=True, epochs=3),
    TrainingConfig.create(evaluate_every=0),
    TrainingConfig.create(only_classes=(3, 8), class_conditional=False, tensorboard=True),
    TrainingConfig.create(generator_filters=(32, 16), augment=0.2, beta_1=1e-5),
    TrainingConfig.create(augment="off", augmentations=("cutout", "color")),
    TrainingConfig.create(dataset="-my pictures'.zip", image_size=64, color=True),
    TrainingConfig.create(
        dataset="a/b", polarity="inverted", excluded_pictures="a.png, b.png", augmentations="mirror"
    ),
]


def parse(command: str, monkeypatch: pytest.MonkeyPatch) -> TrainingConfig:
    """Return the settings with which a command would train."""
    started: list[TrainingConfig] = []

    def start_run(config: TrainingConfig, **given: object) -> None:
        started.append(config)
        raise ConfigError("not started")

    monkeypatch.setattr("dcgan.recording.start.start_run", start_run)
    program, arguments = shlex.split(command)[:3], shlex.split(command)[3:]
    assert program == ["python", "-m", "dcgan"]
    result = invoke(*arguments)
    assert started, result.output
    return started[0]


@pytest.mark.parametrize("config", CONFIGS, ids=make_train_command)
def test_the_command_trains_with_the_settings(
    config: TrainingConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert parse(make_train_command(config), monkeypatch) == config


def test_the_command_of_the_defaults_has_no_flag() -> None:
    assert make_train_command(TrainingConfig()) == "python -m dcgan train"
    assert make_train_command(TrainingConfig.create(loss="wgan_gp")).endswith("--loss wgan_gp")
