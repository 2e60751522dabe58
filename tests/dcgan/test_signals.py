"""Signals that let a command save its run, and signals that end it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dcgan.signals import collect_signals, treat_hangups_as_sigterm
from tests.skips import needs_signals

pytestmark = needs_signals

REPOSITORY = Path(__file__).parents[2]
SIGNAL_NAMES = ("SIGHUP", "SIGINT", "SIGTERM")


def send(name: str) -> None:
    """Send a signal to this process."""
    os.kill(os.getpid(), signal.Signals[name])


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )


@pytest.fixture(autouse=True)
def restore_handlers(default_hangups: None) -> Iterator[None]:
    before = {name: signal.getsignal(signal.Signals[name]) for name in SIGNAL_NAMES}
    yield
    for name, handler in before.items():
        signal.signal(signal.Signals[name], handler)


@pytest.mark.parametrize("names", [SIGNAL_NAMES[:1], ("SIGHUP", "SIGHUP"), ("SIGTERM", "SIGHUP")])
def test_hangups_are_collected_and_never_end_the_process(
    names: tuple[str, ...],
) -> None:
    before = signal.getsignal(signal.SIGHUP)
    with collect_signals() as received:
        for name in names:
            send(name)
    assert [signal.Signals(number).name for number in received] == list(names)
    assert signal.getsignal(signal.SIGHUP) is before


def test_a_process_started_with_hangups_ignored_keeps_ignoring_them() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # As nohup does.
    with collect_signals() as received, treat_hangups_as_sigterm():
        send("SIGHUP")
    assert received == []
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


@pytest.mark.parametrize("first", SIGNAL_NAMES)
def test_a_second_interrupt_ends_the_process_at_once(first: str) -> None:
    code = (
        "import os, signal; from dcgan.signals import collect_signals\n"
        "with collect_signals() as received:\n"
        f"    os.kill(os.getpid(), signal.{first}); os.kill(os.getpid(), signal.SIGTERM)\n"
        "    print(*map(int, received), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGTERM); print('still there', flush=True)"
    )
    result = run_python(code)
    # A hangup does not count: the first SIGTERM after it is still collected.
    expected = "1 15\n" if first == "SIGHUP" else ""
    assert (result.returncode, result.stdout) == (-signal.SIGTERM, expected), result.stderr


def test_a_server_shuts_down_on_a_hangup_as_on_sigterm() -> None:
    received = []
    signal.signal(signal.SIGTERM, lambda number, frame: received.append(number))
    before = signal.getsignal(signal.SIGHUP)
    with treat_hangups_as_sigterm():
        send("SIGHUP")
    assert received == [signal.SIGHUP]
    assert signal.getsignal(signal.SIGHUP) is before


def test_a_blocked_hangup_arrives_later_and_does_not_reach_new_processes() -> None:
    hang_up = "import os, signal; os.kill(os.getpid(), signal.SIGHUP); print('alive', flush=True)"
    # Without other threads, one of which could take the signal before the end of the block.
    result = run_python(
        "import os, signal, subprocess, sys\n"
        "from dcgan.signals import block_hangups, collect_signals\n"
        "with collect_signals() as received:\n"
        "    with block_hangups():\n"
        f"        subprocess.run([sys.executable, '-c', {hang_up!r}])\n"
        "        os.kill(os.getpid(), signal.SIGHUP)\n"
        "        print('in the block:', *map(int, received))\n"
        "    print('after it:', *map(int, received))\n"
    )
    assert result.stdout == "alive\nin the block:\nafter it: 1\n", result.stderr
