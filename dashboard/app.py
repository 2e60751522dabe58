"""The server: the page script, its assets, and what happens when it starts and ends.

`streamlit run dashboard/app.py` finds `app`, and so does `python -m dashboard`. The script
itself is `frame.py`: a file that held both would be run twice.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
# `streamlit run` puts this folder on the path, not the one that holds the packages.
if str(HERE.parent) not in sys.path:
    sys.path.insert(0, str(HERE.parent))

import anyio.to_thread  # noqa: E402 - the path comes first
import plotly  # noqa: E402
import streamlit as st  # noqa: E402
from starlette.requests import Request  # noqa: E402
from starlette.responses import PlainTextResponse  # noqa: E402
from starlette.routing import Mount, Route  # noqa: E402
from starlette.staticfiles import StaticFiles  # noqa: E402

from dashboard import engine  # noqa: E402
from dashboard.trainer import process_trainer  # noqa: E402


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Import TensorFlow while the first page is being read; save the run at the end."""
    threading.Thread(target=engine.prepare, name="engine", daemon=True).start()
    yield
    await anyio.to_thread.run_sync(process_trainer().shut_down)


async def news(request: Request) -> PlainTextResponse:
    """Answer with the version of what the trainer does: pages ask for more only if it changed."""
    return PlainTextResponse(process_trainer().version)


app = st.App(
    HERE / "frame.py",
    lifespan=lifespan,
    routes=[
        # The script that draws the charts, from Plotly's own wheel.
        Mount("/assets", StaticFiles(directory=Path(plotly.__path__[0]) / "package_data")),
        Route("/news", news),
    ],
)
