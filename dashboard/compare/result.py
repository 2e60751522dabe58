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
_EARLY_STEP = 1500
# Ratio of the distances of two runs that differ only in their seed, by the number of runs that
# were measured early in training. Late they are a tenth to a fifth apart (docs/levers.md), early a
# factor of 1.7 (docs/experiments.md); one of each: exp(sqrt((ln(1.2)^2 + ln(1.7)^2) / 2)).
_CHANCE_RATIOS = (1.2, 1.5, 1.7)
_CHANCE_STAGES = ("", " while one of them is so early in training", " so early in training")
_VERY_SURE = 5 / 3  # From this multiple of the ratio that chance makes on.
_SHARES = (_RECALL, "precision")  # Metrics that decide if the distances do not.
# Two standard errors of the difference of two shares of 1,000 images.
_SHARE_CHANCE = 0.04
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
        place: The place of the best runs, such as "nearest"; "" without any.
    """

    headline: str
    notes: tuple[Note, ...] = ()
    best: frozenset[str] = frozenset()
    place: str = ""


def compare_runs(compared: Sequence[ComparedRun]) -> Result:
    """Compare the newest distances of runs to real images."""
    measured = sorted((each for each in compared if each.record.has(_DISTANCE)), key=_get_distance)
    missing = tuple(
        Note(
            "Not measured",
            f"{quote(each.title)}: {describe_missing(each.run, each.record, _DISTANCE)}.",
        )
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
        headline = f"{quote(measured[0].title)}: distance to {real_images} {distance}."
        return Result(headline, (scale, *missing))
    best = [
        each
        for each in measured
        if _get_distance(each)
        <= max(_get_chance(measured[0], each)[0] * _get_distance(measured[0]), real)
    ]
    others = measured[len(best) :]
    leader = _find_leader(best) if len(best) > 1 else None
    # Below the distance of real images, distances do not rank runs.
    is_leader_nearest = leader is best[0] and _get_distance(best[-1]) >= real
    if leader is None or not is_leader_nearest:
        headline = _describe_order(best, others, real_images)
        if leader is not None:
            headline = f"{headline[:-1]}; {_describe_lead(leader, best)}."
        sureness = _describe_sureness(best, others, real, real_images)
        winners, place = (
            best if others else [],
            "nearest" if len(best) == 1 else "among the nearest",
        )
    else:
        headline = _describe_probable_order(leader, measured, real_images)
        sureness = (
            "Probably: chance alone, such as another seed, can make one distance up to "
            f"{_describe_chance(*best[:2])}, but {_describe_lead(leader, best)}. Recall is the "
            f"share of the variety of {real_images} that a run draws."
        )
        winners, place = [leader], "probably nearest"
    notes = (
        scale,
        Note("How sure", sureness),
        *_describe_variety(measured, real, real_images),
        _describe_causes(measured, is_clear=bool(others) or is_leader_nearest),
        *missing,
    )
    names = frozenset(each.run.name for each in winners)
    return Result(headline, notes, names, place if names else "")


def quote(title: str) -> str:
    """Put a run's title in quotes, so that a comma in it does not look like that of a list."""
    return f"“{title}”"


def _get_distance(compared: ComparedRun) -> float:
    return compared.record.own_evaluations[-1].metrics[_DISTANCE]


def _get_chance(first: ComparedRun, second: ComparedRun) -> tuple[float, str]:
    """Return the ratio of the distances of two runs that chance makes, and when it does."""
    return find_chance(*(each.record.own_evaluations[-1].step for each in (first, second)))


def find_chance(*steps: int) -> tuple[float, str]:
    """Return the ratio of two distances that chance makes, and when it does, as the end of a text.

    Args:
        *steps: The two steps at which they were measured.
    """
    num_early = sum(step < _EARLY_STEP for step in steps)
    return _CHANCE_RATIOS[num_early], _CHANCE_STAGES[num_early]


def _describe_chance(first: ComparedRun, second: ComparedRun) -> str:
    ratio, stage = _get_chance(first, second)
    return f"{ratio:.1f} times the other{stage}"


def _find_leader(tied: Sequence[ComparedRun]) -> ComparedRun | None:
    """Return the run with better recall or precision than all others, and neither worse."""

    def leads(each: ComparedRun, other: ComparedRun) -> bool:
        gains = _compute_gains(each, other)
        return max(gains, default=0.0) > _SHARE_CHANCE and min(gains) >= -_SHARE_CHANCE

    return next(
        (each for each in tied if all(leads(each, other) for other in tied if other is not each)),
        None,
    )


