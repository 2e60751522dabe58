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
import click  # noqa: E402
import plotly  # noqa: E402
import streamlit as st  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402
from starlette.requests import Request  # noqa: E402
from starlette.responses import PlainTextResponse, Response  # noqa: E402
from starlette.routing import Mount, Route  # noqa: E402
from starlette.staticfiles import StaticFiles  # noqa: E402

from dashboard.components.registration import SCRIPTS, SCRIPTS_PATH  # noqa: E402
from dashboard.server import access, downloads, host_and_headers, monitoring, route_guard  # noqa: E402
from dashboard.server.access_rules import AccessRulesError  # noqa: E402
from dashboard.server.base_path import BasePath, BasePathError, base_path  # noqa: E402
from dashboard.state import storage_limits, tf_runtime  # noqa: E402
from dashboard.state.trainer import process_trainer  # noqa: E402
from dcgan.errors import ConfigError  # noqa: E402
from dcgan.signals import treat_hangups_as_sigterm  # noqa: E402


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Import TensorFlow while the first page is being read; save the run at the end."""
    if danger := host_and_headers.describe_exposure(st.get_option("server.address"), rules):
        click.echo(danger, err=True)
    threading.Thread(target=tf_runtime.prepare, name="engine", daemon=True).start()
    with treat_hangups_as_sigterm():
        yield
        await anyio.to_thread.run_sync(process_trainer().shut_down)


def news(request: Request) -> PlainTextResponse:
    """Answer with the version of what pages show; a page reruns only when it has changed.

    Pages that follow runs of other processes send `external`: a run's name, or an empty text.
    Starlette runs it in a thread, as it reads the disk.
    """
    trainer, name = process_trainer(), request.query_params.get("external")
    return PlainTextResponse(trainer.version if name is None else trainer.version_with(name))


def script(request: Request) -> Response:
    """Answer with a component's script; its address changes with its content."""
    content = SCRIPTS.get(request.path_params["name"])
    if content is None:
        return PlainTextResponse("There is no such script.", 404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(content, media_type="text/javascript", headers=headers)


def health(request: Request) -> PlainTextResponse:
    """Answer whether the server is well, for a supervisor; in a thread, as it may have to wait."""
    wrong = monitoring.describe_problem(process_trainer())
    return PlainTextResponse(wrong or "ok", 503 if wrong else 200)


def metrics(request: Request) -> PlainTextResponse:
    """Answer with the server's numbers, for Prometheus; in a thread, as it looks at the disk."""
    text = monitoring.format_metrics(process_trainer())
    return PlainTextResponse(text, media_type=monitoring.CONTENT_TYPE)


downloads.install()
# Before anything listens: a server that would let in the wrong people does not start.
try:
    base = base_path()
    rules = access.load_rules()
    rules.check_base_path(base)
    storage_limits.read_limits()
except (AccessRulesError, BasePathError, ConfigError) as error:
    click.echo(f"Error: {error}", err=True)
    sys.exit(2)
if rules.host:  # Whoever signs in comes back by that name.
    host_and_headers.add_known_host(rules.host)

app = st.App(
    HERE / "frame.py",
    lifespan=lifespan,
    routes=[
        # The script that draws the charts, from Plotly's own wheel.
        Mount(f"{base}/assets", StaticFiles(directory=Path(plotly.__path__[0]) / "package_data")),
        Route(f"{base}/{SCRIPTS_PATH}/{{name}}", script),
        Route(f"{base}/news", news),
        Route(f"{base}/healthz", health),
        Route(f"{base}/metrics", metrics),
    ],
    middleware=[
        Middleware(host_and_headers.SecurityHeaders),
        Middleware(host_and_headers.KnownHosts),
        Middleware(BasePath, base=base),
        # Where everybody is an operator there is nothing to look at.
        *([Middleware(route_guard.RouteGuard)] if rules.has_login or rules.is_watch_only else []),
    ],
)
