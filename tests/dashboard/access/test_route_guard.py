"""Answers of the server's routes by the cookie of the request."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Scope
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from dashboard.access import permissions, route_guard
from dashboard.access.rules import AccessRules, Role
from dashboard.server import streamlit_internals
from tests.dashboard.server.asgi import collect_messages

SECRET = "0123456789abcdef" * 4
ORIGIN = "https://studio.example.org"
ADA = {"email": "ada@example.org", "is_logged_in": True, "origin": ORIGIN}
WIM = ADA | {"email": "wim@example.org"}
EVE = ADA | {"email": "eve@elsewhere.org"}


@pytest.fixture(autouse=True)
def _rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Provide an operator, Ada, a watcher, Wim, and the key that signs their cookies."""
    rules = AccessRules(("",), f"{ORIGIN}/oauth2callback", ("ada@example.org",), ("*@example.org",))
    monkeypatch.setattr(permissions, "load_rules", lambda: rules)
    monkeypatch.setattr(streamlit_internals, "get_cookie_secret", lambda: SECRET)
    monkeypatch.setattr(streamlit_internals, "get_origin_from_redirect_uri", lambda: ORIGIN)
    monkeypatch.delenv(route_guard.METRICS_TOKEN_VARIABLE, raising=False)


def sign(claims: object, *, secret: str = SECRET, name: str = USER_COOKIE_NAME) -> str:
    return create_signed_value(secret, name, json.dumps(claims)).decode()


def make_cookies(claims: object) -> dict[str, str]:
    return {USER_COOKIE_NAME: sign(claims)}


def request_status(
    path: str, cookies: Mapping[str, str] | None = None, token: str = "", kind: str = "http"
) -> int:
    """Request a path and return the status; the application behind the guard answers 200."""
    headers = [(b"cookie", f"{name}={value}".encode()) for name, value in (cookies or {}).items()]
    if token:
        headers.append((b"authorization", f"Bearer {token}".encode()))
    scope: Scope = {"type": kind, "method": "GET", "path": path, "headers": headers}
    guarded = route_guard.RouteGuard(PlainTextResponse("behind"))
    return int(collect_messages(guarded, scope)[0]["status"])


@pytest.mark.parametrize(
    ("path", "nobody", "stranger", "watcher", "operator"),
    [
        ("/", 200, 200, 200, 200),
        ("/runs", 200, 200, 200, 200),
        ("/healthz", 200, 200, 200, 200),
        ("/_stcore/health", 200, 200, 200, 200),
        ("/_stcore/host-config", 200, 200, 200, 200),
        ("/static/js/index.js", 200, 200, 200, 200),
        ("/assets/plotly-basic.min.js", 200, 200, 200, 200),
        ("/frontend/0123456789abcdef/news.js", 200, 200, 200, 200),
        ("/auth/login", 200, 200, 200, 200),
        ("/oauth2callback", 200, 200, 200, 200),
        ("/news", 401, 403, 200, 200),
        ("/metrics", 401, 403, 200, 200),
        ("/media/0a1b.png", 401, 403, 200, 200),
        ("/_stcore/metrics", 401, 403, 200, 200),
        ("/_stcore/upload_file/session/file", 401, 403, 403, 200),
        # Routes that no rule lists need a login, such as routes of a newer Streamlit.
        ("/invented", 401, 403, 200, 200),
        ("/_stcore/invented", 401, 403, 200, 200),
        ("/static", 401, 403, 200, 200),
        ("/healthz/more", 401, 403, 200, 200),
        ("/explore/invented", 401, 403, 200, 200),
        ("//static/x", 401, 403, 200, 200),
    ],
)
def test_a_route_is_open_to_the_roles_that_it_is_for(
    path: str, nobody: int, stranger: int, watcher: int, operator: int
) -> None:
    assert request_status(path) == nobody
    assert request_status(path, make_cookies(EVE)) == stranger
    assert request_status(path, make_cookies(WIM)) == watcher
    assert request_status(path, make_cookies(ADA)) == operator


def test_only_the_websocket_of_the_pages_is_open() -> None:
    assert request_status("/_stcore/stream", kind="websocket") == 200
    assert request_status("/invented", kind="websocket") == 401
    assert request_status("/invented", make_cookies(EVE), kind="websocket") == 403
    assert request_status("/invented", make_cookies(WIM), kind="websocket") == 200


@pytest.mark.parametrize(
    "cookie",
    [
        sign(ADA, secret="another secret of the same length, almost"),
        sign(ADA, name="_streamlit_user_tokens"),  # Signed for another cookie.
        sign(ADA | {"origin": "https://other.example.org"}),
        sign({key: value for key, value in ADA.items() if key != "origin"}),
        sign(ADA | {"is_logged_in": False}),
        sign([ADA]),
        sign(ADA)[:-1],
        json.dumps(ADA),
        "",
        "\xff",
    ],
)
def test_a_cookie_that_this_server_has_not_signed_counts_as_none(cookie: str) -> None:
    assert route_guard.read_role({USER_COOKIE_NAME: cookie}) is Role.NOBODY


def test_a_cookie_expires_after_a_month(monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = sign(ADA)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 30 * 86400)
    assert route_guard.read_role({USER_COOKIE_NAME: cookie}) is Role.OPERATOR
    monkeypatch.setattr(time, "time", lambda: now + 32 * 86400)
    assert route_guard.read_role({USER_COOKIE_NAME: cookie}) is Role.NOBODY


def test_a_cookie_in_pieces_is_joined() -> None:
    text = json.dumps(ADA)
    pieces = {
        name: create_signed_value(SECRET, name, value).decode()
        for name, value in (
            (USER_COOKIE_NAME, "chunks-2"),
            (f"{USER_COOKIE_NAME}_1", text[:20]),
            (f"{USER_COOKIE_NAME}_2", text[20:]),
        )
    }
    assert route_guard.read_role(pieces) is Role.OPERATOR
    del pieces[f"{USER_COOKIE_NAME}_2"]
    assert route_guard.read_role(pieces) is Role.NOBODY


def test_only_metrics_accept_a_token_and_only_if_one_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert request_status("/metrics", token="x") == 401
    monkeypatch.setenv(route_guard.METRICS_TOKEN_VARIABLE, "of the supervisor")
    assert request_status("/metrics", token="of the supervisor") == 200
    assert request_status("/metrics", token="of the superviso") == 401
    assert request_status("/metrics") == 401
    assert request_status("/news", token="of the supervisor") == 401


def test_nobody_uploads_to_a_watch_only_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions, "load_rules", lambda: AccessRules(is_watch_only=True))
    assert request_status("/news") == 200
    assert request_status("/_stcore/upload_file/session/file") == 403