def _compute_gains(each: ComparedRun, other: ComparedRun) -> list[float]:
    """Compute how much higher a run's recall and precision are than another's."""
    metrics, others = (one.record.own_evaluations[-1].metrics for one in (each, other))
    return [metrics[name] - others[name] for name in _SHARES if name in metrics and name in others]


def _describe_lead(leader: ComparedRun, tied: Sequence[ComparedRun]) -> str:
    """Describe by which metrics a run leads the others, such as "A has the higher recall …"."""
    leads = []
    for name in _SHARES:
        lead, *rest = (
            each.record.own_evaluations[-1].metrics.get(name)
            for each in (leader, *(each for each in tied if each is not leader))
        )
        known = [value for value in rest if value is not None]
        if lead is not None and known and lead - max(known) > _SHARE_CHANCE:
            against = join_with_and([format_metric(name, value) for value in known])
            leads.append(f"the higher {name} ({format_metric(name, lead)} against {against})")
    better = join_with_and(leads) or "the better recall and precision together"
    return f"{quote(leader.title)} has {better}"


def _describe_probable_order(
    leader: ComparedRun, measured: Sequence[ComparedRun], real_images: str
) -> str:
    distances = [format_distance(_get_distance(each)) for each in measured]
    title = quote(leader.title)
    if len(measured) > 2:
        return f"{title} is probably nearest to {real_images} ({distances[0]})."
    return f"{title} is probably nearer to {real_images}: {distances[0]} against {distances[1]}."


def _describe_order(
    best: Sequence[ComparedRun], others: Sequence[ComparedRun], real_images: str
) -> str:
    titles = join_with_and([quote(each.title) for each in best])
    distances = join_with_and([format_distance(_get_distance(each)) for each in best])
    if len(best) > 1:
        return f"{titles} are about equally near to {real_images} ({distances})."
    if len(others) > 1:
        return f"{titles} is nearest to {real_images} ({distances})."
    against = format_distance(_get_distance(others[0]))
    return f"{titles} is nearer to {real_images}: {distances} against {against}."


def _describe_sureness(
    best: Sequence[ComparedRun], others: Sequence[ComparedRun], real: float, real_images: str
) -> str:
    """Compare the difference of distances with that which chance alone makes."""
    alone = "chance alone, such as another seed, can make it up to"
    if not others:
        if _get_distance(best[-1]) <= real:
            return f"Too close to call: nearer than two sets of {real_images} are to each other."
        ratio = _get_distance(best[-1]) / _get_distance(best[0])
        return (
            f"Too close to call: one distance is {format_ratio(ratio)} the other, and {alone} "
            f"{_describe_chance(best[0], best[-1])}."
        )
    ratio = _get_distance(others[0]) / _get_distance(best[0])
    chance, stage = _get_chance(best[0], others[0])
    is_sure = ratio >= _VERY_SURE * chance
    answer = "Very" if is_sure else "Fairly"
    first, worse = (quote(each.title) for each in (best[0], others[0]))
    if len(best) > 1:
        # The headline names all of them, so a person would take the answer for theirs.
        titles = join_with_and([quote(each.title) for each in best])
        answer = f"{titles} are too close to call. {answer} sure that {worse} is worse"
        difference = f"its distance is {format_ratio(ratio)} that of {first}"
    else:
        difference = f"the distance of {worse} is {format_ratio(ratio)} that of {first}"
    advice = "" if is_sure else " To be sure, train each once more with another seed."
    return f"{answer}: {difference}, and {alone} {chance:.1f} times{stage}.{advice}"


def format_ratio(ratio: float) -> str:
    """Format a ratio with two significant digits, such as "1.8 times" or "about 1,300 times"."""
    return f"{ratio:.1f} times" if ratio < 10 else f"about {float(f'{ratio:.2g}'):,.0f} times"


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
    if most - next_most < _SHARE_CHANCE:
        return (Note("Variety", f"{advice} It is about equal too."),)
    shares = " against ".join(format_metric(_RECALL, recall) for recall, _ in recalls)
    return (Note("Variety", f"{advice} {quote(title)} draws more of it: {shares}."),)


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
    if "_" not in answer.partition(" ")[0]:  # Not beta_1, which is a name.
        answer = answer[0].upper() + answer[1:]
    return Note(question, f"{answer}.")


def _describe_setting(name: str, runs: Sequence[Run]) -> str:
    label = get_setting_label(name)
    values = [format_compared(run, name) for run in runs]
    return f"{label} {' instead of '.join(values)}" if len(values) == 2 else label


def join_with_and(texts: Sequence[str]) -> str:
    """Join texts, such as "A, B and C"."""
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))
