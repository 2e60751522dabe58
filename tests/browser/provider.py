"""An OpenID Connect provider for tests: its page signs a person in with one click on an account."""

from __future__ import annotations

import base64
import hashlib
import secrets
import socket
import threading
import time
from collections.abc import Mapping
from html import escape
from typing import Self
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT_ID, CLIENT_SECRET = "studio", "known to the server and the provider"
Claims = Mapping[str, str | bool]


class Provider:
    """A provider on this machine, with its accounts.

    Attributes:
        url: Its address, without a slash at the end.
        num_sign_outs: Number of sign-outs so far.
    """

    def __init__(self, accounts: Mapping[str, Claims]) -> None:
        """Listen on a free port; `start` begins to answer.

        Args:
            accounts: Claims of each account, by its name on the provider's page.
        """
        self._accounts = accounts
        self._key = RSAKey.generate_key(2048, {"kid": "test", "use": "sig"}, private=True)
        self._granted: dict[str, tuple[str, Mapping[str, str]]] = {}
        self.num_sign_outs = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        routes = [
            Route("/.well-known/openid-configuration", self._describe),
            Route("/authorize", self._authorize),
            Route("/token", self._give_token, methods=["POST"]),
            Route("/jwks", self._show_keys),
            Route("/sign-out", self._sign_out),
        ]
        config = uvicorn.Config(
            Starlette(routes=routes), log_level="warning", lifespan="off", ws="none"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="provider"
        )

    def start(self) -> Self:
        """Begin to answer; earlier requests wait."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop answering."""
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    async def _describe(self, request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/jwks",
                "end_session_endpoint": f"{self.url}/sign-out",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def _authorize(self, request: Request) -> Response:
        query = dict(request.query_params)
        if "account" not in query:
            links = "".join(
                f"<li><a href='?{escape(urlencode(query | {'account': name}))}'>{name}</a></li>"
                for name in self._accounts
            )
            return HTMLResponse(f"<!doctype html><h1>Who are you?</h1><ul>{links}</ul>")
        code = secrets.token_urlsafe()
        self._granted[code] = (query["account"], query)
        parameters = urlencode({"code": code, "state": query["state"]})
        return RedirectResponse(f"{query['redirect_uri']}?{parameters}", 302)

    async def _give_token(self, request: Request) -> Response:
        form = await request.form()
        # A code is valid once, for the client that knows the verifier of its challenge.
        account, query = self._granted.pop(str(form["code"]))
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        expected = {
            "code_challenge": challenge,
            "redirect_uri": str(form["redirect_uri"]),
            "client_id": CLIENT_ID,
        }
        is_known = request.headers.get("authorization") == f"Basic {basic}"
        if not is_known or expected.items() - query.items():
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": account,
            "iat": now,
            "exp": now + 600,
            "nonce": query["nonce"],
            **self._accounts[account],
        }
        token = jwt.encode({"alg": "RS256", "kid": "test"}, claims, self._key)
        return JSONResponse(
            {"access_token": "unused", "token_type": "Bearer", "expires_in": 600, "id_token": token}
        )

    async def _show_keys(self, request: Request) -> Response:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})

    async def _sign_out(self, request: Request) -> Response:
        self.num_sign_outs += 1
        return RedirectResponse(request.query_params["post_logout_redirect_uri"], 302)
