"""The server, for `streamlit run` in this folder; `python -m dashboard` has more options."""

import streamlit as st

from dashboard.server_parts import FRAME, lifespan, middleware, routes

app = st.App(FRAME, lifespan=lifespan, routes=routes, middleware=middleware)
