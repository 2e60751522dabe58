"""What stands between the server and a network: who may ask by which name, and what a page may do.

Imports no Streamlit.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import ipaddress
import os
import re
from collections.abc import Sequence
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Names, besides those of the machine itself, by which the server may be asked; parted by commas.
# `python -m dashboard --allowed-host` sets it.
HOSTS_VARIABLE = "DCGAN_STUDIO_ALLOWED_HOSTS"
_OWN_HOSTS = ("localhost", "127.0.0.1", "[::1]")

_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def _scripts_of_the_page() -> str:
    """Name the scripts that stand in Streamlit's own page, by their hashes as a policy has them."""
    spec = importlib.util.find_spec("streamlit")
    if spec is None or spec.origin is None:
        raise ImportError("streamlit is not installed.")
    page = Path(spec.origin).with_name("static") / "index.html"
    found = _INLINE_SCRIPT.findall(page.read_bytes())
    hashes = (base64.b64encode(hashlib.sha256(script).digest()).decode() for script in found)
    return " ".join(f"'sha256-{it}'" for it in hashes)


# All that a page needs comes from the server itself. Streamlit's components are scripts that the
# page makes of text (blob:), its styles stand in the page, pictures are data. Its charts and
# tables compile no code; what Streamlit counts with does, as WebAssembly.
_POLICY = "; ".join(
    (
        "default-src 'self'",
        f"script-src 'self' blob: 'wasm-unsafe-eval' {_scripts_of_the_page()}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self' data: blob:",
        "connect-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "frame-src 'self'",
        "frame-ancestors 'self'",
        "form-action 'self'",
        "base-uri 'self'",
        "object-src 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def is_loopback(address: str | None) -> bool:
    """Whether only this machine can reach an address to listen on; None is every address."""
    if address is None:
        return False
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


def allowed_hosts(address: str | None) -> Sequence[str]:
    """Return the names by which the server may be asked; "*" for all.

    A page of another site can have its own name point at this machine, and would then speak to the
    server as if it were its own ("DNS rebinding"). On loopback, where nobody checks who asks, only
    the machine's own names are taken.

    Args:
        address: That the server listens on.
    """
    named = [name.strip() for name in os.environ.get(HOSTS_VARIABLE, "").split(",") if name.strip()]
    if named or is_loopback(address):
        return (*_OWN_HOSTS, *named)
    return ("*",)


def describe_danger(address: str | None) -> str:
    """Say who can do what where the server listens; "" where that is this machine alone."""
    if is_loopback(address):
        return ""
    where = "every address of this machine" if address in (None, "0.0.0.0", "::") else address
    return (
        f"Warning: listening on {where}, without a login. Whoever can reach it can start, stop and "
        "delete runs and upload files. Keep it in a network that you trust, or put a proxy with a "
        "login in front."
    )


class SecurityHeaders:
    """Adds HEADERS to every answer, for what a browser is to refuse."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with headers where it is HTTP."""
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
