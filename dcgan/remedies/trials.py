"""The work of a study: the plan, and the preparation, training and measurement of each trial."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable

from dcgan.comparison.equal_time import limit_time_from_first_step
from dcgan.config.settings import MAX_SEED
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.diagnosis.actions import Action
from dcgan.errors import DCGANError, RunError
from dcgan.model.gan import DCGAN
from dcgan.recording.disk_retry import DiskRetryPolicy, give_up_at_once, retry_write
from dcgan.recording.recorder import record
from dcgan.recording.start import continue_run, make_local_gan
from dcgan.remedies.measurement import measure_generator
from dcgan.remedies.plan import TRIAL_SECONDS, make_run_title, plan_trials
from dcgan.remedies.study import FORMAT, MACHINE_ERRORS, Study, Trial
from dcgan.remedies.study_files import change_study, change_trial, read_study, write_study
from dcgan.reports import AnyReport
from dcgan.runs.run_folder import Run, open_run
from dcgan.runs.training_data import load_training_data
from dcgan.runs.trials_folder import TRIALS, delete_trial_runs


def create_study(
    run: Run, headline: str, actions: Iterable[Action], seconds: float = TRIAL_SECONDS
) -> Study:
    """Plan trials from a run's newest checkpoint and write them as a study.

    An earlier study of the same step is replaced. The runs of all earlier trials are deleted.

    Args:
        run: The run, which must not be in training.
        headline: Headline of the verdict.
        actions: Actions that the verdict suggests.
        seconds: Training time of each trial.

    Raises:
        RunError: If no action can be tried, the run has no checkpoint, or writing fails.
    """
    trials = plan_trials(actions, run.checkpoints.list_steps())
    if not trials:
        raise RunError(
            f"{run.name}: the verdict suggests nothing that can be tried; continue the run, or "
            "start a new one."
        )
    step = run.checkpoints.find_newest()
    if step is None:
        raise RunError(f"{run.name} has no checkpoint yet.")
    study = Study(format=FORMAT, step=step, seconds=seconds, headline=headline, trials=trials)
    write_study(run, study)
    delete_trial_runs(run.path / TRIALS)
    return study


def prepare_trial(run: Run, step: int, trial_index: int) -> tuple[Run, DCGAN, ImageDataset]:
    """Make the run of a trial, and delete runs that interrupted trials left.

    Args:
        run: The run whose remedies are tried.
        step: The step of the study.
        trial_index: Index of the trial in the study.

    Returns:
        The trial's run, which is locked, its networks and its images: arguments of `train_trial`.

    Raises:
        DCGANError: If the run cannot be continued. The study then has the message as the trial's
            problem. After one of `MACHINE_ERRORS` it does not: the trial can be prepared again.
    """
    study = read_study(run, step)
    trial = study.trials[trial_index]
    finished = frozenset(other.folder for other in study.trials if not other.is_pending)
    delete_trial_runs(run.path / TRIALS, keep=finished)
    try:
        trial_run, gan, dataset = _make_trial_run(run, step, study.seconds, trial)
    except MACHINE_ERRORS:
        raise
    except DCGANError as error:
        with contextlib.suppress(RunError):  # A write error must not replace the first error.
            change_trial(run, step, trial_index, problem=str(error))
        raise
    with contextlib.ExitStack() as undo:
        undo.callback(trial_run.discard)
        if trial_run.config.until_converged:  # A trial always trains for its own time.
            trial_run.change_config(trial_run.config.replace(until_converged=False))
        trial_run.write_label(make_run_title(trial, run.read_title()), "")
        change_trial(run, step, trial_index, folder=trial_run.name)
        undo.pop_all()
    return trial_run, gan, dataset


def _make_trial_run(
    run: Run, step: int, seconds: float, trial: Trial
) -> tuple[Run, DCGAN, ImageDataset]:
    folder = run.path / TRIALS
    has_other_noise = trial.kind == "baseline_other_noise"
    if trial.kind == "new_run":
        config = open_run(run.path).config.replace(
            **trial.changes, epochs=None, max_seconds=seconds
        )
        dataset = load_training_data(run)
        gan = make_local_gan(config, dataset)
        return Run.create(config, dataset, root=folder), gan, dataset
    return continue_run(
        run,
        seconds=seconds,
        step=step if trial.step is None else trial.step,
        changes=trial.changes,
        branch=True,
        root=folder,
        make_gan=_make_gan_with_other_noise if has_other_noise else make_local_gan,
    )


def _make_gan_with_other_noise(config: TrainingConfig, dataset: ImageDataset) -> DCGAN:
    # Only the networks get another seed, for their noise. The run's settings keep theirs, which
    # gives the order of the images and the z of the sample grids.
    return make_local_gan(config.replace(seed=(config.seed + 1) % (MAX_SEED + 1)), dataset)


def train_trial(
    run: Run,
    step: int,
    trial_index: int,
    trial_run: Run,
    gan: DCGAN,
    dataset: ImageDataset,
    retry: DiskRetryPolicy = give_up_at_once,
) -> Generator[AnyReport]:
    """Train a trial with `record`, measure it and write the result.

    If the iterator is closed early, the trial stays pending and can be prepared again.

    Args:
        run: The run whose remedies are tried.
        step: The step of the study.
        trial_index: Index of the trial in the study.
        trial_run, gan, dataset: From `prepare_trial`.
        retry: Decides whether to try a failed write again.

    Yields:
        The reports of `record`.

    Raises:
        DCGANError: If the training fails. The study then has the message as the trial's problem,
            unless the error is one of `MACHINE_ERRORS`, or the study cannot be written.
    """
    first_step = gan.step
    try:
        # The last step is measured below.
        recording = record(trial_run, gan, dataset, retry, evaluates_last_step=False)
        with contextlib.closing(recording) as reports:
            if read_study(run, step).before is None and first_step == step:
                before, real_metrics = measure_generator(gan, run.config, dataset)
                retry_write(
                    retry,
                    change_study,
                    run,
                    step,
                    lambda study: study.model_copy(
                        update={"before": before, "real_metrics": real_metrics}
                    ),
                )
            seconds = read_study(run, step).seconds
            yield from limit_time_from_first_step(reports, trial_run, seconds, retry)
        result, _ = measure_generator(gan, run.config, dataset)
    except MACHINE_ERRORS:
        raise
    except DCGANError as error:
        with contextlib.suppress(RunError):  # A write error must not replace the first error.
            change_trial(run, step, trial_index, problem=str(error), folder="")
        raise
    finally:
        trial_run.lock.release()
    # The run of a baseline is not kept: the studied run itself can continue instead.
    is_kept = not read_study(run, step).trials[trial_index].is_baseline
    folder = trial_run.name if is_kept else ""
    num_steps = gan.step - first_step
    retry_write(
        retry,
        lambda: change_trial(
            run, step, trial_index, result=result, num_steps=num_steps, folder=folder
        ),
    )
    if not is_kept:
        folders = frozenset(trial.folder for trial in read_study(run, step).trials)
        delete_trial_runs(run.path / TRIALS, keep=folders)
