"""The page's address as a link to the shown state."""

from __future__ import annotations

from dashboard.components.registration import do_nothing, register_component

_address = register_component("address")


def replace_address(search: str, *, session: str, key: str) -> str | None:
    """Replace the query of the page's address, without adding to the browser's history.

    A page outlives its session when the server restarts. The address of such a page is kept and
    returned, so that the new session can show what the old one did.

    Args:
        search: The query string, without the question mark.
        session: Identifier of the session.
        key: Streamlit's key.

    Returns:
        The query that the page kept from an earlier session, once; otherwise None.
    """
    result = _address(
        key=key,
        data={"search": search, "session": session},
        height=1,
        on_kept_change=do_nothing,
    )
    return result.kept if isinstance(result.kept, str) else None
