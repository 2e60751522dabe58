"""The colours of networks and images: readable in both schemes and by colour-blind people."""

from __future__ import annotations

import tomllib
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import dashboard
from dcgan.export.colors import DISCRIMINATOR_COLOR, FAKE_COLOR, GENERATOR_COLOR, REAL_COLOR

CONFIG = Path(dashboard.__file__).parent / ".streamlit" / "config.toml"
THEME = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["theme"]
# Names of the theme's colours, as in `:orange[…]`.
NAMES = {
    "orange": GENERATOR_COLOR,
    "blue": DISCRIMINATOR_COLOR,
    "green": REAL_COLOR,
    "violet": FAKE_COLOR,
}
# Machado et al., "A Physiologically-based Model for Simulation of Color Vision Deficiency", 2009:
# what people without one of the three kinds of cones see.
SEEN_WITHOUT = {
    "L cones": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "M cones": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "S cones": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


def to_linear(color: str) -> np.ndarray:
    """Return the linear RGB of a colour as #rrggbb, in [0, 1]."""
    values = np.frombuffer(bytes.fromhex(color[1:]), np.uint8) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(first: str, second: str) -> float:
    """Return the contrast of WCAG 2.2, between 1 and 21."""
    low, high = sorted(float(to_linear(it) @ [0.2126, 0.7152, 0.0722]) for it in (first, second))
    return (high + 0.05) / (low + 0.05)


def to_lab(linear: np.ndarray) -> np.ndarray:
    """Return CIE L*a*b* of linear RGB; about 2 is the smallest difference that people see."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    shares = to_xyz @ linear.clip(0, 1) / [0.9505, 1, 1.089]
    x, y, z = np.where(shares > 0.008856, np.cbrt(shares), 7.787 * shares + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lines_and_texts_are_readable_on_the_pages(scheme: str) -> None:
    page = THEME[scheme]["backgroundColor"]
    grounds = (page, THEME[scheme]["secondaryBackgroundColor"])
    for name, ground in product(NAMES, grounds):
        assert contrast(THEME[scheme][f"{name}TextColor"], ground) >= 4.5, (name, ground)
    for color in NAMES.values():
        assert contrast(color, page) >= 3, color


def test_the_theme_has_the_same_colours_as_the_charts() -> None:
    assert {name: THEME[f"{name}Color"] for name in NAMES} == NAMES


@pytest.mark.parametrize("missing", SEEN_WITHOUT)
def test_colour_blind_people_can_distinguish_both_colours_of_a_pair(missing: str) -> None:
    for pair in ((GENERATOR_COLOR, DISCRIMINATOR_COLOR), (REAL_COLOR, FAKE_COLOR)):
        first, second = (to_lab(np.array(SEEN_WITHOUT[missing]) @ to_linear(it)) for it in pair)
        assert np.linalg.norm(first - second) > 20, pair
