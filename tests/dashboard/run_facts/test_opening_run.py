"""The run that a page opens first: a person's own, not one that an experiment made to fail."""

from __future__ import annotations

import pytest

from dashboard.run_facts.labels import (
    EXPERIMENT_TITLE,
    is_experiment,
    is_started_by_person,
    sort_for_opening,
)
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.trainer import Trainer
from dcgan.runs.library import list_runs
from dcgan.runs.run_folder import Run
from tests.dashboard.conftest import NewRun
from tests.dashboard.rendering import prepare_page, prepare_panel, run_page
from tests.reports import evaluation_report


@pytest.fixture
def experiment(new_run: NewRun) -> Run:
    """Return the measured run of an experiment, which is newer than a person's own run `mine`."""
    new_run("mine")
    run = new_run("newer")
    run.write_label(f"{EXPERIMENT_TITLE}Speed the generator up", note="")
    with run.lock.held():
        run.write(evaluation_report(26, 9.0))
    return run


def test_own_runs_come_first_then_included_ones_with_classes_then_experiments(
    experiment: Run, trainer: Trainer
) -> None:
    runs = sort_for_opening(list_runs(trainer.root)[0])
    assert [run.name for run in runs] == ["mine", "pretrained-classes", "pretrained", "newer"]
    assert [run.name for run in runs if is_experiment(run)] == [experiment.name]


@pytest.mark.usefixtures("experiment")
def test_a_run_of_a_race_is_opened_after_own_and_included_runs(
    new_run: NewRun, trainer: Trainer
) -> None:
    new_run("raced").write_label("Race 30 Nov 14:05: beta_1 0", note="")
    runs = sort_for_opening(list_runs(trainer.root)[0])
    assert [run.name for run in runs if is_started_by_person(run)] == ["mine"]
    assert [run.name for run in runs][:3] == ["mine", "pretrained-classes", "pretrained"]
    assert read_explored_run() == "mine"


def choose_source() -> None:
    """Render Explore's choice of a run."""
    from dashboard.explore.source_choice import ask_for_source
    from dashboard.state.trainer import get_trainer

    ask_for_source(get_trainer())


def read_explored_run() -> object:
    """Return the name of the run that Explore opens first."""
    return run_page(prepare_panel(choose_source)).selectbox(key="source_run").value


@pytest.mark.usefixtures("experiment")
def test_explore_opens_the_own_run_and_without_one_the_included_run_with_classes(
    trainer: Trainer,
) -> None:
    assert read_explored_run() == "mine"
    (trainer.root / "mine").rename(trainer.root / ".gone")
    assert read_explored_run() == "pretrained-classes"


@pytest.mark.usefixtures("experiment", "no_included_run")
def test_compare_chooses_the_own_run_though_only_the_experiment_was_measured() -> None:
    assert run_page(prepare_page("compare")).multiselect(key="compare_runs").value == ["mine"]


@pytest.mark.usefixtures("experiment", "no_included_run")
def test_the_start_page_names_the_own_run_as_the_last_one() -> None:
    captions = [caption.value for caption in run_page(prepare_page("train")).caption]
    assert "Last run: mine" in captions


@pytest.mark.usefixtures("no_included_run")
def test_a_new_tab_shows_the_own_run_instead_of_the_experiment_that_has_just_ended(
    experiment: Run, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = Snapshot(phase="finished", run=experiment, config=experiment.config)
    monkeypatch.setattr(trainer, "snapshot", lambda: ended)
    page = run_page(prepare_page("train"))
    assert any(">mine</h1>" in html.proto.body for html in page.get("html"))
    # The experiment can still be chosen.
    choice = page.selectbox(key="shown_run_widget")
    assert choice.options[0].endswith("(this dashboard)")
    assert choice.help == "Your last run, and the experiment or race that has just ended."
