"""Changes of a run's speed within a race that its settings do not explain. Imports no Streamlit."""

from __future__ import annotations

import statistics
from collections.abc import Mapping

from dashboard.charts.compared_runs import read_record
from dcgan.comparison.unequal_steps import are_unequal
from dcgan.errors import RunError
from dcgan.runs.run_folder import Run
from dcgan.sweeps.race import Race
from dcgan.wording import join_with_and, quote_title

# Fewer reports in a half of a run make no median that one slow step does not decide.
_MIN_REPORTS = 4


def describe_swings(race: Race, runs: Mapping[int, Run]) -> str:
    """Describe that other programs have changed the speed of a race's runs; "" if none did.

    The runs of a variant should make equally many steps, and a run should be as fast in its second
    half as in its first. Otherwise the number of steps is no result of the settings.

    Args:
        race: The race.
        runs: The runs that have a folder, by index.
    """
    facts = [*_compare_seeds(race), *_compare_halves(race, runs)]
    if not facts:
        return ""
    return (
        f"{facts[0]}, so other programs kept the computer busy. The numbers of steps then say "
        "little about the settings. Close other programs, then race again."
    )


def _compare_seeds(race: Race) -> list[str]:
    """Return the variants whose runs made unequal numbers of steps, as starts of a sentence."""
    facts = []
    for index, label in enumerate(race.variant_labels):
        steps = [
            run.measurement.step
            for run in race.runs
            if run.variant_index == index and run.measurement is not None
        ]
        if len(steps) > 1 and are_unequal(steps):
            numbers = join_with_and([f"{num:,}" for num in steps])
            facts.append(f"The runs of {quote_title(label)} made {numbers} steps")
    return facts


def _compare_halves(race: Race, runs: Mapping[int, Run]) -> list[str]:
    """Return the runs whose speed changed in the middle, as starts of a sentence."""
    facts = []
    for index, run in runs.items():
        measurement = race.runs[index].measurement
        if measurement is None:
            continue
        try:
            reports = read_record(run).history[1:]  # The first step builds the networks.
        except RunError:
            continue
        # A run may have been continued after the race.
        speeds = [each.images_per_second for each in reports if each.step <= measurement.step]
        half = len(speeds) // 2
        if half < _MIN_REPORTS:
            continue
        before, after = statistics.median(speeds[:half]), statistics.median(speeds[half:])
        if min(before, after) > 0 and are_unequal((round(before), round(after))):
            share = 1 - min(before, after) / max(before, after)
            slow, fast = ("second", "first") if after < before else ("first", "second")
            facts.append(
                f"{quote_title(race.label_run(index))} trained {share:.0%} slower in the {slow} "
                f"half of its time than in the {fast}"
            )
    return facts
