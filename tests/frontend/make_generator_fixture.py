"""Digits drawn by Keras, for the tests of the generator in the page.

`python -m tests.frontend.make_generator_fixture` writes `generators.json` again. A test compares
the file with Keras.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

import numpy as np

from dcgan.config.training_config import TrainingConfig
from dcgan.documents.packed_generator import pack_generator
from dcgan.latent.sampling import sample_latent
from dcgan.model.sampler import Sampler
from dcgan.networks.plain_layers import make_plain_layers

PATH = Path(__file__).with_name("generators.json")

_NUM_DIGITS = 2
_GENERATORS: Mapping[str, Mapping[str, object]] = {
    "without a dense layer of its own": {"generator_units": 0, "generator_filters": (5, 3)},
    "kernels of odd size": {"generator_units": 7, "generator_filters": (4, 3), "kernel_size": 5},
    "kernels as large as the stride": {"generator_filters": (4, 3), "kernel_size": 2},
    "in colour": {"generator_filters": (4, 3), "image_size": 32, "dataset": "x.npz", "color": True},
}


class Fixture(TypedDict):
    """A generator and digits that it draws.

    Attributes:
        name: What is special about the generator.
        packed: As in `pack_generator`, in Base64.
        z: Latent batch, shape (2, latent_dim).
        pixels: The digit of each z, one byte a pixel and channel, in Base64.
    """

    name: str
    packed: str
    z: list[list[float]]
    pixels: list[str]


def make_fixtures() -> list[Fixture]:
    """Make generators with seeded weights, and draw digits with Keras."""
    return [_make_fixture(name, changes) for name, changes in _GENERATORS.items()]


def _make_fixture(name: str, changes: Mapping[str, object]) -> Fixture:
    settings = {"latent_dim": 4, "generator_units": 5, "kernel_size": 4, **changes}
    config = TrainingConfig.create(**settings)
    sampler = Sampler(config)
    random = np.random.default_rng(3)
    weights = []
    for array in sampler.get_weights():
        noise = random.normal(0, 0.4, array.shape).astype(np.float32)
        weights.append(noise if array.ndim > 1 else np.abs(noise))  # A variance is positive.
    sampler.set_weights(weights)
    z = sample_latent(1, _NUM_DIGITS, config.latent_dim)
    return Fixture(
        name=name,
        packed=_encode(pack_generator(name, 0, make_plain_layers(weights, config))),
        z=z.tolist(),
        pixels=[_encode(digit.tobytes()) for digit in sampler.generate(z)],
    )


def _encode(content: bytes) -> str:
    return base64.b64encode(content).decode()


if __name__ == "__main__":
    PATH.write_text(json.dumps(make_fixtures(), indent=2) + "\n", encoding="utf-8")
