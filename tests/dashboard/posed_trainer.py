"""A trainer that appears to train without a thread."""

from __future__ import annotations

from pathlib import Path

from dashboard.snapshots.live_snapshot import LiveSnapshot
from dashboard.state.trainer import Trainer


class PosedTrainer(Trainer):
    """Shows what a test writes to `live`, in the place of the training thread."""

    def __init__(self, root: Path) -> None:
        self.live = LiveSnapshot()
        super().__init__(root, live=self.live)
