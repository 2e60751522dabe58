"""Commands of the pages to the training thread, which carries them out between two reports.

Any thread may send a command; only the training thread carries out or waits. Imports no Streamlit.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from dashboard.runners.training_types import RunChange
from dashboard.snapshots.live_snapshot import LiveSnapshot
from dashboard.state.watchdog import Watchdog
from dcgan.errors import DCGANError, DiskWriteError, DivergenceError
from dcgan.runs.run_folder import Run

_REFUSAL_SECONDS = 20.0  # How long the page shows why a command was refused during training.
_PAUSE_POLL_SECONDS = 1.0  # How soon a paused run notices that the process ends.


class TrainingCommands:
    """The commands to the run in training: pause, stop, and changes of the run."""

    def __init__(self, live: LiveSnapshot, watchdog: Watchdog) -> None:
        """Start without commands.

        Args:
            live: The snapshot; its phase and message show what became of a command.
            watchdog: Gets heartbeats while the thread waits.
        """
        self._live = live
        self._watchdog = watchdog
        self._may_continue = threading.Event()
        self._may_continue.set()
        self._must_stop = threading.Event()
        self._num_ended_pauses = 0
        self._has_command = threading.Event()  # Wakes the thread in a pause.
        self._changes: deque[RunChange] = deque()
        self._refused_at = -_REFUSAL_SECONDS
        self._disk_problem = ""  # A sentence while the thread waits for the disk.

    def clear(self) -> None:
        """Forget the commands to an earlier run."""
        self._must_stop.clear()
        self._may_continue.set()
        self._changes.clear()

    # Called from any thread. If a method takes None for the run, it stands for any run.

    def pause(self, run: Run | None) -> None:
        """Ask for a pause after the current chunk."""
        with self._live.lock:
            if self._live.get().phase == "running" and self._live.is_about(run):
                self._may_continue.clear()
                self._live.change(phase="pausing")

    def end_pause(self, run: Run | None) -> None:
        """End a pause."""
        with self._live.lock:
            if not self._live.is_about(run):
                return
            self._may_continue.set()
            self._num_ended_pauses += 1
            self._has_command.set()
            if self._live.get().phase in ("pausing", "paused"):
                self._live.change(phase="running")

    def stop(self, run: Run | None) -> None:
        """Ask the run to save and end after the current chunk."""
        with self._live.lock:
            if self._live.is_about(run) and self._live.get().is_active:
                self._must_stop.set()
                self._may_continue.set()
                self._has_command.set()
                self._live.change(phase="stopping")

    def send(self, run: Run, change: RunChange) -> bool:
        """Send a change of the run, which the thread carries out after the current chunk.

        Returns:
            Whether it will be tried; False if the run is no longer active or waits for the disk.
        """
        with self._live.lock:
            snapshot = self._live.get()
            if not snapshot.trains(run):  # Another run may have begun since the page was drawn.
                return False
            if self._disk_problem:
                # The wait may last long, and a late change would surprise the person.
                self._live.change(
                    message=f"{self._disk_problem} Nothing can be changed until that is solved."
                )
                return False
            self._changes.append(change)
            self._has_command.set()
            return True

    # Called from the training thread only.

    @property
    def has_changes(self) -> bool:
        """Whether changes were sent that are not carried out."""
        return bool(self._changes)

    @property
    def shows_refusal(self) -> bool:
        """Whether a change was refused so recently that the page still shows why."""
        return time.monotonic() - self._refused_at <= _REFUSAL_SECONDS

    def must_end(self) -> bool:
        """Return whether the run has to end, because a person or the process asks for it."""
        # The main thread may end without `Trainer.shut_down`; Python then waits for this thread.
        return self._must_stop.is_set() or not threading.main_thread().is_alive()

    def carry_out(self, apply: Callable[[RunChange], None]) -> None:
        """Carry out the changes that were sent; the snapshot's message names the refused ones.

        Args:
            apply: Applies a change to the run in training.
        """
        postponed = []
        refusals: list[str] = []
        while self._changes:
            change = self._changes[0]
            try:
                apply(change)
            except DivergenceError:  # Training rolls back; the change is tried again after that.
                postponed.append(change)
            except DCGANError as error:
                refusals.append(str(error))
                self._refused_at = time.monotonic()
            self._changes.popleft()
            self._live.change(message=" ".join(dict.fromkeys(refusals)))
        self._changes.extendleft(reversed(postponed))

    def wait_in_pause(self, save: Callable[[], None], apply: Callable[[RunChange], None]) -> bool:
        """Wait until the pause or the run is ended, if a pause was asked for.

        Args:
            save: Saves the run; called once, at the start of the pause.
            apply: Applies a change that is sent during the pause.

        Returns:
            Whether there was a pause.
        """
        with self._live.lock:
            if self._may_continue.is_set():
                return False
            num_ended_pauses = self._num_ended_pauses
        save()
        # A flag would not do: a new pause may begin before this thread notices that one has ended.
        while True:
            with self._live.lock:
                if self._num_ended_pauses != num_ended_pauses or self.must_end():
                    return True
                if self._live.get().phase == "pausing":
                    self._live.change(phase="paused")
            self.carry_out(apply)
            self._wait_for_command()

    def wait_for_disk(self, error: DiskWriteError) -> bool:
        """Pause after a failed write, and return whether a person wants to try again."""
        with self._live.lock:
            if self.must_end():
                return False
            self._may_continue.clear()
            num_ended_pauses = self._num_ended_pauses
            self._disk_problem = f"{error} Training waits until you resume it."
            self._live.change(phase="paused", message=self._disk_problem)
        while self._num_ended_pauses == num_ended_pauses and not self.must_end():
            self._wait_for_command()
        with self._live.lock:
            self._disk_problem = ""
            self._live.change(message="")
        return not self.must_end()

    def _wait_for_command(self) -> None:
        self._watchdog.record_heartbeat()
        self._has_command.wait(_PAUSE_POLL_SECONDS)
        self._has_command.clear()
