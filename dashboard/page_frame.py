"""The page frame: sign-in and navigation. Streamlit runs it for every page."""

import base64
from datetime import timedelta
from pathlib import Path

import streamlit as st

from dashboard import sign_in
from dashboard.access import permissions
from dashboard.components.invisible import render_connection, render_whole_page
from dashboard.components.styling import apply_stylesheet

# Embedded in the page: the browser would load a Material icon from the internet, and the server
# sends media files only to people with a role.
_ICON = base64.b64encode(Path(__file__).with_name("icon.png").read_bytes()).decode()


@st.fragment(run_every=timedelta(days=1))
def rerun_after_reconnect() -> None:
    """Make the browser rerun the page when it reconnects to a restarted server; renders nothing.

    A fragment of the old session is unknown to the new one, so an open page would ignore every
    click inside a fragment. When Streamlit's page reconnects, it reruns only if the last run was
    interrupted or of a fragment, or if a fragment has a timer such as this one (1.67.0,
    `handleConnectionStateChanged`).
    """


st.set_page_config(
    page_title="DCGAN Studio", page_icon=f"data:image/png;base64,{_ICON}", layout="wide"
)
apply_stylesheet("all_pages")
apply_stylesheet("touch")
rerun_after_reconnect()
render_connection()

page = st.navigation(
    [
        st.Page(
            "app_pages/train.py", title="Train", icon=":material/model_training:", default=True
        ),
        st.Page("app_pages/explore.py", title="Explore", icon=":material/explore:"),
        st.Page("app_pages/runs.py", title="Runs", icon=":material/inventory_2:"),
        st.Page("app_pages/compare.py", title="Compare", icon=":material/compare_arrows:"),
        st.Page("app_pages/learn.py", title="Learn", icon=":material/school:"),
    ],
    position="top" if permissions.get_role().may_watch else "hidden",
)
sign_in.require_access()
sign_in.record_visit()
sign_in.render_account_line()
render_whole_page()
page.run()
