"""Sign-in at a provider, and what each role sees and may do."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.command_line import TINY_OPTIONS
from tests.forked_python import run_python, start_python

from .page_elements import (
    button,
    download,
    loss_chart,
    open_training,
    picture_in,
    read_alt,
    stop_training,
    wait_for_step_after,
)
from .provider import CLIENT_ID, CLIENT_SECRET, Provider
from .studio import QUICK, Studio

pytestmark = pytest.mark.browser

_ACCOUNTS: dict[str, dict[str, str | bool]] = {
    "Ada": {"email": "Ada@school.example", "email_verified": True},
    "Wim": {"email": "wim@school.example"},
    "Eve": {"email": "eve@elsewhere.example", "email_verified": True},
    "Ada, not verified": {"email": "ada@school.example", "email_verified": False},
}
_METRICS_TOKEN = "what-only-the-prometheus-knows"
_USER_COOKIE = "_streamlit_user"

# Buttons that start, change or save something on the server, on any page. "Remove Seed 1" is not
# one: it takes a stop out of a walk.
_COMMANDS = re.compile(
    "Start training|Pause training|Resume training|Stop training|Add to the queue|Continue|"
    "Import|Delete|Save name and note|Branch|Start again|Undo|Train the first one|Pin this digit|"
    "Pins|Open a picture|Upload|Return to|Apply|Pause queue|Resume queue|Remove$|Dismiss"
)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """Return a provider with an operator, a watcher and two accounts without a role."""
    provider = Provider(_ACCOUNTS).start()
    yield provider
    provider.close()


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[Studio]:
    """Serve a dashboard with sign-in and roles, below a path to which the provider redirects."""
    folder = tmp_path_factory.mktemp("login")
    studio = Studio(folder, "/class/studio")
    file = folder / "secrets.toml"
    file.write_text(make_secrets(studio, provider))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DCGAN_STUDIO_METRICS_TOKEN", _METRICS_TOKEN)
        studio.serve("--secrets", str(file), module=QUICK)
    yield studio
    studio.close()


def make_secrets(studio: Studio, provider: Provider) -> str:
    return f"""
        [auth]
        redirect_uri = "{studio.url}/oauth2callback"
        cookie_secret = "{"0123456789abcdef" * 4}"
        client_id = "{CLIENT_ID}"
        client_secret = "{CLIENT_SECRET}"
        server_metadata_url = "{provider.url}/.well-known/openid-configuration"

        [roles]
        operators = ["ada@school.example"]
        watchers = ["*@school.example"]
    """


def sign_in(page: Page, studio: Studio, account: str) -> None:
    page.goto(studio.url)
    button(page, "Sign in").click()
    page.get_by_role("link", name=account, exact=True).click()
    expect(button(page, "Sign out")).to_be_visible()


def request_as(context: BrowserContext, studio: Studio, path: str, method: str = "GET") -> int:
    """Request a route with the cookies of a browser; return the status."""
    return context.request.fetch(studio.url + path, method=method).status


def expect_no_command(page: Page) -> None:
    expect(page.get_by_role("button", name=_COMMANDS)).to_have_count(0)
    expect(page.get_by_test_id("stFileUploader")).to_have_count(0)


@pytest.mark.parametrize("path", ["", "explore", "runs", "compare", "learn"])
def test_a_page_shows_only_the_sign_in_button_before_sign_in(
    page: Page, studio: Studio, path: str
) -> None:
    page.goto(f"{studio.url}/{path}")
    expect(button(page, "Sign in")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(1)
    expect(page.get_by_role("link", name="Runs")).to_have_count(0)
    expect(page.get_by_role("img")).to_have_count(0)
    assert page.title() == "DCGAN Studio"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/news"),
        ("GET", "/metrics"),
        ("GET", "/media/x.png"),
        ("GET", "/_stcore/metrics"),
        ("PUT", "/_stcore/upload_file/a/b"),
    ],
)
def test_a_route_refuses_requests_without_a_valid_cookie(
    studio: Studio, method: str, path: str
) -> None:
    assert studio.request(path, method)[:2] == (401, "Sign in first.")
    assert studio.request(path, method, Cookie=f"{_USER_COOKIE}=e30.forged.signature").status == 401


def test_health_is_public_and_metrics_need_a_token(studio: Studio) -> None:
    assert studio.request("/healthz")[:2] == (200, "ok")
    assert (
        "dcgan_step 0" in studio.request("/metrics", Authorization=f"Bearer {_METRICS_TOKEN}").text
    )
    assert studio.request("/metrics", Authorization=f"Bearer {_METRICS_TOKEN}x").status == 401
    assert studio.request("/metrics", Authorization="Bearer ").status == 401
    assert studio.request("/news", Authorization=f"Bearer {_METRICS_TOKEN}").status == 401


def test_an_operator_has_full_access_until_sign_out(
    page: Page, studio: Studio, provider: Provider
) -> None:
    sign_in(page, studio, "Ada")
    expect(button(page, "Start training")).to_be_visible()
    expect(page.get_by_text(re.compile("^ada@.?school"))).to_be_visible()
    expect(page.get_by_text("You may watch")).to_have_count(0)
    assert request_as(page.context, studio, "/news") == 200
    assert request_as(page.context, studio, "/metrics") == 200
    assert request_as(page.context, studio, "/_stcore/upload_file/a/b", "PUT") != 401
    before = provider.num_sign_outs
    # The page may show "Sign in" before the browser has been at the provider.
    with page.expect_response(lambda answer: answer.url.startswith(provider.url)):
        button(page, "Sign out").click()
    expect(button(page, "Sign in")).to_be_visible()
    assert provider.num_sign_outs == before + 1
    assert request_as(page.context, studio, "/news") == 401


def test_a_watcher_follows_a_run_and_has_no_commands_on_any_page(
    open_context: Callable[..., BrowserContext], studio: Studio
) -> None:
    operator, watcher = open_context().new_page(), open_context().new_page()
    sign_in(watcher, studio, "Wim")
    expect(watcher.get_by_text("You may watch; starting and changing runs is")).to_be_visible()
    expect(watcher.get_by_text("Nothing is training at the moment")).to_be_visible()
    expect_no_command(watcher)

    sign_in(operator, studio, "Ada")
    open_training(operator, studio)
    seen = wait_for_step_after(loss_chart(watcher), 0)
    wait_for_step_after(loss_chart(watcher), seen)
    expect_no_command(watcher)
    stop_training(operator)
    expect(button(watcher, "Explore these digits")).to_be_visible()
    expect_no_command(watcher)
    name, png = download(watcher, watcher.locator("body"), "Download PNG")
    assert (name[-4:], png[:4]) == (".png", b"\x89PNG")

    watcher.get_by_role("link", name="Explore").click()
    assert "z=" in read_alt(picture_in(watcher, "latent-grid"))
    expect(button(watcher, "Download GIF")).to_be_visible()
    expect_no_command(watcher)
    for title in ("Runs", "Compare", "Learn"):
        watcher.get_by_role("link", name=title).click()
        expect(watcher.get_by_role("heading", level=1)).to_be_visible()
        expect_no_command(watcher)
    assert request_as(watcher.context, studio, "/news") == 200
    assert request_as(watcher.context, studio, "/_stcore/upload_file/a/b", "PUT") == 403


@pytest.mark.parametrize(
    ("account", "reason"),
    [("Eve", "which has no role on this server"), ("Ada, not verified", "has verified")],
)
def test_an_account_without_a_role_sees_only_a_reason(
    page: Page, studio: Studio, account: str, reason: str
) -> None:
    sign_in(page, studio, account)
    expect(page.get_by_text(reason)).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(1)
    expect(page.get_by_role("link", name="Runs")).to_have_count(0)
    assert request_as(page.context, studio, "/news") == 403


def tamper(text: str) -> str:
    """Return a text with a changed letter in its middle."""
    middle = len(text) // 2
    return f"{text[:middle]}{'A' if text[middle] != 'A' else 'B'}{text[middle + 1 :]}"


def test_a_changed_cookie_is_refused(page: Page, studio: Studio) -> None:
    sign_in(page, studio, "Wim")
    cookies = page.context.cookies()
    (mine,) = (cookie for cookie in cookies if cookie.get("name") == _USER_COOKIE)
    payload, timestamp, signature = mine.get("value", "").rsplit(".", 2)
    for forged in (
        f"{tamper(payload)}.{timestamp}.{signature}",
        f"{payload}.{tamper(timestamp)}.{signature}",
        f"{payload}.{timestamp}.{tamper(signature)}",
        payload,
    ):
        page.context.add_cookies([{"name": _USER_COOKIE, "value": forged, "url": studio.url}])
        page.goto(studio.url)
        expect(button(page, "Sign in")).to_be_visible()
        expect(button(page, "Sign out")).to_have_count(0)
        assert request_as(page.context, studio, "/news") == 401


def test_another_address_of_the_server_links_to_the_one_of_the_redirect_uri(
    browser: Browser, studio: Studio
) -> None:
    page = browser.new_page()
    page.goto(studio.url.replace("127.0.0.1", "localhost"))
    expect(page.get_by_role("link", name="Sign in")).to_have_attribute("href", studio.url)
    page.close()


def test_a_watch_only_server_needs_no_sign_in_and_has_no_commands(
    page: Page, tmp_path: Path
) -> None:
    studio = Studio(tmp_path).serve("--watch-only", module=QUICK)
    page.goto(studio.url)
    expect(page.get_by_text("this server is for watching only")).to_be_visible()
    expect(page.get_by_text("Nothing is training at the moment")).to_be_visible()
    expect_no_command(page)
    expect(button(page, "Sign out")).to_have_count(0)
    folder = str(studio.root / "outside")
    train = ("-m", "dcgan", "train", "--run-dir", folder, *TINY_OPTIONS)
    with start_python(*train, stderr=subprocess.DEVNULL) as outside:
        seen = wait_for_step_after(loss_chart(page), 0)
        wait_for_step_after(loss_chart(page), seen)
        wait_for_step_after(picture_in(page, "sample-grid"), 0)
        expect(page.locator(".st-key-status")).to_contain_text("Training")
        expect_no_command(page)
        outside.terminate()
    expect(page.locator(".st-key-status")).to_contain_text("Stopped")
    page.goto(f"{studio.url}/runs")
    expect(button(page, "Explore").first).to_be_visible()
    expect_no_command(page)
    assert studio.request("/news").status == 200
    assert studio.request("/_stcore/upload_file/a/b", "PUT").status == 403
    studio.close()


def test_a_server_with_sign_in_but_without_roles_does_not_start(
    tmp_path: Path, provider: Provider
) -> None:
    studio = Studio(tmp_path)
    file = tmp_path / "secrets.toml"
    file.write_text(make_secrets(studio, provider).partition("[roles]")[0])
    result = run_python(*studio.list_arguments("--secrets", str(file)))
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"Error: {file}: there is a section [auth] but no [roles]")
