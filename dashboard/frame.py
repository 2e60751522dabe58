"""Page frame, who is let in, and navigation only."""

import base64
from pathlib import Path

import streamlit as st

from dashboard import look, sign_in, visitors

# Not a Material icon, for which the browser would ask the internet; and in the page itself, as
# Streamlit's files are only for who is let in.
_PNG = base64.b64encode(Path(__file__).with_name("icon.png").read_bytes()).decode()

st.set_page_config(
    page_title="DCGAN Studio", page_icon=f"data:image/png;base64,{_PNG}", layout="wide"
)
look.apply()

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
    position="top" if visitors.role().may_watch else "hidden",
)
sign_in.admit()
sign_in.draw_line()
page.run()
