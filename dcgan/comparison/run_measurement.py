"""The measurement of a run at the end of its training time, as races and tunings save it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, Field

from dcgan.evaluation.main_metric import MAIN_METRICS, get_distance

# In the folder of an included run, which comes with its measurement.
MEASUREMENT_NAME = "measurement.json"

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

    @property
    def has_distance(self) -> bool:
        """Whether a distance to real images was measured."""
        return not self.metrics.keys().isdisjoint(MAIN_METRICS)

    @property
    def distance(self) -> float:
        """The value of the main metric."""
        return get_distance(self)
