"""The parts of the server: the page script, routes, middleware, start and shutdown.

A request passes the middleware in the order of the list. The page script is a separate file,
`page_frame.py`, because Streamlit would run the server's file with every page.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio.to_thread
import click
import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from dashboard.access import permissions, route_guard
from dashboard.access.exposure import describe_exposure
from dashboard.access.rules import AccessRulesError
from dashboard.access.visitor_cookie import VisitorCookie
from dashboard.components.registration import SCRIPTS, SCRIPTS_PATH
from dashboard.process import storage_limits, tf_runtime
from dashboard.process.run_measurements import get_run_measurements
from dashboard.server import (
    download_handler,
    host_and_headers,
    monitoring,
    page_operations,
    stale_requests,
    unsent_messages,
)
from dashboard.server.base_path import BasePath, BasePathError, read_base_path
from dashboard.server.streamlit_internals import is_session_connected
from dashboard.state.trainer import get_trainer
from dcgan.errors import ConfigError
from dcgan.signals import treat_hangups_as_sigterm


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Prepare for the first run in the background at start; save and end the work at shutdown."""
    click.echo(f"Runs are kept in {get_trainer().root.resolve()}.", err=True)
    if warning := describe_exposure(st.get_option("server.address"), rules):
        click.echo(warning, err=True)
    if (demo := get_trainer().demo) is not None:
        demo.start_thread(is_session_connected)
    threading.Thread(target=prepare_first_run, name="prepare-first-run", daemon=True).start()
    with treat_hangups_as_sigterm():
        yield
        get_run_measurements().shut_down()
        await anyio.to_thread.run_sync(get_trainer().shut_down)


def prepare_first_run() -> None:
    """Import TensorFlow, then prepare the networks of the first run."""
    tf_runtime.prepare()
    get_trainer().prepared_networks.prepare()


def answer_poll(request: Request) -> PlainTextResponse:
    """Answer with the version of what pages show; a page reruns only when it has changed.

    Pages that follow runs of other processes send `external`: a run's name, or an empty text.
    Starlette calls this function in a thread, as it reads the disk.
    """
    trainer, external = get_trainer(), request.query_params.get("external")
    version = trainer.version if external is None else trainer.get_combined_version(external)
    return PlainTextResponse(version)


def send_script(request: Request) -> Response:
    """Answer with a component's script; its address changes with its content."""
    content = SCRIPTS.get(request.path_params["name"])
    if content is None:
        return PlainTextResponse("There is no such script.", 404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(content, media_type="text/javascript", headers=headers)


def report_health(request: Request) -> PlainTextResponse:
    """Answer a supervisor: 200, or 503 with the problem. Runs in a thread, as it may wait."""
    problem = monitoring.describe_problem(get_trainer())
    return PlainTextResponse(problem or "ok", 503 if problem else 200)


def report_metrics(request: Request) -> PlainTextResponse:
    """Answer Prometheus with the server's metrics. Runs in a thread, as it reads the disk."""
    text = monitoring.format_metrics(get_trainer())
    return PlainTextResponse(text, media_type=monitoring.CONTENT_TYPE)


download_handler.install_download_handler()
page_operations.install_page_operations()
stale_requests.ignore_stale_requests()
unsent_messages.send_all_messages()
# Before anything listens: a server with wrong access rules does not start.
try:
    base = read_base_path()
    rules = permissions.load_rules()
    rules.check_base_path(base)
    storage_limits.read_limits()
except (AccessRulesError, BasePathError, ConfigError) as error:
    click.echo(f"Error: {error}", err=True)
    sys.exit(2)
if rules.host:  # The identity provider sends people back to this host name.
    host_and_headers.add_known_host(rules.host)

FRAME = Path(__file__).with_name("page_frame.py")
routes = [
    # The script of the charts.
    Mount(f"{base}/assets", StaticFiles(packages=[("dcgan.charts", "plotly_basic")])),
    Route(f"{base}/{SCRIPTS_PATH}/{{name}}", send_script),
    Route(f"{base}/news", answer_poll),
    Route(f"{base}/healthz", report_health),
    Route(f"{base}/metrics", report_metrics),
]
middleware = [
    Middleware(host_and_headers.SecurityHeaders),
    Middleware(host_and_headers.KnownHosts),
    Middleware(BasePath, base=base),
    *([Middleware(VisitorCookie)] if rules.is_demo else []),
    # Not needed where everybody is an operator.
    *([] if rules.admits_only_operators else [Middleware(route_guard.RouteGuard)]),
]
