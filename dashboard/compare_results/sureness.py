"""The lines of the other runs: factor of the distance, certainty, and what differs.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from dashboard.charts.compared_runs import ComparedRun
from dashboard.compare_results.causes import (
    Differences,
    describe_differences,
    describe_shared_differences,
)
from dashboard.compare_results.explanations import Explanation, explain_chance_in, list_settings_in
from dashboard.compare_results.limited_time import describe_speeds, find_busy_steps
from dashboard.compare_results.standing import Other, Standing
from dcgan.comparison.certainty import describe_certainty, describe_seed_chance
from dcgan.comparison.unequal_steps import are_worth_naming, describe_busy_computer
from dcgan.wording import capitalize, format_ratio, quote_title

# The causes that can explain that a run is farther than the nearest one.
Sureness = Literal[
    "repeat",  # Only the seed differs.
    "real",  # Two sets of real images are as far apart.
    "chance",
    "busy",  # Steps that a busy computer did not make.
    "likely",  # Likely more than chance.
    "very likely",  # Very likely more than chance.
]
_MAX_LINES = 6  # Of more runs, the charts and tables show the rest.


def describe_others(standing: Standing, noun: str) -> tuple[Explanation, ...]:
    """Describe each other run beside the nearest one, the smallest distance first."""
    first = standing.first
    own = standing.own_behind_included
    lines = [_describe_own(standing)] if len(own) > 1 else []
    others = [other for other in standing.others if len(own) < 2 or other.compared_run not in own]
    included = [
        other.compared_run
        for other in others[:_MAX_LINES]
        if other.compared_run.run.is_read_only and not first.run.is_read_only
    ]
    shared = Differences("", ())
    if len(included) > 1:
        shared = describe_shared_differences(included, first, names_steps=False)
    for other in others[:_MAX_LINES]:
        differences = describe_differences(
            other.compared_run,
            first,
            is_farther=other.is_farther,
            shared=shared.settings if other.compared_run in included else (),
        )
        ratio = format_ratio(*other.difference.ratios)
        title = quote_title(first.title)
        if ratio == "1.0 times":
            distance = f"About as far as {title}."
        else:
            sureness = _describe_sureness(other, standing, noun)
            distance = f"{capitalize(ratio)} as far as {title}{sureness}."
        topic = quote_title(other.compared_run.title)
        text = f"{distance} {differences.text}".rstrip()
        lines.append(Explanation(topic, text, differences.settings))
    if shared.text:
        lines.append(Explanation("The included runs", shared.text, shared.settings))
    if more := others[_MAX_LINES:]:
        ratio = format_ratio(*more[-1].difference.ratios)
        lines.append(Explanation(f"{len(more)} more", f"Up to {ratio} as far."))
    return tuple(lines)


def _describe_own(standing: Standing) -> Explanation:
    """Describe what all of a person's runs have otherwise than the included run before them."""
    first, own = standing.first, standing.own_behind_included
    others = [each for each in standing.others if each.compared_run in own]
    shown = [format_ratio(*each.difference.ratios).removesuffix(" times") for each in others]
    span = (
        f"{shown[0]} to {shown[-1].removeprefix('about ')} times"
        if shown[0] != shown[-1]
        else f"{shown[0]} times"
    )
    least = min(others, key=lambda each: each.difference.is_very_clear)
    certainty = describe_certainty(least.difference)
    differences = describe_shared_differences(own, first)
    text = f"Your {len(own)} runs are {span} as far, {certainty.lower()} more than chance."
    text = f"{text} {differences.text}".rstrip()
    return Explanation(f"Beside {quote_title(first.title)}", text, differences.settings)


def explain_sureness(standing: Standing) -> tuple[Explanation, ...]:
    """Explain the difference that another seed can make; () if real images are as far apart."""
    first = standing.first
    ranked = [
        other for other in standing.others if other.compared_run.distance > standing.real_distance
    ]
    if not ranked:
        return ()
    differences = [other.difference for other in ranked]
    text = describe_seed_chance(max(differences, key=lambda each: each.chance_ratio))
    leads = (_find_lead(first, other) for other in ranked if not other.is_repeat)
    if busy := next(filter(None, leads), ()):
        text = f"{text} {describe_busy_computer(busy, 'train again')}"
    details = explain_chance_in(text, first.metric)
    return (Explanation("How sure", text, list_settings_in(text), details=details),)


def explain_speeds(measured: Sequence[ComparedRun]) -> tuple[Explanation, ...]:
    """Explain that a busy computer has slowed some runs down; () if it has not."""
    text = describe_speeds(measured)
    return (Explanation("Busy computer", text),) if text else ()


def judge_other(other: Other, standing: Standing) -> Sureness:
    """Judge whether chance can explain that a run is farther than the nearest one.

    All sentences of a comparison, those of its lines and that of its next step, follow this.
    """
    if other.is_repeat:
        return "repeat"
    if other.is_farther:
        if _find_lead(standing.first, other):
            return "busy"
        return "very likely" if other.difference.is_very_clear else "likely"
    if other.compared_run.distance <= standing.real_distance:
        return "real"
    return "busy" if other.difference.is_uneven else "chance"


def _describe_sureness(other: Other, standing: Standing, noun: str) -> str:
    """Return the end of a clause on a ratio of distances."""
    sureness = judge_other(other, standing)
    if sureness == "repeat":
        steps = other.compared_run.result.step, standing.first.result.step
        has_fewer = are_worth_naming(steps) and steps[0] < steps[1]
        return f", by chance{' and fewer steps' if has_fewer else ''}: the settings are the same"
    if sureness == "busy":
        more = ", more than the fewer steps explain"
        return more if other.is_farther else ", which its fewer steps explain"
    if sureness == "real":
        return f", but two sets of real {noun}s are as far apart"
    if sureness == "chance":
        return ", which may be chance"
    return f", {sureness} more than chance"


def _find_lead(first: ComparedRun, other: Other) -> tuple[int, ...]:
    """Return unequal steps that a busy computer made, if the nearest run made more; else ()."""
    steps = find_busy_steps([first, other.compared_run])
    return steps if steps and steps[0] > steps[1] else ()


def list_to_repeat(standing: Standing) -> list[ComparedRun]:
    """Return the runs that another seed should confirm: the nearest, and one likely farther."""
    unsure = [
        each.compared_run
        for each in standing.others
        if each.is_farther and not each.difference.is_very_clear
    ]
    if not unsure:
        return []
    repeated = [] if standing.repeats else [standing.first]
    return [each for each in [*repeated, unsure[0]] if not each.run.is_read_only]
