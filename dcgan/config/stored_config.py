"""Settings in a file, which an older version may have written."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import BeforeValidator

from dcgan.config.training_config import TrainingConfig

# Settings that an older file lacks, and the values with which its runs train.
_OLD_VALUES: Mapping[str, object] = MappingProxyType(
    {
        "generator_units": 0,
        "discriminator_units": 0,
        "r1_penalty": 0.0,
        "class_conditional": False,
        "augment": "off",
        "z_schedule": "falling",
        "lookahead": 0,
    }
)


def _upgrade(config: object) -> object:
    return {**_OLD_VALUES, **config} if isinstance(config, dict) else config


# The type of each field of a file that holds a config.
StoredConfig = Annotated[TrainingConfig, BeforeValidator(_upgrade)]
