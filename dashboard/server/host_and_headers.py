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
import socket
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.server.access_rules import AccessRules

# Names, besides the machine's own, by which the server may be asked; parted by commas.
# `python -m dashboard --allowed-host` sets it.
HOSTS_VARIABLE = "DCGAN_STUDIO_ALLOWED_HOSTS"

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^:\[\]]*)(:\d*)?")
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


def is_known_host(host: str) -> bool:
    """Whether the server may be asked by a name, which may have a port behind it.

    A page of another site can have a name of its own point at this machine, and would then speak to
    the server as if it were its own ("DNS rebinding"). So only names are taken that nobody else can
    give away: addresses, the machine's own name, and those that were named at the start.
    """
    found = _HOST.fullmatch(host.lower())
    name = found["name"] if found else ""
    try:
        ipaddress.ip_address(name.strip("[]"))
        return True
    except ValueError:
        own = socket.gethostname().lower()
        named = os.environ.get(HOSTS_VARIABLE, "").lower().split(",")
        return name != "" and name in ("localhost", own, f"{own}.local", *named)


def add_known_host(name: str) -> None:
    """Have the server answer to a name, too."""
    names = os.environ.get(HOSTS_VARIABLE, "")
    os.environ[HOSTS_VARIABLE] = f"{names},{name}" if names else name


def describe_exposure(address: str | None, rules: AccessRules) -> str:
    """Say who can do what where the server listens; "" where that is nobody who should not."""
    where = "every address of this machine" if address in (None, "0.0.0.0", "::") else address
    if rules.has_login:
        if rules.is_encrypted or is_loopback(rules.host):
            return ""
        return (
            f"Warning: people sign in at http://{rules.host}, which is not encrypted. Whoever can "
            "read along in the network can come in under their names. Put a proxy with HTTPS in "
            "front, and name its address in redirect_uri."
        )
    if is_loopback(address):
        return ""
    if rules.is_watch_only:
        return (
            f"Warning: listening on {where}, without a login. Whoever can reach it can see and "
            "download all runs, but change nothing."
        )
    return (
        f"Warning: listening on {where}, without a login. Whoever can reach it can start, stop and "
        "delete runs and upload files. Keep it in a network that you trust, or put a proxy with a "
        "login in front."
    )


class KnownHosts:
    """Refuses whoever asks by a name that the server does not know; see `is_known_host`."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or refuse in a sentence."""
        if scope["type"] in ("http", "websocket"):
            host = Headers(scope=scope).get("host", "")
            if not is_known_host(host):
                refusal = PlainTextResponse(
                    f"This server does not go by the name {host[:80]!r}. If it should, start it "
                    "with --allowed-host and that name.",
                    400,
                )
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


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
