"""The opacity of arrays has one scale for a whole set, and is never stretched with the colours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dcgan.arrays.array_decoding import decode_array
from dcgan.data.datasets import load_dataset
from dcgan.errors import DatasetError

Array = np.ndarray[Any, Any]

SHAPE = (16, 16, 1)
# Shades 0 to 255, in another order in each picture.
RAMP = (np.arange(256 * 64).reshape(64, 16, 16) * 5 % 256).astype(np.uint8)
MASK = (RAMP > 100).astype(np.uint8)


def add_opacity(inks: Array, opacity: float) -> Array:
    images = np.repeat(inks[..., None], 4, axis=3)
    images[..., 3] = opacity
    return images


@pytest.mark.parametrize("num_bits", [9, 10, 12, 14, 16])
def test_opaque_pictures_of_more_than_8_bits_stay_as_they_are(num_bits: int) -> None:
    highest = 2**num_bits - 1
    inks = np.rint(RAMP * (highest / 255)).astype(np.uint16)
    pixels = decode_array(add_opacity(inks, highest), "a.npy", SHAPE)
    np.testing.assert_array_equal(pixels, np.rint(inks * 255.0 / highest))


@pytest.mark.parametrize(
    ("inks", "opaque"),
    [
        (MASK, 255),
        (MASK, 1),
        (MASK * 255, 1),
        (MASK.astype(np.uint16) * 4095, 255),
        (MASK.astype(np.float16), 1.0005),  # Resizing overshoots.
        (MASK.astype(np.float32) * 2 - 1, 1),
    ],
)
def test_opacity_may_have_another_range_than_the_colours(inks: Array, opaque: float) -> None:
    pixels = decode_array(add_opacity(inks, opaque), "a.npy", SHAPE)
    np.testing.assert_array_equal(pixels, MASK * 255)


def test_pictures_of_low_opacity_are_read_like_the_others_of_their_set(tmp_path: Path) -> None:
    inks = RAMP.astype(np.uint16) * 16
    for name, opacity in (("a", 4095), ("b", 255)):
        np.save(tmp_path / f"{name}.npy", add_opacity(inks, opacity).repeat(2, 1).repeat(2, 2))
    pixels = load_dataset(str(tmp_path), "as_is", shape=(32, 32, 1)).pixels[:, ::2, ::2, 0]
    np.testing.assert_array_equal(pixels[:64], np.rint(inks * 255.0 / 4095))
    on_white = 255 + (pixels[:64] - 255.0) * 255 / 4095
    np.testing.assert_allclose(pixels[64:], on_white, atol=1)


def test_opacity_of_nan_is_refused() -> None:
    with pytest.raises(DatasetError, match=r"NaN or infinite values; .* those 64 of 64"):
        decode_array(add_opacity(RAMP / 255, np.nan), "a.npy", SHAPE)
