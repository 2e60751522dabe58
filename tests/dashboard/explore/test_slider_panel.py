"""The sliders: their choice, their order, and their descriptions on the page."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components.sliders import Slider
from dashboard.explore import slider_panel
from dashboard.generators import findings_cache
from dashboard.generators.generator_source import GeneratorSource
from dashboard.generators.included_findings import IncludedFindings
from dashboard.snapshots.snapshot import Snapshot
from dashboard.tab import selection
from dashboard.tab.selection import Selection
from dcgan.latent.directions import Direction
from tests.dashboard.explore.stub_findings import LATENT_DIM, set_findings


def show_sliders() -> None:
    """Render the sliders by name for the source that a test has put there."""
    import streamlit as st

    from dashboard.explore import slider_panel

    slider_panel.render(st.session_state["source"], "By name", None, "")  # type: ignore[arg-type]


RUN = SimpleNamespace(path="a path", created=1.0, is_read_only=False)


def make_directions(*names: str) -> list[Direction]:
    vector = np.eye(LATENT_DIM, dtype=np.float32)[0]
    return [Direction(name, vector, correlation=0.9, share_rising=1.0) for name in names]


@pytest.fixture
def shown_sliders(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the labels of the shown sliders; a star marks a slider that cannot be moved."""
    shown: list[str] = []

    def render(sliders: list[Slider], **_: object) -> None:
        shown[:] = [f"{slider.label}{'*' if slider.is_disabled else ''}" for slider in sliders]

    monkeypatch.setattr(slider_panel, "render_sliders", render)
    monkeypatch.setattr(
        findings_cache,
        "ensure_complete_findings",
        lambda source: findings_cache.get_findings(source),
    )
    return shown


def test_the_shapes_have_fixed_places_while_other_names_are_looked_for(
    monkeypatch: pytest.MonkeyPatch, shown_sliders: list[str]
) -> None:
    sliders = AppTest.from_function(show_sliders)
    sliders.session_state["source"] = SimpleNamespace(
        latent_dim=LATENT_DIM, class_id=None, digit=None, noun="digit", run=RUN
    )
    set_findings(monkeypatch, None)
    sliders.run()
    assert shown_sliders == [f"z {number}" for number in range(1, 6)]
    named = make_directions("Width", "Slant")
    set_findings(monkeypatch, SimpleNamespace(is_complete=False, named=named))
    sliders.run()
    assert not sliders.exception
    assert shown_sliders == ["Slant", "Thickness*", "Width", "Height*", "Roundness*"]
    # Another digit is chosen before all names are found.
    sliders.session_state["source"].class_id = 7
    set_findings(monkeypatch, None)
    sliders.run()
    assert shown_sliders == ["Slant*", "Thickness*", "Width*", "Height*", "Roundness*"]


def test_the_sliders_of_an_included_run_have_their_names_at_once(
    monkeypatch: pytest.MonkeyPatch, shown_sliders: list[str]
) -> None:
    named = tuple(make_directions("Slant", "More like a 7"))
    known = IncludedFindings(named, clearest={})
    monkeypatch.setattr(slider_panel, "get_included_findings", lambda source: known)
    set_findings(monkeypatch, None)
    source = SimpleNamespace(
        identity="a run",
        latent_dim=LATENT_DIM,
        trainer=None,
        class_id=None,
        digit=None,
        noun="digit",
        run=RUN,
    )
    sliders = AppTest.from_function(show_sliders)
    sliders.session_state["source"] = source
    sliders.run()
    assert not sliders.exception
    missing = [f"{shape} (not found)*" for shape in ("Thickness", "Width", "Height", "Roundness")]
    shown = ["Slant", *missing, "More like a 7"]
    assert shown_sliders == shown
    description = slider_panel.describe_search(cast("GeneratorSource", source), "By name")
    assert description.endswith("measured on 2,000 generated digits.")
    # The survey finds the same, and perhaps others.
    found = SimpleNamespace(is_complete=True, named=make_directions("Width"))
    set_findings(monkeypatch, found)
    sliders.run()
    assert shown_sliders == [name.replace("Width (not found)*", "Width") for name in shown]


def test_a_newer_survey_changes_no_direction_after_a_person_has_moved_a_slider(
    monkeypatch: pytest.MonkeyPatch, shown_sliders: list[str]
) -> None:
    vectors = []
    monkeypatch.setattr(
        slider_panel, "render_sliders", lambda shown, **_: vectors.append(shown[0].vector.tolist())
    )
    sliders = AppTest.from_function(show_sliders)
    sliders.session_state["source"] = SimpleNamespace(
        latent_dim=LATENT_DIM, class_id=None, digit=None, noun="digit", run=RUN
    )
    axes = np.eye(LATENT_DIM, dtype=np.float32)
    for axis, origin in enumerate(("seed 1", "seed 1", "seed 1, then moved by sliders", "seed 2")):
        named = [replace(make_directions("Slant")[0], vector=axes[axis])]
        set_findings(monkeypatch, SimpleNamespace(is_complete=True, named=named))
        selected = Selection(np.zeros(LATENT_DIM), origin, None, 1)
        monkeypatch.setattr(selection, "get_current", lambda _, chosen=selected: chosen)
        assert selected.is_being_steered == (axis == 2)
        sliders.run()
    assert not sliders.exception
    assert vectors == [axes[axis].tolist() for axis in (0, 1, 1, 3)]


