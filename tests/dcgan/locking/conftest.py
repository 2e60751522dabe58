"""Runs to lock, and short heartbeats."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from dcgan.locking import heartbeat, lock
from tests.dcgan.locking.machines import BEAT_SECONDS
from tests.dcgan.runs.conftest import run

__all__ = ["run"]


@pytest.fixture
def quick_heartbeat(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the heartbeat and the wait for a lock; forget the heartbeats of other tests."""
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", BEAT_SECONDS)
    monkeypatch.setattr(lock, "_RETRY_SECONDS", 0.2)
    monkeypatch.setattr(heartbeat, "_observed", {})


@pytest.fixture
def beats(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> threading.Event:
    """Return an event that each heartbeat of this process sets."""
    has_beaten, set_times = threading.Event(), os.utime

    def utime(path: Path, *arguments: tuple[float, float]) -> None:
        set_times(path, *arguments)
        if path.is_relative_to(tmp_path):
            has_beaten.set()

    monkeypatch.setattr(os, "utime", utime)
    return has_beaten
