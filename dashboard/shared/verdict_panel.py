"""The verdict on the run in sight: how it stands, why that is said, and what to do as buttons."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.server import access
from dashboard.shared.run_summary import setting_words
from dashboard.state.snapshot import Snapshot
from dashboard.state.trainer import Trainer
from dcgan.config import TrainingConfig
from dcgan.diagnosis.actions import Action
from dcgan.diagnosis.diagnose import diagnose
from dcgan.diagnosis.verdict import Verdict, VerdictKind
from dcgan.runs.run_folder import Run

_ICONS: dict[VerdictKind, str] = {
    "starting": ":material/hourglass_top:",
    "learning": ":material/trending_up:",
    "converged": ":material/done_all:",
}
_ALARM_ICON = ":material/warning:"


def render(trainer: Trainer, now: Snapshot) -> None:
    """Draw the verdict; nothing before the first step.

    What to do is a button where the trainer can do it.
    """
    verdict = _judge(now)
    if verdict is None or now.run is None:
        return
    with st.container(key="verdict"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(_in_words(verdict), width="content")
            with st.popover("Why", icon=":material/troubleshoot:"):
                for sentence in verdict.evidence:
                    st.markdown(f"- {escape_markdown(sentence)}")
                st.markdown(escape_markdown(verdict.cause))
                st.caption(
                    "G is the generator, D the discriminator. The verdict is drawn from the run's "
                    "own measurements; each limit was measured on runs that went well and on runs "
                    "made to fail."
                )
            is_asked = verdict.is_alarm and access.may_operate()
            actions = verdict.actions if is_asked else ()
            for action in actions:
                is_own = now.is_active and now.is_here
                if is_own or (not now.is_active and action.kind == "new_run"):
                    _render_action(trainer, now.run, action, is_active=now.is_active)
        later = [
            _changes_in_words(action)
            for action in actions
            if action.kind != "new_run" and not (now.is_active and now.is_here and action.is_live)
        ]
        if any(later):
            also = " also" if now.is_active and now.is_here else ""
            words = escape_markdown("; or ".join(filter(None, later)))
            st.caption(f"In a branch of this run one can{also} set {words}.")


def headline(now: Snapshot) -> str:
    """Return the verdict in a short sentence, as Markdown; "" before the first step."""
    verdict = _judge(now)
    return "" if verdict is None else _in_words(verdict)


def _in_words(verdict: Verdict) -> str:
    words = f"{_ICONS.get(verdict.kind, _ALARM_ICON)} **{escape_markdown(verdict.headline)}**"
    return f":orange[{words}]" if verdict.is_alarm else words


@lru_cache(maxsize=4)
def _judge(now: Snapshot) -> Verdict | None:
    """Judge once for all tabs."""
    if now.config is None or not now.history:
        return None
    return diagnose(now.history, now.evaluations, now.events, now.config)


def _render_action(trainer: Trainer, run: Run, action: Action, *, is_active: bool) -> None:
    key = f"verdict-{run.name}-{action.kind}"
    if action.kind == "stop":
        st.button(
            "Stop here",
            icon=":material/stop_circle:",
            key=key,
            on_click=access.operators_only(trainer.stop),
            args=(run,),
        )
    elif action.kind == "new_run":
        st.button(
            f"{'Stop, and begin' if is_active else 'Begin'} anew with {_changes_in_words(action)}",
            icon=":material/restart_alt:",
            key=f"{key}-{_changes_in_words(action)}",
            on_click=_begin_anew,
            args=(trainer if is_active else None, run, action.changes, _changes_in_words(action)),
            help="The settings of the new run stand in the form at the end of the page then, to be "
            "looked over and started. This run stays as it is.",
        )
    elif action.step is not None:
        # Its step is in its name: what is done is what was read.
        if action.step in run.checkpoints.list_steps():
            st.button(
                f"Go back to step {action.step:,}",
                icon=":material/undo:",
                key=f"{key}-{action.step}",
                on_click=access.operators_only(trainer.roll_back),
                args=(run, action.step),
            )
    elif action.changes and action.is_live:
        st.button(
            f"Set {_changes_in_words(action)}",
            icon=":material/tune:",
            key=f"{key}-{_changes_in_words(action)}",
            on_click=_change,
            args=(trainer, run, action.changes),
        )


@access.operators_only
def _change(trainer: Trainer, run: Run, changes: Mapping[str, float]) -> None:
    # One that has ended meanwhile is left alone; the page says so by itself.
    trainer.change_settings(run, changes)


@access.operators_only
def _begin_anew(
    trainer: Trainer | None, run: Run, changes: Mapping[str, float], words: str
) -> None:
    if trainer is not None:  # Who trains the run; one that has ended needs no stop.
        trainer.stop(run)
    st.session_state["form_config"] = run.config.replace(**changes)
    st.session_state["form_source"] = f"{run.read_label().title}, with {words}"


def _changes_in_words(action: Action) -> str:
    to = "" if action.kind == "new_run" else "to "
    return ", ".join(
        f"{TrainingConfig.model_fields[name].title} {to}{setting_words(value)}"
        for name, value in action.changes.items()
    )
