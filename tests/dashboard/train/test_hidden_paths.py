"""Watchers do not see where a run's own pictures are, whichever panel reports that they moved."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dashboard.state.trainer import Trainer
from dcgan.model.gan import DCGAN
from dcgan.runs.run_folder import Run
from tests.dashboard.rendering import prepare_panel, run_page


def render_panels() -> None:
    """Render all panels that read a run's pictures, or show the message of its end."""
    import streamlit as st

    from dashboard.experiments import experiment_view
    from dashboard.quality import quality_requests_panel
    from dashboard.snapshots.snapshot import Snapshot
    from dashboard.train import status_panel
    from dashboard.welcome import data_panel, quiz_panel

    trainer, run = st.session_state["trainer"], st.session_state["run"]
    quiz_panel._draw(trainer, run, 1)
    data_panel.render(trainer, run)
    st.session_state["copies-request"] = run.name
    quality_requests_panel.render_copies(trainer, run)
    st.session_state["classes-request"] = run.name
    quality_requests_panel.render_classes(trainer, run)
    message = f"dataset: {run.config.dataset} cannot be opened."
    ended = Snapshot(phase="failed", run=run, config=run.config, message=message)
    status_panel.render(trainer, ended)
    experiment_view._render_status(trainer, ended)


@pytest.fixture
def moved(run: Run, tmp_path: Path) -> Run:
    """Return a run whose own pictures are no longer in their private folder."""
    missing = str(tmp_path / ("secret" * 20) / "faces")
    run.change_config(run.config.replace(dataset=missing, class_names=("a", "b")))
    run.save_checkpoint(DCGAN(run.config).get_state() | {"step": np.array(1)})
    return run


@pytest.mark.parametrize("may_operate", [True, False])
def test_only_operators_see_the_path_of_pictures_that_have_moved(
    moved: Run, monkeypatch: pytest.MonkeyPatch, *, may_operate: bool
) -> None:
    monkeypatch.setattr("dashboard.access.permissions.may_operate", lambda: may_operate)
    trainer = Trainer(moved.path.parent)
    page = run_page(prepare_panel(render_panels, run=moved, trainer=trainer))
    errors = [str(error.value) for error in page.error]
    assert len(errors) == 6
    for error in errors:
        assert "faces" in error
        assert ("secret" in error) is may_operate
