"""Tunings that are carried out without training, with known distances."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.tuning.rounds import plan_next_round, plan_tuning
from dcgan.tuning.schedule import Costs
from dcgan.tuning.tuning import Tuning

COSTS = Costs(new=5.0, continued=2.0)
# The distance of a run of some settings after some training seconds, or its measurement; None if it
# fails.
Measure = Callable[[TrainingConfig, float], float | RunMeasurement | None]


def measure(distance: float, *, step: int = 3000, copies: float = 0.0) -> RunMeasurement:
    """Make the measurement of a run."""
    return RunMeasurement(
        step=step,
        images_per_second=3000.0,
        num_images=2000,
        metrics={"frechet_distance": distance, "copies": copies},
        real_metrics={"frechet_distance": 0.07},
    )


def make_pictures(num_images: int) -> ImageDataset:
    """Make a data set that takes no memory."""
    pixels = np.broadcast_to(np.uint8(0), (num_images, 28, 28, 1))
    return ImageDataset("blank", pixels, None, "fingerprint")


def plan(
    minutes: float = 10.0,
    base: TrainingConfig = TrainingConfig(),  # noqa: B008 (frozen)
    num_images: int = 60_000,
) -> Tuning:
    """Plan a tuning whose preparation took ten seconds."""
    return plan_tuning(base, minutes, make_pictures(num_images), COSTS, 10.0)


def run_next(tuning: Tuning, distance: Measure, costs: Costs = COSTS) -> Tuning:
    """Carry out the next pending run of a tuning, with known costs."""
    index = tuning.find_pending_run()
    assert index is not None
    run = tuning.runs[index]
    before = [each.seconds for each in tuning.rounds[:-1] if index in each.runs]
    trained = tuning.rounds[-1].seconds - max(before, default=0.0)
    cost = costs.continued if before else costs.new
    config = tuning.candidates[run.candidate].config.replace(seed=run.seed)
    found = distance(config, tuning.rounds[-1].seconds)
    if isinstance(found, RunMeasurement):
        tuning = tuning.change_run(index, measurements=(*run.measurements, found))
    elif found is None:
        tuning = tuning.change_run(index, problem="It diverged.")
    else:
        tuning = tuning.change_run(index, measurements=(*run.measurements, measure(found)))
    spent = tuning.spent_seconds + trained + cost
    tuning = tuning.model_copy(update={"spent_seconds": spent})
    return tuning if tuning.find_pending_run() is not None else plan_next_round(tuning)


def carry_out(tuning: Tuning, distance: Measure, costs: Costs = COSTS) -> Tuning:
    """Carry out a tuning to its end."""
    while not tuning.is_finished:
        tuning = run_next(tuning, distance, costs)
    return tuning
