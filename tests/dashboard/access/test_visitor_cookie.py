"""The cookie by which a public demo recognizes a visitor."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard.access.visitor_cookie import COOKIE, VisitorCookie, read_visitor


@pytest.fixture
def client() -> TestClient:
    routes = [
        Route("/", lambda request: HTMLResponse("a page")),
        Route("/news", lambda request: PlainTextResponse("7")),
    ]
    return TestClient(VisitorCookie(Starlette(routes=routes)))


def test_a_browser_gets_its_own_cookie_with_its_first_page(client: TestClient) -> None:
    assert "set-cookie" not in client.get("/news").headers
    first = client.get("/")
    header = first.headers["set-cookie"]
    assert "HttpOnly; SameSite=Lax" in header
    assert first.headers["cache-control"] == "no-store"
    visitor = read_visitor(dict(client.cookies))
    assert len(visitor) == 24
    assert "set-cookie" not in client.get("/").headers
    client.cookies.clear()
    client.get("/")
    assert read_visitor(dict(client.cookies)) not in ("", visitor)


def test_behind_https_the_cookie_works_in_a_frame_of_another_site(client: TestClient) -> None:
    header = client.get("/", headers={"X-Forwarded-Proto": "https"}).headers["set-cookie"]
    assert "SameSite=None; Secure; Partitioned" in header


@pytest.mark.parametrize("value", ["", "short", "../../../../etc/passwd000", "a" * 25, "é" * 24])
def test_a_cookie_of_another_form_names_no_visitor(value: str) -> None:
    assert read_visitor({COOKIE: value}) == ""
