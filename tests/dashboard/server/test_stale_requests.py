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

from dashboard.server.stale_requests import PageRequest, PageScriptRunner, ignore_stale_requests


def event(name: str) -> WidgetState:
    """Return the event of a component, as a page sends it."""
    return WidgetState(
        id="a component", json_trigger_value=json.dumps({"event": name, "value": "7"})
    )


def box(value: str) -> WidgetState:
    """Return the value of a select box."""
    return WidgetState(id="a box", string_value=value)


def request(*states: WidgetState, fragment: str | None = "a fragment") -> PageRequest:
    return PageRequest(fragment_id=fragment, widget_states=WidgetStates(widgets=states))


def test_a_poll_brings_its_event_but_no_value_of_a_widget() -> None:
    poll = request(box("the one before"), event("news"))
    assert poll.widget_states is None
    assert poll.replay_trigger_states == WidgetStates(widgets=[event("news")])


def test_what_a_person_does_brings_all_values() -> None:
    button = WidgetState(id="a button", trigger_value=True)
    for changed in (
        request(box("new")),
        request(box("new"), event("moved")),
        request(box("new"), button),
        request(box("new"), button, event("news")),
        request(box("new"), event("news"), fragment=None),  # After a lost connection.
    ):
        assert changed.widget_states is not None
        assert box("new") in changed.widget_states.widgets
        assert changed.replay_trigger_states is None


def test_a_poll_right_after_a_change_keeps_the_change() -> None:
    for requests in (
        [request(box("new")), request(box("new"), event("news"))],
        [request(box("old"), event("news")), request(box("new"))],
    ):
        pending = ScriptRequests()
        for each in requests:
            assert pending.request_rerun(each)
        ready = pending.on_scriptrunner_ready()
        assert ready.type is ScriptRequestType.RERUN
        data: RerunData = ready.rerun_data
        assert data.fragment_id_queue == ["a fragment"]
        assert data.widget_states is not None
        assert list(data.widget_states.widgets) == [box("new")]
        assert data.replay_trigger_states == WidgetStates(widgets=[event("news")])


@pytest.mark.parametrize(
    ("waiting", "event_name", "fragment", "is_taken"),
    [
        ("train", "news", "a fragment", False),
        ("explore", "news", "a fragment", True),
        ("train", "news", None, True),
        ("", "news", "a fragment", True),  # The first request names the page otherwise.
        ("train", "clicked", "a fragment", True),
    ],
)
def test_only_a_poll_of_another_page_than_the_waiting_one_is_dropped(
    waiting: str, event_name: str, fragment: str | None, is_taken: bool
) -> None:
    runner = Mock(PageScriptRunner, _requests=ScriptRequests())
    runner._requests.request_rerun(RerunData(page_script_hash=waiting))
    asked = PageRequest(
        page_script_hash="explore",
        fragment_id=fragment,
        widget_states=WidgetStates(widgets=[event(event_name)]),
    )
    assert PageScriptRunner.request_rerun(runner, asked)
    pending = runner._requests.on_scriptrunner_ready().rerun_data
    assert pending.page_script_hash == ("explore" if is_taken else waiting)


def test_a_poll_is_taken_where_a_script_went_to_another_page_by_itself() -> None:
    runner = Mock(PageScriptRunner, _requests=ScriptRequests())
    runner._requests.request_rerun(RerunData(page_script_hash="learn"))
    runner._requests.on_scriptrunner_ready()  # Its script goes to Train.
    poll = PageRequest(
        page_script_hash="train",
        fragment_id="a fragment",
        widget_states=WidgetStates(widgets=[event("news")]),
    )
    assert PageScriptRunner.request_rerun(runner, poll)
    assert runner._requests.on_scriptrunner_ready().rerun_data.page_script_hash == "train"


def test_sessions_use_the_installed_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RerunData", "ScriptRunner"):
        monkeypatch.setattr(app_session, name, getattr(app_session, name))  # Restored afterwards.
    ignore_stale_requests()
    assert vars(app_session)["RerunData"] is PageRequest
    assert vars(app_session)["ScriptRunner"] is PageScriptRunner
