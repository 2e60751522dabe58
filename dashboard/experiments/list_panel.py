"""The list of the experiments, and the worksheets."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.components.plain_text import TEXT_WIDTH
from dashboard.experiments import answer_panel, notes, worksheet
from dashboard.experiments.catalog import EXPERIMENTS, get_number
from dashboard.experiments.experiment import Experiment
from dashboard.state.trainer import Trainer

_COLUMNS = 3


def render(trainer: Trainer) -> None:
    """Render the list, the button for the next experiment, and the downloads."""
    with st.container(key=notes.LIST_KEY):
        _render_lesson(trainer)
    own = trainer.snapshot()
    for start in range(0, len(EXPERIMENTS), _COLUMNS):
        columns = st.columns(_COLUMNS, gap="small")
        for column, experiment in zip(columns, EXPERIMENTS[start:], strict=False):
            with column:
                is_training = own.is_active and own.config == notes.get_note(experiment).config
                _render_entry(experiment, is_training=is_training)


def _render_lesson(trainer: Trainer) -> None:
    """Render the introduction, the button for the next experiment, and the downloads."""
    st.subheader("Experiments", anchor="experiments")
    answered = sum(notes.get_note(it).is_answered for it in EXPERIMENTS)
    following = notes.find_first_open()
    with st.container(width=TEXT_WIDTH):
        st.markdown(
            "Each asks a question and answers it with a real run of about a minute: predict, "
            "watch, compare. Together they are a lesson of 30 minutes."
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        if following is not None:
            number = get_number(following)
            st.button(
                f"Go on with experiment {number}" if answered else "Start the lesson",
                type="primary",
                icon=":material/science:",
                key="start-lesson",
                on_click=notes.open_experiment,
                args=(following,),
            )
        st.download_button(
            "Worksheet",
            # The notes are read here, as the thread that makes the file has no session.
            partial(worksheet.make_worksheet, {it.key: notes.get_note(it) for it in EXPERIMENTS}),
            file_name="gan-worksheet.html",
            mime="text/html",
            icon=":material/print:",
            on_click="ignore",
            key="download-worksheet",
            help="A page to print, with lines for predictions and observations. It contains your "
            "predictions and results from this tab.",
        )
        st.download_button(
            "Answers for teachers",
            worksheet.make_teacher_sheet,
            file_name="gan-worksheet-answers.html",
            mime="text/html",
            icon=":material/key:",
            on_click="ignore",
            key="download-answers",
            help="The usual result of each experiment, what we measured, and why.",
        )
        answer_panel.render_continue(trainer)
        if answered:
            st.caption(f"{answered} of {len(EXPERIMENTS)} done", width="content")


def _render_entry(experiment: Experiment, *, is_training: bool) -> None:
    note = notes.get_note(experiment)
    number = get_number(experiment)
    icon = ":material/check_circle:" if note.is_answered else ":material/science:"
    if is_training:
        icon = ":material/model_training:"
    st.button(
        f"{number}. {experiment.title}",
        icon=icon,
        key=f"open-{experiment.key}",
        on_click=notes.open_experiment,
        args=(experiment,),
        width="stretch",
    )
