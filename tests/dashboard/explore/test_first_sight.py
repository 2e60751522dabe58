"""First sight of Explore: the selected digit and the axes of the plane."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.explore.latent_panel import describe_axes, shorten_axes
from dashboard.generators import included_findings
from dashboard.generators.included_findings import IncludedFindings
from dashboard.recipes.plane_axes import RANDOM_DIRECTIONS
from dashboard.tab import selection
from dcgan.config.training_config import TrainingConfig
from dcgan.latent import survey as survey_module
from tests.dashboard.explore.stub_findings import LATENT_DIM, set_findings

CLEAREST = np.full(LATENT_DIM, 0.5, np.float32)


def render_page() -> None:
    """Choose the first digit and the grid's axes for the source that a test has put there."""
    import streamlit as st

    from dashboard.explore.first_digit import select_first_digit
    from dashboard.recipes import plane_axes
    from dashboard.tab import selection

    source = st.session_state["source"]
    select_first_digit(source)
    selection.render_surprise(source.latent_dim, "digit")
    st.session_state["z"] = selection.get_current(source.latent_dim).z
    for key in ("column_direction", "row_direction"):
        st.session_state[f"{key}_shown"] = plane_axes.ask_for_axis(key, source, key)


def make_findings(
    *names: str, length: float = 1.0, clearest: np.ndarray = CLEAREST
) -> SimpleNamespace:
    survey = SimpleNamespace(
        z=clearest[np.newaxis],
        find_typical=lambda digit: 0 if digit == 3 else None,
    )
    vectors = length * np.eye(LATENT_DIM, dtype=np.float32)
    named = [SimpleNamespace(name=name, vector=vectors[i]) for i, name in enumerate(names)]
    return SimpleNamespace(survey=survey, named=named, ganspace=(), sefa=())


def make_source(identity: str) -> SimpleNamespace:
    return SimpleNamespace(
        run=SimpleNamespace(name=identity, config=TrainingConfig(), is_read_only=False),
        identity=identity,
        latent_dim=LATENT_DIM,
        class_name="",
        class_id=None,
        noun="digit",
        digit=None,
        digits=tuple(range(10)),
    )


def open_page(monkeypatch: pytest.MonkeyPatch, findings: object) -> AppTest:
    set_findings(monkeypatch, findings)
    page = AppTest.from_function(render_page)
    page.session_state["source"] = make_source("a run")
    page.run()
    assert not page.exception
    return page


def list_axes(page: AppTest) -> list[str]:
    return [page.session_state[f"{key}_direction_shown"][0] for key in ("column", "row")]


