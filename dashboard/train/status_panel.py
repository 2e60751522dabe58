"""Where the run stands: a badge, its buttons, progress and four numbers."""

from __future__ import annotations

import platform

import streamlit as st

from dashboard.components.plain_text import escape_markdown
from dashboard.server import access
from dashboard.shared import branch_dialog, status_badge
from dashboard.state.snapshot import Snapshot
from dashboard.state.storage_limits import LimitError
from dashboard.state.trainer import Trainer
from dcgan.config_text import hide_path_in_text
from dcgan.recording.progress import describe_seconds
from dcgan.runs.run_folder import Run

# Pixels; fixed, so that a longer number does not push its neighbours.
_NUMBER_WIDTH = 140
_WIDE_NUMBER_WIDTH = 230


def render(trainer: Trainer, snapshot: Snapshot) -> None:
    """Draw the status of a run: the trainer's, with what commands it, or another process'."""
    with st.container(horizontal=True, vertical_alignment="center"):
        status_badge.render(snapshot.phase)
        if snapshot.run is not None:
            st.text(snapshot.run.read_label().title, width="content")
        st.space("stretch")
        if snapshot.is_active and snapshot.is_here:
            _buttons(trainer, snapshot)
        elif not snapshot.is_active and snapshot.run is not None and snapshot.run.exists():
            _ways_on(trainer, snapshot.run, snapshot)
    if not snapshot.is_here:
        st.caption(escape_markdown(_whose(snapshot)))
    st.progress(snapshot.share_done)
    if snapshot.message:
        message = snapshot.message
        if snapshot.config is not None and not access.may_operate():
            message = hide_path_in_text(message, snapshot.config)
        st.error(escape_markdown(message), icon=":material/error:")
    elif snapshot.is_active and snapshot.events and snapshot.events[-1].event == "diverged":
        st.warning(escape_markdown(snapshot.events[-1].text), icon=":material/undo:")
    _numbers(snapshot)


def title(snapshot: Snapshot) -> str:
    """Return the words for the browser's tab."""
    words = {
        "running": f"{snapshot.share_done:.0%}",
        "preparing": "Preparing",
        "pausing": "Paused",
        "paused": "Paused",
        "stopping": "Stopping",
        "stopped": "Stopped",
        "finished": "Done",
        "failed": "Failed",
        "interrupted": "Interrupted",
    }
    word = words.get(snapshot.phase)
    return f"{word} · DCGAN Studio" if word else "DCGAN Studio"


def _whose(snapshot: Snapshot) -> str:
    """Say who trains a run of another process, or what became of it."""
    where = {"": "", platform.node(): " on this machine"}.get(
        snapshot.machine or "", f" on {snapshot.machine}"
    )
    words = f"another process{where}"
    if snapshot.is_active:
        if not access.may_operate():  # Who may not command anyway needs no reason.
            return f"Trained by {words}."
        return f"Trained by {words}, which alone can pause or stop it; here it is watched."
    if snapshot.phase == "interrupted":
        saved = _last_saved(snapshot.run)
        until = f" All up to step {saved:,} is saved." if saved is not None else ""
        return f"It was trained by {words}, which has ended without a word.{until}"
    return f"It was trained by {words}; what is shown is its last state."


def _last_saved(run: Run | None) -> int | None:
    """Return the step that a run can go on from; None where there is none, or no telling."""
    try:
        return None if run is None else run.checkpoints.find_newest()
    except OSError:  # Of a shared disk that has gone.
        return None


def _buttons(trainer: Trainer, snapshot: Snapshot) -> None:
    if not access.may_operate():
        return
    # A click is of the run that was in sight: the next of the queue may have begun since.
    key = "" if snapshot.run is None else snapshot.run.name
    if snapshot.phase == "paused":
        st.button(
            "Resume training",
            icon=":material/play_arrow:",
            key=f"resume-{key}",
            type="primary",
            on_click=access.operators_only(trainer.resume),
            args=(snapshot.run,),
        )
    else:
        st.button(
            "Pause training",
            icon=":material/pause:",
            key=f"pause-{key}",
            on_click=access.operators_only(trainer.pause),
            args=(snapshot.run,),
            disabled=snapshot.phase != "running",
        )
    st.button(
        "Stop training",
        icon=":material/stop:",
        key=f"stop-{key}",
        on_click=access.operators_only(trainer.stop),
        args=(snapshot.run,),
        disabled=snapshot.phase == "stopping",
        help="Saves everything; the run can be continued later.",
    )


def _ways_on(trainer: Trainer, run: Run, snapshot: Snapshot) -> None:
    """Offer what one may want of a run that has ended."""
    if st.button("Explore its digits", icon=":material/explore:", key="explore-ended"):
        st.session_state["explore_run"] = run.name
        st.switch_page("app_pages/explore.py")
    if access.may_operate():
        st.button(
            "Continue this run",
            icon=":material/play_arrow:",
            key="continue-ended",
            on_click=_continue,
            args=(trainer, run, snapshot),
            disabled=not snapshot.is_here and _last_saved(run) is None,
            help="Goes on to the planned end; if that is reached, as long again.",
        )


@access.operators_only
def _continue(trainer: Trainer, run: Run, snapshot: Snapshot) -> None:
    config, last = run.config, snapshot.last
    is_done = last is not None and config.is_done(last.step, last.seconds, run.dataset.num_images)
    try:
        is_begun = trainer.resume_run(
            run,
            epochs=config.epochs if is_done else None,
            seconds=config.max_seconds if is_done and config.epochs is None else None,
        )
    except LimitError as error:
        st.toast(escape_markdown(str(error)), icon=":material/error:", duration="long")
        return
    if not is_begun:
        st.toast(branch_dialog.BUSY, icon=":material/info:")


def _numbers(snapshot: Snapshot) -> None:
    last, config = snapshot.last, snapshot.config
    epochs = f" of {config.epochs}" if config is not None and config.epochs else ""
    speed = snapshot.images_per_second
    left = snapshot.seconds_left if snapshot.is_active else None
    with st.container(horizontal=True):
        st.metric(
            "Epoch",
            f"{last.epoch}{epochs}" if last else "–",
            width=_NUMBER_WIDTH,
            help="An epoch is one pass over all images.",
        )
        st.metric(
            "Step",
            f"{last.step:,}" if last else "–",
            width=_NUMBER_WIDTH,
            help="A step is one update of both networks.",
        )
        st.metric(
            "Speed",
            f"{speed:,.0f} images/s" if speed is not None else "–",
            width=_WIDE_NUMBER_WIDTH,
            help="Real images that the discriminator sees each second, over the last seconds.",
        )
        if snapshot.is_active:
            st.metric(
                "Time left",
                describe_seconds(left) if left is not None else "–",
                width=_NUMBER_WIDTH,
                help="Training time until the planned end, at the present speed.",
            )
        else:
            st.metric(
                "Time trained",
                describe_seconds(last.seconds) if last else "–",
                width=_NUMBER_WIDTH,
                help="Training time in all, pauses left out.",
            )
