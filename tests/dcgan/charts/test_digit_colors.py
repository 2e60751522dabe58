"""The colours of the ten digits can be told apart, also by colour-blind people."""

from __future__ import annotations

import numpy as np
import pytest

from dcgan.charts.colors import DIGIT_COLORS

Array = np.ndarray

# Linear RGB as seen without one kind of cone (Machado, Oliveira and Fernandes, 2009, severity 1).
PROTANOPIA = np.array(
    [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]
)
DEUTERANOPIA = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)
TRITANOPIA = np.array(
    [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ]
)


def convert_to_linear_rgb(colors: tuple[str, ...]) -> Array:
    """Return the linear RGB of hexadecimal colours, shape (num, 3)."""
    rgb = (
        np.array([[int(color[start : start + 2], 16) for start in (1, 3, 5)] for color in colors])
        / 255
    )
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def convert_to_oklab(rgb: Array) -> Array:
    """Convert linear RGB to Oklab (Ottosson, 2020), where distances are differences seen."""
    to_cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    to_lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return np.cbrt(rgb.clip(0, 1) @ to_cones.T) @ to_lab.T


def smallest_distance(colors: tuple[str, ...], vision: Array) -> float:
    """Return the smallest distance in Oklab between two of the colours."""
    lab = convert_to_oklab(convert_to_linear_rgb(colors) @ vision.T)
    distances = np.linalg.norm(lab[:, None] - lab[None], axis=-1)
    return float(distances[np.triu_indices(len(colors), 1)].min())


def luminance(colors: tuple[str, ...]) -> Array:
    return convert_to_linear_rgb(colors) @ np.array([0.2126, 0.7152, 0.0722])


def test_the_distance_has_known_values() -> None:
    assert smallest_distance(("#000000", "#ffffff"), np.eye(3)) == pytest.approx(1, abs=1e-6)
    assert convert_to_oklab(convert_to_linear_rgb(("#ff0000",)))[0] == pytest.approx(
        [0.628, 0.225, 0.126], abs=1e-3
    )
    # A red and a green that look alike without the cones for green.
    assert smallest_distance(("#b04040", "#707000"), DEUTERANOPIA) < 0.06


@pytest.mark.parametrize(
    ("vision", "minimum"),
    [(np.eye(3), 0.16), (PROTANOPIA, 0.095), (DEUTERANOPIA, 0.095), (TRITANOPIA, 0.095)],
    ids=["normal", "protanopia", "deuteranopia", "tritanopia"],
)
def test_any_two_digits_have_different_colours(vision: Array, minimum: float) -> None:
    assert len(DIGIT_COLORS) == 10
    assert smallest_distance(DIGIT_COLORS, vision) > minimum


def test_each_colour_shows_on_the_light_and_the_dark_page() -> None:
    white, dark = luminance(("#ffffff", "#131319"))
    for color in luminance(DIGIT_COLORS):
        assert (white + 0.05) / (color + 0.05) > 2.2
        assert (color + 0.05) / (dark + 0.05) > 2.9