def test_the_first_digit_is_the_clearest_3_with_its_slant_and_thickness(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = open_page(monkeypatch, make_findings("Slant", "Thickness"))
    np.testing.assert_array_equal(page.session_state["z"], CLEAREST)
    assert list_axes(page) == ["Slant", "Thickness"]


def test_the_digit_of_a_seed_is_replaced_by_the_clearest_3_when_the_digits_are_sorted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = open_page(monkeypatch, None)
    np.testing.assert_array_equal(
        page.session_state["z"], selection.sample_z(selection.FIRST_SEED, LATENT_DIM)
    )
    set_findings(monkeypatch, make_findings("Slant", "Thickness"))
    page.run()
    np.testing.assert_array_equal(page.session_state["z"], CLEAREST)
    assert list_axes(page) == ["Slant", "Thickness"]


def test_another_run_shows_its_own_clear_3_unless_a_person_has_chosen_a_digit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = open_page(monkeypatch, make_findings())
    page.session_state["source"] = make_source("another run")
    set_findings(monkeypatch, None)
    page.run()
    np.testing.assert_array_equal(page.session_state["z"], CLEAREST)  # Until it is sorted.
    clear_of_other = np.full(LATENT_DIM, -0.5, np.float32)
    set_findings(monkeypatch, make_findings(clearest=clear_of_other))
    page.run()
    np.testing.assert_array_equal(page.session_state["z"], clear_of_other)
    # A newer survey of the same run, such as of another checkpoint, moves nothing.
    set_findings(monkeypatch, make_findings())
    page.run()
    np.testing.assert_array_equal(page.session_state["z"], clear_of_other)
    page.button[0].click().run()
    chosen = page.session_state["z"]
    page.session_state["source"] = make_source("a run")
    page.run()
    np.testing.assert_array_equal(page.session_state["z"], chosen)


def test_an_included_generator_shows_its_clearest_3_and_named_axes_before_its_survey(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named = make_findings("Slant", "Thickness").named
    known = IncludedFindings(tuple(named), clearest={3: 0})
    monkeypatch.setattr(included_findings, "_list_included_findings", lambda source: {None: known})
    monkeypatch.setattr(
        survey_module, "sample_survey_latent", lambda latent_dim: CLEAREST[np.newaxis]
    )
    page = open_page(monkeypatch, None)
    np.testing.assert_array_equal(page.session_state["z"], CLEAREST)
    assert list_axes(page) == ["Slant", "Thickness"]


def test_a_chosen_digit_stays_and_random_axes_get_names_with_the_first_survey_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = open_page(monkeypatch, None)
    page.button[0].click().run()
    z = page.session_state["z"]
    assert list_axes(page) == ["Random direction B", "Random direction A"]
    set_findings(monkeypatch, make_findings("Slant"))
    page.run()
    assert list_axes(page) == ["Slant", "Random direction A"]
    np.testing.assert_array_equal(page.session_state["z"], z)
    # Neither a newer vector of the same name nor another name replaces an axis.
    newer = make_findings("Slant", "Thickness", length=-1.0)
    set_findings(monkeypatch, newer)
    page.run()
    assert list_axes(page) == ["Slant", "Random direction A"]
    np.testing.assert_array_equal(
        page.session_state["column_direction_shown"][1], np.eye(LATENT_DIM)[0]
    )


def test_a_random_direction_that_a_person_has_chosen_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = open_page(monkeypatch, None)
    page.selectbox(key="column_direction").select("Random direction C").run()
    set_findings(monkeypatch, make_findings("Slant", "Thickness"))
    page.run()
    assert list_axes(page) == ["Random direction C", "Thickness"]


@pytest.mark.parametrize(
    ("columns", "rows", "caption", "short_caption"),
    [
        (
            "Slant",
            "Thickness",
            "Left to right: Slant. Top to bottom: Thickness.",
            "To the right: Slant. Down: Thickness.",
        ),
        (
            "Slant",
            RANDOM_DIRECTIONS[0],
            "Left to right: Slant. Top to bottom: a random direction of z.",
            "To the right: Slant. Down: random.",
        ),
        (
            RANDOM_DIRECTIONS[1],
            RANDOM_DIRECTIONS[0],
            "To the right and downwards z changes in two random directions.",
            "To the right and down: random directions.",
        ),
    ],
)
def test_the_captions_do_not_name_a_random_direction(
    columns: str, rows: str, caption: str, short_caption: str
) -> None:
    assert describe_axes(columns, rows) == caption
    assert shorten_axes(columns, rows) == short_caption


def render_button() -> None:
    """Render the button for a random z of a generator that is asked for a 3, and of another."""
    import streamlit as st

    from dashboard.tab import selection

    selection.render_surprise(6, "digit", st.session_state["digit"])


@pytest.mark.parametrize(
    ("digit", "label", "help_text"),
    [
        (None, "Surprise me", "Chooses a random digit."),
        (3, "Another handwriting", "Draws the 3 in a random handwriting."),
    ],
)
def test_the_button_promises_another_digit_only_where_z_decides_it(
    digit: int | None, label: str, help_text: str
) -> None:
    page = AppTest.from_function(render_button)
    page.session_state["digit"] = digit
    (surprise,) = page.run().button
    assert (surprise.label, surprise.help) == (label, help_text)


def test_another_generator_gets_its_own_axes(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page(monkeypatch, None)
    set_findings(monkeypatch, make_findings("Slant", "Thickness"))
    page.session_state["source"] = make_source("another")
    page.run()
    assert list_axes(page) == ["Slant", "Thickness"]


def name_the_selected_digit() -> None:
    """Name the selected digit, drawn at step 20, for the source that a test has put there."""
    import streamlit as st

    from dashboard.explore.latent_panel import describe_selected
    from dashboard.tab import selection

    source = st.session_state["source"]
    chosen = selection.get_current(source.latent_dim)
    st.markdown(describe_selected(source, chosen, 20))


def test_the_selected_digit_has_its_name_if_it_was_sorted_at_the_step_of_the_grid(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    z = np.eye(LATENT_DIM, dtype=np.float32)
    page = AppTest.from_function(name_the_selected_digit)
    page.session_state["source"] = SimpleNamespace(latent_dim=LATENT_DIM, noun="digit", digit=None)
    page.session_state["selection"] = selection.Selection(z[1], "a 3 that you picked", None, 1)
    for digit, step, name in ((3, 10, "from a 3 that you picked"), (3, 20, "a 3"), (8, 20, "an 8")):
        survey = SimpleNamespace(z=z, digits=np.full(LATENT_DIM, digit), prediction=object())
        found = SimpleNamespace(survey=survey, step=step)
        set_findings(monkeypatch, found)
        assert page.run().markdown[0].value == name
    page.session_state["source"].digit = 8  # A run that learned the digits.
    found.step = 10
    assert page.run().markdown[0].value == "an 8"
    set_findings(monkeypatch, None)
    assert page.run().markdown[0].value == "from a 3 that you picked"
