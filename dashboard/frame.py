"""Page frame and navigation only."""

from pathlib import Path

import streamlit as st

from dashboard import look

# A file, not a Material icon: the browser would ask the internet for that.
_ICON = Path(__file__).with_name("icon.png")

st.set_page_config(page_title="DCGAN Studio", page_icon=str(_ICON), layout="wide")
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
    position="top",
)
page.run()
