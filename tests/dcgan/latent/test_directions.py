"""Directions of a toy generator with known answers, and of the included generator."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np
import pytest

from dcgan.latent.directions import (
    MIN_CORRELATION,
    Direction,
    find_ganspace_directions,
    find_named_directions,
    find_sefa_directions,
)
from dcgan.latent.survey import Generate, take_survey
from dcgan.model.sampler import Sampler
from dcgan.networks.plain_layers import PlainLayer

Bars = Callable[..., np.ndarray]  # The fixture `bars`.


LATENT_DIM = 6


def make_orthonormal_rows(num: int, size: int) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(3).normal(size=(size, num)))[0].T


LEAN, FAT = make_orthonormal_rows(2, LATENT_DIM)


@pytest.fixture
def draw_bars(bars: Bars) -> Generate:
    """Return a generator of bars: z along LEAN slants them, z along FAT makes them thicker."""
    return lambda z: bars(slant=12 * (z @ LEAN), thickness=4 + 0.7 * (z @ FAT).clip(-3, 3))


def test_the_directions_of_a_toy_generator_are_found_again(draw_bars: Generate) -> None:
    survey = take_survey(draw_bars, LATENT_DIM, digits=(), num=1500)
    found = {direction.name: direction for direction in find_named_directions(draw_bars, survey)}
    assert found["Slant"].vector @ LEAN > 0.99
    assert found["Thickness"].vector @ FAT > 0.99
    for name in ("Slant", "Thickness"):
        assert np.linalg.norm(found[name].vector) == pytest.approx(1, abs=1e-6)
        assert found[name].correlation > 0.95
        assert found[name].share_rising == 1.0


def test_measurements_that_z_does_not_change_get_no_direction(draw_bars: Generate) -> None:
    survey = take_survey(draw_bars, LATENT_DIM, digits=(), num=1500)
    assert "Height" not in {
        direction.name for direction in find_named_directions(draw_bars, survey)
    }


def test_a_constant_generator_has_no_directions(bars: Bars) -> None:
    def draw(z: np.ndarray) -> np.ndarray:
        return np.broadcast_to(bars(slant=5.0), (len(z), 28, 28, 1))

    survey = take_survey(draw, LATENT_DIM, digits=range(10), num=300)
    assert find_named_directions(draw, survey) == []


def test_a_direction_fitted_to_noise_is_dropped(bars: Bars) -> None:
    def draw(z: np.ndarray) -> np.ndarray:  # Its slants have nothing to do with z.
        state = zlib.crc32(z.tobytes())
        return bars(slant=np.random.default_rng(state).uniform(-30, 30, len(z)))

    survey = take_survey(draw, 50, digits=(), num=60)
    assert find_named_directions(draw, survey) == []


def test_directions_of_the_included_generator_change_what_they_name(
    included_sampler: Sampler,
) -> None:
    draw, latent_dim = included_sampler.generate, included_sampler.config.latent_dim
    found = find_named_directions(draw, take_survey(draw, latent_dim, digits=range(10)))
    names = [direction.name for direction in found]
    assert names[:3] == ["Slant", "Thickness", "Width"]
    assert sum(name.startswith("More like a") for name in names) >= 8
    for direction in found:
        assert direction.correlation >= MIN_CORRELATION
        assert direction.share_rising > 0.8, direction.name


def test_sefa_finds_the_directions_that_the_weights_stretch_most() -> None:
    left, right = make_orthonormal_rows(3, LATENT_DIM), make_orthonormal_rows(3, 9)
    kernel = left.T @ np.diag([3.0, 2.0, 1.0]) @ right
    found = find_sefa_directions(PlainLayer(kernel, np.zeros(9), 1), 5)
    assert [direction.share for direction in found[:3]] == pytest.approx([9 / 14, 4 / 14, 1 / 14])
    for direction, axis in zip(found[:3], left, strict=True):
        assert abs(direction.vector @ axis) == pytest.approx(1, abs=1e-6)
    assert all(direction.share < 1e-9 for direction in found[3:])


def test_ganspace_finds_the_principal_components_of_the_layer() -> None:
    left, right = make_orthonormal_rows(2, LATENT_DIM), make_orthonormal_rows(2, 9)
    kernel = left.T @ np.diag([3.0, 1.0]) @ right
    z = np.random.default_rng(0).normal(size=(4000, LATENT_DIM)).astype(np.float32)
    # With an offset like this the ReLU lets all pass, and its components are the layer's own.
    found = find_ganspace_directions(PlainLayer(kernel, np.full(9, 100.0), 1), z, 2)
    assert [direction.share for direction in found] == pytest.approx([0.9, 0.1], abs=0.01)
    for direction, axis in zip(found, left, strict=True):
        assert abs(direction.vector @ axis) > 0.995


def test_a_constant_layer_has_no_components() -> None:
    layer = PlainLayer(np.zeros((LATENT_DIM, 9)), np.zeros(9), 1)
    z = np.ones((10, LATENT_DIM), np.float32)
    assert find_sefa_directions(layer, 3) == []
    assert find_ganspace_directions(layer, z, 3) == []


def test_a_layer_of_ten_thousand_units_takes_a_moment() -> None:
    draws = np.random.default_rng(0)
    layer = PlainLayer(draws.normal(size=(100, 12_544)).astype("f4"), np.zeros(12_544), 1)
    z = draws.normal(size=(2000, 100)).astype("f4")
    for found in (find_ganspace_directions(layer, z, 6), find_sefa_directions(layer, 6)):
        assert len(found) == 6
        for direction in found:
            assert np.linalg.norm(direction.vector) == pytest.approx(1, abs=1e-5)
            assert direction.vector[np.argmax(np.abs(direction.vector))] > 0
        shares = [direction.share for direction in found]
        assert shares == sorted(shares, reverse=True)


def test_the_test_of_a_direction_draws_few_digits_as_it_takes_most_of_the_time(
    included_sampler: Sampler,
) -> None:
    draw, latent_dim = included_sampler.generate, included_sampler.config.latent_dim
    survey = take_survey(draw, latent_dim, digits=(), num=200)
    numbers_drawn: list[int] = []

    def count_and_draw(z: np.ndarray) -> np.ndarray:
        numbers_drawn.append(len(z))
        return draw(z)

    find_named_directions(count_and_draw, survey, slice(2))
    assert sum(numbers_drawn) == 2 * 300


def test_the_help_of_a_slider_says_in_plain_words_how_reliable_it_is() -> None:
    direction = Direction("Slant", np.ones(1), correlation=0.98, share_rising=0.96)
    assert direction.explain() == (
        "Measured in degrees from upright. From left to right it rose in 96% of the digits tried."
    )
