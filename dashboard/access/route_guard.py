"""Access control for files, routes and websockets, by the cookie of the request.

Addresses that are not listed as open need a role, including those that a newer Streamlit adds. The
websocket of the pages is open, because the sign-in page needs it: `permissions` checks the commands
sent over it, and `dashboard.server.page_operations` refuses Streamlit's own operations.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.access import permissions
from dashboard.access.rules import Role
from dashboard.server import streamlit_internals
from dashboard.server.base_path import read_base_path, strip_base_path

# The token with which Prometheus may read /metrics of a server with a login. The client's address
# proves nothing: behind a proxy on the same machine every request comes from that machine.
METRICS_TOKEN_VARIABLE = "DCGAN_STUDIO_METRICS_TOKEN"

_METRICS = "/metrics"

# Open to everyone, because the sign-in page needs them or because they reveal nothing of the runs.
# One HTML page is served at every page's address; what it shows comes over the websocket.
OPEN_PAGES = frozenset(("/", "/explore", "/runs", "/compare", "/learn"))
_OPEN = OPEN_PAGES | {
    *("/index.html", "/favicon.png", "/manifest.json"),
    *("/_stcore/health", "/_stcore/host-config", "/_stcore/stream"),
    *("/auth/login", "/auth/logout", "/oauth2callback"),
    "/healthz",
}
# Scripts, styles and fonts of Streamlit and Plotly, and the scripts of the components.
_OPEN_FOLDERS = ("/static/", "/assets/", "/frontend/")
# For operators only, because the server keeps each upload in memory, whether a page uses it or not.
_OPERATOR_FOLDERS = ("/_stcore/upload_file/",)


class RouteGuard:
    """Middleware that refuses requests and websockets that the sender has no role for."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer with the reason for the refusal."""
        if scope["type"] in ("http", "websocket") and (refusal := _refuse(scope)) is not None:
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _refuse(scope: Scope) -> PlainTextResponse | None:
    """Return the answer to a request that is not allowed; None if it is allowed."""
    path = strip_base_path(str(scope["path"]), read_base_path())
    if path in _OPEN or path.startswith(_OPEN_FOLDERS):
        return None
    headers = Headers(scope=scope)
    if path == _METRICS and _has_token(headers.get("authorization", "")):
        return None
    role = read_role(cookie_parser(headers.get("cookie", "")))
    if role.may_operate or (role.may_watch and not path.startswith(_OPERATOR_FOLDERS)):
        return None
    if role is Role.NOBODY:
        return PlainTextResponse("Sign in first.", 401)
    return PlainTextResponse("Your role on this server does not allow this.", 403)


def _has_token(authorization: str) -> bool:
    token = os.environ.get(METRICS_TOKEN_VARIABLE, "")
    expected = f"Bearer {token}"
    return token != "" and hmac.compare_digest(authorization.encode(), expected.encode())


def read_role(cookies: Mapping[str, str]) -> Role:
    """Return the role of the person whose request has these cookies, by name."""
    rules = permissions.load_rules()
    return rules.find_role(_read_claims(cookies) if rules.has_login else {})


def _read_claims(cookies: Mapping[str, str]) -> dict[str, object]:
    """Return the claims in Streamlit's cookie; empty unless this server has signed it."""
    content = streamlit_internals.read_user_cookie(cookies)
    if content is None:
        return {}
    claims = json.loads(content)
    origin = streamlit_internals.get_origin_from_redirect_uri()
    is_ours = isinstance(claims, dict) and origin is not None and claims.get("origin") == origin
    return claims if is_ours else {}
