"""The explanations of the metrics."""

from __future__ import annotations

from dashboard.train import quality_panel
from dcgan.evaluation.metric_info import METRIC_INFO
from dcgan.reports import EvaluationReport


def test_each_metric_has_the_value_of_real_digits_and_an_explanation() -> None:
    metrics = {"frechet_distance": 1.234, "precision": 0.81, "nearest_distance": 0.1}
    report = EvaluationReport(9, 1, 5.0, 1000, metrics, {"frechet_distance": 0.07, "precision": 1})
    assert quality_panel.explain(report).split("\n\n") == [
        f"**Fréchet distance** 1.23 (real 0.07)  \n{METRIC_INFO['frechet_distance'].help_text}",
        f"**Precision** 81.0% (real 100.0%)  \n{METRIC_INFO['precision'].help_text}",
        f"**Distance to training images** 0.100  \n{METRIC_INFO['nearest_distance'].help_text}",
    ]
