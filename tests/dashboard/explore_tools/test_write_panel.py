"""Write a number: the typed text in the handwriting of z, and runs that cannot write."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.explore_tools import write_panel
from dashboard.generators.generator_source import GeneratorSource
from dcgan.runs.run_folder import Run
from tests.dashboard.explore.examples import DIGITS
from tests.dashboard.rendering import list_captions, prepare_panel, run_page

LETTERS = tuple("abcdefghij")


def render_panel() -> None:
    """Render the panel for the source that a test has put there."""
    import streamlit as st

    from dashboard.explore_tools import write_panel
    from dashboard.recipes import class_choice

    write_panel.render(class_choice.ask_for_class(st.session_state["source"]))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[np.ndarray, list[int]]]:
    """Return the z and the classes that were drawn."""
    calls: list[tuple[np.ndarray, list[int]]] = []
    generate = GeneratorSource.generate

    def remember(
        self: GeneratorSource, z: np.ndarray, classes: list[int]
    ) -> tuple[np.ndarray, int]:
        if np.ndim(classes) == 1:  # Not the weights of a film.
            calls.append((z, list(classes)))
        return generate(self, z, classes)

    monkeypatch.setattr(GeneratorSource, "generate", remember)
    return calls


def open_page(run: Run) -> AppTest:
    return run_page(prepare_panel(render_panel, source=GeneratorSource(run, 0)))


def list_films(page: AppTest) -> list[str]:
    """Return the captions of the films."""
    return [text for text in list_captions(page) if text.startswith("The film:")]


def test_each_digit_of_a_number_is_drawn_with_the_same_z(
    class_run: Run, drawn: list[tuple[np.ndarray, list[int]]]
) -> None:
    page = open_page(class_run)
    z, classes = drawn[-1]
    assert classes == [2, 0, 2, 6]
    assert (z == z[0]).all()
    page.text_input(key="write_text").set_value("1999").run()
    again, classes = drawn[-1]
    assert classes == [1, 9, 9, 9]
    np.testing.assert_array_equal(again, z)
    page.slider(key="write_variation").set_value(100).run()
    assert len(np.unique(drawn[-1][0], axis=0)) == 4


def test_another_handwriting_is_another_z(
    class_run: Run, drawn: list[tuple[np.ndarray, list[int]]]
) -> None:
    page = open_page(class_run)
    before = drawn[-1][0]
    [other] = [button for button in page.button if button.label == "Another handwriting"]
    other.click().run()
    assert (drawn[-1][0] != before).any()


def test_the_error_about_a_letter_names_the_classes_of_the_run(class_run: Run) -> None:
    page = open_page(class_run)
    page.text_input(key="write_text").set_value("20z6").run()
    assert not page.exception
    [error] = [error.value for error in page.error]
    assert error.replace("\\", "") == ("This run draws the digits 0 to 9 only; 'z' can't be drawn.")
    assert {button.proto.disabled for button in page.get("download_button")} == {True}
    page.text_input(key="write_text").set_value("").run()
    assert not page.exception


def test_classes_with_longer_names_are_chosen_from_a_list(
    class_run: Run, drawn: list[tuple[np.ndarray, list[int]]]
) -> None:
    class_run.config = class_run.config.replace(class_names=("Bag", "Coat", *DIGITS[2:]))
    page = open_page(class_run)
    page.multiselect(key="write_class_names").set_value(["Coat", "Bag"]).run()
    assert drawn[-1][1] == [1, 0]


def test_a_run_with_other_classes_gets_a_text_that_it_knows(
    class_run: Run, drawn: list[tuple[np.ndarray, list[int]]]
) -> None:
    page = open_page(class_run)
    page.text_input(key="write_text").set_value("1999").run()
    page.text_input(key="write_next_text").set_value("2000").run()
    for names, text in ((LETTERS, "abcd"), (DIGITS, "2026"), ((*DIGITS[:9], "b"), "2026")):
        class_run.config = class_run.config.replace(class_names=names)
        page.session_state["source"] = GeneratorSource(class_run, 0)
        run_page(page)
        assert not page.error
        assert page.text_input(key="write_text").value == text
        assert page.text_input(key="write_next_text").value == ""
        assert drawn[-1][1] == [names.index(name) for name in text]


def test_a_text_stays_in_a_run_that_knows_it_too(class_run: Run) -> None:
    page = open_page(class_run)
    page.text_input(key="write_text").set_value("1234").run()
    class_run.config = class_run.config.replace(class_names=(*DIGITS[:9], "b"))
    page.session_state["source"] = GeneratorSource(class_run, 0)
    page.run()
    assert page.text_input(key="write_text").value == "1234"


def test_a_run_without_classes_offers_one_that_can_write(
    run: Run, class_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = class_run.path.parent
    monkeypatch.setattr(write_panel, "get_trainer", lambda: SimpleNamespace(root=root))
    page = open_page(run)
    assert "has not learned which picture is of which class" in page.markdown[0].value
    assert [button.label for button in page.button] == ["Use the included run that can"]
    assert not page.text_input
    monkeypatch.setattr(write_panel, "find_number_writing_run", lambda root: class_run)
    assert [button.label for button in open_page(run).button] == ["Use classes"]


def test_a_film_is_named_before_a_second_number_is_typed(class_run: Run) -> None:
    page = open_page(class_run)
    assert page.text_input(key="write_next_text").value == ""
    assert list_films(page) == ["The film: 2026 turns into 2027 and back."]


def test_a_run_of_one_class_offers_no_film_by_itself(class_run: Run) -> None:
    class_run.config = class_run.config.replace(class_names=("7",))
    page = open_page(class_run)
    assert page.text_input(key="write_text").value == "7"
    assert page.text_input(key="write_next_text").placeholder == ""
    assert not list_films(page)


def test_one_of_several_names_that_are_chosen_offers_no_film(class_run: Run) -> None:
    class_run.config = class_run.config.replace(class_names=tuple(map(str, range(1, 11))))
    page = open_page(class_run)
    page.multiselect(key="write_class_names").set_value(["9"]).run()
    assert not page.text_input
    assert not list_films(page)
