"""The text below the cards of a race: the scale of its distances, and a busy computer.

Imports no Streamlit.
"""

from __future__ import annotations

from dcgan.config.named_datasets import get_picture_noun
from dcgan.evaluation.metric_info import format_distance
from dcgan.sweeps.race import Race
from dcgan.sweeps.race_results import find_uneven_speeds, list_variant_results
from dcgan.sweeps.race_verdict import RaceVerdict


def describe_measurement(race: Race, verdict: RaceVerdict | None) -> str:
    """Describe the scale of a race's distances, and unequal numbers of steps; "" without any.

    Args:
        race: The race.
        verdict: The verdict; None without one.
    """
    measured = [run.measurement for run in race.runs if run.measurement is not None]
    if not measured:
        return ""
    real = format_distance(measured[0].real_metrics.get(race.metric, 0.0))
    noun = get_picture_noun(race.runs[0].config.dataset)
    text = f"Measured with {measured[0].num_images:,} {noun}s of each run; two sets of real "
    return f"{text}{noun}s are {real} apart.{_describe_uneven_speeds(race, verdict)}"


def _describe_uneven_speeds(race: Race, verdict: RaceVerdict | None) -> str:
    speeds = find_uneven_speeds(race)
    if speeds is None or verdict is None or verdict.is_unfair:
        return ""
    low, high = speeds
    text = (
        f" The computer was busy at times: runs with the same networks trained at {low:,.0f} to "
        f"{high:,.0f} images/s."
    )
    # The verdict divides a lead in steps out of the ratio only if steps should take equally long.
    if len({results.speed_settings for results in list_variant_results(race)}) == 1:
        text += " The verdict allows for their unequal numbers of steps."
    return text
