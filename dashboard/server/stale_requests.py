"""Filter for requests of a page that arrive too late.

A page requests a rerun of a fragment when a poll has found a new version
(`dashboard/components/invisible.py`). The request can be older than a change on the server.

- A click on another page and a poll of the old page can be sent at the same moment. Streamlit then
  runs the new page first and the old page's fragment after it, and reports the old page to the
  browser: the browser removes the new page, and its window stays empty.
- Each request has the values of all widgets. If the server has just set a value and the browser has
  not received it yet, a poll would set the old value again, and the browser would show another
  value than the one that the server uses.
- A poll has therefore no values. Streamlit then sends all values to the browser, where they would
  replace what a person has typed in the meantime; the next click would send the old text.
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
    share_values,
)

_POLL_EVENT = "news"  # The event of a poll; see `frontend/page/news.js`.


class PageScriptRunner(ScriptRunner):
    """Streamlit's runner of scripts, without the fragments of pages that were left."""

    _shown_values = WidgetStates()  # As the browser has sent them last.

    def request_rerun(self, rerun_data: RerunData) -> bool:
        """Accept a request, unless it is a poll of another page than the one that waits.

        Streamlit would merge both into one request for the page that was left. Requests that a
        person has caused are always accepted.
        """
        self._remember_shown_values(rerun_data)
        waiting = get_waiting_page(self)
        is_other_page = bool(waiting) and rerun_data.page_script_hash != waiting
        if is_other_page and isinstance(rerun_data, PageRequest) and rerun_data.is_poll:
            return True
        return super().request_rerun(rerun_data)

    def _run_script(self, rerun_data: RerunData) -> None:
        """Run the script or its fragments, unless they belong to a page that was left."""
        self._remember_shown_values(rerun_data)
        share_values(self, lambda: self._shown_values)
        page = get_current_page(self)
        if not rerun_data.fragment_id_queue or rerun_data.page_script_hash == page:
            super()._run_script(rerun_data)

    def _remember_shown_values(self, rerun_data: RerunData) -> None:
        if isinstance(rerun_data, PageRequest) and rerun_data.shown_values is not None:
            self._shown_values = rerun_data.shown_values


@dataclass(frozen=True)
class PageRequest(RerunData):
    """Streamlit's request to run a script; a poll's request changes no widget.

    A poll does not need the values of widgets: each change by a person has its own request.

    Attributes:
        is_poll: Whether only a fragment's poll has caused the request, not a person.
        shown_values: The values of all widgets in the browser; None if it has sent none.
    """

    is_poll: bool = False
    shown_values: WidgetStates | None = None

    def __post_init__(self) -> None:
        """Keep only the poll's own event."""
        if self.widget_states is not None:
            object.__setattr__(self, "shown_values", self.widget_states)
        states = self.widget_states.widgets if self.widget_states is not None else []
        events = [state for state in states if _is_event(state)]
        if self.fragment_id is not None and events and all(map(_is_poll, events)):
            object.__setattr__(self, "is_poll", True)
            object.__setattr__(self, "widget_states", None)
            object.__setattr__(self, "replay_trigger_states", WidgetStates(widgets=events))


def _is_event(state: WidgetState) -> bool:
    return (state.WhichOneof("value") or "").endswith("trigger_value")


def _is_poll(state: WidgetState) -> bool:
    """Return whether all events of a component are polls."""
    events = json.loads(state.json_trigger_value or "null")
    return bool(events) and all(
        event["event"] == _POLL_EVENT
        for event in (events if isinstance(events, list) else [events])
    )


def ignore_stale_requests() -> None:
    """Make sessions ignore stale polls and stale values in requests from now on."""
    replace_script_runner(PageScriptRunner)
    replace_rerun_data(PageRequest)
