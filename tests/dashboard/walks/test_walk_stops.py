"""The first stops of the walk: clear digits, which newer ones replace while a run trains."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.generators import included_findings
from dashboard.generators.included_findings import IncludedFindings
from dashboard.recipes import run_pins
from dashboard.tab.selection import Selection
from dashboard.walks import interpolation_panel
from dashboard.walks.chosen_walk import Walk
from dcgan.config.training_config import TrainingConfig
from dcgan.latent import survey as survey_module
from tests.dashboard.explore.stub_findings import LATENT_DIM, set_findings

SELECTED = "The selected digit"
CLEAR, SEEDS = [SELECTED, "A clear 8"], [SELECTED, "Random 1"]
WAITS = "The digits are being sorted to find: A clear 8."
NEEDS_MORE = "A walk needs at least two stops."
LIVE = None  # The step of the generator in training.


def render_walk() -> None:
    """Render the walk for the source that a test has put there."""
    import streamlit as st

    from dashboard.walks import interpolation_panel, walk_stops

    walk_stops.refresh_first_stops(st.session_state["source"])
    interpolation_panel.render(st.session_state["source"])


def make_source(step: int | None, *, is_included: bool = False) -> SimpleNamespace:
    """Return a stub source of a run whose newest checkpoint is of step 20."""
    run = SimpleNamespace(
        path=Path("a-run"),
        created="today",
        config=TrainingConfig(),
        is_read_only=is_included,
        checkpoints=SimpleNamespace(find_newest=lambda: 20),
    )
    return SimpleNamespace(
        run=run,
        step=step,
        trainer=None,
        class_id=None,
        identity=("a run", step),
        latent_dim=LATENT_DIM,
        class_name="",
        noun="digit",
        digit=None,
        digits=tuple(range(10)),
    )


def set_survey(
    monkeypatch: pytest.MonkeyPatch, z: float, digits: tuple[int, ...] = tuple(range(10))
) -> None:
    """Set a survey that finds a z of equal numbers for each of these digits."""
    survey = SimpleNamespace(
        z=np.full((1, LATENT_DIM), z, np.float32),
        find_clearest=lambda digit, most: np.arange(most if digit in digits else 0),
    )
    set_findings(monkeypatch, SimpleNamespace(survey=survey))


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch) -> list[Walk]:
    """Collect the walks that the page draws, before any digit is sorted."""
    drawn: list[Walk] = []
    set_findings(monkeypatch, None)
    monkeypatch.setattr(run_pins, "list_pins", lambda source: [])
    monkeypatch.setattr(interpolation_panel, "_render_walk", lambda _, chosen: drawn.append(chosen))
    monkeypatch.setattr(interpolation_panel, "_render_download", lambda source, chosen: None)
    return drawn


def open_walk(source: SimpleNamespace) -> AppTest:
    walk = AppTest.from_function(render_walk)
    walk.session_state["source"] = source
    walk.run()
    assert not walk.exception
    return walk


def _list_buttons(walk: AppTest) -> list[str]:
    return [button.key for button in walk.button if button.key]


def read_stops(walk: AppTest) -> list[str]:
    names: list[str] = walk.multiselect[0].value
    return names


def test_the_walk_waits_for_its_digits_and_then_follows_the_newest(
    monkeypatch: pytest.MonkeyPatch, walks: list[Walk]
) -> None:
    walk = open_walk(make_source(LIVE))
    assert read_stops(walk) == CLEAR
    captions = [caption.value for caption in walk.caption]
    assert WAITS in captions
    assert NEEDS_MORE not in captions
    assert not walks
    set_survey(monkeypatch, 0.5)
    walk.run()
    set_survey(monkeypatch, 0.7)  # The run has trained on.
    walk.run()
    set_survey(monkeypatch, 0.9, digits=(8,))
    walk.run()
    set_survey(monkeypatch, 0.1, digits=(3,))  # A clear 8 stays while there is no other.
    walk.run()
    assert [drawn.stops[1, 0] for drawn in walks] == pytest.approx([0.5, 0.7, 0.9, 0.9])
    assert read_stops(walk) == CLEAR


@pytest.mark.usefixtures("walks")
def test_the_options_of_a_walk_are_folded_away_below_it() -> None:
    walk = open_walk(make_source(LIVE))
    (options,) = walk.expander
    assert options.label == "Walk options"
    assert not options.proto.expanded
    assert [toggle.label for toggle in options.toggle] == ["Loop", "Constant speed"]


@pytest.mark.usefixtures("walks")
def test_a_walk_that_waits_does_not_replace_what_a_person_chooses_meanwhile() -> None:
    walk = open_walk(make_source(LIVE))
    assert walk.multiselect[0].proto.set_value  # Sent to the browser, which shows it.
    walk.run()
    assert not walk.multiselect[0].proto.set_value


def test_digits_of_an_included_run_come_with_it_and_no_survey_replaces_them(
    monkeypatch: pytest.MonkeyPatch, walks: list[Walk]
) -> None:
    known = IncludedFindings((), clearest=dict.fromkeys(range(10), 0))
    monkeypatch.setattr(included_findings, "read_findings", lambda path: {(20, None): known})
    kept = np.full((1, LATENT_DIM), 0.25, np.float32)
    monkeypatch.setattr(survey_module, "sample_survey_latent", lambda latent_dim: kept)
    walk = open_walk(make_source(20, is_included=True))
    set_survey(monkeypatch, 0.5)
    walk.run()
    assert read_stops(walk) == CLEAR
    assert len(walks) == 2
    for drawn in walks:
        np.testing.assert_array_equal(drawn.stops[1], np.full(LATENT_DIM, 0.25))


def test_the_digits_stay_when_the_training_ends_but_not_at_another_checkpoint(
    monkeypatch: pytest.MonkeyPatch, walks: list[Walk]
) -> None:
    set_survey(monkeypatch, 0.5)
    walk = open_walk(make_source(LIVE))
    set_findings(monkeypatch, None)  # The last checkpoint is not sorted yet.
    for step, z in ((20, 0.5), (10, None), (LIVE, None)):
        walk.session_state["source"] = make_source(step)
        walks.clear()
        walk.run()
        assert [drawn.stops[1, 0] for drawn in walks] == ([] if z is None else [z])
        assert read_stops(walk) == CLEAR


def test_clear_digits_that_a_person_has_added_follow_the_newest_too(
    monkeypatch: pytest.MonkeyPatch, walks: list[Walk]
) -> None:
    set_survey(monkeypatch, 0.5)
    walk = open_walk(make_source(LIVE))
    walk.multiselect[0].set_value(["A clear 3", "A clear 5"]).run()
    set_survey(monkeypatch, 0.75)
    walk.run()
    np.testing.assert_array_equal(walks[-1].stops[:, 0], [0.75, 0.75])
    assert _list_buttons(walk) == ["walk-start"]
    assert not any("chosen again" in caption.value for caption in walk.caption)
    walk.session_state["source"].trainer = object()
    walk.run()
    assert any("chosen again" in caption.value for caption in walk.caption)


def test_seeds_stay_when_the_generator_learns_the_digits_until_a_person_asks_for_those(
    monkeypatch: pytest.MonkeyPatch, walks: list[Walk]
) -> None:
    set_survey(monkeypatch, 0.5, digits=(1,))
    walk = open_walk(make_source(LIVE))
    assert read_stops(walk) == SEEDS
    set_survey(monkeypatch, 0.5)
    walk.run()
    assert read_stops(walk) == SEEDS
    walk.button(key="walk-clear-digits").click().run()
    assert read_stops(walk) == CLEAR
    assert walks[-1].stops[1, 0] == 0.5


def test_stops_that_a_person_has_chosen_stay_when_the_digits_are_sorted(
    monkeypatch: pytest.MonkeyPatch, walks: list[Walk]
) -> None:
    walk = open_walk(make_source(LIVE))
    walk.multiselect[0].set_value(["Random 1"]).run()
    captions = [caption.value for caption in walk.caption]
    assert WAITS not in captions
    assert NEEDS_MORE in captions
    walk.multiselect[0].set_value(SEEDS).run()
    set_survey(monkeypatch, 0.5)
    walk.run()
    assert read_stops(walk) == SEEDS
    assert "walk-clear-digits" not in _list_buttons(walk)
    walk.session_state["source"] = make_source(10)
    walk.run()
    assert read_stops(walk) == SEEDS
    assert walks


def test_the_walk_follows_the_selected_digit_and_goes_to_another_than_itself(
    monkeypatch: pytest.MonkeyPatch, walks: list[Walk]
) -> None:
    survey = SimpleNamespace(
        z=np.array([[0.5] * LATENT_DIM, [0.25] * LATENT_DIM], np.float32),
        find_clearest=lambda digit, most: np.array([0 if digit == 8 else 1]),
    )
    set_findings(monkeypatch, SimpleNamespace(survey=survey))
    walk = open_walk(make_source(LIVE))
    for z, end in ((0.75, 8), (0.5, 3), (0.25, 8)):
        walk.session_state["selection"] = Selection(np.full(LATENT_DIM, z), "the map", None, 1)
        walk.run()
        assert walks[-1].stops[0, 0] == z
        assert read_stops(walk) == [SELECTED, f"A clear {end}"]
