"""Which run the Train page shows: ours while it trains, else the newest of other processes'."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard.shared.shown_run import OWN, Shown, see
from dashboard.state.external_runs import ExternalSnapshot
from dashboard.state.snapshot import Phase, Snapshot
from dcgan.config import TrainingConfig
from dcgan.runs.manifest import DatasetInfo
from dcgan.runs.run_folder import Run

MakeRun = Callable[[str], Run]


@pytest.fixture
def make_run(tiny_config: TrainingConfig, tmp_path: Path) -> MakeRun:
    """Return what makes a run that is on no disk."""
    dataset = DatasetInfo(name="spots", num_images=200, fingerprint="")
    created = "2026-01-01T00:00:00+00:00"
    return lambda name: Run(tmp_path / name, tiny_config, dataset, created=created)


def other(run: Run, phase: Phase = "running") -> Snapshot:
    return Snapshot(phase=phase, run=run, machine="")


def names(shown: Shown) -> tuple[str, tuple[str, ...]]:
    return shown.name, shown.choices


def test_where_nothing_trains_there_is_no_choice() -> None:
    assert names(see(OWN, Snapshot(), ExternalSnapshot())) == (OWN, ())


def test_ours_in_training_stands_beside_those_of_others(make_run: MakeRun) -> None:
    ours, theirs = make_run("ours"), make_run("theirs")
    own = Snapshot(phase="running", run=ours)
    seen = ExternalSnapshot((theirs,), other(theirs))
    assert names(see(OWN, own, seen)) == (OWN, (OWN, "theirs"))
    shown = see("theirs", own, seen)
    assert names(shown) == ("theirs", (OWN, "theirs"))
    assert shown.snapshot is seen.snapshot


def test_one_that_has_ended_stays_to_choose_while_it_is_watched(make_run: MakeRun) -> None:
    first, second = make_run("first"), make_run("second")
    ended = ExternalSnapshot((second,), other(first, "finished"))
    assert names(see("first", Snapshot(), ended)) == ("first", ("second", "first"))
    assert names(see(OWN, Snapshot(), ended)) == (OWN, ("second",))


def test_ours_that_another_process_goes_on_with_is_shown_as_its(make_run: MakeRun) -> None:
    run = make_run("first")
    seen = ExternalSnapshot((run,), other(run))
    assert names(see("first", Snapshot(phase="stopped", run=run), seen)) == ("first", ("first",))


def test_theirs_that_goes_on_here_is_ours(make_run: MakeRun) -> None:
    run = make_run("first")
    seen = ExternalSnapshot((run,), other(run))
    assert names(see("first", Snapshot(phase="running", run=run), seen))[0] == OWN


def test_what_is_not_read_yet_is_being_prepared(make_run: MakeRun) -> None:
    shown = see("first", Snapshot(), ExternalSnapshot((make_run("first"),)))
    assert shown.name == "first"
    assert (shown.snapshot.phase, shown.snapshot.is_here) == ("preparing", False)
