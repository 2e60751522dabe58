"""Signals that ask a command to save its run and exit.

SIGINT comes from Ctrl-C, SIGTERM from a supervisor, SIGHUP from a closed terminal. On Windows,
SIGBREAK comes from Ctrl-Break and from a closed console window.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

if sys.platform == "win32":
    _STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGBREAK)
    _HANGUPS: tuple[signal.Signals, ...] = ()
else:
    _STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
    _HANGUPS = (signal.SIGHUP,)


def list_hangup_signals() -> tuple[signal.Signals, ...]:
    """Return the signals of a closed terminal, except those that this process ignores.

    `nohup` and `trap '' HUP` start a program with SIGHUP ignored, so that it survives.
    """
    return tuple(hangup for hangup in _HANGUPS if signal.getsignal(hangup) is not signal.SIG_IGN)


@contextlib.contextmanager
def collect_signals() -> Iterator[list[int]]:
    """Collect signals in the block instead of exiting, so that a loop can save first.

    Yields:
        The signals received so far, oldest first.
    """
    received: list[int] = []
    before = {number: signal.getsignal(number) for number in (*_STOP_SIGNALS, *_HANGUPS)}
    install_signal_collector(received)
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def install_signal_collector(received: list[int]) -> None:
    """Append each signal to a list; a second SIGINT or SIGTERM ends the process at once.

    A hangup never ends the process: when a terminal closes, the shell and the system each send
    one.
    """

    def collect(number: int, frame: FrameType | None) -> None:
        received.append(number)
        if number not in _HANGUPS:
            # The default handler of the system: Python's KeyboardInterrupt would wait for
            # TensorFlow and save again.
            for stop_signal in _STOP_SIGNALS:
                signal.signal(stop_signal, signal.SIG_DFL)

    for number in (*_STOP_SIGNALS, *list_hangup_signals()):
        signal.signal(number, collect)


@contextlib.contextmanager
def treat_hangups_as_sigterm() -> Iterator[None]:
    """Handle hangups in the block like SIGTERM, on which a web server shuts down.

    Does nothing outside the main thread, because only that may set handlers.
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
    """Block hangups for processes that this thread starts in the block, for as long as they live.

    This process loses none: a hangup during the block waits for its end. If another thread takes
    it instead, the main thread calls its handler in the block or a moment after it.
    """
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HANGUPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