def test_the_sliders_of_a_digit_stay_until_the_next_one_is_measured(
    monkeypatch: pytest.MonkeyPatch, shown_sliders: list[str]
) -> None:
    names = ("More like a 9", "More like a 7", "Slant", "More like a 3")
    found = SimpleNamespace(is_complete=True, named=make_directions(*names))
    sliders = AppTest.from_function(show_sliders)
    source = SimpleNamespace(latent_dim=LATENT_DIM, class_id=7, digit=7, noun="digit", run=RUN)
    sliders.session_state["source"] = source
    set_findings(monkeypatch, found)
    sliders.run()
    others = ["Thickness*", "Width*", "Height*", "Roundness*"]
    missing = [other.replace("*", " (not found)*") for other in others]
    assert shown_sliders == ["Slant", *missing, "More like a 3", "More like a 9"]
    source.class_id = source.digit = 3
    set_findings(monkeypatch, None)
    sliders.run()
    assert shown_sliders == ["Slant*", *others, "More like a 7*", "More like a 9*"]
    set_findings(
        monkeypatch, SimpleNamespace(is_complete=False, named=make_directions("Thickness"))
    )
    sliders.run()
    assert shown_sliders[:2] == ["Slant*", "Thickness"]
    assert not sliders.exception


def test_the_page_explains_the_survey_until_the_sliders_have_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = cast(
        "GeneratorSource",
        SimpleNamespace(identity="a run", trainer=None, run=RUN, class_id=None, noun="digit"),
    )
    set_findings(monkeypatch, None)
    assert slider_panel.describe_search(source, "By name") == (
        "Sorting 2,000 new digits to find names for the sliders: about 5 s. Until then each slider "
        "moves one number of z."
    )
    running, paused = Snapshot(phase="running"), Snapshot(phase="paused")
    for snapshot, duration in ((running, "20 s, because a run is training"), (paused, "5 s")):
        trainer = SimpleNamespace(snapshot=partial(replace, snapshot))
        live = cast("GeneratorSource", SimpleNamespace(**{**vars(source), "trainer": trainer}))
        assert f"about {duration}." in slider_panel.describe_search(live, "By name")
        survey = SimpleNamespace(z=np.zeros((10, LATENT_DIM)))
        set_findings(monkeypatch, SimpleNamespace(is_complete=True, survey=survey))
        moves_by_itself = "until you move one" in slider_panel.describe_search(live, "By name")
        assert moves_by_itself is (snapshot is running)
        set_findings(monkeypatch, None)
    monkeypatch.setattr(findings_cache, "describe_problem", lambda source: "It is gone.")
    assert "gone" in slider_panel.describe_search(source, "By name")
    assert slider_panel.describe_search(source, slider_panel.Numbers(0, 64)) == ""


def choose_sliders() -> None:
    """Render the choice of sliders for the source that a test has put there."""
    import streamlit as st

    from dashboard.explore import slider_panel

    source = st.session_state["source"]
    choice = slider_panel.ask_for_sliders(source)
    st.caption(slider_panel.describe_search(source, choice))


def test_named_sliders_are_offered_only_if_names_were_or_may_be_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A collapsed generator has no names; a generator in training may get them."""
    page = AppTest.from_function(choose_sliders)
    page.session_state["source"] = SimpleNamespace(
        latent_dim=LATENT_DIM,
        run=RUN,
        trainer=SimpleNamespace(snapshot=Snapshot),
        identity="a run",
        class_id=None,
        noun="digit",
    )
    named = [SimpleNamespace(name="Slant")]

    def show(**findings: object) -> tuple[list[str], object, str]:
        found = SimpleNamespace(**{"step": 5, "is_complete": True, "named": []} | findings)
        found.survey = SimpleNamespace(z=np.zeros((2, LATENT_DIM)))
        set_findings(monkeypatch, found)
        page.run()
        assert not page.exception
        return page.selectbox[0].options, page.selectbox[0].value, page.caption[0].value

    choices = ["By name", "By principal direction", slider_panel.Numbers(0, LATENT_DIM)]
    everything = [
        "Sliders: by name",
        "Sliders: by principal direction",
        f"Sliders: z 1 to {LATENT_DIM} of {LATENT_DIM}",
    ]
    assert show(is_complete=False)[:2] == (everything, choices[0])
    options, choice, caption = show(is_diverse=False)
    assert (options, choice) == (everything[1:], choices[2])
    assert caption.startswith("At step 5 this generator draws nearly the same picture for every z")
    options, choice, caption = show(is_diverse=True)
    assert (options, choice) == (everything[1:], choices[2])
    assert caption.endswith("there are no named sliders yet.")
    assert show(named=named)[:2] == (everything, choices[0])
    page.selectbox[0].set_value(choices[1])
    assert show(is_diverse=True)[:2] == (everything[1:], choices[1])
    # What a person chose stays.
    assert show(named=named)[:2] == (everything, choices[1])
    # Numbers are chosen of a z of one length only.
    page.selectbox[0].set_value(choices[2])
    assert show(named=named)[:2] == (everything, choices[2])
    page.session_state["source"].latent_dim = 2 * LATENT_DIM
    options, choice, _ = show(named=named)
    assert (options[2].endswith(f" of {2 * LATENT_DIM}"), choice) == (True, choices[0])
