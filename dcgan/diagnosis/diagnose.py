"""The diagnosis of a run: checks of its reports in order of severity.

It reads the reports of a run's history. This module imports no TensorFlow and opens no file. The
limits are in `thresholds`, the actions in `actions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from dcgan.config.named_datasets import choose_noun
from dcgan.config.training_config import TrainingConfig
from dcgan.diagnosis.actions import CONTINUE, STOP
from dcgan.diagnosis.evidence import (
    describe_data,
    describe_distances,
    describe_healthy_balance,
    describe_spread,
)
from dcgan.diagnosis.image_checks import (
    check_convergence,
    check_copies,
    check_coverage,
    check_falling_spread,
    check_progress,
    check_quality,
    check_spread,
    check_training_images,
)
from dcgan.diagnosis.network_checks import (
    check_fooled_discriminator,
    check_gradients,
    check_memorising_discriminator,
    check_rollback,
    check_winning_discriminator,
)
from dcgan.diagnosis.outlook import Outlook, find_outlook
from dcgan.diagnosis.thresholds import COLLAPSED_RELATIVE_SPREAD, WARM_UP_STEPS
from dcgan.diagnosis.unusual_rates import describe_suspects
from dcgan.diagnosis.verdict import Verdict
from dcgan.diagnosis.window import MIN_REPORTS, Window
from dcgan.durations import describe_roughly
from dcgan.evaluation.age import is_outdated
from dcgan.evaluation.distance_scale import is_nearly_real
from dcgan.evaluation.main_metric import get_distance, get_real_distance
from dcgan.evaluation.metric_info import looks_unlike_digits
from dcgan.reports import EvaluationReport, EventReport, StepReport

_VERDICT_HELP = (
    "A verdict says whether the training goes well and, if not, what may help. It is based on the "
    "losses, the discriminator's answers and gradients, how much the pictures differ, and their "
    "distance to real pictures."
)

_STILL_LEARNING = "It was still learning: more training would help."


def diagnose(
    steps: Sequence[StepReport],
    evaluations: Sequence[EvaluationReport],
    events: Sequence[EventReport],
    config: TrainingConfig,
    *,
    num_images: int = 0,
    has_ended: bool = False,
    last_step: int | None = None,
    seconds_per_step: float | None = None,
) -> Verdict:
    """Diagnose a run from its reports so far.

    Args:
        steps: The run's step reports, oldest first; only the newest are read.
        evaluations: Its evaluations, oldest first.
        events: Its events, such as changed settings, oldest first.
        config: Its current settings.
        num_images: Size of its data set; 0 if that is not known.
        has_ended: Whether it is no longer in training, which changes only the sentences.
        last_step: The step at which it will probably end; None if that is not known.
        seconds_per_step: Time of a step now; None if that is not known.

    Returns:
        The first problem that a check finds. If there is none, the verdict that it is too early to
        judge, that the run is still learning, or that it no longer improves.
    """
    window = Window(steps, evaluations, events, num_images)
    verdict = _find_verdict(
        window,
        config,
        num_images=num_images,
        has_ended=has_ended,
        last_step=last_step,
        seconds_per_step=seconds_per_step,
    )
    if verdict.is_alarm:
        # If no changed setting is suggested, learning rates are not the cause.
        suggests_settings = any(action.changes for action in verdict.actions)
        suspects = describe_suspects(config, verdict.actions) if suggests_settings else ""
        return replace(verdict, cause=f"{suspects} {verdict.cause}".lstrip())
    is_level = verdict.kind == "converged"
    outlook = find_outlook(window, config.evaluate_every, is_level=is_level)
    if is_level and not has_ended:
        headline = verdict.headline.removesuffix(".")
        verdict = replace(verdict, headline=f"{headline}: {_describe_stop(config)}.")
    elif verdict.kind == "learning":
        verdict = _advise(verdict, outlook, window, config, has_ended=has_ended)
        if has_ended and outlook.more_training_helps is not False and _is_nearly_real(window):
            verdict = replace(verdict, headline=_describe_clear(window, has_ended=True))
        if has_ended and _draws_noise(window):
            verdict = replace(
                verdict, headline="Its pictures are still noise: more training would help."
            )
    return replace(verdict, outlook=outlook.text)


def _draws_noise(window: Window) -> bool:
    """Return whether hardly any of the newest pictures looked real when they were measured.

    A measurement from more than an epoch ago does not count.
    """
    newest = window.current_evaluation
    if newest is None or is_outdated(newest, window.epoch):
        return False
    return looks_unlike_digits(newest.metrics, newest.real_metrics)


def _is_nearly_real(window: Window) -> bool:
    """Return whether the newest digits were about as near to real ones as they can get.

    A measurement from more than an epoch ago does not count.
    """
    newest = window.current_evaluation
    if newest is None or is_outdated(newest, window.epoch) or not newest.digit_shares:
        return False
    return is_nearly_real(get_distance(newest), get_real_distance(newest))


def _describe_clear(window: Window, *, has_ended: bool) -> str:
    """Return the headline of a run whose distance is about as low as so few pictures can show."""
    newest = window.current_evaluation
    noun = choose_noun(are_digits=newest is not None and bool(newest.digit_shares))
    clear = f"Its {noun}s are clear" if has_ended else f"Clear {noun}s"
    return f"{clear}: more training may still refine them."


def _describe_stop(config: TrainingConfig) -> str:
    """Return the end of a sentence on a run in training that hardly improves."""
    return "it ends by itself if this lasts" if config.until_converged else "you can stop it"


def _advise(
    verdict: Verdict, outlook: Outlook, window: Window, config: TrainingConfig, *, has_ended: bool
) -> Verdict:
    """Advise in the headline of a healthy run to continue or to stop, if its outlook is known."""
    if outlook.more_training_helps is None:
        if not outlook.is_at_limit:
            return verdict
        return replace(verdict, headline=_describe_clear(window, has_ended=has_ended))
    if outlook.more_training_helps:
        headline = _STILL_LEARNING if has_ended else "Learning: let it continue."
        return replace(verdict, headline=headline)
    headline = (
        "It hardly improved at the end: more training would change little."
        if has_ended
        else f"Hardly improving any more: {_describe_stop(config)}."
    )
    return replace(verdict, headline=headline, actions=(STOP, CONTINUE))


def _find_verdict(
    window: Window,
    config: TrainingConfig,
    *,
    num_images: int,
    has_ended: bool,
    last_step: int | None,
    seconds_per_step: float | None,
) -> Verdict:
    """Return the verdict of the first check that finds a problem, or that the run is learning."""
    for check in (
        check_rollback,
        check_training_images,
        check_gradients,
        # The checks below need later reports.
        partial(
            _check_warm_up,
            has_ended=has_ended,
            last_step=last_step,
            seconds_per_step=seconds_per_step,
        ),
        check_fooled_discriminator,
        check_spread,
        check_coverage,
        check_copies,
        check_falling_spread,
        partial(check_memorising_discriminator, num_images=num_images),
        check_winning_discriminator,
        check_quality,
        partial(check_convergence, has_ended=has_ended),
        check_progress,
    ):
        verdict = check(window, config)
        if verdict is not None:
            return verdict
    evidence = (
        describe_healthy_balance(window, config),
        *describe_spread(window),
        *describe_distances(window),
        *describe_data(window),
    )
    meaning = "Neither network wins, and the pictures do not grow alike."
    headline = _STILL_LEARNING if has_ended else "Learning."
    return Verdict("learning", headline, evidence, meaning, (CONTINUE,))


def _check_warm_up(
    window: Window,
    config: TrainingConfig,
    *,
    has_ended: bool,
    last_step: int | None,
    seconds_per_step: float | None,
) -> Verdict | None:
    """Report that the run has just begun, or has just been changed."""
    verdict_step = window.start_step + WARM_UP_STEPS
    if window.step >= verdict_step and len(window.step_reports) >= MIN_REPORTS:
        return None
    evidence = _VERDICT_HELP
    cause = "Early on both networks fluctuate, even in runs that turn out well."
    alike = ""
    is_too_short = last_step is not None and last_step < verdict_step
    if (
        window.newest_relative_spread is not None
        and window.newest_relative_spread < COLLAPSED_RELATIVE_SPREAD
    ):
        alike = " Its pictures were alike." if has_ended else " So far the pictures look alike."
        cause = "The first pictures of every run look alike. If they still do later, it collapsed."
    if has_ended:
        headline = (
            f"Too short for a verdict: it ended at step {window.step:,}, before the first one at "
            f"step {verdict_step:,}.{alike}"
        )
        if window.last_change is not None:
            headline = f"Changed at step {window.start_step:,}, too late for a new verdict."
            evidence = (
                f"A verdict needs {verdict_step:,} steps; the run ended at step {window.step:,}."
            )
    elif window.last_change is None:
        when = f"the first verdict comes at step {verdict_step:,} (now {window.step:,})"
        if seconds_per_step is not None:
            seconds = (verdict_step - window.step) * seconds_per_step
            when = (
                f"the first verdict comes in {describe_roughly(seconds)}, at step {verdict_step:,}"
            )
        if is_too_short:
            when = f"this run will probably end before the first verdict, at step {verdict_step:,}"
        headline = f"Just started: {when}.{alike}"
    else:
        headline = f"Changed at step {window.start_step:,}. "
        headline += (
            f"This run will probably end before a new verdict, at step {verdict_step:,}."
            if is_too_short
            else f"New verdict at step {verdict_step:,}."
        )
        cause = "Wait before you change anything else, or you won't see what this change did."
    if window.last_change is not None:
        evidence = f"{window.last_change.text} {evidence}"
    return Verdict("starting", headline, (evidence,), cause, (CONTINUE,))
