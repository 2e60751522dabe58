"""The queue of a public demo: who trains, who waits, and what is refused."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from dashboard.process.demo_bounds import DemoBounds
from dashboard.process.storage_limits import LimitError, StorageLimits
from dashboard.process.visitor_runs import get_visitor_folder
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state import demo as demo_module
from dashboard.state.demo import Demo, DemoError
from dcgan.config.training_config import TrainingConfig
from dcgan.data.datasets import ImageDataset
from dcgan.errors import ConfigError
from dcgan.runs.library import list_runs
from dcgan.runs.manifest import DatasetInfo
from dcgan.runs.run_folder import Run
from tests.dashboard.state.scripted_training import Script, WatchedTrainer

BOUNDS = DemoBounds(seconds=30, max_waiting=3)
CONFIG = BOUNDS.config


class FakeTrainer:
    """Starts runs at once, and ends them when the test says so."""

    def __init__(self, root: Path, data: ImageDataset) -> None:
        self.root = root
        self.limits = StorageLimits(min_free_bytes=0)
        self._data = DatasetInfo.from_dataset(data)
        self.started: list[tuple[int, Path]] = []  # Seeds and folders.
        self.stopped: list[Run | None] = []
        self.shown = Snapshot()
        self.problem: LimitError | None = None

    def snapshot(self) -> Snapshot:
        return self.shown

    def start(self, config: TrainingConfig, root: Path | None = None) -> bool:
        if self.problem is not None:
            raise self.problem
        if self.shown.is_active:
            return False
        assert root is not None
        self.started.append((config.seed, root))
        run = Run(root / "run", config, self._data, created="now")
        self.shown = Snapshot(phase="running", run=run, config=config)
        return True

    def stop(self, run: Run | None = None) -> None:
        self.stopped.append(run)

    def end(self) -> None:
        self.shown = Snapshot(phase="finished", run=self.shown.run, config=self.shown.config)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def fake(tmp_path: Path, tiny_dataset: ImageDataset) -> FakeTrainer:
    return FakeTrainer(tmp_path / "library", tiny_dataset)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gone() -> set[str]:
    """Return the sessions without a connection, which a test may change."""
    return set()


@pytest.fixture
def demo(fake: FakeTrainer, clock: Clock, gone: set[str]) -> Demo:
    return Demo(fake, BOUNDS, lambda session: session not in gone, clock)


def request(demo: Demo, visitor: str, seed: int = 0) -> None:
    demo.record_session(visitor, f"tab of {visitor}")
    demo.request(visitor, CONFIG.replace(seed=seed))


def list_places(demo: Demo, *visitors: str) -> list[int | None]:
    places = map(demo.find_place, visitors)
    return [None if place is None else place.number for place in places]


def test_visitors_train_one_after_the_other_each_in_a_folder_of_their_own(
    demo: Demo, fake: FakeTrainer
) -> None:
    for seed, visitor in enumerate("abc"):
        request(demo, visitor, seed)
    assert demo.is_training("a")
    assert list_places(demo, *"abc") == [None, 1, 2]
    fake.end()
    demo.update()
    assert demo.is_training("b")
    assert not demo.is_training("a")
    assert list_places(demo, *"abc") == [None, None, 1]
    assert fake.started == [
        (0, get_visitor_folder(fake.root, "a")),
        (1, get_visitor_folder(fake.root, "b")),
    ]


def test_the_wait_grows_with_those_ahead(demo: Demo) -> None:
    assert demo.estimate_wait() == 0
    for visitor in "abc":
        request(demo, visitor)
    waits = [place.seconds for place in map(demo.find_place, "bc") if place is not None]
    assert waits == [40, 80]  # A run of 30 s, and 10 s to prepare it.
    assert demo.estimate_wait() == 120


def test_a_visitor_has_one_place_and_can_leave_it(demo: Demo) -> None:
    for visitor in "abbc":
        request(demo, visitor)
    assert list_places(demo, *"bc") == [1, 2]
    demo.leave("b")
    assert list_places(demo, *"bc") == [None, 1]
    with pytest.raises(DemoError, match="still training"):
        request(demo, "a")


def test_a_full_queue_takes_nobody_else(demo: Demo) -> None:
    for visitor in "abcd":
        request(demo, visitor)
    with pytest.raises(DemoError, match="3 visitors are waiting"):
        request(demo, "e")
    assert demo.num_waiting == 3


def test_a_visitor_who_has_gone_loses_the_place(demo: Demo, clock: Clock, gone: set[str]) -> None:
    for visitor in "abc":
        request(demo, visitor)
    gone.add("tab of b")
    clock.now = BOUNDS.gone_seconds
    demo.update()
    assert list_places(demo, *"bc") == [1, 2]  # The connection may come back.
    clock.now += 1
    demo.update()
    assert list_places(demo, *"bc") == [None, 1]


def test_a_visitor_without_a_connection_is_passed_over_and_keeps_the_place(
    demo: Demo, fake: FakeTrainer, gone: set[str]
) -> None:
    for visitor in "abc":
        request(demo, visitor)
    gone.add("tab of b")
    fake.end()
    demo.update()
    assert demo.is_training("c")
    assert list_places(demo, "b") == [1]
    demo.record_session("b", "another tab of b")  # After a reload.
    fake.end()
    demo.update()
    assert demo.is_training("b")


def test_a_run_whose_visitor_has_gone_is_stopped_when_others_wait(
    demo: Demo, fake: FakeTrainer, clock: Clock, gone: set[str]
) -> None:
    request(demo, "a")
    gone.add("tab of a")
    clock.now = BOUNDS.gone_seconds + 1
    demo.update()
    assert fake.stopped == []
    request(demo, "b")
    assert len(fake.stopped) == 1


def test_a_run_that_takes_too_long_is_stopped(demo: Demo, fake: FakeTrainer, clock: Clock) -> None:
    request(demo, "a")
    clock.now = BOUNDS.max_wall_seconds
    demo.update()
    assert fake.stopped == []
    clock.now += 1
    demo.update()
    assert len(fake.stopped) == 1


def test_a_visitor_stops_only_their_own_run(demo: Demo, fake: FakeTrainer) -> None:
    request(demo, "a")
    request(demo, "b")
    own = fake.shown.run
    assert own is not None
    demo.stop("b", own)
    assert fake.stopped == []
    demo.stop("a", own)
    assert fake.stopped == [own]
    fake.end()
    demo.update()
    fake.shown = Snapshot(phase="preparing", config=CONFIG)  # The run of b has no folder yet.
    demo.stop("a", own)
    assert fake.stopped == [own]


def test_settings_outside_of_the_bounds_are_refused(demo: Demo, fake: FakeTrainer) -> None:
    with pytest.raises(ConfigError, match="visitors of this demo cannot change it"):
        demo.request("a", CONFIG.replace(batch_size=4096))
    assert fake.started == []
    assert demo.num_waiting == 0


def test_without_room_nobody_waits_and_the_reason_shows_no_path(
    demo: Demo, fake: FakeTrainer
) -> None:
    fake.problem = LimitError(f"{fake.root} is full.")
    with pytest.raises(DemoError, match="no room for another run now") as caught:
        request(demo, "a")
    assert str(fake.root) not in str(caught.value)
    assert list_places(demo, "a") == [None]
    fake.problem = None
    request(demo, "a")
    assert demo.problem == ""


def test_a_lack_of_room_is_shown_until_there_is_room_again(
    demo: Demo, fake: FakeTrainer, clock: Clock
) -> None:
    fake.root.mkdir()
    fake.problem, fake.limits = LimitError("full"), StorageLimits(max_runs=0)
    with pytest.raises(DemoError, match="no room for another run now"):
        request(demo, "a")
    demo.update()
    assert demo.problem.startswith("The server has no room")
    fake.limits = StorageLimits(min_free_bytes=0)
    clock.now += 60.0
    demo.update()  # Nobody waits.
    assert demo.problem == ""


def test_a_request_is_not_refused_for_an_earlier_lack_of_room(
    demo: Demo, fake: FakeTrainer, gone: set[str]
) -> None:
    fake.problem = LimitError("full")
    with pytest.raises(DemoError, match="no room for another run now"):
        request(demo, "a")
    gone.add("tab of b")  # Passed over: no run starts that would show that there is room.
    request(demo, "b")
    assert (list_places(demo, "b"), demo.problem) == ([1], "")


def test_after_the_end_of_the_process_nothing_starts(demo: Demo, fake: FakeTrainer) -> None:
    request(demo, "a")
    request(demo, "b")
    demo.close()
    fake.end()
    demo.update()
    request(demo, "c")
    assert len(fake.started) == 1


def test_the_run_in_training_is_kept_when_old_ones_are_deleted(
    demo: Demo, fake: FakeTrainer, tiny_config: TrainingConfig, tiny_dataset: ImageDataset
) -> None:
    began = time.time() - BOUNDS.keep_seconds - 5
    old, training = (
        Run.create(tiny_config, tiny_dataset, path=get_visitor_folder(fake.root, visitor) / "run")
        for visitor in "ab"
    )
    for run in (old, training):
        run.lock.release()
        os.utime(run.path / "config.json", (began, began))
    fake.shown = Snapshot(phase="running", run=training)
    demo.update()
    assert (old.path.exists(), training.path.exists()) == (False, True)


def test_old_runs_are_deleted_by_updates_only_while_no_page_waits_for_it(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    places: list[list[int | None]] = []

    def find_place_on_a_page(*_: object) -> None:
        page = threading.Thread(target=lambda: places.append(list_places(demo, "b")), daemon=True)
        page.start()
        page.join(10.0)

    monkeypatch.setattr(demo_module, "delete_old_runs", find_place_on_a_page)
    for visitor in "ab":
        request(demo, visitor)
    assert places == []
    demo.update()
    assert places == [[1]]


def test_a_visitors_run_is_trained_by_the_trainer_and_is_not_in_the_library(
    trainer: WatchedTrainer, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_module, "_DELETION_SECONDS", 0.0)
    trainer.demo = Demo(trainer, BOUNDS)
    trainer.demo.record_session("a", "tab")
    trainer.demo.request("a", CONFIG)
    script.advance()
    run = trainer.wait_for("running").run
    assert run is not None
    trainer.demo.update()  # Also looks for old runs to delete.
    assert trainer.demo.owns("a", run)
    assert run.exists()
    assert run.path not in [listed.path for listed in list_runs(trainer.root)[0]]
    # A page can show it after its end.
    assert trainer.external_runs.observe(run.name).snapshot is not None
    trainer.demo.stop("a", run)
    script.advance()
    assert trainer.wait_for("stopped").run is run
