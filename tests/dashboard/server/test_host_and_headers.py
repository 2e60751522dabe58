"""Accepted host names, and the headers that restrict pages."""

from __future__ import annotations

import socket

import pytest
from starlette.types import Message, Receive, Scope, Send

from dashboard.server.host_and_headers import (
    HEADERS,
    HOSTS_VARIABLE,
    SecurityHeaders,
    add_known_host,
    is_known_host,
    is_loopback,
)
from tests.dashboard.server.asgi import collect_messages


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.5", False),
        ("localhost.example.org", False),
        ("", False),
        (None, False),  # Streamlit listens on every address.
    ],
)
def test_loopback_addresses_are_recognised(address: str | None, expected: bool) -> None:
    assert is_loopback(address) is expected


def test_an_added_host_name_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOSTS_VARIABLE, "other.example.org")
    add_known_host("studio.example.org")
    assert is_known_host("studio.example.org")
    assert is_known_host("other.example.org")
    assert not is_known_host("example.org")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("LOCALHOST:8501", True),
        ("127.0.0.1:8501", True),
        ("192.168.1.5", True),  # DNS rebinding needs a name.
        ("[::1]:8501", True),
        (socket.gethostname(), True),
        ("studio.example.org:443", True),
        ("evil.example", False),
        ("evil.example:8501", False),
        ("127.0.0.1.evil.example", False),
        ("studio.example.org.evil.example", False),
        ("localhost.evil.example", False),
        ("", False),
        (":8501", False),
        ("[", False),
    ],
)
def test_only_names_that_nobody_else_controls_are_accepted(
    host: str, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOSTS_VARIABLE, "10.0.0.7, Studio.example.org ,")  # As a person writes it.
    assert is_known_host(host) is expected
    monkeypatch.delenv(HOSTS_VARIABLE)
    is_named = host.startswith("studio.example.org:")
    assert is_known_host(host) is (expected and not is_named)


def send_through(scope: Scope, *messages: Message) -> list[Message]:
    """Send these messages as an application does; return what passes the middleware."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    return collect_messages(SecurityHeaders(application), scope)


def test_every_answer_has_the_headers_and_keeps_its_own() -> None:
    start: Message = {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"referrer-policy", b"origin")],
    }
    body: Message = {"type": "http.response.body", "body": b"x"}
    first, second = send_through({"type": "http"}, start, body)
    headers = dict(first["headers"])
    assert set(headers) == {name.lower().encode() for name in HEADERS}
    assert headers[b"referrer-policy"] == b"origin"
    assert second is body


def test_websockets_are_passed_on_unchanged() -> None:
    accepted: Message = {"type": "websocket.accept"}
    assert send_through({"type": "websocket"}, accepted) == [accepted]


def test_the_policy_allows_only_the_servers_own_scripts() -> None:
    rules = dict(rule.split(" ", 1) for rule in HEADERS["Content-Security-Policy"].split("; "))
    scripts = rules["script-src"].split()
    assert scripts[:3] == ["'self'", "blob:", "'wasm-unsafe-eval'"]
    assert scripts[3:]
    assert all(word.startswith("'sha256-") for word in scripts[3:])
    assert "http" not in HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["[::1]x.evil", "[::1]:80x", "[::1", "evil.example:8501"])
def test_a_name_that_only_begins_like_an_address_is_refused(host: str) -> None:
    assert not is_known_host(host)


@pytest.mark.parametrize("host", ["[::1]", "[::1]:8501", "127.0.0.1:8501", "localhost"])
def test_addresses_are_accepted_with_and_without_a_port(host: str) -> None:
    assert is_known_host(host)
