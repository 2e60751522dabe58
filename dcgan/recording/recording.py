"""Training that is written down: the one place where `training` and `runs` meet.

The command line, the dashboard's thread and `train_dcgan_mnist` all iterate `record`, so a run
is kept the same way whoever started it.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Literal, ParamSpec, TypeVar

import numpy as np

from dcgan.config import TrainingConfig, describe_changes, settings_that_change
from dcgan.data.datasets import ImageDataset, load_configured_dataset
from dcgan.distributed.workers import begin, together
from dcgan.errors import (
    ConfigError,
    DatasetError,
    DataUnavailableError,
    DCGANError,
    DiskWriteError,
    DivergenceError,
    InUseError,
    RunError,
    UnreadableFileError,
    WorkerError,
)
from dcgan.model.gan import DCGAN
from dcgan.recording.progress import show_progress, show_work
from dcgan.recording.tensorboard import EventWriter
from dcgan.reports import (
    AnyReport,
    EpochReport,
    EvaluationReport,
    Event,
    EventReport,
    ProgressCallback,
    SampleReport,
    no_progress,
)
from dcgan.runs.manifest import State
from dcgan.runs.retention import is_milestone
from dcgan.runs.run_folder import ROOT, Run, open_run
from dcgan.training.loop import draw_samples, fixed_latent, train

# A death soon after the start should not cost all there is.
_FIRST_CHECKPOINT_SECONDS = 10.0
# How often training that diverged may go back, each time with half the learning rates.
_MAX_SETBACKS = 3

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

# Called with what the disk refused; whether to try again.
Patience = Callable[[DiskWriteError], bool]


def impatient(error: DiskWriteError) -> bool:
    """Have none: what the disk refuses once ends the training."""
    return False


def start_run(
    config: TrainingConfig,
    *,
    root: Path = ROOT,
    path: Path | None = None,
    progress: ProgressCallback = no_progress,
) -> tuple[Run, DCGAN, ImageDataset]:
    """Load the data, check that the settings fit them, and make the run's folder and networks.

    Nothing is left on disk when something is refused.

    Args:
        config: The run's settings.
        root: Where a folder for it is made, unless `path` says which.
        path: The run's folder, new or empty.
        progress: Reports how many own pictures have been read.

    Returns:
        The run, held for writing until `record` ends, and what `record` needs beside it.

    Raises:
        ConfigError, DatasetError, RunError, WorkerError: What a person can mend.
    """
    with together(config.strategy) as line:
        dataset = load_configured_dataset(config, progress)
        if dataset.labels is None:  # Own pictures: a resume may come from another folder.
            config = config.replace(dataset=str(Path(config.dataset).expanduser().absolute()))
        gan = begin(config, dataset, line)
        return Run.create(config, dataset, root=root, path=path), gan, dataset


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
) -> tuple[Run, DCGAN, ImageDataset]:
    """Get a run ready to go on from a checkpoint, or a branch of it if it is read-only.

    Args:
        run: The run to continue.
        epochs: Train this many more epochs, after the end of the one under way; with `seconds`
            None too, finish what was planned.
        seconds: Train this many seconds more.
        step: Which checkpoint; None for the newest. An earlier one makes a branch, as going on
            in place would forget what came after it.
        changes: Settings of `config.settings_that_change("in_branch")` by name; any make a
            branch, so that the run itself stays one of its own settings. `dataset` is where its
            own pictures, the same ones, are now; that alone makes no branch.
        branch: Make a branch in any case.
        take_over: Continue it also if another machine was writing it minutes ago; only where a
            person knows that this machine is gone.
        root: Where a branch goes; None as of `Run.branch`: beside the run.
        progress: Reports how many own pictures have been read.

    Returns:
        The run that is written (the branch, if one was made), held, and what `record` needs.

    Raises:
        ConfigError: If what was planned is done and neither epochs nor seconds were given, or a
            changed setting is not allowed.
        InUseError: If another process writes the run; names it.
        DatasetError, RunError: If data or checkpoint are not what they were.
        WorkerError: If another worker did not come, or is gone.
    """
    run = open_run(run.path)  # Another process may have trained it since it was opened.
    changes = dict(changes or {})
    place = changes.pop("dataset", None)

    def find_data() -> TrainingConfig:
        """Put the new place of the run's pictures into its settings; saved once it is checked."""
        if place is not None:
            path = Path(str(place)).expanduser().absolute()
            run.config = run.config.replace(dataset=str(path))
        return run.config

    changed = _changed(find_data(), changes, "in_branch")
    is_branch = (
        branch
        or run.is_read_only
        or changed != run.config
        or step not in (None, run.checkpoints.find_newest())
    )
    with contextlib.ExitStack() as undo:
        if not is_branch:
            run.acquire_lock(take_over=take_over)
            undo.callback(run.lock.release)
            changed = find_data()  # As it is now that no other process can change it.
        newest = run.checkpoints.find_newest() or 0
        if not is_branch and step not in (None, newest):
            raise InUseError(
                f"{run.name} was trained to step {newest:,} by another process meanwhile; "
                "choose a checkpoint again."
            )
        line = undo.enter_context(together(changed.strategy))
        try:
            dataset = run.load_dataset(progress)
        except DataUnavailableError as error:
            if place is None:
                raise
            raise DatasetError(str(error)) from error  # A person gave this place just now.
        state = run.checkpoints.load(step)
        config = _extended(
            changed, len(dataset), int(state["step"]), float(state["seconds"]), epochs, seconds
        )
        gan = begin(config, dataset, line)
        _take_over(run, gan, state)
        words = describe_changes(run.config, changed)
        if is_branch:
            parent, run = run, run.branch(root, int(state["step"]))
            undo.callback(run.lock.release)
            kept = "" if words else _settings_kept(parent, gan.step)
            words = f"{words and ': '}{words}{kept}"
            event: Event = "branched" if words else "continued"
            _note(run, gan, event, f"Branch of {parent.name} at step {gan.step:,}{words}.")
        else:
            run.rewind(gan.step)
            if gan.step < newest:
                text = f"Back to step {gan.step:,}: the checkpoint of step {newest:,} was damaged."
                _note(run, gan, "rolled_back", text)
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
            f"the run has finished what was planned (step {step:,}, {seconds_so_far:.0f} seconds); "
            "say how many epochs or seconds more."
        )
    return config


