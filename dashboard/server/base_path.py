"""The path below which the server lies, for a proxy that serves several programs under one name.

It is Streamlit's `server.baseUrlPath`; here it is applied to this program's own routes, too.
"""

from __future__ import annotations

from urllib.parse import quote

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

# Streamlit's own addresses, which it refuses to other routes.
_RESERVED = ("_stcore", "component", "media", "static")
# Headers that proxies add; requests that come straight from a browser have none of them.
_PROXY_HEADERS = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-prefix")


class BasePathError(ValueError):
    """The base path cannot be used; the text says why and what to do."""


def base_path() -> str:
    """Return the base path with a slash in front and none behind, or "".

    Raises:
        BasePathError: If it begins with one of Streamlit's own addresses.
    """
    path = str(st.get_option("server.baseUrlPath") or "").strip("/ ")
    if path.partition("/")[0] in _RESERVED:
        raise BasePathError(
            f"server.baseUrlPath is {path!r}, whose first part Streamlit keeps for itself; "
            f"expected a path that begins with none of {', '.join(_RESERVED)}, such as studio."
        )
    return f"/{path}" if path else ""


def strip_base_path(path: str, base: str) -> str:
    """Return a request's path without the base path in front."""
    return path[len(base) :] if path.startswith(f"{base}/") else path


class BasePath:
    """Answers under the base path, and behind a proxy that has removed it from the request.

    Its redirects are relative: only the browser knows the host and the path that it asked for.
    """

    def __init__(self, app: ASGIApp, base: str) -> None:
        """Wrap an application.

        Args:
            app: Answers at addresses that begin with the base path.
            base: As `base_path` returns it.
        """
        self._app, self._base = app, base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on with the base path in front, redirect, or refuse in a sentence."""
        if scope["type"] in ("http", "websocket"):
            scope = self._with_base(scope)
        if scope["type"] == "http" and (answer := self._answer(scope)) is not None:
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_below(self, path: str) -> bool:
        return f"{path}/".startswith(f"{self._base}/")

    def _with_base(self, scope: Scope) -> Scope:
        """Put the base path in front of a request's path if a proxy has removed it."""
        path, headers = str(scope["path"]), Headers(scope=scope)
        if self._is_below(path) or not any(name in headers for name in _PROXY_HEADERS):
            return scope
        path = self._base + path
        return {**scope, "path": path, "raw_path": quote(path).encode()}

    def _answer(self, scope: Scope) -> Response | None:
        """Return a redirect for a slash too many or too few, or a refusal outside the base path."""
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
