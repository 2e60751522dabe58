"""The private parts of Streamlit that the dashboard uses, compared with the checked version.

After an upgrade of Streamlit: find what has changed, adapt `streamlit_internals`, run the browser
tests, and then update its CHECKED_VERSION and the signatures below.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit
from streamlit.runtime import app_session
from streamlit.runtime import runtime as runtime_module
from streamlit.runtime.media_file_manager import DeferredCallableEntry
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager
from streamlit.web.server.starlette import starlette_app

import dashboard
from dashboard.access import route_guard
from dashboard.server import streamlit_internals

DASHBOARD = Path(dashboard.__file__).parent
INTERNALS = Path(streamlit_internals.__file__)
PUBLIC = {"streamlit", "streamlit.errors", "streamlit.components.v2.types"}


def list_streamlit_modules(file: Path) -> set[str]:
    """Return the modules of Streamlit that a file imports."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            modules.add(node.module)
    return {name for name in modules if name.partition(".")[0] == "streamlit"}


def test_only_one_module_imports_private_parts() -> None:
    names_by_file = {
        file.relative_to(DASHBOARD): list_streamlit_modules(file) - PUBLIC
        for file in DASHBOARD.rglob("*.py")
        if file != INTERNALS
    }
    assert {file: names for file, names in names_by_file.items() if names} == {}
    assert list_streamlit_modules(INTERNALS) > {"streamlit.runtime", "streamlit.auth_util"}


def list_private_attributes(file: Path) -> set[str]:
    """Return the private attributes that a file reads and does not define."""
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
    defined = {attribute.attr for attribute in attributes if isinstance(attribute.ctx, ast.Store)}
    defined |= {
        node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    private = {attribute.attr for attribute in attributes if re.match("_[^_]", attribute.attr)}
    return private - defined - {"_fields", "_replace"}  # The public ones of a named tuple.


def test_only_one_module_reads_private_attributes() -> None:
    names_by_file = {
        file.relative_to(DASHBOARD): list_private_attributes(file)
        for file in DASHBOARD.rglob("*.py")
        if file != INTERNALS
    }
    assert {file: names for file, names in names_by_file.items() if names} == {}
    assert "_lock" in list_private_attributes(INTERNALS)


def test_the_installed_version_is_the_checked_one() -> None:
    assert streamlit.__version__ == streamlit_internals.CHECKED_VERSION


@pytest.mark.parametrize(
    ("function", "signature"),
    [
        (
            streamlit_internals.get_cookie_with_chunks,
            "(get_single_cookie_fn: 'Callable[[str], bytes | None]', cookie_name: 'str') "
            "-> 'bytes | None'",
        ),
        (streamlit_internals.get_origin_from_redirect_uri, "() -> 'str | None'"),
        (streamlit_internals.get_cookie_secret, "() -> 'str'"),
        (
            streamlit_internals.decode_signed_value,
            "(secret: 'str', name: 'str', value: 'str | bytes', max_age_days: 'float' = 31.0) "
            "-> 'bytes | None'",
        ),
        (
            streamlit_internals.DeferredFileHandler.handle,
            "(self, request: 'BackendOperationRequest', session_id: 'str') "
            "-> 'BackendOperationResponse'",
        ),
        (
            streamlit_internals.BackendOperationDispatcher.register,
            "(self, payload_type: 'str', handler: 'BackendOperationHandler') -> 'None'",
        ),
        (
            streamlit_internals.MediaFileManager.execute_deferred,
            "(self, file_id: 'str') -> 'str'",
        ),
        (streamlit_internals.MediaFileManager.remove_orphaned_files, "(self) -> 'None'"),
        (
            streamlit_internals.ScriptRunner._run_script,
            "(self, rerun_data: 'RerunData') -> 'None'",
        ),
        (
            streamlit_internals.SafeSessionState.on_script_will_rerun,
            "(self, fresh_widget_states: 'WidgetStatesProto | None', *, "
            "replay_trigger_states: 'WidgetStatesProto | None' = None, "
            "replay_trigger_values: 'Mapping[str, Any] | None' = None, "
            "is_history_navigation: 'bool' = False) -> 'None'",
        ),
        (
            streamlit_internals.ForwardMsgQueue.clear,
            "(self, retain_lifecycle_msgs: 'bool' = False, "
            "fragment_ids_this_run: 'list[str] | None' = None) -> 'None'",
        ),
    ],
)
def test_functions_have_the_signature_that_was_checked(
    function: Callable[..., object], signature: str
) -> None:
    assert str(inspect.signature(function)) == signature


def test_private_attributes_exist() -> None:
    assert app_session.DeferredFileHandler is not None  # type: ignore[attr-defined]
    assert app_session.BackendOperationDispatcher is not None  # type: ignore[attr-defined]
    assert app_session.ScriptRunner is not None  # type: ignore[attr-defined]
    assert app_session.RerunData is not None  # type: ignore[attr-defined]
    assert app_session.ForwardMsgQueue is not None  # type: ignore[attr-defined]
    assert streamlit_internals.ForwardMsgQueue()._delta_index_map == {}
    assert streamlit_internals.RerunData().fragment_id_queue == []
    assert ScriptRequests()._state is not None
    assert not streamlit_internals.is_script_running("any")  # There is no server.
    assert WebsocketSessionManager.get_active_session_info is not None
    assert ScriptRequests()._rerun_data.page_script_hash == ""
    files = streamlit_internals.MediaFileManager(MemoryMediaFileStorage("/media"))
    with files._lock:
        assert files._files_by_session_and_coord["any"] == {}
        assert files._deferred_callables == {}
        assert {"session_id", "element_id"} <= DeferredCallableEntry.__annotations__.keys()
        assert files._remove_orphaned_deferred_callables is not None
        assert files._drop_deferred_id is not None
    assert runtime_module.MediaFileManager is not None  # type: ignore[attr-defined]
    handler = streamlit_internals.DeferredFileHandler(lambda: files)
    assert handler._get_media_file_mgr() is files
    assert streamlit_internals.ExpanderContainer.open is not None
    assert streamlit_internals.USER_COOKIE_NAME == "_streamlit_user"
    assert callable(streamlit_internals.cli.main)


def test_reserved_paths_are_those_of_streamlit() -> None:
    prefixes = {f"/{part}/" for part in streamlit_internals.RESERVED_PATHS}
    assert set(starlette_app._RESERVED_ROUTE_PREFIXES) == prefixes


def test_the_page_has_inline_scripts() -> None:
    assert streamlit_internals.read_inline_scripts()


def test_every_page_of_the_dashboard_is_open_to_the_sign_in_page() -> None:
    names = {file.stem for file in (DASHBOARD / "app_pages").glob("[!_]*.py")}
    assert {"/", *(f"/{name}" for name in names - {"train"})} == route_guard.OPEN_PAGES
