"""The list of the experiments, and the worksheets."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.components.plain_text import TEXT_WIDTH
from dashboard.experiments import answer_panel, notes, worksheet
from dashboard.experiments.catalog import (
    EXPERIMENTS,
    describe_plan,
    get_number,
    list_unplanned_numbers,
)
from dashboard.experiments.experiment import Experiment
from dashboard.shared.following import follow
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.trainer import Trainer

_COLUMNS = 3


def render(trainer: Trainer) -> None:
    """Render the list, the button for the next experiment, and the downloads."""
    own = trainer.snapshot()
    in_training = _find_in_training(own)
    with st.container(key=notes.LIST_KEY):
        _render_lesson(trainer, in_training)
    _follow(trainer, own)
    for start in range(0, len(EXPERIMENTS), _COLUMNS):
        columns = st.columns(_COLUMNS, gap="small")
        for column, experiment in zip(columns, EXPERIMENTS[start:], strict=False):
            with column:
                _render_entry(experiment, own if experiment is in_training else None)
    _render_plan()


def _find_in_training(own: Snapshot) -> Experiment | None:
    """Return the experiment whose run is in training here, if any."""
    return next(
        (
            experiment
            for experiment in EXPERIMENTS
            if own.is_active
            and experiment.find_answer is not None
            and own.config in (experiment.config, notes.get_note(experiment).config)
        ),
        None,
    )


@st.fragment
def _follow(trainer: Trainer, own: Snapshot) -> None:
    """Rerun the page when a run begins, pauses or ends, as the list names the one that trains."""
    newest = follow(trainer, key="news-experiments")
    if (newest.is_active, newest.is_paused) != (own.is_active, own.is_paused):
        st.rerun()


def _render_lesson(trainer: Trainer, in_training: Experiment | None) -> None:
    """Render the introduction, the button for the next experiment, and the downloads."""
    st.subheader("Experiments", anchor="experiments")
    answered = sum(notes.get_note(experiment).is_answered for experiment in EXPERIMENTS)
    following = in_training or notes.find_first_unanswered()
    with st.container(width=TEXT_WIDTH):
        st.markdown(
            "Each asks a question, and a real run of about a minute answers it: predict, watch, "
            f"compare. All {len(EXPERIMENTS)} take about 30 minutes."
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        if following is not None:
            number = get_number(following)
            label = f"Go on with experiment {number}" if answered else "Start the lesson"
            st.button(
                f"Watch experiment {number}" if in_training else label,
                type="primary",
                icon=":material/science:",
                key="start-lesson",
                on_click=notes.open_experiment,
                args=(following,),
            )
        st.download_button(
            "Download the worksheet (HTML)",
            # The notes are read here, as the thread that makes the file has no session.
            partial(
                worksheet.make_worksheet,
                {experiment.key: notes.get_note(experiment) for experiment in EXPERIMENTS},
            ),
            file_name="gan-worksheet.html",
            mime="text/html",
            icon=":material/print:",
            on_click="ignore",
            key="download-worksheet",
            help="A page to print, with lines for predictions and observations. It contains your "
            "predictions and results.",
        )
        answer_panel.render_continue(trainer)
        if answered:
            st.caption(f"{answered} of {len(EXPERIMENTS)} done", width="content")


def _render_entry(experiment: Experiment, active: Snapshot | None) -> None:
    """Render the button of an experiment.

    Args:
        experiment: The experiment.
        active: Snapshot of its run if the run trains or is paused; otherwise None.
    """
    note = notes.get_note(experiment)
    number = get_number(experiment)
    icon, state = ":material/science:", ""
    if active is not None:
        icon = ":material/model_training:"
        state = " – **paused**" if active.is_paused else " – **training now**"
    elif note.is_answered:
        icon, state = ":material/check_circle:", " – **done**"
    st.button(
        f"{number}. {experiment.title}{state}",
        icon=icon,
        key=f"open-{experiment.key}",
        on_click=notes.open_experiment,
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
                f"Experiments {list_unplanned_numbers()} each change one part of the program: for "
                "a second lesson, or to try at home. Start experiment 1 once before the lesson, to "
                "see how long a run takes on your computer. A server trains one run at a time, and "
                "everybody can watch it: let the class vote on each prediction, or give each group "
                "a computer."
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
