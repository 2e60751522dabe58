"""A race of beta_1 0.5 and 0 with two seeds, and measurements of its runs."""

from __future__ import annotations

from datetime import datetime

from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.config.training_config import TrainingConfig
from dcgan.sweeps.race import Race, Variant, plan_race

TIME, NAME = datetime(2026, 11, 30, 14, 5, 12), "20261130-140512"


def make_race(num_seeds: int = 2) -> Race:
    """Plan the race of `NAME`."""
    variants = [Variant(f"beta_1 {value:g}", TrainingConfig(beta_1=value)) for value in (0.5, 0.0)]
    return plan_race(variants, 60.0, num_seeds).model_copy(update={"name": NAME})


def measure(
    distance: float, *, step: int = 3000, images_per_second: float = 3400.0
) -> RunMeasurement:
    """Make the measurement of a run."""
    return RunMeasurement(
        step=step,
        images_per_second=images_per_second,
        num_images=10_000,
        metrics={"frechet_distance": distance, "confident": 0.95, "as_asked": 0.99},
        real_metrics={"frechet_distance": 0.07},
    )


def with_measurements(race: Race, *distances: float | None, speeds: tuple[float, ...] = ()) -> Race:
    """Return a race whose first runs have these distances and speeds."""
    runs = list(race.runs)
    for index, distance in enumerate(distances):
        speed = speeds[index] if speeds else 3400.0
        measured = None if distance is None else measure(distance, images_per_second=speed)
        runs[index] = runs[index].model_copy(update={"measurement": measured})
    return race.model_copy(update={"runs": tuple(runs)})
