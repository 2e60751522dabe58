"""The runs of the experiments on disk; their labels have the experiment and the prediction.

A reload of the page ends the session and loses the student's work, which is then restored from
these runs.
"""

from __future__ import annotations

import contextlib

import streamlit as st

from dashboard.access import permissions
from dashboard.experiments import student_work
from dashboard.experiments.catalog import EXPERIMENTS
from dashboard.experiments.experiment import Experiment
from dashboard.run_facts.labels import EXPERIMENT_TITLE
from dashboard.snapshots.followed_run import read_snapshot
from dashboard.state.trainer import Trainer
from dcgan.errors import RunError
from dcgan.runs.manifest import ExperimentMark, Label
from dcgan.runs.naming.titles import has_own_title
from dcgan.runs.run_folder import Run

# Keys of the session.
_RESTORED = "lesson_restored"  # Whether this session has read the runs.
_TITLED_RUN = "experiment_titled_run"  # Name of the last run that got a title.


def name_run(run: Run, experiment: Experiment, prediction: int | None) -> None:
    """Mark a run as one of an experiment, and give it the experiment's title.

    Args:
        run: The run in training.
        experiment: The experiment of the run.
        prediction: Index of the student's prediction; None without one.
    """
    if not permissions.may_operate() or st.session_state.get(_TITLED_RUN) == run.name:
        return
    st.session_state[_TITLED_RUN] = run.name
    label = run.read_label()
    title, note = label.title, label.note
    if not has_own_title(run.path):  # Keep a title that somebody has given.
        title = _make_title(experiment)
        note = note or ("" if prediction is None else _make_note(experiment, prediction))
    mark = ExperimentMark(key=experiment.key, prediction=prediction)
    with contextlib.suppress(RunError):  # If the disk fails, the training reports it.
        permissions.operators_only(run.write_label)(title, note, mark)


def restore_work(trainer: Trainer) -> None:
    """Restore the student's work from the runs of the experiments, once in each session."""
    if st.session_state.get(_RESTORED):
        return
    st.session_state[_RESTORED] = True
    runs, _ = permissions.list_runs(trainer.root)
    labels = {run.name: run.read_label() for run in runs}
    # In the order of the lesson, which begins with the normal run: the others are compared with it.
    for experiment in EXPERIMENTS:
        for run in runs:  # The newest first.
            is_as_planned = run.config.epochs == experiment.epochs  # Nobody has continued it.
            if _is_labelled(labels[run.name], experiment) and is_as_planned:
                _restore_from_run(experiment, run)


def _is_labelled(label: Label, experiment: Experiment) -> bool:
    """Return whether a label names an experiment; older versions wrote only its title."""
    if label.experiment is not None:
        return label.experiment.key == experiment.key
    return label.title == _make_title(experiment)


def _restore_from_run(experiment: Experiment, run: Run) -> None:
    """Restore the work on an experiment from one of its runs, unless a newer one has ended."""
    work = student_work.get_work(experiment)
    snapshot = None if work.ended is not None else read_snapshot(run.path)
    if snapshot is None:
        return
    if work.prediction is None:
        work.prediction = _read_prediction(experiment, run)
    if snapshot.is_active or not snapshot.history:  # The page finds a run in training itself.
        return
    work.config, work.folder = run.config, run.path
    student_work.record_answer(experiment, work, snapshot)


def _make_title(experiment: Experiment) -> str:
    return f"{EXPERIMENT_TITLE}{experiment.title}"


def _make_note(experiment: Experiment, prediction: int) -> str:
    return f"Predicted: {experiment.predictions[prediction]}."


def _read_prediction(experiment: Experiment, run: Run) -> int | None:
    """Return the index of the prediction for a run; None if it has no known prediction."""
    label = run.read_label()
    indices = range(len(experiment.predictions))
    if label.experiment is not None:
        prediction = label.experiment.prediction
        return prediction if prediction in indices else None
    # Older versions wrote only the sentence.
    first_line = label.note.partition("\n")[0]
    return next((index for index in indices if first_line == _make_note(experiment, index)), None)
