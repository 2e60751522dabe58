"""The chart of the map: one point for each picture. Imports no Streamlit."""

from __future__ import annotations

import itertools

import numpy as np
import plotly.graph_objects as go

from dcgan.charts.colors import DIGIT_COLORS

# At first the map shows this percentage of the points along each axis, because a few points far
# outside would squeeze all others together.
_PERCENT_SHOWN = 99
_NEAR = 0.06  # Points outside are shown too if they are as near as this share of the range.
_MARGIN = 0.03  # At each end of an axis, as a share of the range of the shown points.
# Width and height that the label of a digit takes, as shares of the axes, on a phone's narrow map.
_LABEL = np.array([0.06, 0.085])
_EDGE = 14  # Space around the axes in CSS pixels, for points and the ring at their edge.


def make_map(points: np.ndarray, digits: np.ndarray) -> go.Figure:
    """Plot points on a plane; each digit has a colour, and is written in the middle of its points.

    Args:
        points: Shape (num, 2).
        digits: Digit of each point, shape (num,), int; empty for pictures of other things.

    Returns:
        A figure whose points have their index as `customdata`.
    """
    figure = go.Figure(
        layout={
            "margin": dict.fromkeys("lrtb", _EDGE),
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "uirevision": "constant",
            "hovermode": "closest",
            "dragmode": "pan",
            "showlegend": False,  # Each digit is written in the middle of its points.
        }
    )
    groups = [(digit, str(digit), np.flatnonzero(digits == digit)) for digit in np.unique(digits)]
    for color, name, members in groups or [(0, "pictures", np.arange(len(points)))]:
        figure.add_scatter(
            x=points[members, 0].round(3).tolist(),
            y=points[members, 1].round(3).tolist(),
            customdata=members.tolist(),
            name=name,
            mode="markers",
            marker={"color": DIGIT_COLORS[color], "size": 6, "opacity": 0.9},
            hoverinfo="none",  # The component shows the digit instead.
            cliponaxis=False,
        )
    ranges = _find_range(points[:, 0]), _find_range(points[:, 1])
    figure.update_xaxes(visible=False, range=ranges[0])
    figure.update_yaxes(visible=False, range=ranges[1])
    if groups:
        middles = np.array([np.median(points[members], axis=0) for _, _, members in groups])
        if (across := ranges[0]) is not None and (up := ranges[1]) is not None:
            size = _LABEL * (across[1] - across[0], up[1] - up[0])
            middles = _separate_labels(middles, size)
        for (_, name, _), (x, y) in zip(groups, middles.round(3).tolist(), strict=True):
            _add_label(figure, name, x, y)
    return figure


def _add_label(figure: go.Figure, name: str, x: float, y: float) -> None:
    # A shape: an annotation would cover the ring that `digit_map.js` draws.
    figure.add_shape(
        type="rect",
        xsizemode="pixel",
        ysizemode="pixel",
        xanchor=x,
        yanchor=y,
        x0=-8,
        x1=8,
        y0=-13,
        y1=13,
        line_width=0,
        fillcolor="rgba(19, 19, 25, 0.75)",
        label={"text": f"<b>{name}</b>", "font": {"size": 16, "color": "#ffffff"}},
    )


def _separate_labels(places: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Move labels up and down until none covers another.

    Args:
        places: Middle of each label, shape (num, 2), in the units of the axes.
        size: Width and height of a label in these units.
    """
    scaled = places / size
    for _ in range(100):
        has_moved = False
        for upper, lower in itertools.combinations(np.argsort(-scaled[:, 1], kind="stable"), 2):
            width, height = np.abs(scaled[upper] - scaled[lower])
            if width < 1 and height < 0.999:
                middle = scaled[[upper, lower], 1].mean()
                scaled[[upper, lower], 1] = middle + 0.5, middle - 0.5
                has_moved = True
        if not has_moved:
            break
    return scaled * size


def _find_range(values: np.ndarray) -> list[float] | None:
    """Return the range of an axis, without the outermost values; None if there is no range."""
    low, high = np.percentile(values, (50 - _PERCENT_SHOWN / 2, 50 + _PERCENT_SHOWN / 2))
    near, margin = _NEAR * (high - low), _MARGIN * (high - low)
    low, high = max(values.min(), low - near), min(values.max(), high + near)
    return [round(low - margin, 3), round(high + margin, 3)] if high > low else None
