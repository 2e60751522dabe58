"""Invisible components: they move data between page and server, or change the page.

Each is one pixel high.
"""

from __future__ import annotations

import uuid

import streamlit as st

from dashboard.components.registration import do_nothing, register_component

_news = register_component("news")
_address = register_component("address")
_weights = register_component("weights")
_connection = register_component("connection")
_pin = register_component("pin")
_whole_page = register_component("whole_page")

# Keys of the session.
_FOCUS_REQUEST = "focus_request"
_ADDRESS_SESSION = "address_session"  # Identifier of this session, for `replace_address`.
_ADDRESS = "address_query"  # The query that was sent last, and how many came before it.


def rerun_on_news(version: str, *, seconds: float, key: str, external: str | None = None) -> bool:
    """Rerun the calling fragment when the server reports another version; shows nothing.

    Args:
        version: Version of the shown state: `Trainer.version`, or for a run of another process the
            result of `Trainer.get_combined_version`.
        seconds: Shortest interval between two reruns; a change of the phase reruns at once.
        key: Streamlit's key.
        external: Name of the run of another process, as passed to `get_combined_version`; None for
            the trainer's own version.

    Returns:
        Whether this component has caused the current rerun.
    """
    result = _news(
        key=key,
        data={"version": version, "seconds": seconds, "external": external},
        height=1,
        on_news_change=do_nothing,
    )
    return result.news is not None


def rerun_after(seconds: float, token: str, *, key: str) -> bool:
    """Rerun the calling fragment once, some seconds after the last change of a text.

    Args:
        seconds: The delay.
        token: The text, which must not be a version (see `rerun_on_news`).
        key: Streamlit's key.

    Returns:
        Whether this component has caused the current rerun.
    """
    return rerun_on_news(token, seconds=seconds, key=key)


def replace_address(search: str, *, key: str) -> str | None:
    """Replace the query of the page's address, without adding to the browser's history.

    When the server restarts, an open page gets a new session. The page then returns its old query
    instead of replacing it, so that the new session can show the same state. Of several components
    with different queries the last call wins, in whatever order the browser begins them.

    Args:
        search: The query string, without the question mark.
        key: Streamlit's key.

    Returns:
        The query that an earlier session wrote, once; otherwise None.
    """
    session = st.session_state.setdefault(_ADDRESS_SESSION, uuid.uuid4().hex)
    last_search, number = st.session_state.get(_ADDRESS, (search, 0))
    if search != last_search:
        number += 1
    st.session_state[_ADDRESS] = search, number
    result = _address(
        key=key,
        data={"search": search, "session": session, "number": number},
        height=1,
        on_kept_change=do_nothing,
    )
    return result.kept if isinstance(result.kept, str) else None


def send_weights(packed: bytes, *, key: str) -> None:
    """Send a generator to the page; shows nothing.

    Args:
        packed: The generator, as returned by `pack_generator`.
        key: Streamlit's key.
    """
    _weights(key=key, data=packed, height=1)


def render_connection() -> None:
    """Render the component that watches the connection; invisible, once per script run."""
    _connection(key="connection", height=1)


def request_focus(key: str) -> None:
    """Move the focus to the container with this key as soon as the page shows it."""
    st.session_state[_FOCUS_REQUEST] = {"target": key, "token": uuid.uuid4().hex}


def render_whole_page() -> None:
    """Render the component that moves the focus and completes Streamlit's widgets.

    It is invisible; call it once per script run.
    """
    _whole_page(key="whole-page", data=st.session_state.get(_FOCUS_REQUEST), height=1)


def render_pin(target: str, form: str) -> None:
    """Render the invisible component that pins a container.

    Args:
        target: Key of the container. It is pinned while its own place is out of sight and the form
            is in sight.
        form: Key of the container whose first expander holds the form. Nothing is pinned while the
            expander is closed.
    """
    _pin(key="start-pin", data={"target": target, "form": form}, height=1)
