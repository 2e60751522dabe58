"""The server, for `python -m dashboard` and `streamlit run dashboard/app.py`."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

# `streamlit run` adds this folder to the path, not the one that holds the packages.
_PACKAGES = str(Path(__file__).resolve().parents[1])
if _PACKAGES not in sys.path:
    sys.path.insert(0, _PACKAGES)

from dashboard.server_parts import FRAME, lifespan, middleware, routes  # noqa: E402

app = st.App(FRAME, lifespan=lifespan, routes=routes, middleware=middleware)
