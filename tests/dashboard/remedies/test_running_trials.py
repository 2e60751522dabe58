"""Remedies on the page while their trials run."""

from __future__ import annotations

import pytest

from dashboard.remedies.remedies_panel import find_newest_png
from dashboard.state.trainer import Trainer
from dcgan.remedies.study import Trial
from dcgan.remedies.study_files import read_study, write_study
from dcgan.runs.run_folder import Run
from tests.dashboard.conftest import NewRun
from tests.dashboard.remedies.tested_run import make_tested_run, tried, write_trials
from tests.dashboard.rendering import prepare_panel, read_texts, run_page

pytestmark = pytest.mark.usefixtures("no_included_run")


@pytest.fixture
def run(new_run: NewRun, trainer: Trainer) -> Run:
    return make_tested_run(new_run)


def render_second_trial() -> None:
    """Render the second trial in training of the remedies of the run "first"."""
    from dashboard.remedies import remedies_panel
    from dashboard.remedies.trials_progress import measure_progress
    from dashboard.runners.trial_runner import RunningTrial
    from dashboard.snapshots.snapshot import Snapshot
    from dashboard.state import trainer as trainer_module
    from dashboard.train import status_panel
    from dcgan.runs.library import find_run

    trainer = trainer_module.get_trainer()
    running = RunningTrial(find_run("first", trainer.root), 26, 1, 4)
    snapshot = Snapshot(phase="preparing", run=running.run, config=running.run.config)
    study = remedies_panel.read_running(running)
    status_panel.render(trainer, snapshot, measure_progress(snapshot, running, study))
    remedies_panel.render_running(snapshot, running, study)


def test_while_trials_run_those_to_come_are_lines_and_the_time_is_that_of_all(run: Run) -> None:
    write_trials(
        run,
        tried("baseline", 50.0),
        Trial(kind="changed_settings", changes={"generator_learning_rate": 0.0005}),
        Trial(kind="new_run", changes={"generator_learning_rate": 0.0005}),
        Trial(kind="baseline_other_noise"),
    )
    page = run_page(prepare_panel(render_second_trial))
    text = read_texts(page)
    assert "**Testing remedies, 2 of 4: Set Generator learning rate to 0.0005.**" in text
    cards = (
        "**Before, at step 26**",
        "**Do nothing**",
        "**Set Generator learning rate to 0.0005**",
    )
    assert all(text.count(name) == 1 for name in cards)
    assert "- Start again with Generator learning rate 0.0005, from step 0\n" in text
    assert "- Do nothing again, with other noise, to measure chance" in text
    assert "Not tried yet" not in text
    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics["Trial"] == "2 of 4"
    # Three trials of 30 seconds, and ten seconds for each to be built and measured.
    assert metrics["Time left in all"] == "about 2 min"


def test_before_the_first_measurement_the_newest_digits_of_the_run_are_shown(run: Run) -> None:
    write_trials(run, Trial(kind="baseline"), Trial(kind="baseline_other_noise"))
    write_study(run, read_study(run, 26).model_copy(update={"before": None}))
    assert find_newest_png(run) is not None
    page = run_page(prepare_panel(render_second_trial))
    assert "Not measured yet." in read_texts(page)
