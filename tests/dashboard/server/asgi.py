"""Requests to an ASGI application without a server."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Scope


def collect_messages(application: ASGIApp, scope: Scope) -> list[Message]:
    """Call an application with a request of this scope; return the messages that it sends.

    The test fails if the application reads the body of the request.
    """
    messages: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("the body of the request was read")

    async def send(message: Message) -> None:
        messages.append(message)

    async def call() -> None:
        await application(scope, receive, send)

    asyncio.run(call())
    return messages
