"""The progress of all trials of a study, those before and after the one in training included."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.trial_runner import RunningTrial
from dcgan.remedies.plan import BUILDING_SECONDS, TRIAL_SECONDS
from dcgan.remedies.study import Study

_HIGHEST = "trials_highest_share"


@dataclass(frozen=True)
class TrialsProgress:
    """The progress of the trials of a study.

    Attributes:
        number: Number of the trial in training, from 0.
        count: Number of trials.
        share_done: In [0, 1].
        seconds_left: Estimated time until the last of them is measured.
    """

    number: int
    count: int
    share_done: float
    seconds_left: float


def hide_other_run(snapshot: Snapshot, running: RunningTrial, study: Study | None) -> Snapshot:
    """Return the snapshot of a trial; an empty one while it is still that of another run.

    The next trial is chosen before its run is prepared, so the snapshot may be of the trial before.
    """
    if snapshot.run is None or study is None:
        return snapshot
    trial = study.trials[running.number]
    if trial.is_pending and trial.folder != snapshot.run.name:
        return Snapshot(snapshot.version, "preparing", config=snapshot.config)
    return snapshot


def measure_progress(
    snapshot: Snapshot, running: RunningTrial, study: Study | None
) -> TrialsProgress:
    """Measure the progress of all trials.

    Args:
        snapshot: The trial in training, from `hide_other_run`.
        running: Its place among the trials.
        study: Their study; None before it is written.
    """
    seconds = TRIAL_SECONDS if study is None else study.seconds
    done = measure_trial_progress(snapshot)
    others = running.count - running.number - 1
    if study is not None:
        others = sum(trial.is_pending for trial in study.trials[running.number + 1 :])
        if not study.trials[running.number].is_pending:
            done = 1.0
    building = BUILDING_SECONDS if done == 0 else 0.0
    left = (1 - done) * seconds + building + others * (seconds + BUILDING_SECONDS)
    share_left = left / (running.count * (seconds + BUILDING_SECONDS))
    return TrialsProgress(running.number, running.count, max(0.0, 1 - share_left), left)


def keep_highest(progress: TrialsProgress, snapshot: Snapshot) -> TrialsProgress:
    """Return the progress with the highest share that this tab has shown of the trial in training.

    A trial that diverges goes back to a checkpoint, and with it the time that it has trained.
    """
    if snapshot.run is None:
        return progress
    trial = snapshot.run.path, snapshot.run.created
    shown, highest = st.session_state.get(_HIGHEST, (None, 0.0))
    if shown == trial and highest > progress.share_done:
        return replace(progress, share_done=highest)
    st.session_state[_HIGHEST] = trial, progress.share_done
    return progress


def measure_trial_progress(snapshot: Snapshot) -> float:
    """Return how much of the trial in training is done, in [0, 1]."""
    config, num_before = snapshot.config, snapshot.num_earlier
    if config is None or config.max_seconds is None or len(snapshot.history) <= num_before + 1:
        return 0.0
    # The time limit counts from the first step.
    first_step_seconds = snapshot.history[num_before].seconds
    length = config.max_seconds - first_step_seconds
    done = snapshot.history[-1].seconds - first_step_seconds
    return min(1.0, done / length) if length > 0 else 1.0
