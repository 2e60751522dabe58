"""The generator's weights for the page, which then generates digits without the server."""

from __future__ import annotations

from dashboard.components.registration import register_component

_weights = register_component("weights")


def send_weights(packed: bytes, *, key: str) -> None:
    """Send a generator to the page; shows nothing.

    Args:
        packed: The generator, as returned by `pack_generator`.
        key: Streamlit's key.
    """
    _weights(key=key, data=packed, height=1)
