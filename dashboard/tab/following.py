"""Fragments that follow training: each polls the server and reruns when something has changed.

This is the only refresh mechanism of the pages. A poll is a small request; a fragment reruns only
when the version that the server answers differs from the one that it has drawn.
"""

from __future__ import annotations

import uuid

import streamlit as st

from dashboard.access import permissions
from dashboard.components.invisible import rerun_on_news
from dashboard.generators.generator_source import GeneratorSource
from dashboard.snapshots.external_runs import ExternalSnapshot
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.trainer import Trainer

# Seconds between two redraws of a generator's images.
PICTURE_SECONDS = 2.0
LARGE_SECONDS = 5.0  # For large images, and for films, which start again when they are replaced.

# Keys of the session.
_TAB = "tab"


def follow(trainer: Trainer, *, key: str = "news", seconds: float | None = None) -> Snapshot:
    """Rerun the calling fragment whenever the trainer's snapshot or queue changes.

    Args:
        trainer: The trainer to follow.
        key: Streamlit's key of the invisible component that polls; begins with "news".
        seconds: Between two redraws; by default as often as `Watchers` allows.

    Returns:
        The trainer's snapshot, to be rendered.
    """
    version = trainer.version  # Before the snapshot: a change in between causes a rerun.
    snapshot = permissions.hide_others_ended_run(trainer.snapshot())
    interval = trainer.watchers.record_redraw(_get_tab_id(), snapshot)
    rerun_on_news(version, seconds=seconds or interval, key=key)
    return snapshot


def follow_external(
    trainer: Trainer, run_name: str, *, key: str = "news"
) -> tuple[Snapshot, ExternalSnapshot]:
    """Rerun the calling fragment whenever this trainer or a run of another process changes.

    Args:
        trainer: The trainer to follow.
        run_name: Name of the other process's run; "" to follow only the list of such runs.
        key: Streamlit's key of the invisible component that polls; begins with "news".

    Returns:
        The trainer's snapshot, and what is known about other processes' runs.
    """
    version = trainer.get_combined_version(run_name)  # Before the snapshots, as above.
    snapshot = permissions.hide_others_ended_run(trainer.snapshot())
    external = trainer.external_runs.observe(run_name)
    interval = trainer.watchers.record_redraw(_get_tab_id(), external.snapshot or snapshot)
    rerun_on_news(version, seconds=interval, key=key, external=run_name)
    return snapshot, external


def follow_generator(
    source: GeneratorSource, *, key: str, seconds: float = PICTURE_SECONDS
) -> None:
    """Rerun the calling fragment while its generator trains; a saved one never changes.

    Args:
        source: The generator that the fragment draws with.
        key: Streamlit's key of the invisible component that polls; begins with "news".
        seconds: Between two redraws.
    """
    if source.trainer is not None:
        follow(source.trainer, key=key, seconds=seconds)


def _get_tab_id() -> str:
    tab: str = st.session_state.setdefault(_TAB, uuid.uuid4().hex)
    return tab
