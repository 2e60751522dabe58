"""Titles of runs that nobody has named: the data set, and the time in the folder's name."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from dcgan.config.named_datasets import NAMED_SETS
from dcgan.files.file_names import slugify
from dcgan.runs.manifest import Label, read_label

_TIME = r"-\d{8}-\d{6}"  # The time in a folder's name, as `make_dated_folder` writes it.


def make_title(folder_name: str, dataset: str, data_name: str) -> str:
    """Return a title such as "MNIST, 29 Nov 17:53", or the folder's name if a person chose that.

    Args:
        folder_name: Name of the run's folder.
        dataset: The setting `dataset`: a named set, or the path of own pictures.
        data_name: Name of the data set, with which a generated folder's name begins.
    """
    time = describe_start(folder_name)
    # The name of a branch's folder has the time of its parent before its own time.
    is_generated = re.fullmatch(rf"{re.escape(slugify(data_name))}({_TIME})+(-\d+)?", folder_name)
    if not (time and is_generated):
        return folder_name
    return f"{get_picture_title(dataset, data_name)}, {time}"


def get_picture_title(dataset: str, data_name: str) -> str:
    """Return the name of a run's pictures in its title, such as "MNIST" or "Own pictures".

    Args:
        dataset, data_name: As in `make_title`.
    """
    if dataset in NAMED_SETS:
        return NAMED_SETS[dataset].name
    # An upload is named by its content.
    is_upload = re.fullmatch(r"[0-9a-f]{16}(\.\S*)?", data_name)
    return "Own pictures" if is_upload else data_name


def read_titled_label(folder: Path, dataset: str, data_name: str) -> Label:
    """Read a run's label; without a title, it gets one from `make_title`.

    Args:
        folder: The run's folder.
        dataset, data_name: As in `make_title`.
    """
    label = read_label(folder)
    if label.title:
        return label
    return label.model_copy(update={"title": make_title(folder.name, dataset, data_name)})


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
