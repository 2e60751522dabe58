"""The page of an experiment: prediction, start, run, answer and the way on."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.experiments.catalog import EXPERIMENTS, WALK, find_experiment, get_experiment_number
from dashboard.runners.trial_runner import RunningTrial, TrialRunner
from dashboard.snapshots.snapshot import Phase
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import RunError
from dcgan.reports import SampleReport
from dcgan.runs.run_folder import Run
from tests import healthy_run
from tests.dashboard.conftest import NewRun
from tests.dashboard.posed_trainer import PosedTrainer
from tests.dashboard.rendering import (
    list_buttons,
    list_primary_buttons,
    prepare_page,
    press,
    read_texts,
    remove_escapes,
    run_page,
)

pytestmark = pytest.mark.usefixtures("no_included_run")

TRAINED = [experiment for experiment in EXPERIMENTS if experiment.find_answer is not None]


@pytest.fixture
def page(trainer: PosedTrainer, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Return the page, not yet rendered; its runs make no steps: tests report them instead."""

    def begin(config: TrainingConfig) -> bool:
        if trainer.snapshot().is_active:
            return False
        trainer.live.begin(config)
        return True

    monkeypatch.setattr(trainer, "start", begin)
    return prepare_page("learn")


def open_experiment(page: AppTest, key: str) -> None:
    page.query_params["experiment"] = key
    run_page(page)


def start_experiment(
    page: AppTest, key: str, prediction: int, label: str = "Start the experiment"
) -> None:
    """Open an experiment, predict and press the button that starts it."""
    open_experiment(page, key)
    page.radio[0].set_value(prediction).run()
    press(page, label)


def end_run(trainer: PosedTrainer, run: Run, last: int, **changes: float) -> None:
    """Write reports of a run with some numbers and end it."""
    live = trainer.live
    run.config = live.get().config or run.config
    live.change(run=run, num_images=60_000)
    for report in healthy_run.steps(last, last - 400, **changes):
        live.add(run, report, keeps_message=False)
    live.add(run, healthy_run.evaluation(last), keeps_message=False)
    pixels = np.zeros((100, 28, 28, 1), np.uint8)
    live.add(run, SampleReport(last, 1, 1.0, pixels), keeps_message=False)
    live.change(phase="finished")


@pytest.mark.parametrize("key", [experiment.key for experiment in TRAINED])
def test_an_experiment_runs_from_the_prediction_to_its_answer(
    key: str, page: AppTest, trainer: PosedTrainer, new_run: NewRun
) -> None:
    experiment = find_experiment(key)
    assert experiment is not None
    open_experiment(page, key)
    assert "the networks do not learn the classes" in read_texts(page)
    (start,) = [element for element in page.button if element.label == "Start the experiment"]
    assert start.disabled  # Without a prediction.
    page.radio[0].set_value(0).run()
    press(page, "Start the experiment")
    assert trainer.snapshot().config == experiment.config
    assert not page.radio  # The prediction is locked.
    assert "What to watch" in read_texts(page)
    end_run(trainer, new_run(), experiment.epochs * 938)
    run_page(page)
    shown = read_texts(page)
    assert f"**Why.** {experiment.explanation}" in shown
    assert experiment.predictions[0] in shown
    # The accuracy on real images is explained at its chart.
    assert ("counts as “fake”" in shown) is (experiment.chart == "accuracy")
    next_title = EXPERIMENTS[get_experiment_number(experiment)].title
    press(page, f"Next: {next_title}")
    assert page.title[0].value == next_title


def test_a_prediction_is_compared_with_what_the_run_showed(
    page: AppTest, trainer: PosedTrainer, new_run: NewRun
) -> None:
    start_experiment(page, "collapse", 1)
    end_run(trainer, new_run(), 938, fake_spread=0.0367)
    page.run()
    shown = read_texts(page)
    assert "**As you predicted:** Nearly all the same." in shown
    assert "pictures differ by 4%, two real digits by 37%, as in the chart" in shown
    assert "Below 18% is a collapse" in shown
    page.query_params.clear()
    page.run()
    assert f"1 of {len(EXPERIMENTS)} done" in read_texts(page)
    labels = list_buttons(page)
    assert "2. Speed the generator up – **done**" in labels
    assert "3. Slow the generator down" in labels
    trainer.live.begin(TRAINED[2].config)
    page.run()
    assert "3. Slow the generator down – **training now**" in list_buttons(page)
    press(page, "Watch experiment 3")
    assert page.title[0].value == "Slow the generator down"


