"""Pages that follow the trainer: drawn again with each news of it."""

from __future__ import annotations

import uuid

import streamlit as st

from dashboard.components.news import rerun_on_news
from dashboard.state.external_runs import Seen
from dashboard.state.snapshot import Snapshot
from dashboard.state.trainer import Trainer

_TAB = "tab"


def follow_all(trainer: Trainer, name: str, *, key: str = "news") -> tuple[Snapshot, Seen]:
    """Have the fragment drawn again with news of the trainer, and of other processes' runs.

    Args:
        trainer: Whom to follow.
        name: Of another process' run to follow; empty for the one that is trained here.
        key: As of `follow`.

    Returns:
        What the trainer does now, and what the others do.
    """
    version = trainer.version_with(name)  # First, as below.
    now, seen = trainer.snapshot(), trainer.elsewhere.look(name)
    seconds = trainer.watchers.seconds(_tab(), seen.snapshot or now)
    rerun_on_news(version, seconds=seconds, key=key, elsewhere=name)
    return now, seen


def follow(trainer: Trainer, *, key: str = "news") -> Snapshot:
    """Have the fragment that this is called in drawn again whenever the trainer has news.

    Args:
        trainer: Whom to follow.
        key: Streamlit's key of what asks for news; shows nothing.

    Returns:
        What the trainer does now.
    """
    version = trainer.version  # First: what comes in between is drawn twice, and not missed.
    now = trainer.snapshot()
    rerun_on_news(version, seconds=trainer.watchers.seconds(_tab(), now), key=key)
    return now


def _tab() -> str:
    tab: str = st.session_state.setdefault(_TAB, uuid.uuid4().hex)
    return tab
