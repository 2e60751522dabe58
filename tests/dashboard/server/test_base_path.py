"""The base path: routes below it, redirects to it, and proxies that remove it."""

from __future__ import annotations

import asyncio
import re
import runpy
from pathlib import Path

import pytest
import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from dashboard.server import access
from dashboard.server.base_path import BasePath, BasePathError, read_base_path, strip_base_path

DASHBOARD = Path(access.__file__).parents[1]


def configure(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    own = st.get_option
    monkeypatch.setattr(
        st, "get_option", lambda name: value if name == "server.baseUrlPath" else own(name)
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", ""),
        ("/", ""),
        (" ", ""),
        ("studio", "/studio"),
        ("/studio", "/studio"),
        ("studio/", "/studio"),
        ("/studio/", "/studio"),
        ("a/b", "/a/b"),
        ("/a/b/c/", "/a/b/c"),
        ("mediatheque", "/mediatheque"),
    ],
)
def test_slashes_around_the_base_path_do_not_matter(
    value: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(monkeypatch, value)
    assert read_base_path() == expected


@pytest.mark.parametrize("value", ["media", "/static/", "_stcore/x", "component"])
def test_a_base_path_that_streamlit_reserves_is_refused(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(monkeypatch, value)
    with pytest.raises(BasePathError, match="reserved by Streamlit"):
        read_base_path()


def test_all_routes_are_below_the_base_path(monkeypatch: pytest.MonkeyPatch) -> None:
    configure(monkeypatch, "/a/b/")
    monkeypatch.setattr("dashboard.server.download_handler.install_download_handler", lambda: None)
    monkeypatch.setattr("dashboard.server.page_operations.install_page_operations", lambda: None)
    access.load_rules.cache_clear()
    routes = runpy.run_path(str(DASHBOARD / "application.py"))["routes"]
    assert len(routes) >= 4
    assert [route.path for route in routes if not route.path.startswith("/a/b/")] == []


def test_no_script_requests_an_absolute_path() -> None:
    scripts = sorted((DASHBOARD / "components" / "frontend").glob("*.js"))
    assert len(scripts) > 10
    absolute = re.compile(r"""["'`]/(?![/*])[A-Za-z_]|location\.origin""")
    found = [(file.name, *absolute.findall(file.read_text(encoding="utf-8"))) for file in scripts]
    assert [it for it in found if len(it) > 1] == []


def ask(path: str, base: str, *, query: str = "", header: str = "") -> tuple[int, str, str]:
    """Ask for a path; returns status, Location, and the path that is asked for behind, or text."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(scope["path"])(scope, receive, send)

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(header.encode(), b"x")] if header else []
    scope = {"type": "http", "method": "GET", "path": path, "headers": headers}
    asyncio.run(BasePath(app, base)(scope | {"query_string": query.encode()}, receive, send))
    location = dict(sent[0]["headers"]).get(b"location", b"").decode()
    return sent[0]["status"], location, sent[1].get("body", b"").decode()


@pytest.mark.parametrize(
    ("base", "path", "location"),
    [
        ("/studio", "/", "studio/"),
        ("/a/b", "/", "a/b/"),
        ("/studio", "/studio", "studio/"),
        ("/a/b", "/a/b", "b/"),
        ("/studio", "/studio/explore/", "../explore"),
        ("", "/explore/", "../explore"),
        ("/studio", "/studio/\\evil.example/", "../%5Cevil.example"),
    ],
)
def test_redirects_are_relative(base: str, path: str, location: str) -> None:
    assert ask(path, base)[:2] == (307, location)
    assert ask(path, base, query="run=a")[1] == f"{location}?run=a"


@pytest.mark.parametrize("path", ["/studio/", "/studio/news", "/studio/media/a.png"])
def test_requests_below_the_base_path_are_passed_on(path: str) -> None:
    assert ask(path, "/studio") == (200, "", path)
    assert ask(path, "/studio", header="x-forwarded-for") == (200, "", path)


@pytest.mark.parametrize("path", ["/news", "/healthz", "/studio2/news", "/STUDIO/news", "/explore"])
def test_requests_outside_the_base_path_are_refused_unless_a_proxy_removed_it(path: str) -> None:
    status, _, text = ask(path, "/studio")
    assert (status, "The dashboard is at /studio/ here" in text) == (404, True)
    for header in ("x-forwarded-for", "x-forwarded-prefix", "forwarded", "via"):
        assert ask(path, "/studio", header=header) == (200, "", f"/studio{path}")


def test_without_a_base_path_all_requests_are_passed_on() -> None:
    for path in ("/", "/news", "/explore"):
        assert ask(path, "") == (200, "", path)


def test_only_a_whole_base_path_is_removed() -> None:
    assert strip_base_path("/studio/news", "/studio") == "/news"
    assert strip_base_path("/studio2/news", "/studio") == "/studio2/news"
    assert strip_base_path("/news", "") == "/news"
