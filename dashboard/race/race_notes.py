"""The notes below the cards of a race: the scale of its distances, and a busy computer.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.charts.records import ComparedRun
from dcgan.config.named_datasets import get_picture_noun
from dcgan.evaluation.metric_info import format_distance
from dcgan.sweeps.race import Race
from dcgan.sweeps.race_results import find_uneven_speeds, list_variant_results
from dcgan.sweeps.race_verdict import RaceVerdict


def has_curve(compared: Sequence[ComparedRun]) -> bool:
    """Return whether a run was measured more than once while it trained."""
    return any(len(each.record.evaluations_since_change) > 1 for each in compared)


def describe_measurement(
    race: Race, compared: Sequence[ComparedRun], verdict: RaceVerdict | None
) -> str:
    """Describe the scale of a race's distances, and unequal numbers of steps; "" without any.

    Args:
        race: The race.
        compared: Its runs that were measured while they trained, with fewer images.
        verdict: The verdict; None without one.
    """
    measured = [run.measurement for run in race.runs if run.measurement is not None]
    if not measured:
        return ""
    num = measured[0].num_images
    real = format_distance(measured[0].real_metrics.get(race.metric, 0.0))
    noun = get_picture_noun(race.runs[0].config.dataset)
    text = f"Measured with {num:,} {noun}s; two sets of real ones are {real} apart."
    if compared:
        own = compared[0].record.newest_evaluation
        if own.num_images < num:
            their_real = format_distance(own.real_metrics.get(compared[0].metric, 0.0))
            curves = " and the curves" if has_curve(compared) else ""
            text = (
                f"This race measures with {num:,} {noun}s; other pages{curves} measure with "
                f"{own.num_images:,}, which makes distances larger. Two sets of real {noun}s are "
                f"{real} apart here and {their_real} there."
            )
    return text + _describe_uneven_speeds(race, verdict)


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
