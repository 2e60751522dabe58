"""The snapshot of the run that this process trains, updated report by report.

The training thread and the commands of pages change it; pages read immutable snapshots. Imports no
Streamlit and no TensorFlow.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TypedDict, Unpack

from dashboard.snapshots.followed_run import read_newest_sample
from dashboard.snapshots.snapshot import Phase, Snapshot
from dcgan.config.training_config import TrainingConfig
from dcgan.reports import (
    AnyReport,
    EpochReport,
    EvaluationReport,
    EventReport,
    SampleReport,
    StepReport,
)
from dcgan.runs.run_folder import Run
from dcgan.sweeps.queue import QueuedRun


class _Changes(TypedDict, total=False):
    phase: Phase
    run: Run | None
    config: TrainingConfig | None
    queued: QueuedRun | None
    num_images: int
    history: tuple[StepReport, ...]
    num_earlier: int
    sample: SampleReport | EpochReport | None
    evaluations: tuple[EvaluationReport, ...]
    events: tuple[EventReport, ...]
    message: str
    is_measuring: bool


def _read_history(run: Run, num_images: int) -> _Changes:
    """Read the history of a run. Call it without the lock: pages must not wait for the disk."""
    history = run.history.read_steps()
    return {
        "run": run,
        "config": run.config,
        "num_images": num_images,
        "history": tuple(history),
        "num_earlier": len(history),
        "evaluations": tuple(run.history.read_evaluations()),
        "events": tuple(run.history.read_events()),
    }


class LiveSnapshot:
    """Holds the newest `Snapshot` and replaces it with each change.

    Attributes:
        lock: Hold it to read and change the snapshot in one step; reentrant.
    """

    def __init__(self) -> None:
        """Start idle."""
        self.lock = threading.RLock()
        self._snapshot = Snapshot()
        self._history: list[StepReport] = []
        self._previous: tuple[Snapshot, list[StepReport]] | None = None

    @property
    def version(self) -> int:
        """A number that grows with every change."""
        return self._snapshot.version

    @property
    def phase(self) -> Phase:
        """The phase of the current snapshot; unlike `get`, it takes no lock."""
        return self._snapshot.phase

    def get(self) -> Snapshot:
        """Return the current snapshot; the same object until something changes."""
        with self.lock:
            if len(self._snapshot.history) != len(self._history):
                # Copied here and not at each report: a long history makes a copy slow.
                self._snapshot = replace(self._snapshot, history=tuple(self._history))
            return self._snapshot

    def is_about(self, run: Run | None) -> bool:
        """Return whether a command for a run is for the current run; None stands for any run.

        While a run is prepared, only None is for it: every other run is an earlier one.
        """
        current = self._snapshot.run
        return run is None or (current is not None and current.path == run.path)

    def change(self, **changes: Unpack[_Changes]) -> None:
        """Replace attributes of the snapshot."""
        with self.lock:
            version = self._snapshot.version + 1
            self._snapshot = replace(self._snapshot, version=version, **changes)

    def begin(self, config: TrainingConfig, queued: QueuedRun | None = None) -> None:
        """Replace the previous run by a run in preparation.

        Args:
            config: The settings of the new run.
            queued: The run's entry of the queue; None if a person started or continued it.
        """
        with self.lock:
            if self._snapshot.run is not None:
                self._previous = (self._snapshot, self._history)
            self._history = []
            self.change(
                phase="preparing",
                run=None,
                config=config,
                queued=queued,
                num_images=0,
                history=(),
                num_earlier=0,
                sample=None,
                evaluations=(),
                events=(),
                message="",
                is_measuring=False,
            )

    def return_to_previous(self, message: str) -> bool:
        """Show the previous run again, because a new one could not be started.

        Args:
            message: The reason, shown with the previous run.

        Returns:
            Whether there is a previous run.
        """
        with self.lock:
            if self._previous is None:
                return False
            version = self._snapshot.version
            self._snapshot, self._history = self._previous
            self._snapshot = replace(self._snapshot, version=version)
            # The start of the new run has ended the measurement of the previous one.
            self.change(message=message, is_measuring=False)
            return True

    def load(self, run: Run, num_images: int) -> None:
        """Read a run's history from its folder into the snapshot."""
        self._replace(_read_history(run, num_images))

    def show_ended(self, run: Run, message: str) -> None:
        """Show a run that does not train, read from its folder, unless another run is active.

        Raises:
            RunError: If it cannot be read.
        """
        changes = _read_history(run, run.dataset.num_images)
        changes["phase"] = run.read_status().state
        changes["sample"] = read_newest_sample(run, next(reversed(changes["history"]), None))
        changes["message"] = message
        with self.lock:
            if not self._snapshot.is_active:  # Another tab may have started a run meanwhile.
                self._replace(changes)

    def show_nothing(self) -> None:
        """Forget the run, as it is deleted, unless a run is active."""
        with self.lock:
            if not self._snapshot.is_active:
                version = self._snapshot.version
                self._history, self._previous = [], None
                self._snapshot = Snapshot(version)
                self.change(phase="idle")

    def _replace(self, changes: _Changes) -> None:
        with self.lock:
            self._history = list(changes["history"])
            self.change(**changes)

    def add(self, run: Run, report: AnyReport, *, keeps_message: bool) -> None:
        """Add a report of the training loop.

        Args:
            run: The run in training.
            report: The report.
            keeps_message: Whether a step report keeps the message instead of clearing it.
        """
        with self.lock:
            snapshot = self._snapshot
            if isinstance(report, StepReport):
                self._history.append(report)
                self.change(
                    phase="running" if snapshot.phase == "preparing" else snapshot.phase,
                    config=run.config,  # The first step of a trial sets its time limit.
                    message=snapshot.message if keeps_message else "",
                )
            elif isinstance(report, EvaluationReport):
                self.change(evaluations=(*snapshot.evaluations, report))
            elif isinstance(report, EventReport):
                # A rollback removes all later reports, here and on the disk.
                step = report.step
                self._history = [earlier for earlier in self._history if earlier.step <= step]
                self.change(
                    config=run.config,
                    history=tuple(self._history),
                    num_earlier=min(snapshot.num_earlier, len(self._history)),
                    evaluations=tuple(
                        earlier for earlier in snapshot.evaluations if earlier.step <= step
                    ),
                    events=(
                        *(earlier for earlier in snapshot.events if earlier.step <= step),
                        report,
                    ),
                )
            else:
                self.change(sample=report)
