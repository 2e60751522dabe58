"""Runs of one race in a comparison: its measurements, labels and verdict. Imports no Streamlit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dashboard.charts.records import (
    ComparedRun,
    have_digits,
    read_current_record,
    select_measured,
)
from dashboard.compare.explanations import (
    Explanation,
    describe_causes,
    describe_race_distances,
    describe_scale,
    describe_variety,
)
from dashboard.compare.result import Result, compare_runs
from dashboard.shared import run_labels
from dashboard.shared.raced_runs import RacedRun, find_common_race
from dashboard.snapshots.snapshot import Snapshot
from dcgan.errors import RunError
from dcgan.runs.run_folder import Run
from dcgan.sweeps.race import Race
from dcgan.sweeps.race_verdict import judge_race


def label_chosen_runs(runs: Sequence[Run], raced: Mapping[str, RacedRun]) -> dict[str, str]:
    """Return unique labels by run name; short labels if all raced runs belong to one race.

    A title that a person gave stays.

    Args:
        runs: The runs.
        raced: The runs of races by name.
    """
    labels = run_labels.label_runs(runs)
    of_races = [raced[run.name] for run in runs if run.name in raced]
    if find_common_race(of_races) is None:
        return labels
    for run in runs:
        if run.name in raced and run.read_label().title == raced[run.name].title:
            short = raced[run.name].label
            labels[run.name] = labels[run.name] if short in labels.values() else short
    return labels


def read_runs(
    runs: Sequence[Run],
    snapshot: Snapshot,
    colors: Mapping[str, int],
    raced: Mapping[str, RacedRun],
) -> tuple[list[ComparedRun], list[str]]:
    """Read the records of runs.

    Args:
        runs: The runs.
        snapshot: The trainer's snapshot.
        colors: Index of the colour of each, by name.
        raced: The runs of races by name.

    Returns:
        The runs, with the measurements of their race if they are all of one; and a sentence for
        each run that cannot be read.
    """
    compared, problems = [], []
    titles = label_chosen_runs(runs, raced)
    for run in runs:
        try:
            record = read_current_record(run, snapshot)
        except RunError as error:
            problems.append(str(error))
        else:
            compared.append(ComparedRun(run, titles[run.name], record, colors[run.name]))
    return use_race_measurements(compared, raced), problems


def use_race_measurements(
    compared: Sequence[ComparedRun], raced: Mapping[str, RacedRun]
) -> list[ComparedRun]:
    """Return the runs with their race's measurements, if it has one of each.

    A run that was continued after the race has no measurement of it.
    """
    measurements = [
        raced[each.run.name].get_measurement(each.record.step) if each.run.name in raced else None
        for each in compared
    ]
    race = find_common_race([raced.get(each.run.name) for each in compared])
    if race is None or None in measurements:
        return list(compared)
    return [
        replace(each, measurement=measurement)
        for each, measurement in zip(compared, measurements, strict=True)
    ]


def compare_with_races(compared: Sequence[ComparedRun], raced: Mapping[str, RacedRun]) -> Result:
    """Use the race's verdict if all runs belong to one race; otherwise compare their distances.

    Args:
        compared: The runs, from `use_race_measurements`.
        raced: The runs of races by name.
    """
    race = find_common_race([raced.get(each.run.name) for each in compared])
    if race is not None and all(each.measurement is not None for each in compared):
        variants = sorted({raced[each.run.name].variant_index for each in compared})
        if len(variants) > 1:
            return _compare_variants(race, variants, compared, raced)
    result = compare_runs(compared)
    measured = [each for each in select_measured(compared) if each.measurement is None]
    in_races = {
        each.run.name: measurement
        for each in measured
        if each.run.name in raced
        and (measurement := raced[each.run.name].get_measurement(each.record.step)) is not None
    }
    real_images = f"real {'digits' if have_digits(compared) else 'pictures'}"
    explanations = describe_race_distances(measured, in_races, real_images)
    return replace(result, explanations=(*result.explanations, *explanations))


def _compare_variants(
    race: Race,
    variants: Sequence[int],
    compared: Sequence[ComparedRun],
    raced: Mapping[str, RacedRun],
) -> Result:
    """Compare some variants by the race's verdict."""
    verdict = judge_race(_select_variants(race, variants))
    measured = sorted(select_measured(compared), key=lambda each: each.distance)
    if verdict is None:  # The variants were measured with different seeds.
        return compare_runs(compared)
    winner = None if verdict.winner is None else variants[verdict.winner]
    real_images = f"real {'digits' if have_digits(compared) else 'pictures'}"
    result = measured[0].result
    real_distance = result.real_metrics.get(measured[0].metric, 0.0)
    scale = describe_scale(measured, real_distance, real_images)
    medians = " The headline has the median of each variant's seeds." if race.num_seeds > 1 else ""
    noun = real_images.removeprefix("real ")
    scale = scale._replace(
        text=f"{scale.text} The race measured {result.num_images:,} {noun} of each.{medians}"
    )
    representatives = sorted(
        _choose_representatives(compared, raced),
        key=lambda each: (raced[each.run.name].variant_index != winner, each.distance),
    )
    return Result(
        verdict.headline,
        (
            scale,
            Explanation("How sure", verdict.reason),
            *describe_variety(
                measured, measured if winner is None else (), real_distance, real_images
            ),
            describe_causes(representatives, is_clear=winner is not None),
        ),
        frozenset(
            each.run.name for each in compared if raced[each.run.name].variant_index == winner
        ),
        "nearest" if winner is not None else "",
    )


def _choose_representatives(
    compared: Sequence[ComparedRun], raced: Mapping[str, RacedRun]
) -> list[ComparedRun]:
    """Choose one run of each variant, all with one seed if possible, so that seeds are no cause."""
    variants: dict[int, dict[int, ComparedRun]] = {}
    for each in compared:
        raced_run = raced[each.run.name]
        variants.setdefault(raced_run.variant_index, {})[raced_run.seed_index] = each
    shared_seeds = set.intersection(*map(set, variants.values()))
    return [by_seed[min(shared_seeds or by_seed)] for by_seed in variants.values()]


def _select_variants(race: Race, variants: Sequence[int]) -> Race:
    """Return a race with some of its variants, given by their indices."""
    return race.model_copy(
        update={
            "variant_labels": tuple(race.variant_labels[index] for index in variants),
            "runs": tuple(
                run.model_copy(update={"variant_index": variants.index(run.variant_index)})
                for run in race.runs
                if run.variant_index in variants
            ),
        }
    )
