"""The values with which a run of the Train page's script starts; the page's layout depends on them.

The fragment of the watched run reruns later, with newer snapshots, and compares them with these.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.server import access
from dashboard.shared import verdict_panel
from dashboard.shared.shown_run import OWN, Shown
from dashboard.snapshots.snapshot import Snapshot
from dashboard.state.demo import Demo
from dashboard.state.trainer import Trainer


@dataclass(frozen=True, eq=False)
class PageStart:
    """The values with which the script of the page started.

    Attributes:
        shown: The shown run, with its snapshot at the start.
        may_operate: Whether the person may send commands.
        demo: The visitors of a public demo; None on any other server.
        is_own_active: Whether a run of this dashboard is in training or paused. The shown run may
            be another one.
        has_remedy: Whether a remedy of the shown run has helped and can be adopted.
        has_trials: Whether trials of remedies are in training; they have the page to themselves.
    """

    shown: Shown
    may_operate: bool
    demo: Demo | None
    is_own_active: bool
    has_remedy: bool
    has_trials: bool

    @classmethod
    def read(cls, trainer: Trainer, shown: Shown) -> PageStart:
        """Return the present values, for the run that the page shows."""
        return cls(
            shown,
            may_operate=access.may_operate(),
            demo=trainer.demo,
            is_own_active=trainer.snapshot().is_active,
            has_remedy=verdict_panel.has_helpful_remedy(shown.snapshot),
            has_trials=shown.name == OWN and trainer.trial_runner.running is not None,
        )

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot of the shown run."""
        return self.shown.snapshot

    @property
    def is_form_free(self) -> bool:
        """Whether the form of a new run can start it: nothing trains here, and it is no watcher."""
        return self.may_operate and not self.snapshot.is_active and not self.is_own_active

    @property
    def is_form_at_top(self) -> bool:
        """Whether the form is above the shown run; below a remedy that has helped it is folded."""
        # The remedy is the next step then.
        return self.is_form_free and not self.has_remedy
