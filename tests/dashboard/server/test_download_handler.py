"""Files made on a click: how many at once, errors on the page, and how long they are kept."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import NoReturn
from unittest.mock import Mock

import pytest
from streamlit.proto.BackMsg_pb2 import BackendOperationRequest
from streamlit.proto.ForwardMsg_pb2 import BackendOperationResponse
from streamlit.runtime import app_session
from streamlit.runtime import runtime as runtime_module
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from dashboard.server import download_handler, streamlit_internals
from dashboard.server.download_handler import (
    BusyError,
    DownloadHandler,
    FileMaker,
    RecentFiles,
)
from dashboard.server.streamlit_internals import OLD_BUTTON_SECONDS, LateRemovalFileManager
from dcgan.errors import RunError
from tests.clock import Clock

TIMEOUT = 60.0  # Seconds; only a failure takes as long.


class Work:
    """Makes a file: reports its start, and waits until the test lets it end."""

    def __init__(self) -> None:
        self.may_end, self.has_begun = threading.Event(), threading.Event()

    def __call__(self) -> str:
        self.has_begun.set()
        assert self.may_end.wait(TIMEOUT)
        return "made"


def run_scene(coroutine: Coroutine[None, None, None]) -> None:
    """Run a coroutine in a new event loop, for a minute at most."""
    asyncio.run(asyncio.wait_for(coroutine, TIMEOUT))


async def wait_for_start(work: Work) -> None:
    assert await asyncio.to_thread(work.has_begun.wait, TIMEOUT)


# Limit on files that are made at the same time.


def test_a_third_file_waits_for_a_place() -> None:
    async def scene() -> None:
        file_maker = FileMaker(max_at_once=2, wait_seconds=TIMEOUT)
        works = [Work() for _ in range(3)]
        tasks = [asyncio.create_task(file_maker.make(work)) for work in works]
        await wait_for_start(works[0])
        await wait_for_start(works[1])
        assert not works[2].has_begun.is_set()
        works[1].may_end.set()
        assert await tasks[1] == "made"
        await wait_for_start(works[2])
        assert not tasks[0].done()
        works[0].may_end.set()
        works[2].may_end.set()
        assert await asyncio.gather(*tasks) == ["made"] * 3

    run_scene(scene())


def test_a_wait_that_is_too_long_is_an_error_and_takes_no_place() -> None:
    async def scene() -> None:
        file_maker = FileMaker(max_at_once=1, wait_seconds=0)
        first, second = Work(), Work()
        task = asyncio.create_task(file_maker.make(first))
        await wait_for_start(first)
        with pytest.raises(BusyError, match=r"^This server is making .* try again"):
            await file_maker.make(second)
        assert not second.has_begun.is_set()
        first.may_end.set()
        await task
        second.may_end.set()
        assert await file_maker.make(second) == "made"

    run_scene(scene())


def test_a_failure_frees_its_place() -> None:
    def fail() -> NoReturn:
        raise RunError("It is gone.")

    async def scene() -> None:
        file_maker = FileMaker(max_at_once=1, wait_seconds=0)
        for _ in range(2):
            with pytest.raises(RunError, match=r"It is gone\."):
                await file_maker.make(fail)

    run_scene(scene())


def test_the_event_loop_is_not_blocked_while_a_file_is_made() -> None:
    async def scene() -> None:
        work = Work()
        task = asyncio.create_task(FileMaker().make(work))
        await wait_for_start(work)
        for _ in range(100):  # Each sleep is one iteration of the loop.
            await asyncio.sleep(0)
        assert not task.done()
        work.may_end.set()
        await task

    run_scene(scene())


# Answers to the page.


@pytest.fixture
def files() -> MediaFileManager:
    return MediaFileManager(MemoryMediaFileStorage("/media"))


@pytest.fixture
def click(
    files: MediaFileManager, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[], bytes]], BackendOperationResponse]:
    """Return a function that clicks on the button of a file and returns the server's answer."""

    def answer_to(data: Callable[[], bytes]) -> BackendOperationResponse:
        file = files.add_deferred(data, "application/zip", "1.(3.-14).5", "run.zip")
        request = BackendOperationRequest(request_id="7")
        request.deferred_file.file_id = file

        async def scene() -> BackendOperationResponse:
            monkeypatch.setattr(download_handler, "file_maker", FileMaker(wait_seconds=0))
            monkeypatch.setattr(download_handler, "recent_files", RecentFiles())
            return await DownloadHandler(lambda: files).handle(request, "a session")

        return asyncio.run(scene())

    return answer_to


Click = Callable[[Callable[[], bytes]], BackendOperationResponse]


def test_a_finished_file_can_be_fetched(click: Click, files: MediaFileManager) -> None:
    answer = click(lambda: b"PK of a run")
    assert (answer.request_id, answer.error_msg) == ("7", "")
    assert answer.deferred_file.url.endswith(".zip")
    file = files.read_file(answer.deferred_file.url.removeprefix("/media/"))
    assert file is not None
    assert (file.content, file.filename) == (b"PK of a run", "run.zip")


