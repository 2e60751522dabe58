"""Training that is written down: the one place where `training` and `runs` meet.

The command line, the dashboard's thread and `train_dcgan_mnist` all iterate `record`, so a run
is kept the same way whoever started it.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Generator
from pathlib import Path

import numpy as np
import tensorflow as tf

from dcgan.checkpoints import is_milestone
from dcgan.config import TrainingConfig
from dcgan.datasets import ImageDataset, load_dataset
from dcgan.errors import ConfigError, DCGANError, DivergenceError, RunError
from dcgan.gan import DCGAN, choose_strategy
from dcgan.progress import show_progress, show_work
from dcgan.reports import AnyReport, EpochReport, SampleReport
from dcgan.runs import ROOT, Run, State
from dcgan.track import Track, untracked
from dcgan.training import check_batch, fixed_latent, train


def start_run(
    config: TrainingConfig,
    *,
    root: Path = ROOT,
    path: Path | None = None,
    track: Track = untracked,
) -> tuple[Run, DCGAN, ImageDataset]:
    """Load the data, check that the settings fit them, and make the run's folder and networks.

    Nothing is left on disk when something is refused.

    Args:
        config: The run's settings.
        root: Where a folder for it is made, unless `path` says which.
        path: The run's folder, new or empty.
        track: Follows own pictures as they are read.

    Returns:
        The run, held for writing until `record` ends, and what `record` needs beside it.

    Raises:
        ConfigError, DatasetError, RunError: What a person can mend.
    """
    dataset = load_dataset(config.dataset, config.polarity, track)
    if dataset.labels is None:  # Own pictures: a resume may come from another folder.
        config = config.replace(dataset=str(Path(config.dataset).expanduser().absolute()))
    strategy = choose_strategy(config.strategy)
    check_batch(config, len(dataset), strategy.num_replicas_in_sync)
    gan = DCGAN(config, strategy)
    return Run.create(config, dataset, root=root, path=path), gan, dataset


def continue_run(
    run: Run,
    *,
    epochs: int | None = None,
    seconds: float | None = None,
    step: int | None = None,
    root: Path = ROOT,
    track: Track = untracked,
) -> tuple[Run, DCGAN, ImageDataset]:
    """Get a run ready to go on from a checkpoint, or a branch of it if it is read-only.

    Args:
        run: The run to continue.
        epochs: Train this many more epochs, after the end of the one under way; with `seconds`
            None too, finish what was planned.
        seconds: Train this many seconds more.
        step: Which checkpoint; None for the newest. An earlier one makes a branch, as going on
            in place would forget what came after it.
        root: Where a branch goes.
        track: Follows own pictures as they are read.

    Returns:
        The run that is written (the branch, if one was made), held, and what `record` needs.

    Raises:
        ConfigError: If what was planned is done and neither epochs nor seconds were given.
        DatasetError, RunError: If data or checkpoint are not what they were.
    """
    dataset = run.load_dataset(track)
    is_branch = run.is_read_only or step not in (None, max(run.checkpoints(), default=None))
    with contextlib.ExitStack() as undo:
        if not is_branch:
            run.lock()
            undo.callback(run.release)
        state = run.load_checkpoint(step)
        config = _extended(
            run.config, len(dataset), int(state["step"]), float(state["seconds"]), epochs, seconds
        )
        strategy = choose_strategy(config.strategy)
        check_batch(config, len(dataset), strategy.num_replicas_in_sync)
        gan = DCGAN(config, strategy)
        try:
            gan.set_state(state)
        except (ValueError, TypeError) as error:
            raise RunError(
                f"{run.name}: the checkpoint of step {int(state['step'])} does not fit "
                f"config.json: {error}"
            ) from None
        if is_branch:
            run = run.branch(root, int(state["step"]))
            undo.callback(run.release)
        else:
            run.rewind(gan.step)
        run.change_config(config)
        undo.pop_all()
    return run, gan, dataset


def _extended(
    config: TrainingConfig,
    num_images: int,
    step: int,
    seconds_so_far: float,
    epochs: int | None,
    seconds: float | None,
) -> TrainingConfig:
    if epochs is not None or seconds is not None:
        # The end is counted from here, and what was planned before no longer cuts it short.
        epochs_begun = math.ceil(step / config.steps_per_epoch(num_images))
        return config.replace(
            epochs=None if epochs is None else epochs + epochs_begun,
            max_seconds=None if seconds is None else seconds_so_far + seconds,
        )
    if config.is_done(step, seconds_so_far, num_images):
        raise ConfigError(
            f"the run has finished what was planned ({config.epoch_of(step, num_images)} epochs, "
            f"{seconds_so_far:.0f} seconds); say how many epochs or seconds more."
        )
    return config


def record(run: Run, gan: DCGAN, dataset: ImageDataset) -> Generator[AnyReport]:
    """Train with the run's settings and keep everything in its folder.

    Passes every report of `train` on once it is on disk. Saves a checkpoint at the start, every
    `checkpoint_seconds`, at the ends of epochs 1, 2, 4, 8, … and on every way out, the iterator
    being closed included; then lets go of the run. Diverged weights are never saved.

    Yields:
        The reports of `training.train`.

    Raises:
        ConfigError: If a step does not fit into memory.
        DivergenceError: If a loss or a weight is no longer a finite number.
        RunError: If the disk refuses.
    """
    config = run.config
    is_healthy = True
    problem = "training ended with an error that is not known; the last checkpoint is good."
    try:
        yield from _kept(run, gan, dataset)
        problem = ""
    except (GeneratorExit, KeyboardInterrupt):
        problem = ""
        raise
    except DivergenceError as error:
        is_healthy, problem = False, str(error)
        raise
    except DCGANError as error:
        problem = str(error)
        raise
    except tf.errors.ResourceExhaustedError as error:
        problem = (
            f"batch_size: got {config.batch_size}; a step of these networks does not fit into "
            "memory: lower it, the channels or the hidden units."
        )
        raise ConfigError(problem) from error
    finally:
        if problem:
            # What led here is told; that the disk refuses this too may not take its place.
            with contextlib.suppress(DivergenceError, RunError):
                if is_healthy:
                    save(run, gan)
            with contextlib.suppress(RunError):
                _set_status(run, gan, "failed", problem)
        run.release()


def _kept(run: Run, gan: DCGAN, dataset: ImageDataset) -> Generator[AnyReport]:
    per_epoch = run.config.steps_per_epoch(len(dataset))
    try:
        save(run, gan)
        _set_status(run, gan, "running")
        last_saved = time.monotonic()
        for report in train(gan, dataset, run.config):
            run.write(report)
            is_due = time.monotonic() - last_saved >= run.config.checkpoint_seconds
            if is_due or (isinstance(report, EpochReport) and is_milestone(gan.step, per_epoch)):
                save(run, gan)
                _set_status(run, gan, "running")
                last_saved = time.monotonic()
            yield report
    except (GeneratorExit, KeyboardInterrupt):  # The latter from a notebook's stop button.
        save(run, gan)
        _set_status(run, gan, "stopped")
        with contextlib.suppress(RunError):  # All is saved: a picture less is no failed run.
            _write_last_samples(run, gan)
        raise
    save(run, gan)
    _set_status(run, gan, "finished")


def save(run: Run, gan: DCGAN) -> None:
    """Save a checkpoint of where training stands.

    Raises:
        DivergenceError: If a weight is no longer a finite number; nothing is written then.
        RunError: If the disk refuses.
    """
    state = gan.get_state()
    # A chunk's last update comes after its last loss, so finite losses do not prove the weights.
    if not all(np.isfinite(values).all() for values in state.values()):
        raise DivergenceError(
            f"training diverged by step {gan.step}: a weight is no longer a number. "
            "Start a new run with lower learning rates."
        )
    run.save_checkpoint(state)


def _write_last_samples(run: Run, gan: DCGAN) -> None:
    """Keep the pictures of the step at which a person stopped; `train` shows those of an end."""
    if gan.step not in run.sample_steps():
        epoch = run.config.epoch_of(gan.step, run.dataset.num_images)
        pixels = gan.generate(fixed_latent(run.config))
        run.write(SampleReport(gan.step, epoch, gan.seconds, pixels))


def _set_status(run: Run, gan: DCGAN, state: State, message: str = "") -> None:
    epoch = run.config.epoch_of(gan.step, run.dataset.num_images)
    run.set_status(state, step=gan.step, epoch=epoch, seconds=gan.seconds, message=message)


def train_dcgan_mnist(
    *,
    preset: str = "fast",
    run_dir: str | Path | None = None,
    progress: bool = True,
    **settings: object,
) -> tuple[DCGAN, Run]:
    """Do the whole main job in one call: train, show a bar, keep grids and checkpoints.

    For a script or a notebook::

        gan, run = train_dcgan_mnist(epochs=2)
        plot_images(gan.generate(sample_latent(7, 64, gan.config.latent_dim)))

    Args:
        preset: A key of `config.PRESETS`.
        run_dir: The run's folder; None for a new one under `checkpoints/`.
        progress: Whether to draw a live bar on standard error.
        **settings: Any field of `TrainingConfig`.

    Returns:
        The trained networks and the run's folder.

    Raises:
        DCGANError: What a person can mend, in a sentence.
    """
    config = TrainingConfig.preset(preset, **settings)
    run, gan, dataset = start_run(
        config,
        path=None if run_dir is None else Path(run_dir),
        track=show_work if progress else untracked,
    )
    # Closed on every way out: an interrupted notebook would keep a half-read iterator alive.
    with contextlib.closing(record(run, gan, dataset)) as reports:
        shown = reports
        if progress:
            shown = show_progress(reports, config, config.total_steps(len(dataset)))
        for _ in shown:
            pass
    return gan, run
