"""Changes of files that are noticed without a page that waits."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from dashboard.process import file_watch
from dashboard.process.file_watch import FileWatch
from dcgan.progress import ProgressCallback, no_progress


class Listing:
    """A listing that takes as long by the clock as the test wants, and may wait for the test."""

    def __init__(self, seconds: float) -> None:
        self.stamp, self.seconds, self.now, self.num_looks = "first", seconds, 100.0, 0
        self.may_end = threading.Event()
        self.may_end.set()

    def __call__(self, path: str, progress: ProgressCallback) -> str:
        self.num_looks += 1
        assert self.may_end.wait(60)
        self.now += self.seconds
        return self.stamp


def start_watch(listing: Listing, monkeypatch: pytest.MonkeyPatch) -> FileWatch:
    """Return a watch after its first look."""
    monkeypatch.setattr(file_watch, "time", SimpleNamespace(monotonic=lambda: listing.now))
    watch = FileWatch("own", listing)
    watch.look(no_progress)
    assert not watch.has_changed
    return watch


def test_a_change_is_noticed_at_once_if_files_are_listed_quickly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(file_watch, "_SLOW_SECONDS", 60.0)  # However busy the machine.
    listing = Listing(seconds=0.1)
    watch = start_watch(listing, monkeypatch)
    watch.look_again()
    assert not watch.has_changed
    listing.stamp = "second"
    watch.look_again()
    assert watch.has_changed


def test_a_page_does_not_wait_for_a_slow_listing(monkeypatch: pytest.MonkeyPatch) -> None:
    listing = Listing(seconds=2.0)
    watch = start_watch(listing, monkeypatch)
    listing.stamp = "second"
    listing.now += 19.0
    watch.look_again()  # Too early: the pause is ten times the listing.
    assert (listing.num_looks, watch.is_looking) == (1, False)
    listing.now += 1.0
    listing.may_end.clear()
    watch.look_again()
    watch.look_again()  # The one that runs is enough.
    assert (watch.is_looking, watch.has_changed) == (True, False)
    listing.may_end.set()
    assert watch._is_idle.wait(60)
    assert (watch.is_looking, watch.has_changed) == (False, True)
    assert listing.num_looks == 2
