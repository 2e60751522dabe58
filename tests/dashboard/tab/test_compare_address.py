"""The address of Compare: a link to its runs, its tab and its race."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.state.trainer import Trainer
from dashboard.tab import compare_address
from dcgan.reports import SampleReport
from dcgan.runs.run_folder import open_run
from dcgan.sweeps.race import create_race
from tests.dashboard.conftest import NewRun
from tests.dashboard.rendering import prepare_page, remove_escapes, run_page
from tests.races import NAME, TIME, make_race

pytestmark = pytest.mark.usefixtures("no_included_run")


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the queries that the page writes into its address, without repetitions."""
    written: list[str] = []

    def note(search: str, *, key: str) -> None:
        if search not in written[-1:]:
            written.append(search)

    monkeypatch.setattr(compare_address, "replace_address", note)
    return written


@pytest.fixture(autouse=True)
def three_runs(new_run: NewRun) -> None:
    for name in ("one", "two", "three"):
        new_run(name)


def open_address(search: str) -> AppTest:
    """Open the page at an address in a new session."""
    page = prepare_page("compare")
    for name, value in parse_qsl(search, keep_blank_values=True):
        page.query_params[name] = [*page.query_params.get(name, ()), value]
    return run_page(page)


def read_choice(page: AppTest) -> list[str]:
    return page.multiselect(key="compare_runs").value


def write_grids(root: Path) -> None:
    """Write grids of two more steps into two runs."""
    pixels = np.full((4, 28, 28, 1), 200, np.uint8)
    for name in ("one", "two"):
        run = open_run(root / name)
        with run.lock.held():
            for step in (5, 13):
                run.write(SampleReport(step=step, epoch=1, seconds=9.0, pixels=pixels))


def test_the_address_names_the_chosen_runs_and_a_new_session_shows_them(
    addresses: list[str],
) -> None:
    page = run_page(prepare_page("compare"))
    page.multiselect(key="compare_runs").set_value(["two", "one"])
    run_page(page)
    assert addresses[-1] == "run=two&run=one"
    assert read_choice(open_address(addresses[-1])) == ["two", "one"]
    # A single run too is shown alone.
    assert read_choice(open_address("run=two")) == ["two"]


def read_sides(page: AppTest) -> list[str]:
    return [str(page.selectbox(key=key).value) for key in compare_address.SIDE_RUNS]


def test_the_address_names_the_runs_side_by_side_that_a_person_chose(
    addresses: list[str],
) -> None:
    page = open_address("run=one&run=two&run=three")
    assert read_sides(page) == ["one", "two"]
    page.selectbox(key="pair_Right_run").select("three")
    run_page(page)
    address = "run=one&run=two&run=three&left=one&right=three"
    assert addresses == ["run=one&run=two&run=three", address]
    assert read_sides(open_address(address)) == ["one", "three"]
    assert addresses[-1] == address
    # One that is not among the chosen runs is left out.
    for wrong in ("left=gone&right=three", "left=one", "left=one&right="):
        assert read_sides(open_address(f"run=one&run=two&run=three&{wrong}")) == ["one", "two"]


def test_the_address_holds_the_measure_the_axis_and_the_step_that_a_person_chose(
    addresses: list[str], trainer: Trainer
) -> None:
    write_grids(trainer.root)
    page = open_address("run=one&run=two")
    assert addresses == ["run=one&run=two"]
    page.selectbox(key="compare_measure").select("generator_loss")
    page.button_group(key="compare_axis").set_value("seconds")
    page.select_slider(key="pair_step_one two").set_value(13)
    run_page(page)
    address = "run=one&run=two&step=13&measure=generator_loss&axis=seconds"
    assert addresses[-1] == address
    for wanted in (address, f"{address}&tab=race"):
        again = open_address(wanted)
        again.session_state["compare-tabs"] = "Runs"
        run_page(again)
        assert again.selectbox(key="compare_measure").value == "generator_loss"
        assert again.button_group(key="compare_axis").value == "seconds"
        assert again.select_slider(key="pair_step_one two").value == 13
        assert addresses[-1] == address
    again.toggle(key="pair_is_linked").set_value(False)
    run_page(again)
    again.select_slider(key="pair_right_step_one two").set_value(5)
    run_page(again)
    assert addresses[-1] == address.replace("step=13", "step=13&step=5")
    apart = open_address(addresses[-1])
    assert not apart.toggle(key="pair_is_linked").value
    sliders = [apart.select_slider(key=f"pair_{side}_step_one two") for side in ("left", "right")]
    assert [slider.value for slider in sliders] == [13, 5]
    sliders[0].set_value(5)
    run_page(apart)
    assert addresses[-1] == address.replace("step=13", "step=5&step=5")
    assert not open_address(addresses[-1]).toggle(key="pair_is_linked").value


