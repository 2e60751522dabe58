"""The private parts of Streamlit that the dashboard uses, because there is no public way.

No other module imports them. They were checked against CHECKED_VERSION; the test of this module
fails when an upgrade changes one. May import Streamlit only.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit

# Streamlit's own reading of its login cookie, which it does for the websocket only:
# `starlette_websocket._get_signed_cookie_with_chunks` and `_parse_decoded_user_cookie`. The latter
# compares the cookie's origin with the request's origin, which a plain GET does not send.
from streamlit.auth_util import get_cookie_with_chunks as get_cookie_with_chunks
from streamlit.auth_util import get_origin_from_redirect_uri as get_origin_from_redirect_uri

# The return type of `st.expander`, which has `open`; a DeltaGenerator lacks it.
from streamlit.elements.lib.mutable_expander_container import (
    ExpanderContainer as ExpanderContainer,
)

# The session answers clicks on download buttons and other requests of a page, without a hook.
from streamlit.proto.BackMsg_pb2 import BackendOperationRequest as BackendOperationRequest
from streamlit.proto.ForwardMsg_pb2 import BackendOperationResponse as BackendOperationResponse
from streamlit.proto.ForwardMsg_pb2 import (
    DeferredFileResponsePayload as DeferredFileResponsePayload,
)

# What a page sends with each request.
from streamlit.proto.WidgetStates_pb2 import WidgetState as WidgetState
from streamlit.proto.WidgetStates_pb2 import WidgetStates as WidgetStates
from streamlit.runtime import app_session
from streamlit.runtime import runtime as runtime_module
from streamlit.runtime.backend_operation_handler import (
    BackendOperationDispatcher as BackendOperationDispatcher,
)
from streamlit.runtime.backend_operation_handler import (
    BackendOperationHandler as BackendOperationHandler,
)
from streamlit.runtime.backend_operation_handler import (
    DeferredFileHandler as DeferredFileHandler,
)
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue as ForwardMsgQueue
from streamlit.runtime.media_file_manager import MediaFileManager as MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorage as MediaFileStorage
from streamlit.runtime.media_file_storage import MediaFileStorageError as MediaFileStorageError
from streamlit.runtime.scriptrunner import get_script_run_ctx

# It runs a fragment also after its page was left, which empties the new page.
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner as ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData as RerunData
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType

# It sends a value to the browser again after each request without widgets' values.
from streamlit.runtime.state import SafeSessionState as SafeSessionState

# The `streamlit` command. `App.run` is no substitute: it sets the configuration after the module
# that makes the app was imported, and ours reads the secrets and the base path when imported.
from streamlit.web import cli as cli
from streamlit.web.server.server_util import get_cookie_secret as get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import (
    decode_signed_value as decode_signed_value,
)
from streamlit.web.server.starlette.starlette_server_config import (
    USER_COOKIE_NAME as USER_COOKIE_NAME,
)

CHECKED_VERSION = "1.67.0"

# First parts of addresses that Streamlit serves; it refuses other routes and base paths there.
RESERVED_PATHS = ("_stcore", "component", "media", "static")

# How long a click on a button still works after the server has drawn the button again: the browser
# shows the old button until it has received the new one.
OLD_BUTTON_SECONDS = 60.0

# Kinds of values of Streamlit's own fields, in a `WidgetState`.
_PLAIN_VALUES = {
    "bool_value",
    "double_array_value",
    "double_value",
    "int_array_value",
    "int_value",
    "string_array_value",
    "string_value",
}

_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def read_user_cookie(cookies: Mapping[str, str]) -> bytes | None:
    """Return the content of Streamlit's login cookie, a JSON object.

    Args:
        cookies: All cookies of a request, by name; the login may be split over several.

    Returns:
        The content; None where there is no cookie that this server has signed.
    """
    secret = get_cookie_secret()

    def read(name: str) -> bytes | None:
        # Starlette has decoded it as Latin-1, like all headers.
        signed = cookies.get(name, "").encode("latin-1", errors="replace")
        return decode_signed_value(secret, name, signed)

    return get_cookie_with_chunks(read, USER_COOKIE_NAME)


def read_inline_scripts() -> list[bytes]:
    """Return the scripts inside the HTML page that Streamlit serves at every page address."""
    page = Path(streamlit.__file__).with_name("static") / "index.html"
    return _INLINE_SCRIPT.findall(page.read_bytes())


def keep_media_file(files: MediaFileManager, name: str, owner: str) -> None:
    """Protect a file from removal at the end of a script, as if a session named `owner` used it."""
    with files._lock:
        files._files_by_session_and_coord[owner][name] = name


def drop_media_file(files: MediaFileManager, name: str, owner: str) -> None:
    """Remove a file that was protected by `keep_media_file` unless a session uses it."""
    with files._lock:
        files._files_by_session_and_coord[owner].pop(name, None)
    for _ in range(2):  # The first call only marks it.
        files.remove_orphaned_files()


class LateRemovalFileManager(MediaFileManager):
    """Keeps the functions of buttons that were drawn again for at least `OLD_BUTTON_SECONDS`.

    Streamlit drops the functions of one session at the end of any other session's script. A click
    between the start of its own script and the arrival of the new button would find no function.
    """

    def __init__(self, storage: MediaFileStorage) -> None:
        """Start without files."""
        super().__init__(storage)
        self._unused_since: dict[str, float] = {}  # Clock times by the function's name.

    def find_newest(self, file_id: str) -> str:
        """Return the newest function of the same button; `file_id` itself if that is unknown."""
        with self._lock:
            requested = self._deferred_callables.get(file_id)
            if requested is None or not requested["element_id"]:
                return file_id
            button = requested["session_id"], requested["element_id"]
            return [
                name
                for name, entry in self._deferred_callables.items()
                if (entry["session_id"], entry["element_id"]) == button
            ][-1]

    def _remove_orphaned_deferred_callables(self) -> None:
        now = time.monotonic()
        used = {
            name for names in self._files_by_session_and_coord.values() for name in names.values()
        }
        self._unused_since = {
            name: self._unused_since.get(name, now)
            for name in self._deferred_callables
            if name not in used
        }
        for name, since in self._unused_since.items():
            if now - since >= OLD_BUTTON_SECONDS:
                self._drop_deferred_id(name)


def get_media_files(handler: DeferredFileHandler) -> MediaFileManager:
    """Return the manager of the files that a handler makes."""
    return handler._get_media_file_mgr()


def stop_merging(queue: ForwardMsgQueue) -> None:
    """Append later messages to a queue instead of merging them into earlier ones."""
    queue._delta_index_map = {}


def is_script_running(session: str) -> bool:
    """Return whether a session's script or one of its fragments runs, or is about to."""
    if not runtime_module.Runtime.exists():
        return False
    active = runtime_module.Runtime.instance()._session_mgr.get_active_session_info(session)
    runner = None if active is None else active.session._scriptrunner
    return runner is not None and runner._requests._state is not ScriptRequestType.STOP


