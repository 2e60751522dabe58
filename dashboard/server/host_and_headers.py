"""Protection of the server in a network: accepted host names, and headers that restrict pages."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import os
import re
import socket

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.server.hosting import get_framing_site, is_hosted_name
from dashboard.server.streamlit_internals import read_inline_scripts

# Accepted host names besides this machine's own names, separated by commas;
# `python -m dashboard --allowed-host` sets it.
HOSTS_VARIABLE = "DCGAN_STUDIO_ALLOWED_HOSTS"

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^:\[\]]*)(:\d*)?")


def _hash_inline_scripts() -> str:
    """Return the hashes of the scripts in Streamlit's page, as sources for a policy."""
    digests = (hashlib.sha256(script).digest() for script in read_inline_scripts())
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def make_headers(framing_site: str) -> dict[str, str]:
    """Return the headers that restrict what a page may do.

    Args:
        framing_site: Origin of another site that may show the pages in a frame, or "".
    """
    # A page loads everything from this server. Streamlit turns the text of components into scripts
    # (blob:), puts styles into the page, and uses WebAssembly; pictures are data URLs.
    policy = (
        "default-src 'self'",
        f"script-src 'self' blob: 'wasm-unsafe-eval' {_hash_inline_scripts()}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self' data: blob:",
        "connect-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "frame-src 'self'",
        f"frame-ancestors 'self' {framing_site}".strip(),
        "form-action 'self'",
        "base-uri 'self'",
        "object-src 'none'",
    )
    headers = {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
    # This header cannot allow another site.
    return headers if framing_site else {**headers, "X-Frame-Options": "SAMEORIGIN"}


HEADERS = make_headers(get_framing_site())


def is_loopback(address: str | None) -> bool:
    """Return whether only this machine can reach a listening address; None is every address."""
    if address is None:
        return False
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


def is_known_host(host: str) -> bool:
    """Return whether a request may use a host name, with or without a port.

    Another site can point its own name at this machine, and its pages could then send requests
    to this server as if it were theirs (DNS rebinding). Only names that nobody else controls are
    accepted: IP addresses, the machine's own name, names of a hosting service, and those in
    HOSTS_VARIABLE.
    """
    match = _HOST.fullmatch(host.lower())
    name = match["name"] if match else ""
    try:
        ipaddress.ip_address(name.strip("[]"))
        return True
    except ValueError:
        machine = socket.gethostname().lower()
        allowed = map(str.strip, os.environ.get(HOSTS_VARIABLE, "").lower().split(","))
        is_allowed = name != "" and name in ("localhost", machine, f"{machine}.local", *allowed)
        return is_allowed or is_hosted_name(name)


def add_known_host(name: str) -> None:
    """Accept a host name from now on."""
    names = os.environ.get(HOSTS_VARIABLE, "")
    os.environ[HOSTS_VARIABLE] = f"{names},{name}" if names else name


class KnownHosts:
    """Middleware that refuses requests with an unknown host name; see `is_known_host`."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer with the reason for the refusal."""
        if scope["type"] in ("http", "websocket"):
            host = Headers(scope=scope).get("host", "")
            if not is_known_host(host):
                refusal = PlainTextResponse(
                    f"This server does not accept the host name {host[:80]!r}. To accept it, start "
                    "the server with --allowed-host and that name.",
                    400,
                )
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


class SecurityHeaders:
    """Middleware that adds HEADERS to every HTTP answer; they restrict what a page may do."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add the headers to the answer unless it has them."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)
