"""The colours of networks and images: readable in both schemes and by colour-blind people."""

from __future__ import annotations

import tomllib
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import dashboard
from dcgan.charts.colors import (
    DISCRIMINATOR_COLOR,
    FAKE_COLOR,
    GENERATOR_COLOR,
    QUIET_COLOR,
    REAL_COLOR,
)
from tests.dcgan.charts.test_digit_colors import (
    DEUTERANOPIA,
    PROTANOPIA,
    TRITANOPIA,
    luminance,
    smallest_distance,
)

CONFIG = Path(dashboard.__file__).parent / ".streamlit" / "config.toml"
THEME = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["theme"]
# Names of the theme's colours, as in `:orange[…]`.
NAMES = {
    "orange": GENERATOR_COLOR,
    "blue": DISCRIMINATOR_COLOR,
    "green": REAL_COLOR,
    "violet": FAKE_COLOR,
}


def contrast(first: str, second: str) -> float:
    """Return the contrast of WCAG 2.2, between 1 and 21."""
    low, high = sorted(luminance((first, second)).tolist())
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lines_and_texts_are_readable_on_the_pages(scheme: str) -> None:
    page = THEME[scheme]["backgroundColor"]
    grounds = (page, THEME[scheme]["secondaryBackgroundColor"])
    for name, ground in product(NAMES, grounds):
        assert contrast(THEME[scheme][f"{name}TextColor"], ground) >= 4.5, (name, ground)
    for color in NAMES.values():
        assert contrast(color, page) >= 3, color


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_empty_circle_to_choose_is_seen(scheme: str) -> None:
    style = (CONFIG.parents[1] / "styles" / "all_pages.css").read_text(encoding="utf-8")
    (rule,) = [
        block for block in style.split("}") if '"stRadioOption"]:not(:has(:checked))' in block
    ]
    assert f"border-color: {QUIET_COLOR} !important" in rule
    assert contrast(QUIET_COLOR, THEME[scheme]["backgroundColor"]) >= 3


def test_the_theme_has_the_same_colours_as_the_charts() -> None:
    assert {name: THEME[f"{name}Color"] for name in NAMES} == NAMES


@pytest.mark.parametrize("vision", [PROTANOPIA, DEUTERANOPIA, TRITANOPIA])
def test_colour_blind_people_can_distinguish_both_colours_of_a_pair(vision: np.ndarray) -> None:
    for pair in ((GENERATOR_COLOR, DISCRIMINATOR_COLOR), (REAL_COLOR, FAKE_COLOR)):
        assert smallest_distance(pair, vision) > 0.1, pair
