"""The lesson's notes of one browser tab: what a student predicted, and what the runs showed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from dashboard.components.focus import request_focus
from dashboard.experiments.catalog import (
    EARLY_REFERENCE,
    EXPERIMENTS,
    NORMAL_RUN,
    REFERENCE,
    WALK,
)
from dashboard.experiments.experiment import Answer, Experiment, RunNumbers, measure_run
from dashboard.snapshots.snapshot import Snapshot
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import RunError
from dcgan.runs.run_folder import Run

_NOTES, _INTERRUPTED = "lesson_notes", "lesson_interrupted"
_OPEN = "experiment"  # Parameter of the page's address.
# The containers at the top of an experiment and of the list.
EXPERIMENT_KEY, LIST_KEY = "experiment-top", "experiments"


@dataclass
class Note:
    """The notes on one experiment.

    Attributes:
        prediction: Index of the chosen prediction; None before the choice.
        config: Settings of the run that was started or seen in training; None before.
        folder: Folder of that run; None until it is made.
        ended: Snapshot of that run once it has ended.
        numbers: Those of its run, if it made all planned steps.
        answer: The answer; None before.
    """

    prediction: int | None = None
    config: TrainingConfig | None = None
    folder: Path | None = None
    ended: Snapshot | None = None
    numbers: RunNumbers | None = None
    answer: Answer | None = None

    @property
    def is_answered(self) -> bool:
        """Whether the run has decided the question."""
        return self.answer is not None and self.answer.outcome is not None

    @property
    def needs_another_run(self) -> bool:
        """Whether the run ended too early to decide the question."""
        return self.answer is not None and not self.is_answered and self.numbers is None


def get_note(experiment: Experiment) -> Note:
    """Return the notes on an experiment, to be read and changed."""
    notes: dict[str, Note] = st.session_state.setdefault(_NOTES, {})
    return notes.setdefault(experiment.key, Note())


def get_normal_numbers(step: int) -> RunNumbers:
    """Return the numbers of this student's normal run at a step; of ours if there is none.

    They are those of its end if it is shorter.
    """
    notes: dict[str, Note] = st.session_state.get(_NOTES, {})
    note = notes.get(NORMAL_RUN)
    if note is not None and note.numbers is not None and note.ended is not None:
        return measure_run(note.ended, step) or note.numbers
    return EARLY_REFERENCE if step <= EARLY_REFERENCE.step else REFERENCE


def find_normal_digits(experiment: Experiment) -> tuple[np.ndarray, int] | None:
    """Return the digits of this student's normal run to compare with, and their step.

    They are the last ones of no later step than the experiment's run, if saved. None without a
    normal run.
    """
    normal, ended = get_note(EXPERIMENTS[0]).ended, get_note(experiment).ended
    if experiment.key in (NORMAL_RUN, WALK) or normal is None or normal.sample is None:
        return None
    newest = normal.sample
    if normal.run is None or ended is None or newest.step <= ended.step:
        return newest.pixels, newest.step
    earlier = [step for step in normal.run.samples.list_steps() if step <= ended.step]
    try:
        return normal.run.samples.read(earlier[-1]), earlier[-1]
    except (IndexError, RunError):  # The student may have deleted that run.
        return newest.pixels, newest.step


def find_first_open() -> Experiment | None:
    """Return the first experiment that is not answered; None if all are."""
    return next(
        (experiment for experiment in EXPERIMENTS if not get_note(experiment).is_answered), None
    )


def read_address() -> str:
    """Return the key of the experiment that the page's address names; "" if none."""
    return st.query_params.get(_OPEN, "")


def open_experiment(experiment: Experiment | None) -> None:
    """Show an experiment from its top in the next run of the script; None shows the list."""
    request_focus(LIST_KEY if experiment is None else EXPERIMENT_KEY)
    if experiment is None:
        st.query_params.pop(_OPEN, None)
    else:
        st.query_params[_OPEN] = experiment.key


def remember_interrupted(run: Run | None) -> None:
    """Remember a run that was stopped for an experiment, unless it is an experiment's run.

    A button offers to continue it.
    """
    notes: dict[str, Note] = st.session_state.get(_NOTES, {})
    if run is not None and all(run.config != note.config for note in notes.values()):
        st.session_state[_INTERRUPTED] = run


def get_interrupted() -> Run | None:
    """Return the run that was stopped for an experiment, if it has not been continued since."""
    run: Run | None = st.session_state.get(_INTERRUPTED)
    return run


def forget_interrupted() -> None:
    """Stop offering to continue the interrupted run."""
    st.session_state.pop(_INTERRUPTED, None)
