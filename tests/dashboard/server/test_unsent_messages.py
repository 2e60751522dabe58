"""Messages of fragments that wait when a fragment runs again."""

from __future__ import annotations

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import app_session

from dashboard.server.unsent_messages import CompleteMessageQueue, send_all_messages

FINISHED = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY


def element_message(text: str, fragment: str, place: int = 0) -> ForwardMsg:
    """Return the message with which a fragment draws a text at a place of the page."""
    message = ForwardMsg()
    message.metadata.delta_path[:] = [0, place]
    message.delta.fragment_id = fragment
    message.delta.new_element.markdown.body = text
    return message


def end_message(status: ForwardMsg.ScriptFinishedStatus.ValueType = FINISHED) -> ForwardMsg:
    """Return the message that a script's run has ended."""
    return ForwardMsg(script_finished=status)


def make_waiting_queue() -> CompleteMessageQueue:
    """Return a queue in which a run of the fragment `tool` waits."""
    queue = CompleteMessageQueue()
    for message in (element_message("a new tool", "tool"), end_message()):
        queue.enqueue(message)
    return queue


@pytest.mark.parametrize("fragment", ["tool", "another one"])
def test_the_browser_gets_a_run_of_a_fragment_that_waits_when_one_runs(fragment: str) -> None:
    queue = make_waiting_queue()
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=[fragment])
    queue.enqueue(element_message("a newer one", "tool"))
    assert queue.flush() == [
        element_message("a new tool", "tool"),
        end_message(),
        # Not in place of the first message, whose run has ended.
        element_message("a newer one", "tool"),
    ]


def test_a_run_of_the_whole_page_replaces_what_waits() -> None:
    queue = make_waiting_queue()
    queue.clear(retain_lifecycle_msgs=True)
    assert queue.flush() == [end_message(ForwardMsg.FINISHED_EARLY_FOR_RERUN)]


def test_a_flush_empties_the_queue() -> None:
    queue = make_waiting_queue()
    assert len(queue.flush()) == 2
    assert queue.flush() == []


def test_sessions_use_the_installed_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_session, "ForwardMsgQueue", vars(app_session)["ForwardMsgQueue"])
    send_all_messages()
    assert vars(app_session)["ForwardMsgQueue"] is CompleteMessageQueue
