"""Who looks at a page, and whether what they ask for may be done: the one place that decides it.

What changes something on the server is wrapped in `operators_only`; what a watcher has no use for
is drawn only where `may_operate`. A click's command can come from a client that draws no page, so
the first is what protects and the second what people see.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Mapping
from functools import cache, wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from dashboard.server.access_rules import (
    WATCH_ONLY_VARIABLE,
    AccessRules,
    AccessRulesError,
    Role,
    parse_access_rules,
)

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


class NotAllowedError(PermissionError):
    """Somebody asked for what is only for operators."""


@cache
def load_rules() -> AccessRules:
    """Return the rules of this server, as they were when it started.

    Raises:
        AccessRulesError: If the secrets file, which is named then, cannot be read or would not let
            in whom it should.
    """
    files = [path for path in st.get_option("secrets.files") if Path(path).exists()]
    where = ", ".join(files)
    try:
        # Only where there is one: without, Streamlit would say that it is missing.
        secrets: Mapping[str, object] = st.secrets.to_dict() if files else {}
    except (StreamlitSecretNotFoundError, OSError, UnicodeDecodeError) as error:
        raise AccessRulesError(f"{where}: it cannot be read ({error}).") from error
    try:
        found = parse_access_rules(
            secrets, is_watch_only=os.environ.get(WATCH_ONLY_VARIABLE, "0") not in ("", "0")
        )
        if found.has_login:
            _demand_what_login_needs()
    except AccessRulesError as error:
        raise AccessRulesError(f"{where}: {error}") from error
    return found


def _demand_what_login_needs() -> None:
    # Streamlit's own check looks for the first alone, and comes with the first click on Sign in.
    if st.get_option("server.trustedUserHeaders"):
        raise AccessRulesError(
            "server.trustedUserHeaders is set, by which whoever reaches the server can name "
            "themselves anybody; take it out, as people sign in here."
        )
    missing = [name for name in ("authlib", "httpx2") if importlib.util.find_spec(name) is None]
    if missing:
        raise AccessRulesError(
            f"signing in needs {' and '.join(missing)}, not installed here; get what is missing "
            "with pip install -r requirements-login.txt."
        )


def get_role() -> Role:
    """Return what the person may do whose page is being drawn or whose click is being followed."""
    rules = load_rules()
    return rules.role_of(st.user.to_dict() if rules.has_login else {})


def may_operate() -> bool:
    """Whether that person may change something on the server."""
    return get_role().may_operate


def operators_only(command: Callable[_Given, _Result]) -> Callable[_Given, _Result]:
    """Return a command that is carried out for operators alone.

    Raises:
        NotAllowedError: By the command, when anybody else gives it. Nobody who uses the pages
            does, as they do not offer it; so the server's log is the place for it.
    """

    @wraps(command)
    def carry_out(*args: _Given.args, **kwargs: _Given.kwargs) -> _Result:
        who = get_role()
        if not who.may_operate:
            raise NotAllowedError(
                f"Refused {command.__qualname__}: it is for operators, and who asked {who.value}."
            )
        return command(*args, **kwargs)

    return carry_out
