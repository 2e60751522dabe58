"""The runner of the queue: starts queued runs one after the other. Imports no Streamlit."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dcgan.config.config_text import hide_dataset_path, hide_path_in_text
from dcgan.config.training_config import TrainingConfig
from dcgan.errors import DCGANError, RunError
from dcgan.sweeps.queue import (
    QueuedRun,
    append_to_queue,
    read_queue,
    read_queue_version,
    remove_from_queue,
    take_from_queue,
)

if TYPE_CHECKING:
    from dcgan.data.datasets import ImageDataset
    from dcgan.model.gan import DCGAN
    from dcgan.runs.run_folder import Run

_MAX_PROBLEMS = 5  # The newest are kept.


class QueueRunner:
    """Starts the next run of the queue when no run is active, unless the queue is held."""

    def __init__(
        self,
        root: Path,
        start: Callable[[QueuedRun], bool],
        find_obstacle: Callable[[], str] = lambda: "",
    ) -> None:
        """Use the queue in a folder of runs, and hold it.

        Args:
            root: The folder of the runs.
            start: Starts a run in a thread, which calls `make_queued_run`; returns False if another
                run is active. Called while this object's lock is held, so it may call only `take`
                on this object.
            find_obstacle: Returns a sentence that explains why no run may start, or "". An obstacle
                holds the queue.
        """
        self._root = root
        self._start = start
        self._find_obstacle = find_obstacle
        self._lock = threading.Lock()
        self._is_released = False
        self._starting_id = ""  # Id of the run that was last started from the queue.
        self._problems: list[str] = []

    @property
    def is_released(self) -> bool:
        """Whether the next run starts when the active one has ended; False if it is held."""
        return self._is_released

    @property
    def version(self) -> str:
        """A text that changes whenever the queue or its problems change."""
        with self._lock:
            state = (self._is_released, self._starting_id, tuple(self._problems))
        return f"{hash(state):x}-{read_queue_version(self._root)}"

    def list_waiting(self) -> list[QueuedRun]:
        """Return the waiting runs, the next one first; none if the queue's file is damaged.

        A run that is being started is left out.
        """
        try:
            runs = read_queue(self._root)
        except RunError:  # Among the problems.
            return []
        return [run for run in runs if run.id != self._starting_id]

    def list_problems(self) -> list[str]:
        """Return the problems since the last release, and the error of a damaged queue file."""
        try:
            read_queue(self._root)
        except RunError as error:
            return [*self._problems, str(error)]
        return list(self._problems)

    def add_configs(self, configs: Iterable[TrainingConfig]) -> None:
        """Add a run with each of these settings, as `add_runs` does."""
        self.add_runs([QueuedRun.create(config) for config in configs])

    def add_runs(self, runs: Sequence[QueuedRun]) -> None:
        """Add runs to the queue; release the queue unless it was held with runs in it.

        Raises:
            RunError: If the queue's file is damaged or cannot be written, or the queue is full.
        """
        is_held = bool(read_queue(self._root)) and not self._is_released
        append_to_queue(self._root, runs)
        if not is_held:
            self.release()

    def remove(self, ids: Iterable[str]) -> None:
        """Remove runs from the queue.

        Raises:
            RunError: If the queue's file is damaged or cannot be written.
        """
        remove_from_queue(self._root, ids)

    def take(self, queued: QueuedRun) -> None:
        """Remove a run that starts from the queue.

        Raises:
            RunError: If somebody has removed it already, or the queue cannot be written.
        """
        if not take_from_queue(self._root, queued):
            raise RunError("The next run was removed from the queue before it started.")

    def make_queued_run(self, queued: QueuedRun) -> tuple[Run, DCGAN, ImageDataset]:
        """Remove a run that starts from the queue, and make it with its networks and data.

        Raises:
            DCGANError: If it cannot start. The reason is one of the queue's problems, too, because
                the start of the next run replaces the snapshot's message.
        """
        from dcgan.sweeps.queue_start import start_queued_run

        try:
            self.take(queued)
            return start_queued_run(self._root, queued)
        except DCGANError as error:
            self.record_failed_start(queued, str(error))
            raise

    def release(self) -> None:
        """Start the waiting runs, one after the other, and forget earlier problems."""
        with self._lock:
            self._is_released, self._starting_id = True, ""
            self._problems.clear()
        self.start_next()

    def hold(self, problem: str = "") -> None:
        """Start no further run until `release` is called.

        Args:
            problem: A sentence that explains why; "" if a person holds the queue.
        """
        with self._lock:
            self._is_released = False
            self._add_problem(problem)

    def clear_problems(self) -> None:
        """Forget the problems after a person has read them."""
        with self._lock:
            self._problems.clear()

    def record_failed_start(self, queued: QueuedRun, problem: str) -> None:
        """Record why a run could not start. The queue continues with the next run.

        Args:
            queued: The run.
            problem: A sentence that explains why.
        """
        with self._lock:
            self._add_problem(
                f"A run of the queue could not start. Seed {queued.config.seed}, "
                f"{hide_dataset_path(queued.config).dataset}: "
                f"{hide_path_in_text(problem, queued.config)}"
            )

    def start_next(self) -> None:
        """Start the next run unless the queue is held or another run is active."""
        # Outside the lock, because measuring the disk space may take long.
        if self._is_released and self.list_waiting() and (problem := self._find_obstacle()):
            self.hold(problem)
            return
        with self._lock:
            if not self._is_released:
                return
            try:
                runs = read_queue(self._root)
            except RunError as error:
                self._is_released = False
                self._add_problem(str(error))
                return
            # A run that was started and is still in the queue could not be removed from it.
            if not runs or runs[0].id == self._starting_id:
                self._is_released = False
                return
            previous_id, self._starting_id = self._starting_id, runs[0].id
            if not self._start(runs[0]):
                self._starting_id = previous_id

    def _add_problem(self, problem: str) -> None:
        if problem:
            self._problems = [*self._problems, problem][-_MAX_PROBLEMS:]
