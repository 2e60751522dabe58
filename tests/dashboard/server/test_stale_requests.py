"""Requests of a page that are older than what the server has done meanwhile."""

from __future__ import annotations

import json
from unittest.mock import Mock

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime import app_session
from streamlit.runtime.scriptrunner_utils.script_requests import (
    RerunData,
    ScriptRequests,
    ScriptRequestType,
)
from streamlit.runtime.state import SafeSessionState, SessionState
from streamlit.runtime.state.common import WidgetMetadata

from dashboard.server.stale_requests import PageRequest, PageScriptRunner, ignore_stale_requests
from dashboard.server.streamlit_internals import share_values

FIELD = "$$ID-0-number"  # A widget's id, as Streamlit makes it.


def event_state(name: str) -> WidgetState:
    """Return the event of a component, as a page sends it."""
    return WidgetState(
        id="a component", json_trigger_value=json.dumps({"event": name, "value": "7"})
    )


def box_state(value: str) -> WidgetState:
    """Return the value of a select box."""
    return WidgetState(id="a box", string_value=value)


def make_request(*states: WidgetState, fragment: str | None = "a fragment") -> PageRequest:
    """Return the request of a fragment, or of the whole page without one, with widgets' values."""
    return PageRequest(fragment_id=fragment, widget_states=WidgetStates(widgets=states))


def test_a_poll_brings_its_event_but_no_value_of_a_widget() -> None:
    poll = make_request(box_state("the one before"), event_state("news"))
    assert poll.widget_states is None
    assert poll.replay_trigger_states == WidgetStates(widgets=[event_state("news")])


def test_what_a_person_does_brings_all_values() -> None:
    button = WidgetState(id="a button", trigger_value=True)
    for changed in (
        make_request(box_state("new")),
        make_request(box_state("new"), event_state("moved")),
        make_request(box_state("new"), button),
        make_request(box_state("new"), button, event_state("news")),
        # A request without a fragment comes after a lost connection.
        make_request(box_state("new"), event_state("news"), fragment=None),
    ):
        assert changed.widget_states is not None
        assert box_state("new") in changed.widget_states.widgets
        assert changed.replay_trigger_states is None


def test_a_poll_right_after_a_change_keeps_the_change() -> None:
    for requests in (
        [make_request(box_state("new")), make_request(box_state("new"), event_state("news"))],
        [make_request(box_state("old"), event_state("news")), make_request(box_state("new"))],
    ):
        pending = ScriptRequests()
        for each in requests:
            assert pending.request_rerun(each)
        ready = pending.on_scriptrunner_ready()
        assert ready.type is ScriptRequestType.RERUN
        data: RerunData = ready.rerun_data
        assert data.fragment_id_queue == ["a fragment"]
        assert data.widget_states is not None
        assert list(data.widget_states.widgets) == [box_state("new")]
        assert data.replay_trigger_states == WidgetStates(widgets=[event_state("news")])


@pytest.mark.parametrize(
    ("waiting_page", "event_name", "fragment", "is_taken"),
    [
        ("train", "news", "a fragment", False),
        ("explore", "news", "a fragment", True),
        ("train", "news", None, True),
        ("", "news", "a fragment", True),  # The first request has no hash of a page.
        ("train", "clicked", "a fragment", True),
    ],
)
def test_only_a_poll_of_another_page_than_the_waiting_one_is_dropped(
    waiting_page: str, event_name: str, fragment: str | None, is_taken: bool
) -> None:
    runner = Mock(PageScriptRunner, _requests=ScriptRequests())
    runner._requests.request_rerun(RerunData(page_script_hash=waiting_page))
    poll = PageRequest(
        page_script_hash="explore",
        fragment_id=fragment,
        widget_states=WidgetStates(widgets=[event_state(event_name)]),
    )
    assert PageScriptRunner.request_rerun(runner, poll)
    pending = runner._requests.on_scriptrunner_ready().rerun_data
    assert pending.page_script_hash == ("explore" if is_taken else waiting_page)


def test_a_poll_is_taken_where_a_script_went_to_another_page_by_itself() -> None:
    runner = Mock(PageScriptRunner, _requests=ScriptRequests())
    runner._requests.request_rerun(RerunData(page_script_hash="learn"))
    runner._requests.on_scriptrunner_ready()  # Its script goes to Train.
    poll = PageRequest(
        page_script_hash="train",
        fragment_id="a fragment",
        widget_states=WidgetStates(widgets=[event_state("news")]),
    )
    assert PageScriptRunner.request_rerun(runner, poll)
    assert runner._requests.on_scriptrunner_ready().rerun_data.page_script_hash == "train"


def test_sessions_use_the_installed_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RerunData", "ScriptRunner"):
        monkeypatch.setattr(app_session, name, getattr(app_session, name))  # Restored afterwards.
    ignore_stale_requests()
    assert vars(app_session)["RerunData"] is PageRequest
    assert vars(app_session)["ScriptRunner"] is PageScriptRunner


def answer_poll(state: SessionState, shown: WidgetStates, text: str) -> bool:
    """Handle a poll and render a kept text field; return whether the browser is sent its value."""
    runner = Mock(_session_state=SafeSessionState(state, lambda: None))
    share_values(runner, lambda: shown)
    runner._session_state.on_script_will_rerun(None, replay_trigger_states=WidgetStates())
    result = state.register_widget(text_field(), "number")
    assert result.value == text
    return result.value_changed


def text_field() -> WidgetMetadata[str]:
    """Return a text field that keeps its text on other pages, empty at first."""
    return WidgetMetadata(
        id=FIELD,
        deserializer=lambda text: text or "",
        serializer=str,
        value_type="string_value",
        persist_state="session",
    )


def show_text(text: str) -> WidgetStates:
    """Return the values that a browser sends with this text in the field."""
    return WidgetStates(widgets=[WidgetState(id=FIELD, string_value=text)])


def test_a_poll_sends_a_text_to_the_browser_only_if_the_browser_has_another_one() -> None:
    state = SessionState()
    state["number"] = "2026"
    assert state.register_widget(text_field(), "number").value_changed
    assert not answer_poll(state, show_text("2026"), "2026")
    assert not answer_poll(state, show_text("2026"), "2026")
    state.on_script_will_rerun(show_text("1984"))
    assert not answer_poll(state, show_text("1984"), "1984")
    state["number"] = "7"  # A button has set it, and the browser has not received it.
    state.register_widget(text_field(), "number")
    assert answer_poll(state, show_text("1984"), "7")
    assert answer_poll(state, WidgetStates(), "7")  # It is drawn for the first time.
