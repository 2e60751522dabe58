"""The progress of all trials of a study, not only of the one in training."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from dashboard.runners.trial_runner import RunningTrial
from dashboard.snapshots.snapshot import Snapshot
from dcgan.remedies.plan import BUILDING_SECONDS, TRIAL_SECONDS
from dcgan.remedies.study import Study

# Keys of the session.
_HIGHEST = "trials_highest_share"


@dataclass(frozen=True)
class TrialsProgress:
    """The progress of the trials of a study.

    Attributes:
        index: Index of the trial in training.
        num_trials: Number of trials.
        share_done: Share of the whole study, in [0, 1].
        seconds_left: Estimated time until the last trial is measured.
    """

    index: int
    num_trials: int
    share_done: float
    seconds_left: float


def hide_other_run(snapshot: Snapshot, running: RunningTrial, study: Study | None) -> Snapshot:
    """Return the trial's snapshot, or an empty one if it still shows another run.

    The next trial is chosen before its run is prepared, so the trainer's snapshot may still show
    the previous trial.
    """
    if snapshot.run is None or study is None:
        return snapshot
    trial = study.trials[running.index]
    if trial.is_pending and trial.folder != snapshot.run.name:
        return Snapshot(snapshot.version, "preparing", config=snapshot.config)
    return snapshot


def measure_progress(
    snapshot: Snapshot, running: RunningTrial, study: Study | None
) -> TrialsProgress:
    """Measure the progress of all trials.

    Args:
        snapshot: The trial in training, from `hide_other_run`.
        running: The place of that trial in the study.
        study: Their study; None before it is written.
    """
    seconds = TRIAL_SECONDS if study is None else study.seconds
    share_done = measure_trial_progress(snapshot)
    num_pending = running.num_trials - running.index - 1
    if study is not None:
        num_pending = sum(trial.is_pending for trial in study.trials[running.index + 1 :])
        if not study.trials[running.index].is_pending:
            share_done = 1.0
    whole_seconds = seconds + BUILDING_SECONDS
    current_seconds = (1 - share_done) * seconds if share_done else whole_seconds
    seconds_left = current_seconds + num_pending * whole_seconds
    share_done = max(0.0, 1 - seconds_left / (running.num_trials * whole_seconds))
    return TrialsProgress(running.index, running.num_trials, share_done, seconds_left)


def keep_highest(progress: TrialsProgress, snapshot: Snapshot) -> TrialsProgress:
    """Return the progress with the highest share that this tab has shown for the current trial.

    A trial that diverges returns to a checkpoint, and its training time becomes shorter.
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
    config, num_earlier = snapshot.config, snapshot.num_earlier
    if config is None or config.max_seconds is None or len(snapshot.history) <= num_earlier + 1:
        return 0.0
    # A trial's `max_seconds` is the time of its first step, which compiles the networks, plus the
    # time that all trials have after it.
    first_step_seconds = snapshot.history[num_earlier].seconds
    limit = config.max_seconds - first_step_seconds
    seconds = snapshot.history[-1].seconds - first_step_seconds
    return min(1.0, seconds / limit) if limit > 0 else 1.0
