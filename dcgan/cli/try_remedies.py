"""The command `try`: the remedies of a run's verdict, tried and compared."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dcgan.cli.console import print_progress
from dcgan.cli.exit_codes import exit_if_interrupted
from dcgan.cli.options import Number, run_argument
from dcgan.errors import DCGANError, RunError
from dcgan.recording.disk_retry import build_disk_retry
from dcgan.recording.progress import show_progress
from dcgan.runs.library import find_run
from dcgan.runs.run_folder import Run
from dcgan.signals import collect_signals

if TYPE_CHECKING:
    from dcgan.diagnosis.verdict import Verdict
    from dcgan.trials.records import TrialRecord


@click.command("try")
@run_argument
@click.option(
    "--seconds",
    type=Number(0, 10_000_000, min_open=True),
    default=30,
    show_default=True,
    help="How long each remedy trains.",
)
@click.option(
    "--adopt",
    type=click.IntRange(1),
    metavar="NUMBER",
    help="Train nothing; turn this trial of the last try into a run.",
)
def try_remedies(run: str, root: Path, seconds: float, adopt: int | None) -> None:
    """Try what the verdict on RUN suggests, each from RUN's newest checkpoint, and compare.

    RUN is not changed. Its folder keeps what was measured.
    """
    found = find_run(run, root)
    found.check_writable()
    if adopt is not None:
        _adopt(found, adopt)
        return
    _try_all(found, seconds)


def _try_all(run: Run, seconds: float) -> None:
    from dcgan.trials.records import locking_trials
    from dcgan.trials.trial import start_trials

    verdict = _diagnose(run)
    with locking_trials(run), collect_signals() as interrupted:
        record = start_trials(run, verdict.headline, verdict.actions, seconds)
        for number in record.open_numbers:
            record = _try_one(run, record.step, number, interrupted)
            if interrupted:
                break
    for line in describe_record(record):
        click.echo(line)
    exit_if_interrupted(interrupted)


def _adopt(run: Run, number: int) -> None:
    from dcgan.trials.adoption import adopt_trial
    from dcgan.trials.records import list_records

    step = run.checkpoints.find_newest()
    if step is None or step not in list_records(run):
        at = "" if step is None else f" at its newest checkpoint, step {step:,}"
        raise RunError(f"{run.name}: no remedy was tried{at}; leave --adopt out to try them.")
    click.echo(str(adopt_trial(run, step, number - 1).path))


def _diagnose(run: Run) -> Verdict:
    """Diagnose a run; raise a `RunError` if the verdict is no alarm."""
    from dcgan.diagnosis.diagnose import diagnose

    history = run.history
    verdict = diagnose(
        history.read_steps(),
        history.read_evaluations(),
        history.read_events(),
        run.config,
        has_ended=True,
    )
    if not verdict.is_alarm:
        raise RunError(f"{run.name}: {verdict.headline} There is no remedy to try.")
    print_progress(f"{run.name}: {verdict.headline}")
    return verdict


def _try_one(run: Run, step: int, number: int, interrupted: list[int]) -> TrialRecord:
    from dcgan.trials.plan import describe_trial
    from dcgan.trials.records import MACHINE_ERRORS, read_record
    from dcgan.trials.trial import prepare_trial, record_trial

    record = read_record(run, step)
    words = describe_trial(record.trials[number])
    print_progress(f"Trial {number + 1} of {len(record.trials)}: {words}.")
    retry = build_disk_retry(interrupted, print_progress)
    try:
        branch, gan, dataset = prepare_trial(run, step, number)
        with (
            contextlib.closing(
                record_trial(run, step, number, branch, gan, dataset, retry)
            ) as reports,
            contextlib.closing(show_progress(reports, branch.config, None)) as shown,
        ):
            for _ in shown:
                if interrupted:
                    break
    except MACHINE_ERRORS:
        raise
    except DCGANError as error:  # It is in the record; the other trials may do better.
        print_progress(str(error))
    return read_record(run, step)


def describe_record(record: TrialRecord) -> list[str]:
    """Describe each trial in one line, with how to adopt one."""
    from dcgan.evaluation.metric_info import METRIC_INFO, format_metric
    from dcgan.trials.effects import find_effects
    from dcgan.trials.plan import describe_trial

    words = {"better": "; helps", "worse": "; makes it worse", "unclear": "; no clear difference"}
    effects = find_effects(record)
    lines = []
    for number, trial in enumerate(record.trials):
        text = f"{number + 1}. {describe_trial(trial)}: "
        if trial.result is None:
            lines.append(text + (trial.problem or "not tried."))
            continue
        figures = ", ".join(
            f"{METRIC_INFO[name].label} {format_metric(name, figure.value)} "
            f"({format_metric(name, figure.low)} to {format_metric(name, figure.high)})"
            for name in record.shown_metrics
            if (figure := trial.result.figures.get(name)) is not None
        )
        effect = words[effects[number]] if number in effects else ""
        lines.append(f"{text}{figures}; {trial.num_steps:,} steps{effect}.")
    if record.adoptable_numbers:
        numbers = " or ".join(str(number + 1) for number in record.adoptable_numbers)
        lines.append(f"To turn a remedy into a run: --adopt {numbers}.")
    return lines
