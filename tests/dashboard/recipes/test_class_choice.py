"""The class that Explore draws: kept from run to run by its name, and part of a link."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.generators.generator_source import GeneratorSource
from dashboard.recipes.recipe_links import decode, encode
from dcgan.runs.run_folder import Run


def render_choice() -> None:
    """Render the choice for the source that a test has put there."""
    import streamlit as st

    from dashboard.recipes.class_choice import ask_for_class

    st.session_state["chosen"] = ask_for_class(st.session_state["source"])


def open_page(run: Run, class_names: tuple[str, ...], chosen: str | None = None) -> AppTest:
    run.config = run.config.replace(class_names=class_names)
    page = AppTest.from_function(render_choice)
    page.session_state["source"] = GeneratorSource(run, 10)
    if chosen is not None:
        page.session_state["explore_class"] = chosen
    page.run()
    assert not page.exception
    return page


def test_a_run_without_classes_has_no_choice(run: Run) -> None:
    page = open_page(run, ())
    assert not page.segmented_control
    assert page.session_state["chosen"].class_id is None


def test_a_request_is_dropped_by_a_run_without_classes(run: Run) -> None:
    page = open_page(run, ())
    page.session_state["explore_class_request"] = "7"
    page.run()
    run.config = run.config.replace(class_names=tuple("0123456789"))
    page.run()
    assert page.session_state["chosen"].class_name == "3"


def test_the_choice_has_a_place_also_in_a_run_without_classes(run: Run) -> None:
    """Otherwise all that follows on the page changes its place when another run is chosen."""
    with_classes = len(open_page(run, ("b", "a")).main.children)
    assert len(open_page(run, ()).main.children) == with_classes == 1


@pytest.mark.parametrize(
    ("names", "before", "expected"),
    [
        (tuple("0123456789"), None, "3"),
        (("b", "a"), None, "b"),
        (("b", "a"), "a", "a"),
        (("b", "a"), "7", "b"),
        (tuple(map(str, range(40))), "21", "21"),
    ],
)
def test_the_first_class_is_a_3_or_what_was_chosen_before(
    run: Run, names: tuple[str, ...], before: str | None, expected: str
) -> None:
    source = open_page(run, names, before).session_state["chosen"]
    assert source.class_name == expected
    assert source.class_id == names.index(expected)


def test_the_label_of_the_choice_is_digit_or_class(run: Run) -> None:
    assert open_page(run, tuple("0123456789")).segmented_control[0].label == "Digit"
    assert open_page(run, ("Bag", "Coat")).segmented_control[0].label == "Class"


def test_a_link_keeps_the_class(run: Run) -> None:
    run.config = run.config.replace(class_names=tuple("0123456789"))
    recipe, _ = decode({"run": "first", "seed": "5", "class": "7"}, run)
    assert recipe.class_name == "7"
    assert encode(recipe, is_live=True)["class"] == "7"
    assert "class" not in encode(recipe.model_copy(update={"class_name": ""}), is_live=True)
