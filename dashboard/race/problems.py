"""The reasons why runs of a race have no result, as the page shows them."""

from __future__ import annotations

from dashboard.access import permissions
from dashboard.race.progress import RaceProgress
from dcgan.config.setting_info import get_setting_label
from dcgan.config.training_config import TrainingConfig
from dcgan.sweeps.race import Race, RaceRun


def describe_problem(run: RaceRun) -> str:
    """Return the problem of a run that failed, with the label of a setting in place of its name."""
    text = permissions.hide_path(run.problem, run.config)
    name, separator, rest = text.partition(": ")
    if separator and name in TrainingConfig.model_fields:
        return f"{get_setting_label(name)}: {rest}"
    return text


def find_shared_problem(race: Race, progress: RaceProgress) -> str:
    """Return the problem that several failed runs have, if no failed run has another; else ""."""
    failed = progress.list_indices("failed")
    problems = {describe_problem(race.runs[index]) for index in failed}
    return problems.pop() if len(failed) > 1 and len(problems) == 1 else ""