def test_the_normal_run_is_quoted_at_the_step_at_which_the_other_run_ended(
    page: AppTest, trainer: PosedTrainer, new_run: NewRun
) -> None:
    start_experiment(page, "normal", 2)
    normal = new_run("normal")
    normal.config = trainer.snapshot().config or normal.config
    for report in healthy_run.steps(1000, 400, real_accuracy=0.6, fake_accuracy=0.7):
        trainer.live.add(normal, report, keeps_message=False)
    end_run(trainer, normal, 1876)
    page.run()
    start_experiment(page, "winner", 1)
    end_run(trainer, new_run("second"), 938, real_accuracy=0.99, fake_accuracy=1.0)
    page.run()
    assert "In a normal run it is 60% and 70% at step 920" in read_texts(page)


def test_the_digits_come_before_the_answer_and_the_prediction_is_shown_once(
    page: AppTest, trainer: PosedTrainer, new_run: NewRun
) -> None:
    start_experiment(page, "winner", 1)
    end_run(trainer, new_run(), 938, real_accuracy=0.99, fake_accuracy=1.0)
    page.run()
    assert page.button(key="experiment-train").label == "Fix it on the Train page"
    shown = [element.value for element in page.markdown]
    answer = next(index for index, text in enumerate(shown) if "As you predicted" in text)
    pictures = next(index for index, text in enumerate(shown) if "This run at step" in text)
    assert pictures < answer
    assert not any("What to watch" in text for text in shown)  # There is nothing to watch now.
    assert "**Your prediction.**" not in read_texts(page)


def test_the_answer_shows_the_normal_run_at_the_same_step(
    page: AppTest, trainer: PosedTrainer, new_run: NewRun
) -> None:
    normal = new_run("normal")  # Its folder has the digits of step 26.
    start_experiment(page, "normal", 2)
    end_run(trainer, normal, 1876)
    page.run()
    start_experiment(page, "collapse", 1)
    end_run(trainer, new_run("second"), 938, fake_spread=0.0367)
    page.run()
    assert "**The normal run at step 26**" in read_texts(page)
    assert "shorter training" not in read_texts(page)
    shutil.rmtree(normal.path)
    run_page(page)
    assert "**The normal run at step 1,876**" in read_texts(page)
    assert "This run ended at step 938, so part of the difference comes from" in read_texts(page)


