"""The run that the Train page shows: this dashboard's while it trains, else another process'."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard.snapshots.external_runs import ExternalSnapshot
from dashboard.snapshots.snapshot import Phase, Snapshot
from dashboard.tab.shown_run import OWN, ShownRun, find_shown_run
from dcgan.config.training_config import TrainingConfig
from dcgan.runs.manifest import DatasetInfo
from dcgan.runs.run_folder import Run

MakeRun = Callable[[str], Run]


@pytest.fixture
def make_run(tiny_config: TrainingConfig, tmp_path: Path) -> MakeRun:
    """Return a function that makes a run in memory."""
    dataset = DatasetInfo(name="spots", num_images=200, fingerprint="")
    created = "2026-01-01T00:00:00+00:00"
    return lambda name: Run(tmp_path / name, tiny_config, dataset, created=created)


def make_external(run: Run, phase: Phase = "running") -> Snapshot:
    return Snapshot(phase=phase, run=run, machine="")


def read_choice(shown: ShownRun) -> tuple[str, tuple[str, ...]]:
    """Return the name of the shown run, and the names to choose from."""
    return shown.name, shown.choices


def test_without_a_run_in_training_there_is_no_choice() -> None:
    assert read_choice(find_shown_run(OWN, Snapshot(), ExternalSnapshot())) == (OWN, ())


def test_the_own_run_can_be_chosen_beside_those_of_others(make_run: MakeRun) -> None:
    ours, theirs = make_run("ours"), make_run("theirs")
    own = Snapshot(phase="running", run=ours)
    seen = ExternalSnapshot((theirs,), make_external(theirs))
    assert read_choice(find_shown_run(OWN, own, seen)) == (OWN, (OWN, "theirs"))
    shown = find_shown_run("theirs", own, seen)
    assert read_choice(shown) == ("theirs", (OWN, "theirs"))
    assert shown.snapshot is seen.snapshot


def test_a_run_that_has_ended_can_be_chosen_while_it_is_shown(make_run: MakeRun) -> None:
    first, second = make_run("first"), make_run("second")
    ended = ExternalSnapshot((second,), make_external(first, "finished"))
    assert read_choice(find_shown_run("first", Snapshot(), ended)) == ("first", ("second", "first"))
    assert read_choice(find_shown_run(OWN, Snapshot(), ended)) == (OWN, ("second",))


def test_an_own_run_continued_by_another_process_is_shown_as_its_run(make_run: MakeRun) -> None:
    run = make_run("first")
    seen = ExternalSnapshot((run,), make_external(run))
    assert read_choice(find_shown_run("first", Snapshot(phase="stopped", run=run), seen)) == (
        "first",
        ("first",),
    )


def test_another_process_run_continued_here_is_shown_as_the_own_run(make_run: MakeRun) -> None:
    run = make_run("first")
    seen = ExternalSnapshot((run,), make_external(run))
    assert read_choice(find_shown_run("first", Snapshot(phase="running", run=run), seen))[0] == OWN


def test_a_run_that_was_not_read_yet_is_preparing(make_run: MakeRun) -> None:
    shown = find_shown_run("first", Snapshot(), ExternalSnapshot((make_run("first"),)))
    assert shown.name == "first"
    assert (shown.snapshot.phase, shown.snapshot.is_of_this_process) == ("preparing", False)
