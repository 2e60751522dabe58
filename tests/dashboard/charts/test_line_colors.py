"""The colours of the lines of compared runs can be told apart."""

from __future__ import annotations

import numpy as np

from dashboard.charts.overlay_chart import NUM_COLORS, choose_color
from tests.dcgan.charts.test_digit_colors import (
    DEUTERANOPIA,
    PROTANOPIA,
    TRITANOPIA,
    smallest_distance,
)

_INCLUDED = 6  # The colour of the second included run.


def test_any_two_lines_have_different_colours() -> None:
    colors = tuple(map(choose_color, range(NUM_COLORS)))
    assert smallest_distance(colors, np.eye(3)) > 0.1
    for vision in (PROTANOPIA, DEUTERANOPIA, TRITANOPIA):
        for color in {*colors} - {colors[_INCLUDED]}:
            assert smallest_distance((color, colors[_INCLUDED]), vision) > 0.1
