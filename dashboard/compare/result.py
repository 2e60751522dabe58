"""The result of a comparison in sentences: which run is nearest to real images, and what differs.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.compare.comparison_table import (
    format_compared,
    list_differing_in_learning,
)
from dashboard.compare.records import ComparedRun, describe_missing, is_comparable, show_digits
from dcgan.config.setting_info import get_setting_label
from dcgan.evaluation.metric_info import format_distance, format_metric
from dcgan.runs.run_folder import Run

_DISTANCE, _RECALL = "frechet_distance", "recall"
# Runs that differ only in their seed differ by a tenth to a fifth (docs/levers.md).
_CHANCE = 1.2
# Two standard errors of the difference of two shares of 1,000 images.
_RECALL_CHANCE = 0.04
# From this ratio of steps on, the length of the training is named as a cause.
_LONGER = 1.25
_MAX_CAUSES = 4


@dataclass(frozen=True)
class Result:
    """The result of a comparison.

    Attributes:
        headline: Which run is nearest to real images, as plain text.
        notes: How sure that is, what differs, and which runs were not measured; plain text.
        best: Names of the runs that are better than another one by more than chance, and not worse
            than any. Distances below that of real images are not ranked.
    """

    headline: str
    notes: tuple[str, ...] = ()
    best: frozenset[str] = frozenset()


def compare_runs(compared: Sequence[ComparedRun]) -> Result:
    """Compare the newest distances of runs to real images."""
    measured = sorted((each for each in compared if each.record.has(_DISTANCE)), key=_get_distance)
    missing = tuple(
        f"{each.title} is not measured: {describe_missing(each.run, each.record, _DISTANCE)}."
        for each in compared
        if not each.record.has(_DISTANCE)
    )
    if not measured:
        return Result("There is no result to compare yet.", missing)
    if not is_comparable(measured, _DISTANCE):
        return Result(
            "These runs were measured with different pictures, so their results cannot be "
            "compared.",
            missing,
        )
    real_images = f"real {'digits' if show_digits(measured) else 'images'}"
    real = measured[0].record.own_evaluations[-1].real_metrics[_DISTANCE]
    scale = f"Lower is nearer; two sets of {real_images} are {format_distance(real)} apart."
    if len(measured) == 1:
        distance = format_distance(_get_distance(measured[0]))
        headline = f"{measured[0].title}: distance to {real_images} {distance}."
        return Result(headline, (scale, *missing))
    limit = max(_CHANCE * _get_distance(measured[0]), real)
    best = [each for each in measured if _get_distance(each) <= limit]
    rest = measured[len(best) :]
    sure = "Up to a fifth may be chance: another seed alone changes that much."
    notes = (
        f"{scale} {sure}",
        *_describe_variety(measured, real, real_images),
        *_describe_causes(measured, is_clear=bool(rest)),
        *missing,
    )
    winners = frozenset(each.run.name for each in best) if rest else frozenset()
    return Result(_describe_order(best, rest, real_images), notes, winners)


def _get_distance(compared: ComparedRun) -> float:
    return compared.record.own_evaluations[-1].metrics[_DISTANCE]


def _describe_order(
    best: Sequence[ComparedRun],
    rest: Sequence[ComparedRun],
    real_images: str,
) -> str:
    titles = _list_words([each.title for each in best])
    distances = _list_words([format_distance(_get_distance(each)) for each in best])
    equal = f"{titles} are equally near to {real_images} ({distances})."
    if not rest:
        return equal
    if len(best) + len(rest) == 2:
        against = format_distance(_get_distance(rest[0]))
        return f"{titles} is nearer to {real_images}: {distances} against {against}."
    order = ", ".join(f"{each.title} ({format_distance(_get_distance(each))})" for each in rest)
    if len(best) == 1:
        return f"{titles} is nearest to {real_images}: {distances}. Then: {order}."
    return f"{equal} Then: {order}."


def _describe_variety(
    measured: Sequence[ComparedRun], real: float, real_images: str
) -> tuple[str, ...]:
    """Name the run that draws more of the variety, if the distance ranks several runs no longer.

    Args:
        measured: The nearest one first.
        real: The distance of real images among themselves.
        real_images: What they are called.
    """
    recalls = sorted(
        (
            (each.record.own_evaluations[-1].metrics[_RECALL], each.title)
            for each in measured
            if _get_distance(each) < real and each.record.has(_RECALL)
        ),
        reverse=True,
    )
    if len(recalls) < 2:
        return ()
    words = (
        f"Below {format_distance(real)} the distance no longer ranks runs; look at recall, the "
        f"share of the variety of {real_images} that a run draws."
    )
    (most, title), (next_most, _), *_ = recalls
    if most - next_most < _RECALL_CHANCE:
        return (f"{words} It is about equal too.",)
    shares = " against ".join(format_metric(_RECALL, recall) for recall, _ in recalls)
    return (f"{words} {title} draws more of it: {shares}.",)


def _describe_causes(measured: Sequence[ComparedRun], *, is_clear: bool) -> tuple[str, ...]:
    """Name what differs between the runs, the better one first; the likely causes."""
    runs = [each.run for each in measured]
    names = list_differing_in_learning(runs)
    causes = [_describe_setting(name, runs) for name in names[:_MAX_CAUSES]]
    if len(names) > _MAX_CAUSES:
        causes.append(f"{len(names) - _MAX_CAUSES} more settings")
    if any(each.record.changes for each in measured):
        causes.append("settings that were changed during training")
    steps = [each.record.own_evaluations[-1].step for each in measured]
    if max(steps) >= _LONGER * min(steps):
        length = " instead of ".join(f"{step:,}" for step in steps)
        causes.append(f"measured after {length} steps" if len(steps) == 2 else "length of training")
    if not causes:
        return ("Their settings are the same.",)
    words = "They differ in"
    if is_clear:
        words = "Likely cause" if len(causes) == 1 else "Likely causes"
    return (f"{words}: {'; '.join(causes)}.",)


def _describe_setting(name: str, runs: Sequence[Run]) -> str:
    label = get_setting_label(name)
    values = [format_compared(run, name) for run in runs]
    return f"{label} {' instead of '.join(values)}" if len(values) == 2 else label


def _list_words(words: Sequence[str]) -> str:
    """Join words, such as "A, B and C"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