def test_an_expected_error_is_shown_on_the_page(
    click: Click, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> NoReturn:
        raise RunError("first is no longer there; choose another run.")

    answer = click(fail)
    assert answer.error_msg == "first is no longer there; choose another run."
    assert not answer.HasField("deferred_file")
    assert "first" not in caplog.text


def test_an_unexpected_error_is_logged_and_not_shown(
    click: Click, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> NoReturn:
        raise KeyError("a secret")

    answer = click(fail)
    assert answer.error_msg == "This file could not be made; the server's log has the details."
    assert not answer.HasField("deferred_file")
    assert "a secret" in caplog.text


def test_a_button_answers_for_a_while_after_it_was_drawn_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    monkeypatch.setattr(streamlit_internals, "time", clock)
    files = LateRemovalFileManager(MemoryMediaFileStorage("/media"))
    old = files.add_deferred(lambda: b"old", None, "5", "a.zip")
    files.clear_session_refs()  # The start of the session's script.
    files.remove_orphaned_files()  # The end of another session's.
    new = files.add_deferred(lambda: b"new", None, "5", "a.zip")
    clock.now += OLD_BUTTON_SECONDS - 1
    files.remove_orphaned_files()
    assert files.execute_deferred(old) != files.execute_deferred(new)
    clock.now += 1
    files.remove_orphaned_files()
    assert files.execute_deferred(new)
    with pytest.raises(MediaFileStorageError):
        files.execute_deferred(old)


def test_a_disabled_button_answers_no_more() -> None:
    files = LateRemovalFileManager(MemoryMediaFileStorage("/media"))
    name = files.add_deferred(lambda: b"old", None, "5", "a.zip")
    files.remove_deferred("5")
    with pytest.raises(MediaFileStorageError):
        files.execute_deferred(name)


def test_a_click_right_after_a_change_saves_the_changed_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = LateRemovalFileManager(MemoryMediaFileStorage("/media"))

    def draw(text: bytes, button: str = "save") -> str:
        return files.add_deferred(lambda: text, None, "5", "number.png", element_id=button)

    request = BackendOperationRequest(request_id="7")
    request.deferred_file.file_id = draw(b"2004")
    draw(b"other", "another button")
    checks = iter([True, True, False])

    def is_script_running(session: str) -> bool:
        assert session == "a session"
        is_running = next(checks)
        if not is_running:  # The script has drawn the changed page.
            draw(b"1999")
        return is_running

    monkeypatch.setattr(download_handler, "is_script_running", is_script_running)
    answer = asyncio.run(DownloadHandler(lambda: files).handle(request, "a session"))
    saved = files.read_file(answer.deferred_file.url.removeprefix("/media/"))
    assert saved is not None
    assert saved.content == b"1999"


def test_a_page_that_is_always_redrawn_gets_its_file(
    click: Click, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download_handler, "is_script_running", lambda session: True)
    monkeypatch.setattr(download_handler, "CHANGE_SECONDS", 0.0)
    assert click(lambda: b"made").deferred_file.url


def test_a_button_of_an_earlier_rendering_asks_for_another_click(files: MediaFileManager) -> None:
    request = BackendOperationRequest(request_id="7")
    request.deferred_file.file_id = "gone"
    answer = asyncio.run(DownloadHandler(lambda: files).handle(request, "a session"))
    assert answer.error_msg == "The page has changed meanwhile: click again."


def test_sessions_use_the_installed_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in (
        (app_session, "DeferredFileHandler"),
        (runtime_module, "MediaFileManager"),
    ):
        monkeypatch.setattr(module, name, getattr(module, name))  # Restored after the test.
    download_handler.install_download_handler()
    session = Mock(app_session.AppSession, _script_data=None)
    dispatcher = app_session.AppSession._create_backend_operation_dispatcher(session)
    assert isinstance(dispatcher._handlers["deferred_file"], DownloadHandler)
    assert vars(runtime_module)["MediaFileManager"] is LateRemovalFileManager


# Time for which a file is kept.


def make_file(files: MediaFileManager, content: bytes) -> str:
    """Make a file as a click does, and return its address."""
    return files.execute_deferred(files.add_deferred(lambda: content, None, "5", "a.zip"))


def can_be_fetched(files: MediaFileManager, url: str) -> bool:
    return files.read_file(url.removeprefix("/media/")) is not None


def test_a_kept_file_survives_the_scripts_of_other_sessions(
    files: MediaFileManager,
) -> None:
    lost, url = make_file(files, b"not kept"), make_file(files, b"kept")
    end = RecentFiles().keep(files, url)
    for _ in range(5):  # As at the end of each script, in any session.
        files.remove_orphaned_files()
    assert not can_be_fetched(files, lost)
    assert can_be_fetched(files, url)
    end()
    assert not can_be_fetched(files, url)


def test_a_file_made_twice_is_kept_until_the_second_end(
    files: MediaFileManager,
) -> None:
    recent_files = RecentFiles()
    url = make_file(files, b"the same")
    ends = [recent_files.keep(files, url) for _ in range(2)]
    ends[0]()
    assert can_be_fetched(files, url)
    ends[1]()
    assert not can_be_fetched(files, url)


def test_old_files_are_dropped_for_new_ones(files: MediaFileManager) -> None:
    recent_files = RecentFiles(max_bytes=100)
    urls = [make_file(files, bytes([number]) * 40) for number in range(3)]
    ends = [recent_files.keep(files, url) for url in urls]
    assert [can_be_fetched(files, url) for url in urls] == [False, True, True]
    large = make_file(files, b"x" * 1000)
    ends.append(recent_files.keep(files, large))
    assert [can_be_fetched(files, url) for url in (*urls, large)] == [False, False, False, True]
    for end in ends:
        end()
    assert not can_be_fetched(files, large)
