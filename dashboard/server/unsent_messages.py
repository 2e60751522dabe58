"""A queue that keeps messages which wait for the browser when a fragment runs again.

Streamlit would drop waiting messages and report the previous run of the fragment as interrupted.
The browser would then keep elements that the fragment no longer draws: the tool of a closed tab
stays, hides what is beside it, and polls for a fragment that is gone.
"""

from __future__ import annotations

from dashboard.server.streamlit_internals import (
    ForwardMsgQueue,
    replace_message_queue,
    stop_merging,
)


class CompleteMessageQueue(ForwardMsgQueue):
    """Streamlit's queue, which keeps all waiting messages when only fragments run."""

    def clear(
        self, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None
    ) -> None:
        """Remove the messages that the next run replaces; nothing if only fragments run."""
        if retain_lifecycle_msgs and fragment_ids_this_run:
            stop_merging(self)
        else:
            super().clear(retain_lifecycle_msgs, fragment_ids_this_run)


def send_all_messages() -> None:
    """Make sessions that begin from now on send all messages of fragments."""
    replace_message_queue(CompleteMessageQueue)
