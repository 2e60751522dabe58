"""Signals that ask a command to save its run and end.

SIGINT is Ctrl-C, SIGTERM a supervisor, SIGHUP a terminal that was closed, and SIGBREAK, which only
Windows has, Ctrl-Break and a console window that was closed.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

if sys.platform == "win32":
    _ORDERS = (signal.SIGINT, signal.SIGTERM, signal.SIGBREAK)
    _HANGUPS: tuple[signal.Signals, ...] = ()
else:
    _ORDERS = (signal.SIGINT, signal.SIGTERM)
    _HANGUPS = (signal.SIGHUP,)


def list_hangup_signals() -> tuple[signal.Signals, ...]:
    """Return the signals of a closed terminal, without those that this process ignores.

    `nohup` and `trap '' HUP` start a program with SIGHUP ignored, so that it goes on.
    """
    return tuple(each for each in _HANGUPS if signal.getsignal(each) is not signal.SIG_IGN)


@contextlib.contextmanager
def collect_signals() -> Iterator[list[int]]:
    """Collect signals instead of dying from the first, so that a loop can save and leave.

    Yields:
        The signals received so far, oldest first.
    """
    received: list[int] = []
    before = {number: signal.getsignal(number) for number in (*_ORDERS, *_HANGUPS)}
    install_signal_collector(received)
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def install_signal_collector(received: list[int]) -> None:
    """Append each signal to a list; the second SIGINT or SIGTERM ends the process at once.

    A hangup never ends it: the shell and the system both send one when a terminal closes.
    """

    def note(number: int, frame: FrameType | None) -> None:
        received.append(number)
        if number not in _HANGUPS:
            # The system's own: Python's KeyboardInterrupt would wait for TensorFlow, and save
            # again.
            for each in _ORDERS:
                signal.signal(each, signal.SIG_DFL)

    for number in (*_ORDERS, *list_hangup_signals()):
        signal.signal(number, note)


@contextlib.contextmanager
def treat_hangups_as_sigterm() -> Iterator[None]:
    """Give a hangup to whatever handles SIGTERM, such as a web server that shuts down on it.

    Outside the main thread, which alone may set handlers, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.getsignal(signal.SIGTERM)
    before = {number: signal.signal(number, handler) for number in list_hangup_signals()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def block_hangups() -> Iterator[None]:
    """Keep hangups from the processes that are started meanwhile, for as long as they live.

    This process receives them at the end of the block at the latest.
    """
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HANGUPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
