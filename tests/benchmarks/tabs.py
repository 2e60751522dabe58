"""Let many tabs follow a run in training, as their browsers would; prints a table.

    python tests/benchmarks/tabs.py [--tabs 1 10 50] [--seconds 40]

A real server that goes on training the shipped run, and clients without a screen: each speaks
Streamlit's own protocol, loads the Train page, asks `/news` at the pace that the page gives it, and
has the page drawn again when there is news. So the cost is the server's alone, as where people
watch from elsewhere; what drawing costs a browser on the same machine is in `watching.py`.

- a refresh: from the question to the last message of the answer, as the client sees it;
- memory: the server's own, over what it had without tabs, by the number of tabs;
- errors: exceptions on a page, lines that broke, answers that did not come.
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

from dashboard_speed import BATCH_SIZE, REPOSITORY, newest
from watching import timed_server

_PATIENCE_SECONDS = 60.0
_SETTLE_SECONDS = 15.0
_PATIENCE_OF_THE_PAGE = 30.0  # As in `components/frontend/news.js`.


@dataclass
class Tab:
    """One tab: what it has seen."""

    url: str
    refreshes: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    fragment: str = ""
    version: str = ""
    elsewhere: str | None = None
    seconds: float = 1.0
    num_bytes: int = 0

    async def watch(self, until: float) -> None:
        """Load the page and follow it until a moment of the monotonic clock."""
        address = self.url.replace("http", "ws") + "_stcore/stream"
        try:
            async with websockets.connect(
                address, subprotocols=[websockets.Subprotocol("streamlit")], max_size=None
            ) as line:
                await self._ask(line, "")
                drawn = time.monotonic()
                while time.monotonic() < until:
                    await asyncio.sleep(self.seconds)
                    version = await asyncio.to_thread(self._read_news)
                    now = time.monotonic()
                    if version == self.version and now - drawn < _PATIENCE_OF_THE_PAGE:
                        continue
                    await self._ask(line, self.fragment)
                    drawn = time.monotonic()
                    self.refreshes.append(1000 * (drawn - now))
        except (OSError, TimeoutError, websockets.WebSocketException) as error:
            self.errors.append(f"{type(error).__name__}: {error}")

    def _read_news(self) -> str:
        query = "" if self.external is None else f"?external={self.external}"
        with urllib.request.urlopen(f"{self.url}news{query}", timeout=_PATIENCE_SECONDS) as answer:
            return str(answer.read().decode())

    async def _ask(self, line: websockets.ClientConnection, fragment: str) -> None:
        question = BackMsg()
        question.rerun_script.query_string = ""
        question.rerun_script.fragment_id = fragment
        await line.send(question.SerializeToString())
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                data = await line.recv()
                self.num_bytes += len(data)
                message = ForwardMsg()
                message.ParseFromString(data if isinstance(data, bytes) else data.encode())
                self._note(message)
                if message.WhichOneof("type") == "script_finished":
                    return

    def _note(self, message: ForwardMsg) -> None:
        if message.WhichOneof("type") != "delta":
            return
        element = message.delta.new_element
        match element.WhichOneof("type"):
            case "exception":
                self.errors.append(element.exception.message)
            case "bidi_component" if element.bidi_component.component_name == "news":
                told = json.loads(element.bidi_component.json)
                self.fragment = message.delta.fragment_id
                self.version, self.seconds = told["version"], told["seconds"]
                self.external = told["external"]


def memory_of(server: int) -> float:
    """Return the memory that a process has for itself, in MB."""
    for line in Path(f"/proc/{server}/smaps_rollup").read_text().splitlines():
        if line.startswith("Private_Dirty:"):
            return int(line.split()[1]) / 1024
    raise ValueError("the kernel does not say")


async def watch_all(url: str, num: int, seconds: float) -> list[Tab]:
    """Let tabs watch for a while."""
    tabs = [Tab(url) for _ in range(num)]
    until = time.monotonic() + seconds
    await asyncio.gather(*(tab.watch(until) for tab in tabs))
    return tabs


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tabs", type=int, nargs="+", default=[1, 10, 50])
    parser.add_argument("--seconds", type=float, default=40.0, help="Of each measurement.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run, log = Path(folder) / "runs" / "long", Path(folder) / "log"
        shutil.copytree(REPOSITORY / "checkpoints" / "pretrained", run)
        first = newest(run)[0]
        with timed_server(log, run) as (url, server):
            while newest(run)[0] == first:
                time.sleep(0.1)
            asyncio.run(watch_all(url, 1, 5.0))  # What the first tab of all makes stays.
            time.sleep(_SETTLE_SECONDS)
            print(  # noqa: T201
                f"{'tabs':>5}{'images/s':>10}{'over none':>11}{'refreshes':>11}{'median ms':>11}"
                f"{'p95 ms':>8}{'KB each':>9}{'MB a tab':>10}{'errors':>8}"
            )
            for num in options.tabs:
                without = speed_of(run, options.seconds)
                before, began = memory_of(server), time.monotonic()
                step = newest(run)[0]
                tabs = asyncio.run(watch_all(url, num, options.seconds))
                steps, took = newest(run)[0] - step, time.monotonic() - began
                taken = memory_of(server) - before
                speed = steps * BATCH_SIZE / took
                times = [each for tab in tabs for each in tab.refreshes]
                errors = [error for tab in tabs for error in tab.errors]
                size = sum(tab.num_bytes for tab in tabs) / 1024 / (len(times) + num)
                tail = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else float("nan")
                print(  # noqa: T201
                    f"{num:>5}{speed:>10.0f}{speed / without:>11.2f}{len(times):>11}"
                    f"{statistics.median(times or [0.0]):>11.0f}{tail:>8.0f}{size:>9.0f}"
                    f"{taken / num:>10.1f}{len(errors):>8}",
                    flush=True,
                )
                for error in errors[:5]:
                    print(f"      {error}")  # noqa: T201
                time.sleep(_SETTLE_SECONDS)


def speed_of(run: Path, seconds: float) -> float:
    """Return the images a second of a run in training, over a while."""
    began, step = time.monotonic(), newest(run)[0]
    time.sleep(seconds)
    return (newest(run)[0] - step) * BATCH_SIZE / (time.monotonic() - began)


if __name__ == "__main__":
    main()
