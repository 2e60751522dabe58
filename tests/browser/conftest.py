"""Fixtures of the browser tests: servers, one browser, and pages that are checked for errors."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from .explore_page import expect_named_sliders
from .page_elements import PHONE_SIZE, open_training, picture_in
from .studio import QUICK, TIMEOUT_SECONDS, Studio

# Programs on the PATH, the best first: without what a window needs, tests take a sixth less time.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# Without these, the browser does background work, some of it over the network.
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # One process for all pages of a profile keeps the compiled scripts of Streamlit and Plotly: to
    # open the dashboard takes 0.8 instead of 1.3 s of processor time. Otherwise each visit of
    # `about:blank` would end the process.
    "--renderer-process-limit=1",
    # A process that waits for a next page costs a tenth of what a page does.
    "--disable-features=SpareRendererForSitePerProcess",
)

# Without transitions, and with animations that end at once. Streamlit has some until a page is
# loaded, and others at each rerun of a fragment. Drawing sixty frames a second takes a quarter of
# the browser's time. Short transitions instead of none would take three times as long as all other
# styles: the browser would start one for each property of each element that changes.
_WITHOUT_ANIMATIONS = """
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`*, *::before, *::after {
        animation-duration: 1ms !important;
        animation-iteration-count: 1 !important;
        transition: none !important;
    }`);
    document.adoptedStyleSheets = [sheet];
"""

VIEWPORT: ViewportSize = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a Chromium; without one the tests skip, or fail where CI is set."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        reason = f"no Chromium: none of {', '.join(_NAMES)} on PATH, and CHROMIUM is not set"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


# Closed after this folder's tests: its event loop occupies the thread, and other tests start one.
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
    """Serve a dashboard without own runs to all files of a process; no test may train in it."""
    studio = Studio(tmp_path_factory.mktemp("idle")).serve(module=QUICK)
    yield studio
    studio.close()


@pytest.fixture(scope="package")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Serve a dashboard with small networks to all files of a process, which share its runs."""
    studio = Studio(tmp_path_factory.mktemp("studio")).serve(module=QUICK)
    yield studio
    studio.close()


@pytest.fixture
def own_studio(tmp_path: Path) -> Iterator[Studio]:
    """Return a dashboard that the test starts; it is closed after the test.

    The pages of a test are emptied before: a page that still loads a script would report an error.
    """
    studio = Studio(tmp_path)
    yield studio
    studio.close()


def _set_up_studio_first(request: pytest.FixtureRequest) -> None:
    if "own_studio" in request.fixturenames:
        request.getfixturevalue("own_studio")  # What is set up first is closed last.


def _open_profile(browser: Browser, problems: list[str], **options: object) -> BrowserContext:
    """Open a browser profile, and add to `problems` what its pages do wrong.

    That is a request to another host, a script that fails, or a violation of the page's Content
    Security Policy.
    """
    settings = {"viewport": VIEWPORT} | options
    context = browser.new_context(**settings)  # type: ignore[arg-type]
    context.set_default_timeout(TIMEOUT_SECONDS * 1000)
    context.add_init_script(_WITHOUT_ANIMATIONS)

    def check_host(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob", "file") and parts.hostname != "127.0.0.1":
            problems.append(f"a request to another host: {url}")

    context.on("request", lambda request: check_host(request.url))

    def check_message(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            problems.append(f"a violation of the page's policy: {message.text}")

    context.on("console", check_message)
    context.on("weberror", lambda error: problems.append(f"a script failed: {error.error}"))
    return context


@pytest.fixture
def open_context(
    browser: Browser, request: pytest.FixtureRequest
) -> Iterator[Callable[..., BrowserContext]]:
    """Return a function that opens a new browser profile; it takes Playwright's options.

    The test fails if a page does something wrong, see `_open_profile`.
    """
    _set_up_studio_first(request)
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_profile(**options: object) -> BrowserContext:
        context = _open_profile(browser, problems, **options)
        contexts.append(context)
        return context

    yield open_profile
    for context in contexts:
        context.close()
    assert not problems, "\n".join(problems)


@pytest.fixture(scope="package")
def shared_profile(browser: Browser) -> Iterator[tuple[BrowserContext, list[str]]]:
    """Open a profile for all tests that need no separate one, and a list of its problems."""
    problems: list[str] = []
    context = _open_profile(browser, problems)
    context.new_page()
    yield context, problems
    context.close()


@pytest.fixture(scope="package")
def shared_phone(browser: Browser) -> Iterator[tuple[BrowserContext, list[str]]]:
    """Open a profile on a phone for all tests that need one, and a list of its problems."""
    problems: list[str] = []
    context = _open_profile(
        browser,
        problems,
        viewport=PHONE_SIZE,
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        # With this user agent, Streamlit opens its hidden sidebar at a tap on a link.
        user_agent="Mozilla/5.0 (Android 14; Mobile)",
    )
    context.new_page()
    yield context, problems
    context.close()


def _lend_page(context: BrowserContext, problems: list[str]) -> Iterator[Page]:
    """Return the empty page of a shared profile, and empty it after the test.

    All tests get the same page, whose process keeps compiled scripts. For a second tab:
    `page.context.new_page()`.
    """
    page = context.pages[0]
    yield page
    for tab in context.pages[1:]:
        tab.close()
    page.goto("about:blank")
    context.clear_cookies()
    problems_of_test = problems.copy()
    problems.clear()
    assert not problems_of_test, "\n".join(problems_of_test)


@pytest.fixture
def page(
    shared_profile: tuple[BrowserContext, list[str]], request: pytest.FixtureRequest
) -> Iterator[Page]:
    """Return the empty page of the shared profile."""
    _set_up_studio_first(request)
    context, problems = shared_profile
    context.pages[0].set_viewport_size(VIEWPORT)
    yield from _lend_page(context, problems)


@pytest.fixture
def phone(
    shared_phone: tuple[BrowserContext, list[str]], request: pytest.FixtureRequest
) -> Iterator[Page]:
    """Return the empty page of the shared phone."""
    _set_up_studio_first(request)
    context, problems = shared_phone
    context.pages[0].set_viewport_size(PHONE_SIZE)
    yield from _lend_page(context, problems)


@pytest.fixture
def training_page(page: Page, studio: Studio) -> Page:
    """Open the Train page with a run in training."""
    open_training(page, studio)
    return page


@pytest.fixture
def saved_page(page: Page, idle_studio: Studio) -> Page:
    """Open Explore for the included run, which no test trains further."""
    page.goto(f"{idle_studio.url}/explore")
    expect(picture_in(page, "latent-grid")).to_be_visible()
    expect_named_sliders(page)  # From then on the first digit stays: it is no longer a seed's.
    return page


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the server's log and the page's text to the report of a failed test."""
    report = yield
    if report.failed:
        for name, value in getattr(item, "funcargs", {}).items():
            if isinstance(value, Studio):
                report.sections.append((f"log of {name}", value.read_log()[-5000:]))
            elif isinstance(value, Page) and not value.is_closed():
                report.sections.append((f"text of {name}", value.inner_text("body")[:3000]))
    return report
