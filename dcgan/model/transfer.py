"""Weights of another run's networks, with which a new run starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from dcgan.config.training_config import TrainingConfig
from dcgan.model.gan import DCGAN
from dcgan.networks.architecture import build_discriminator, build_generator


class Transfer(NamedTuple):
    """The layers of a generator and a discriminator, such as "generator hidden".

    Attributes:
        copied: Those with the trained weights.
        fresh: Those whose trained weights do not fit.
    """

    copied: tuple[str, ...]
    fresh: tuple[str, ...]


def transfer_weights(
    gan: DCGAN, config: TrainingConfig, state: Mapping[str, np.ndarray]
) -> Transfer:
    """Copy the layers of trained networks into new ones, where name and shapes are the same.

    Step, optimizers and all other layers stay as they are.

    Args:
        gan: The new networks.
        config: The settings of the trained ones.
        state: Their state, from `DCGAN.get_state`, also a slim one.

    Raises:
        ValueError: If the state does not fit its config.
    """
    copied: list[str] = []
    fresh: list[str] = []
    for name, target in (
        ("generator", gan.generator),
        ("discriminator", gan.discriminator),
        ("ema_generator", gan.ema_generator),
    ):
        source = (build_discriminator if name == "discriminator" else build_generator)(config)
        arrays = [state[key] for key in sorted(state) if key.startswith(f"{name}/")]
        for variable, array in zip(source.variables, arrays, strict=True):
            variable.assign(array)
        trained = {layer.name: layer.get_weights() for layer in source.layers}
        for layer in target.layers:
            weights = trained.get(layer.name, [])
            fits = [array.shape for array in weights] == [v.shape for v in layer.weights]
            if fits:
                layer.set_weights(weights)
            if layer.weights and name != "ema_generator":  # The EMA has the generator's layers.
                (copied if fits else fresh).append(f"{name} {layer.name}")
    gan.restart_lookahead()
    return Transfer(tuple(copied), tuple(fresh))
