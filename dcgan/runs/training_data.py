"""The data set of an existing run: loaded again, and checked to be the same."""

from __future__ import annotations

from collections.abc import Sequence

from dcgan.config.config_text import is_hidden_path
from dcgan.config.named_datasets import NAMED_SETS
from dcgan.data.datasets import ImageDataset
from dcgan.data.held_out import load_training_part
from dcgan.errors import DatasetError, DataUnavailableError
from dcgan.installation import COMMAND
from dcgan.progress import ProgressCallback, no_progress
from dcgan.runs.run_folder import Run


def load_training_data(
    run: Run, progress: ProgressCallback = no_progress, *, dataset_path: str | None = None
) -> ImageDataset:
    """Load the images that a run learned from.

    Args:
        run: The run.
        progress: Reports how many own pictures have been read.
        dataset_path: The place of the run's own pictures if they have moved; None for the place in
            the run's settings.

    Raises:
        DatasetError: If the run was imported from another machine, without the path of its own
            pictures.
        DataUnavailableError: If the images cannot be read, or have changed.
    """
    config = run.config if dataset_path is None else run.config.replace(dataset=dataset_path)
    if is_hidden_path(config.dataset):
        raise DatasetError(
            f"{run.name} learned from own pictures, {config.dataset}, and came "
            "without the place where they are; name the folder or file that has them with "
            f"{COMMAND} resume {run.name} --dataset PATH."
        )
    try:
        dataset = load_training_part(config, progress)
    except DatasetError as error:
        moved = (
            ""
            if config.dataset in NAMED_SETS
            else (
                " If the pictures have moved, name their place with "
                f"{COMMAND} resume {run.name} --dataset PATH."
            )
        )
        raise DataUnavailableError(f"{error.problem}{moved}", setting=error.setting) from error
    if dataset.fingerprint != run.dataset.fingerprint:
        raise DataUnavailableError(
            f"{run.name} was trained on other pictures than {config.dataset} holds now "
            f"({run.dataset.num_images:,} then, {len(dataset):,} now); put the old ones back, "
            "or start a new run for these.",
            setting="",
        )
    if config.class_names and dataset.class_names != config.class_names:
        raise DataUnavailableError(
            f"{run.name} learned other classes than {config.dataset} holds now "
            f"({_describe_classes(config.class_names)} then, "
            f"{_describe_classes(dataset.class_names)} now); give the folders or labels their old "
            "names, or start a new run for these.",
            setting="",
        )
    if config.class_names and run.dataset.label_fingerprint not in (
        "",
        dataset.label_fingerprint,
    ):
        raise DataUnavailableError(
            f"{run.name} learned other labels than {config.dataset} holds now: some pictures "
            "have another class; put the old labels back, or start a new run for these.",
            setting="",
        )
    return dataset


def _describe_classes(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
    return f"{len(names)}: {shown}" if names else "none"
