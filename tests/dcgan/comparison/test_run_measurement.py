"""The measurement of a run at the end of its training time."""

from __future__ import annotations

import math

from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.evaluation.metric_info import Evaluation
from dcgan.evaluation.metrics import Estimate


def test_a_measurement_has_the_median_speed_and_the_finite_metrics_of_an_evaluation() -> None:
    evaluation = Evaluation(50, {"fd": Estimate(1.5, 0.1), "recall": Estimate(math.nan, 0.0)})
    real = Evaluation(50, {"fd": Estimate(0.5, 0.1)})
    assert RunMeasurement.from_evaluation(
        7, [10.0, 400.0, 30.0], evaluation, real
    ) == RunMeasurement(
        step=7,
        images_per_second=30.0,
        num_images=50,
        metrics={"fd": 1.5},
        real_metrics={"fd": 0.5},
    )
