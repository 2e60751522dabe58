"""Pages that follow the trainer: drawn again with each news of it."""

from __future__ import annotations

import uuid

import streamlit as st

from dashboard import live
from dashboard.snapshot import Snapshot
from dashboard.trainer import Trainer

_TAB = "tab"


def follow(trainer: Trainer, *, key: str = "news") -> Snapshot:
    """Have the fragment that this is called in drawn again whenever the trainer has news.

    Args:
        trainer: Whom to follow.
        key: Streamlit's key of what asks for news; shows nothing.

    Returns:
        What the trainer does now.
    """
    tab = st.session_state.setdefault(_TAB, uuid.uuid4().hex)
    version = trainer.version  # First: what comes in between is drawn twice, and not missed.
    now = trainer.snapshot()
    live.redraw_with_news(version, seconds=trainer.watchers.seconds(tab, now), key=key)
    return now
