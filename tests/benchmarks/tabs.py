"""Measure many tabs that follow a run in training; prints a table.

    python tests/benchmarks/tabs.py [--tabs 1 10 50] [--seconds 40]

A real server trains the included run further. Clients without a browser use Streamlit's protocol:
each loads the Train page, polls `/news` at the interval that the page sets, and refreshes the page
when the version changes. So only the cost of the server is measured; `watching.py` measures the
cost of browsers on the same machine.

- a refresh: from the request to the last message of the response, at the client;
- memory: the server's private memory per tab, over that without tabs; and its resident memory;
- errors: exceptions on a page, broken connections, missing responses.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import statistics
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

sys.path.insert(0, str(Path(__file__).resolve().parent))

from servers import BATCH_SIZE, REPOSITORY, read_newest, wait_for_report
from watching import timed_server

_TIMEOUT_SECONDS = 60.0
_SETTLE_SECONDS = 15.0
_MAX_REFRESH_SECONDS = 30.0  # As in `components/frontend/page/news.js`.


@dataclass
class Tab:
    """A tab, with its refreshes and errors."""

    url: str
    refreshes: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    page: str = ""  # Its hash; the server drops requests of another page.
    fragment: str = ""
    version: str = ""
    external: str | None = None
    seconds: float = 1.0
    num_bytes: int = 0

    async def watch(self, until: float) -> None:
        """Load the page and follow it until a time of the monotonic clock."""
        address = self.url.replace("http", "ws") + "_stcore/stream"
        try:
            async with websockets.connect(
                address, subprotocols=[websockets.Subprotocol("streamlit")], max_size=None
            ) as connection:
                await self._rerun(connection, "")
                drawn = time.monotonic()
                while time.monotonic() < until:
                    await asyncio.sleep(self.seconds)
                    version = await asyncio.to_thread(self._read_news)
                    now = time.monotonic()
                    if version == self.version and now - drawn < _MAX_REFRESH_SECONDS:
                        continue
                    await self._rerun(connection, self.fragment)
                    drawn = time.monotonic()
                    self.refreshes.append(1000 * (drawn - now))
        except (OSError, TimeoutError, websockets.WebSocketException) as error:
            self.errors.append(f"{type(error).__name__}: {error}")

    def _read_news(self) -> str:
        query = "" if self.external is None else f"?external={self.external}"
        with urllib.request.urlopen(f"{self.url}news{query}", timeout=_TIMEOUT_SECONDS) as answer:
            return str(answer.read().decode())

    async def _rerun(self, connection: websockets.ClientConnection, fragment: str) -> None:
        request = BackMsg()
        request.rerun_script.query_string = ""
        request.rerun_script.fragment_id = fragment
        request.rerun_script.page_script_hash = self.page
        await connection.send(request.SerializeToString())
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            while True:
                data = await connection.recv()
                self.num_bytes += len(data)
                message = ForwardMsg()
                message.ParseFromString(data if isinstance(data, bytes) else data.encode())
                self._record(message)
                if message.WhichOneof("type") == "script_finished":
                    return

    def _record(self, message: ForwardMsg) -> None:
        if message.WhichOneof("type") != "delta":
            return
        self.page = message.metadata.active_script_hash
        element = message.delta.new_element
        match element.WhichOneof("type"):
            case "exception":
                self.errors.append(element.exception.message)
            case "bidi_component" if element.bidi_component.component_name == "news":
                news = json.loads(element.bidi_component.json)
                self.fragment = message.delta.fragment_id
                self.version, self.seconds = news["version"], news["seconds"]
                self.external = news["external"]


def read_memory(server: int, kind: str = "Private_Dirty") -> float:
    """Return the memory of a process, in MB: its private one, or all with the kind `Rss`."""
    for line in Path(f"/proc/{server}/smaps_rollup").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{kind}:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"the kernel does not report {kind}")


async def watch_all(url: str, num: int, seconds: float) -> list[Tab]:
    """Open tabs that follow the run for a while."""
    tabs = [Tab(url) for _ in range(num)]
    until = time.monotonic() + seconds
    await asyncio.gather(*(tab.watch(until) for tab in tabs))
    return tabs


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tabs", type=int, nargs="+", default=[1, 10, 50])
    parser.add_argument("--seconds", type=float, default=40.0, help="Duration of each measurement.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run, log = Path(folder) / "runs" / "long", Path(folder) / "log"
        shutil.copytree(REPOSITORY / "checkpoints" / "pretrained", run)
        with timed_server(log, run) as (url, server):
            wait_for_report(run)
            asyncio.run(watch_all(url, 1, 5.0))  # The first tab fills the caches, which stay.
            time.sleep(_SETTLE_SECONDS)
            print(  # noqa: T201
                f"{'tabs':>5}{'images/s':>10}{'over none':>11}{'refreshes':>11}{'median ms':>11}"
                f"{'p95 ms':>8}{'KB each':>9}{'MB a tab':>10}{'MB':>7}{'errors':>8}"
            )
            for num in options.tabs:
                without = measure_speed(run, options.seconds)
                before, began = read_memory(server), time.monotonic()
                step = read_newest(run)[0]
                tabs = asyncio.run(watch_all(url, num, options.seconds))
                steps, took = read_newest(run)[0] - step, time.monotonic() - began
                taken, resident = read_memory(server) - before, read_memory(server, "Rss")
                speed = steps * BATCH_SIZE / took
                times = [each for tab in tabs for each in tab.refreshes]
                errors = [error for tab in tabs for error in tab.errors]
                size = sum(tab.num_bytes for tab in tabs) / 1024 / (len(times) + num)
                tail = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else float("nan")
                print(  # noqa: T201
                    f"{num:>5}{speed:>10.0f}{speed / without:>11.2f}{len(times):>11}"
                    f"{statistics.median(times or [0.0]):>11.0f}{tail:>8.0f}{size:>9.0f}"
                    f"{taken / num:>10.1f}{resident:>7.0f}{len(errors):>8}",
                    flush=True,
                )
                for error in errors[:5]:
                    print(f"      {error}")  # noqa: T201
                time.sleep(_SETTLE_SECONDS)


def measure_speed(run: Path, seconds: float) -> float:
    """Return the images per second of a run in training, over some seconds."""
    began, step = time.monotonic(), read_newest(run)[0]
    time.sleep(seconds)
    return (read_newest(run)[0] - step) * BATCH_SIZE / (time.monotonic() - began)


if __name__ == "__main__":
    main()
