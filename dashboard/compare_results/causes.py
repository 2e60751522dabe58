"""The differences of a run from the nearest one: its settings and its length of training.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from dashboard.charts.compared_runs import ComparedRun
from dashboard.compare_results.comparison_table import (
    format_differing_setting,
    list_differing_learning_settings,
    merge_learning_rates,
)
from dashboard.compare_results.limited_time import find_busy_steps, trained_for_equal_time
from dcgan.comparison.seed_ratio import find_seed_ratio
from dcgan.comparison.unequal_steps import are_much_longer, are_worth_naming
from dcgan.config.config_text import label_value
from dcgan.runs.run_folder import Run
from dcgan.wording import capitalize, count_steps

_MAX_SETTINGS = 4
_SHORTER = ": the shorter training can explain that"
_MIN_DISTANCE = 1e-6  # Equal pictures have distance 0, and a ratio cannot be computed from 0.


class Differences(NamedTuple):
    """The differences of two runs: a sentence, and the settings that it names."""

    text: str
    settings: tuple[str, ...]


def describe_differences(
    other: ComparedRun, first: ComparedRun, *, is_farther: bool, shared: Collection[str] = ()
) -> Differences:
    """Describe how a run was trained otherwise than the nearest one.

    Args:
        other: The run.
        first: The nearest run.
        is_farther: Whether `other` is farther beyond chance. Otherwise its seed is named too.
        shared: Settings that another line names.
    """
    runs = [other.run, first.run]
    settings = list_differing_learning_settings(runs)
    labels = merge_learning_rates([name for name in settings if name != "seed"], runs)
    labels = {name: label for name, label in labels.items() if name not in shared}
    named = list(labels)[:_MAX_SETTINGS]
    if "seed" in settings and (not labels or not is_farther):
        labels["seed"] = "seed"
        named.append("seed")
    texts = [_describe_setting(name, labels[name], runs) for name in named]
    if (num_more := len(labels) - len(named)) > 0:
        texts.append(f"{num_more} more setting{'' if num_more == 1 else 's'}")
    if other.record.changes or first.record.changes:
        texts.append("settings that were changed during training")
    if is_farther and explains_distance(other, first):
        texts.insert(0, f"{_describe_steps(other, first)}{_SHORTER}")
    elif are_worth_naming([other.result.step, first.result.step]):
        texts.append(_describe_steps(other, first))
    text = "; ".join(texts) or ("" if shared else "the same settings")
    return Differences(f"{capitalize(text)}." if text else "", tuple(named))


def describe_shared_differences(
    others: Sequence[ComparedRun], first: ComparedRun, *, names_steps: bool = True
) -> Differences:
    """Describe the differences that several farther runs share from the nearest one.

    Args:
        others: The runs; at least one.
        first: The nearest run.
        names_steps: Whether to name steps that are unequal.
    """
    names = [
        name
        for name in list_differing_learning_settings([others[0].run, first.run])
        if name != "seed"
        and all(name in list_differing_learning_settings([each.run, first.run]) for each in others)
        and len({format_differing_setting(each.run, name) for each in others}) == 1
    ]
    runs = [others[0].run, first.run]
    labels = merge_learning_rates(names, runs)
    named = list(labels)[:_MAX_SETTINGS]
    texts = [_describe_setting(name, labels[name], runs) for name in named]
    if (num_more := len(labels) - len(named)) > 0:
        texts.append(f"{num_more} more setting{'' if num_more == 1 else 's'}")
    steps = sorted(each.result.step for each in others)
    if names_steps and are_worth_naming([steps[0], first.result.step]):
        start = "" if steps[0] == steps[-1] else f"{steps[0]:,} to "
        text = f"{start}{count_steps(steps[-1])} instead of {first.result.step:,}"
        explained = all(explains_distance(each, first) for each in others)
        texts.insert(0, f"{text}{_SHORTER if explained else ''}")
    text = "; ".join(texts)
    return Differences(f"{capitalize(text)}." if text else "", tuple(named))


def _describe_setting(name: str, label: str, runs: Sequence[Run]) -> str:
    """Return a run's value of a setting and that of the nearest run."""
    if name == "class_conditional":
        value, usual = (label_value(name, run.config.class_conditional) for run in runs)
        return f"{value} instead of {usual}"
    value, usual = (format_differing_setting(run, name) for run in runs)
    return f"{label} {value} instead of {usual}"


def _describe_steps(other: ComparedRun, first: ComparedRun) -> str:
    text = f"{count_steps(other.result.step)} instead of {first.result.step:,}"
    if trained_for_equal_time([other, first]):
        text += " in the same time"
    if find_busy_steps([other, first]):
        text += ", because the computer was busy"
    return text


def explains_distance(other: ComparedRun, first: ComparedRun) -> bool:
    """Return whether much shorter training explains that a run is farther than the nearest one.

    Twice the steps give about half the distance (docs/levers.md), and another seed may add to it.
    """
    steps = other.result.step, first.result.step
    if steps[0] > steps[1] or not are_much_longer(steps) or trained_for_equal_time([other, first]):
        return False
    ratio = max(other.distance, _MIN_DISTANCE) / max(first.distance, _MIN_DISTANCE)
    factor = steps[1] / max(1, steps[0])
    return ratio <= factor * find_seed_ratio(*steps, first.metric)
