"""Filters requests of a page that arrive too late.

A page asks for a fragment again when a poll has found news (`dashboard/components/invisible.py`),
and what it sends can be older than what the server has done meanwhile.

- A click on another page and a poll of the old one can be on their way at the same moment.
  Streamlit then runs the new page first and the old page's fragment after it, and tells the browser
  that it is on the old page: the browser removes the new page, and its window stays empty.
- Each request brings the values of all widgets. While a value that the server has just set is on
  its way to the browser, a poll would set the old one again, and the browser would show another
  value than the one that the server uses.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from dashboard.server.streamlit_internals import (
    RerunData,
    ScriptRunner,
    WidgetState,
    WidgetStates,
    get_current_page,
    get_waiting_page,
    replace_rerun_data,
    replace_script_runner,
)

_POLL_EVENT = "news"  # The event of a poll; see `frontend/news.js`.


class PageScriptRunner(ScriptRunner):
    """Streamlit's runner of scripts, without the fragments of pages that were left."""

    def request_rerun(self, rerun_data: RerunData) -> bool:
        """Take a request, unless it is the poll of another page than the one that waits.

        Streamlit would make one request of both, for the whole of the page that was left. What a
        person does is always taken.
        """
        waiting = get_waiting_page(self)
        is_of_another = bool(waiting) and rerun_data.page_script_hash != waiting
        if is_of_another and isinstance(rerun_data, PageRequest) and rerun_data.is_poll:
            return True
        return super().request_rerun(rerun_data)

    def _run_script(self, rerun_data: RerunData) -> None:
        """Run the script or its fragments, unless they belong to a page that was left."""
        page = get_current_page(self)
        if not rerun_data.fragment_id_queue or rerun_data.page_script_hash == page:
            super()._run_script(rerun_data)


@dataclass(frozen=True)
class PageRequest(RerunData):
    """Streamlit's request to run a script; that of a poll changes no widget.

    The other values are not needed: a person's change of one has sent a request of its own.

    Attributes:
        is_poll: Whether a component of a fragment asks for news, and a person has done nothing.
    """

    is_poll: bool = False

    def __post_init__(self) -> None:
        """Keep only the poll's own event."""
        states = self.widget_states.widgets if self.widget_states is not None else []
        events = [state for state in states if _is_event(state)]
        if self.fragment_id is not None and events and all(map(_is_poll, events)):
            object.__setattr__(self, "is_poll", True)
            object.__setattr__(self, "widget_states", None)
            object.__setattr__(self, "replay_trigger_states", WidgetStates(widgets=events))


def _is_event(state: WidgetState) -> bool:
    return (state.WhichOneof("value") or "").endswith("trigger_value")


def _is_poll(state: WidgetState) -> bool:
    """Return whether a component has polled, and done nothing else."""
    events = json.loads(state.json_trigger_value or "null")
    return bool(events) and all(
        event["event"] == _POLL_EVENT
        for event in (events if isinstance(events, list) else [events])
    )


def ignore_stale_requests() -> None:
    """Make sessions ignore what is stale in requests that arrive from now on."""
    replace_script_runner(PageScriptRunner)
    replace_rerun_data(PageRequest)
