"""The dialog "Can you tell?", in which a person sorts real pictures and fakes of a run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from dashboard.components.quiz import render_quiz
from dashboard.generators.discriminator_answers import JudgedPictures, judge_pictures
from dashboard.state.trainer import Trainer
from dashboard.wording.messages import render_run_error
from dcgan.charts.colors import FAKE_COLOR
from dcgan.config.settings import MAX_SEED
from dcgan.errors import DCGANError
from dcgan.runs.run_folder import Run

_NUM_EACH = 10
_SCALE = 4

# Keys of the session.
_OPEN_RUN = "quiz_open_run"  # Name of the run whose quiz is open in this tab.
_ROUND = "quiz_round"


@dataclass(frozen=True)
class _Round:
    """One round of a run: the pictures, and the order in which they are shown."""

    run_name: str
    number: int
    judged: JudgedPictures
    order: np.ndarray


def render(trainer: Trainer, run: Run) -> None:
    """Render the button, and the dialog while it is open.

    Call it outside of fragments: each run of the whole script must open the dialog again, or it
    closes.
    """
    st.button(
        "Can you tell?",
        icon=":material/rule:",
        key="can-you-tell",
        on_click=_open,
        args=(run.name,),
        help=f"Sort {2 * _NUM_EACH} pictures into real ones and fakes, and compare yourself with "
        "the discriminator.",
    )
    if st.session_state.get(_OPEN_RUN) == run.name:
        _show(trainer, run)


def _open(run_name: str) -> None:
    st.session_state[_OPEN_RUN] = run_name
    st.session_state.pop(_ROUND, None)


def _close() -> None:
    st.session_state.pop(_OPEN_RUN, None)


@st.dialog("Can you tell?", width="large", icon=":material/rule:", on_dismiss=_close)
def _show(trainer: Trainer, run: Run) -> None:
    """Show the current round, and draw the next one on request."""
    current: _Round | None = st.session_state.get(_ROUND)
    if current is None or current.run_name != run.name:
        current = _draw(trainer, run, 1)
    if current is not None and _render(current) and _draw(trainer, run, current.number + 1):
        st.rerun(scope="fragment")


def _draw(trainer: Trainer, run: Run, number: int) -> _Round | None:
    """Draw the pictures of a round; show an error and return None if that fails."""
    # A new random seed each time, so that nobody learns the pictures by heart.
    seed = int(np.random.default_rng().integers(MAX_SEED))
    try:
        with st.spinner(f"Drawing {_NUM_EACH} fakes"):
            judged = judge_pictures(trainer, run, _NUM_EACH, seed)
    except DCGANError as error:
        render_run_error(error, run.config)
        return None
    order = np.random.default_rng(seed).permutation(2 * _NUM_EACH)
    new_round = _Round(run.name, number, judged, order)
    st.session_state[_ROUND] = new_round
    return new_round


def _render(current: _Round) -> bool:
    """Render a round; return whether a person has asked for another one."""
    judged, order = current.judged, current.order
    classes = [""] * _NUM_EACH + judged.fake_classes if judged.fake_classes else []
    return render_quiz(
        judged.pixels[order],
        order < _NUM_EACH,
        judged.answers[order],
        [classes[index] for index in order] if classes else [],
        round_name=f"{current.run_name} {current.number}",
        introduction=f"Of these pictures {_NUM_EACH} are real; {_NUM_EACH} were drawn by the "
        f"generator at step {judged.step:,}.",
        scale=_SCALE,
        fake_color=FAKE_COLOR,
        key="quiz",
    )
