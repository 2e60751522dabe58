"""The packed generator gives the same images as Keras."""

from __future__ import annotations

import json
from typing import TypedDict

import numpy as np
import pytest

from dcgan.config.training_config import TrainingConfig
from dcgan.documents.packed_generator import count_multiplications, pack_generator
from dcgan.latent.sampling import sample_latent
from dcgan.model.sampler import Sampler
from dcgan.networks.plain_layers import PlainLayer, make_plain_layers


class Layer(TypedDict):
    kind: str
    kernel: list[int]
    inputs: int
    outputs: int
    size: int
    stride: int
    before: int
    side: int


class Header(TypedDict):
    name: str
    layers: list[Layer]


def unpack(packed: bytes) -> tuple[Header, list[tuple[Layer, np.ndarray, np.ndarray]]]:
    length = int.from_bytes(packed[:4], "little")
    header: Header = json.loads(packed[4 : 4 + length])
    numbers = np.frombuffer(packed[4 + length :], "<f2").astype(np.float32)
    layers = []
    for layer in header["layers"]:
        kernel, numbers = np.split(numbers, [int(np.prod(layer["kernel"]))])
        offset, numbers = np.split(numbers, [layer["outputs"]])
        layers.append((layer, kernel.reshape(layer["kernel"]), offset))
    assert not len(numbers)
    return header, layers


def draw(packed: bytes, z: np.ndarray) -> np.ndarray:
    """Generate the image of one z from the packed bytes alone, slowly."""
    _, layers = unpack(packed)
    values = z
    for index, (layer, kernel, offset) in enumerate(layers):
        if layer["kind"] == "dense":
            values = values.ravel() @ kernel + offset
        else:
            side, stride, before = layer["side"], layer["stride"], layer["before"]
            picture = values.reshape(side // stride, side // stride, layer["inputs"])
            room = layer["size"] + stride
            canvas = np.zeros((side + 2 * room, side + 2 * room, layer["outputs"]))
            for row, column in np.ndindex(*picture.shape[:2]):
                top, left = (room + place * stride - before for place in (row, column))
                canvas[top : top + layer["size"], left : left + layer["size"]] += np.tensordot(
                    picture[row, column], kernel, 1
                )
            values = canvas[room:-room, room:-room] + offset
        if index < len(layers) - 1:
            values = values.clip(0)
    return np.rint((np.tanh(values) + 1) * 127.5)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"generator_units": 0, "generator_filters": (6, 5, 4), "kernel_size": 5},
        {"generator_units": 7, "generator_filters": (6, 4), "kernel_size": 3},
        {"generator_filters": (6, 5, 5, 4), "kernel_size": 2},
        {"image_size": 32},
        {"image_size": 64, "dataset": "own.npz", "color": True},
    ],
)
def test_the_packed_generator_gives_the_same_images_as_keras(
    tiny_config: TrainingConfig, changes: dict[str, object]
) -> None:
    config = TrainingConfig.model_validate(tiny_config.model_dump() | changes)
    sampler = Sampler(config)
    generator = np.random.default_rng(3)
    weights = []
    for array in sampler.get_weights():
        noise = generator.normal(0, 0.3, array.shape)
        # A variance is above 0.
        weights.append(array + (noise if array.ndim > 1 else np.abs(noise)).astype(np.float32))
    sampler.set_weights(weights)
    z = sample_latent(1, 3, config.latent_dim)
    packed = pack_generator("a run", 7, make_plain_layers(weights, config))
    header, _ = unpack(packed)
    assert header["name"] == "a run"
    drawn = sampler.generate(z).astype(int)
    assert drawn.std() > 5  # The image is not constant.
    for vector, expected in zip(z, drawn, strict=True):
        image = draw(packed, vector).reshape(config.image_shape)
        np.testing.assert_allclose(image, expected, atol=2)


def test_large_values_are_clipped_and_nan_becomes_zero() -> None:
    layer = PlainLayer(np.array([[1e9, np.nan]], np.float32), np.array([-np.inf, 2.0], "f4"), 1)
    _, [(_, kernel, offset)] = unpack(pack_generator("", 0, [layer]))
    assert kernel.tolist() == [[65504, 0]]
    assert offset.tolist() == [-65504, 2]


def test_multiplications_are_added_up_over_the_layers() -> None:
    config = TrainingConfig.create(
        latent_dim=3, generator_units=0, generator_filters=(2, 5), kernel_size=4
    )
    layers = make_plain_layers(Sampler(config).get_weights(), config)
    dense, up, image = 3 * 7 * 7 * 2, 7 * 7 * 2 * 16 * 5, 14 * 14 * 5 * 16 * 1
    assert count_multiplications(layers) == dense + up + image
