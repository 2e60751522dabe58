"""The race on the Compare page, as a page of its own."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.state.trainer import Trainer
from dcgan.sweeps.race import change_race, create_race
from tests.dashboard.conftest import NewRun
from tests.dashboard.rendering import prepare_page, prepare_panel
from tests.races import NAME, TIME, make_race, with_measurements


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


@pytest.fixture
def compare(trainer: Trainer, new_run: NewRun, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Return Compare with the race of the runs "first" and "second", not yet rendered."""
    monkeypatch.setattr(trainer.queue_runner, "start_next", lambda: None)
    create_race(trainer.root, with_measurements(make_race(1), 5.2, 25.0), TIME)
    for index, name in enumerate(("first", "second")):
        change_race(trainer.root, NAME, index, folder=new_run(name).name)
    compare = prepare_page("compare")
    compare.session_state["compare-tabs"] = "Race"
    return compare
