"""The headline of a comparison in one short sentence, and in full with its numbers.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.charts.compared_runs import ComparedRun, are_quick
from dashboard.compare_results.causes import explains_distance
from dashboard.compare_results.standing import Standing, rank_runs
from dashboard.compare_results.sureness import judge_other
from dcgan.evaluation.main_metric import get_distance
from dcgan.evaluation.metric_info import format_distance
from dcgan.wording import count_steps, join_with_and, quote_title, shorten

_MAX_NAMED = 2  # Runs of a long list that are named.
# Characters of titles in a heading, which then has about 90.
_LENGTH_OF_ONE, _LENGTH_OF_TWO = 36, 22


def describe_answer(standing: Standing, noun: str, *, is_unfinished: bool) -> str:
    """Return the nearest runs, and whether it may be chance, in a sentence for a heading.

    Args:
        standing, noun, is_unfinished: As in `describe_standing`.
    """
    nearest = standing.nearest
    if standing.is_uneven:
        text = "No verdict: the computer was busy while they trained."
    elif not standing.farther and len(nearest) == 1 + len(standing.repeats):
        text = "No real difference: only the seed differs."
    elif not standing.farther:
        many = f"All {len(nearest)}" if len(nearest) > _MAX_NAMED else "Both"
        names = _name_short(nearest) or many
        if standing.is_too_near_to_tell:
            names = names if names[0] == "“" else names.lower()
            return f"Not decided: {names} are too near to real {noun}s for a quick distance."
        text = f"{names} are about equally near to real {noun}s."
    else:
        nearer = "nearer" if len(nearest) + len(standing.farther) == _MAX_NAMED else "nearest"
        names = _name_short(nearest) or f"{len(nearest)} runs"
        are = "is" if len(nearest) == 1 else "are"
        text = f"{names} {are} {nearer} to real {noun}s, {_judge_chance(standing)}."
    if not is_unfinished:
        return text
    return f"So far, {f'{text[0].lower()}{text[1:]}' if text[0].isalpha() else text}"


def name_nearest(nearest: Sequence[ComparedRun], noun: str) -> str:
    """Return a sentence for a heading that names the nearest runs, far before all others."""
    are = "is" if len(nearest) == 1 else "are"
    names = _name_short(nearest) or f"{len(nearest)} runs"
    return f"{names} {are} nearest to real {noun}s, very likely not by chance."


def _judge_chance(standing: Standing) -> str:
    """Return the end of a sentence on what may explain that runs are farther than the nearest."""
    farther = [each for each in standing.others if each.is_farther]
    if any(explains_distance(each.compared_run, standing.first) for each in farther):
        return f"but {'it' if len(standing.nearest) == 1 else 'they'} trained longer"
    sureness = {judge_other(each, standing) for each in farther}
    return f"{'very likely' if sureness == {'very likely'} else 'likely'} not by chance"


def _name_short(runs: Sequence[ComparedRun]) -> str:
    """Name one run, with a long title cut, or two with short titles; "" for others."""
    if len(runs) == 1:
        return quote_title(shorten(runs[0].title, _LENGTH_OF_ONE))
    # The beginnings of two titles are often the same.
    if len(runs) > _MAX_NAMED or any(len(each.title) > _LENGTH_OF_TWO for each in runs):
        return ""
    return join_with_and([quote_title(each.title) for each in runs])


def describe_standing(standing: Standing, noun: str, lead: str = "", *, is_unfinished: bool) -> str:
    """Return a headline on which runs are nearest to real images.

    Args:
        standing: The standing of at least two runs.
        noun: "digit" or "picture".
        lead: The end of the sentence on a tie, such as "“A” draws more …"; "" for none.
        is_unfinished: Whether the order may change soon (`are_unfinished`).
    """
    headline = f"{_describe_order(standing, noun)}{f'; {lead}' if lead else ''}."
    if headline.startswith("No "):
        headline = f"{headline[0].lower()}{headline[1:]}" if is_unfinished else headline
    if is_unfinished:
        steps = sorted(each.result.step for each in [*standing.nearest, *standing.farther])
        start = "" if steps[0] == steps[-1] else f"{steps[0]:,} to "
        headline = f"So far, after {start}{count_steps(steps[-1])}: {headline}"
    if len(standing.farther) > _MAX_NAMED and (own := standing.own_behind_included):
        nearest = rank_runs(own, standing.real_distance).nearest
        equally = ", about equally" if len(nearest) > 1 else ""
        headline += f" Nearest of your own{equally}: {_list_some(nearest, is_first=False)}."
    return headline


def list_unranked(compared: Sequence[ComparedRun]) -> str:
    """Return a sentence with quick distances that have no place beside precise ones; or ""."""
    if len(compared) > _MAX_NAMED:
        return f"Not ranked: {len(compared)} runs with only a quick distance."
    return f"Not ranked: {list_quick(compared)}." if compared else ""


def list_quick(compared: Sequence[ComparedRun]) -> str:
    """List runs with their quick distances, which are not those by which others are ranked."""
    texts = [
        f"{quote_title(each.title)} (quick distance {format_distance(get_distance(each.unranked))})"
        for each in compared
        if each.unranked
    ]
    if len(texts) > _MAX_NAMED + 1:
        texts = [*texts[:_MAX_NAMED], f"{len(texts) - _MAX_NAMED} more"]
    return join_with_and(texts)


def _describe_order(standing: Standing, noun: str) -> str:
    nearest, farther = standing.nearest, standing.farther
    has_only_repeats = len(nearest) == 1 + len(standing.repeats)
    if has_only_repeats and not farther:
        kind = "Quick distances" if are_quick(nearest) else "Distances"
        values = f"{kind} to real {noun}s: {_list_distances(nearest)}"
        names = f"between {_name_repeats(nearest)}"
        return f"No real difference: only the seed differs {names}. {values}"
    if standing.is_uneven:
        return f"No verdict, as the computer was busy: {_list_some(nearest)}"
    if not farther:
        return f"{_list_some(nearest)} are about equally near to real {noun}s"
    if len(nearest) == len(farther) == 1:
        other = _list_some(farther, is_first=False)
        return f"{_list_some(nearest)} is nearer to real {noun}s than {other}"
    if len(nearest) == 1:
        text = f"{_list_some(nearest)} is nearest to real {noun}s"
    elif has_only_repeats:
        values = f"{'quick distances ' if are_quick(nearest) else ''}{_list_distances(nearest)}"
        text = f"{_name_repeats(nearest)} ({values}: chance) are nearest to real {noun}s"
    else:
        text = f"{_list_some(nearest)} are nearest to real {noun}s, about equally"
    if len(farther) > _MAX_NAMED:
        return f"{text}; the other {len(farther)} are farther"
    are = "is" if len(farther) == 1 else "are"
    return f"{text}; {_list_some(farther, is_first=False)} {are} farther"


def _name_repeats(runs: Sequence[ComparedRun]) -> str:
    """Return a run and its repeats, such as "“A” and its repeat with seed 1"."""
    first, *repeats = runs
    title = quote_title(first.title)
    if len(repeats) == 1:
        return f"{title} and its repeat with seed {repeats[0].run.config.seed}"
    return f"{title} and its {len(repeats)} repeats"


def _list_distances(runs: Sequence[ComparedRun]) -> str:
    """List the distances of a few runs, or the smallest and the largest of many."""
    distances = [format_distance(each.distance) for each in runs]
    if len(runs) > _MAX_NAMED:
        return f"{distances[0]} to {distances[-1]}"
    return join_with_and(distances)


def _list_some(runs: Sequence[ComparedRun], *, is_first: bool = True) -> str:
    """List runs with their distances; of many, the first ones and the number of the others.

    Args:
        runs: The runs, the smallest distance first.
        is_first: Whether the sentence begins with them, and calls quick distances so.
    """
    texts = [
        f"{quote_title(compared_run.title)} ({format_distance(compared_run.distance)})"
        for compared_run in runs
    ]
    if is_first and are_quick(runs):
        distance = format_distance(runs[0].distance)
        texts[0] = f"{quote_title(runs[0].title)} (quick distance {distance})"
    if len(runs) > _MAX_NAMED + 1:
        more = f"{len(runs) - _MAX_NAMED} more (up to {format_distance(runs[-1].distance)})"
        texts = [*texts[:_MAX_NAMED], more]
    return join_with_and(texts)
