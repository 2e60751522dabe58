"""The chart of dots on the page, of a comparison or of a race."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.charts.compared_runs import ComparedRun
from dashboard.charts.distance_dots import describe_dots, plot_dots
from dashboard.components.chart import render_chart


def render(compared: Sequence[ComparedRun], *, key: str) -> None:
    """Render the distances of runs as dots.

    Args:
        compared: The runs, as `plot_dots` takes them.
        key: Streamlit's key.
    """
    figure = plot_dots(compared)
    height = int(figure.layout.height)
    render_chart(figure.to_json(), height=height, alt=describe_dots(compared), key=key)
