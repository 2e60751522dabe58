"""The explanations of a comparison: what its number means, and the likely causes.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dashboard.charts.compared_runs import ComparedRun, are_quick, find_best_distance
from dashboard.compare.comparison_table import (
    format_differing_setting,
    list_differing_learning_settings,
    merge_learning_rates,
)
from dcgan.comparison.seed_ratio import explain_seed_ratio
from dcgan.comparison.unequal_steps import are_unequal
from dcgan.evaluation.metric_info import format_distance
from dcgan.runs.run_folder import Run
from dcgan.wording import join_with_and, quote_title

_NUMBER_TOPIC, _CAUSES_TOPIC = "The number", "What differs"
_MAX_CAUSES = 4


class Explanation(NamedTuple):
    """An explanation of a result, as plain text.

    Attributes:
        topic: A few words, such as "How sure".
        text: One or more sentences.
        settings, metrics: Names of the settings and of the metrics in the text.
        details: More sentences, for those who ask.
    """

    topic: str
    text: str
    settings: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    details: str = ""


def list_settings_in(sureness: str) -> tuple[str, ...]:
    """Return the settings to explain in a sentence on certainty: the seed if it is named."""
    return ("seed",) if "seed" in sureness else ()


def explain_chance_in(sureness: str, metric: str, num_seeds: int = 1) -> str:
    """Return the origin of the factor in a sentence on certainty; "" without a factor.

    Args:
        sureness: The sentence.
        metric: One of `main_metric.MAIN_METRICS`.
        num_seeds: Number of seeds of each run in a race; at least 1.
    """
    return explain_seed_ratio(metric, num_seeds) if "a distance up to" in sureness else ""


def describe_scale(measured: Sequence[ComparedRun], real_distance: float, noun: str) -> Explanation:
    """Explain the distance to real images.

    If a run is nearer to them than two sets of real images are to each other, explain that too.
    """
    if are_quick(measured):
        quick = describe_quick_distance(measured[0].result.num_images, real_distance, noun)
        return Explanation(_NUMBER_TOPIC, quick)
    best = [
        find_best_distance(compared_run.record, compared_run.metric)
        if compared_run.measurement is None
        else compared_run.distance
        for compared_run in measured
    ]
    count = f", measured with {measured[0].result.num_images:,}"
    text = f"The distance to real {noun}s{count}: lower is nearer. Two sets of real {noun}s are "
    text += f"{format_distance(real_distance)} apart"
    if any(distance is not None and distance < real_distance for distance in best):
        text += ". Below that, lower is not better, because each set has unusual ones that the "
        text += "other lacks"
    return Explanation(_NUMBER_TOPIC, f"{text}.")


def describe_quick_distance(num_images: int, real_distance: float, noun: str) -> str:
    """Explain a distance that was measured with few images, during training."""
    return (
        f"The quick distance to real {noun}s, measured during training with {num_images:,}: lower "
        f"is nearer. With so few {noun}s, chance makes the number larger: even two sets of real "
        f"{noun}s are {format_distance(real_distance)} apart. Below that, lower is not better."
    )


def describe_causes(
    measured: Sequence[ComparedRun], *, is_clear: bool, are_named: bool
) -> Explanation:
    """Name the likely causes: what differs between the runs.

    Args:
        measured: The runs, the best one first.
        is_clear: Whether the first of two runs is better than the second.
        are_named: Whether two runs are named, because others are compared too.
    """
    runs = [compared_run.run for compared_run in measured]
    settings = list_differing_learning_settings(runs)
    has_other_seed = "seed" in settings
    settings = [setting for setting in settings if setting != "seed"]
    labels = merge_learning_rates(settings, runs)
    named = list(labels)[:_MAX_CAUSES]
    causes = [_describe_setting(setting, labels[setting], runs) for setting in named]
    if len(labels) > _MAX_CAUSES:
        causes.append(f"{len(labels) - _MAX_CAUSES} more settings")
    if any(compared_run.record.changes for compared_run in measured):
        causes.append("settings that were changed during training")
    steps = [compared_run.result.step for compared_run in measured]
    # With other causes, fewer steps do not explain why a run is better.
    are_fewer = is_clear and bool(causes) and steps[0] < steps[-1]
    if are_unequal(steps) and not are_fewer:
        length = " instead of ".join(f"{step:,}" for step in steps)
        causes.append(
            f"measured after {length} steps"
            if len(steps) == 2
            else f"length of training ({min(steps):,} to {max(steps):,} steps)"
        )
    names = (
        join_with_and([quote_title(compared_run.title) for compared_run in measured])
        if are_named
        else ""
    )
    if not causes:
        if has_other_seed:
            reason = f"{names} differ only in" if names else "Only"
            return Explanation(_CAUSES_TOPIC, f"{reason} their seed, so it is chance.")
        reason = f"{names} have the same settings" if names else "Their settings are the same"
        return Explanation(_CAUSES_TOPIC, f"{reason}.")
    if has_other_seed and not is_clear:
        causes.append("seed")
    answer = "; ".join(causes)
    if is_clear:
        reason = "This" if len(causes) == 1 else "One of these"
        answer = f"{answer}. {reason} is probably why"
    answer = f"Between {names}: {answer}" if names and is_clear else answer
    return Explanation(_CAUSES_TOPIC, f"{answer[0].upper()}{answer[1:]}.", tuple(named))


def _describe_setting(setting: str, label: str, runs: Sequence[Run]) -> str:
    values = [format_differing_setting(run, setting) for run in runs]
    return f"{label} {' instead of '.join(values)}" if len(values) == 2 else label
