"""The measurement of a run at the end of its training time, as races, tunings and runs save it."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Annotated, Self

from pydantic import BaseModel, Field

from dcgan.evaluation.main_metric import MAIN_METRICS, get_distance
from dcgan.evaluation.metric_info import Evaluation

_Count = Annotated[int, Field(ge=0, le=2**63 - 1)]
_Number = Annotated[float, Field(allow_inf_nan=False)]


class RunMeasurement(BaseModel, frozen=True):
    """The metrics of a run at the end of its training time.

    Attributes:
        step: The last step.
        images_per_second: Median speed of its training.
        num_images: Number of generated images, compared with as many real ones.
        metrics: Metrics of the generated images, by their names in `metric_info.METRIC_INFO`.
        real_metrics: Metrics of other real images, by the same names.
    """

    step: _Count
    images_per_second: _Number
    num_images: _Count
    metrics: Mapping[str, _Number]
    real_metrics: Mapping[str, _Number]

    @classmethod
    def from_evaluation(
        cls, step: int, speeds: Sequence[float], evaluation: Evaluation, real: Evaluation
    ) -> Self:
        """Make a measurement of the finite metrics of an evaluation.

        Args:
            step: The last step.
            speeds: Images per second of each chunk of the training, at least one.
            evaluation: The metrics of the generated images.
            real: The metrics of other real images.
        """
        return cls(
            step=step,
            images_per_second=statistics.median(speeds),
            num_images=evaluation.num_images,
            metrics=evaluation.select_finite_values(),
            real_metrics=real.select_finite_values(),
        )

    @property
    def has_distance(self) -> bool:
        """Whether a distance to real images was measured, and that of other real images."""
        names = self.metrics.keys() & set(MAIN_METRICS)
        return bool(names) and all(
            name in self.real_metrics and self.metrics[name] >= 0 for name in names
        )

    @property
    def distance(self) -> float:
        """The value of the main metric."""
        return get_distance(self)
