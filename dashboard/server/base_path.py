"""The base path of the server, for a proxy that serves several programs under one host name.

It is Streamlit's `server.baseUrlPath`, applied to the dashboard's own routes too.
"""

from __future__ import annotations

from urllib.parse import quote

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.server.streamlit_internals import RESERVED_PATHS

# Headers that proxies add; a browser sends none of them.
_PROXY_HEADERS = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-prefix")


class BasePathError(ValueError):
    """The base path cannot be used; the message gives the reason and says what to do."""


def read_base_path() -> str:
    """Return the base path with a leading and without a trailing slash, or "".

    Raises:
        BasePathError: If its first part is reserved by Streamlit.
    """
    path = str(st.get_option("server.baseUrlPath") or "").strip("/ ")
    if path.partition("/")[0] in RESERVED_PATHS:
        raise BasePathError(
            f"server.baseUrlPath is {path!r}, whose first part is reserved by Streamlit; "
            f"expected a path that begins with none of {', '.join(RESERVED_PATHS)}, such as studio."
        )
    return f"/{path}" if path else ""


def strip_base_path(path: str, base: str) -> str:
    """Return a request's path without the leading base path."""
    return path[len(base) :] if path.startswith(f"{base}/") else path


class BasePath:
    """Middleware that serves below the base path, also if a proxy has removed it from the path.

    Redirects are relative, because only the browser knows the host and the path that it requested.
    """

    def __init__(self, app: ASGIApp, base: str) -> None:
        """Wrap an application.

        Args:
            app: The application; its routes begin with the base path.
            base: As `read_base_path` returns it.
        """
        self._app, self._base = app, base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with the base path, redirect it, or answer with an error."""
        if scope["type"] in ("http", "websocket"):
            scope = self._with_base(scope)
        if scope["type"] == "http" and (response := self._make_response(scope)) is not None:
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_below(self, path: str) -> bool:
        return f"{path}/".startswith(f"{self._base}/")

    def _with_base(self, scope: Scope) -> Scope:
        """Return the request with the base path, added again if a proxy has removed it."""
        path, headers = str(scope["path"]), Headers(scope=scope)
        if self._is_below(path) or not any(name in headers for name in _PROXY_HEADERS):
            return scope
        path = self._base + path
        return {**scope, "path": path, "raw_path": quote(path).encode()}

    def _make_response(self, scope: Scope) -> Response | None:
        """Return a redirect to add or remove a slash, an error outside the base path, or None."""
        path = str(scope["path"])
        query = scope.get("query_string", b"").decode("latin-1")
        page = strip_base_path(path, self._base).strip("/")
        if self._base and path in ("/", self._base):
            target = quote(self._base[1:] if path == "/" else path.rpartition("/")[2]) + "/"
        elif not self._is_below(path):
            return PlainTextResponse(
                f"The dashboard is at {self._base}/ here, its server.baseUrlPath. A proxy that "
                "removes this path must add the header X-Forwarded-Prefix.",
                404,
            )
        elif page and path.endswith("/") and "//" not in path:
            target = "../" + quote(page.rpartition("/")[2])
        else:
            return None
        return RedirectResponse(f"{target}?{query}" if query else target)
