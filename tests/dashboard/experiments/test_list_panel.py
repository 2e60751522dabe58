"""The list of the experiments: how it marks one whose run has not ended."""

from __future__ import annotations

import pytest

from dashboard.experiments import list_panel
from dashboard.experiments.catalog import EXPERIMENTS, get_experiment_number
from dashboard.snapshots.snapshot import Phase, Snapshot
from dashboard.state.trainer import Trainer
from tests.dashboard.posed_trainer import PosedTrainer
from tests.dashboard.rendering import list_buttons, prepare_panel, run_page


def render_entry() -> None:
    """Render the button of the second experiment as a script."""
    import streamlit as st

    from dashboard.experiments import list_panel
    from dashboard.experiments.catalog import EXPERIMENTS

    list_panel._render_entry(EXPERIMENTS[1], st.session_state["active"])


@pytest.mark.parametrize(
    ("phase", "state"),
    [
        ("running", " – **training now**"),
        ("pausing", " – **paused**"),
        ("paused", " – **paused**"),
        (None, ""),
    ],
)
def test_a_paused_experiment_is_not_said_to_train(phase: Phase | None, state: str) -> None:
    active = None if phase is None else Snapshot(phase=phase)
    page = run_page(prepare_panel(render_entry, active=active))
    assert list_buttons(page) == [f"2. Speed the generator up{state}"]


def render_list() -> None:
    """Render the list as a script."""
    from dashboard.experiments import list_panel
    from dashboard.state.trainer import get_trainer

    list_panel.render(get_trainer())


def test_the_mark_moves_when_another_experiment_follows_at_once(
    trainer: PosedTrainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = [experiment for experiment in EXPERIMENTS if experiment.find_answer][:2]
    trainer.live.begin(first.config)

    def follow(trainer: Trainer, key: str) -> Snapshot:
        """Return the snapshot of a poll: the second run has begun since the page was drawn."""
        if trainer.snapshot().config == first.config:
            assert isinstance(trainer, PosedTrainer)
            trainer.live.begin(second.config)
        return trainer.snapshot()

    monkeypatch.setattr(list_panel, "follow", follow)
    labels = list_buttons(run_page(prepare_panel(render_list)))
    assert f"Watch experiment {get_experiment_number(second)}" in labels
    assert [label.partition(".")[0] for label in labels if "training now" in label] == [
        str(get_experiment_number(second))
    ]
