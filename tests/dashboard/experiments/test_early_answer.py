"""An experiment whose pictures are all the same: the page says so, and one button ends the run."""

from __future__ import annotations

import pytest

from dashboard.experiments import student_work
from dashboard.experiments.catalog import find_experiment
from dcgan.runs.run_folder import Run
from tests import healthy_run
from tests.dashboard.conftest import NewRun
from tests.dashboard.posed_trainer import PosedTrainer
from tests.dashboard.rendering import list_buttons, prepare_page, press, read_texts, run_page

pytestmark = pytest.mark.usefixtures("no_included_run")

SAME = "All pictures are the same already: this is the answer."


def begin_experiment(trainer: PosedTrainer, run: Run, key: str) -> None:
    """Make a run appear to train as an experiment's."""
    experiment = find_experiment(key)
    assert experiment is not None
    run.config = experiment.config
    trainer.live.begin(experiment.config)
    trainer.live.change(run=run, phase="running", num_images=60_000)


def test_a_collapse_ends_before_its_last_step_with_an_answer(
    trainer: PosedTrainer, new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run()
    begin_experiment(trainer, run, "collapse")
    page = prepare_page("learn")
    page.query_params["experiment"] = "collapse"
    run_page(page)
    for report in healthy_run.steps(400, 0, fake_spread=0.02):
        trainer.live.add(run, report, keeps_message=False)
    assert SAME in read_texts(run_page(page))
    assert "Stop training" not in list_buttons(page)
    stopped: list[Run | None] = []

    def stop(run: Run | None) -> None:
        stopped.append(run)
        trainer.live.change(phase="stopped")

    monkeypatch.setattr(trainer, "stop", stop)
    page = run_page(page)
    press(page, "End the run and see why")
    assert stopped == [run]
    text = read_texts(run_page(page))
    assert "**The run shows:** Nearly all the same." in text
    assert "of 938 steps. All its pictures were the same by then" in text
    assert "**Why.** If one picture fools the discriminator" in text
    assert "Next: Slow the generator down" in list_buttons(page)


@pytest.mark.parametrize(("key", "spread"), [("collapse", 0.3), ("average", 0.02)])
def test_a_run_without_an_answer_goes_on(
    key: str, spread: float, trainer: PosedTrainer, new_run: NewRun
) -> None:
    run = new_run()
    begin_experiment(trainer, run, key)
    for report in healthy_run.steps(400, 0, fake_spread=spread):
        trainer.live.add(run, report, keeps_message=False)
    experiment = find_experiment(key)
    assert experiment is not None
    assert not student_work.has_early_answer(experiment, trainer.snapshot())
