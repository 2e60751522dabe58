"""The order of the runs on the Runs page, and the runs that are nearest to real images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.run_facts.raced_runs import find_measurement, map_raced_runs
from dashboard.run_facts.run_summary import read_summary
from dashboard.snapshots.snapshot import ACTIVE, Snapshot
from dcgan.config.named_datasets import choose_noun, has_digits
from dcgan.errors import RunError
from dcgan.evaluation.main_metric import (
    find_main_metric,
    find_quick_limit,
    get_distance,
    is_copying,
)
from dcgan.runs.run_folder import Run

_MIN_SORTED = 4  # Fewer runs are in sight together.
_MAX_RANKED = 100  # The newest ones: the history of each is read.
# Distances up to a tenth apart can be chance: runs with other seeds differ by as much.
_CHANCE_RATIO = 1.1
# Keys of the session.
_CHOICE = "runs_order"

_NEWEST, _NEAREST = "newest", "nearest"

_Kind = tuple[str, str, int]  # Fingerprint of the pictures, metric, number of measured pictures.


@dataclass(frozen=True)
class Ranking:
    """The distances of ended runs to real images, as their cards show them.

    Attributes:
        groups: The distances by the run's name; each group holds those that can be compared.
        limits: For each group, the distance below which quick distances do not rank runs.
    """

    groups: Sequence[Mapping[str, float]]
    limits: Sequence[float]

    def list_places(self) -> dict[str, str]:
        """Return the names of the runs with the smallest distances, with their place in words."""
        places: dict[str, str] = {}
        for group, quick_limit in zip(self.groups, self.limits, strict=True):
            limit = max(_CHANCE_RATIO * min(group.values()), quick_limit)
            nearest = [name for name, distance in group.items() if distance <= limit]
            if len(group) > 1:
                place = "nearest" if len(nearest) == 1 else "among the nearest"
                places |= dict.fromkeys(nearest, place)
        return places

    def sort(self, runs: Sequence[Run]) -> list[Run]:
        """Return the runs with the nearest first, one group after the other; others come last."""
        names = [name for group in self.groups for name in sorted(group, key=group.__getitem__)]
        ranks = {name: rank for rank, name in enumerate(names)}
        return sorted(runs, key=lambda run: ranks.get(run.name, len(ranks)))


def rank_runs(runs: Sequence[Run], snapshot: Snapshot) -> Ranking:
    """Rank the newest runs that have ended and are measured, by their precise distances if known.

    Args:
        runs: All runs, in the order of the page.
        snapshot: Snapshot of the trainer.
    """
    raced_runs = {root: map_raced_runs(root) for root in {run.path.parent for run in runs}}
    groups: dict[_Kind, dict[str, float]] = {}
    limits: dict[_Kind, float] = {}
    for run in runs[:_MAX_RANKED]:
        try:
            summary = read_summary(run, snapshot)
        except RunError:  # Deleted or damaged since the runs were listed.
            continue
        newest = summary.evaluation
        if newest is None or summary.status in ACTIVE or is_copying(newest):
            continue
        metric = find_main_metric(newest.metrics)
        precise = find_measurement(run, raced_runs[run.path.parent])
        distance, num_images = get_distance(newest), newest.num_images
        if precise is not None and precise.step == summary.step:
            metric = find_main_metric(precise.metrics)
            distance, num_images = precise.distance, precise.num_images
        kind = run.dataset.fingerprint, metric, num_images
        groups.setdefault(kind, {})[run.name] = distance
        limits[kind] = 0.0
        if num_images == newest.num_images:
            limits[kind] = find_quick_limit(newest, run.dataset.num_images)
    return Ranking(tuple(groups.values()), tuple(limits.values()))


def ask_for_order(runs: list[Run], ranking: Ranking) -> list[Run]:
    """Render the choice of an order if there are four runs or more; return the ordered runs."""
    if len(runs) < _MIN_SORTED:
        return runs
    are_digits = all(has_digits(run.config.dataset) for run in runs)
    labels = {_NEWEST: "Newest", _NEAREST: f"Nearest to real {choose_noun(are_digits=are_digits)}s"}
    st.session_state.setdefault(_CHOICE, _NEWEST)
    choice = st.segmented_control(
        "Order",
        labels,
        required=True,
        format_func=labels.__getitem__,
        key=_CHOICE,
        label_visibility="collapsed",
        persist_state="session",
    )
    return ranking.sort(runs) if choice == _NEAREST else runs
