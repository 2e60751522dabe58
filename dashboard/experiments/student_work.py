"""The student's work in one browser tab: the predictions, and what the runs showed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st

from dashboard.components.invisible import request_focus
from dashboard.experiments.answers import draws_one_picture
from dashboard.experiments.catalog import (
    EARLY_REFERENCE,
    EXPERIMENTS,
    NORMAL_RUN,
    REFERENCE,
    WALK,
)
from dashboard.experiments.experiment import Answer, Experiment, RunNumbers, measure_run
from dashboard.snapshots.snapshot import Snapshot
from dcgan import installation
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import RunError
from dcgan.runs.run_folder import Run, open_run
from dcgan.sweeps.race import Race

# Digits of two runs are compared as of the same step if one step is at most this many times the
# other: the pictures hardly change in between.
NEARBY = 1.1

# Keys of the session.
_WORK, _INTERRUPTED = "lesson_work", "lesson_interrupted"

_OPENED_PARAMETER = "experiment"  # In the page's address: the key of the shown experiment.
# The containers at the top of an experiment and of the list.
EXPERIMENT_KEY, LIST_KEY = "experiment-top", "experiments"


class NormalDigits(NamedTuple):
    """Digits of a normal run, to compare with an experiment's digits.

    Attributes:
        pixels: uint8 [0, 255], shape (num, height, width, 1).
        step: Step of the generator that drew them.
        is_own: Whether the student's normal run drew them, not the included run.
    """

    pixels: np.ndarray
    step: int
    is_own: bool


@dataclass
class StudentWork:
    """The work on one experiment.

    Attributes:
        prediction: Index of the chosen prediction; None before the choice.
        config: Settings of the experiment's run, once it was started or seen in training.
        folder: Folder of the run; None until it is made.
        ended: Snapshot of the run once it has ended.
        numbers: Measurements of the run, if it made all planned steps.
        answer: The answer; None before the run has ended.
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


def get_work(experiment: Experiment) -> StudentWork:
    """Return the work on an experiment, which the caller may change; save it if it is new."""
    works: dict[str, StudentWork] = st.session_state.setdefault(_WORK, {})
    return works.setdefault(experiment.key, StudentWork())


def _read_work(experiment_key: str) -> StudentWork:
    """Return the work on the experiment with a key, or an empty one that is not saved."""
    works: dict[str, StudentWork] = st.session_state.get(_WORK, {})
    return works.get(experiment_key) or StudentWork()


def record_answer(experiment: Experiment, work: StudentWork, ended: Snapshot) -> None:
    """Add the result of an ended run to the work."""
    work.ended = ended
    numbers = measure_run(ended)
    if numbers is None or experiment.find_answer is None:
        return
    work.answer = experiment.find_answer(numbers, measure_normal_run(numbers.step))
    work.numbers = numbers if ended.phase == "finished" and _is_complete(ended) else None


def has_early_answer(experiment: Experiment, snapshot: Snapshot) -> bool:
    """Return whether a run has answered the question already, as all its pictures are the same.

    Args:
        experiment: The experiment.
        snapshot: Its run, in training or ended.
    """
    numbers = measure_run(snapshot)
    if numbers is None or experiment.find_answer is None or not draws_one_picture(numbers):
        return False
    answer = experiment.find_answer(numbers, measure_normal_run(numbers.step))
    return answer.outcome is not None


def _is_complete(ended: Snapshot) -> bool:
    return ended.planned_steps is not None and ended.step >= ended.planned_steps


def measure_normal_run(step: int) -> RunNumbers:
    """Measure this student's normal run at a step.

    Returns:
        Its numbers; the numbers at its end if it ended before this step, and the reference's
        numbers if the student has no normal run.
    """
    work = _read_work(NORMAL_RUN)
    if work.numbers is not None and work.ended is not None:
        return measure_run(work.ended, step) or work.numbers
    return EARLY_REFERENCE if step <= EARLY_REFERENCE.step else REFERENCE


