"""The order of the runs on the Runs page, and the runs that are nearest to real images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.run_facts.raced_runs import find_measurement, map_raced_runs
from dashboard.run_facts.run_summary import read_summary
from dashboard.snapshots.snapshot import ACTIVE, Snapshot
from dcgan.comparison.kept_measurement import is_quick
from dcgan.comparison.run_measurement import RunMeasurement
from dcgan.config.named_datasets import choose_noun, has_digits
from dcgan.errors import RunError
from dcgan.evaluation.distance_scale import grade_distance
from dcgan.evaluation.main_metric import (
    find_main_metric,
    get_distance,
    get_real_distance,
    is_at_quick_limit,
    is_copying,
)
from dcgan.evaluation.metric_info import FULL_EVALUATION
from dcgan.reports import EvaluationReport
from dcgan.runs.run_folder import Run

_MIN_SORTED = 3  # With the two included runs there is one more.
_MAX_RANKED = 100  # The newest ones: the history of each is read.
# Distances up to a tenth apart can be chance: runs with other seeds differ by as much.
_CHANCE_RATIO = 1.1
# Keys of the session.
_CHOICE = "runs_order"

_NEWEST, _NEAREST = "newest", "nearest"

_Kind = tuple[str, str, int]  # Fingerprint of the pictures, metric, number of measured pictures.


@dataclass(frozen=True)
class RankedRun:
    """The distances of a run to real images, as its card shows them.

    Attributes:
        name: Name of the run's folder.
        distance: Measured during training.
        is_at_limit: Whether that distance is too near to that of real images to rank the run.
        precise: The distance that was measured with 10,000 images; None without one.
        is_quick: Whether the distance of its card was measured with few images.
        grade: Place of the words of its card on the scale of distances; 0 without words.
    """

    name: str
    distance: float
    is_at_limit: bool = False
    precise: float | None = None
    is_quick: bool = False
    grade: int = 0

    def is_farther_than(self, other: RankedRun) -> bool:
        """Return whether another run is nearer by more than chance.

        Precise distances decide if both runs have one. A quick one that is too near to that of real
        images is farther than a precise one with better words.
        """
        if self.precise is not None and other.precise is not None:
            return self.precise > _CHANCE_RATIO * other.precise
        if self.is_at_limit and self.precise is None and other.precise is not None:
            return self.grade > other.grade
        return not self.is_at_limit and self.distance > _CHANCE_RATIO * other.distance


@dataclass(frozen=True)
class Ranking:
    """The ended runs with a distance to real images.

    Attributes:
        groups: Each group holds the runs whose distances can be compared.
    """

    groups: Sequence[Sequence[RankedRun]]

    def list_places(self) -> dict[str, str]:
        """Return the names of the runs to which no other run is nearer, with their place in words.

        A run alone in its group has no place.
        """
        places: dict[str, str] = {}
        for group in self.groups:
            nearest = [
                run.name for run in group if not any(run.is_farther_than(other) for other in group)
            ]
            if len(group) > 1:
                place = "nearest" if len(nearest) == 1 else "among the nearest"
                places |= dict.fromkeys(nearest, place)
        return places

    @property
    def mixes_kinds(self) -> bool:
        """Whether cards of comparable runs show quick and precise distances."""
        return any(len({run.is_quick for run in group}) > 1 for group in self.groups)

    def sort(self, runs: Sequence[Run]) -> list[Run]:
        """Return the runs with the nearest first, one group after the other; others come last."""
        names = [run.name for group in self.groups for run in sort_group(group)]
        ranks = {name: rank for rank, name in enumerate(names)}
        return sorted(runs, key=lambda run: ranks.get(run.name, len(ranks)))


def sort_group(group: Sequence[RankedRun]) -> list[RankedRun]:
    """Sort runs by the words of their cards, and by distance where they have the same or none.

    Among themselves, those with precise distances are sorted by these.
    """
    by_distance = sorted(group, key=lambda run: run.distance)
    precise = {run: run.precise for run in group if run.precise is not None}
    by_precise = iter(sorted(precise, key=precise.__getitem__))
    runs = [run if run.precise is None else next(by_precise) for run in by_distance]
    return sorted(runs, key=lambda run: run.grade)


def rank_runs(runs: Sequence[Run], snapshot: Snapshot) -> Ranking:
    """Rank the newest runs that have ended and are measured.

    Args:
        runs: All runs, in the order of the page.
        snapshot: Snapshot of the trainer.
    """
    raced_runs = {root: map_raced_runs(root) for root in {run.path.parent for run in runs}}
    groups: dict[_Kind, list[RankedRun]] = {}
    for run in runs[:_MAX_RANKED]:
        try:
            summary = read_summary(run, snapshot)
        except RunError:  # Deleted or damaged since the runs were listed.
            continue
        newest = summary.evaluation
        if newest is None or summary.status in ACTIVE or is_copying(newest):
            continue
        precise = find_measurement(run, raced_runs[run.path.parent])
        if precise is not None and precise.step != summary.step:
            precise = None
        if precise is not None and is_copying(precise):
            continue
        metric = find_main_metric(newest.metrics)
        kind = run.dataset.fingerprint, metric, newest.num_images
        groups.setdefault(kind, []).append(
            RankedRun(
                run.name,
                get_distance(newest),
                is_at_quick_limit(newest, run.dataset.num_images),
                None if precise is None else precise.metrics.get(metric),
                precise is None and is_quick(newest.num_images, run),
                _grade(precise or newest) if newest.digit_shares else 0,
            )
        )
    return Ranking(tuple(groups.values()))


def _grade(measured: EvaluationReport | RunMeasurement) -> int:
    return grade_distance(get_distance(measured), get_real_distance(measured))


def ask_for_order(runs: list[Run], ranking: Ranking) -> list[Run]:
    """Render the choice of an order if there are enough runs; return the ordered runs.

    Beside it is a sentence on cards with distances of two kinds, if there are both.
    """
    are_digits = all(has_digits(run.config.dataset) for run in runs)
    noun = choose_noun(are_digits=are_digits)
    with st.container(horizontal=True, vertical_alignment="center"):
        choice = _ask_for_choice(noun) if len(runs) >= _MIN_SORTED else _NEWEST
        if ranking.mixes_kinds:
            st.caption(_explain_kinds(noun, is_sorted=choice == _NEAREST), width="content")
    return ranking.sort(runs) if choice == _NEAREST else runs


def _ask_for_choice(noun: str) -> str | None:
    labels = {_NEWEST: "Newest", _NEAREST: f"Nearest to real {noun}s"}
    st.session_state.setdefault(_CHOICE, _NEWEST)
    return st.segmented_control(
        "Order",
        labels,
        required=True,
        format_func=labels.__getitem__,
        key=_CHOICE,
        label_visibility="collapsed",
        persist_state="session",
    )


def _explain_kinds(noun: str, *, is_sorted: bool) -> str:
    """Explain how to compare cards of which some show a quick distance and some a precise one."""
    if noun == "digit":
        words = "Sorted by the bold words" if is_sorted else "Compare the bold words"
        return f"{words}: the number of a quick distance is always larger."
    text = f"A quick distance is larger than one with {FULL_EVALUATION:,} {noun}s"
    if is_sorted:
        return f"{text}. All runs have a quick one, which sorts runs of both kinds."
    return f"{text}: compare those of one kind."
