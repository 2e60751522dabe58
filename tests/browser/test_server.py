"""The server: how it starts, which requests it refuses, and how it ends.

`nightly_server_ends.py` has more ways to end.
"""

from __future__ import annotations

import re
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dcgan.config.training_config import TrainingConfig
from dcgan.runs.run_folder import open_run
from tests.forked_python import run_python

from .page_elements import button, loss_chart, open_training
from .proxy import StrippingProxy
from .studio import QUICK, REPOSITORY, Studio

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def streamlit_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Serve with `streamlit run`, from a folder outside of the program."""
    studio = serve_with_streamlit(tmp_path_factory.mktemp("elsewhere"))
    yield studio
    studio.close()


def serve_with_streamlit(folder: Path) -> Studio:
    studio = Studio(folder)
    command = [
        *(sys.executable, "-m", "streamlit", "run", str(REPOSITORY / "dashboard" / "app.py")),
        *("--server.port", str(studio.port), "--server.headless", "true"),
    ]
    return studio.serve_from(folder, command)


def read_look(page: Page, studio: Studio) -> dict[str, str]:
    """Return details of a page that depend on the program's Streamlit settings."""
    page.goto(studio.url)
    start = button(page, "Start training")
    expect(start).to_be_visible()
    return {
        "title": page.title(),
        "primary colour": start.evaluate("node => getComputedStyle(node).backgroundColor"),
        "corners": start.evaluate("node => getComputedStyle(node).borderRadius"),
        "background": page.locator("[data-testid='stApp']").evaluate(
            "node => getComputedStyle(node).backgroundColor"
        ),
        "menu": str(page.locator("[data-testid='stMainMenu']").count()),
    }


def test_streamlit_run_shows_the_same_page_as_the_dashboard_command(
    page: Page, idle_studio: Studio, streamlit_studio: Studio
) -> None:
    look = read_look(page, idle_studio)
    assert look["title"] == "DCGAN Studio"
    assert look["primary colour"] == "rgb(91, 75, 219)"  # Of the program's theme.
    assert read_look(page, streamlit_studio) == look


def test_a_server_listens_only_on_127_0_0_1_by_default(
    idle_studio: Studio, streamlit_studio: Studio
) -> None:
    for studio in (idle_studio, streamlit_studio):
        # 127.0.0.2 is this machine too: a server that listens on all addresses would answer.
        with pytest.raises(OSError, match=r"refused|assign|timed out|unreachable"):
            socket.create_connection(("127.0.0.2", studio.port), timeout=5).close()


def test_pages_show_a_damaged_run_without_a_traceback(page: Page, streamlit_studio: Studio) -> None:
    damaged = streamlit_studio.root / "damaged"
    (damaged / "checkpoints").mkdir(parents=True)
    (damaged / "config.json").write_text("{]")
    for path in ("", "explore", "runs", "learn"):
        page.goto(f"{streamlit_studio.url}/{path}")
        # The last element of each page.
        last = {"": "Start training", "explore": "Download GIF", "runs": "Explore"}
        words = page.get_by_text("Words", exact=True)
        end = button(page, last[path]) if path in last else words
        expect(end.first).to_be_visible()
        expect(page.get_by_test_id("stException")).to_have_count(0)
        assert "Traceback" not in page.inner_text("body")
    page.goto(f"{streamlit_studio.url}/runs")
    expect(page.get_by_text("damaged").first).to_be_visible()


def test_a_taken_port_is_refused_in_one_sentence(idle_studio: Studio, tmp_path: Path) -> None:
    options = ("--port", str(idle_studio.port), "--root", str(tmp_path))
    result = run_python("-m", "dashboard", "--no-browser", *options)
    assert result.returncode == 2
    assert result.stderr.startswith("Error: cannot listen on 127.0.0.1:")
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


def test_a_root_that_cannot_be_created_is_refused_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    result = run_python("-m", "dashboard", "--no-browser", f"--root={file / 'runs'}")
    assert result.returncode == 2
    assert result.stderr.splitlines() == [
        f"Error: the folder {file / 'runs'} cannot be made (Not a directory); "
        "choose another --root."
    ]


def test_a_server_that_is_interrupted_saves_the_run(page: Page, tmp_path: Path) -> None:
    studio = serve_with_streamlit(tmp_path)
    open_training(page, studio)
    assert studio.list_own_runs()[0].config == TrainingConfig(class_names=tuple("0123456789"))
    expect_saved_after(signal.SIGINT, page, studio)


def expect_saved_after(ending: signal.Signals, page: Page, studio: Studio) -> None:
    """End a server by a signal, and expect that it saved the run that trains on the page."""
    expect(loss_chart(page)).to_be_visible()
    (run,) = studio.list_own_runs()
    studio.terminate(signal_to_send=ending)
    saved = open_run(run.path)
    assert saved.read_status().state == "stopped"
    assert saved.checkpoints.list_steps()[-1] == saved.read_status().step > 0


