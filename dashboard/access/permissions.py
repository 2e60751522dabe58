"""The role of the person who looks at a page, and the check of commands by role.

Every function that changes something on the server is wrapped in `operators_only`, or in
`owners_only` if a visitor of a public demo may change a run of their own with it. This protects
the server, also from clients that send commands without a page. Pages use `may_operate` and
`may_change` only to hide widgets that a person cannot use.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Mapping
from functools import cache, wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from dashboard.access.rules import (
    WATCH_ONLY_VARIABLE,
    AccessRules,
    AccessRulesError,
    Role,
    parse_access_rules,
)
from dashboard.access.visitor_cookie import read_visitor
from dashboard.process.demo_bounds import read_demo_bounds
from dashboard.process.visitor_runs import belongs_to_visitor, list_visible_runs
from dashboard.server.streamlit_internals import get_session_id
from dashboard.snapshots.snapshot import Snapshot
from dcgan.config.config_text import hide_path_in_text
from dcgan.config.training_config import TrainingConfig
from dcgan.installation import describe_install_command
from dcgan.locking.lock import is_in_training
from dcgan.runs import library
from dcgan.runs.run_folder import Run

_Arguments = ParamSpec("_Arguments")
_RunOrFolder = TypeVar("_RunOrFolder", bound=Run | Path)
_Result = TypeVar("_Result")


class NotAllowedError(PermissionError):
    """Raised if a person sends a command that only operators, or a run's owner, may send."""


@cache
def load_rules() -> AccessRules:
    """Return the access rules of this server, as they were when it started.

    Raises:
        AccessRulesError: If the secrets file cannot be read or its rules are wrong; the message
            names the file.
    """
    files = [path for path in st.get_option("secrets.files") if Path(path).exists()]
    where = ", ".join(files)
    try:
        # Streamlit raises an error if there is no file.
        secrets: Mapping[str, object] = st.secrets.to_dict() if files else {}
    except (StreamlitSecretNotFoundError, OSError, UnicodeDecodeError) as error:
        raise AccessRulesError(f"{where}: cannot be read ({error}).") from error
    try:
        rules = parse_access_rules(
            secrets,
            is_watch_only=os.environ.get(WATCH_ONLY_VARIABLE, "0") not in ("", "0"),
            is_demo=read_demo_bounds() is not None,
        )
        if rules.has_login:
            _check_login_requirements()
    except AccessRulesError as error:
        raise AccessRulesError(f"{where}: {error}" if where else str(error)) from error
    return rules


def _check_login_requirements() -> None:
    if st.get_option("server.trustedUserHeaders"):
        raise AccessRulesError(
            "server.trustedUserHeaders is set, so anybody who reaches the server can claim any "
            "name; remove it, as people sign in here."
        )
    # Streamlit checks for Authlib only, and not before the first click on Sign in.
    missing = [name for name in ("authlib", "httpx2") if importlib.util.find_spec(name) is None]
    if missing:
        raise AccessRulesError(
            f"signing in needs {' and '.join(missing)}, not installed here; "
            f"{describe_install_command('login')}."
        )


def get_role() -> Role:
    """Return the role of the person for whom the script runs."""
    rules = load_rules()
    return rules.find_role(st.user.to_dict() if rules.has_login else {})


def may_operate() -> bool:
    """Return whether this person may change something on the server."""
    return get_role().may_operate


def get_visitor() -> str:
    """Return a public demo's id for the person for whom the script runs.

    It is the id in the browser's cookie, or without a cookie the id of the tab's session.
    """
    return read_visitor(st.context.cookies) or get_session_id()


def may_change(run: Run) -> bool:
    """Return whether this person may rename or delete a run.

    Operators may change any run but included ones, visitors of a demo their own ended runs.
    """
    return not run.is_read_only and _may_change(run.path)


def _may_change(folder: Path) -> bool:
    role = get_role()
    if role is not Role.VISITOR:
        return role.may_operate
    # Not during training: everybody then sees the run's name, and a visitor could type anything.
    return belongs_to_visitor(folder, get_visitor()) and not is_in_training(folder)


def list_runs(root: Path) -> tuple[list[Run], list[str]]:
    """List the runs that this person may see, and a sentence for each unreadable folder.

    Everybody may see the runs under the root. A visitor of a demo also sees their own runs, which
    nobody else sees.
    """
    if get_role() is Role.VISITOR:
        return list_visible_runs(root, get_visitor())
    return library.list_runs(root)


def hide_others_ended_run(snapshot: Snapshot) -> Snapshot:
    """Return the trainer's snapshot, or an idle one if its ended run is another visitor's."""
    run = snapshot.run
    if get_role() is not Role.VISITOR or snapshot.is_active or run is None:
        return snapshot
    return snapshot if belongs_to_visitor(run.path, get_visitor()) else Snapshot(snapshot.version)


def hide_path(message: str, config: TrainingConfig) -> str:
    """Shorten the path of a run's own pictures in a message, unless this person is an operator."""
    return message if may_operate() else hide_path_in_text(message, config)


def operators_only(command: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Decorate a command so that it runs for operators only.

    Raises:
        NotAllowedError: When anybody else calls the command. Pages do not offer it to them, so the
            message is for the server's log.
    """

    @wraps(command)
    def run_for_operators(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        role = get_role()
        if not role.may_operate:
            raise NotAllowedError(
                f"Refused {command.__qualname__}: it is for operators; this person {role.value}."
            )
        return command(*args, **kwargs)

    return run_for_operators


def owners_only(
    command: Callable[Concatenate[_RunOrFolder, _Arguments], _Result],
) -> Callable[Concatenate[_RunOrFolder, _Arguments], _Result]:
    """Decorate a command on a run, so that it runs for operators and the run's own visitor only.

    Its first argument is the run, or the folder of a deleted run.

    Raises:
        NotAllowedError: When anybody else calls the command.
    """

    @wraps(command)
    def run_for_owners(
        run: _RunOrFolder, /, *args: _Arguments.args, **kwargs: _Arguments.kwargs
    ) -> _Result:
        if not _may_change(run if isinstance(run, Path) else run.path):
            raise NotAllowedError(
                f"Refused {command.__qualname__}: it is for the owner of the run; this person "
                f"{get_role().value}."
            )
        return command(run, *args, **kwargs)

    return run_for_owners
