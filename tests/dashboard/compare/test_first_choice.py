"""The Compare page: the runs that it chooses by itself, and the new run that it offers."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dcgan import installation
from tests.dashboard.conftest import NewRun
from tests.dashboard.rendering import list_buttons, prepare_page, press, run_page
from tests.reports import evaluation_report, step_report


@pytest.fixture(autouse=True)
def _included_run(new_run: NewRun, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    included = new_run(path=tmp_path / "elsewhere" / "included")
    monkeypatch.setattr(installation, "INCLUDED_RUN", included.path)


def train(new_run: NewRun, name: str, distance: float = 5.0) -> None:
    """Make a run with a distance."""
    run = new_run(name)
    with run.lock.held():
        run.write(step_report(26))
        run.write(evaluation_report(26, distance))


def run_and_read_choice(page: AppTest) -> list[str]:
    """Run the page; return the names of the chosen runs."""
    return run_page(page).multiselect(key="compare_runs").value


def test_the_newest_four_own_runs_are_chosen_at_first_with_the_best_one_among_them(
    new_run: NewRun,
) -> None:
    # Runs of the same second are sorted by name, the last one first.
    for name, distance in (("a", 5.0), ("b", 2.0), ("c", 5.0), ("d", 5.0)):
        train(new_run, name, distance)
    assert run_and_read_choice(prepare_page("compare")) == ["b", "d", "c", "a"]
    for name in ("e", "f"):
        train(new_run, name)
    assert run_and_read_choice(prepare_page("compare")) == ["b", "f", "e", "d"]


def test_a_run_that_was_trained_since_is_chosen_unless_a_person_chose(new_run: NewRun) -> None:
    page = prepare_page("compare")
    assert run_and_read_choice(page) == ["included"]
    train(new_run, "first")
    assert run_and_read_choice(page) == ["first", "included"]
    train(new_run, "second")
    assert run_and_read_choice(page) == ["second", "first"]
    assert "Compare with the included run" in list_buttons(page)
    page.multiselect(key="compare_runs").set_value(["first", "included"])
    assert run_and_read_choice(page) == ["first", "included"]
    assert "Add second" not in list_buttons(page)  # It was removed by hand.
    train(new_run, "third")
    assert run_and_read_choice(page) == ["first", "included"]
    page.session_state["compare_runs"] = ["first", "included", "third"]  # Another click came first.
    press(page, "Add third")
    assert run_and_read_choice(page) == ["first", "included", "third"]
    assert "Add third" not in list_buttons(page)


def test_a_new_run_is_offered_only_if_its_distance_can_be_compared(new_run: NewRun) -> None:
    for name in ("first", "second"):
        train(new_run, name)
    page = prepare_page("compare")
    page.session_state["compare_runs"] = ["second"]
    run_and_read_choice(page)
    assert not [label for label in list_buttons(page) if label.startswith("Add")]
    page.session_state["compare_runs"] = ["first"]
    new_run("unmeasured")
    run_and_read_choice(page)
    assert not [label for label in list_buttons(page) if label.startswith("Add")]


def test_the_pictures_side_by_side_follow_the_result_until_a_person_chooses_others(
    new_run: NewRun,
) -> None:
    def run_and_read_sides() -> list[str]:
        run_page(page)
        return [str(page.selectbox(key=f"pair_{side}_run").value) for side in ("Left", "Right")]

    for name, distance in (("a", 5.0), ("b", 2.0), ("c", 3.0)):
        train(new_run, name, distance)
    page = prepare_page("compare")
    assert run_and_read_sides() == ["b", "c"]
    train(new_run, "d", 1.0)
    assert run_and_read_sides() == ["d", "b"]
    page.selectbox(key="pair_Left_run").select("c")
    train(new_run, "e", 0.5)
    assert run_and_read_sides() == ["c", "b"]
