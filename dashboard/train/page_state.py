"""The state with which the script of the Train page renders; the page's layout depends on it.

The fragment of the watched run reruns later, with newer snapshots, and compares them with it.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.access import permissions
from dashboard.run_facts import verdict_state
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.demo import Demo
from dashboard.state.trainer import Trainer
from dashboard.tab.shown_run import OWN, ShownRun


@dataclass(frozen=True, eq=False)
class PageState:
    """The state with which the page was rendered.

    Attributes:
        shown: The shown run, with its snapshot at that time.
        may_operate: Whether the person may send commands.
        demo: The visitors of a public demo; None on any other server.
        is_own_active: Whether a run of this dashboard is in training or paused. The shown run may
            be another one.
        has_remedy: Whether a remedy of the shown run has helped and can be adopted.
        has_trials: Whether trials of remedies, or the runs of a tuning, are in training; the page
            then shows only them.
    """

    shown: ShownRun
    may_operate: bool
    demo: Demo | None
    is_own_active: bool
    has_remedy: bool
    has_trials: bool

    @classmethod
    def read(cls, trainer: Trainer, shown: ShownRun) -> PageState:
        """Return the present state, for the run that the page shows."""
        return cls(
            shown,
            may_operate=permissions.may_operate(),
            demo=trainer.demo,
            is_own_active=trainer.snapshot().is_active,
            has_remedy=verdict_state.has_helpful_remedy(shown.snapshot),
            has_trials=shown.name == OWN
            and (trainer.trial_runner.running is not None or trainer.tuning_runner.is_busy),
        )

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot of the shown run."""
        return self.shown.snapshot

    @property
    def is_form_free(self) -> bool:
        """Whether the form can start a new run: nothing trains here, and the person may operate."""
        return self.may_operate and not self.snapshot.is_active and not self.is_own_active

    @property
    def is_form_at_top(self) -> bool:
        """Whether the form of a new run is above the shown run, and not folded below it."""
        # If a remedy has helped, adopting it is the next step.
        return self.is_form_free and not self.has_remedy
