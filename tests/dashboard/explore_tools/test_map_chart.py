"""The chart of the map."""

from __future__ import annotations

import numpy as np

from dashboard.explore_tools.map_chart import make_map


def test_each_digit_has_a_colour_and_each_point_its_index() -> None:
    places = np.arange(12.0).reshape(6, 2)
    figure = make_map(places, np.array([7, 1, 7, 1, 1, 0]))
    assert [trace.name for trace in figure.data] == ["0", "1", "7"]
    assert len({trace.marker.color for trace in figure.data}) == 3
    assert [list(trace.customdata) for trace in figure.data] == [[5], [1, 3, 4], [0, 2]]
    assert list(figure.data[2].x) == [0.0, 4.0]
    assert list(figure.data[2].y) == [1.0, 5.0]
    middles = {box.label.text: (box.xanchor, box.yanchor) for box in figure.layout.shapes}
    assert middles == {"<b>0</b>": (10, 11), "<b>1</b>": (6, 7), "<b>7</b>": (2, 3)}


def test_the_only_digit_of_a_collapsed_generator_is_written_on_the_map() -> None:
    figure = make_map(np.zeros((3, 2)), np.full(3, 1))
    assert [box.label.text for box in figure.layout.shapes] == ["<b>1</b>"]
    assert not figure.layout.showlegend


def test_points_and_the_ring_at_the_edge_are_not_cut() -> None:
    figure = make_map(np.arange(12.0).reshape(6, 2), np.zeros(6, int))
    assert not figure.data[0].cliponaxis
    margin = figure.layout.margin
    assert min(margin.l, margin.r, margin.t, margin.b) > 12  # The ring's radius and line.


def test_pictures_without_digits_are_one_group() -> None:
    figure = make_map(np.zeros((3, 2)), np.zeros(0, int))
    assert [list(trace.customdata) for trace in figure.data] == [[0, 1, 2]]


def test_a_few_points_far_outside_do_not_squeeze_the_others() -> None:
    points = np.random.default_rng(0).uniform(-1, 1, (2000, 2))
    points[:4] = [[50, 0], [-50, 0], [0, 50], [0, -50]]
    layout = make_map(points, np.zeros(2000, int)).layout
    for axis in (layout.xaxis, layout.yaxis):
        assert -1.2 < axis.range[0] < -0.9
        assert 0.9 < axis.range[1] < 1.2
    assert make_map(np.zeros((3, 2)), np.full(3, 1)).layout.xaxis.range is None


def test_a_point_just_outside_the_others_is_shown() -> None:
    points = np.linspace(-1, 1, 1000)[:, np.newaxis].repeat(2, axis=1)
    points[-1] = 1.05
    assert make_map(points, np.zeros(1000, int)).layout.xaxis.range[1] > 1.05


def test_labels_of_digits_that_lie_on_each_other_are_moved_apart() -> None:
    points = np.random.default_rng(0).normal(size=(1000, 2))
    figure = make_map(points, np.arange(1000) % 10)  # All ten middles are near the origin.
    heights = sorted(box.yanchor for box in figure.layout.shapes)
    (low, high) = figure.layout.yaxis.range
    assert len(heights) == 10
    assert np.diff(heights).min() > 0.08 * (high - low)
    assert low < heights[0] < heights[-1] < high