def record(
    run: Run, gan: DCGAN, dataset: ImageDataset, patience: Patience = impatient
) -> Generator[AnyReport]:
    """Train with the run's settings and keep everything in its folder.

    Passes every report of `train` on once it is on disk. Saves a checkpoint at the start, every
    `checkpoint_seconds` (the first one sooner), at the ends of epochs 1, 2, 4, 8, …, where the
    Fréchet distance is the best so far, and on every way out, the iterator being closed included;
    then lets go of the run. Diverged weights are never saved: training goes back to the last
    checkpoint and on with lower learning rates, and gives up when that did not help.

    Between two reports the consumer may `change` settings or `roll_back`.

    Args:
        run: Where it is kept; held, as from `start_run` and `continue_run`.
        gan: What learns.
        dataset: What it learns from.
        patience: Asked when the disk refuses, as often as it does: whether to try again, after
            waiting as long as it likes.

    Yields:
        The reports of `training.train`, and an EventReport each time it went back.

    Raises:
        OutOfMemoryError: If a step, a grid or an evaluation does not fit into memory.
        DivergenceError: If a loss or a weight is no finite number, again and again.
        RunError: If the disk refuses, and `patience` is at an end.
    """
    try:
        yield from _told(run, gan, dataset, patience)
    finally:
        run.lock.release()


def _told(run: Run, gan: DCGAN, dataset: ImageDataset, patience: Patience) -> Generator[AnyReport]:
    """Train and keep; write down why it failed, if it does."""
    is_healthy = True
    problem = "training ended with an error that is not known; the last checkpoint is good."
    try:
        yield from _kept(run, gan, dataset, patience)
        problem = ""
    except (GeneratorExit, KeyboardInterrupt):
        problem = ""
        raise
    except (DivergenceError, WorkerError) as error:
        # Neither what is no number is saved nor what was left in the middle of a step.
        is_healthy, problem = False, str(error)
        raise
    except DCGANError as error:
        problem = str(error)
        raise
    finally:
        if problem:
            # What led here is told; that the disk refuses this too may not take its place.
            with contextlib.suppress(DivergenceError, RunError):
                if is_healthy:
                    save(run, gan)
            with contextlib.suppress(RunError):
                _set_status(run, gan, "failed", problem)
        gan.dismiss(str(run.path), problem)


