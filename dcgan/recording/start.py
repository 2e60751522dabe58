"""Starting and continuing a run: data, networks and folder, ready for `recorder.record`."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Mapping
from pathlib import Path

from dcgan.config.config_text import describe_changes, quote_name
from dcgan.config.named_datasets import NAMED_SETS
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset, load_configured_dataset
from dcgan.data.held_out import choose_num_held_out, hold_out
from dcgan.data.picture_paths import make_absolute
from dcgan.durations import describe_seconds
from dcgan.errors import ConfigError, DatasetError, DataUnavailableError, InUseError
from dcgan.installation import COMMAND, ROOT
from dcgan.model.devices import choose_strategy
from dcgan.model.gan import DCGAN
from dcgan.progress import ProgressCallback, no_progress
from dcgan.recording.changes import affects_learning, apply_changes
from dcgan.recording.evaluations import check_enough_pictures
from dcgan.recording.rollback import describe_kept_settings
from dcgan.recording.saving import load_state, save_event
from dcgan.recording.start_from import start_from_run
from dcgan.reports import Event, EventReport
from dcgan.runs.copying import branch_run
from dcgan.runs.library import find_run
from dcgan.runs.naming.branches import describe_branch, make_branch_title
from dcgan.runs.run_folder import Run, open_run
from dcgan.runs.training_data import load_training_data
from dcgan.training.batches import check_batch

MakeGAN = Callable[[TrainingConfig, ImageDataset], DCGAN]


def make_local_gan(config: TrainingConfig, dataset: ImageDataset) -> DCGAN:
    """Make a run's networks in this process.

    Raises:
        ConfigError: If a batch is larger than the data set, or cannot be split evenly.
    """
    strategy = choose_strategy(config.strategy)
    check_batch(config, len(dataset), strategy.num_replicas_in_sync)
    return DCGAN(config, strategy)


def start_run(
    config: TrainingConfig,
    *,
    root: Path = ROOT,
    path: Path | None = None,
    title: str = "",
    progress: ProgressCallback = no_progress,
    make_gan: MakeGAN = make_local_gan,
) -> tuple[Run, DCGAN, ImageDataset]:
    """Load the data, check that the settings fit them, and make the run's networks and folder.

    After an error, nothing is left on disk.

    Args:
        config: The run's settings.
        root: Where a folder for the run is made, unless `path` is given.
        path: The run's folder, new or empty.
        title: A person's title for the run; "" for none.
        progress: Reports how many own pictures have been read.
        make_gan: Makes the networks; by default in this process alone.

    Returns:
        The run, locked for writing until `record` ends; its networks; and its data set.

    Raises:
        ConfigError: If the settings do not fit the data or the devices.
        DatasetError: If the data cannot be read.
        RunError: If the folder cannot be written, or there is no run to start from.
        WorkerError: If another worker is gone.
    """
    source = find_run(config.start_from, root) if config.start_from else None
    dataset = load_configured_dataset(config, progress)
    _check_excluded(config, dataset)
    config = config.replace(
        num_held_out=choose_num_held_out(dataset),
        z_schedule=TrainingConfig().z_schedule,  # Not that of an older run with these settings.
    )
    dataset = hold_out(dataset, config.num_held_out)
    if config.dataset not in NAMED_SETS:  # A run may be continued in another folder.
        config = config.replace(dataset=make_absolute(config.dataset))
    if source is not None:  # Its folder is private, like the path of own pictures.
        config = config.replace(start_from=source.name)
    config = config.with_learned_classes(dataset.class_names)
    check_enough_pictures(config, len(dataset))
    gan = make_gan(config, dataset)
    origin = "" if source is None else start_from_run(source, gan)
    run = Run.create(config, dataset, root=root, path=path)
    with contextlib.ExitStack() as undo:
        undo.callback(run.discard)
        if title:
            run.write_label(title, "")
        if origin:
            run.write(EventReport(0, 1, 0.0, "started", origin))
        undo.pop_all()
    return run, gan, dataset


def _check_excluded(config: TrainingConfig, dataset: ImageDataset) -> None:
    """Refuse to start a run that excludes a missing picture, for example a misspelled name.

    Raises:
        ConfigError: If there is one.
    """
    missing = dataset.stored.missing if dataset.stored is not None else ()
    if missing:
        num_named = len(config.excluded_pictures)
        which = f"{len(missing):,} of the {num_named:,} names or codes"
        raise ConfigError(
            f"no picture in {quote_name(config.dataset)} has {which if num_named > 1 else 'it'}; "
            "expected paths below the folder, such as cats/7.png, or the codes that "
            f"{COMMAND} check prints.",
            setting="excluded_pictures",
        )


def continue_run(
    run: Run,
    *,
    epochs: int | None = None,
    seconds: float | None = None,
    step: int | None = None,
    changes: Mapping[str, object] | None = None,
    branch: bool = False,
    take_over: bool = False,
    root: Path | None = None,
    progress: ProgressCallback = no_progress,
    make_gan: MakeGAN = make_local_gan,
) -> tuple[Run, DCGAN, ImageDataset]:
    """Prepare a run, or a branch of it, for more training from a checkpoint.

    A read-only run always gets a branch. After an error, no branch is left on disk.

    Args:
        run: The run to continue.
        epochs: Number of epochs to train after the end of the current one. If neither `epochs` nor
            `seconds` is given, the planned training is finished.
        seconds: Number of seconds to train.
        step: The checkpoint's step; None for the newest. An earlier one makes a branch, because
            continuing in place would delete everything after it.
        changes: New values of `list_settings_that_change("in_branch")` by name. Each makes a
            branch, because a run keeps its settings. A new `dataset` is allowed too if it is the
            new path of the same own pictures; it makes no branch.
        branch: Whether to make a branch in any case.
        take_over: Whether to continue even if another machine wrote the run minutes ago; only for
            a person who knows that the other machine is gone.
        root: The folder for a branch; None as in `branch_run`: beside the run.
        progress: Reports how many own pictures have been read.
        make_gan: Makes the networks; by default in this process alone.

    Returns:
        The run, or its branch, locked for writing until `record` ends; its networks; and its data
        set.

    Raises:
        ConfigError: If everything planned is done and neither epochs nor seconds were given, or a
            changed setting is not allowed.
        InUseError: If another process writes the run; names it.
        DatasetError, RunError: If data or checkpoint are damaged or have changed.
        WorkerError: If another worker is gone.
    """
    run = open_run(run.path)  # Another process may have trained it since it was opened.
    changes = dict(changes or {})
    new_path = changes.pop("dataset", None)
    config_before = _replace_dataset_path(run.config, new_path)
    config = apply_changes(config_before, changes, "in_branch")
    is_branch = (
        branch
        or run.is_read_only
        or config != config_before
        or step not in (None, run.checkpoints.find_newest())
    )
    with contextlib.ExitStack() as undo:
        if not is_branch:
            run.acquire_lock(take_over=take_over)
            undo.callback(run.lock.release)
            # `acquire_lock` read the config again: another process may have changed it until then.
            config = config_before = _replace_dataset_path(run.config, new_path)
        newest = run.checkpoints.find_newest() or 0
        if not is_branch and step not in (None, newest):
            raise InUseError(
                f"{run.name} was trained to step {newest:,} by another process meanwhile; "
                "choose a checkpoint again."
            )
        dataset = _load_pictures(
            run, config_before.dataset, progress, is_new_path=new_path is not None
        )
        state = run.checkpoints.load(step)
        changed_config = config
        config = extend_plan(
            config, len(dataset), int(state["step"]), float(state["seconds"]), epochs, seconds
        )
        check_enough_pictures(config, len(dataset))
        gan = make_gan(config, dataset)
        load_state(run, gan, state)
        if is_branch:
            parent, run = run, branch_run(run, root, gan.step)
            undo.callback(run.discard)
            _describe_branch(run, gan, parent, config_before, changed_config)
        else:
            run.rewind(gan.step)
            if gan.step < newest:
                text = f"Back to step {gan.step:,}: the checkpoint of step {newest:,} was damaged."
                save_event(run, gan, "rolled_back", text)
        run.change_config(config)
        undo.pop_all()
    return run, gan, dataset


def _load_pictures(
    run: Run, path: str, progress: ProgressCallback, *, is_new_path: bool
) -> ImageDataset:
    """Load the pictures of a run.

    Raises:
        DatasetError: If they are damaged, or are not those that the run has learned from. It is a
            DataUnavailableError if they are gone from the run's own path; a new path is an error of
            the person who gave it.
    """
    try:
        return load_training_data(run, progress, dataset_path=path)
    except DataUnavailableError as error:
        if not is_new_path:
            raise
        raise DatasetError(error.problem, setting=error.setting) from error


def _describe_branch(
    run: Run, gan: DCGAN, parent: Run, before: TrainingConfig, after: TrainingConfig
) -> None:
    """Write the title and the first event of a branch.

    Args:
        run: The branch.
        gan: Its networks.
        parent: The run that it branches from.
        before: The parent's settings.
        after: The branch's settings, apart from its length.
    """
    parent_title = parent.read_label().title
    branch_change = describe_branch(before, after, gan.step)
    run.write_label(make_branch_title(branch_change, parent_title), "")
    changed_settings = describe_changes(before, after)
    kept_settings = describe_kept_settings(parent, gan.step)
    details = f": {changed_settings}" if changed_settings else kept_settings
    is_changed = kept_settings or affects_learning(before, after)
    event: Event = "branched" if is_changed else "continued"
    save_event(run, gan, event, f"Branch of {parent_title} at step {gan.step:,}{details}.")


def _replace_dataset_path(config: TrainingConfig, path: object) -> TrainingConfig:
    """Return a config with a new path of the run's own pictures; the same one if it is None."""
    return config if path is None else config.replace(dataset=make_absolute(str(path)))


def extend_plan(
    config: TrainingConfig,
    num_images: int,
    step: int,
    seconds_so_far: float,
    epochs: int | None,
    seconds: float | None,
) -> TrainingConfig:
    """Return a config whose end is a number of epochs or seconds after a step.

    Raises:
        ConfigError: If neither is given and everything planned is done.
    """
    if epochs is not None or seconds is not None:
        # Counted from the checkpoint; the end that was planned before no longer applies.
        epochs_begun = math.ceil(step / config.compute_steps_per_epoch(num_images))
        return config.replace(
            epochs=None if epochs is None else epochs + epochs_begun,
            max_seconds=None if seconds is None else seconds_so_far + seconds,
        )
    if config.is_done(step, seconds_so_far, num_images):
        raise ConfigError(
            f"the run has finished what was planned (step {step:,}, "
            f"{describe_seconds(seconds_so_far)}); give more epochs or seconds."
        )
    return config
