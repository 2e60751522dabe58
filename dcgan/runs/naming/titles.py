"""Names of runs, the same on every page: a person's or a race's, or else that of the settings."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from dcgan.config.training_config import TrainingConfig
from dcgan.files.file_names import slugify
from dcgan.runs.manifest import DatasetInfo, Label, read_label
from dcgan.runs.naming.settings import name_settings

_TIME = r"-\d{8}-\d{6}"  # The time in a folder's name, as `make_dated_folder` writes it.
# A title of `Race.make_run_title`, such as "Race 30 Nov 14:05, seed 1: beta_1 0".
_RACE_TITLE = re.compile(r"Race \d+ \S+ \d\d:\d\d(?P<seed>, seed \d+)?: (?P<variant>.+)", re.DOTALL)


def make_title(folder_name: str, config: TrainingConfig, dataset: DatasetInfo) -> str:
    """Return the name of the settings, or the folder's name if a person chose that.

    Args:
        folder_name: Name of the run's folder.
        config: The run's settings.
        dataset: Its data set.
    """
    if not is_generated_name(folder_name, dataset.name):
        return folder_name
    return name_settings(config, dataset.name, dataset.num_images)


def is_generated_name(folder_name: str, data_name: str) -> bool:
    """Return whether the name of a folder was made of the data set and the time of the start."""
    # The name of a branch's folder has the time of its parent before its own time.
    is_generated = re.fullmatch(rf"{re.escape(slugify(data_name))}({_TIME})+(-\d+)?", folder_name)
    return is_generated is not None and bool(describe_start(folder_name))


def read_titled_label(folder: Path, config: TrainingConfig, dataset: DatasetInfo) -> Label:
    """Read a run's label; without a title, it gets one from `make_title`.

    Args:
        folder: The run's folder.
        config, dataset: As in `make_title`.
    """
    label = read_label(folder)
    if label.title:
        return label
    return label.model_copy(update={"title": make_title(folder.name, config, dataset)})


def is_race_title(title: str) -> bool:
    """Return whether a title is one that `Race.make_run_title` makes."""
    return _RACE_TITLE.match(title) is not None


def shorten_title(title: str) -> str:
    """Leave out the start of the race in a title: "beta_1 0, seed 1" tells its runs apart."""
    found = _RACE_TITLE.match(title)
    return title if found is None else f"{found['variant']}{found['seed'] or ''}"


def has_own_title(folder: Path) -> bool:
    """Return whether a run's label has a title of its own, not made by `make_title`."""
    return bool(read_label(folder).title)


def describe_start(folder_name: str, *, with_seconds: bool = False) -> str:
    """Return the time in the name of a run's folder, such as "3 Sep 14:07"; "" without one.

    Args:
        folder_name: Name of the run's folder.
        with_seconds: Whether to include the seconds.
    """
    # The last time is the run's own, the others are its parents'.
    times = re.findall(_TIME, folder_name)
    try:
        time = datetime.strptime(times[-1], "-%Y%m%d-%H%M%S") if times else None
    except ValueError:
        return ""
    return (
        "" if time is None else f"{time.day} {time:{'%b %H:%M:%S' if with_seconds else '%b %H:%M'}}"
    )