def get_session_id() -> str:
    """Return the id of the session whose script runs in this thread; "" outside of scripts."""
    context = get_script_run_ctx(suppress_warning=True)
    return "" if context is None else context.session_id


def is_session_connected(session: str) -> bool:
    """Return whether a session's page has an open connection."""
    return (
        runtime_module.Runtime.exists()
        and runtime_module.Runtime.instance()._session_mgr.is_active_session(session)
    )


class SharedValuesState(SafeSessionState):
    """The state of a session, in which a request without values keeps those that the browser has.

    After such a request Streamlit sends the values of most widgets with a key to the browser, where
    they replace what a person has typed or chosen meanwhile.
    """

    def __init__(
        self,
        state: SafeSessionState,
        yield_callback: Callable[[], None],
        get_shown_values: Callable[[], WidgetStates],
    ) -> None:
        """Wrap a state.

        Args:
            state: The state of the session, which it replaces.
            yield_callback: As in `SafeSessionState`.
            get_shown_values: Returns the values of widgets that the browser has sent last.
        """
        super().__init__(state._state, yield_callback)
        object.__setattr__(self, "_get_shown_values", get_shown_values)

    def on_script_will_rerun(
        self,
        fresh_widget_states: WidgetStates | None,
        *,
        replay_trigger_states: WidgetStates | None = None,
        replay_trigger_values: Mapping[str, object] | None = None,
        is_history_navigation: bool = False,
    ) -> None:
        """Prepare the values of widgets for a run; those of the browser if a request has none."""
        if fresh_widget_states is None:
            with self._lock:
                fresh_widget_states = self._list_shared_values()
        super().on_script_will_rerun(
            fresh_widget_states,
            replay_trigger_states=replay_trigger_states,
            replay_trigger_values=replay_trigger_values,
            is_history_navigation=is_history_navigation,
        )

    def _list_shared_values(self) -> WidgetStates:
        """Return the values that the server and the browser have in common."""
        state = self._state
        state._reset_triggers()
        state._compact_state()  # A value that the script has set counts, not the browser's.
        values = state._new_widget_state
        shared = []
        for shown in self._get_shown_values().widgets:
            is_known = shown.id in values.widget_metadata and shown.id in state._old_state
            if is_known and shown.WhichOneof("value") in _PLAIN_VALUES:
                values.set_from_value(shown.id, state._old_state[shown.id])
                if values.get_serialized(shown.id) == shown:
                    shared.append(shown)
        return WidgetStates(widgets=shared)


