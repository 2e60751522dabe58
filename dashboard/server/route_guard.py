"""What may be asked of the server without a page: its routes, and Streamlit's for files.

A page is drawn over a websocket, where `visitors` decides; here a request's own cookie does.
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

# Streamlit's own code reads its cookie here as it does for the websocket: in 1.67.0 that is
# `starlette_websocket._get_signed_cookie_with_chunks` and `_parse_decoded_user_cookie`, of which
# the latter holds the cookie's origin against the request's, which a plain GET does not send.
from streamlit.auth_util import get_cookie_with_chunks, get_origin_from_redirect_uri
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from dashboard.server import access
from dashboard.server.access_rules import Role
from dashboard.server.base_path import base_path, strip_base_path

# What a Prometheus shows to read /metrics where people have to sign in. Where it asks from says
# nothing: behind a proxy on the same machine everybody comes from that machine.
METRICS_TOKEN_VARIABLE = "DCGAN_STUDIO_METRICS_TOKEN"

_METRICS = "/metrics"
# Beginnings of paths. All else says nothing of the runs: the page's own scripts, whether the server
# is well, signing in, and the websocket, which shows the sign-in page first.
_FOR_WATCHERS = ("/news", _METRICS, "/media/", "/_stcore/metrics", "/_stcore/agent/")
# A watcher uploads nothing; what is uploaded stays in memory, whether a page asked for it or not.
_FOR_OPERATORS = ("/_stcore/upload_file/",)


class RouteGuard:
    """Refuses requests that are not for whom they come from."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or refuse in a sentence."""
        if scope["type"] == "http" and (refusal := _refuse(scope)) is not None:
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _refuse(scope: Scope) -> PlainTextResponse | None:
    path = strip_base_path(str(scope["path"]), base_path())
    is_for_operators = path.startswith(_FOR_OPERATORS)
    if not is_for_operators and not path.startswith(_FOR_WATCHERS):
        return None
    headers = Headers(scope=scope)
    if path == _METRICS and _has_token(headers.get("authorization", "")):
        return None
    role = role_of(cookie_parser(headers.get("cookie", "")))
    if role.may_operate or (role.may_watch and not is_for_operators):
        return None
    if role is Role.NOBODY:
        return PlainTextResponse("Sign in first.", 401)
    return PlainTextResponse("This is not for your role.", 403)


def _has_token(authorization: str) -> bool:
    token = os.environ.get(METRICS_TOKEN_VARIABLE, "")
    expected = f"Bearer {token}"
    return token != "" and hmac.compare_digest(authorization.encode(), expected.encode())


def role_of(cookies: Mapping[str, str]) -> Role:
    """Return what somebody may do who shows these cookies, by their names."""
    rules = access.load_rules()
    return rules.role_of(_claims(cookies) if rules.has_login else {})


def _claims(cookies: Mapping[str, str]) -> dict[str, object]:
    """Return what Streamlit's cookie says of a person; nothing unless this server has signed it."""
    secret = get_cookie_secret()

    def read(name: str) -> bytes | None:
        # Starlette has read it as Latin-1, as of all headers.
        signed = cookies.get(name, "").encode("latin-1", errors="replace")
        return decode_signed_value(secret, name, signed)

    payload = get_cookie_with_chunks(read, USER_COOKIE_NAME)
    if payload is None:
        return {}
    claims = json.loads(payload)
    origin = get_origin_from_redirect_uri()
    is_ours = isinstance(claims, dict) and origin is not None and claims.get("origin") == origin
    return claims if is_ours else {}
