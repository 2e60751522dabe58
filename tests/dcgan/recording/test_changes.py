"""Changed settings and rollbacks between two reports."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from dcgan.errors import (
    ConfigError,
    RunError,
)
from dcgan.evaluation.evaluations_since_change import find_last_change
from dcgan.model.gan import DCGAN
from dcgan.recording.changes import change_settings
from dcgan.recording.rollback import roll_back
from dcgan.recording.saving import save_checkpoint
from dcgan.reports import (
    SampleReport,
    StepReport,
)
from dcgan.runs.run_folder import open_run
from tests.fake_training import (
    Recorded,
    train_five_steps,
)

pytestmark = pytest.mark.usefixtures("no_included_run")


def test_a_change_takes_effect_at_once_and_is_saved_and_recorded(recorded: Recorded) -> None:
    run, gan, reports = recorded(train_five_steps)
    next(reports)
    next(reports)
    rates = {"generator_learning_rate": 1e-4, "discriminator_learning_rate": 2e-3}
    event = change_settings(run, cast("DCGAN", gan), rates)
    assert event is not None
    assert (event.step, event.event) == (1, "changed")
    assert event.text == "From step 1 on: Generator learning rate 0.002 → 0.0001."
    assert gan.learning_rates == [1e-4]
    # After a crash the run resumes at this step, with the new settings.
    assert run.checkpoints.list_steps() == [0, 1]
    assert open_run(run.path).config.generator_learning_rate == 1e-4
    assert open_run(run.path).history.read_events() == [event]
    assert change_settings(run, cast("DCGAN", gan), rates) is None
    # Training starts again, with the new settings.
    assert [type(report) for report in reports][:2] == [SampleReport, StepReport]


def test_a_change_of_the_reports_does_not_count_as_a_change_of_learning(
    recorded: Recorded,
) -> None:
    run, gan, reports = recorded(train_five_steps)
    next(reports)
    next(reports)
    event = change_settings(run, cast("DCGAN", gan), {"evaluate_every": 7})
    assert event is not None
    assert event.text == "From step 1 on: Epochs between measurements 0 → 7."
    assert event.event == "continued"
    assert find_last_change(run.history.read_events()) is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"generator_learning_rate": 2.0}, "generator_learning_rate: got 2.0; expected more than"),
        ({"latent_dim": 8}, "latent_dim: a run keeps it; what may change while it trains is"),
        ({"beta_1": 0.9}, "beta_1: a run keeps it; what may change while it trains is"),
        ({"speed": 2}, "speed: there is no such setting"),
    ],
)
def test_a_change_that_is_not_allowed_changes_nothing(
    recorded: Recorded, changes: dict[str, object], sentence: str
) -> None:
    run, gan, reports = recorded(train_five_steps)
    next(reports)
    before = run.config
    with pytest.raises(ConfigError, match=sentence):
        change_settings(run, cast("DCGAN", gan), changes)
    assert run.config is before
    assert (gan.learning_rates, run.history.read_events()) == ([], [])
    reports.close()


def test_a_rollback_deletes_everything_later_and_trains_on_from_there(recorded: Recorded) -> None:
    run, gan, reports = recorded(train_five_steps)
    for _ in range(4):
        next(reports)
    event = roll_back(run, cast("DCGAN", gan), 0)
    assert (event.step, event.event, event.text) == (
        0,
        "rolled_back",
        "Back to step 0 from step 3.",
    )
    assert (gan.step, run.history.read_steps(), run.checkpoints.list_steps()) == (0, [], [0])
    list(reports)
    assert [report.step for report in run.history.read_steps()] == [1, 2, 3, 4, 5]
    assert run.history.read_events() == [event]
    assert run.read_status().state == "finished"


def test_a_rollback_before_a_change_lists_the_current_settings(recorded: Recorded) -> None:
    run, gan, reports = recorded(train_five_steps)
    for _ in range(3):
        next(reports)
    change_settings(run, cast("DCGAN", gan), {"generator_learning_rate": 1e-4})
    next(reports)
    event = roll_back(run, cast("DCGAN", gan), 0)
    assert event.text == (
        "Back to step 0 from step 2, with the current settings: Generator learning rate 0.0001, "
        "Discriminator learning rate 0.002, Discriminator steps 1, Epochs between measurements 0."
    )
    assert run.history.read_events() == [event]
    reports.close()


def test_a_crash_during_a_rollback_leaves_a_consistent_run(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, gan, reports = recorded(train_five_steps)
    for _ in range(4):
        next(reports)
        save_checkpoint(run, cast("DCGAN", gan))
    assert run.checkpoints.list_steps() == [1, 2, 3]

    def die_before_replacing(path: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", die_before_replacing)
        with pytest.raises(KeyboardInterrupt):
            run.rewind(2)
    # The run can be resumed: its newest checkpoint has all of its history.
    assert run.checkpoints.list_steps() == [1, 2]
    assert [report.step for report in run.history.read_steps()] == [1, 2, 3]
    run.rewind(2)
    assert [report.step for report in run.history.read_steps()] == [1, 2]
    reports.close()


def test_a_rollback_to_a_missing_checkpoint_is_refused(recorded: Recorded) -> None:
    run, gan, reports = recorded(train_five_steps)
    for _ in range(4):
        next(reports)
    with pytest.raises(RunError, match="has no checkpoint of step 2; it has 0"):
        roll_back(run, cast("DCGAN", gan), 2)
    assert gan.step == 3
    reports.close()