def test_a_run_in_training_is_saved_before_the_experiment_starts_and_can_go_on_after_it(
    page: AppTest, trainer: PosedTrainer, new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = new_run("other")
    other.write_label("My *long* run", "")
    live = trainer.live
    live.begin(other.config)
    live.change(run=other, phase="running")
    stopped: list[Run | None] = []

    def stop(run: Run | None) -> None:
        stopped.append(run)
        live.change(phase="stopped")

    monkeypatch.setattr(trainer, "stop", stop)
    open_experiment(page, "winner")
    assert "This stops and saves “My *long* run”. You can" in remove_escapes(read_texts(page))
    assert "Stop that run and start the experiment" not in list_buttons(page)
    page.radio[0].set_value(1).run()
    press(page, "Stop that run and start the experiment")
    assert stopped == [other]
    assert trainer.snapshot().config == TRAINED[2].config
    end_run(trainer, new_run("second"), 938, real_accuracy=0.99, fake_accuracy=1.0)
    page.run()
    assert "As you predicted" in read_texts(page)
    assert "Continue My \\*long\\* run" in list_buttons(page)
    # A run of an experiment that is stopped for the next one does not take its place.
    experiment_run = new_run("third")
    experiment_run.config = TRAINED[2].config
    live.begin(TRAINED[2].config)
    live.change(run=experiment_run, phase="running")
    start_experiment(page, "ones", 1, "Stop that run and start the experiment")
    live.change(phase="stopped")
    press(page, "All experiments")
    assert "Continue My \\*long\\* run" in list_buttons(page)


def test_a_stopped_run_is_offered_also_if_the_script_ends_while_it_is_saved(
    page: AppTest, trainer: PosedTrainer, new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = new_run("long")
    live = trainer.live
    live.begin(other.config)
    live.change(run=other, phase="running")
    monkeypatch.setattr(trainer, "stop", lambda _: live.change(phase="stopped"))
    monkeypatch.setattr(trainer, "join", lambda _: False)
    start_experiment(page, "winner", 1, "Stop that run and start the experiment")
    press(page, "All experiments")
    assert "Continue long" in list_buttons(page)


def test_the_run_whose_remedies_are_being_tried_is_offered_and_not_its_trial(
    page: AppTest, trainer: PosedTrainer, new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried, trial = new_run("tried"), new_run("tried/trials/first")
    live = trainer.live
    live.begin(trial.config)
    live.change(run=trial, phase="running")
    with monkeypatch.context() as patch:
        patch.setattr(TrialRunner, "running", RunningTrial(tried, 26, 2, 4))
        patch.setattr(trainer, "stop", lambda _: live.change(phase="stopped"))
        open_experiment(page, "winner")
        assert "This ends the test of remedies of “tried”." in remove_escapes(read_texts(page))
        start_experiment(page, "winner", 1, "Stop the test and start the experiment")
    live.change(phase="stopped")
    press(page, "All experiments")
    assert "Continue tried" in list_buttons(page)
    with pytest.raises(RunError, match="first is a trial of a remedy: adopt it"):
        trainer.continue_run(trial)


@pytest.mark.parametrize(
    ("phase", "ending"),
    [("stopped", "was stopped"), ("finished", "reached its time limit"), ("failed", "failed")],
)
def test_the_answer_names_the_reason_of_an_early_end(
    page: AppTest, trainer: PosedTrainer, new_run: NewRun, phase: Phase, ending: str
) -> None:
    start_experiment(page, "winner", 2)
    end_run(trainer, new_run(), 700)
    trainer.live.change(phase=phase)
    page.run()
    assert "As you predicted" in read_texts(page)
    assert f"made 700 of 938 steps and {ending}, so" in read_texts(page)


def test_a_run_that_ended_before_another_one_began_still_gives_its_answer(
    page: AppTest, trainer: PosedTrainer, new_run: NewRun
) -> None:
    start_experiment(page, "normal", 0)
    run = new_run("first")
    trainer.live.change(run=run)
    page.run()
    trainer.live.begin(TrainingConfig(seed=5))  # The student was on another page.
    run_page(page)
    assert "**Your prediction.**" in read_texts(page)
    assert f"Step {run.read_status().step}" in read_texts(page)


def test_a_run_with_lower_rates_after_a_divergence_still_belongs_to_the_experiment(
    page: AppTest, trainer: PosedTrainer, new_run: NewRun
) -> None:
    start_experiment(page, "winner", 2)
    run, live = new_run(), trainer.live
    config = live.get().config
    assert config is not None
    live.change(run=run)
    page.run()
    live.change(config=config.replace(generator_learning_rate=0.001))
    page.run()
    assert "Start the experiment" not in list_buttons(page)
    assert "What to watch" in read_texts(page)


def test_a_run_that_decides_nothing_keeps_the_explanation_for_the_next_try(
    page: AppTest, trainer: PosedTrainer, new_run: NewRun
) -> None:
    start_experiment(page, "winner", 2)
    end_run(trainer, new_run(), 450)
    trainer.live.change(phase="stopped")
    page.run()
    assert "This run gives no clear answer" in read_texts(page)
    assert "**Why.**" not in read_texts(page)
    assert list_primary_buttons(page) == ["Run it again"]
    press(page, "Run it again")
    assert trainer.snapshot().is_active
    assert "no clear answer" not in read_texts(page)


def test_the_duration_is_estimated_from_the_speed_of_the_last_run(
    page: AppTest, trainer: PosedTrainer, new_run: NewRun
) -> None:
    open_experiment(page, "ones")
    page.radio[0].set_value(1).run()
    assert "Usually takes about 40 seconds" in read_texts(page)
    trainer.live.begin(TRAINED[0].config)
    end_run(trainer, new_run(), 938, seconds=938 * 64 * 3 / 3430)
    page.run()
    assert "Takes about 2 min at the speed of the last run here" in read_texts(page)


def test_a_class_that_shares_a_server_sees_the_same_run(
    page: AppTest, trainer: PosedTrainer, new_run: NewRun
) -> None:
    trainer.live.begin(TRAINED[1].config)
    open_experiment(page, "collapse")
    assert page.radio  # Everybody can still predict.
    assert "What to watch" in read_texts(page)
    assert "Start the experiment" not in list_buttons(page)


def test_an_unknown_experiment_shows_the_list(page: AppTest) -> None:
    open_experiment(page, "x")
    assert [element for element in page.button if element.label == "Start the lesson"]
    assert len([element for element in page.button if element.label[:1].isdigit()]) == len(
        EXPERIMENTS
    )


def test_a_watcher_sees_a_run_in_training_and_cannot_start_one(
    page: AppTest, trainer: PosedTrainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.access.permissions.may_operate", lambda: False)
    open_experiment(page, "collapse")
    assert "Only operators of this server can start the run" in read_texts(page)
    trainer.live.begin(TRAINED[1].config)
    page.run()
    assert "What to watch" in read_texts(page)
    assert list_buttons(page) == ["All experiments"]


def test_without_a_generator_of_digits_there_is_no_walk(page: AppTest) -> None:
    open_experiment(page, WALK)
    assert "There is no run with a generator of digits yet" in read_texts(page)
