"""The likely causes of a comparison's result: the length of training, then the settings.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.charts.compared_runs import ComparedRun
from dashboard.compare_results.comparison_table import (
    format_differing_setting,
    list_differing_learning_settings,
    merge_learning_rates,
)
from dashboard.compare_results.explanations import Explanation
from dashboard.compare_results.limited_time import trained_for_equal_time
from dcgan.comparison.seed_ratio import find_seed_ratio
from dcgan.comparison.unequal_steps import are_much_longer, are_unequal
from dcgan.runs.run_folder import Run
from dcgan.wording import format_ratio, join_with_and, quote_title

_TOPIC = "What differs"
_MAX_CAUSES = 4
_MIN_DISTANCE = 1e-6  # Equal pictures have distance 0, and a ratio cannot be computed from 0.


def describe_causes(
    measured: Sequence[ComparedRun],
    *,
    is_clear: bool,
    are_named: bool,
    busy_steps: Sequence[int] = (),
) -> Explanation:
    """Name the likely causes: what differs between the runs.

    Args:
        measured: The runs, the best one first.
        is_clear: Whether the first of two runs is better than the second.
        are_named: Whether two runs are named, because others are compared too.
        busy_steps: Unequal numbers of steps by which a busy computer may have decided; empty
            if it did not.
    """
    runs = [compared_run.run for compared_run in measured]
    settings = list_differing_learning_settings(runs)
    has_other_seed = "seed" in settings
    labels = merge_learning_rates([setting for setting in settings if setting != "seed"], runs)
    named = tuple(list(labels)[:_MAX_CAUSES])
    causes = [_describe_setting(setting, labels[setting], runs) for setting in named]
    if (num_more := len(labels) - _MAX_CAUSES) > 0:
        causes.append(f"{num_more} more setting{'' if num_more == 1 else 's'}")
    if any(compared_run.record.changes for compared_run in measured):
        causes.append("settings that were changed during training")
    if not causes and has_other_seed:
        # Only the seed, and perhaps the length of training.
        causes.append(_describe_setting("seed", "Seed", runs))
        has_other_seed = False
    steps = [compared_run.result.step for compared_run in measured]
    is_longer, has_equal_time = are_much_longer(steps), trained_for_equal_time(measured)
    if is_clear and is_longer and not has_equal_time and steps[0] > steps[-1]:
        return _explain_by_length(measured[0], measured[-1], causes, named)
    # With other causes, fewer steps do not explain why a run is better.
    are_fewer = is_clear and bool(causes) and steps[0] < steps[-1]
    if are_unequal(steps) and not are_fewer:
        length = _describe_length(steps)
        if has_equal_time:
            reason = "a busy computer" if busy_steps else "slower settings or a busy computer"
            length += f" in the same time ({reason})"
        causes = [length, *causes] if is_longer or busy_steps else [*causes, length]
    elif busy_steps and causes:  # Of other runs of the race than these.
        causes = [f"unequal steps ({min(busy_steps):,} and {max(busy_steps):,})", *causes]
    names = (
        join_with_and([quote_title(compared_run.title) for compared_run in measured])
        if are_named
        else ""
    )
    if not causes:
        reason = f"{names} have the same settings" if names else "Their settings are the same"
        return Explanation(_TOPIC, f"{reason}.")
    if has_other_seed and not is_clear:
        causes.append("seed")
    answer = "; ".join(causes)
    # Of several causes it is open which one counts; an unequal time hides the settings.
    race_helps = is_clear and len(causes) > 1
    race_helps = race_helps or (are_unequal(steps) and not has_equal_time)
    if is_clear and busy_steps:
        which = "if this" if len(causes) == 1 else "which of these"
        answer += f". It is open {which} is why"
    elif is_clear and list(settings) == ["seed"] and len(causes) == 1:
        answer += ", so it is chance"
    elif is_clear:
        reason = "This" if len(causes) == 1 else "One of these"
        answer = f"{answer}. {reason} is probably why"
    answer = f"Between {names}: {answer}" if names and is_clear else answer
    text = f"{answer[0].upper()}{answer[1:]}."
    return Explanation(_TOPIC, text, named, race_helps=race_helps)


def _describe_length(steps: Sequence[int]) -> str:
    length = " instead of ".join(f"{step:,}" for step in steps)
    if len(steps) == 2:
        return f"measured after {length} steps"
    return f"length of training, {min(steps):,} to {max(steps):,} steps"


def _explain_by_length(
    longer: ComparedRun, shorter: ComparedRun, causes: Sequence[str], settings: tuple[str, ...]
) -> Explanation:
    """Name the longer training of the better run first.

    Twice the steps give about half the distance (docs/levers.md), and another seed may add to it.
    """
    steps = longer.result.step, shorter.result.step
    factor = steps[0] / max(1, steps[1])
    ratio = max(shorter.distance, _MIN_DISTANCE) / max(longer.distance, _MIN_DISTANCE)
    is_enough = ratio <= factor * find_seed_ratio(*steps, longer.metric)
    if is_enough:
        consequence = "which is enough to explain it"
    else:
        consequence = "which explains a part of it" if causes else "which is probably why"
    text = (
        f"{quote_title(longer.title)} trained {format_ratio(factor)} as long as "
        f"{quote_title(shorter.title)} ({steps[0]:,} steps against {steps[1]:,}), {consequence}."
    )
    if causes:
        text += f" Also different: {'; '.join(causes)}."
    return Explanation(_TOPIC, text, settings, race_helps=True)


def _describe_setting(setting: str, label: str, runs: Sequence[Run]) -> str:
    values = [format_differing_setting(run, setting) for run in runs]
    return f"{label} {' instead of '.join(values)}" if len(values) == 2 else label
