"""The progress of a tuning. Imports no Streamlit."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.runners.tuning_runner import RunningTuning
from dashboard.snapshots.snapshot import Snapshot
from dcgan.tuning.schedule import list_round_plans


@dataclass(frozen=True)
class TuningProgress:
    """The progress of a tuning.

    Attributes:
        text: What is being tried, such as "Round 1 of 4, run 2 of 9: R1 penalty 1".
        share_done: Share of its time that is over, in [0, 1].
        seconds_left: Seconds until its end.
    """

    text: str
    share_done: float
    seconds_left: float


def measure_progress(running: RunningTuning, snapshot: Snapshot) -> TuningProgress:
    """Measure the progress of a tuning.

    Args:
        running: The tuning.
        snapshot: The run in training.
    """
    tuning, index = running.tuning, running.run_index
    seconds = 60 * running.minutes
    if tuning is None or index is None:
        return TuningProgress("Reading the pictures, and measuring this computer", 0.0, seconds)
    last = tuning.rounds[-1]
    trained = 0.0
    if len(snapshot.history) > snapshot.num_earlier + 1:
        first = snapshot.history[snapshot.num_earlier]
        trained = max(0.0, snapshot.history[-1].seconds - first.seconds)
    run = tuning.runs[index]
    text = f"Round {len(tuning.rounds)} of {len(list_round_plans(tuning.num_changes))}, run "
    text += f"{last.runs.index(index) + 1} of {len(last.runs)}: "
    text += tuning.candidates[run.candidate].label
    if last.is_final:
        text += f", seed {run.seed}"
    left = max(0.0, tuning.seconds_left - trained)
    return TuningProgress(text, min(1.0, 1 - left / seconds), left)
