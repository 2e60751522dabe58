"""Page frame, who is let in, and navigation only."""

import base64
from datetime import timedelta
from pathlib import Path

import streamlit as st

from dashboard import sign_in
from dashboard.server import access

_STYLE = """
<style>
/* Figures that change must not make their line dance. */
[data-testid="stMetricValue"], [data-testid="stCaptionContainer"], [data-testid="stMarkdown"] {
  font-variant-numeric: tabular-nums;
}
/* A poll every second would otherwise fade what is on screen each time. */
[data-stale="true"] { opacity: 1 !important; transition: none !important; }
/* But what another generator has drawn is no answer for the one that is being looked into. */
.st-key-tool [data-stale="true"], .st-key-copies [data-stale="true"] {
  opacity: 0.25 !important; transition: opacity 0.2s 0.6s !important; pointer-events: none;
}
/* Gliding to each new value would be redrawn sixty times a second, on the cores that train. */
[data-testid="stProgress"] * { transition: none !important; }
/* At the top it would lie over a run's buttons, and stay while the pointer rests there. */
[data-testid="stToastContainer"] { top: auto !important; bottom: 1rem !important; }
/* Components that show nothing take no room. */
.st-key-address, .st-key-weights, [class*="st-key-news"] {
  position: absolute; height: 0; overflow: hidden;
}
/* On a narrow screen the sliders come below the digits that they move, which stay in sight. */
@media (max-width: 640px) {
  [data-testid="stColumn"]:has(.st-key-latent-grid) {
    position: sticky; top: 3rem; z-index: 5; background: __BACKGROUND__;
  }
}
</style>
"""


def apply_style() -> None:
    """Put the style into the page; once a script run."""
    background = st.get_option(f"theme.{st.context.theme.type or 'light'}.backgroundColor")
    st.html(_STYLE.replace("__BACKGROUND__", str(background)))


# Not a Material icon, for which the browser would ask the internet; and in the page itself, as
# Streamlit's files are only for who is let in.
_PNG = base64.b64encode(Path(__file__).with_name("icon.png").read_bytes()).decode()


@st.fragment(run_every=timedelta(days=1))
def rerun_after_reconnect() -> None:
    """Let the browser rerun the page when it reconnects to a restarted server; renders nothing.

    A fragment of the old session is unknown to the new one, so an open page would ignore every
    click inside a fragment. When Streamlit's page reconnects, it reruns only if the last run was
    interrupted or of a fragment, or if a fragment has a timer such as this one (1.67.0,
    `handleConnectionStateChanged`).
    """


st.set_page_config(
    page_title="DCGAN Studio", page_icon=f"data:image/png;base64,{_PNG}", layout="wide"
)
apply_style()
rerun_after_reconnect()

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
    position="top" if access.get_role().may_watch else "hidden",
)
sign_in.admit()
sign_in.draw_line()
page.run()
