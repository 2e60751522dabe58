"""Tools of Explore name the class in a run that learned the classes."""

from __future__ import annotations

import io

import numpy as np
from streamlit.testing.v1 import AppTest

from dashboard.explore.sheet_panel import pack_sheet
from dashboard.state.generator_source import GeneratorSource
from dcgan.runs.run_folder import Run
from tests.dashboard.explore.examples import DIGITS


def inside_page() -> None:
    """Render the tool for the source that a test has put there."""
    import streamlit as st

    from dashboard.explore import activations_panel

    activations_panel.render(st.session_state["source"])


def test_the_arrays_of_a_sheet_name_the_class(class_run: Run, run: Run) -> None:
    z = np.zeros((3, 4), np.float32)
    arrays = np.load(io.BytesIO(pack_sheet(GeneratorSource(class_run, 0, class_id=7), z)))
    assert arrays["class_ids"].tolist() == [7, 7, 7]
    assert tuple(arrays["class_names"]) == DIGITS
    assert set(np.load(io.BytesIO(pack_sheet(GeneratorSource(run, 10), z)))) == {"images", "z"}


def test_inside_says_which_class_the_discriminator_judges(class_run: Run) -> None:
    page = AppTest.from_function(inside_page, default_timeout=60)
    page.session_state["source"] = GeneratorSource(class_run, 0, class_id=7)
    page.run()
    assert not page.exception
    assert any("the class that it fits best" in caption.value for caption in page.caption)
