"""The command `try`: the remedies of a run's verdict, tried and compared."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dcgan.cli.console import exit_if_interrupted, print_progress
from dcgan.cli.options import Number, run_argument
from dcgan.errors import DCGANError, RunError
from dcgan.recording.disk_retry import build_disk_retry
from dcgan.recording.progress import show_progress
from dcgan.runs.library import find_run
from dcgan.runs.run_folder import Run
from dcgan.signals import collect_signals

if TYPE_CHECKING:
    from dcgan.diagnosis.verdict import Verdict
    from dcgan.remedies.study import Study


@click.command("try")
@run_argument
@click.option(
    "--seconds",
    type=Number(0, 10_000_000, min_open=True),
    default=30,
    show_default=True,
    help="Training time of each trial.",
)
@click.option(
    "--adopt",
    type=click.IntRange(1),
    metavar="NUMBER",
    help="Train nothing; make a run of this trial.",
)
def try_remedies(run_name: str, root: Path, seconds: float, adopt: int | None) -> None:
    """Try the remedies that the verdict on RUN suggests.

    Each of them, and RUN without a change, trains from RUN's newest checkpoint for some seconds;
    then they are compared. RUN is not changed. Its folder keeps the results.
    """
    run = find_run(run_name, root)
    run.check_writable()
    if adopt is not None:
        _adopt(run, adopt)
        return
    _try_all(run, seconds)


def _try_all(run: Run, seconds: float) -> None:
    from dcgan.remedies.study_files import hold_study_lock
    from dcgan.remedies.study_text import describe_study
    from dcgan.remedies.trials import create_study

    verdict = _diagnose(run)
    with hold_study_lock(run), collect_signals() as received_signals:
        study = create_study(run, verdict.headline, verdict.actions, seconds)
        for trial_index in study.pending_indices:
            study = _run_trial(run, study.step, trial_index, received_signals)
            if received_signals:
                break
    for line in describe_study(study):
        click.echo(line)
    exit_if_interrupted(received_signals)


def _adopt(run: Run, number: int) -> None:
    from dcgan.remedies.adoption import adopt_trial
    from dcgan.remedies.study_files import list_study_steps

    step = run.checkpoints.find_newest()
    if step is None or step not in list_study_steps(run):
        place = "" if step is None else f" at its newest checkpoint, step {step:,}"
        raise RunError(f"{run.name}: no remedy was tried{place}; leave --adopt out to try them.")
    click.echo(str(adopt_trial(run, step, number - 1).path))


def _diagnose(run: Run) -> Verdict:
    """Diagnose a run; raise a `RunError` if the verdict is no alarm."""
    from dcgan.diagnosis.ended_run import diagnose_ended_run

    verdict = diagnose_ended_run(run)
    if not verdict.is_alarm:
        raise RunError(f"{run.name}: {verdict.headline} There is no remedy to try.")
    print_progress(f"{run.name}: {verdict.headline}")
    return verdict


def _run_trial(run: Run, step: int, trial_index: int, received_signals: list[int]) -> Study:
    from dcgan.remedies.plan import describe_trial
    from dcgan.remedies.study import MACHINE_ERRORS
    from dcgan.remedies.study_files import read_study
    from dcgan.remedies.trials import prepare_trial, train_trial

    trials = read_study(run, step).trials
    description = describe_trial(trials[trial_index])
    print_progress(f"Trial {trial_index + 1} of {len(trials)}: {description}.")
    retry = build_disk_retry(received_signals, print_progress)
    try:
        trial_run, gan, dataset = prepare_trial(run, step, trial_index)
        with (
            contextlib.closing(
                train_trial(run, step, trial_index, trial_run, gan, dataset, retry)
            ) as reports,
            contextlib.closing(show_progress(reports, trial_run.config, None)) as shown,
        ):
            for _ in shown:
                if received_signals:
                    break
    except MACHINE_ERRORS:
        raise
    except DCGANError as error:  # The study has it; the other trials may do better.
        print_progress(str(error))
    return read_study(run, step)
