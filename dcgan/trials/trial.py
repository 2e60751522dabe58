"""The steps of a trial: write the plan, make the branch, train it and measure it."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable

from dcgan.config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.diagnosis.actions import Action
from dcgan.errors import DCGANError, RunError
from dcgan.model.gan import DCGAN
from dcgan.recording.disk_retry import RetryOnDiskError, never_retry, retry_write
from dcgan.recording.recorder import record
from dcgan.recording.start import continue_run, make_local_gan
from dcgan.reports import AnyReport, StepReport
from dcgan.runs.run_folder import Run, open_run
from dcgan.runs.training_data import load_training_data
from dcgan.runs.trials_folder import TRIALS, delete_trial_runs
from dcgan.settings import MAX_SEED
from dcgan.trials.measure import measure
from dcgan.trials.plan import TRIAL_SECONDS, describe_trial, plan_trials
from dcgan.trials.records import (
    FORMAT,
    MACHINE_ERRORS,
    Trial,
    TrialRecord,
    change_record,
    change_trial,
    read_record,
    write_record,
)


def start_trials(
    run: Run, headline: str, actions: Iterable[Action], seconds: float = TRIAL_SECONDS
) -> TrialRecord:
    """Write a record of planned trials from a run's newest checkpoint; trains nothing.

    An earlier record of the same step is replaced. The branches of all earlier trials are deleted.

    Args:
        run: The run, which must not be in training.
        headline: Headline of the verdict.
        actions: Remedies that the verdict suggests.
        seconds: Training time of each trial.

    Raises:
        RunError: If no action can be tried, the run has no checkpoint, or writing fails.
    """
    trials = plan_trials(actions)
    if not trials:
        raise RunError(f"{run.name}: the verdict suggests nothing that can be tried.")
    step = run.checkpoints.find_newest()
    if step is None:
        raise RunError(f"{run.name} has no checkpoint yet.")
    plan = TrialRecord(format=FORMAT, step=step, seconds=seconds, headline=headline, trials=trials)
    write_record(run, plan)
    delete_trial_runs(run.path / TRIALS)
    return plan


def prepare_trial(run: Run, step: int, number: int) -> tuple[Run, DCGAN, ImageDataset]:
    """Make the branch of a trial, and delete branches that an interrupted trial left.

    Args:
        run: The run whose remedies are tried.
        step: The step of the record.
        number: The trial's number, from 0.

    Returns:
        The branch, which is locked, its networks and its images: arguments of `record_trial`.

    Raises:
        DCGANError: As in `continue_run`. The record then has the message as the trial's problem,
            unless the error is one of `MACHINE_ERRORS`: then the trial can be prepared again.
    """
    found = read_record(run, step)
    trial = found.trials[number]
    finished = frozenset(it.branch for it in found.trials if not it.is_open)
    delete_trial_runs(run.path / TRIALS, keep=finished)
    try:
        branch, gan, dataset = _make_branch(run, step, found.seconds, trial)
    except MACHINE_ERRORS:
        raise
    except DCGANError as error:
        with contextlib.suppress(RunError):  # The first error matters more.
            change_trial(run, step, number, problem=str(error))
        raise
    with contextlib.ExitStack() as undo:
        undo.callback(branch.lock.release)
        branch.write_label(f"{run.read_label().title}: {describe_trial(trial)}", "")
        change_trial(run, step, number, branch=branch.name)
        undo.pop_all()
    return branch, gan, dataset


def _make_branch(
    run: Run, step: int, seconds: float, trial: Trial
) -> tuple[Run, DCGAN, ImageDataset]:
    folder = run.path / TRIALS
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
        make_gan=_make_gan_with_other_noise if trial.kind == "repeated" else make_local_gan,
    )


def _make_gan_with_other_noise(config: TrainingConfig, dataset: ImageDataset) -> DCGAN:
    # The seed in the run's settings does not change: it gives the order of the images and the z
    # of the sample grids.
    return make_local_gan(config.replace(seed=(config.seed + 1) % (MAX_SEED + 1)), dataset)


def _count_from_first_step(
    reports: Iterable[AnyReport], branch: Run, seconds: float
) -> Generator[AnyReport]:
    """Set a trial's time limit when its first step is done.

    The first step also builds the graph, which takes longer on a busy machine. Counted from the
    start, a trial whose graph was built slowly would train less than the others.
    """
    is_counting = False
    for report in reports:
        if isinstance(report, StepReport) and not is_counting:
            is_counting = True
            end = report.seconds + seconds
            branch.change_config(branch.config.replace(max_seconds=end))
        yield report


def record_trial(
    run: Run,
    step: int,
    number: int,
    branch: Run,
    gan: DCGAN,
    dataset: ImageDataset,
    retry: RetryOnDiskError = never_retry,
) -> Generator[AnyReport]:
    """Train a trial with `record`, measure it and write the result.

    If the iterator is closed early, the trial stays open and can be prepared again.

    Args:
        run, step, number: As in `prepare_trial`.
        branch, gan, dataset: From `prepare_trial`.
        retry: As in `record`.

    Yields:
        The reports of `record`.

    Raises:
        DCGANError: As in `record`. The record then has the message as the trial's problem, unless
            the error is one of `MACHINE_ERRORS`.
    """
    first_step = gan.step
    try:
        with contextlib.closing(record(branch, gan, dataset, retry)) as reports:
            if read_record(run, step).before is None and first_step == step:
                before, real_figures = measure(gan, run.config, dataset)
                retry_write(
                    retry,
                    change_record,
                    run,
                    step,
                    lambda found: found.model_copy(
                        update={"before": before, "real_figures": real_figures}
                    ),
                )
            yield from _count_from_first_step(reports, branch, read_record(run, step).seconds)
        result, _ = measure(gan, run.config, dataset)
    except MACHINE_ERRORS:
        raise
    except DCGANError as error:
        change_trial(run, step, number, problem=str(error), branch="")
        raise
    finally:
        branch.lock.release()
    kind = read_record(run, step).trials[number].kind
    is_kept = kind not in ("nothing", "repeated")  # The run itself can continue instead.
    kept = branch.name if is_kept else ""
    num_steps = gan.step - first_step
    retry_write(
        retry,
        lambda: change_trial(run, step, number, result=result, num_steps=num_steps, branch=kept),
    )
    if not is_kept:
        branches = frozenset(it.branch for it in read_record(run, step).trials)
        delete_trial_runs(run.path / TRIALS, keep=branches)
