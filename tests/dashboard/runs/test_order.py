"""The Runs page: which runs are nearest to real pictures, and the order of the cards."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.runs import order
from dashboard.runs.order import RankedRun, Ranking
from dashboard.state.trainer import Trainer
from dcgan.comparison.kept_measurement import write_measurement
from dcgan.runs.run_folder import Run
from dcgan.sweeps.race import change_race, create_race
from tests.dashboard.conftest import NewRun
from tests.dashboard.rendering import list_captions, read_texts
from tests.dashboard.runs.runs_page import list_titles, show_runs_page
from tests.races import make_race, measure
from tests.reports import evaluation_report

pytestmark = pytest.mark.usefixtures("no_included_run")


def add_run(new_run: NewRun, name: str, distance: float | None, fingerprint: str = "") -> Run:
    """Write a finished run with this distance to real pictures."""
    run = new_run(name)
    run.write_label(name, "")
    if fingerprint:
        run.dataset = run.dataset.model_copy(update={"fingerprint": fingerprint})
        with run.lock.held():
            run.change_config(run.config)
    if distance is not None:
        with run.lock.held():
            run.write(evaluation_report(26, distance))
    return run


def list_marked(page: AppTest) -> list[str]:
    """Return the mark of each card that has one, after its distance."""
    marks = [str(part.value).partition(" :green-badge[:material/check: ") for part in page.markdown]
    return [f"{text.split()[1]} {mark[:-1]}" for text, _, mark in marks if mark]


def test_the_run_with_the_smallest_distance_is_marked(new_run: NewRun) -> None:
    add_run(new_run, "far", 2.0)
    page = show_runs_page()
    assert list_marked(page) == []  # Alone it is nearest to nothing.
    add_run(new_run, "near", 1.0)
    assert list_marked(show_runs_page()) == ["1.00 nearest"]


def test_up_to_a_tenth_apart_several_runs_are_among_the_nearest(new_run: NewRun) -> None:
    for name, distance in (("a", 0.85), ("b", 0.91), ("c", 1.2)):
        add_run(new_run, name, distance)
    marks = list_marked(show_runs_page())
    assert sorted(marks) == ["0.85 among the nearest", "0.91 among the nearest"]


def test_quick_distances_near_that_of_real_digits_mark_no_single_run() -> None:
    # Real digits have 0.80 with 1,000 digits; 1.05 is more than 1.3 times that.
    short, long = RankedRun("short", 0.79, is_at_limit=True), RankedRun("long", 1.03, True)
    far = RankedRun("far", 1.05)
    both = dict.fromkeys(("short", "long"), "among the nearest")
    assert Ranking([[short, long, far]]).list_places() == both
    long = replace(long, is_at_limit=False)
    assert Ranking([[short, long, far]]).list_places() == {"short": "nearest"}
    # One precise distance cannot be compared with quick ones, two with each other.
    long = replace(long, is_at_limit=True, precise=0.23)
    assert Ranking([[short, long, far]]).list_places() == both
    short = replace(short, precise=0.32)
    assert Ranking([[short, long, far]]).list_places() == {"long": "nearest"}


def test_runs_are_sorted_by_the_words_of_their_cards() -> None:
    near = RankedRun("near", 0.95, is_at_limit=True, precise=0.18, grade=1)
    vague = RankedRun("vague", 0.85, is_at_limit=True, is_quick=True, grade=2)
    odd = RankedRun("odd", 0.80, is_at_limit=True, precise=0.30, grade=3)
    ranking = Ranking([[odd, vague, near]])
    assert [run.name for run in order.sort_group(ranking.groups[0])] == ["near", "vague", "odd"]
    assert ranking.list_places() == {"near": "nearest"}
    # "Clear digits" of a quick distance may be nearer than "few odd" of a precise one, or not.
    assert set(Ranking([[odd, vague]]).list_places()) == {"odd", "vague"}


def test_precise_distances_rank_runs_that_have_them(new_run: NewRun) -> None:
    for name, quick, precise in (("short", 0.79, 0.32), ("long", 1.03, 0.23)):
        write_measurement(add_run(new_run, name, quick), measure(precise, step=26))
    marks = [part.value for part in show_runs_page().markdown if "nearest]" in part.value]
    assert len(marks) == 1
    assert marks[0].startswith(":small[Distance 0.23 (real pictures 0.07)")
    assert marks[0].endswith(":green-badge[:material/check: nearest]")


def test_a_run_with_a_precise_distance_is_compared_with_others_by_the_quick_one(
    new_run: NewRun,
) -> None:
    for name, quick, precise in (
        ("b", 0.85, 0.18),
        ("a", 0.9, 0.16),
        ("d", 3.5, None),
        ("c", 3.0, None),
    ):
        run = add_run(new_run, name, quick)
        if precise is not None:
            write_measurement(run, measure(precise, step=26))
    page = show_runs_page()
    page.session_state["runs_order"] = "nearest"
    page.run()
    assert list_titles(page) == ["a", "b", "c", "d"]
    (mark,) = [part.value for part in page.markdown if "nearest]" in part.value]
    assert mark.startswith(":small[Distance 0.16 (real pictures 0.07)")


def test_a_run_whose_precise_measurement_found_copies_has_no_place(new_run: NewRun) -> None:
    add_run(new_run, "far", 2.0)
    copies = add_run(new_run, "copies", 1.0)
    assert list_marked(show_runs_page()) == ["1.00 nearest"]
    measured = measure(0.2, step=26)
    found = measured.model_copy(update={"metrics": {**measured.metrics, "copies": 0.2}})
    write_measurement(copies, found)
    assert list_marked(show_runs_page()) == []


def test_distances_to_other_pictures_are_not_compared(new_run: NewRun) -> None:
    add_run(new_run, "one", 1.0)
    add_run(new_run, "other", 9.0, fingerprint="f" * 64)
    assert list_marked(show_runs_page()) == []


def test_three_runs_can_be_sorted_by_their_distance(new_run: NewRun) -> None:
    for name, distance in (("d", 3.0), ("b", 1.0)):
        add_run(new_run, name, distance)
    assert not show_runs_page().get("button_group")
    add_run(new_run, "a", 2.0)
    page = show_runs_page()
    page.session_state["runs_order"] = "nearest"
    page.run()
    assert list_titles(page) == ["b", "a", "d"]


def test_distances_of_two_kinds_are_explained(new_run: NewRun) -> None:
    for name in ("a", "b", "c", "d"):
        run = add_run(new_run, name, 0.9)
        run.dataset = run.dataset.model_copy(update={"num_images": 60_000})
        with run.lock.held():
            run.change_config(run.config)
    text = "bold words: the number of a quick distance is always larger."
    assert not any(text in caption for caption in list_captions(show_runs_page()))
    write_measurement(run, measure(0.16, step=26))
    page = show_runs_page()
    assert f"Compare the {text}" in list_captions(page)
    page.session_state["runs_order"] = "nearest"
    assert f"Sorted by the {text}" in list_captions(page.run())


def test_a_run_of_a_race_is_labelled(new_run: NewRun, trainer: Trainer) -> None:
    run = add_run(new_run, "raced", 1.0)
    assert "Race 30 Nov" not in read_texts(show_runs_page())
    race = create_race(trainer.root, make_race(1), datetime(2026, 11, 30, 22, 14, tzinfo=UTC))
    change_race(trainer.root, race.name, 0, folder=run.name)
    texts = read_texts(show_runs_page()).replace("\N{NO-BREAK SPACE}", " ")
    assert f"Race {race.describe_start()}" in texts
