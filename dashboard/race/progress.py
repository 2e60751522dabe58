"""The state of each run of a race, and the time that is left. Imports no Streamlit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from dashboard.snapshots.snapshot import Snapshot
from dcgan.errors import RunError
from dcgan.runs.run_folder import Run
from dcgan.sweeps.race import OTHER_SECONDS, Race, estimate_race_seconds
from dcgan.wording import join_with_and

RunState = Literal[
    "waiting",  # In the queue.
    "training",
    "measuring",
    "measured",
    "failed",
    "missing",  # Neither measured nor in the queue: stopped, interrupted or removed.
]


@dataclass(frozen=True)
class RaceProgress:
    """The progress of a race.

    Attributes:
        states: The state of each run.
        current_index: Index of the run in training or being measured; None without one.
        share_done: Share of the whole race, in [0, 1].
        seconds_left: Estimated seconds until its last run is measured.
        seconds_to_start: Estimated seconds until each waiting run starts, by index; empty unless
            another run of the race trains.
    """

    states: tuple[RunState, ...]
    current_index: int | None
    share_done: float
    seconds_left: float
    seconds_to_start: Mapping[int, float] = field(default_factory=dict)

    def list_indices(self, *states: RunState) -> list[int]:
        """Return the indices of the runs in one of some states."""
        return [index for index, state in enumerate(self.states) if state in states]


def compute_progress(
    race: Race,
    waiting: Collection[int],
    snapshot: Snapshot,
) -> RaceProgress:
    """Compute how far a race is.

    Args:
        race: The race.
        waiting: Indices of the runs in the queue.
        snapshot: The trainer's snapshot.
    """
    states: list[RunState] = []
    index_in_training = snapshot.find_race_run_index(race.name)
    current_index: int | None = None
    seconds_done = 0.0
    for index, run in enumerate(race.runs):
        state: RunState = "missing"
        if run.measurement is not None:
            state = "measured"
        elif index == index_in_training:
            seconds = measure_trained_seconds(snapshot)
            state = "measuring" if seconds >= race.seconds else "training"
            current_index = index
            seconds_done += min(seconds, race.seconds)
        elif index in waiting:
            state = "waiting"
        elif run.problem:
            state = "failed"
        if state in ("measured", "failed", "missing"):
            seconds_done += estimate_race_seconds(1, race.seconds)
        states.append(state)
    total = estimate_race_seconds(len(race.runs), race.seconds)
    seconds_left = total - seconds_done
    ahead = [index for index, state in enumerate(states) if state == "waiting"]
    starts = {
        index: seconds_left - estimate_race_seconds(len(ahead) - place, race.seconds)
        for place, index in enumerate(ahead)
    }
    return RaceProgress(
        tuple(states),
        current_index,
        seconds_done / total,
        seconds_left,
        {} if current_index is None else starts,
    )


def describe_missing(progress: RaceProgress, *, was_interrupted: bool) -> str:
    """Describe which runs of a race that has ended have no result, in a sentence.

    Args:
        progress: The states of all runs.
        was_interrupted: Whether the end of the server, and no person, stopped a run.
    """
    num_measured, num_failed, num_missing = (
        len(progress.list_indices(state)) for state in ("measured", "failed", "missing")
    )
    if num_failed == len(progress.states):
        return f"All {num_failed} runs failed."
    verb = "interrupted" if was_interrupted else "stopped"
    if not num_measured and not num_failed:
        return f"The race was {verb} before its first result."
    has = "has" if num_measured == 1 else "have"
    reasons = [f"{num_failed} failed"] if num_failed else []
    if num_missing:
        reasons.append(f"{num_missing} {'was' if num_missing == 1 else 'were'} {verb}")
    return (
        f"{num_measured} of {len(progress.states)} runs {has} a result; {join_with_and(reasons)}."
    )


def list_interrupted(progress: RaceProgress, runs: Mapping[int, Run]) -> list[int]:
    """Return the indices of the runs whose training the end of the server has interrupted.

    Args:
        progress: The states of all runs.
        runs: The runs that have a folder, by index.
    """
    missing = [index for index in progress.list_indices("missing", "failed") if index in runs]
    return [index for index in missing if _was_interrupted(runs[index])]


def _was_interrupted(run: Run) -> bool:
    try:
        return run.read_status().state == "interrupted"
    except RunError:  # Deleted meanwhile.
        return False


def is_late(run: Run | None, snapshot: Snapshot, now: datetime) -> bool:
    """Return whether a run builds its networks for longer than the estimate allows.

    Args:
        run: The run in training; None before it has a folder.
        snapshot: The trainer's snapshot.
        now: The time, with its zone.
    """
    if run is None or snapshot.history:
        return False
    return (now - datetime.fromisoformat(run.created)).total_seconds() > OTHER_SECONDS


def measure_trained_seconds(snapshot: Snapshot) -> float:
    """Return how long a run has trained after its first step, which builds the graph."""
    history = snapshot.history
    return history[-1].seconds - history[0].seconds if history else 0.0
