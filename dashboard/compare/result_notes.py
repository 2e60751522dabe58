"""The notes on a comparison: what its number means, the variety, and the likely causes.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dashboard.charts.records import ComparedRun, find_best_distance
from dashboard.compare.comparison_table import (
    format_differing_setting,
    list_differing_learning_settings,
)
from dcgan.config.setting_info import get_setting_label
from dcgan.evaluation.metric_info import format_distance, format_metric
from dcgan.evaluation.metrics import is_clearly_above
from dcgan.runs.run_folder import Run
from dcgan.wording import quote_title

RECALL = "recall"
# With this ratio of steps or a larger one, the length of training is named as a cause.
_MIN_STEPS_RATIO = 1.25
_MAX_CAUSES = 4


class Note(NamedTuple):
    """A note on a result: a question and its answer, as plain text.

    Attributes:
        question, answer: The texts.
        settings: Names of the settings in the answer.
    """

    question: str
    answer: str
    settings: tuple[str, ...] = ()


def describe_scale(measured: Sequence[ComparedRun], real_distance: float, real_images: str) -> Note:
    """Explain the distance to real images.

    If a run is nearer to them than two sets of real images are to each other, explain that too.
    """
    best = [
        find_best_distance(compared_run.record, compared_run.metric) for compared_run in measured
    ]
    text = f"The distance to {real_images}: lower is nearer. Two sets of {real_images} are "
    text += f"{format_distance(real_distance)} apart"
    if any(distance is not None and distance < real_distance for distance in best):
        text += ". Below that, lower is not better, because each set has unusual ones that the "
        text += "other lacks"
    return Note("The number", f"{text}.")


def describe_variety(
    measured: Sequence[ComparedRun], real_distance: float, real_images: str
) -> tuple[Note, ...]:
    """Name the run that draws most of the variety, if distances no longer rank several runs.

    Args:
        measured: The runs, the nearest to real images first.
        real_distance: The distance between two sets of real images.
        real_images: "real digits" or "real pictures".

    Returns:
        One note; none if fewer than two runs are below `real_distance`.
    """
    recalls = sorted(
        (
            (compared_run.record.newest_evaluation.metrics[RECALL], compared_run.title)
            for compared_run in measured
            if compared_run.distance < real_distance and compared_run.record.has_curve(RECALL)
        ),
        reverse=True,
    )
    if len(recalls) < 2:
        return ()
    advice = (
        f"Below {format_distance(real_distance)} the distance no longer ranks runs; look at "
        f"recall, the share of the variety of {real_images} that a run draws."
    )
    (most, title), (next_most, _), *_ = recalls
    num_images = measured[0].record.newest_evaluation.num_images
    if not is_clearly_above(most, next_most, num_images):
        return (Note("Variety", f"{advice} Recall is about equal too."),)
    shares = " against ".join(format_metric(RECALL, recall) for recall, _ in recalls)
    return (Note("Variety", f"{advice} {quote_title(title)} draws more of it: {shares}."),)


def describe_causes(measured: Sequence[ComparedRun], *, is_clear: bool) -> Note:
    """Name the likely causes: what differs between the runs.

    Args:
        measured: The runs, the best one first.
        is_clear: Whether one of them is clearly better.
    """
    runs = [compared_run.run for compared_run in measured]
    settings = list_differing_learning_settings(runs)
    has_other_seed = "seed" in settings
    settings = [setting for setting in settings if setting != "seed"]
    causes = [_describe_setting(setting, runs) for setting in settings[:_MAX_CAUSES]]
    if len(settings) > _MAX_CAUSES:
        causes.append(f"{len(settings) - _MAX_CAUSES} more settings")
    if any(compared_run.record.changes for compared_run in measured):
        causes.append("settings that were changed during training")
    steps = [compared_run.record.newest_evaluation.step for compared_run in measured]
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
        return Note(question, f"{reason}.")
    if has_other_seed and not is_clear:
        causes.append("seed")
    answer = "; ".join(causes)
    if is_clear:
        answer = f"Probably {'this' if len(causes) == 1 else 'one of these'}: {answer}"
    if "_" not in answer.partition(" ")[0]:  # Not beta_1, which is a name.
        answer = answer[0].upper() + answer[1:]
    return Note(question, f"{answer}.", tuple(settings[:_MAX_CAUSES]))


def _describe_setting(setting: str, runs: Sequence[Run]) -> str:
    label = get_setting_label(setting)
    values = [format_differing_setting(run, setting) for run in runs]
    return f"{label} {' instead of '.join(values)}" if len(values) == 2 else label
