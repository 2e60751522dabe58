"""The page of who may not come in (yet), and the line that says what who is here may do."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st
from streamlit.auth_util import get_origin_from_redirect_uri

from dashboard.components.plain_text import escape_markdown
from dashboard.server import access
from dashboard.server.access_rules import Role, verified_email
from dashboard.server.base_path import base_path

_WIDTH = 420  # Pixels.


def admit() -> None:
    """Return if the pages are for who is here; else draw what to do instead, and end the script."""
    role = access.get_role()
    if role.may_watch:
        return
    with (
        st.container(horizontal_alignment="center"),
        st.container(border=True, width=_WIDTH, key="sign-in"),
    ):
        if role is Role.NOBODY:
            _draw_sign_in()
        else:
            _draw_refusal()
    st.stop()


def _draw_sign_in() -> None:
    st.title("DCGAN Studio", anchor=False)
    st.markdown("Sign in to watch networks learn to draw.")
    # The provider sends people back to one address; a cookie that is set under another is lost.
    origin = get_origin_from_redirect_uri()
    here = urlsplit(st.context.url or "")
    if origin is not None and origin != f"{here.scheme}://{here.netloc}":
        address = f"{origin}{base_path()}"
        st.link_button("Sign in", address, type="primary", width="stretch")
        st.caption(escape_markdown(f"That is at {address}."))
        return
    providers = access.load_rules().providers
    for name in providers:
        # One way in is the page's one primary button; of several none comes first.
        is_only = len(providers) == 1
        st.button(
            "Sign in"
            if is_only
            else f"Sign in with {escape_markdown(name) or 'the usual account'}",
            type="primary" if is_only else "secondary",
            icon=":material/login:",
            key=f"sign-in-{name}",
            width="stretch",
            on_click=st.login,
            args=(name or None,),
        )


def _draw_refusal() -> None:
    st.title("Not let in", anchor=False)
    who = verified_email(st.user.to_dict())
    st.markdown(
        f"You are signed in as {escape_markdown(who)}, which has no role on this server. Ask who "
        "runs it to name you, or sign in with another account."
        if who
        else "Your account has no e-mail address that its provider has verified, so this server "
        "cannot tell whether you belong here. Sign in with another account."
    )
    _draw_sign_out()


def draw_line() -> None:
    """Say who is here and what they may do; nothing where there is nothing to say."""
    rules = access.load_rules()
    is_watcher = not access.may_operate()
    if not rules.has_login and not is_watcher:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="visitor"):
        if not is_watcher:
            words = ""
        elif rules.is_watch_only:
            words = "You may watch; this server is for watching alone."
        else:
            words = "You may watch; starting and changing runs is for operators."
        st.caption(words, width="stretch")
        if rules.has_login:
            st.caption(escape_markdown(verified_email(st.user.to_dict())), width="content")
            _draw_sign_out()


def _draw_sign_out() -> None:
    st.button(
        "Sign out", icon=":material/logout:", type="tertiary", key="sign-out", on_click=st.logout
    )
