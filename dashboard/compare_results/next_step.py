"""The next step after a comparison: one thing to do, or the reason to do nothing.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dashboard.charts.compared_runs import ComparedRun, are_quick, get_common_noun, select_measured
from dashboard.charts.trained_time import describe_time_trained
from dashboard.compare_results.limited_time import trained_for_equal_time
from dashboard.compare_results.measurements import (
    MissingMeasurements,
    find_newest_checkpoint,
    have_equal_scale,
)
from dashboard.compare_results.standing import Other, Standing, rank_runs
from dashboard.compare_results.sureness import judge_other, list_to_repeat
from dashboard.compare_results.unranked import list_close
from dashboard.snapshots.snapshot import ACTIVE
from dcgan.comparison.seed_ratio import find_seed_ratio, is_early
from dcgan.comparison.unequal_steps import are_much_longer
from dcgan.diagnosis.unusual_rates import RATES, describe_unusual_rate
from dcgan.wording import count_steps, join_with_and, quote_title

_MIN_DISTANCE = 1e-6  # Equal pictures have distance 0, and a ratio cannot be computed from 0.


@dataclass(frozen=True)
class NextStep:
    """The next step of a person.

    Attributes:
        kind: The action; "wait" and "nothing" have no button.
        text: The reason in a sentence or two, as plain text.
        compared_run: The run to continue, or to train with another seed; None for other kinds.
    """

    kind: Literal["continue", "measure", "race", "show race", "repeat", "wait", "nothing"]
    text: str
    compared_run: ComparedRun | None = None


def choose_next_step(
    compared: Sequence[ComparedRun],
    missing: MissingMeasurements,
    *,
    may_race: bool,
    raced_headline: str = "",
) -> NextStep | None:
    """Choose the next step after a comparison.

    Args:
        compared: The runs, from `use_measurements`.
        missing: The precise measurements that they lack.
        may_race: Whether a race can train their settings.
        raced_headline: The verdict of a race that has trained their settings; "" without one.

    Returns:
        The step; None if fewer than two runs can be compared and none of them can be measured.
    """
    if active := [each for each in compared if each.record.state in ACTIVE]:
        return NextStep("wait", _describe_active(active))
    measured = sorted(select_measured(compared), key=lambda each: each.distance)
    noun = get_common_noun(compared)
    measure = NextStep("measure", f"A measurement with {missing.num_images:,} {noun}s can decide.")
    if len({each.run.dataset.fingerprint for each in measured}) > 1:
        text = "Choose runs of the same pictures: only their distances can be compared."
        return NextStep("nothing", text)
    if len(measured) < 2 or not have_equal_scale(measured):
        return measure if missing.runs else None
    standing = rank_runs(measured, measured[0].result.real_metrics[measured[0].metric])
    if not standing.farther and len(standing.repeats) == len(standing.others):
        return NextStep("nothing", "Nothing to do: the gap shows how much the seed alone changes.")
    if missing.runs and standing.is_too_near_to_tell:
        return measure
    is_pair = len(compared) == 2  # Of more runs, sentences name two.
    if unequal := _find_unequal(standing):
        return _choose_for_equal_time(
            standing, unequal, is_pair=is_pair, may_race=may_race, raced_headline=raced_headline
        )
    if missing.runs and list_close(compared, standing):
        return measure
    if standing.farther and (own := _find_best_own(standing)) and _may_improve(own, standing):
        return NextStep("continue", _describe_short(own), own)
    if missing.runs and not standing.farther and _may_measuring_decide(standing):
        return measure
    return _choose_for_certainty(
        standing, is_pair=is_pair, may_race=may_race, raced_headline=raced_headline
    )


def _describe_active(active: Sequence[ComparedRun]) -> str:
    """Return a sentence on runs that train or are paused."""
    titles = join_with_and([quote_title(each.title) for each in active])
    if all(each.record.state == "paused" for each in active):
        return f"{titles} {'is' if len(active) == 1 else 'are'} paused, and the order may change."
    return f"{titles} still train{'s' if len(active) == 1 else ''}, and the order may change."


def _find_unequal(standing: Standing) -> ComparedRun | None:
    """Return the nearest run whose shorter training may explain that it is farther than the first.

    If chance explains the distances, the first run may be the shorter one instead.

    Returns:
        The run that trained for much shorter or longer than the first; None without any.
    """
    first = standing.first
    for other in standing.others:
        run = other.compared_run
        is_shorter = run.result.step < first.result.step
        if (
            not other.is_repeat
            and are_much_longer([run.result.step, first.result.step])
            and not trained_for_equal_time([run, first])
            and (is_shorter or not other.is_farther)
        ):
            return run
    return None


def _choose_for_equal_time(
    standing: Standing, unequal: ComparedRun, *, is_pair: bool, may_race: bool, raced_headline: str
) -> NextStep:
    """Choose the step that makes training equally long: a race, or to continue the shorter run.

    Args:
        standing: The standing.
        unequal: From `_find_unequal`.
        is_pair: Whether only these two runs are compared.
        may_race, raced_headline: As in `choose_next_step`.
    """
    if raced_headline:
        return _show_race(raced_headline)
    shorter, longer = sorted((standing.first, unequal), key=lambda each: each.result.step)
    lengths = _describe_lengths(shorter, longer, is_pair=is_pair)
    end = "so this doesn't tell which setting is better"
    if may_race:
        return NextStep("race", f"{lengths}, {end}. Race them for equal time.")
    if not shorter.run.is_read_only and find_newest_checkpoint(shorter.run) is not None:
        text = f"{lengths}. Continued, {quote_title(shorter.title)} may come as near."
        return NextStep("continue", text, shorter)
    return NextStep("nothing", f"{lengths}, {end}.")


def _describe_lengths(shorter: ComparedRun, longer: ComparedRun, *, is_pair: bool) -> str:
    """Describe the unequal training of two runs: their times, or else their steps."""
    names = [quote_title(longer.title), quote_title(shorter.title)]
    first, second = ("One", "the other") if is_pair else names
    seconds = [
        round(each.record.history[-1].seconds) if each.record.history else 0
        for each in (shorter, longer)
    ]
    if 0 < seconds[0] < seconds[1] and are_much_longer(seconds):  # Some computers are faster.
        times = [describe_time_trained(each) for each in (longer, shorter)]
        return f"{first} trained {times[0]}, {second} {times[1]}"
    steps = count_steps(longer.result.step), f"{shorter.result.step:,}"
    return f"{first} trained for {steps[0]}, {second} for {steps[1]}"


def _show_race(headline: str) -> NextStep:
    return NextStep("show race", f"You raced these settings. {headline}")


def _choose_for_certainty(
    standing: Standing, *, is_pair: bool, may_race: bool, raced_headline: str
) -> NextStep:
    """Choose a race or another seed if chance may explain the order; otherwise nothing."""
    noun = get_common_noun(standing.nearest)
    is_tie = not standing.farther
    largest = standing.others[-1].compared_run.distance
    if is_tie and largest <= standing.real_distance and not are_quick(standing.nearest):
        text = f"Nothing to do: all are as near as two sets of real {noun}s."
        return NextStep("nothing", text)
    judged = [(each, judge_other(each, standing)) for each in standing.others]
    doubted = [each for each in judged if each[1] in ("chance", "busy")]
    if is_tie and not doubted:
        doubted = [each for each in judged if each[1] == "real"]
    unsure = list_to_repeat(standing)
    reason = _describe_doubt(standing, *doubted[0], is_pair=is_pair) if doubted else ""
    if unsure and not reason:
        likely = next(each for each, sureness in judged if sureness == "likely")
        gap = _name_gap(standing, likely, is_pair=is_pair)
        reason = f"{gap} is likely more than chance, but not yet sure."
    if (doubted or len(unsure) > 1) and (may_race or raced_headline):
        if raced_headline:
            return _show_race(raced_headline)
        return NextStep("race", f"{reason} A race trains these settings for equal time.")
    to_repeat = unsure or [each for each in standing.nearest if not each.run.is_read_only]
    if reason and to_repeat:
        title = quote_title(to_repeat[0].title)
        text = f"{reason} Another seed of {title} shows how much chance matters."
        return NextStep("repeat", text, to_repeat[0])
    if reason or any(sureness == "likely" for _, sureness in judged):
        reason = reason or "The order is likely more than chance."
        return NextStep("nothing", f"{reason} These runs cannot tell more.")
    sure = next(each for each, sureness in judged if sureness == "very likely")
    gap = _name_gap(standing, sure, is_pair=is_pair)
    text = f"Nothing to do: {gap[0].lower()}{gap[1:]} is very likely more than chance."
    return NextStep("nothing", text)


def _describe_doubt(standing: Standing, other: Other, sureness: str, *, is_pair: bool) -> str:
    """Return a sentence on the cause, other than the settings, that can explain a distance."""
    gap = _name_gap(standing, other, is_pair=is_pair)
    if sureness == "busy":
        return f"The busy computer may have made {gap[0].lower()}{gap[1:]}: steps are unequal."
    return f"Chance can explain {gap[0].lower()}{gap[1:]}."


def _name_gap(standing: Standing, other: Other, *, is_pair: bool) -> str:
    """Return "The gap", with its two runs if there are more than two."""
    if is_pair:
        return "The gap"
    titles = quote_title(standing.first.title), quote_title(other.compared_run.title)
    return f"The gap between {titles[0]} and {titles[1]}"


def _find_best_own(standing: Standing) -> ComparedRun | None:
    """Return a person's nearest run; None among included runs only."""
    runs = (*standing.nearest, *standing.farther)
    return next((each for each in runs if not each.run.is_read_only), None)


