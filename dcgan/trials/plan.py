"""The plan of trials: which of a verdict's actions can be tried, and their names for people."""

from __future__ import annotations

from collections.abc import Iterable

from dcgan.config_text import format_value
from dcgan.diagnosis.actions import Action
from dcgan.setting_info import setting_label, settings_that_change
from dcgan.trials.records import Trial

TRIAL_SECONDS = 30.0  # Training of each trial, without building its first step.


def plan_trials(actions: Iterable[Action]) -> tuple[Trial, ...]:
    """Plan the trials of a verdict's actions, between two trials that change nothing.

    A suggested new run is tried twice: from the beginning, and with its settings from the same
    checkpoint as the others, which shows whether the networks can still be saved. The last trial
    changes only the noise, so its difference from the first one shows what chance does.

    Returns:
        The trials in order; none if no action can be tried.
    """
    remedies: list[Trial] = []
    for action in actions:
        if action.step is not None:
            remedies.append(Trial(kind="returned", step=action.step))
        if action.changes and action.changes.keys() <= set(settings_that_change("in_branch")):
            remedies.append(Trial(kind="changed", changes=dict(action.changes)))
        if action.changes and action.kind == "new_run":
            remedies.append(Trial(kind="new_run", changes=dict(action.changes)))
    if not remedies:
        return ()
    return (Trial(kind="nothing"), *remedies, Trial(kind="repeated"))


def describe_trial(trial: Trial) -> str:
    """Name a trial, such as "Set Generator lr to 0.0005"."""
    to = " " if trial.kind == "new_run" else " to "
    changes = ", ".join(
        f"{setting_label(name)}{to}{format_value(name, value)}"
        for name, value in trial.changes.items()
    )
    return {
        "nothing": "Do nothing",
        "repeated": "Do nothing, other noise",
        "changed": f"Set {changes}",
        "returned": f"Return to step {trial.step or 0:,}",
        "new_run": f"Start again with {changes}",
    }[trial.kind]
