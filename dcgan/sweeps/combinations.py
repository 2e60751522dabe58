"""The runs of a sweep: the settings of each run, and its folder.

The name of a folder is a hash of the settings. So all processes, on all machines that share the
root, find the same runs without exchanging messages, and a sweep that is started again resumes its
runs.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dcgan.config.config_text import describe_changes, format_setting
from dcgan.config.named_datasets import NAMED_SETS
from dcgan.config.setting_info import get_setting_label
from dcgan.config.training_config import TrainingConfig
from dcgan.data.picture_paths import make_absolute
from dcgan.files.file_names import list_steps
from dcgan.runs.manifest import MANIFEST_NAME
from dcgan.runs.run_folder import Run, open_run

MAX_SWEEP_RUNS = 10_000
_NAME_DIGITS = 12  # 48 bits: two of a million combinations share a name with a chance of 1 in 600.


@dataclass(frozen=True)
class Combination:
    """One run of a sweep.

    Attributes:
        config: The settings of the run.
        varied: The names of the settings in which the sweep's runs differ.
        path: The run's folder, which may not exist yet.
    """

    config: TrainingConfig
    varied: tuple[str, ...]
    path: Path

    @property
    def label(self) -> str:
        """The varied settings and their values, such as "seed 1, batch_size 64"."""
        return ", ".join(f"{name} {self.format_value(name)}" for name in self.varied)

    @property
    def title(self) -> str:
        """The label with the settings' titles, as the dashboard names the run."""
        return ", ".join(
            f"{get_setting_label(name)} {format_setting(self.config, name).replace(', ', '-')}"
            for name in self.varied
        )

    def format_value(self, name: str) -> str:
        """Return the value of a setting as short text, such as "64-32" for a list."""
        value = getattr(self.config, name)
        if isinstance(value, tuple):
            return "-".join(map(str, value))
        return "none" if value is None else str(value)

    def find_run(self) -> Run | None:
        """Open the run; None if its folder has neither settings nor checkpoints.

        Raises:
            RunError: If the run is damaged.
        """
        has_checkpoints = bool(list_steps(self.path / "checkpoints", ".npz"))
        if not (self.path / MANIFEST_NAME).is_file() and not has_checkpoints:
            return None
        return open_run(self.path)

    def describe_differences(self, run: Run) -> str:
        """Describe the settings in which the run now differs from this combination; "" if none.

        They differ if a person changed the run, or if it was started with other defaults.
        """
        config = self.config.replace(
            dataset=run.config.dataset,
            start_from=Path(self.config.start_from).name,  # A run keeps only the name.
        )
        return describe_changes(config, run.config)


def assign_folders(
    configs: Iterable[TrainingConfig], varied: Iterable[str], root: Path
) -> list[Combination]:
    """Assign a folder to each run of a sweep.

    Args:
        configs: The settings of the runs, from `grid.expand_grid`.
        varied: The names of the settings that differ.
        root: The folder of the runs.

    Returns:
        The combinations in the same order. Equal settings get the same folder in every sweep; if
        they are repeated within one sweep, each repetition gets its own folder.

    Raises:
        DatasetError: If the path of own pictures begins with an unknown person's home.
    """
    root, names = root.absolute(), tuple(varied)
    combinations, counts = [], Counter[str]()
    for config in map(_resolve_start, configs):
        key = _hash_settings(config)
        counts[key] += 1
        suffix = f"-{counts[key]}" if counts[key] > 1 else ""
        combinations.append(Combination(config, names, root / f"sweep-{key}{suffix}"))
    return combinations


def _resolve_start(config: TrainingConfig) -> TrainingConfig:
    """Make the folder of a run to start from absolute; a run given by its name is under the root.

    A relative path names another run in another folder, such as in the processes of Ray.
    """
    start = config.start_from
    if Path(start).name == start:
        return config
    return config.replace(start_from=str(Path(start).resolve()))


def _hash_settings(config: TrainingConfig) -> str:
    # Without defaults, so that a later version's new settings leave the names as they are.
    settings = config.model_dump(mode="json", exclude_defaults=True)
    if config.dataset not in NAMED_SETS:
        # A relative path names other pictures in another folder.
        settings["dataset"] = make_absolute(config.dataset)
    text = json.dumps(settings, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_NAME_DIGITS]
