"""The list of the experiments, and the worksheets."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import streamlit as st

from dashboard.components.plain_text import TEXT_WIDTH
from dashboard.experiments import answer_panel, student_work, worksheet
from dashboard.experiments.catalog import (
    EXPERIMENTS,
    describe_plan,
    format_unplanned_numbers,
    get_experiment_number,
)
from dashboard.experiments.experiment import Experiment
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.trainer import Trainer
from dashboard.tab.following import follow

_COLUMNS = 3


def render(trainer: Trainer) -> None:
    """Render the list, the button for the next experiment, and the downloads."""
    snapshot = trainer.snapshot()
    experiment_in_training = _find_experiment_in_training(snapshot)
    with st.container(key=student_work.LIST_KEY):
        _render_lesson()
    _render_start(trainer, experiment_in_training)
    _follow(trainer, _get_mark(snapshot))
    for start in range(0, len(EXPERIMENTS), _COLUMNS):
        columns = st.columns(_COLUMNS, gap="small")
        for column, experiment in zip(columns, EXPERIMENTS[start:], strict=False):
            with column:
                _render_entry(
                    experiment, snapshot if experiment is experiment_in_training else None
                )
    _render_worksheet()
    _render_plan()


def _find_experiment_in_training(snapshot: Snapshot) -> Experiment | None:
    """Return the experiment whose run is in training here, if any."""
    return next(
        (
            experiment
            for experiment in EXPERIMENTS
            if snapshot.is_active
            and experiment.find_answer is not None
            and snapshot.config in (experiment.config, student_work.get_work(experiment).config)
        ),
        None,
    )


class _Mark(NamedTuple):
    """The state that the list marks; `experiment_key` is "" if no experiment is in training."""

    is_active: bool
    is_paused: bool
    experiment_key: str


def _get_mark(snapshot: Snapshot) -> _Mark:
    experiment = _find_experiment_in_training(snapshot)
    key = "" if experiment is None else experiment.key
    return _Mark(snapshot.is_active, snapshot.is_paused, key)


@st.fragment
def _follow(trainer: Trainer, shown: _Mark) -> None:
    """Rerun the page when a run begins, pauses or ends, or another one follows at once."""
    if _get_mark(follow(trainer, key="news-experiments")) != shown:
        st.rerun()


def _render_lesson() -> None:
    """Render the introduction to the experiments."""
    st.subheader("Experiments", anchor="experiments")
    with st.container(width=TEXT_WIDTH):
        st.markdown(
            "Each asks a question, and a real run of one or two minutes answers it: predict, "
            f"watch, compare. All {len(EXPERIMENTS)} take about 30 minutes."
        )


def _render_start(trainer: Trainer, experiment_in_training: Experiment | None) -> None:
    """Render the button for the next experiment, which stays in sight above its place."""
    num_answered = student_work.count_answered()
    next_experiment = experiment_in_training or student_work.find_next_unanswered()
    with st.container(horizontal=True, vertical_alignment="center", key="lesson-next"):
        if next_experiment is not None:
            number = get_experiment_number(next_experiment)
            label = f"Continue with experiment {number}" if num_answered else "Start the lesson"
            st.button(
                f"Watch experiment {number}" if experiment_in_training else label,
                type="primary",
                icon=":material/science:",
                key="start-lesson",
                on_click=student_work.open_experiment,
                args=(next_experiment,),
            )
        answer_panel.render_continue(trainer)
        if num_answered:
            st.caption(f"{num_answered} of {len(EXPERIMENTS)} done", width="content")


def _render_worksheet() -> None:
    """Render the download of the student's worksheet."""
    st.download_button(
        "Download the worksheet (HTML)",
        # The work is read here, as the thread that makes the file has no session.
        partial(
            worksheet.make_worksheet,
            {experiment.key: student_work.get_work(experiment) for experiment in EXPERIMENTS},
        ),
        file_name="gan-worksheet.html",
        mime="text/html",
        icon=":material/print:",
        on_click="ignore",
        key="download-worksheet",
        help="A page to print, with lines for predictions and observations. It contains your "
        "predictions and results.",
    )


def _render_entry(experiment: Experiment, active: Snapshot | None) -> None:
    """Render the button of an experiment.

    Args:
        experiment: The experiment.
        active: Snapshot of its run if the run trains or is paused; otherwise None.
    """
    work = student_work.get_work(experiment)
    number = get_experiment_number(experiment)
    icon, state = ":material/science:", ""
    if active is not None:
        icon = ":material/model_training:"
        state = " – **paused**" if active.is_paused else " – **training now**"
    elif work.is_answered:
        icon, state = ":material/check_circle:", " – **done**"
    st.button(
        f"{number}. {experiment.title}{state}",
        icon=icon,
        key=f"open-{experiment.key}",
        on_click=student_work.open_experiment,
        args=(experiment,),
        width="stretch",
    )


def _render_plan() -> None:
    """Render an expander with the plan of a lesson and the answers."""
    with st.expander("For teachers: a plan for 30 minutes", icon=":material/co_present:"):
        rows = [
            f"| {minutes} | {activity} | {question} |"
            for minutes, activity, question in describe_plan()
        ]
        st.markdown("\n".join(("| Minutes | What | Ask |", "| --- | --- | --- |", *rows)))
        with st.container(width=TEXT_WIDTH):
            st.markdown(
                f"Experiments {format_unplanned_numbers()} each change one part of the program. "
                "They are for a second lesson, or to try at home. Start experiment 1 once before "
                "the lesson, to see how long a run takes on your computer. A server trains one "
                "run at a time, and everybody can watch it. Let the class vote on each "
                "prediction, or give each group a computer."
            )
        st.download_button(
            "Download the answers (HTML)",
            worksheet.make_teacher_sheet,
            file_name="gan-worksheet-answers.html",
            mime="text/html",
            icon=":material/key:",
            on_click="ignore",
            key="download-answers",
            help="The plan, and for each experiment the usual result, what we measured, and why.",
        )
