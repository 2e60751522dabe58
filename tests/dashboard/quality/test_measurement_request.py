"""The button of a measurement, and the result that stays on the page."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from dcgan.errors import RunError
from dcgan.runs.run_folder import Run
from tests.dashboard.conftest import NewRun
from tests.dashboard.rendering import list_captions, prepare_panel, press, read_texts, run_page


def render_request() -> None:
    """Render the request of the session's run, and its result as a caption."""
    import streamlit as st

    from dashboard.quality.measurement_request import ask_for_measurement

    found = ask_for_measurement(
        st.session_state["run"],
        "ink",
        "Measure",
        st.session_state["measure"],
        icon=":material/ink_pen:",
        help_text="",
        wait_text="Measuring",
    )
    if found is not None:
        st.caption(found)


def open_page(run: Run, measure: Callable[[], str]) -> AppTest:
    return run_page(prepare_panel(render_request, run=run, measure=measure))


def test_a_result_is_measured_once_and_stays(new_run: NewRun) -> None:
    results = ["first", "second"]
    page = open_page(new_run("one"), lambda: results.pop(0))
    assert list_captions(page) == []
    for result in ("first", "second"):
        press(page, "Measure")
        for _ in range(2):
            run_page(page)
            assert list_captions(page) == [result]


def test_the_result_of_another_run_is_not_shown(new_run: NewRun) -> None:
    run = new_run("one")
    page = open_page(run, lambda: "grey")
    press(page, "Measure")
    page.session_state["run"] = new_run("two")
    assert list_captions(run_page(page)) == []
    page.session_state["run"] = run
    assert list_captions(run_page(page)) == ["grey"]


def test_after_an_unexpected_error_a_rerun_does_not_measure_again(new_run: NewRun) -> None:
    calls = []

    def fail() -> str:
        calls.append("measured")
        raise ValueError("A bug.")

    page = open_page(new_run("one"), fail)
    page.button[0].click().run()
    assert len(page.exception) == 1
    page.run()
    assert not page.exception
    assert calls == ["measured"]


def test_an_error_stays_until_the_next_click(new_run: NewRun) -> None:
    def fail() -> str:
        raise RunError("The checkpoint is damaged.")

    page = open_page(new_run("one"), fail)
    press(page, "Measure")
    for _ in range(2):
        run_page(page)
        assert read_texts(page) == "The checkpoint is damaged."
    page.session_state["measure"] = lambda: "grey"
    press(page, "Measure")
    assert not page.error
    assert list_captions(page) == ["grey"]
