"""The chart of the distance to real images."""

from __future__ import annotations

from dcgan.charts.training_charts import plot_quality
from tests.reports import evaluation_report


def test_a_single_measurement_is_a_dot_with_a_label_until_there_is_a_line() -> None:
    first, second = evaluation_report(938, 5.2), evaluation_report(1876, 3.1)
    dot = plot_quality([first]).data[0]
    assert (dot.mode, dot.text) == ("markers+text", ("only one measurement",))
    line = plot_quality([first, second]).data[0]
    assert (line.mode, line.text) == ("lines+markers", None)
