"""Commands of the pages to the training thread, which carries them out between two reports.

Imports no Streamlit; any thread may send, only the training thread waits and carries out.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from dashboard.snapshots.live_snapshot import LiveSnapshot
from dashboard.state.training_types import RunChange
from dashboard.state.watchdog import Watchdog
from dcgan.errors import DCGANError, DiskWriteError, DivergenceError
from dcgan.runs.run_folder import Run

_REFUSAL_SECONDS = 20.0  # How long the page shows why a command was refused during training.
_PAUSE_POLL_SECONDS = 1.0  # How soon a paused run notices that the process ends.


class TrainingCommands:
    """Pause, stop and changes of the run in training, and the thread's wait for them."""

    def __init__(self, live: LiveSnapshot, watchdog: Watchdog) -> None:
        """Start without commands.

        Args:
            live: The snapshot, which shows the phase and why a command was refused.
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

    # From any thread.

    def pause(self, run: Run | None) -> None:
        """Ask for a pause after the current chunk; None stands for any run."""
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
                # A command that took effect only after the wait would surprise the person.
                self._live.change(message=f"{self._disk_problem} Nothing can be changed before.")
                return False
            self._changes.append(change)
            self._has_command.set()
            return True

    # From the training thread.

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
        # If the main thread ended without `Trainer.shut_down`, the interpreter waits for this one.
        return self._must_stop.is_set() or not threading.main_thread().is_alive()

    def carry_out(self, apply: Callable[[RunChange], None]) -> None:
        """Carry out the changes; the snapshot shows why some were refused.

        Args:
            apply: Applies a change to the run in training.
        """
        blocked = []
        refusals: list[str] = []
        while self._changes:
            change = self._changes[0]
            try:
                apply(change)
            except DivergenceError:  # Tried again after the rollback.
                blocked.append(change)
            except DCGANError as error:
                refusals.append(str(error))
                self._refused_at = time.monotonic()
            self._changes.popleft()
            self._live.change(message=" ".join(dict.fromkeys(refusals)))
        self._changes.extendleft(reversed(blocked))

    def wait_in_pause(self, save: Callable[[], None], apply: Callable[[RunChange], None]) -> bool:
        """Wait until the pause or the run is ended, if a pause was asked for.

        Args:
            save: Saves the run; called first.
            apply: Applies a change that is sent meanwhile.

        Returns:
            Whether there was a pause.
        """
        with self._live.lock:
            if self._may_continue.is_set():
                return False
            num_ended_pauses = self._num_ended_pauses
        save()
        # Ended pauses are counted, as another pause may begin before this thread notices the end.
        while True:
            with self._live.lock:
                if self._num_ended_pauses != num_ended_pauses or self.must_end():
                    return True
                if self._live.get().phase == "pausing":
                    self._live.change(phase="paused")
            self.carry_out(apply)
            self._wait_for_command()

    def wait_for_disk(self, error: DiskWriteError) -> bool:
        """Pause after a failed write; returns whether a person wants to try again."""
        with self._live.lock:
            if self.must_end():
                return False
            self._may_continue.clear()
            num_ended_pauses = self._num_ended_pauses
            self._disk_problem = f"{error} Then resume; until then training waits."
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