def _kept(run: Run, gan: DCGAN, dataset: ImageDataset, patience: Patience) -> Generator[AnyReport]:
    num_setbacks = 0
    is_done = False
    events = EventWriter(run.path) if run.config.tensorboard else None
    try:
        save_patiently(run, gan, "running", patience)
        while not is_done:
            try:
                is_done = yield from _followed(run, gan, dataset, patience, events)
                if is_done:
                    save_patiently(run, gan, "finished", patience)
            except DivergenceError as error:
                num_setbacks += 1
                if num_setbacks > _MAX_SETBACKS:
                    raise DivergenceError(
                        f"{error} It went back {_MAX_SETBACKS} times before, each time with half "
                        "of them."
                    ) from None
                is_done = False
                yield _patiently(patience, _set_back, run, gan, gan.step, run.config, num_setbacks)
    except (GeneratorExit, KeyboardInterrupt):  # The latter from a notebook's stop button.
        try:
            save(run, gan)
        except DivergenceError:  # In its last chunk: what was saved before is good.
            if num_setbacks == _MAX_SETBACKS:
                raise
            _set_back(run, gan, gan.step, run.config, num_setbacks + 1)
        _set_status(run, gan, "stopped")
        # Everything is saved: the run has not failed if this picture cannot be kept.
        with contextlib.suppress(ConfigError, RunError):
            _write_last_samples(run, gan)
        raise


def _followed(
    run: Run, gan: DCGAN, dataset: ImageDataset, patience: Patience, events: EventWriter | None
) -> Generator[AnyReport, None, bool]:
    """Train and keep, until all is done (returns True) or the consumer has changed something."""
    config = run.config
    per_epoch = config.steps_per_epoch(len(dataset))
    last_saved = time.monotonic()
    is_first = True
    last_evaluated = max((report.step for report in run.history.read_evaluations()), default=0)
    if events:
        events.begin(gan, config)
    reports = train(gan, dataset, config, run.history.read_open_epoch(), last_evaluated)
    with contextlib.closing(reports):
        for report in reports:
            _patiently(patience, run.write, report)
            if events:
                events.write(report, gan)
            waited = time.monotonic() - last_saved
            longest = config.checkpoint_seconds
            is_due = waited >= (min(longest, _FIRST_CHECKPOINT_SECONDS) if is_first else longest)
            is_due |= isinstance(report, EpochReport) and is_milestone(gan.step, per_epoch)
            is_due |= isinstance(report, EvaluationReport) and run.is_best(report)
            if is_due:
                save_patiently(run, gan, "running", patience)
                last_saved, is_first = time.monotonic(), False
            yield report
            if run.config is not config or gan.step != report.step:
                return False
    return True


def _patiently(
    patience: Patience,
    act: Callable[_Arguments, _Result],
    *arguments: _Arguments.args,
    **named: _Arguments.kwargs,
) -> _Result:
    """Do what the disk may refuse, again and again while there is patience.

    Tried once more when that is at an end: who was told to stop while it waited may save by now.
    """
    while True:
        try:
            return act(*arguments, **named)
        except DiskWriteError as error:
            if not patience(error):
                return act(*arguments, **named)


def save_patiently(run: Run, gan: DCGAN, state: State, patience: Patience) -> None:
    """Save a checkpoint and write down where the run stands.

    Raises:
        DivergenceError, RunError: As of `save`, the latter when `patience` is at an end.
    """
    _patiently(patience, save, run, gan)
    _patiently(patience, _set_status, run, gan, state)


def change(run: Run, gan: DCGAN, changes: Mapping[str, object]) -> EventReport | None:
    """Change settings of a run in training, between two reports of `record`.

    Args:
        run: The run.
        gan: What learns.
        changes: Of `config.settings_that_change("live")`, by name.

    Returns:
        What was written to history; None where nothing differs from what was.

    Raises:
        ConfigError: If a value is not allowed, or the setting cannot change now.
        DivergenceError, RunError: As of `save`; nothing is changed then.
        WorkerError: If another worker of the run is gone.
    """
    config = _changed(run.config, changes, "live")
    words = describe_changes(run.config, config)
    if not words:
        return None
    save(run, gan)  # Or a death would bring back steps from before, under settings from after.
    run.change_config(config)
    gan.change_config(config)
    return _note(run, gan, "changed", f"From step {gan.step:,} on: {words}.")


