"""Whose turn it is: the runs that wait begin one after the other. No Streamlit here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from dcgan.config import TrainingConfig
from dcgan.errors import RunError
from dcgan.run_queue import Waiting, add_to_queue, read_queue, remove_from_queue


class Turns:
    """Starts what waits, when a person wants it and nothing trains."""

    def __init__(self, root: Path, start: Callable[[Waiting], bool]) -> None:
        """Make it of a folder of runs.

        Args:
            root: Where what waits is written down.
            start: Starts one, which is on the list until it calls `take`; returns whether it did.
        """
        self._root = root
        self._start = start
        self._lock = threading.Lock()
        self._goes_on = False
        self._tried = ""
        self._problem = ""

    @property
    def goes_on(self) -> bool:
        """Whether the next run begins when the one in training has ended."""
        return self._goes_on

    def waiting(self) -> tuple[list[Waiting], str]:
        """Return what waits, the next one first, and what is wrong with the list, if anything."""
        try:
            return read_queue(self._root), self._problem
        except RunError as error:
            return [], str(error)

    def add(self, configs: Iterable[TrainingConfig]) -> None:
        """Let runs wait, and begin with the first if nothing trains.

        Raises:
            RunError: As of `run_queue.add_to_queue`.
        """
        add_to_queue(self._root, configs)
        self.go_on()

    def remove(self, ids: Iterable[str]) -> None:
        """Let runs wait no longer.

        Raises:
            RunError: As of `run_queue.remove_from_queue`.
        """
        remove_from_queue(self._root, ids)

    def take(self, waiting: Waiting) -> None:
        """Take a run off the list, as it begins.

        Raises:
            RunError: If the list cannot be written.
        """
        remove_from_queue(self._root, [waiting.id])

    def go_on(self) -> None:
        """Let what waits begin, one after the other."""
        with self._lock:
            self._goes_on, self._tried, self._problem = True, "", ""
        self.start_next()

    def hold(self) -> None:
        """Let nothing begin until somebody wants it."""
        with self._lock:
            self._goes_on = False

    def start_next(self) -> None:
        """Begin with the next, if that is wanted; nothing where a run is under way."""
        with self._lock:
            if not self._goes_on:
                return
            try:
                runs = read_queue(self._root)
            except RunError as error:
                self._goes_on, self._problem = False, str(error)
                return
            if not runs:
                return
            if runs[0].id == self._tried:  # It could not be taken off the list.
                self._goes_on = False
                return
            waiting = runs[0]
        if self._start(waiting):
            with self._lock:
                self._tried = waiting.id
