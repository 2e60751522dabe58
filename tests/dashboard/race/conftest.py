"""The race on the Compare page, as a page of its own."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.state.trainer import Trainer
from tests.dashboard.rendering import prepare_panel


def render_panel() -> None:
    """Render the race, as the script of a page."""
    from dashboard.race import race_panel
    from dashboard.state.trainer import get_trainer

    race_panel.render(get_trainer())


@pytest.fixture
def page(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Return the page with the race, not yet rendered; no run ever starts."""
    monkeypatch.setattr(trainer.queue_runner, "start_next", lambda: None)
    return prepare_panel(render_panel)
