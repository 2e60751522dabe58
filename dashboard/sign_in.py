"""The sign-in page, the page for accounts without a role, and the line about the account."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from dashboard.access import permissions
from dashboard.access.rules import Role, find_verified_email
from dashboard.components.plain_text import escape_markdown, keep_together
from dashboard.process.demo_bounds import DemoBounds
from dashboard.server.base_path import read_base_path
from dashboard.server.streamlit_internals import get_origin_from_redirect_uri, get_session_id
from dashboard.state.trainer import get_trainer
from dcgan.durations import describe_seconds

_WIDTH = 420  # Pixels.


def require_access() -> None:
    """Render the sign-in page and end the script, unless the person may watch.

    For an account without a role, the page explains why it has no access.
    """
    role = permissions.get_role()
    if role.may_watch:
        return
    with (
        st.container(horizontal_alignment="center"),
        st.container(border=True, width=_WIDTH, key="sign-in"),
    ):
        if role is Role.NOBODY:
            _render_sign_in()
        else:
            _render_refusal()
    st.stop()


def _render_sign_in() -> None:
    st.title("DCGAN Studio", anchor=False)
    st.markdown("Sign in to watch networks learn to draw.")
    # The provider sends people back to the address in redirect_uri. A cookie set at another address
    # is missing there, so signing in must begin at the same address.
    origin = get_origin_from_redirect_uri()
    own_address = urlsplit(st.context.url or "")
    if origin is not None and origin != f"{own_address.scheme}://{own_address.netloc}":
        address = f"{origin}{read_base_path()}"
        st.link_button("Sign in", address, type="primary", width="stretch")
        st.caption(escape_markdown(f"This opens {address}."))
        return
    providers = permissions.load_rules().providers
    for provider in providers:
        # A page has at most one primary button, and several providers are equal.
        is_only = len(providers) == 1
        st.button(
            "Sign in"
            if is_only
            else f"Sign in with {escape_markdown(provider) or 'the usual account'}",
            type="primary" if is_only else "secondary",
            icon=":material/login:",
            key=f"sign-in-{provider}",
            width="stretch",
            on_click=st.login,
            args=(provider or None,),
        )


def _render_refusal() -> None:
    st.title("No access", anchor=False)
    email = find_verified_email(st.user.to_dict())
    st.markdown(
        f"You are signed in as {escape_markdown(email)}, which has no role on this server. Ask the "
        "person who runs it to add you, or sign in with another account."
        if email
        else "Your account has no e-mail address that its provider has verified, so this server "
        "cannot give you a role. Sign in with another account."
    )
    _render_sign_out()


def record_visit() -> None:
    """Record that the visitor of a demo has this tab open; do nothing on other servers."""
    if (demo := get_trainer().demo) is not None:
        demo.record_session(permissions.get_visitor(), get_session_id())


def render_account_line() -> None:
    """Render the account and its permissions, or the conditions of a demo.

    Renders nothing if the server has neither a login nor limits.
    """
    rules = permissions.load_rules()
    if (demo := get_trainer().demo) is not None:
        _render_demo(demo.bounds)
        return
    is_watcher = not permissions.may_operate()
    if not rules.has_login and not is_watcher:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="visitor"):
        if not is_watcher:
            message = ""
        elif rules.is_watch_only:
            message = "You may watch; this server is for watching only."
        else:
            message = "You may watch; starting and changing runs is for operators."
        st.caption(message, width="stretch")
        if rules.has_login:
            st.caption(escape_markdown(find_verified_email(st.user.to_dict())), width="content")
            _render_sign_out()


def _render_demo(bounds: DemoBounds) -> None:
    with st.container(key="demo-banner"):
        turn_length = keep_together(describe_seconds(bounds.seconds))
        keep_time = keep_together(describe_seconds(bounds.keep_seconds))
        st.caption(
            ":material/public: **Public demo.** Visitors train in turn, each for "
            f"{turn_length}. While your run trains, everybody sees it; "
            f"afterwards only you do. It is deleted after {keep_time}."
        )


def _render_sign_out() -> None:
    st.button(
        "Sign out", icon=":material/logout:", type="tertiary", key="sign-out", on_click=st.logout
    )