@pytest.mark.parametrize(
    "wrong",
    [
        "step=14",
        "step=x",
        "step=-5",
        "step=²",
        "step=26&step=14",
        "measure=precision",  # No run has it.
        "measure=__class__",
        "axis=weeks",
        "axis=" + 500 * "x",
    ],
)
def test_a_choice_that_there_is_not_is_ignored(
    addresses: list[str], trainer: Trainer, wrong: str
) -> None:
    write_grids(trainer.root)
    page = open_address(f"run=one&run=two&{wrong}")
    assert page.selectbox(key="compare_measure").value == "frechet_distance"
    assert page.button_group(key="compare_axis").value == "steps"
    assert page.select_slider(key="pair_step_one two").value == 26
    assert addresses[-1] == "run=one&run=two"
    assert not page.exception


def test_the_address_is_read_once(addresses: list[str]) -> None:
    page = open_address("run=one&run=two")
    page.multiselect(key="compare_runs").set_value(["three"])
    assert read_choice(run_page(page)) == ["three"]
    assert addresses == ["run=one&run=two", "run=three"]


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ("run=gone&run=two", "The run gone of this link is not here."),
        ("run=two&run=../../etc&run=two", "The run ../../etc of this link is not here."),
        ("run=a&run=b&run=two", "The run a and the run b of this link are not here."),
        ("run=two&" + "&".join(f"run={index}" for index in range(50)), "50 runs of this link"),
        ("run=two&race=soon", "The race soon of this link is not here."),
        ("run=" + 500 * "x" + "&run=two", f"The run {80 * 'x'} of this link is not here."),
    ],
)
def test_unknown_names_are_left_out_in_one_sentence(search: str, message: str) -> None:
    page = open_address(search)
    assert read_choice(page) == ["two"]
    (toast,) = page.toast
    assert message in remove_escapes(toast.value)


def test_an_address_without_known_names_shows_the_usual_runs(addresses: list[str]) -> None:
    usual = read_choice(open_address(""))
    assert read_choice(open_address("run=gone")) == usual
    page = open_address("run=&tab=elsewhere&step=7&z=AAAA")
    assert read_choice(page) == usual
    assert not page.toast


def test_the_address_of_a_race_opens_its_tab_and_keeps_the_runs(
    addresses: list[str], trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer.queue_runner, "start_next", lambda: None)
    create_race(trainer.root, make_race(), TIME)
    create_race(trainer.root, make_race(), TIME.replace(year=2027))
    page = open_address(f"run=two&race={NAME}")
    assert not page.multiselect
    assert page.selectbox[0].value == NAME
    assert addresses[-1] == f"run=two&tab=race&race={NAME}"
    page.session_state["compare-tabs"] = "Runs"
    assert read_choice(run_page(page)) == ["two"]
    assert addresses[-1] == "run=two"


def test_the_address_of_an_old_race_shows_it_below_the_newest_ones(
    addresses: list[str], trainer: Trainer
) -> None:
    for year in range(2026, 2050):
        create_race(trainer.root, make_race(), TIME.replace(year=year))
    page = open_address(f"tab=race&race={NAME}")
    for _ in range(2):
        assert page.selectbox[0].value == NAME
        assert len(page.selectbox[0].options) == 21
        run_page(page)
    assert addresses[-1].endswith(NAME)


def test_after_a_restart_of_the_server_an_open_page_shows_the_same_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = ["?run=three&run=one"]
    monkeypatch.setattr(
        compare_address, "replace_address", lambda search, *, key: kept.pop() if kept else None
    )
    assert read_choice(open_address("")) == ["three", "one"]


def test_the_back_button_returns_to_the_race_and_the_bar_to_the_runs(
    addresses: list[str], trainer: Trainer
) -> None:
    create_race(trainer.root, make_race(), TIME)
    page = open_address("run=one&run=two")
    for search, tab in (({"tab": "race", "race": NAME}, "Race"), ({}, "Runs")):
        del page.session_state["compare-tabs"]  # Streamlit forgets it when the page is left.
        page.query_params.clear()
        page.query_params.update(search)
        run_page(page)
        assert page.session_state["compare-tabs"] == tab
    assert addresses[-2:] == [f"run=one&run=two&tab=race&race={NAME}", "run=one&run=two"]
