"""What browser tests share: servers, one browser, and pages that must behave."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from .studio import QUICK, TIMEOUT_SECONDS, Studio, open_training

_NAMES = ("chromium", "chromium-browser", "google-chrome")
# What a browser would otherwise do on its own, some of it over the network.
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a Chromium; without one the tests skip, or fail where CI is set."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        reason = f"no Chromium: none of {', '.join(_NAMES)} on PATH, and CHROMIUM is not set"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


# Ends with this folder's tests: while it is open, its event loop holds the thread.
@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """Start the browser."""
    expect.set_options(timeout=TIMEOUT_SECONDS * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def idle_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Serve a dashboard as a new user finds it; no test may train in it."""
    studio = Studio(tmp_path_factory.mktemp("idle")).serve()
    yield studio
    studio.close()


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Serve a dashboard for one file's tests, which share its runs."""
    studio = Studio(tmp_path_factory.mktemp("studio")).serve(module=QUICK)
    yield studio
    studio.close()


@pytest.fixture
def open_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Return a function that opens a browser profile of its own, with Playwright's options.

    At the end of the test its pages must have asked no other host for anything, none of their
    scripts may have failed, and nothing may have been done that their policy forbids.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_one(**options: object) -> BrowserContext:
        settings = {"viewport": {"width": 1280, "height": 900}} | options
        context = browser.new_context(**settings)  # type: ignore[arg-type]
        context.set_default_timeout(TIMEOUT_SECONDS * 1000)

        def check(url: str) -> None:
            parts = urlsplit(url)
            if parts.scheme not in ("data", "blob", "file") and parts.hostname != "127.0.0.1":
                problems.append(f"asked another host: {url}")

        context.on("request", lambda request: check(request.url))

        def read(message: ConsoleMessage) -> None:
            if "Content Security Policy" in message.text:
                problems.append(f"the page does what its policy forbids: {message.text}")

        context.on("console", read)
        context.on("weberror", lambda error: problems.append(f"a script failed: {error.error}"))
        contexts.append(context)
        return context

    yield open_one
    for context in contexts:
        context.close()
    assert not problems, "\n".join(problems)


@pytest.fixture
def page(open_context: Callable[..., BrowserContext]) -> Page:
    """Open an empty page in a profile of its own."""
    return open_context().new_page()


@pytest.fixture
def training_page(page: Page, studio: Studio) -> Page:
    """Show the Train page with a run under way."""
    open_training(page, studio)
    return page


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a failed test's server log and what its page read."""
    report = yield
    if report.failed:
        for name, value in getattr(item, "funcargs", {}).items():
            if isinstance(value, Studio):
                report.sections.append((f"log of {name}", value.log()[-5000:]))
            elif isinstance(value, Page) and not value.is_closed():
                report.sections.append((f"text of {name}", value.inner_text("body")[:3000]))
    return report
