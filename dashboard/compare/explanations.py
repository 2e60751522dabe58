"""The explanations of a comparison: what its number means, the variety, and the likely causes.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dashboard.charts.records import ComparedRun, find_best_distance
from dashboard.compare.comparison_table import (
    format_differing_setting,
    list_differing_learning_settings,
    merge_learning_rates,
)
from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.evaluation.metric_info import format_distance, format_metric
from dcgan.evaluation.metrics import is_clearly_above
from dcgan.runs.run_folder import Run
from dcgan.wording import join_with_and, quote_title

RECALL, PRECISION = "recall", "precision"
# With this ratio of steps or a larger one, the length of training is named as a cause.
_MIN_STEPS_RATIO = 1.25
_MAX_CAUSES = 4


class Explanation(NamedTuple):
    """An explanation of a result, as plain text.

    Attributes:
        topic: A few words, such as "How sure".
        text: One or more sentences.
        settings: Names of the settings in the text.
    """

    topic: str
    text: str
    settings: tuple[str, ...] = ()


def describe_scale(measured: Sequence[ComparedRun], real_distance: float, noun: str) -> Explanation:
    """Explain the distance to real images.

    If a run is nearer to them than two sets of real images are to each other, explain that too.
    """
    best = [
        find_best_distance(compared_run.record, compared_run.metric)
        if compared_run.measurement is None
        else compared_run.distance
        for compared_run in measured
    ]
    text = f"The distance to real {noun}s: lower is nearer. Two sets of real {noun}s are "
    text += f"{format_distance(real_distance)} apart"
    if any(distance is not None and distance < real_distance for distance in best):
        text += ". Below that, lower is not better, because each set has unusual ones that the "
        text += "other lacks"
    return Explanation("The number", f"{text}.")


def describe_race_distances(
    measured: Sequence[ComparedRun], measurement_by_run: Mapping[str, RunMeasurement], noun: str
) -> tuple[Explanation, ...]:
    """Name the distances that runs have in their races, which measure with more images.

    Args:
        measured: The runs; not all of them are of one race, so their own evaluations count.
        measurement_by_run: The measurements in races by run name.
        noun: "digit" or "picture".

    Returns:
        One explanation; none if no run is of a race.
    """
    found = [
        (compared_run, measurement_by_run[compared_run.run.name])
        for compared_run in measured
        if compared_run.run.name in measurement_by_run
    ]
    if not found:
        return ()
    distances = [
        f"{quote_title(compared_run.title)} {format_distance(measurement.distance)}"
        for compared_run, measurement in found
    ]
    text = f"{join_with_and(distances)}. A race measures with {found[0][1].num_images:,} {noun}s "
    text += f"and not with {found[0][0].result.num_images:,}, so its distances are lower."
    return (Explanation("In their race", text),)


def describe_variety(
    measured: Sequence[ComparedRun],
    tied: Sequence[ComparedRun],
    real_distance: float,
    noun: str,
) -> tuple[Explanation, ...]:
    """Compare how much of the variety runs draw, if their distances do not rank them.

    Args:
        measured: The runs, the nearest to real images first.
        tied: The runs whose distances are too close to rank, if nothing else ranks them.
        real_distance: The distance between two sets of real images.
        noun: "digit" or "picture".

    Returns:
        One explanation; none if no two runs are tied or below `real_distance`.
    """
    below = [compared_run for compared_run in measured if compared_run.distance < real_distance]
    runs = [
        compared_run
        for compared_run in (below if len(below) > 1 else tied)
        if compared_run.record.has_curve(RECALL)
    ]
    if len(runs) < 2:
        return ()
    reason = "The distances are too close to rank"
    if len(below) > 1:
        reason = f"Below {format_distance(real_distance)} the distance does not rank runs"
    runs.sort(
        key=lambda compared_run: compared_run.record.newest_evaluation.metrics[RECALL], reverse=True
    )
    recalls, precisions = (
        [compared_run.record.newest_evaluation.metrics.get(metric, 0.0) for compared_run in runs]
        for metric in (RECALL, PRECISION)
    )
    num_images = runs[0].record.newest_evaluation.num_images
    shares = " against ".join(format_metric(RECALL, recall) for recall in recalls)
    if not is_clearly_above(recalls[0], recalls[1], num_images):
        return (Explanation("Variety", f"{reason}, and the recall is about equal too: {shares}."),)
    answer = f"{reason}, but the recall does: {quote_title(runs[0].title)} draws more of the "
    answer += f"variety of real {noun}s, {shares}"
    if is_clearly_above(precisions[1], precisions[0], num_images):
        looks = " against ".join(format_metric(PRECISION, value) for value in precisions)
        answer += f". Fewer of its {noun}s look real: precision {looks}"
    return (Explanation("Variety", f"{answer}."),)


def describe_causes(measured: Sequence[ComparedRun], *, is_clear: bool) -> Explanation:
    """Name the likely causes: what differs between the runs.

    Args:
        measured: The runs, the best one first.
        is_clear: Whether one of them is clearly better.
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
    if max(steps) >= _MIN_STEPS_RATIO * min(steps):
        length = " instead of ".join(f"{step:,}" for step in steps)
        causes.append(
            f"measured after {length} steps"
            if len(steps) == 2
            else f"length of training ({min(steps):,} to {max(steps):,} steps)"
        )
    question = "Why" if is_clear else "What differs"
    if not causes:
        reason = (
            "Only their seed, so it is chance" if has_other_seed else "Their settings are the same"
        )
        return Explanation(question, f"{reason}.")
    if has_other_seed and not is_clear:
        causes.append("seed")
    answer = "; ".join(causes)
    if is_clear:
        answer = f"Probably {'this' if len(causes) == 1 else 'one of these'}: {answer}"
    answer = answer[0].upper() + answer[1:]
    return Explanation(question, f"{answer}.", tuple(named))


def _describe_setting(setting: str, label: str, runs: Sequence[Run]) -> str:
    values = [format_differing_setting(run, setting) for run in runs]
    return f"{label} {' instead of '.join(values)}" if len(values) == 2 else label