def roll_back(run: Run, gan: DCGAN, step: int) -> EventReport:
    """Go back to one of the run's checkpoints, between two reports of `record`.

    What came later is forgotten; settings stay as they are now.

    Returns:
        What was written to history.

    Raises:
        RunError: If there is no such checkpoint, or it is damaged, or the disk refuses; training
            stands where it stood then.
        WorkerError: If another worker of the run is gone.
    """
    before, state = gan.step, gan.get_state()
    kept = _settings_kept(run, step)
    _take_over(run, gan, run.checkpoints.load(step))
    try:
        run.rewind(gan.step)
    except RunError:
        gan.set_state(state)
        # Its checkpoint may be among what is forgotten already.
        with contextlib.suppress(DivergenceError, RunError):
            save(run, gan)
        raise
    with contextlib.suppress(DiskWriteError):  # It is done; the next checkpoint writes it again.
        _set_status(run, gan, "paused" if run.read_status().state == "paused" else "running")
    return _note(run, gan, "rolled_back", f"Back to step {gan.step:,} from step {before:,}{kept}.")


def _settings_kept(run: Run, step: int) -> str:
    """Say which settings hold on though the notes of their changes, after a step, do not."""
    if not any(
        event.step > step and event.event in ("changed", "diverged")
        for event in run.history.read_events()
    ):
        return ""
    words = ", ".join(
        f"{TrainingConfig.model_fields[name].title} {getattr(run.config, name):g}"
        for name in settings_that_change("live")
    )
    return f", with the settings of now: {words}"


def _set_back(
    run: Run, gan: DCGAN, before: int, config: TrainingConfig, number: int
) -> EventReport:
    """Go back from a step with numbers that are none, with half the learning rates of a config.

    The disk may refuse in the middle, so it can be done again with the same arguments.
    """
    _take_over(run, gan, run.checkpoints.load())
    slower = config.replace(
        generator_learning_rate=config.generator_learning_rate / 2,
        discriminator_learning_rate=config.discriminator_learning_rate / 2,
    )
    run.rewind(gan.step)
    run.change_config(slower)
    gan.change_config(slower)
    _set_status(run, gan, "running")
    return _note(
        run,
        gan,
        "diverged",
        f"Diverged by step {before:,}: a loss, a gradient or a weight was not a number. Back to "
        f"step {gan.step:,}, with half the learning rates (time {number} of {_MAX_SETBACKS} at "
        "most).",
    )


def _take_over(run: Run, gan: DCGAN, state: Mapping[str, np.ndarray]) -> None:
    try:
        gan.set_state(state)
    except (ValueError, TypeError) as error:
        raise UnreadableFileError(
            f"{run.name}: the checkpoint of step {int(state['step'])} does not fit "
            f"config.json: {error}"
        ) from None


def _changed(
    config: TrainingConfig, changes: Mapping[str, object], when: Literal["live", "in_branch"]
) -> TrainingConfig:
    allowed = settings_that_change(when)
    for name in changes:
        if name not in allowed and name in TrainingConfig.model_fields:
            place = "while it trains" if when == "live" else "in a branch"
            raise ConfigError(
                f"{name}: a run keeps it; what may change {place} is {', '.join(allowed)}."
            )
    return config.replace(**changes)


def _note(run: Run, gan: DCGAN, event: Event, text: str) -> EventReport:
    epoch = run.config.epoch_of(gan.step, run.dataset.num_images)
    report = EventReport(gan.step, epoch, gan.seconds, event, text)
    with contextlib.suppress(DiskWriteError):  # It is done; a note less does not undo it.
        run.write(report)
    return report


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
    if gan.step not in run.samples.list_steps():
        epoch = run.config.epoch_of(gan.step, run.dataset.num_images)
        pixels = draw_samples(gan, fixed_latent(run.config))
        run.write(SampleReport(gan.step, epoch, gan.seconds, pixels))


def _set_status(run: Run, gan: DCGAN, state: State, message: str = "") -> None:
    epoch = run.config.epoch_of(gan.step, run.dataset.num_images)
    run.write_status(state, step=gan.step, epoch=epoch, seconds=gan.seconds, message=message)


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
        progress=show_work if progress else no_progress,
    )
    # Closed on every way out: an interrupted notebook would keep a half-read iterator alive.
    with contextlib.closing(record(run, gan, dataset)) as reports:
        shown = reports
        if progress:
            shown = show_progress(reports, config, config.total_steps(len(dataset)))
        for _ in shown:
            pass
    return gan, run