def find_normal_digits(experiment: Experiment) -> NormalDigits | None:
    """Find the digits of a normal run to compare with an experiment's digits.

    Returns:
        The newest digits that the student's normal run, or without one the included run, has saved
        up to the end of the experiment's run, or just after it. None for the normal run itself and
        for the walk, and if there are no such digits.
    """
    if experiment.key in (NORMAL_RUN, WALK):
        return None
    normal, ended = _read_work(NORMAL_RUN).ended, _read_work(experiment.key).ended
    if normal is None or normal.sample is None:
        try:
            return None if ended is None else _read_included(installation.INCLUDED_RUN, ended.step)
        except RunError:
            return None
    newest = NormalDigits(normal.sample.pixels, normal.sample.step, is_own=True)
    if normal.run is None or ended is None or newest.step <= ended.step:
        return newest
    try:
        return _read_last_digits(normal.run, ended.step, is_own=True) or newest
    except RunError:  # The student may have deleted that run.
        return newest


@lru_cache(maxsize=4)
def _read_included(folder: Path, last_step: int) -> NormalDigits | None:
    """Return the newest digits of the included run up to a step; see `_read_last_digits`."""
    return _read_last_digits(open_run(folder), last_step, is_own=False)


def _read_last_digits(run: Run, last_step: int, *, is_own: bool) -> NormalDigits | None:
    """Return the newest saved digits of a run up to about a step; None if there are none.

    If these have less than half of its steps, they may be grey. Then the next ones are taken, with
    at most twice its steps.

    Raises:
        RunError: If they cannot be read.
    """
    saved = run.samples.list_steps()
    steps = [step for step in saved if step <= NEARBY * last_step]
    if not steps:
        return None
    later = saved[len(steps)] if len(steps) < len(saved) else None
    is_much_earlier = 2 * steps[-1] < last_step
    step = later if later and is_much_earlier and later <= 2 * last_step else steps[-1]
    return NormalDigits(run.samples.read(step), step, is_own)


def find_next_unanswered() -> Experiment | None:
    """Return the experiment after the last answered one; after the end, the first unanswered one.

    None if all are answered.
    """
    unanswered = [each for each in EXPERIMENTS if not _read_work(each.key).is_answered]
    answered = [place for place, each in enumerate(EXPERIMENTS) if each not in unanswered]
    later = EXPERIMENTS[answered[-1] + 1 :] if answered else ()
    return next(iter([*later, *unanswered]), None)


def count_answered() -> int:
    """Return how many experiments are answered."""
    return sum(_read_work(experiment.key).is_answered for experiment in EXPERIMENTS)


def get_opened_key() -> str:
    """Return the key of the experiment that the page's address names; "" if none."""
    return st.query_params.get(_OPENED_PARAMETER, "")


def open_experiment(experiment: Experiment | None) -> None:
    """Show an experiment from its top in the next run of the script; None shows the list."""
    request_focus(LIST_KEY if experiment is None else EXPERIMENT_KEY)
    if experiment is None:
        st.query_params.pop(_OPENED_PARAMETER, None)
    else:
        st.query_params[_OPENED_PARAMETER] = experiment.key


def remember_interrupted(interrupted: Run | Race | None) -> None:
    """Remember a run or a race that was stopped for an experiment, unless it is an experiment's.

    A button offers to continue it.
    """
    works: dict[str, StudentWork] = st.session_state.get(_WORK, {})
    is_work = isinstance(interrupted, Run) and any(
        interrupted.config == work.config for work in works.values()
    )
    if interrupted is not None and not is_work:
        st.session_state[_INTERRUPTED] = interrupted


def get_interrupted() -> Run | Race | None:
    """Return what was stopped for an experiment, if it has not been continued since."""
    interrupted: Run | Race | None = st.session_state.get(_INTERRUPTED)
    return interrupted


def forget_interrupted() -> None:
    """Stop offering to continue the interrupted run or race."""
    st.session_state.pop(_INTERRUPTED, None)
