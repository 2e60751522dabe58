"""The warning, when the server starts, about what strangers could do."""

from __future__ import annotations

from dashboard.access.rules import AccessRules
from dashboard.server.host_and_headers import is_loopback


def describe_exposure(address: str | None, rules: AccessRules) -> str:
    """Return a warning for an address that strangers can reach; "" if it is safe.

    Args:
        address: The address to listen on; None for every address.
        rules: The access rules of the server.
    """
    where = "every address of this machine" if address in (None, "0.0.0.0", "::") else address
    if rules.has_login:
        if rules.is_encrypted or is_loopback(rules.host):
            return ""
        return (
            f"Warning: people sign in at http://{rules.host}, which is not encrypted. Anybody who "
            "can read the network's traffic can use their accounts. Put a proxy with HTTPS in "
            "front, and give its address as redirect_uri."
        )
    if is_loopback(address):
        return ""
    if rules.is_watch_only:
        return (
            f"Warning: listening on {where}, without a login. Anybody who can reach it can see and "
            "download all runs, but change nothing."
        )
    if rules.is_demo:
        return (
            f"Warning: listening on {where}, without a login. Anybody who can reach it can see "
            "and download all runs, and train for a limited time."
        )
    return (
        f"Warning: listening on {where}, without a login. Anybody who can reach it can start, stop "
        "and delete runs and upload files. Keep it in a network that you trust, or put a proxy "
        "with a login in front."
    )
