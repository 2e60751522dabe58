"""Each class of a run, measured on request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.quality import quality_requests_panel
from dashboard.state.trainer import Trainer
from dcgan.data.datasets import ImageDataset
from dcgan.evaluation import class_metrics
from dcgan.evaluation.class_metrics import ClassMetrics
from dcgan.model.gan import DCGAN
from dcgan.runs.run_folder import Run
from tests.dashboard.conftest import NewRun
from tests.dashboard.rendering import prepare_panel, run_page


def render_panel() -> None:
    """Render the panel for the run that a test has put there."""
    import streamlit as st

    from dashboard.quality import quality_requests_panel

    quality_requests_panel.render_classes(st.session_state["trainer"], st.session_state["run"])


def open_page(run: Run) -> AppTest:
    return run_page(prepare_panel(render_panel, run=run, trainer=Trainer(run.path.parent)))


def test_a_run_without_classes_has_no_such_panel(new_run: NewRun) -> None:
    assert not open_page(new_run("plain")).button


def test_each_class_gets_a_row_of_its_own_pictures(
    new_run: NewRun, tiny_dataset: ImageDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run("classes")
    run.change_config(run.config.replace(class_names=("3", "8")))
    run.save_checkpoint(DCGAN(run.config).get_state() | {"step": np.array(99)})
    labelled = replace(tiny_dataset, labels=np.zeros(200, np.uint8), class_names=("3", "8"))
    drawn: list[tuple[int, int]] = []

    def measure(
        draw: Callable[[int, int], np.ndarray], dataset: ImageDataset
    ) -> list[ClassMetrics]:
        assert dataset is labelled
        drawn.extend((label, len(draw(label, 5))) for label in (0, 1))
        return [ClassMetrics("3", 0.99, 1.5, 0.4), ClassMetrics("8", 0.5, None, None)]

    monkeypatch.setattr(class_metrics, "measure_classes", measure)
    monkeypatch.setattr(quality_requests_panel, "load_all_pictures", lambda run: labelled)
    page = open_page(run)
    page.button[0].click()
    run_page(page)
    assert not page.error
    assert drawn == [(0, 5), (1, 5)]
    table = page.dataframe[0].value
    assert table["Class"].tolist() == ["3", "8"]
    assert table["Drawn as asked"].tolist() == [0.99, 0.5]
    assert page.caption[0].value == "300 pictures of each class, step 99."