def test_health_and_metrics_are_served(idle_studio: Studio) -> None:
    assert idle_studio.request("/healthz")[:2] == (200, "ok")
    status, text, headers = idle_studio.request("/metrics")
    assert (status, headers.get_content_type()) == (200, "text/plain")
    assert 'dcgan_phase{phase="idle"} 1\n' in text


def test_every_answer_has_security_headers(idle_studio: Studio) -> None:
    for path in ("/", "/explore", "/news", "/assets/plotly-basic.min.js", "/_stcore/health"):
        _, _, headers = idle_studio.request(path)
        assert "default-src 'self'" in headers["Content-Security-Policy"], path
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_request_for_an_unknown_host_is_refused(idle_studio: Studio) -> None:
    port = idle_studio.port
    assert idle_studio.request("/", Host=f"localhost:{port}").status == 200
    for host in (f"evil.example:{port}", "127.0.0.1.evil.example", ""):
        status, text, headers = idle_studio.request("/", Host=host)
        assert (status, "--allowed-host" in text) == (400, True)
        assert "default-src 'self'" in headers["Content-Security-Policy"]
    # The websocket matters most: pages send their commands through it.
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    key = {"Sec-WebSocket-Key": "MDEyMzQ1Njc4OTAxMjM0NQ=="}
    assert (
        idle_studio.request("/_stcore/stream", Host="evil.example", **upgrade, **key).status == 400
    )


@pytest.fixture(scope="module")
def exposed_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Serve on every address of this machine, below a path."""
    studio = Studio(tmp_path_factory.mktemp("open"), "/class/studio")
    studio.serve("--host", "0.0.0.0", "--allowed-host", "studio.test", module=QUICK)
    yield studio
    studio.close()


def test_a_server_open_to_a_network_logs_a_warning(exposed_studio: Studio) -> None:
    assert "Warning: listening on every address of this machine, without a login." in (
        exposed_studio.read_log()
    )
    # The machine's name: to find its public address, Streamlit would ask a server on the internet.
    assert (
        f"URL: http://{socket.gethostname()}:{exposed_studio.port}/class/studio"
        in exposed_studio.read_log()
    )
    assert "external IP" not in exposed_studio.read_log()
    assert exposed_studio.request("/healthz", Host="studio.test").status == 200
    assert exposed_studio.request("/healthz", Host="evil.example").status == 400


_OWN_ROUTES = ("/news", "/healthz", "/metrics", "/assets/plotly-basic.min.js")


def expect_pages_that_work(page: Page, url: str) -> None:
    """Expect that all that depends on the path works: pages, links, a chart and the routes."""
    page.goto(f"{url}/")
    expect(button(page, "Start training")).to_be_visible()
    page.goto(f"{url}/compare/?run=pretrained")  # A person may type the slash.
    expect(page).to_have_url(re.compile(f"^{url}/compare"))
    page.get_by_text("Curves of training", exact=True).click()
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    page.get_by_role("link", name="Train", exact=True).click()
    expect(page).to_have_url(f"{url}/")
    expect_own_routes(page, url)


def expect_own_routes(page: Page, url: str) -> None:
    for path in _OWN_ROUTES:
        answer = page.request.get(url + path)
        assert answer.status == 200
        assert "<!DOCTYPE" not in answer.text(), path


def test_pages_and_routes_work_below_a_base_path_and_only_there(
    page: Page, exposed_studio: Studio
) -> None:
    expect_pages_that_work(page, exposed_studio.url)
    outside = exposed_studio.url.removesuffix("/class/studio")
    for path in (*_OWN_ROUTES, "/explore", "/class/healthz", "/class/studio2/news"):
        answer = page.request.get(outside + path)
        assert answer.status == 404, path
        assert "The dashboard is at /class/studio/ here" in answer.text()
    assert page.request.get(f"{outside}/").url == f"{exposed_studio.url}/"


def test_pages_and_routes_work_behind_a_proxy_that_removes_a_path(
    page: Page, idle_studio: Studio
) -> None:
    with StrippingProxy(idle_studio.port, "/lab") as proxy:
        expect_pages_that_work(page, proxy.url)


def test_a_proxy_can_remove_the_base_path_of_the_server(page: Page, exposed_studio: Studio) -> None:
    forwarded = "X-Forwarded-For: 192.0.2.1\r\n"
    with StrippingProxy(exposed_studio.port, "/class/studio", headers=forwarded) as proxy:
        expect_own_routes(page, proxy.url)
        page.goto(f"{proxy.url}/learn/")
        page.get_by_text("The two networks", exact=True).click()
        expect(page.get_by_text("Both networks as tables")).to_be_visible()


def test_a_local_server_logs_no_warning(idle_studio: Studio) -> None:
    assert "Warning" not in idle_studio.read_log()
