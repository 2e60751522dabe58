"""Node tests the page's generator with digits that Keras has drawn."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest

from tests.frontend.make_generator_fixture import PATH, Fixture, make_fixtures

COMMITTED: list[Fixture] = json.loads(PATH.read_text(encoding="utf-8"))


def decode_pixels(fixture: Fixture) -> np.ndarray:
    return np.stack(
        [np.frombuffer(base64.b64decode(digit), np.uint8) for digit in fixture["pixels"]]
    )


def unpack(fixture: Fixture) -> tuple[bytes, np.ndarray]:
    packed = base64.b64decode(fixture["packed"])
    end = 4 + int.from_bytes(packed[:4], "little")
    return packed[:end], np.frombuffer(packed[end:], "<f2")


def test_keras_draws_the_committed_digits() -> None:
    current = make_fixtures()
    assert [fixture["name"] for fixture in COMMITTED] == [fixture["name"] for fixture in current]
    for committed, drawn in zip(COMMITTED, current, strict=True):
        (header, numbers), (expected_header, expected_numbers) = unpack(committed), unpack(drawn)
        assert header == expected_header
        np.testing.assert_allclose(numbers, expected_numbers, rtol=2e-3)
        np.testing.assert_allclose(committed["z"], drawn["z"], rtol=1e-6)
        np.testing.assert_allclose(
            decode_pixels(committed).astype(int), decode_pixels(drawn).astype(int), atol=1
        )


@pytest.mark.parametrize("fixture", COMMITTED, ids=lambda fixture: str(fixture["name"]))
def test_the_digits_have_something_to_compare(fixture: Fixture) -> None:
    pixels = decode_pixels(fixture).astype(int)
    assert pixels.std() > 5
    assert np.abs(pixels[0] - pixels[1]).mean() > 1
