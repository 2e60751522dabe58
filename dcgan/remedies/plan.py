"""The plan of trials: the trials of a verdict's actions, and their names for people."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

from dcgan.config.config_text import format_value
from dcgan.config.setting_info import get_setting_label, list_settings_that_change
from dcgan.diagnosis.actions import Action
from dcgan.remedies.study import Trial
from dcgan.runs.naming.branches import describe_new_settings, make_branch_title

TRIAL_SECONDS = 30.0  # Training time of each trial, counted from the end of its first step.
BUILDING_SECONDS = 10.0  # For each trial: its networks, its first step and its measurement.


def plan_trials(actions: Iterable[Action], checkpoint_steps: Collection[int]) -> tuple[Trial, ...]:
    """Plan the trials of a verdict's remedies, between two baselines.

    A suggested new run is tried twice: once from random weights and once from the checkpoint with
    the new settings. The second baseline has other noise, so that its difference from the first one
    shows the effect of chance.

    Args:
        actions: Actions that the verdict suggests.
        checkpoint_steps: Steps whose checkpoints the run has; it cannot return to other steps. A
            branch has no checkpoints of its parent.

    Returns:
        The trials in order; none if no action can be tried.
    """
    remedies: list[Trial] = []
    for action in actions:
        if action.step in checkpoint_steps:
            remedies.append(Trial(kind="rolled_back", step=action.step))
        if action.changes and action.changes.keys() <= set(list_settings_that_change("in_branch")):
            remedies.append(Trial(kind="changed_settings", changes=dict(action.changes)))
        if action.changes and action.kind == "new_run":
            remedies.append(Trial(kind="new_run", changes=dict(action.changes)))
    if not remedies:
        return ()
    return (Trial(kind="baseline"), *remedies, Trial(kind="baseline_other_noise"))


def describe_trial(trial: Trial) -> str:
    """Name a trial, such as "Set Generator learning rate to 0.0005"."""
    separator = " " if trial.kind == "new_run" else " to "
    changes = ", ".join(
        f"{get_setting_label(name)}{separator}{format_value(name, value)}"
        for name, value in trial.changes.items()
    )
    return {
        "baseline": "Do nothing",
        "baseline_other_noise": "Do nothing again",
        "changed_settings": f"Set {changes}",
        "rolled_back": f"Return to step {trial.step or 0:,}",
        "new_run": f"Start again with {changes}",
    }[trial.kind]


def make_run_title(trial: Trial, origin_title: str) -> str:
    """Return the title of a trial's run, such as "Dropout 0.4 (branch of my run)".

    Args:
        trial: The trial.
        origin_title: Title of the run whose remedies are tried.
    """
    change = {
        "baseline": "No change",
        "baseline_other_noise": "No change, other noise",
        "rolled_back": f"From step {trial.step or 0:,}",
    }.get(trial.kind, describe_new_settings(trial.changes))
    kind: Literal["branch", "restart"] = "restart" if trial.kind == "new_run" else "branch"
    return make_branch_title(change, origin_title, kind)
