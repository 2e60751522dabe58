"""The experiment of the walks: the generator that draws them, and their classes."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.experiments import walk_panel
from dashboard.experiments.walks import NUM_FRAMES, NUM_WALKS, Walks
from dashboard.generators.generator_source import GeneratorSource
from dashboard.state.trainer import Trainer
from dcgan import installation
from dcgan.runs import run_folder
from tests.dashboard.rendering import run_page


def choose_generator() -> None:
    """Render the choice of a generator."""
    import streamlit as st

    from dashboard.experiments import walk_panel

    st.session_state["chosen"] = walk_panel._ask_for_run(st.session_state["trainer"])


def test_the_walks_begin_with_a_generator_that_leads_to_another_digit(trainer: Trainer) -> None:
    page = AppTest.from_function(choose_generator, default_timeout=60)
    page.session_state["trainer"] = trainer
    run_page(page)
    assert page.session_state["chosen"].path == installation.INCLUDED_RUN


@pytest.mark.parametrize(("name", "index"), [("pretrained-classes", 1), ("deleted", 0)])
def test_a_reload_offers_the_generator_of_the_restored_answer_unless_it_is_gone(
    trainer: Trainer, name: str, index: int
) -> None:
    page = AppTest.from_function(choose_generator, default_timeout=60)
    page.session_state["trainer"] = trainer
    page.session_state["walk_run"] = name
    run_page(page)
    # Later too, as the browser keeps the old label of a run that was renamed.
    assert run_page(page).selectbox[0].proto.set_value
    assert page.session_state["chosen"].path == installation.list_included_runs()[index]


def test_each_walk_of_a_run_with_classes_stays_in_one_class(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = run_folder.open_run(installation.list_included_runs()[1])
    drawn: list[np.ndarray] = []

    def generate(
        source: GeneratorSource, z: np.ndarray, classes: np.ndarray
    ) -> tuple[np.ndarray, int]:
        drawn.append(classes)
        return np.zeros((len(z), 28, 28, 1), np.uint8), 1

    monkeypatch.setattr(GeneratorSource, "generate", generate)
    walks: Walks = walk_panel._measure_walks(run, 53_072)
    assert walks.walks.shape[:2] == (NUM_WALKS, NUM_FRAMES)
    (classes,) = drawn
    rows = classes.reshape(NUM_WALKS, NUM_FRAMES)
    assert (rows == rows[:, :1]).all()
    assert rows[:4, 0].tolist() == [0, 1, 2, 3]
