"""The two-sample test on request: its button, its table, and the package that it needs."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.quality import two_sample_panel
from dashboard.state.trainer import Trainer
from dcgan.data.datasets import ImageDataset
from dcgan.evaluation.metrics import Estimate
from dcgan.evaluation.two_sample_test import TwoSampleTest
from dcgan.model.gan import DCGAN
from dcgan.runs.run_folder import Run
from tests.dashboard.conftest import NewRun
from tests.dashboard.rendering import prepare_panel, run_page


def render_panel() -> None:
    """Render the panel for the run that a test has put there."""
    import streamlit as st

    from dashboard.quality import two_sample_panel

    two_sample_panel.render(st.session_state["trainer"], st.session_state["run"])


def open_page(run: Run) -> AppTest:
    return run_page(prepare_panel(render_panel, run=run, trainer=Trainer(run.path.parent)))


def test_the_answers_are_shown_beside_answers_about_real_pictures(
    new_run: NewRun, tiny_dataset: ImageDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run("first")
    run.save_checkpoint(DCGAN(run.config).get_state() | {"step": np.array(99)})
    repeated = replace(tiny_dataset, pixels=np.concatenate([tiny_dataset.pixels] * 3))
    given: list[np.ndarray] = []

    def run_two_sample_test(generated: np.ndarray, dataset: ImageDataset) -> TwoSampleTest:
        given.append(generated)
        assert dataset is repeated
        return TwoSampleTest(200, 100, {"shapes": Estimate(0.63)}, {"shapes": Estimate(0.5)})

    monkeypatch.setattr(two_sample_panel, "run_two_sample_test", run_two_sample_test)
    monkeypatch.setattr(two_sample_panel, "load_all_pictures", lambda run: repeated)
    page = open_page(run)
    page.button[0].click()
    run_page(page)
    assert not page.error
    assert [pictures.shape[0] for pictures in given] == [300]
    table = page.dataframe[0].value
    assert table["It looks at"].tolist() == ["shapes"]
    assert table["Right"].tolist() == [0.63]
    assert table["Real against real"].tolist() == [0.5]
    assert "100 digits of step 99" in page.caption[0].value


def test_too_few_pictures_are_said(
    new_run: NewRun, tiny_dataset: ImageDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run("few")
    monkeypatch.setattr(two_sample_panel, "load_all_pictures", lambda run: tiny_dataset)
    page = open_page(run)
    page.button[0].click()
    run_page(page)
    assert "at least 300 real pictures" in page.error[0].value


def test_without_scikit_learn_the_button_says_how_to_install_it(
    new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "sklearn" else find_spec(name)
    )
    button = open_page(new_run("first")).button[0]
    assert button.disabled
    assert "requirements-tell.txt" in button.help


def test_a_public_demo_has_no_such_button(new_run: NewRun) -> None:
    run = new_run("first")
    demo = SimpleNamespace(demo=object())
    assert not run_page(prepare_panel(render_panel, run=run, trainer=demo)).button
