"""Measure how downloads slow down a page that watches a run in training; prints a table.

    python tests/benchmarks/exports.py [--seconds 20] [--people 4]

A real server continues the included run. Clients without a browser use Streamlit's protocol, as
in `tabs.py`. One of them watches the Train page and refreshes it five times a second; the time of
its refreshes shows what an export costs others. At the same time nobody, one or several clients
click on a download again and again:

- ZIP and report: of a run with the classic preset and 200 sample grids, on the Runs page;
- film: of the run in training, also with 200 grids, on the Train page;
- sheet: 5,000 digits as a PNG and as arrays, on the Explore page;
- all: all of these, with as many clients for each.

A refresh lasts from the request to the last message of the response. "loop" is the response time of
`/healthz`, which shows whether the event loop is blocked. Memory is the server's maximum over that
at the start. Refused exports are answered with an error instead of a file.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(1, str(Path(__file__).resolve().parents[2]))

from servers import REPOSITORY, wait_for_report
from tabs import Tab, read_memory
from watching import timed_server

from dcgan.reports import SampleReport
from dcgan.runs.run_folder import Run, open_run

_TIMEOUT_SECONDS = 200.0  # Longer than a page waits for a file.
_SETTLE_SECONDS = 5.0
_POLL_SECONDS = 0.05
_REFRESH_SECONDS = 0.2
_RETRY_SECONDS = 0.5  # After a refused export.
_NUM_GRIDS = 200
_NUM_DIGITS = 5000


@dataclass(frozen=True)
class Export:
    """A download button.

    Attributes:
        page: The page's address; "" for the first.
        key: The end of the button's key.
    """

    page: str
    key: str


EXPORTS = {
    "ZIP": Export("runs", "zip-classic"),
    "report": Export("runs", "html-classic"),
    "film": Export("", "download-gif"),
    "sheet PNG": Export("explore", "sheet-png"),
    "sheet NPZ": Export("explore", "sheet-npz"),
}


@dataclass
class Downloader:
    """A client that downloads the same file again and again.

    Attributes:
        seconds: Seconds of each download.
        sizes: Bytes of each download.
        refusals: Errors that the server answered instead.
        session: The id of the client's session.
        file: The id of the file behind the button.
        count: The id of the number input for the digits of a sheet.
    """

    url: str
    export: Export
    seconds: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    session: str = ""
    file: str = ""
    count: str = ""

    async def click(self, until: float) -> None:
        """Load the page and click until a time of the monotonic clock."""
        address = self.url.replace("http", "ws") + "_stcore/stream"
        async with websockets.connect(
            address, subprotocols=[websockets.Subprotocol("streamlit")], max_size=None
        ) as connection:
            question = BackMsg()
            question.rerun_script.page_name = self.export.page
            await self._send(connection, question)
            if self.count and "sheet" in self.export.key:
                state = question.rerun_script.widget_states.widgets.add()
                state.id, state.double_value = self.count, float(_NUM_DIGITS)
                await self._send(connection, question)
            while time.monotonic() < until:
                began = time.monotonic()
                wanted = BackMsg()
                request = wanted.backend_operation_request
                request.request_id, request.session_id = uuid.uuid4().hex, self.session
                request.deferred_file.file_id = self.file
                answer = await self._send(connection, wanted)
                response = answer.backend_operation_response
                if response.error_msg:
                    self.refusals.append(response.error_msg)
                    await asyncio.sleep(_RETRY_SECONDS)
                    continue
                size = await asyncio.to_thread(self._fetch, response.deferred_file.url)
                self.sizes.append(size)
                self.seconds.append(time.monotonic() - began)

    def _fetch(self, path: str) -> int:
        url = self.url.rstrip("/") + path
        with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as answer:
            return len(answer.read())

    async def _send(self, connection: websockets.ClientConnection, question: BackMsg) -> ForwardMsg:
        """Send a message; return the last message of the response."""
        await connection.send(question.SerializeToString())
        end = {
            "rerun_script": "script_finished",
            "backend_operation_request": "backend_operation_response",
        }[str(question.WhichOneof("type"))]
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            while True:
                data = await connection.recv()
                message = ForwardMsg()
                message.ParseFromString(data if isinstance(data, bytes) else data.encode())
                self._record(message)
                if message.WhichOneof("type") == end:
                    return message

    def _record(self, message: ForwardMsg) -> None:
        match message.WhichOneof("type"):
            case "new_session":
                self.session = message.new_session.initialize.session_id
            case "delta":
                element = message.delta.new_element
                match element.WhichOneof("type"):
                    case "download_button" if element.download_button.id.endswith(self.export.key):
                        self.file = element.download_button.deferred_file_id
                    case "number_input" if element.number_input.label == "How many":
                        self.count = element.number_input.id


@dataclass
class Watcher(Tab):
    """A tab that refreshes at fixed intervals."""

    async def watch(self, until: float) -> None:
        """Load the page and refresh it until a time of the monotonic clock."""
        address = self.url.replace("http", "ws") + "_stcore/stream"
        async with websockets.connect(
            address, subprotocols=[websockets.Subprotocol("streamlit")], max_size=None
        ) as connection:
            await self._rerun(connection, "")
            while time.monotonic() < until:
                await asyncio.sleep(_REFRESH_SECONDS)
                began = time.monotonic()
                await self._rerun(connection, self.fragment)
                self.refreshes.append(1000 * (time.monotonic() - began))


@dataclass
class Probe:
    """Measurements of the server: response time of its event loop, and memory."""

    url: str
    server: int
    delays: list[float] = field(default_factory=list)
    max_memory: float = 0.0

    async def poll(self, until: float) -> None:
        """Measure until a time of the monotonic clock."""
        while time.monotonic() < until:
            await asyncio.to_thread(self._measure)
            await asyncio.sleep(_POLL_SECONDS)

    def _measure(self) -> None:
        began = time.monotonic()
        with urllib.request.urlopen(f"{self.url}healthz", timeout=_TIMEOUT_SECONDS):
            self.delays.append(1000 * (time.monotonic() - began))
        self.max_memory = max(self.max_memory, read_memory(self.server))


async def measure(
    url: str, server: int, exports: Sequence[Export], people: int, seconds: float
) -> tuple[Watcher, Probe, list[Downloader]]:
    """Run one watching client and some downloading ones for a while."""
    tab, probe = Watcher(url), Probe(url, server)
    clients = [Downloader(url, export) for export in exports for _ in range(people)]
    until = time.monotonic() + seconds
    await asyncio.gather(
        tab.watch(until), probe.poll(until), *(client.click(until) for client in clients)
    )
    return tab, probe, clients


def percentile_95(values: Sequence[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else float("nan")


def make_runs(root: Path) -> Path:
    """Make a large run and one to train; return the latter."""
    subprocess.run(
        [
            *(sys.executable, "-m", "dcgan", "train", "--preset", "classic", "--max-seconds", "1"),
            *("--run-dir", str(root / "classic")),
        ],
        cwd=REPOSITORY,
        env=os.environ | {"DCGAN_STUDIO_ROOT": str(root)},
        check=True,
        capture_output=True,
    )
    shutil.copytree(REPOSITORY / "checkpoints" / "pretrained", root / "long")
    digits = open_run(root / "long").samples.read(open_run(root / "long").samples.list_steps()[-1])
    for name in ("classic", "long"):
        add_grids(open_run(root / name), digits)
    return root / "long"


def add_grids(run: Run, digits: np.ndarray) -> None:
    """Add many different sample grids to a run."""
    for index in range(_NUM_GRIDS):
        run.write(SampleReport(index + 1, 1, 0.0, np.roll(digits, index, axis=0)))


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=4, help="Clients at the same time.")
    parser.add_argument("--seconds", type=float, default=20.0, help="Time of each measurement.")
    parser.add_argument("--only", nargs="+", choices=[*EXPORTS, "all"], help="Exports to measure.")
    options = parser.parse_args()
    cases: list[tuple[str, list[Export], int]] = [("nothing", [], 0)]
    for name, export in EXPORTS.items():
        cases += [(name, [export], people) for people in (1, options.people)]
    cases.append(("all", list(EXPORTS.values()), options.people))
    cases = [case for case in cases if not options.only or case[0] in ("nothing", *options.only)]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "runs"
        run = make_runs(root)
        with timed_server(Path(folder) / "log", run) as (url, server):
            wait_for_report(run)
            # The first exports allocate memory that stays.
            asyncio.run(measure(url, server, list(EXPORTS.values()), 1, 15.0))
            time.sleep(_SETTLE_SECONDS)
            print(  # noqa: T201
                f"{'exports':>10}{'people':>8}{'refreshes':>11}{'median ms':>11}{'p95 ms':>8}"
                f"{'max ms':>8}{'loop p95':>10}{'max':>6}{'files':>7}{'s each':>8}{'MB each':>9}"
                f"{'refused':>9}{'MB more':>9}"
            )
            for name, exports, people in cases:
                before = read_memory(server)
                tab, probe, clients = asyncio.run(
                    measure(url, server, exports, people, options.seconds)
                )
                times = tab.refreshes
                seconds = [value for client in clients for value in client.seconds]
                sizes = [size for client in clients for size in client.sizes]
                refusals = [refusal for client in clients for refusal in client.refusals]
                print(  # noqa: T201
                    f"{name:>10}{people * len(exports):>8}{len(times):>11}"
                    f"{statistics.median(times or [0.0]):>11.0f}{percentile_95(times):>8.0f}"
                    f"{max(times, default=0.0):>8.0f}{percentile_95(probe.delays):>10.0f}"
                    f"{max(probe.delays):>6.0f}{len(seconds):>7}"
                    f"{statistics.median(seconds or [0.0]):>8.1f}"
                    f"{statistics.mean(sizes or [0]) / 2**20:>9.1f}{len(refusals):>9}"
                    f"{probe.max_memory - before:>9.0f}",
                    flush=True,
                )
                for words in sorted({*tab.errors, *refusals}):
                    print(f"      {words}")  # noqa: T201
                time.sleep(_SETTLE_SECONDS)


if __name__ == "__main__":
    main()
