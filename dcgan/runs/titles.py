"""Titles of runs that nobody has named: the data set, and the time in the folder's name."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from dcgan.config.named_datasets import NAMED_SETS
from dcgan.files.file_names import slugify
from dcgan.runs.manifest import Label, read_label

_TIME = r"-\d{8}-\d{6}"  # As `make_dated_folder` writes it.


def make_title(folder: str, dataset: str, data_name: str) -> str:
    """Return a title such as "MNIST, 29 Nov 17:53"; the folder's name if a person chose that.

    Args:
        folder: Name of the run's folder.
        dataset: The setting: a named set, or the path of own pictures.
        data_name: Name of the data set, which the name of the folder begins with.
    """
    time = describe_start(folder)
    # A branch of a run without a title has the times of both.
    is_made = re.fullmatch(rf"{re.escape(slugify(data_name))}({_TIME})+(-\d+)?", folder)
    if not (time and is_made):
        return folder
    if dataset in NAMED_SETS:
        data_name = NAMED_SETS[dataset].name
    elif re.fullmatch(r"[0-9a-f]{16}(\.\S*)?", data_name):  # An upload is named by its content.
        data_name = "Own pictures"
    return f"{data_name}, {time}"


def read_titled_label(folder: Path, dataset: str, data_name: str) -> Label:
    """Read a run's label; without a title it gets that of `make_title`, which has the arguments."""
    label = read_label(folder)
    if label.title:
        return label
    return label.model_copy(update={"title": make_title(folder.name, dataset, data_name)})


def has_own_title(folder: Path) -> bool:
    """Return whether a run's label has a title, by a person or a part of the program."""
    return bool(read_label(folder).title)


def describe_start(folder: str, *, with_seconds: bool = False) -> str:
    """Return the time in the name of a run's folder, such as "3 Sep 14:07"; "" without one."""
    times = re.findall(_TIME, folder)  # The last is the run's own, the others those of its parents.
    try:
        time = datetime.strptime(times[-1], "-%Y%m%d-%H%M%S") if times else None
    except ValueError:
        return ""
    return (
        "" if time is None else f"{time.day} {time:{'%b %H:%M:%S' if with_seconds else '%b %H:%M'}}"
    )
