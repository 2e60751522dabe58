"""The operations that a page may request over its websocket, besides running the script.

The websocket is open to everybody, because the sign-in page needs it, so the guard of the routes
does not see these requests. Streamlit's own `install_skills` and `dismiss_skills_nudge` write files
on the server for anybody who connects from this machine, as all visitors do behind a proxy on it.
Only the operations listed below are answered; all others, also new ones of a newer Streamlit, are
refused.
"""

from __future__ import annotations

from dashboard.server.streamlit_internals import (
    BackendOperationDispatcher,
    BackendOperationHandler,
    replace_operation_dispatcher,
)

# Downloads, and more rows of a table. Both need an id that the session has received before.
_ALLOWED = ("deferred_file", "dataframe_chunk")


class PageOperations(BackendOperationDispatcher):
    """Dispatcher of the allowed operations; for others, Streamlit answers with an error."""

    def register(self, payload_type: str, handler: BackendOperationHandler) -> None:
        """Register the handler of an operation if it is allowed."""
        if payload_type in _ALLOWED:
            super().register(payload_type, handler)


def install_page_operations() -> None:
    """Make sessions that begin from now on answer only the allowed operations."""
    replace_operation_dispatcher(PageOperations)
