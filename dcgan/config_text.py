"""Settings as they may be given away: without the place where a person keeps own pictures.

For whatever leaves this machine: a ZIP, a report, a table, a page. Owns that form of a data set's
path, and knows no run.
"""

from __future__ import annotations

import os
import re

from dcgan.config import NAMED_SETS, TrainingConfig

_HIDDEN = "…/"  # Stands for the omitted folders.


def hide_dataset_path(config: TrainingConfig) -> TrainingConfig:
    """Return settings in which a path of own pictures is only its last name, such as "…/faces"."""
    if config.dataset in NAMED_SETS:
        return config
    return config.replace(dataset=_HIDDEN + dataset_base_name(config))


def dataset_base_name(config: TrainingConfig) -> str:
    """Return the name of what a run learns from, without the folders that it lies in."""
    name = re.split(r"[\\/]", config.dataset.rstrip("\\/"))[-1]  # Of Windows, too.
    return "pictures" if name in ("", ".", "..", "~") else name


def is_hidden_path(dataset: str) -> bool:
    """Whether a data set's path has been shortened by `hide_dataset_path`."""
    return dataset.startswith(_HIDDEN)


def hide_path_in_text(text: str, config: TrainingConfig) -> str:
    """Replace the path of own pictures in a text, such as an error, as `hide_dataset_path` does."""
    path = config.dataset
    # As it was given, with `~` filled in, and with the backslashes of Windows doubled in quotes.
    forms = {path, os.path.expanduser(path), repr(path)[1:-1]}  # noqa: PTH111 (any text)
    pattern = "|".join(map(re.escape, sorted(forms, key=len, reverse=True)))
    return re.sub(pattern, lambda _: hide_dataset_path(config).dataset, text)
