"""Checks of own pictures in threads: shared, cancelled and failed ones."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from dashboard.process.picture_checks import CheckProgress, PictureChecks
from dcgan.config.training_config import TrainingConfig
from dcgan.data.file_stamp import hash_file_metadata
from dcgan.data_check.check import DataCheck
from dcgan.errors import ConfigError, DatasetError
from dcgan.progress import Item, ProgressCallback

CONFIG = TrainingConfig.create(dataset="own")


class SlowCheck:
    """A check that waits for the test before each of three pictures."""

    def __init__(self) -> None:
        self.num_started = 0
        self.has_read, self.may_read = threading.Semaphore(0), threading.Semaphore(0)

    def __call__(self, config: TrainingConfig, progress: ProgressCallback) -> DataCheck:
        self.num_started += 1
        for _ in progress(self._read(), "Reading the pictures", 3):
            self.has_read.release()
            assert self.may_read.acquire(timeout=60)
        raise DatasetError(f"{config.dataset} has no pictures.")

    def _read(self) -> Iterator[int]:
        yield from range(3)


def test_a_check_reports_its_progress_and_its_error() -> None:
    slow = SlowCheck()
    check = PictureChecks(slow).start(CONFIG)
    for num_done in range(3):
        assert slow.has_read.acquire(timeout=60)
        progress = check.progress
        assert (progress.text, progress.num_total) == ("Reading the pictures", 3)
        assert progress.num_done == num_done
        assert check.get_result() is None
        slow.may_read.release()
    assert check.wait(60)
    with pytest.raises(DatasetError, match="own has no pictures"):
        check.get_result()


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (MemoryError(), "do not fit into the free memory"),
        (ValueError("?"), "ended with an unexpected error"),
    ],
)
def test_a_check_that_fails_is_not_about_the_pictures_and_not_taken_for_a_cancelled_one(
    error: Exception, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: logged.append(args.exc_type))

    def fail(config: TrainingConfig, progress: ProgressCallback) -> DataCheck:
        raise error

    check = PictureChecks(fail).start(CONFIG)
    assert check.wait(60)
    with pytest.raises(ConfigError, match=message):
        check.get_result()
    for thread in threading.enumerate():
        if thread.name == "picture-check":
            thread.join(60)
    assert logged == ([] if isinstance(error, MemoryError) else [ValueError])


def test_a_cancelled_check_stops_at_the_next_picture_and_can_be_started_again() -> None:
    slow = SlowCheck()
    checks = PictureChecks(slow)
    check = checks.start(CONFIG)
    assert slow.has_read.acquire(timeout=60)
    check.cancel()
    slow.may_read.release()
    assert check.wait(60)
    assert check.is_cancelled
    assert check.get_result() is None
    assert checks.start(CONFIG) is check
    checks.restart(CONFIG)
    again = checks.start(CONFIG)
    assert again is not check
    assert slow.has_read.acquire(timeout=60)
    slow.may_read.release(3)
    assert again.wait(60)


def test_all_tabs_share_a_check_until_the_pictures_change() -> None:
    slow = SlowCheck()
    stamps = ["stamp"]
    checks = PictureChecks(slow, lambda path, progress: stamps[-1])
    first = checks.start(CONFIG)
    assert slow.has_read.acquire(timeout=60)  # The files are listed before.
    assert checks.start(CONFIG) is first
    stamps.append("another stamp")
    changed = checks.start(CONFIG)
    assert changed is not first
    assert first.is_cancelled  # Its result would not be shown.
    slow.may_read.release(100)
    for check in (first, changed):
        assert check.wait(60)


def test_a_third_set_of_pictures_waits_and_cancels_no_check_of_another_tab() -> None:
    slow = SlowCheck()
    checks = PictureChecks(slow)
    started = [checks.start(CONFIG.replace(dataset=name)) for name in ("a", "b", "c")]
    for _ in range(2):
        assert slow.has_read.acquire(timeout=60)
    assert slow.num_started == 2
    waiting = [check for check in started if check.progress.text == "Waiting for another check"]
    assert len(waiting) == 1
    slow.may_read.release(9)
    for check in started:
        assert check.wait(60)
        assert not check.is_cancelled
    assert slow.num_started == 3


def test_only_the_newest_results_are_kept() -> None:
    slow = SlowCheck()
    slow.may_read.release(100)
    checks = PictureChecks(slow)
    started = []
    for name in ("a", "b", "c"):
        started.append(checks.start(CONFIG.replace(dataset=name)))
        assert started[-1].wait(60)
    assert checks.start(CONFIG.replace(dataset="b")) is started[1]
    assert checks.start(CONFIG.replace(dataset="c")) is started[2]
    assert checks.start(CONFIG.replace(dataset="a")) is not started[0]


def test_a_check_that_waits_can_be_cancelled() -> None:
    slow = SlowCheck()
    checks = PictureChecks(slow)
    started = [checks.start(CONFIG.replace(dataset=name)) for name in ("a", "b", "c")]
    for _ in range(2):
        assert slow.has_read.acquire(timeout=60)
    (waiting,) = (check for check in started if check.progress.text == "Waiting for another check")
    waiting.cancel()
    assert waiting.wait(60)
    assert not waiting.files.is_looking  # A page would wait for the end of its listing.
    slow.may_read.release(9)
    for check in started:
        assert check.wait(60)
    assert slow.num_started == 2


def test_a_check_lists_the_files_in_its_thread_and_reports_how_many(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).touch()
    seen, may_go_on = threading.Semaphore(0), threading.Semaphore(0)

    def list_slowly(path: str, progress: ProgressCallback) -> str:
        def pause(items: Iterable[Item], description: str, total: int) -> Iterable[Item]:
            for item in progress(items, description, total):
                seen.release()
                assert may_go_on.acquire(timeout=60)
                yield item

        return hash_file_metadata(path, pause)

    slow = SlowCheck()
    check = PictureChecks(slow, list_slowly).start(CONFIG.replace(dataset=str(tmp_path)))
    for num_done in range(2):
        assert seen.acquire(timeout=60)
        assert check.progress == CheckProgress("Listing the files", num_done, 2)
        may_go_on.release()
    slow.may_read.release(3)
    assert check.wait(60)
