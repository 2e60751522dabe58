"""The text below the cards of a race: the scale of its distances. Imports no Streamlit."""

from __future__ import annotations

from dcgan.comparison.unequal_steps import are_unequal
from dcgan.config.named_datasets import get_picture_noun
from dcgan.evaluation.metric_info import FULL_EVALUATION, format_distance
from dcgan.sweeps.race import Race
from dcgan.sweeps.race_results import find_unequal_steps, list_variant_results


def describe_measurement(race: Race, *, was_busy: bool = False) -> str:
    """Describe the scale of a race's distances, and steps unequal by design; "" without any.

    Args:
        race: The race.
        was_busy: Whether other programs changed the speed of its runs.
    """
    measured = [run.measurement for run in race.runs if run.measurement is not None]
    if not measured:
        return ""
    real = format_distance(measured[0].real_metrics.get(race.metric, 0.0))
    noun = get_picture_noun(race.runs[0].config.dataset)
    num_images = measured[0].num_images
    smaller = ", so smaller than on Train" if num_images == FULL_EVALUATION else ""
    text = f"Lower is nearer. Measured with {num_images:,} {noun}s of each run{smaller}; two "
    return f"{text}sets of real {noun}s are {real} apart.{_describe_speeds(race, was_busy)}"


def _describe_speeds(race: Race, was_busy: bool) -> str:
    """Describe unequal numbers of steps that the settings cause; "" without any."""
    results = list_variant_results(race)
    steps = [num for variant in results for num in variant.steps]
    have_settings_of_speed = len({variant.speed_settings for variant in results}) > 1
    if not have_settings_of_speed or not are_unequal(steps) or find_unequal_steps(results):
        return ""
    text = f" The runs made {min(steps):,} to {max(steps):,} steps"
    if was_busy:
        return f"{text}: their settings and other programs change how long a step takes."
    return (
        f"{text}, because their settings change how long a step takes; that is part of the result."
    )
