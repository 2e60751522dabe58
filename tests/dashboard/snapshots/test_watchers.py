"""Redraw intervals: from the phase and age of the run for one tab, longer for many tabs."""

from __future__ import annotations

import pytest

from dashboard.snapshots.snapshot import Phase, Snapshot
from dashboard.snapshots.watchers import Watchers
from dcgan.reports import StepReport
from tests.dashboard.snapshots.manual_external_runs import ManualClock
from tests.reports import step_report


def make_snapshot(phase: Phase, *history: StepReport) -> Snapshot:
    return Snapshot(phase=phase, history=history)


@pytest.mark.parametrize(
    ("phase", "trained", "expected"),
    [
        ("idle", None, 3.0),
        ("finished", 500.0, 3.0),
        ("preparing", None, 0.25),
        ("running", 19.0, 1.0),
        ("running", 20.0, 2.0),
        ("running", 60.0, 4.0),
        ("pausing", 500.0, 1.0),
        ("stopping", 500.0, 1.0),
    ],
)
def test_the_redraw_interval_of_one_tab_depends_on_the_phase_and_age_of_the_run(
    phase: Phase, trained: float | None, expected: float
) -> None:
    history = () if trained is None else (step_report(1, seconds=trained),)
    assert Watchers().record_redraw("a", make_snapshot(phase, *history)) == expected


def test_all_tabs_share_one_redraw_a_second_and_none_waits_longer_than_ten_seconds() -> None:
    watchers = Watchers(ManualClock())
    running = make_snapshot("running", step_report(1, seconds=1.0))
    intervals = [watchers.record_redraw(f"tab {number}", running) for number in range(50)]
    assert intervals[:3] == [1.0, 2.0, 3.0]
    assert intervals[9:] == [10.0] * 41
    assert watchers.record_redraw("tab 0", running) == 10.0


def test_many_tabs_wait_longer_for_a_run_that_begins() -> None:
    watchers = Watchers(ManualClock())
    intervals = [
        watchers.record_redraw(f"tab {num}", make_snapshot("preparing")) for num in range(50)
    ]
    assert intervals[:3] == [0.25, 0.5, 0.75]
    assert intervals[-1] == 10.0


def test_closed_tabs_slow_no_other_tab_and_an_open_one_counts_once() -> None:
    clock = ManualClock()
    watchers = Watchers(clock)
    running = make_snapshot("running", step_report(1, seconds=1.0))
    for number in range(8):
        watchers.record_redraw(f"tab {number}", running)
    clock.now += 13
    assert watchers.record_redraw("tab 0", running) == 1.0
    assert watchers.record_redraw("tab 0", running) == 1.0


def test_a_tab_that_is_redrawn_every_half_minute_is_counted_until_it_is_closed() -> None:
    clock = ManualClock()
    watchers = Watchers(clock)
    watchers.record_redraw("a", make_snapshot("paused"))
    clock.now += 32  # Half a minute, and up to two seconds between two requests.
    assert watchers.count() == 1
    watchers.record_redraw("a", make_snapshot("paused"))
    clock.now += 32
    assert watchers.count() == 1
    clock.now += 4
    assert watchers.count() == 0
