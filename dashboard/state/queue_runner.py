"""The runner of the queue: starts waiting runs one after the other. Imports no Streamlit."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from dcgan.config import TrainingConfig
from dcgan.config_text import hide_dataset_path, hide_path_in_text
from dcgan.errors import RunError
from dcgan.sweeps.queue import (
    QueuedRun,
    add_to_queue,
    queue_version,
    read_queue,
    remove_from_queue,
    take_from_queue,
)

_MAX_PROBLEMS = 5  # The newest are kept.


class QueueRunner:
    """Starts what waits, when a person wants it and nothing trains."""

    def __init__(
        self,
        root: Path,
        start: Callable[[QueuedRun], bool],
        why_not: Callable[[], str] = lambda: "",
    ) -> None:
        """Make it of a folder of runs.

        Args:
            root: Where what waits is written down.
            start: Starts one, which is on the list until it calls `take`; returns whether it did.
                It may not come back here before that.
            why_not: Says in a sentence why none may begin now; "" if one may. What waits is held
                then and stays on the list.
        """
        self._root = root
        self._start = start
        self._why_not = why_not
        self._lock = threading.Lock()
        self._is_released = False
        self._starting = ""  # Of the one whose start was asked for last.
        self._problems: list[str] = []

    @property
    def is_released(self) -> bool:
        """Whether the next run begins when the one in training has ended."""
        return self._is_released

    @property
    def version(self) -> str:
        """Another one whenever what waits, or how, has changed."""
        with self._lock:
            state = (self._is_released, self._starting, tuple(self._problems))
        return f"{hash(state):x}-{queue_version(self._root)}"

    def list_waiting(self) -> tuple[list[QueuedRun], list[str]]:
        """Return what waits, the next one first, and what went wrong since the list was let go on.

        What is being started waits no longer.
        """
        try:
            runs = read_queue(self._root)
        except RunError as error:
            return [], [*self._problems, str(error)]
        return [run for run in runs if run.id != self._starting], list(self._problems)

    def add(self, configs: Iterable[TrainingConfig]) -> None:
        """Add runs to the queue; start the first if nothing trains and the queue is not held.

        Raises:
            RunError: As of `queue.add_to_queue`.
        """
        is_held = bool(read_queue(self._root)) and not self._is_released
        add_to_queue(self._root, configs)
        if not is_held:
            self.release()

    def remove(self, ids: Iterable[str]) -> None:
        """Remove runs from the queue.

        Raises:
            RunError: As of `queue.remove_from_queue`.
        """
        remove_from_queue(self._root, ids)

    def take(self, waiting: QueuedRun) -> None:
        """Take a run off the list, as it begins.

        Raises:
            RunError: If it is no longer on it, or the list cannot be written.
        """
        if not take_from_queue(self._root, waiting):
            raise RunError("The run whose turn it was has been taken off the list.")

    def release(self) -> None:
        """Start the waiting runs, one after the other."""
        with self._lock:
            self._is_released, self._starting = True, ""
            self._problems.clear()
        self.start_next()

    def hold(self, problem: str = "") -> None:
        """Start no further run until `release` is called.

        Args:
            problem: Why, in a sentence, where no person has asked for it.
        """
        with self._lock:
            self._is_released = False
            self._note(problem)

    def clear_problems(self) -> None:
        """Forget what went wrong; a person has read it."""
        with self._lock:
            self._problems.clear()

    def skip(self, waiting: QueuedRun, problem: str) -> None:
        """Note why a run could not begin; the next one does.

        Args:
            waiting: The run.
            problem: In a sentence.
        """
        with self._lock:
            self._note(
                f"A run of the queue could not begin. Seed {waiting.config.seed}, "
                f"{hide_dataset_path(waiting.config).dataset}: "
                f"{hide_path_in_text(problem, waiting.config)}"
            )

    def start_next(self) -> None:
        """Begin with the next, if that is wanted; nothing where a run is under way."""
        # Before the lock is taken, as it may take long.
        if self._is_released and self.list_waiting()[0] and (problem := self._why_not()):
            self.hold(problem)
            return
        with self._lock:
            if not self._is_released:
                return
            try:
                runs = read_queue(self._root)
            except RunError as error:
                self._is_released = False
                self._note(str(error))
                return
            # One that is still there was tried and could not be taken off the list.
            if not runs or runs[0].id == self._starting:
                self._is_released = False
                return
            before, self._starting = self._starting, runs[0].id
            if not self._start(runs[0]):
                self._starting = before

    def _note(self, problem: str) -> None:
        if problem:
            self._problems = [*self._problems, problem][-_MAX_PROBLEMS:]
