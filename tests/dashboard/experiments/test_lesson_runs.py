"""The lesson after a reload of the page: made again from the runs of the experiments."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.experiments.catalog import EXPERIMENTS, find_experiment
from dcgan.files.whole_files import write_json
from dcgan.runs.manifest import LABEL_NAME
from dcgan.runs.run_folder import Run
from tests import healthy_run
from tests.dashboard.conftest import NewRun
from tests.dashboard.rendering import (
    list_buttons,
    prepare_page,
    prepare_panel,
    read_texts,
    run_page,
)

pytestmark = pytest.mark.usefixtures("no_included_run")

COLLAPSE = "collapse"


def name_run() -> None:
    """Give the session's run the experiment's title, and the session's prediction as its note."""
    import streamlit as st

    from dashboard.experiments import lesson_runs
    from dashboard.experiments.catalog import find_experiment

    experiment = find_experiment("collapse")
    assert experiment is not None
    lesson_runs.name_run(st.session_state["run"], experiment, st.session_state["prediction"])


def make_collapsed_run(new_run: NewRun, prediction: int | None) -> Run:
    """Make a run that collapsed, with the experiment's title."""
    run = new_run("collapsed", epochs=1)
    run_page(prepare_panel(name_run, run=run, prediction=prediction))
    run.acquire_lock()
    for report in healthy_run.steps(938, 538, fake_spread=0.0367):
        run.write(report)
    run.write(healthy_run.evaluation(938))
    run.write_status("finished", step=938, seconds=20.0)
    run.lock.release()
    return run


def open_page(experiment: str = "") -> AppTest:
    """Open the Learn page in a new session, as a reload does."""
    page = prepare_page("learn")
    if experiment:
        page.query_params["experiment"] = experiment
    return run_page(page)


def test_a_done_experiment_and_its_prediction_outlive_a_reload(new_run: NewRun) -> None:
    run = make_collapsed_run(new_run, prediction=1)
    assert run.read_label().title == "Experiment: Speed the generator up"
    assert run.read_label().note == "Predicted: Nearly all the same."
    page = open_page()
    assert "2. Speed the generator up – **done**" in list_buttons(page)
    assert f"1 of {len(EXPERIMENTS)} done" in read_texts(page)
    shown = read_texts(open_page(COLLAPSE))
    assert "**As you predicted:** Nearly all the same." in shown
    experiment = find_experiment(COLLAPSE)
    assert experiment is not None
    assert f"**Why.** {experiment.explanation}" in shown


def test_a_run_without_a_prediction_still_gives_its_answer(new_run: NewRun) -> None:
    run = make_collapsed_run(new_run, prediction=None)
    assert "**The run shows:** Nearly all the same." in read_texts(open_page(COLLAPSE))
    run.write_label(run.read_label().title, "A note of my own.")
    assert "**The run shows:** Nearly all the same." in read_texts(open_page(COLLAPSE))


def test_another_title_and_note_do_not_take_a_run_from_its_experiment(new_run: NewRun) -> None:
    run = make_collapsed_run(new_run, prediction=1)
    run.write_label("Homework", "For Tuesday.")
    assert "**As you predicted:** Nearly all the same." in read_texts(open_page(COLLAPSE))


def test_a_run_of_an_older_version_is_known_by_its_title_and_note(new_run: NewRun) -> None:
    run = make_collapsed_run(new_run, prediction=1)
    label = {"title": run.read_label().title, "note": run.read_label().note}
    write_json(run.path / LABEL_NAME, label)
    assert "**As you predicted:** Nearly all the same." in read_texts(open_page(COLLAPSE))


def test_an_experiments_run_that_was_trained_on_is_not_its_answer(new_run: NewRun) -> None:
    run = make_collapsed_run(new_run, prediction=1)
    run.acquire_lock()
    run.change_config(run.config.replace(epochs=3))
    run.lock.release()
    page = open_page()
    assert "2. Speed the generator up" in list_buttons(page)
