"""Shape measures of bars whose slant, thickness, size and roundness are known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from dcgan.latent.digit_shapes import Shapes, measure_shapes

Bars = Callable[..., np.ndarray]  # The fixture `bars`.


def draw_ring(radius: float, stroke: float) -> np.ndarray:
    """Draw a ring around the middle, its stroke `stroke` pixels thick, uint8 (1, 28, 28, 1)."""
    rows, columns = np.indices((28, 28)) - 13.5
    distance = abs(np.hypot(rows, columns) - radius)
    ink = (stroke / 2 + 0.5 - distance).clip(0, 1)
    return np.rint(ink * 255).astype(np.uint8)[np.newaxis, ..., np.newaxis]


def test_a_filled_rectangle_has_its_own_sides() -> None:
    picture = np.zeros((1, 28, 28, 1), np.uint8)
    picture[0, 3:23, 10:16] = 255
    found = measure_shapes(picture)
    assert found.width[0] == pytest.approx(6, abs=1e-6)
    assert found.height[0] == pytest.approx(20, abs=1e-6)
    assert found.slant[0] == pytest.approx(0, abs=1e-6)
    assert found.roundness[0] == pytest.approx(6**2 / 20**2, abs=1e-6)
    assert found.thickness[0] == pytest.approx(6, rel=0.03)


@pytest.mark.parametrize("slant", [-40.0, -10.0, 0.0, 25.0])
def test_a_leaning_bar_has_its_slant_and_the_width_of_the_upright_one(
    bars: Bars, slant: float
) -> None:
    found = measure_shapes(bars(slant=slant))
    assert found.slant[0] == pytest.approx(slant, abs=0.5)
    assert found.width[0] == pytest.approx(4, rel=0.1)
    assert found.height[0] == pytest.approx(18, rel=0.02)


@pytest.mark.parametrize("thickness", [2.0, 2.5, 3.5, 6.0])
def test_a_stroke_has_its_thickness_straight_or_bent(bars: Bars, thickness: float) -> None:
    assert measure_shapes(bars(thickness=thickness)).thickness[0] == pytest.approx(
        thickness, rel=0.06
    )
    assert measure_shapes(draw_ring(8, thickness)).thickness[0] == pytest.approx(
        thickness, rel=0.06
    )


@pytest.mark.parametrize("thickness", [2.0, 3.0, 6.0])
def test_thick_strokes_soft_edges_and_half_covered_rows_do_not_change_the_height(
    bars: Bars, thickness: float
) -> None:
    picture = bars(thickness=thickness, length=18.0)  # White in rows 5 to 22.
    assert measure_shapes(picture).height[0] == pytest.approx(18, abs=0.01)
    picture[0, 20:23, 8:20] = 255  # A foot, as a 2 has.
    assert measure_shapes(picture).height[0] == pytest.approx(18, abs=0.01)
    assert measure_shapes(blur(picture)).height[0] == pytest.approx(18, abs=0.3)
    picture[0, [4, 23]] = picture[0, 5] * 0.4  # The stroke covers two fifths of these rows.
    assert measure_shapes(picture).height[0] == pytest.approx(18.8, abs=0.15)


def blur(pictures: np.ndarray) -> np.ndarray:
    """Return pictures in which a quarter of each row is in the rows above and below."""
    above, below = np.roll(pictures, -1, axis=1), np.roll(pictures, 1, axis=1)
    mixed = (pictures.astype(float) * 2 + above + below) / 4
    return np.rint(mixed).astype(np.uint8)


def test_a_ring_is_round_and_a_hairline_is_not(bars: Bars) -> None:
    assert measure_shapes(draw_ring(8, 2)).roundness[0] == pytest.approx(1, abs=1e-3)
    assert measure_shapes(bars(thickness=1.0, length=26.0)).roundness[0] < 0.01


def test_shape_measures_do_not_depend_on_position_or_darkness(bars: Bars) -> None:
    middle = measure_shapes(bars(slant=20.0))
    moved = measure_shapes(bars(slant=20.0, x=10.5, y=12.5))
    np.testing.assert_allclose(moved, middle, atol=1e-6)
    darker = measure_shapes(bars(slant=20.0) // 2)
    for name in ("slant", "width", "height", "roundness"):
        np.testing.assert_allclose(getattr(darker, name), getattr(middle, name), rtol=0.01)


def test_a_picture_without_ink_measures_nothing() -> None:
    found = measure_shapes(np.zeros((2, 28, 28, 1), np.uint8))
    np.testing.assert_array_equal(found, np.zeros((len(Shapes._fields), 2)))


def test_full_ink_is_a_square_as_large_as_the_picture() -> None:
    found = measure_shapes(np.full((1, 28, 28, 1), 255, np.uint8))
    assert [found.width[0], found.height[0]] == pytest.approx([28, 28])
    assert found.roundness[0] == pytest.approx(1)
