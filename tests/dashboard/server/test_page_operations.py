"""The operations that a page may request over its websocket."""

from __future__ import annotations

import asyncio
from pathlib import Path
from unittest.mock import Mock

import pytest
from streamlit.proto.BackMsg_pb2 import BackendOperationRequest
from streamlit.proto.ForwardMsg_pb2 import BackendOperationResponse
from streamlit.runtime import app_session, backend_operation_handler
from streamlit.web import skills

from dashboard.server import page_operations


@pytest.fixture
def write_operations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of operations that wrote files; Streamlit's own conditions are all met."""
    names: list[str] = []
    monkeypatch.setattr(backend_operation_handler, "connection_locality", lambda _: "loopback")
    monkeypatch.setattr("streamlit.config.get_option", lambda name: False)
    monkeypatch.setattr(skills, "agent_harness_present", lambda: True)
    monkeypatch.setattr(skills, "install_skills", lambda **_: names.append("install"))
    monkeypatch.setattr(skills, "summarize_install", lambda _: "")
    monkeypatch.setattr(skills, "write_nudge_dismissed_marker", lambda: names.append("dismiss"))
    return names


@pytest.fixture
def restricted(monkeypatch: pytest.MonkeyPatch) -> None:
    dispatcher = app_session.BackendOperationDispatcher  # type: ignore[attr-defined]
    monkeypatch.setattr(app_session, "BackendOperationDispatcher", dispatcher)  # Restored later.
    page_operations.install_page_operations()


def request_writes(tmp_path: Path) -> list[BackendOperationResponse]:
    """Request both operations that write files from a new session."""
    script = Mock(main_script_path=str(tmp_path / "page_frame.py"))
    session = Mock(app_session.AppSession, _script_data=script)
    dispatcher = app_session.AppSession._create_backend_operation_dispatcher(session)
    install, dismiss = BackendOperationRequest(), BackendOperationRequest()
    install.install_skills.SetInParent()
    dismiss.dismiss_skills_nudge.SetInParent()
    return [
        asyncio.run(dispatcher.dispatch(request, "a session")) for request in (install, dismiss)
    ]


@pytest.mark.usefixtures("restricted")
def test_visitors_cannot_make_the_server_write_files(
    tmp_path: Path, write_operations: list[str]
) -> None:
    answers = request_writes(tmp_path)
    assert all(answer.error_msg.startswith("No handler registered") for answer in answers)
    assert write_operations == []


def test_streamlit_itself_would_write_them(tmp_path: Path, write_operations: list[str]) -> None:
    request_writes(tmp_path)
    assert write_operations == ["install", "dismiss"]


@pytest.mark.usefixtures("restricted")
def test_downloads_and_tables_are_still_answered() -> None:
    session = Mock(app_session.AppSession, _script_data=None)
    dispatcher = app_session.AppSession._create_backend_operation_dispatcher(session)
    assert set(dispatcher._handlers) == {"deferred_file", "dataframe_chunk"}
