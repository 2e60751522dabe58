"""The trials that follow from a verdict's actions."""

from __future__ import annotations

from dcgan.diagnosis.actions import Action
from dcgan.remedies.plan import plan_trials

BACK = Action("roll_back", step=938)
CHANGE = Action("lower_generator_rate", {"generator_learning_rate": 0.0005})


def test_remedies_stand_between_two_baselines() -> None:
    trials = plan_trials((BACK, CHANGE), [938, 1876])
    assert [(trial.kind, trial.step) for trial in trials] == [
        ("baseline", None),
        ("rolled_back", 938),
        ("changed_settings", None),
        ("baseline_other_noise", None),
    ]


def test_a_return_to_a_checkpoint_that_the_run_does_not_have_is_not_tried() -> None:
    # The verdict on a branch may name a step of its parent.
    kinds = [trial.kind for trial in plan_trials((BACK, CHANGE), [1876])]
    assert kinds == ["baseline", "changed_settings", "baseline_other_noise"]
    assert plan_trials((BACK,), [1876]) == ()
