"""Runs of one race in a comparison: its measurements and verdict. Imports no Streamlit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dashboard.charts.compared_runs import (
    ComparedRun,
    get_common_noun,
    read_current_record,
    select_measured,
)
from dashboard.compare_results.causes import describe_differences
from dashboard.compare_results.explanations import (
    Explanation,
    describe_scale,
    explain_chance_in,
    list_settings_in,
)
from dashboard.compare_results.measurements import use_measurements
from dashboard.compare_results.result import Result, compare_runs
from dashboard.compare_results.variety import describe_variety
from dashboard.run_facts.raced_runs import RacedRun, find_common_race
from dashboard.snapshots.snapshot import Snapshot
from dcgan.errors import RunError
from dcgan.runs.run_folder import Run
from dcgan.sweeps.race import Race
from dcgan.sweeps.race_verdict import judge_race
from dcgan.wording import name_middle, quote_title

_MAX_HEADING = 90  # Characters.
# The end of a first clause. Names in quotation marks, and names in a list, have commas themselves.
_FIRST_CLAUSE = re.compile(r"(?:“[^”]*”|[^“:;]|[:;](?! ))+")


def read_runs(
    runs: Sequence[Run],
    snapshot: Snapshot,
    colors: Mapping[str, int],
    labels: Mapping[str, str],
    raced_runs: Mapping[str, RacedRun],
) -> tuple[list[ComparedRun], list[str]]:
    """Read the records of runs.

    Args:
        runs: The runs.
        snapshot: The trainer's snapshot.
        colors: Index of the colour of each, by name.
        labels: Their labels by name.
        raced_runs: The runs of races by name.

    Returns:
        The runs, from `use_measurements`; and a sentence for each run that cannot be read.
    """
    compared, problems = [], []
    for run in runs:
        try:
            record = read_current_record(run, snapshot)
        except RunError as error:
            problems.append(str(error))
        else:
            raced_run = raced_runs.get(run.name)
            seconds = None if raced_run is None else raced_run.race.seconds
            title, color = labels[run.name], colors[run.name]
            compared.append(ComparedRun(run, title, record, color, race_seconds=seconds))
    return use_measurements(compared, raced_runs), problems


def compare_with_races(
    compared: Sequence[ComparedRun],
    raced_runs: Mapping[str, RacedRun],
    *,
    is_doubtful: bool = False,
) -> Result:
    """Use the race's verdict if all runs belong to one race; otherwise compare their distances.

    Args:
        compared: The runs, from `use_measurements`.
        raced_runs: The runs of races by name.
        is_doubtful: As for `judge_race`.
    """
    race = find_common_race([raced_runs.get(compared_run.run.name) for compared_run in compared])
    if race is not None and all(_is_of_race(each, raced_runs[each.run.name]) for each in compared):
        variant_indices = sorted(
            {raced_runs[compared_run.run.name].variant_index for compared_run in compared}
        )
        if len(variant_indices) > 1:
            return _compare_variants(
                race, variant_indices, compared, raced_runs, is_doubtful=is_doubtful
            )
    return compare_runs(compared)


def choose_sides(raced_runs: Mapping[str, RacedRun], names: Sequence[str]) -> tuple[str, str]:
    """Choose the first run and the next one, which is of another variant in a race.

    Their order is that of the chosen runs: a new measurement moves no picture.

    Args:
        raced_runs: The runs of races by name.
        names: Names of the runs to choose from, at least one.

    Returns:
        Their names; the same name twice if there is only one run.
    """
    first, *others = names
    raced = [raced_runs.get(name) for name in names]
    if find_common_race(raced) is not None:  # Two seeds of one variant would show no difference.
        variant = raced_runs[first].variant_index
        others.sort(key=lambda name: raced_runs[name].variant_index == variant)
    return first, next(iter(others), first)


def _is_of_race(compared_run: ComparedRun, raced_run: RacedRun) -> bool:
    """Return whether a run is compared by the measurement of its race."""
    of_race = raced_run.get_measurement(compared_run.record.step)
    return of_race is not None and compared_run.measurement is not None


def _compare_variants(
    race: Race,
    variant_indices: Sequence[int],
    compared: Sequence[ComparedRun],
    raced_runs: Mapping[str, RacedRun],
    *,
    is_doubtful: bool,
) -> Result:
    """Compare some variants by the race's verdict."""
    verdict = judge_race(race.select_variants(variant_indices), is_doubtful=is_doubtful)
    measured = sorted(select_measured(compared), key=lambda compared_run: compared_run.distance)
    if verdict is None:  # The variants were measured with different seeds.
        return compare_runs(compared)
    winner = None if verdict.winner is None else variant_indices[verdict.winner]
    sureness = " ".join(filter(None, (verdict.caution, verdict.reason)))
    noun = get_common_noun(compared)
    result = measured[0].result
    real_distance = result.real_metrics.get(measured[0].metric, 0.0)
    scale = describe_scale(measured, real_distance, noun)
    if (num := race.num_seeds) > 1:
        text = f"The headline has the {name_middle(num)} of each setting's {num} runs."
        scale = scale._replace(text=f"{scale.text} {text}")
    representatives = sorted(
        _choose_representatives(compared, raced_runs),
        key=lambda compared_run: (
            raced_runs[compared_run.run.name].variant_index != winner,
            compared_run.distance,
        ),
    )
    return Result(
        verdict.headline,
        (
            scale,
            Explanation(
                "How sure",
                sureness,
                list_settings_in(sureness),
                details=explain_chance_in(sureness, race.metric, race.num_seeds),
            ),
            *describe_variety(measured, measured if winner is None else (), real_distance, noun),
            _describe_variants(representatives, has_winner=winner is not None),
        ),
        frozenset(
            compared_run.run.name
            for compared_run in compared
            if raced_runs[compared_run.run.name].variant_index == winner
        ),
        "nearest" if winner is not None else "",
        answer=_shorten(verdict.headline),
        is_doubted=bool(verdict.caution),
    )


def _shorten(headline: str) -> str:
    """Return the first clause of the headline of a race if it is too long for a heading, or ""."""
    if len(headline) <= _MAX_HEADING:
        return ""
    clause = _FIRST_CLAUSE.match(headline)
    return "" if clause is None else f"{clause.group().removesuffix('.')}."


def _describe_variants(representatives: Sequence[ComparedRun], *, has_winner: bool) -> Explanation:
    """Describe what each variant has otherwise than the nearest one.

    Args:
        representatives: A run of each variant, the nearest first.
        has_winner: Whether the first variant is nearer than the others beyond chance.
    """
    first, *others = representatives
    found = [describe_differences(other, first, is_farther=has_winner) for other in others]
    texts = [each.text for each in found]
    if len(others) > 1:
        texts = [
            f"{quote_title(other.title)}: {text}" for other, text in zip(others, texts, strict=True)
        ]
    settings = dict.fromkeys(name for each in found for name in each.settings)
    return Explanation("What differs", " ".join(texts), tuple(settings))


def _choose_representatives(
    compared: Sequence[ComparedRun], raced_runs: Mapping[str, RacedRun]
) -> list[ComparedRun]:
    """Choose one run of each variant, all with one seed if possible, so that seeds are no cause."""
    runs_by_variant: dict[int, dict[int, ComparedRun]] = {}
    for compared_run in compared:
        raced_run = raced_runs[compared_run.run.name]
        runs_by_variant.setdefault(raced_run.variant_index, {})[raced_run.seed_index] = compared_run
    shared_seeds = set.intersection(*map(set, runs_by_variant.values()))
    return [by_seed[min(shared_seeds or by_seed)] for by_seed in runs_by_variant.values()]