def share_values(runner: ScriptRunner, get_shown_values: Callable[[], WidgetStates]) -> None:
    """Replace the session state of a runner by a `SharedValuesState`, once.

    Args:
        runner: The runner, before it runs a script.
        get_shown_values: As in `SharedValuesState`.
    """
    if not isinstance(runner._session_state, SharedValuesState):
        runner._session_state = SharedValuesState(
            runner._session_state,
            runner._maybe_handle_execution_control_request,
            get_shown_values,
        )


def get_waiting_page(runner: ScriptRunner) -> str:
    """Return the hash of the page whose request waits for the script to run; "" for none."""
    requests = runner._requests
    is_waiting = requests._state is ScriptRequestType.RERUN
    return requests._rerun_data.page_script_hash if is_waiting else ""


def get_current_page(runner: ScriptRunner) -> str:
    """Return the hash of the page whose script ran last."""
    return runner._pages_manager.current_page_script_hash


def replace_download_handler(handler: type[DeferredFileHandler]) -> None:
    """Replace Streamlit's handler of clicks on download buttons for new sessions."""
    vars(app_session)["DeferredFileHandler"] = handler


def replace_media_file_manager(manager: type[MediaFileManager]) -> None:
    """Replace Streamlit's manager of files for servers that start from now on."""
    vars(runtime_module)["MediaFileManager"] = manager


def replace_message_queue(queue: type[ForwardMsgQueue]) -> None:
    """Replace Streamlit's queue of messages to the browser for new sessions."""
    vars(app_session)["ForwardMsgQueue"] = queue


def replace_operation_dispatcher(dispatcher: type[BackendOperationDispatcher]) -> None:
    """Replace Streamlit's dispatcher of a page's operations for new sessions."""
    vars(app_session)["BackendOperationDispatcher"] = dispatcher


def replace_rerun_data(request: type[RerunData]) -> None:
    """Replace Streamlit's description of a request to run a script, for all sessions."""
    vars(app_session)["RerunData"] = request


def replace_script_runner(runner: type[ScriptRunner]) -> None:
    """Replace Streamlit's runner for scripts that start from now on."""
    vars(app_session)["ScriptRunner"] = runner
