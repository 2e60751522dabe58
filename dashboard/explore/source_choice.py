"""The choice of the generator that Explore shows: a run, and one of its checkpoints."""

from __future__ import annotations

import streamlit as st

from dashboard.access import permissions
from dashboard.components.plain_text import escape_markdown
from dashboard.generators.generator_source import GeneratorSource
from dashboard.run_facts.labels import (
    describe_best_checkpoint,
    is_started_by_person,
    label_checkpoint,
    label_runs,
    shorten_labels,
    sort_for_opening,
)
from dashboard.state.trainer import Trainer
from dashboard.tab import short_run
from dashboard.tab.explore_request import (
    find_step_request,
    make_step_key,
    request_newest,
    take_requested_run,
)
from dcgan.runs.run_folder import Run

# Keys of the session.
_LAST_RUN = "source_last_run"  # Name of the run, kept while other pages are shown.
_SOURCE_RUN = "source_run"
_IS_RUN_CHOSEN = "source_is_run_chosen"  # Whether a person, a button or a link chose the run.
_AWAITS_RUN = "source_awaits_run"  # Whether the page was opened while a run was being prepared.
_STEP_CHOSEN_FOR = "source_step_chosen_for"  # Name of the run whose step a person chose last.

_NOW = -1  # The option of Checkpoint for the weights in training.


def find_live_run(trainer: Trainer) -> Run | None:
    """Return the run that is trained or paused here, if any."""
    snapshot = trainer.snapshot()
    return snapshot.run if snapshot.is_active else None


def ask_for_source(trainer: Trainer) -> GeneratorSource | None:
    """Render the choice of a run and a checkpoint; return None if no run has a generator yet."""
    saved, problems = permissions.list_runs(trainer.root)
    runs = {run.name: run for run in saved if run.checkpoints.list_steps()}
    live_run = find_live_run(trainer)
    if live_run is not None:
        runs = {live_run.name: live_run} | runs
    if not runs:
        return None
    requested = take_requested_run()
    if requested in runs:
        st.session_state[_SOURCE_RUN] = requested
        st.session_state[_IS_RUN_CHOSEN] = True
    elif st.session_state.get(_SOURCE_RUN) not in runs or _has_awaited_run_begun(live_run):
        st.session_state[_SOURCE_RUN] = _choose_run(trainer, runs, live_run)
        st.session_state[_AWAITS_RUN] = live_run is None and trainer.snapshot().is_active
    labels = label_runs(runs.values())
    if live_run is not None:
        labels[live_run.name] = f"In training: {labels[live_run.name]}"
    with st.container(horizontal=True, key="explore-source"):
        name = st.selectbox(
            "Run",
            list(runs),
            key=_SOURCE_RUN,
            on_change=_remember_choice,
            format_func=shorten_labels(labels).__getitem__,
            help=escape_markdown(labels[st.session_state[_SOURCE_RUN]]),  # The whole name.
        )
        st.session_state[_LAST_RUN] = name
        is_live = live_run is not None and name == live_run.name
        step = _ask_for_step(runs[name], is_live=is_live)
    if step is not None and (is_live or step != runs[name].checkpoints.find_newest()):
        _render_older_step(name, step)
    elif step is not None:
        short_run.render(runs[name], step)
    for problem in problems:
        st.caption(f":material/warning: {escape_markdown(problem)}")
    return GeneratorSource(runs[name], step, trainer if is_live and step is None else None)


def _remember_choice() -> None:
    st.session_state[_IS_RUN_CHOSEN] = True
    # Already here: the awaited run may begin in the same rerun.
    st.session_state[_LAST_RUN] = st.session_state[_SOURCE_RUN]


def _has_awaited_run_begun(live_run: Run | None) -> bool:
    return live_run is not None and st.session_state.get(_AWAITS_RUN, False)


def _choose_run(trainer: Trainer, runs: dict[str, Run], live_run: Run | None) -> str:
    """Return the name of the run to show when the page is opened, or its run was deleted."""
    last: str | None = st.session_state.get(_LAST_RUN)
    if last in runs and st.session_state.get(_IS_RUN_CHOSEN):
        return last
    st.session_state[_IS_RUN_CHOSEN] = False
    # In a demo somebody always trains: visitors first see digits, not the first steps of others.
    is_own = trainer.demo is None or trainer.demo.is_training(permissions.get_visitor())
    others = [run for run in runs.values() if live_run is None or run.name != live_run.name]
    if live_run is None or (others and not is_own):
        return sort_for_opening(others)[0].name
    # A person who trains a run wants to see it; one of a race or an experiment only if there is
    # none of the person's own.
    first = next(filter(is_started_by_person, [live_run, *others]), live_run)
    return first.name


def _ask_for_step(run: Run, *, is_live: bool) -> int | None:
    # `_NOW` instead of None, because Streamlit treats None as no choice.
    steps = [*([_NOW] if is_live else []), *reversed(run.checkpoints.list_steps())]
    now = "; “Now” is the generator as it is at this moment" if is_live else ""
    step = st.selectbox(
        "Checkpoint",
        steps,
        key=make_step_key(run.name, is_live=is_live),
        format_func=lambda step: "Now" if step == _NOW else label_checkpoint(step),
        on_change=_record_step,
        args=(run.name,),
        persist_state="session",
        help=f"A checkpoint is a saved moment of training{now}. {describe_best_checkpoint(run)}",
    )
    return None if step == _NOW else step


def _record_step(run_name: str) -> None:
    """Record that a person chose a step, which otherwise is that of the first look."""
    st.session_state[_STEP_CHOSEN_FOR] = run_name


def _render_older_step(run_name: str, step: int) -> None:
    """Render a line on an older checkpoint that is shown, and a button for the newest one."""
    request = find_step_request(run_name, step)
    if request is None:
        is_chosen = st.session_state.get(_STEP_CHOSEN_FOR) == run_name
        reason = "chosen under Checkpoint" if is_chosen else "the run has trained on since"
    elif request.step == step:
        reason = f"opened from {request.origin}"
    else:
        reason = f"the nearest to step {request.step:,} of {request.origin}"
    with st.container(horizontal=True, vertical_alignment="center", key="explore-older"):
        st.markdown(
            f":material/history: **Step {step:,}**, not the newest: {reason}.", width="content"
        )
        st.button("Use the newest", key="use-newest", on_click=request_newest, args=(run_name,))