def _describe_short(own: ComparedRun) -> str:
    """Return a sentence on a short run, which falls if it was measured more than once."""
    end = (
        "and its distance still falls"
        if len(_list_distances(own)) > 1
        else "and with more of them the distance usually falls"
    )
    return f"{quote_title(own.title)} has only {count_steps(own.result.step)}, {end}."


def _list_distances(own: ComparedRun) -> list[float]:
    """Return the distances of a run's evaluations, oldest first."""
    return [
        report.metrics[own.metric]
        for report in own.record.evaluations_since_change
        if own.metric in report.metrics
    ]


def _may_improve(own: ComparedRun, standing: Standing) -> bool:
    """Return whether a run is short, its distance has not risen, and it can be continued.

    With a learning rate far from the usual one, more steps rarely help.
    """
    config = own.run.config
    if any(describe_unusual_rate(name, getattr(config, name), config) for name in RATES):
        return False
    steps = own.result.step, standing.first.result.step
    is_short = is_early(steps[0], own.metric) or (are_much_longer(steps) and steps[0] < steps[1])
    values = _list_distances(own)
    falls = len(values) < 2 or values[-1] < values[-2]
    return is_short and falls and find_newest_checkpoint(own.run) is not None


def _may_measuring_decide(standing: Standing) -> bool:
    """Return whether the small number of images may hide a difference beyond chance.

    It adds about the distance of two sets of real images to each distance.
    """
    first, last = standing.first, standing.others[-1].compared_run
    bias = standing.real_distance
    near, far = (max(each.distance - bias, _MIN_DISTANCE) for each in (first, last))
    return far / near > find_seed_ratio(first.result.step, last.result.step, first.metric)
