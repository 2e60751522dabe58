"""The base path: routes below it, redirects to it, and proxies that remove it."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from dashboard.access import permissions
from dashboard.server.base_path import BasePath, BasePathError, read_base_path, strip_base_path
from tests.dashboard.server.asgi import collect_messages

DASHBOARD = Path(permissions.__file__).parents[1]


def set_base_path(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
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
    set_base_path(monkeypatch, value)
    assert read_base_path() == expected


@pytest.mark.parametrize("value", ["media", "/static/", "_stcore/x", "component"])
def test_a_base_path_that_streamlit_reserves_is_refused(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_base_path(monkeypatch, value)
    with pytest.raises(BasePathError, match="reserved by Streamlit"):
        read_base_path()


def test_all_routes_are_below_the_base_path(monkeypatch: pytest.MonkeyPatch) -> None:
    set_base_path(monkeypatch, "/a/b/")
    monkeypatch.setattr("dashboard.server.download_handler.install_download_handler", lambda: None)
    monkeypatch.setattr("dashboard.server.page_operations.install_page_operations", lambda: None)
    permissions.load_rules.cache_clear()
    routes = runpy.run_path(str(DASHBOARD / "server_parts.py"))["routes"]
    assert len(routes) >= 4
    assert [route.path for route in routes if not route.path.startswith("/a/b/")] == []


def test_no_script_requests_an_absolute_path() -> None:
    scripts = sorted((DASHBOARD / "components" / "frontend").rglob("*.js"))
    assert len(scripts) > 10
    absolute = re.compile(r"""["'`]/(?![/*])[A-Za-z_]|location\.origin""")
    paths_by_script = [
        (file.name, *absolute.findall(file.read_text(encoding="utf-8"))) for file in scripts
    ]
    assert [paths for paths in paths_by_script if len(paths) > 1] == []


async def send_path(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the path of the request, as an application behind the base path gets it."""
    await PlainTextResponse(scope["path"])(scope, receive, send)


def request(path: str, base: str, *, query: str = "", header: str = "") -> tuple[int, str, str]:
    """Request a path of a server with a base path.

    Args:
        path: The path.
        base: The base path, with a leading slash, or "".
        query: The query, without a question mark.
        header: Name of a header to send, or "".

    Returns:
        The status, the header Location, and the text: the path behind the base path, or an error.
    """
    headers = [(header.encode(), b"x")] if header else []
    scope = {"type": "http", "method": "GET", "path": path, "headers": headers}
    start, body = collect_messages(
        BasePath(send_path, base), scope | {"query_string": query.encode()}
    )
    location = dict(start["headers"]).get(b"location", b"").decode()
    return start["status"], location, body.get("body", b"").decode()


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
    assert request(path, base)[:2] == (307, location)
    assert request(path, base, query="run=a")[1] == f"{location}?run=a"


@pytest.mark.parametrize("path", ["/studio/", "/studio/news", "/studio/media/a.png"])
def test_requests_below_the_base_path_are_passed_on(path: str) -> None:
    assert request(path, "/studio") == (200, "", path)
    assert request(path, "/studio", header="x-forwarded-for") == (200, "", path)


@pytest.mark.parametrize("path", ["/news", "/healthz", "/studio2/news", "/STUDIO/news", "/explore"])
def test_requests_outside_the_base_path_are_refused_unless_a_proxy_removed_it(path: str) -> None:
    status, _, text = request(path, "/studio")
    assert (status, "The dashboard is at /studio/ here" in text) == (404, True)
    for header in ("x-forwarded-for", "x-forwarded-prefix", "forwarded", "via"):
        assert request(path, "/studio", header=header) == (200, "", f"/studio{path}")


def test_without_a_base_path_all_requests_are_passed_on() -> None:
    for path in ("/", "/news", "/explore"):
        assert request(path, "") == (200, "", path)


def test_only_a_whole_base_path_is_removed() -> None:
    assert strip_base_path("/studio/news", "/studio") == "/news"
    assert strip_base_path("/studio2/news", "/studio") == "/studio2/news"
    assert strip_base_path("/news", "") == "/news"
