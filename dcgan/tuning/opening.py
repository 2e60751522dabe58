"""The opening of a tuning in this process: it is read from its folder, or planned."""

from __future__ import annotations

import time
from pathlib import Path

from dcgan.config.named_datasets import NAMED_SETS
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset, load_configured_dataset
from dcgan.data.held_out import choose_num_held_out, hold_out
from dcgan.data.picture_paths import make_absolute
from dcgan.progress import ProgressCallback, no_progress
from dcgan.training.tracing import trace_step
from dcgan.tuning.measurement import CandidateEvaluator
from dcgan.tuning.networks import NetworkCache
from dcgan.tuning.rounds import plan_tuning
from dcgan.tuning.schedule import Costs
from dcgan.tuning.tuner import Tuner
from dcgan.tuning.tuning import Tuning
from dcgan.tuning.tuning_files import delete_runs, read_tuning, write_tuning


def open_tuner(
    folder: Path,
    base: TrainingConfig,
    minutes: float,
    progress: ProgressCallback = no_progress,
    *,
    replaces_finished: bool = False,
) -> Tuner:
    """Load the pictures, and read the tuning of a folder or plan and write a new one.

    An interrupted tuning continues, unless the pictures have changed.

    Args:
        folder: From `find_folder`; the caller holds its lock.
        base: The starting settings.
        minutes: Time for the whole tuning.
        progress: Reports how many own pictures have been read.
        replaces_finished: Whether a new tuning replaces a finished one, once it is planned.

    Raises:
        ConfigError: If the time is too short.
        DatasetError: If the pictures cannot be read, or are too few to be compared.
        RunError: If the file is damaged or cannot be written.
    """
    started = time.monotonic()
    tuning = read_tuning(folder)
    pictures = load_configured_dataset(base, progress)
    base = base.replace(num_held_out=choose_num_held_out(pictures))
    dataset = hold_out(pictures, base.num_held_out)
    networks, evaluator = NetworkCache(len(dataset)), CandidateEvaluator(dataset)
    if (
        tuning is not None
        and tuning.fingerprint == dataset.fingerprint
        and not (replaces_finished and tuning.is_finished)
    ):
        started -= tuning.spent_seconds
    else:
        delete_runs(folder)
        tuning = _plan(base, minutes, dataset, networks, evaluator, started)
        write_tuning(folder, tuning)
    return Tuner(folder, tuning, dataset, networks, evaluator, started=started)


def _plan(
    base: TrainingConfig,
    minutes: float,
    dataset: ImageDataset,
    networks: NetworkCache,
    evaluator: CandidateEvaluator,
    started: float,
) -> Tuning:
    """Plan a tuning, after measuring how long the work beside training takes."""
    if base.dataset not in NAMED_SETS:
        base = base.replace(dataset=make_absolute(base.dataset))
    base = base.with_learned_classes(dataset.class_names)
    before = time.monotonic()
    gan = networks.make_gan(base)
    trace_step(gan, dataset)
    traced = time.monotonic()
    evaluator.measure(base, gan)
    measured = time.monotonic()
    costs = Costs(new=measured - before, continued=measured - traced)
    return plan_tuning(base, minutes, dataset, costs, measured - started)
