"""Addresses on this machine for processes that a test starts."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack

# Below the ports that systems give to outgoing connections, which may take one at any moment.
_PORTS = range(20_000, 32_000)


def find_free_addresses(num: int) -> tuple[str, ...]:
    """Find addresses on which nobody listens, such as 127.0.0.1:20500."""
    ports: list[int] = []
    with ExitStack() as stack:
        for port in random.sample(_PORTS, len(_PORTS)):
            if len(ports) == num:
                break
            try:
                stack.enter_context(socket.create_server(("", port)))
            except OSError:
                continue
            ports.append(port)
    return tuple(f"127.0.0.1:{port}" for port in ports)
