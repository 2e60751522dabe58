"""The result of a comparison in sentences: which run is nearest to real images, and what differs.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dashboard.compare.comparison_table import (
    format_compared,
    list_differing_in_learning,
)
from dashboard.compare.records import ComparedRun, describe_missing, have_digits, is_comparable
from dcgan.config.setting_info import get_setting_label
from dcgan.evaluation.metric_info import format_distance, format_metric
from dcgan.runs.run_folder import Run

_DISTANCE, _RECALL = "frechet_distance", "recall"
# Distances of runs that differ only in their seed: a tenth to a fifth apart (docs/levers.md), but
# early in training by a factor of 1.7 (docs/experiments.md).
_CHANCE, _CHANCE_EARLY, _EARLY_STEP = 1.2, 1.7, 1500
_VERY_SURE = 2.0  # From this ratio of distances on.
# Two standard errors of the difference of two shares of 1,000 images.
_RECALL_CHANCE = 0.04
# With this ratio of steps or a larger one, the length of training is named as a cause.
_MIN_STEPS_RATIO = 1.25
_MAX_CAUSES = 4


class Note(NamedTuple):
    """A note on a result: the question that it answers, and the answer; plain text."""

    question: str
    answer: str


@dataclass(frozen=True)
class Result:
    """The result of a comparison.

    Attributes:
        headline: Which run is nearest to real images, as plain text.
        notes: How sure that is, what differs, and which runs were not measured.
        best: Names of the runs that are better than another one by more than chance, and not worse
            than any. Distances below that of real images are not ranked.
    """

    headline: str
    notes: tuple[Note, ...] = ()
    best: frozenset[str] = frozenset()


def compare_runs(compared: Sequence[ComparedRun]) -> Result:
    """Compare the newest distances of runs to real images."""
    measured = sorted((each for each in compared if each.record.has(_DISTANCE)), key=_get_distance)
    missing = tuple(
        Note("Not measured", f"{each.title}: {describe_missing(each.run, each.record, _DISTANCE)}.")
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
    real_images = f"real {'digits' if have_digits(measured) else 'images'}"
    real = measured[0].record.own_evaluations[-1].real_metrics[_DISTANCE]
    scale = Note(
        "The number",
        f"The distance to {real_images}: lower is nearer. Two sets of {real_images} are "
        f"{format_distance(real)} apart.",
    )
    if len(measured) == 1:
        distance = format_distance(_get_distance(measured[0]))
        headline = f"{measured[0].title}: distance to {real_images} {distance}."
        return Result(headline, (scale, *missing))
    is_early = min(each.record.own_evaluations[-1].step for each in measured) < _EARLY_STEP
    chance = _CHANCE_EARLY if is_early else _CHANCE
    limit = max(chance * _get_distance(measured[0]), real)
    best = [each for each in measured if _get_distance(each) <= limit]
    others = measured[len(best) :]
    notes = (
        scale,
        Note("How sure", _describe_sureness(best, others, chance)),
        *_describe_variety(measured, real, real_images),
        _describe_causes(measured, is_clear=bool(others)),
        *missing,
    )
    winners = frozenset(each.run.name for each in best) if others else frozenset()
    return Result(_describe_order(best, others, real_images), notes, winners)


def _get_distance(compared: ComparedRun) -> float:
    return compared.record.own_evaluations[-1].metrics[_DISTANCE]


def _describe_order(
    best: Sequence[ComparedRun], others: Sequence[ComparedRun], real_images: str
) -> str:
    titles = _join_with_and([each.title for each in best])
    distances = _join_with_and([format_distance(_get_distance(each)) for each in best])
    if len(best) > 1:
        return f"{titles} are about equally near to {real_images} ({distances})."
    if len(others) > 1:
        return f"{titles} is nearest to {real_images} ({distances})."
    against = format_distance(_get_distance(others[0]))
    return f"{titles} is nearer to {real_images}: {distances} against {against}."


def _describe_sureness(
    best: Sequence[ComparedRun], others: Sequence[ComparedRun], chance: float
) -> str:
    """Compare the difference of distances with that which chance alone makes."""
    alone = (
        f"another seed alone makes a factor of up to {chance:.1f}"
        f"{' so early in training' if chance == _CHANCE_EARLY else ''}"
    )
    if not others:
        ratio = _get_distance(best[-1]) / _get_distance(best[0])
        return f"Too close to call: the distances differ by a factor of {ratio:,.1f}; {alone}."
    ratio = _get_distance(others[0]) / _get_distance(best[0])
    is_sure = ratio >= _VERY_SURE * (chance / _CHANCE)
    answer = "Very" if is_sure else "Fairly"
    if len(best) > 1:
        # The headline names all of them, so a person would take the answer for theirs.
        titles = _join_with_and([each.title for each in best])
        answer = f"{titles} are too close to call. {answer} sure that {others[0].title} is worse"
    advice = "" if is_sure else ", so train each with a second seed to be sure"
    difference = f"{others[0].title} is {ratio:,.1f} times as far away as {best[0].title}"
    return f"{answer}: {difference}; {alone}{advice}."


def _describe_variety(
    measured: Sequence[ComparedRun], real: float, real_images: str
) -> tuple[Note, ...]:
    """Name the run that draws more of the variety, if the distance ranks several runs no longer.

    Args:
        measured: The runs, the nearest to real images first.
        real: The distance between two sets of real images.
        real_images: "real digits" or "real images".

    Returns:
        One note; none if fewer than two runs have so small a distance.
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
    advice = (
        f"Below {format_distance(real)} the distance no longer ranks runs; look at recall, the "
        f"share of the variety of {real_images} that a run draws."
    )
    (most, title), (next_most, _), *_ = recalls
    if most - next_most < _RECALL_CHANCE:
        return (Note("Variety", f"{advice} It is about equal too."),)
    shares = " against ".join(format_metric(_RECALL, recall) for recall, _ in recalls)
    return (Note("Variety", f"{advice} {title} draws more of it: {shares}."),)


