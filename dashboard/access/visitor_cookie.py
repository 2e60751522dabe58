"""The cookie by which a public demo recognizes a visitor after a reload and in another tab.

It holds only a random text that nobody can guess. A visitor whose browser refuses the cookie is
recognized by the session, which ends with the page.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.server.base_path import read_base_path

COOKIE = "dcgan-studio-visitor"
_NUM_BYTES = 18
_VALUE = re.compile(r"[A-Za-z0-9_-]{24}")


def read_visitor(cookies: Mapping[str, str]) -> str:
    """Return the visitor's id from a request's cookies by name; "" without a valid cookie."""
    value = cookies.get(COOKIE, "")
    return value if _VALUE.fullmatch(value) else ""


def make_cookie(*, is_encrypted: bool) -> str:
    """Return the header that gives a browser a new visitor's cookie.

    Args:
        is_encrypted: Whether the browser uses HTTPS. If so, the cookie also works where another
            site shows the page in a frame; each such site then has its own cookie.
    """
    scope = "SameSite=None; Secure; Partitioned" if is_encrypted else "SameSite=Lax"
    path = read_base_path() or "/"
    return f"{COOKIE}={secrets.token_urlsafe(_NUM_BYTES)}; Path={path}; HttpOnly; {scope}"


class VisitorCookie:
    """Middleware that sends a cookie with a page to browsers that have none."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add the cookie to the answer if it is a page."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        if scope["type"] != "http" or read_visitor(cookie_parser(headers.get("cookie", ""))):
            await self._app(scope, receive, send)
            return
        # Behind a proxy with HTTPS, requests reach this server without encryption.
        schemes = (str(scope.get("scheme", "")), headers.get("x-forwarded-proto", ""))
        cookie = make_cookie(is_encrypted="https" in schemes)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                if answer.get("content-type", "").startswith("text/html"):
                    answer.append("set-cookie", cookie)
                    answer["cache-control"] = "no-store"  # No cache may give it to others.
            await send(message)

        await self._app(scope, receive, send_with_cookie)
