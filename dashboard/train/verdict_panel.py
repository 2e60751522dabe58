"""The verdict on the shown run: a sentence, its evidence, and buttons for the suggested actions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.access import permissions
from dashboard.components.plain_text import escape_markdown
from dashboard.forms import settings_form
from dashboard.process.storage_limits import LimitError
from dashboard.run_facts.verdict_state import (
    find_study,
    find_verdict,
    format_verdict,
    has_helpful_remedy,
    is_restart_primary,
)
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.current_training import describe_refusal, describe_stop
from dashboard.state.trainer import Trainer
from dashboard.train import precise_distance
from dashboard.wording.messages import show_refusal
from dcgan.comparison.kept_measurement import explain_quick_distance
from dcgan.config.config_text import format_value
from dcgan.config.named_datasets import get_picture_noun
from dcgan.config.setting_info import get_setting_label
from dcgan.diagnosis.actions import Action
from dcgan.diagnosis.verdict import Verdict
from dcgan.evaluation.evaluations_since_change import find_last_change, select_since_change
from dcgan.evaluation.main_metric import find_main_metric, get_page_label
from dcgan.evaluation.metric_info import METRIC_INFO, MIN_EVALUATED
from dcgan.remedies.plan import BUILDING_SECONDS, TRIAL_SECONDS, plan_trials
from dcgan.runs.naming.branches import describe_new_settings, make_branch_title
from dcgan.runs.run_folder import Run


def render(trainer: Trainer, snapshot: Snapshot) -> None:
    """Render the verdict, with a button for each action that the trainer can take now.

    Before the first step, and while the last one is measured, a sentence is in its place, so that
    nothing below it moves later.
    """
    verdict = find_verdict(snapshot)
    if verdict is None or snapshot.run is None:
        if snapshot.is_active:
            _render_preparation()
        return
    if snapshot.measures_end:  # The measurement can change the verdict.
        _render_measuring(snapshot.run)
        return
    is_own_active = snapshot.is_active and snapshot.is_of_this_process
    with st.container(key="verdict"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(format_verdict(verdict), width="content")
            if not precise_distance.render(snapshot):
                _render_outlook(verdict, snapshot)
            # A run that has just begun needs no explanation.
            if verdict.kind != "starting" or snapshot.events or not snapshot.is_active:
                _render_reasons(verdict)
            precise_distance.render_request(snapshot)
            may_act = verdict.is_alarm and permissions.may_operate()
            actions = verdict.actions if may_act else ()
            if has_helpful_remedy(snapshot):  # The button that adopts it is the next step.
                actions = ()
            trials = plan_trials(actions, snapshot.run.checkpoints.list_steps())
            is_free = is_own_active or not snapshot.is_active
            may_try = bool(trials) and is_free and not snapshot.run.is_read_only
            may_try = may_try and find_study(snapshot) is None
            # In a separate container, so that a narrow page wraps all of them together.
            with st.container(
                horizontal=True, vertical_alignment="center", width="content", key="verdict-actions"
            ):
                for action in actions:
                    if is_own_active or (not snapshot.is_active and action.kind == "new_run"):
                        _render_action(trainer, snapshot, snapshot.run, action)
                if may_try:
                    st.button(
                        "Test remedies",
                        icon=":material/science:",
                        key="try-remedies",
                        on_click=_try_remedies,
                        args=(trainer, snapshot.run, verdict),
                        disabled=trainer.trial_runner.is_busy,
                    )
                    st.caption(_describe_study(len(trials), trainer))
        if not may_try:
            _render_branch_hint(actions, is_own_active=is_own_active)


def _render_branch_hint(actions: Sequence[Action], *, is_own_active: bool) -> None:
    """Render which settings a branch can change; nothing if no action needs a branch."""
    branch_changes = [
        _format_changes(action)
        for action in actions
        if action.kind != "new_run" and not (is_own_active and action.is_live)
    ]
    if any(branch_changes):
        also = " also" if is_own_active else ""
        settings = escape_markdown("; or ".join(filter(None, branch_changes)))
        st.caption(f"A branch of this run can{also} set {settings}.")


def _render_reasons(verdict: Verdict) -> None:
    with st.popover("Why", icon=":material/troubleshoot:"):
        st.markdown(escape_markdown(verdict.cause))
        for sentence in verdict.evidence:
            st.markdown(f"- {escape_markdown(sentence)}")
        st.caption(
            "The verdict comes from the run's own measurements. Its limits were found with runs "
            "that worked and with runs that were made to fail."
        )


def _render_outlook(verdict: Verdict, snapshot: Snapshot) -> None:
    """Render the outlook of a run, or when its distance is measured first."""
    if verdict.outlook:
        help_text = _explain_outlook(snapshot)
        st.caption(escape_markdown(verdict.outlook), width="content", help=help_text)
    elif first := _announce_distance(snapshot):
        st.caption(first, width="content")


def _announce_distance(snapshot: Snapshot) -> str:
    """Return when a run in training is measured, if it was not since its start or last change."""
    config = snapshot.config
    can_measure = snapshot.num_images >= 2 * MIN_EVALUATED
    if config is None or not can_measure or not config.evaluate_every:
        return ""
    change = find_last_change(snapshot.events)
    is_measured = bool(select_since_change(snapshot.evaluations, change))
    if not snapshot.is_active or is_measured or not snapshot.history:
        return ""
    # Soon after a measurement the next one can be left out, to save time.
    again, later = (" again", " or later") if snapshot.evaluations else ("", "")
    epoch = config.evaluate_every * -(-snapshot.history[-1].epoch // config.evaluate_every)
    last_step = snapshot.expected_last_step
    epoch_end = epoch * config.compute_steps_per_epoch(snapshot.num_images)
    ends_before = snapshot.phase == "stopping" or (last_step is not None and last_step < epoch_end)
    when = "when it ends" if ends_before else f"at the end of epoch {epoch:,}{later}"
    return f"The distance to real {get_picture_noun(config.dataset)}s is measured{again} {when}."


def _explain_outlook(snapshot: Snapshot) -> str:
    """Explain the metrics of an outlook."""
    newest = snapshot.evaluations[-1]
    has_digits = bool(newest.digit_shares)
    noun = "digit" if has_digits else "picture"
    quick = explain_quick_distance(newest.num_images, snapshot.run, noun)
    names = [find_main_metric(newest.metrics), *(("confident",) if has_digits else ())]
    texts = [
        f"**{get_page_label(name, newest.metrics, has_digits=has_digits, is_quick=bool(quick))}** "
        f"{METRIC_INFO[name].explain(noun)}"
        for name in names
    ]
    return "\n\n".join(filter(None, (quick, *texts)))


def _describe_study(num_trials: int, trainer: Trainer) -> str:
    """Describe what a click on "Test remedies" will do, as Markdown."""
    minutes = math.ceil(num_trials * (TRIAL_SECONDS + BUILDING_SECONDS) / 60)
    stops = escape_markdown(describe_stop(trainer))
    return (
        f"**Test remedies** trains each remedy, and the run without a change, for "
        f"{TRIAL_SECONDS:g} seconds (about {minutes} minutes in all). You see which helps most. "
        f"{stops}".rstrip()
    )


def _render_preparation() -> None:
    with st.container(key="preparation"):
        st.markdown(
            ":material/hourglass_top: **Getting ready.** Building both networks and the first step "
            "takes up to ten seconds. The generator knows nothing yet: its pictures are grey."
        )


def _render_measuring(run: Run) -> None:
    noun = get_picture_noun(run.config.dataset)
    with st.container(key="measuring"):
        st.markdown(
            f":material/hourglass_top: Measuring the last {noun}s… The verdict comes with the "
            "result."
        )


def _render_action(trainer: Trainer, snapshot: Snapshot, run: Run, action: Action) -> None:
    is_active = snapshot.is_active
    key = f"verdict-{run.name}-{action.kind}"
    if action.kind == "new_run":
        st.button(
            f"{'Stop and set' if is_active else 'Set'} up a new run with {_format_changes(action)}",
            icon=":material/restart_alt:",
            key=f"{key}-{_format_changes(action)}",
            type="primary" if is_restart_primary(snapshot) else "secondary",
            on_click=_prepare_new_run,
            args=(trainer if is_active else None, run, action.changes, _format_changes(action)),
            help="Fills in the settings of a new run; then press Start training there. This run is "
            f"not changed. {escape_markdown(describe_stop(trainer)) if is_active else ''}".rstrip(),
        )
    elif action.step is not None:
        # The step is part of the label and the key, so that a click does what the label says.
        if action.step in run.checkpoints.list_steps():
            st.button(
                f"Return to step {action.step:,}",
                icon=":material/undo:",
                key=f"{key}-{action.step}",
                on_click=permissions.operators_only(trainer.roll_back),
                args=(run, action.step),
            )
    elif action.changes and action.is_live:
        st.button(
            f"Set {_format_changes(action)}",
            icon=":material/tune:",
            key=f"{key}-{_format_changes(action)}",
            on_click=_change_settings,
            args=(trainer, run, action.changes),
        )


@permissions.operators_only
def _try_remedies(trainer: Trainer, run: Run, verdict: Verdict) -> None:
    try:
        if not trainer.try_remedies(run, verdict):
            show_refusal(describe_refusal(trainer))
    except LimitError as error:
        show_refusal(error)


@permissions.operators_only
def _change_settings(trainer: Trainer, run: Run, changes: Mapping[str, float | str]) -> None:
    # Does nothing if the run has ended since; the page shows that.
    trainer.change_settings(run, changes)


@permissions.operators_only
def _prepare_new_run(
    trainer: Trainer | None, run: Run, changes: Mapping[str, float | str], changes_text: str
) -> None:
    if trainer is not None:  # The run is still training.
        trainer.stop(run)
    title = run.read_title()
    settings_form.fill_form(
        run.config.replace(**changes),
        f"{title}, with {changes_text}",
        make_branch_title(describe_new_settings(changes), title, "restart"),
    )


def _format_changes(action: Action) -> str:
    to = "" if action.kind == "new_run" else "to "
    return ", ".join(
        f"{get_setting_label(name)} {to}{format_value(name, value)}"
        for name, value in action.changes.items()
    )
