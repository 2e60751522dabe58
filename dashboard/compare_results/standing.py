"""The standing of compared runs: which are nearest to real images, and which are farther.

Imports no Streamlit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.charts.compared_runs import ComparedRun, are_quick, select_measured
from dashboard.compare_results.limited_time import get_speed_settings, trained_for_equal_time
from dashboard.compare_results.repeats import are_repeats
from dashboard.snapshots.snapshot import ACTIVE
from dcgan.comparison.ranking import Difference, MeasuredDistances, rank_distances
from dcgan.comparison.seed_ratio import is_early
from dcgan.comparison.unequal_steps import are_much_longer
from dcgan.evaluation.main_metric import compute_quick_limit


@dataclass(frozen=True)
class Other:
    """A run beside the nearest one.

    Attributes:
        compared_run: The run.
        difference: Of its distance and the smallest one.
        is_repeat: Whether only the seed differs from that of the nearest run.
        is_farther: Whether it is farther than the nearest run beyond chance, and so are all runs
            with a larger distance.
    """

    compared_run: ComparedRun
    difference: Difference
    is_repeat: bool
    is_farther: bool


@dataclass(frozen=True)
class Standing:
    """The order of runs by distance, cut where chance can no longer explain the distances.

    Attributes:
        first: The run with the smallest distance.
        others: The other runs, in the order of their distances.
        real_distance: The distance between two sets of real images.
    """

    first: ComparedRun
    others: tuple[Other, ...]
    real_distance: float

    @property
    def nearest(self) -> list[ComparedRun]:
        """The first run and those that chance may have put behind it, the smallest first."""
        return [self.first, *(each.compared_run for each in self.others if not each.is_farther)]

    @property
    def farther(self) -> list[ComparedRun]:
        """All other runs, the smallest distance first."""
        return [each.compared_run for each in self.others if each.is_farther]

    @property
    def is_too_near_to_tell(self) -> bool:
        """Whether all quick distances are too near to those of real images to rank the runs."""
        last = self.others[-1].compared_run if self.others else self.first
        is_near = last.distance < compute_quick_limit(self.real_distance)
        return is_near and are_quick(self.nearest)

    @property
    def repeats(self) -> list[ComparedRun]:
        """The repeats of the first run, the smallest distance first."""
        return [each.compared_run for each in self.others if each.is_repeat]

    @property
    def own_behind_included(self) -> list[ComparedRun]:
        """A person's runs, the nearest first, if only included runs are nearest; otherwise []."""
        if not all(compared_run.run.is_read_only for compared_run in self.nearest):
            return []
        return [each for each in self.farther if not each.run.is_read_only]

    @property
    def is_uneven(self) -> bool:
        """Whether no run is farther because the unequal steps of a busy computer explain it."""
        return not self.farther and any(each.difference.is_uneven for each in self.others)


def rank_runs(measured: Sequence[ComparedRun], real_distance: float) -> Standing:
    """Rank runs by their distances; chance explains each distance up to the largest it can explain.

    A repeat of one of the nearest runs is one of them too, however far it is: a run cannot win
    against its own settings. Quick distances below their limit do not rank runs.

    Args:
        measured: The runs, the smallest distance first; at least one.
        real_distance: The distance between two sets of real images.
    """
    first = measured[0]
    smallest_ranked = compute_quick_limit(real_distance) if are_quick(measured) else real_distance
    differences = rank_distances(
        [
            MeasuredDistances((each.distance,), (each.result.step,), get_speed_settings(each))
            for each in measured
        ],
        smallest_ranked,
        first.metric,
    ).differences
    last = max((index for index in differences if not differences[index].is_clear), default=0)
    index = 0
    while index <= last:
        repeats = [
            other
            for other in range(last + 1, len(measured))
            if are_repeats([measured[index], measured[other]])
        ]
        last = max([last, *repeats])
        index += 1
    others = tuple(
        Other(other, differences[index], are_repeats([first, other]), index > last)
        for index, other in enumerate(measured[1:], start=1)
    )
    return Standing(first, others, real_distance)


def are_unfinished(compared: Sequence[ComparedRun]) -> bool:
    """Return whether the order may change soon: a run trains, or one is much younger than another.

    Args:
        compared: The runs, of which at least one was measured.
    """
    if any(each.record.state in ACTIVE for each in compared):
        return True
    measured = select_measured(compared)
    steps = [each.result.step for each in measured]
    is_young = are_much_longer(steps) and is_early(min(steps), measured[0].metric)
    return is_young and not trained_for_equal_time(measured)