def _describe_causes(measured: Sequence[ComparedRun], *, is_clear: bool) -> Note:
    """Name what differs between the runs, the better one first; the likely causes."""
    runs = [each.run for each in measured]
    names = list_differing_in_learning(runs)
    has_other_seed = "seed" in names
    names = [name for name in names if name != "seed"]
    causes = [_describe_setting(name, runs) for name in names[:_MAX_CAUSES]]
    if len(names) > _MAX_CAUSES:
        causes.append(f"{len(names) - _MAX_CAUSES} more settings")
    if any(each.record.changes for each in measured):
        causes.append("settings that were changed during training")
    steps = [each.record.own_evaluations[-1].step for each in measured]
    if max(steps) >= _MIN_STEPS_RATIO * min(steps):
        length = " instead of ".join(f"{step:,}" for step in steps)
        causes.append(
            f"measured after {length} steps"
            if len(steps) == 2
            else f"length of training ({min(steps):,} to {max(steps):,} steps)"
        )
    question = "Why" if is_clear else "What differs"
    if not causes:
        same = (
            "Only their seed, so it is chance" if has_other_seed else "Their settings are the same"
        )
        return Note(question, f"{same}.")
    if has_other_seed and not is_clear:
        causes.append("seed")
    answer = "; ".join(causes)
    if is_clear:
        answer = f"Probably {'this' if len(causes) == 1 else 'one of these'}: {answer}"
    return Note(question, f"{answer[0].upper()}{answer[1:]}.")


def _describe_setting(name: str, runs: Sequence[Run]) -> str:
    label = get_setting_label(name)
    values = [format_compared(run, name) for run in runs]
    return f"{label} {' instead of '.join(values)}" if len(values) == 2 else label


def _join_with_and(texts: Sequence[str]) -> str:
    """Join texts, such as "A, B and C"."""
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))
